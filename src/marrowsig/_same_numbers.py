"""Whether stroma and cells were given in the same kind of numbers: both counts, or both TPM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._errors import InputError
from marrowsig._kinds import COUNTS, LENGTHS
from marrowsig._provenance import recall

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SMALL, FEWEST, NEAR, MOST = 20.0, 5, 0.02, 0.95
"""Of what was counted, the values up to 20 times the smallest are whole multiples of it."""

PROFILE = (
    "If it is a public profile and no other stroma is at hand: as a Series it can be given to ms.qc.stroma "
    'in Python, as rough as it is (docs/howto/stroma_guard.md, "A public profile").'
)


def require_no_arrays(stroma: AnnData | str, adata: AnnData) -> None:
    """Raise if the share of stroma's RNA is to be told from array signal, whose values do not add up.

    Without the check all claims would be lost to it, late, and those that need no share with them.
    """
    from marrowsig.io._kind import kind_of

    for held, what in ((stroma, "given as stroma="), (adata, "the matrix")):
        if isinstance(held, str) or kind_of(held) not in ("linear", "linear_negative"):
            continue
        file = str(recall(held, "input", {}).get("file", "")) or "AnnData"
        floored = ", with floor= or without" if kind_of(held) == "linear_negative" else ""
        seen = f"array signal{floored}" if floored else "linear (FPKM or array signal)"
        if counted := _counts_sheet(held):
            msg = (
                f"{file}, {what}, is {seen}: no share of stroma can be told from it. {counted} Or leave "
                "stroma= out: claims that need it then say 'cannot tell'."
            )
            raise InputError(msg)
        msg = (
            f"{file}, {what}, is {seen}: array values do not add up as RNA does, so no share of stroma can "
            "be told from them. Leave stroma= out: claims that need it then say 'cannot tell'."
        )
        if not floored:
            msg += " If reads were sequenced, say kind='expected_counts' (RSEM, salmon), 'fpkm' or 'tpm'."
        raise InputError(msg)


def require_same_numbers(stroma: AnnData, adata: AnnData) -> None:
    """Raise if one of the two is counts, and the other divided by the lengths of genes.

    A share of stroma is wrong then: of two genes with as many reads the shorter one has more TPM.
    """
    kinds = _numbers(stroma), _numbers(adata)
    if set(kinds) != {"counts", "TPM or FPKM"}:
        return
    names = [str(recall(a, "input", {}).get("file", "")) for a in (stroma, adata)]
    own, cells = (f" ({name})" if name else "" for name in names)
    parts = [_part_of_library(a) for a in (stroma, adata)]
    if any(parts):
        told = [part or "counts" for part in parts]
        counted, part = ("stroma", parts[1]) if parts[1] else ("cells", parts[0])
        msg = (
            f"The stroma{own} is given as {told[0]}, the cells{cells} as {told[1]}: the numbers do not tell "
            "whether the genes were divided by their lengths first, as TPM are and counts are not, and a "
            f"share of stroma is wrong if they were. Give counts for both, or the {counted} as {part} too, "
            "made in the same way."
        )
        raise InputError(msg)
    msg = (
        f"The stroma{own} is given as {kinds[0]}, the cells{cells} as {kinds[1]}. TPM and FPKM are divided "
        "by the lengths of genes and counts are not, so a share of stroma told from the two is wrong. Give "
        "stroma= in the same kind of numbers as the matrix: counts for both, or TPM for both."
    )
    if counted := next(filter(None, map(_counts_sheet, (stroma, adata))), ""):
        msg += f" {counted}"
    elif any(_may_be_cpm(a) for a, k in zip((stroma, adata), kinds, strict=True) if k != "counts"):
        msg += (
            " If these are CPM, which rounded numbers do not tell from TPM: give the counts, or CPM with "
            "four decimals."
        )
    elif kinds[0] != "counts":
        msg += f" {PROFILE}"
    raise InputError(msg)


def _counts_sheet(adata: AnnData) -> str:
    """Say which sheet of its workbook may hold the counts, as it was read; empty for none."""
    return str(recall(adata, "input", {}).get("counts_sheet", ""))


def _part_of_library(adata: AnnData) -> str:
    """Name percent or shares of the library; nothing for other numbers."""
    from marrowsig.io._kind import kind_of
    from marrowsig.io._totals import whole_library

    if kind_of(adata) != "tpm":
        return ""
    row = _first_row(adata)
    whole = whole_library(row.sum(keepdims=True), row.size)
    return {100.0: "percent of the library", 1.0: "shares of the library"}.get(whole, "")


def _numbers(adata: AnnData) -> str:
    """Tell counts (or CPM, proportional to them) from TPM or FPKM; nothing where neither can be told."""
    from marrowsig.io._kind import kind_of

    kind = kind_of(adata)
    if kind in COUNTS or "counts" in adata.layers:
        return "counts"
    row = _first_row(adata)
    if kind == "log":
        row = _unlogged(row)
    if kind not in (*LENGTHS, "log") or not row.size:
        return ""
    return "counts" if _multiples(row) else "TPM or FPKM"


def _may_be_cpm(adata: AnnData) -> bool:
    """Whether values sum to a million and are rounded too far to show the counts that they are made of."""
    from marrowsig.io._kind import kind_of
    from marrowsig.io._totals import per_million

    row = _first_row(adata)
    return (
        kind_of(adata) == "tpm" and bool((row == row.round(2)).all()) and per_million(np.array([row.sum()]))
    )


def _first_row(adata: AnnData) -> Array:
    row: Any = adata.X[:1]
    return np.asarray(row.toarray() if sparse.issparse(row) else row, dtype=np.float64).ravel()


def _unlogged(row: Array) -> Array:
    """Values before the log, if they sum to a million then; none where they do not."""
    from marrowsig.io._totals import per_million

    if row.min() < 0:
        return np.zeros(0)
    ways = (np.exp2(row) - 1, np.expm1(row), 10.0**row - 1)
    return next((v for v in ways if per_million(np.array([v.sum()]))), np.zeros(0))


def _multiples(values: Array) -> bool:
    """Whether small values are whole multiples of the smallest, as in counts per million of one library."""
    seen = np.unique(values[values > 0].round(6))
    if not seen.size:
        return False
    step = seen[0]
    small = seen[seen <= SMALL * step] / step
    decimals = float(np.log10(step))
    if len(small) < FEWEST or abs(decimals - round(decimals)) < 1e-6:
        return False  # of rounded values all are multiples of the last digit
    return bool((np.abs(small - np.rint(small)) < NEAR).mean() >= MOST)
