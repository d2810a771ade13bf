"""One pass over the counts of cells: sums per unit and arm, depth and score of every cell."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from marrowsig._cell_types import KEY, keep
from marrowsig._elsewhere import elsewhere
from marrowsig._errors import InputError, InputWarning, first
from marrowsig._hidden_counts import hidden_counts
from marrowsig._kinds import COUNTS
from marrowsig._layers import layers_of
from marrowsig._mixed_sums import SAID
from marrowsig._provenance import recall, record
from marrowsig._scaled import said_kind
from marrowsig._unit_columns import MAYBE
from marrowsig.methods import get
from marrowsig.pp._mixed import tell_of_mixed
from marrowsig.pp.lognorm import lognorm
from marrowsig.pp.pseudobulk import pseudobulk
from marrowsig.tl._even_depth import even
from marrowsig.tl.score import score

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig.tl._cells_units import Groups
    from marrowsig.tl.score import Signatures

NOWHERE = (
    "No layer and no raw holds counts: take them from the file that was written before the log was taken."
)
STEP = 20_000
BYTES = 200_000_000  # of one dense block


@dataclass(frozen=True)
class Cells:
    """`bulk`: scored sums of the kept groups; `depth` (n_cells,) and `scores` (n_cells x signatures)."""

    bulk: AnnData
    depth: NDArray[np.float64]
    scores: pd.DataFrame


def check_methods(method: str, name: str) -> None:
    """Refuse several methods, and one by which the score of a cell depends on the other cells."""
    for option, value in (("method", method), ("cell_method", name)):
        if not isinstance(value, str):
            msg = f"{option}={value!r} has to be the name of one method."
            raise InputError(msg)
        get(value)
    if not get(name).per_obs:
        msg = (
            f"With {name} the score of a cell depends on the other cells. "
            "Use cell_method='ucell', 'aucell' or 'singscore'."
        )
        raise InputError(msg)


def counts_layer(adata: AnnData, layer: str | None) -> str | None:
    """Name the layer of counts: the one asked for, else "counts" if it is there, else X (None)."""
    if layer is not None and layer not in adata.layers:
        msg = f"adata.layers has no {layer!r}. It has: {first(layers_of(adata)) or 'none'}."
        raise InputError(msg)
    return "counts" if layer is None and "counts" in adata.layers else layer


def read(
    adata: AnnData,
    found: Groups,
    signatures: Signatures,
    *,
    layer: str | None,
    method: str,
    cell_method: str,
    min_coverage: float,
    depth: int | str | None,
    seed: int,
) -> Cells:
    """Read the cells of the groups block by block, so that a file may be larger than memory."""
    from anndata import AnnData, concat

    layer = counts_layer(adata, layer)
    var = pd.DataFrame(index=adata.var_names.copy())
    sums, counts, scored, kind = [], [], [], ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        for told in (SAID, MAYBE):  # once of all blocks
            warnings.filterwarnings("ignore", f".*{told}", InputWarning)
        for part, x in _blocks(adata, found.rows, layer):
            kind = kind or _kind(adata, x, layer)
            counts.append(_checked_depth(x, kind, adata.obs_names[found.rows[part]]))
            block = AnnData(x, obs=found.obs.iloc[part], var=var)
            for section, value in (("genes", recall(adata, "genes")), ("input", {"kind": kind})):
                if value is not None:
                    record(block, section, value)
            sums.append(pseudobulk(block, unit=found.unit, by=found.by, min_cells=1))
            sums[-1].obsm.pop(KEY, None)  # of this block
            scored.append(_scores(block, signatures, cell_method, min_coverage))
        if len(sums) > 1:
            joined = concat(sums, index_unique="-", join="inner", merge="same", uns_merge="first")
            sums = [pseudobulk(joined, unit=found.unit, by=found.by, min_cells=1)]
        bulk = sums[0][found.table.index].copy()
        keep(bulk, found.obs, found.code, [found.unit, *found.by])
        bulk = bulk[found.table.index[found.kept]].copy()
        bulk.obs["n_cells"] = found.table["n_cells"].to_numpy()[found.kept]
        record(bulk, "pseudobulk", {**recall(bulk, "pseudobulk"), **found.few})
        even(bulk, found.design, depth=depth, seed=seed)
        lognorm(bulk)
        score(bulk, signatures, method=method, min_coverage=min_coverage)
    _tell_once(caught)
    tell_of_mixed(found.obs, found.code, [found.unit, *found.by], stacklevel=4)
    return Cells(bulk, np.concatenate(counts), pd.concat(scored))


def _tell_once(caught: list[warnings.WarningMessage]) -> None:
    """Warn once of what several blocks warned of; nothing of columns and names of the blocks themselves."""
    own = {(str(w.message), w.category) for w in caught if w.category.__module__.startswith("marrowsig")}
    for text, category in sorted(own, key=lambda pair: pair[0]):
        warnings.warn(text, category, stacklevel=4)


def _blocks(adata: AnnData, rows: NDArray[np.int64], layer: str | None) -> Any:
    on_disk = layer is None and adata.isbacked and not adata.is_view
    x: Any = None if on_disk else adata.X if layer is None else adata.layers[layer]
    if x is None and not on_disk:
        msg = "adata.X is empty (None). Put the counts into X, or name their layer."
        raise InputError(msg)
    if sparse.issparse(x) and x.format != "csr":
        x = x.tocsr()
    step = STEP if sparse.issparse(_some(adata, x, rows[:1])) else max(200, BYTES // (8 * adata.n_vars))
    for start in range(0, rows.size, step):
        part = np.arange(start, min(start + step, rows.size))
        yield part, _some(adata, x, rows[part])


def _some(adata: AnnData, x: Any, rows: NDArray[np.int64]) -> Any:
    """Give some rows as a numpy array or CSR matrix; of a file that is open, by way of a view."""
    block = adata[rows].X if x is None else x[rows]
    for turn in ("compute", "to_memory"):
        block = getattr(block, turn)() if hasattr(block, turn) else block
    return block.tocsr() if sparse.issparse(block) else np.asarray(block)


def _kind(adata: AnnData, x: Any, layer: str | None) -> str:
    from marrowsig.io._kind import guess_kind

    recorded = recall(adata, "input", {}).get("kind") if layer is None else None
    kind = str(recorded or guess_kind(x)[0])
    if kind not in COUNTS:
        where = "X" if layer is None else f"layers[{layer!r}]"
        others = [name for name in layers_of(adata) if name != layer]
        lacking = "Name the layer of raw counts with layer=." if others else NOWHERE
        remedy = elsewhere(adata, COUNTS, but=layer) or hidden_counts(adata, layer) or lacking
        msg = f"compare_cells sums counts, but {where} is {said_kind(x, kind)}. {remedy}"
        raise InputError(msg)
    return kind


def _checked_depth(x: Any, kind: str, names: pd.Index) -> NDArray[np.float64]:
    stored = x.data if sparse.issparse(x) else x
    wrong = ~np.isfinite(stored) | (stored < 0)
    if kind == "counts":
        wrong |= stored != np.rint(stored)
    if wrong.any():
        noun = "fractions, negative or missing" if kind == "counts" else "negative or missing"
        msg = (
            f"compare_cells sums counts, but {int(wrong.sum())} values are {noun}. "
            "Name the layer of raw counts with layer=."
        )
        raise InputError(msg)
    depth = np.asarray(x.sum(axis=1, dtype=np.float64)).ravel()
    if (depth == 0).any():
        empty = names[depth == 0]
        msg = f"{len(empty)} cells have no counts: {first(empty)}. Leave them out (sc.pp.filter_cells)."
        raise InputError(msg)
    return depth


def _scores(block: AnnData, signatures: Signatures, method: str, min_coverage: float) -> pd.DataFrame:
    if get(method).needs != "rank":
        lognorm(block)
    score(block, signatures, method=method, min_coverage=min_coverage)
    frame: pd.DataFrame = block.obsm[f"score_{method}"]
    return frame


def warn_of_thin(found: Groups, min_cells: int) -> None:
    """Name the units that hold too few cells."""
    thin = found.table[found.table["dropped"]]
    if len(thin):
        told = first(f"{name} ({n} cells)" for name, n in thin["n_cells"].items())
        are = "is" if len(thin) == 1 else "are"
        msg = f"{len(thin)} of {len(found.table)} sums {are} dropped (min_cells={min_cells}): {told}."
        warnings.warn(msg, InputWarning, stacklevel=3)
