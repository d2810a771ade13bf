"""Part human cells from mouse cells, and human reads from mouse reads."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, InputWarning, first
from marrowsig._genes import table
from marrowsig._kinds import COUNTS
from marrowsig._log import logger
from marrowsig._provenance import record
from marrowsig._stats.leakage import doublets, leakage
from marrowsig._view import matrix
from marrowsig.pp._species_genes import assign
from marrowsig.pp._species_split import SpeciesSplit

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

CALLS = ("human", "mouse", "mixed", "few reads")
COLUMNS = ("species", "human_reads", "mouse_reads", "mouse_share")
LEAKAGE = ["into", "cells", "share", "low", "high", "pool", "ambient"]
_UNTOLD = 0.05


def split_species(
    adata: AnnData,
    *,
    rows: Literal["cells", "samples"] = "cells",
    human: str | None = None,
    mouse: str | None = None,
    case: bool = False,
    layer: str | None = None,
    purity: float = 0.9,
    least: int = 100,
) -> SpeciesSplit:
    """Split counts of a combined human and mouse reference, for xenografts and mouse stroma (OP9, MS-5).

    The species of a gene is told by the first of these that finds both: `human` and `mouse` as given;
    `var["genome"]`; prefixes of genomes ("GRCh38_IL6", "mm10___Il6"; also with hyphens, as Seurat writes);
    Ensembl ids in `var_names` or in a column of ids; with `case=True` the case of symbols.

    Parameters
    ----------
    adata
        Cells or samples x genes of both species; counts, in memory.
    rows
        "samples" for bulk: every sample is a mixture, so none is called and no leakage is estimated.
    human, mouse
        Prefix of the genes, or their genome in `var["genome"]`. Both or neither.
    case
        Take symbols in capitals for human, others for mouse. A guess, so never made unasked; names that are
        symbols of both species (C3) are left out.
    layer
        Layer with the counts; X by default.
    purity
        Share of its reads from which on a cell is called of one species; between, it is "mixed": a doublet,
        or cells that stick. It should be further from 1 than twice the leakage.
    least
        Reads below which a cell is not called ("few reads").

    Returns
    -------
    SpeciesSplit
        `human` and `mouse` (new AnnData, X and layers, `uns["marrowsig"]["species"]`), `leakage` and
        `doublets`. Both parts have all rows: take `split.human[split.human.obs["species"] == "human"]`.
        `ms.pp.map_genes(split.mouse)` makes its genes comparable.

    Raises
    ------
    InputError
        If nothing tells the species, values are no counts, a row has no reads, or `obs` has the columns.

    Warns
    -----
    InputWarning
        If more than 5 % of the genes are of neither species, or leakage comes near what `purity` allows.

    Notes
    -----
    Reads that fit both genomes are lost or given to one of them, depending on the aligner: counts of
    conserved genes (ribosomal, histones, mitochondria) are too low, and a few reads of pure human cells
    become mouse. Leakage therefore holds misread reads as well as ambient RNA, and is an upper bound of the
    latter. For the share of mouse in bulk, with an interval, pass `mouse="mouse_reads", human="human_reads"`
    of `split.human` to `ms.qc.species_share`, and the share in samples without mouse cells as its `misread`.

    Examples
    --------
    >>> import anndata
    >>> import numpy as np
    >>> import pandas as pd
    >>> import marrowsig as ms
    >>> x = np.array([[900, 95, 5, 0], [880, 90, 20, 10], [10, 0, 700, 290], [400, 100, 300, 200]])
    >>> genes = pd.DataFrame(index=["GRCh38_VIM", "GRCh38_IL6", "mm10___Vim", "mm10___Il6"])
    >>> split = ms.pp.split_species(anndata.AnnData(x.astype(float), var=genes))
    >>> split.human.obs["species"].tolist()
    ['human', 'human', 'mouse', 'mixed']
    >>> split.mouse.var_names.tolist()
    ['Vim', 'Il6']

    References
    ----------
    Bloom JD. PeerJ 2018;6:e5578, doi:10.7717/peerj.5578 (doublets of one species from those of two).
    """
    _check(adata, rows, layer, purity, least)
    species, names, how = assign(adata, human=human, mouse=mouse, case=case, table=table())
    x = matrix(adata, layer)
    parts = [species == "human", species == "mouse"]
    ours, theirs = (np.asarray(x[:, part].sum(axis=1)).ravel().astype(float) for part in parts)
    total = ours + theirs
    if not (total > 0).all():
        bad = adata.obs_names[~(total > 0)]
        msg = f"No reads of either species in {len(bad)} rows: {first(bad)}. Leave them out first."
        raise InputError(msg)
    share = theirs / total
    facts = pd.DataFrame(
        {"human_reads": ours, "mouse_reads": theirs, "mouse_share": share}, index=adata.obs_names
    )
    leaks, twice = pd.DataFrame(columns=LEAKAGE), (np.nan, np.nan, np.nan)
    if rows == "cells":
        calls = np.where(share <= 1 - purity, "human", np.where(share >= purity, "mouse", "mixed")).astype(
            object
        )
        calls[total < least] = "few reads"
        facts.insert(0, "species", pd.Categorical(calls, categories=CALLS))
        leaks = _leaks(calls, ours, theirs)
        twice = doublets(*(int((calls == c).sum()) for c in CALLS[:3]))
        _tell_leaks(leaks, purity)
    untold = _tell_untold(adata, species)
    note = {
        "how": how,
        "rows": rows,
        "layer": layer or "X",
        "purity": purity,
        "least": least,
        "untold": untold,
    }
    made = [_part(adata, p, names, facts, note | {"part": s}) for p, s in zip(parts, CALLS, strict=False)]
    split = SpeciesSplit(made[0], made[1], leaks, twice)
    logger.info("split_species, told by %s: %s", how, split)
    return split


def _check(adata: AnnData, rows: str, layer: str | None, purity: float, least: int) -> None:
    from marrowsig.io._kind import guess_kind, kind_of

    if rows not in ("cells", "samples"):
        msg = f"rows={rows!r} is unknown. Use 'cells' or 'samples'."
        raise InputError(msg)
    if not 0.5 < purity < 1 or least < 1:
        msg = f"purity={purity!r} lies between 0.5 and 1, least={least!r} is at least 1."
        raise InputError(msg)
    if adata.isbacked:
        msg = "The matrix is on disk (backed). Use adata = adata.to_memory() first."
        raise InputError(msg)
    there = [c for c in COLUMNS if c in adata.obs]
    if there:
        msg = f"obs has {', '.join(there)} already, which would be written. Rename or drop them first."
        raise InputError(msg)
    kind = kind_of(adata) if layer is None else guess_kind(matrix(adata, layer))[0]
    if kind not in COUNTS:
        msg = f"{layer or 'X'} holds {kind}, not counts: shares of reads need counts. Use layer=."
        raise InputError(msg)


def _leaks(
    calls: NDArray[np.object_], ours: NDArray[np.float64], theirs: NDArray[np.float64]
) -> pd.DataFrame:
    rows = []
    pool = theirs.sum() / (ours.sum() + theirs.sum())
    for into, foreign, part in (("human", theirs, pool), ("mouse", ours, 1 - pool)):
        cells = calls == into
        rows.append((into, *leakage(foreign[cells], (ours + theirs)[cells], float(part))))
    return pd.DataFrame(rows, columns=LEAKAGE)


def _tell_leaks(leaks: pd.DataFrame, purity: float) -> None:
    near = leaks[leaks["share"] > (1 - purity) / 2]
    if len(near):
        seen = ", ".join(f"{100 * r.share:.1f} % in {r.into} cells" for r in near.itertuples())
        msg = f"Foreign reads come near what purity={purity:g} allows ({seen}): calls are not reliable."
        warnings.warn(msg, InputWarning, stacklevel=3)


def _tell_untold(adata: AnnData, species: NDArray[np.str_]) -> int:
    untold = int((species == "").sum())
    if untold > _UNTOLD * species.size:
        names = first(adata.var_names[species == ""])
        msg = f"{untold} of {species.size} genes are of neither species and in neither part: {names}."
        warnings.warn(msg, InputWarning, stacklevel=3)
    return untold


def _part(
    adata: AnnData, genes: NDArray[np.bool_], names: list[str], facts: pd.DataFrame, note: dict[str, object]
) -> AnnData:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Variable names are not unique")
        part = adata[:, genes].copy()
        part.raw = None
        part.var_names = [n for n, kept in zip(names, genes, strict=True) if kept]
    part.obs = pd.concat([part.obs, facts], axis=1)
    record(part, "species", note)
    return part
