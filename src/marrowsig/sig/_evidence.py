"""Where genes are expressed in marrow: sorted blood cells, K562, lists of stroma genes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from marrowsig._errors import SignatureError, first
from marrowsig._paths import resource

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

NO_DATA = "no_data"
# K562_only counts as prone: the gene is silent in the blood cells that were sorted.
PRONE = ("contamination_prone_strict", "contamination_prone", "K562_only")
BIASED = "myeloid_expressed_maturation_biased"
EXPRESSED = ("myeloid_low", "myeloid_expressed", BIASED)
UNEXPRESSED = (*PRONE, "not_myeloid_other")
FLAGS = ("hay_stroma", "core_matrisome", "estimate_stromal", "blood_absent_stroma")


def evidence(genes: Iterable[str] | None = None) -> pd.DataFrame:
    """Look up where genes are expressed: in blood cells, in K562, in marrow stroma.

    Parameters
    ----------
    genes
        Current HGNC symbols; a Signature's `genes` will do. Nothing returns every gene that is known here.

    Returns
    -------
    DataFrame
        One row per gene, indexed by it, in the order given: `class`; pTPM in progenitors, the highest of
        three monocytes, of six myeloid and of 29 blood populations, and in unsorted mononuclear cells
        (`progenitor_ptpm`, `monocyte_ptpm`, `myeloid_ptpm`, `blood_ptpm`, `pbmc_ptpm`) with the name of the
        highest population (`myeloid_cell`, `blood_cell`); `k562` (NaN = not expressed there, or no data);
        flags `hay_stroma`, `core_matrisome`, `estimate_stromal`, `blood_absent_stroma`. A gene without a
        measurement has the class `no_data` and NaN, never a zero. The classes are defined in
        `data/evidence/README.md`.

    Raises
    ------
    SignatureError
        If `genes` is one string, or symbols repeat.

    Notes
    -----
    Human Protein Atlas v22 (Uhlén et al. 2019, doi:10.1126/science.aax9198; data of Monaco et al. 2019,
    doi:10.1016/j.celrep.2019.01.041) and GEO GSE270332. The table is under CC-BY-SA-4.0.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.sig.evidence(["COL1A1", "VIM", "MMP9", "HBB"])["class"].to_list()
    ['contamination_prone_strict', 'myeloid_expressed', 'myeloid_expressed_maturation_biased', 'no_data']
    """
    known = _table()
    if genes is None:
        return known.copy()
    if isinstance(genes, str):
        msg = f"genes is one string. Give a list of symbols: ms.sig.evidence([{genes!r}])."
        raise SignatureError(msg)
    listed = list(genes)
    twice = sorted({g for g in listed if listed.count(g) > 1}) if len(set(listed)) < len(listed) else []
    if twice:
        msg = f"{len(twice)} genes are listed more than once: {first(twice)}. Keep each gene once."
        raise SignatureError(msg)
    frame = known.reindex(listed)
    frame["class"] = frame["class"].fillna(NO_DATA)
    for flag in FLAGS:  # the lists are complete: a gene that is not in them is known not to be
        frame[flag] = frame[flag].eq(other=True)
    return frame


@cache
def _table() -> pd.DataFrame:
    import pandas as pd

    with (resource("data") / "evidence" / "marrow.tsv").open("r", encoding="utf-8") as f:
        frame = pd.read_csv(f, sep="\t", index_col="gene", na_values=[""], keep_default_na=False)
    return frame.astype(dict.fromkeys(FLAGS, bool))
