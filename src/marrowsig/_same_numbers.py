"""Whether stroma and cells were given in the same kind of numbers: both counts, or both TPM."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._errors import InputError
from marrowsig._kinds import COUNTS, LENGTHS
from marrowsig._log_scales import LOGS, log_scale, multiples, unlog, with_prior
from marrowsig._provenance import recall

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

NAMES = re.compile(r"tpm|[fr]pkm|cpm", re.IGNORECASE)

PROFILE = (
    "If it is a public profile and no other stroma is at hand: as a Series it can be given to ms.qc.stroma "
    'in Python, as rough as it is (docs/howto/stroma_guard.md, "A public profile").'
)


LEAVE_OUT = "Or leave stroma= out: claims that need it then say 'cannot tell'."
COUNTED = ("counts", "CPM")
MANY_ROWS = 2000


def require_additive(stroma: AnnData | str | None, adata: AnnData) -> None:
    """Raise if the share of stroma's RNA is to be told from values that do not add up, or are not known to.

    These are array signal, and logs of which it cannot be seen how they were made. Without the check all
    claims would be lost to it, late, and those that need no share with them.
    """
    from marrowsig.io._kind import kind_of

    if stroma is None:
        return
    for held, what, name in ((stroma, "given as stroma=", "stroma_kind="), (adata, "the matrix", "kind=")):
        kind = "" if isinstance(held, str) else kind_of(held)
        if isinstance(held, str) or kind not in ("linear", "linear_negative", "log"):
            continue
        file = str(recall(held, "input", {}).get("file", "")) or "AnnData"
        if kind == "log":
            if _is_told(held):
                continue
            msg = f"{file}, {what}, {_untold(name)} {LEAVE_OUT}"
            raise InputError(msg)
        floored = ", with floor= or without" if kind == "linear_negative" else ""
        seen = f"array signal{floored}" if floored else "linear (FPKM or array signal)"
        if counted := _counts_sheet(held):
            msg = (
                f"{file}, {what}, is {seen}: no share of stroma can be told from it. {counted} Or leave "
                "stroma= out: claims that need it then say 'cannot tell'."
            )
            raise InputError(msg)
        msg = (
            f"{file}, {what}, is {seen}: array values do not add up as RNA does, so no share of stroma can "
            f"be told from them. L{LEAVE_OUT[4:]}"
        )
        if not floored and held is stroma and _numbers(adata) in COUNTED:
            msg += (
                f" If reads were sequenced, say {name}'expected_counts' (RSEM, salmon). FPKM and TPM do not "
                f"go with the matrix, which is {_numbers(adata)}: lengths of genes are in one and not in the "
                f"other. {PROFILE}"
            )
        elif not floored:
            msg += f" If reads were sequenced, say {name}'expected_counts' (RSEM, salmon), 'fpkm' or 'tpm'."
        raise InputError(msg)


def _is_told(held: AnnData) -> bool:
    """Whether it is known how logs were made; of cells and sums of them the counts beside are asked."""
    if "counts" in held.layers or held.n_obs > MANY_ROWS:
        return True
    x: Any = held.X
    return bool(log_scale(held, np.asarray(x.toarray() if sparse.issparse(x) else x, dtype=np.float64)))


def _untold(name: str) -> str:
    return (
        "holds logs, and the numbers do not tell how they were made, so the RNA of stroma in them cannot be "
        f"told. Say it: {name}'log2(x)' where 2 to their power is CPM or TPM, {name}'log2(x+1)' where 1 was "
        "added first, or 'ln(x+1)' or 'log10(x+1)'. Centred or batch-corrected values will not do: give "
        "counts or TPM."
    )


def require_same_numbers(stroma: AnnData, adata: AnnData) -> None:
    """Raise if one of the two is counts, and the other divided by the lengths of genes.

    A share of stroma is wrong then: of two genes with as many reads the shorter one has more TPM.
    """
    kinds = _numbers(stroma), _numbers(adata)
    if not all(kinds) or len({kind in COUNTED for kind in kinds}) == 1:
        return
    names = [str(recall(a, "input", {}).get("file", "")) for a in (stroma, adata)]
    own, cells = (f" ({name})" if name else "" for name in names)
    parts = [_part_of_library(a) for a in (stroma, adata)]
    if any(parts):
        told = [part or kind for part, kind in zip(parts, kinds, strict=True)]
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
    elif other := _other_reading(kinds, stroma, adata):
        msg += f" {other}"
    elif any(_may_be_cpm(a) for a, k in zip((stroma, adata), kinds, strict=True) if k not in COUNTED):
        msg += (
            " If these are CPM, which rounded numbers do not tell from TPM: give the counts, or CPM with "
            "four decimals."
        )
    if kinds[0] not in COUNTED and not counted:
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
    """Tell counts, or CPM, proportional to them, from TPM or FPKM; nothing where neither can be told.

    What was said of the kind, and the name of the file, count more than the numbers: FPKM of few decimals
    that were made into TPM are whole multiples, too, and read as CPM.
    """
    from marrowsig.io._kind import kind_of

    kind = kind_of(adata)
    if kind in COUNTS or "counts" in adata.layers:
        return "counts"
    if kind not in (*LENGTHS, "log"):
        return ""
    note = recall(adata, "input", {})
    named = {word.lower() for word in NAMES.findall(str(note.get("file", "")))}
    if len(named) == 1:
        return "CPM" if named == {"cpm"} else "TPM or FPKM"
    if kind == "fpkm" or (kind == "tpm" and note.get("declared")):
        return "TPM or FPKM"
    row = _first_row(adata)
    if kind == "log":
        row = _unlogged(row, str(note.get("scale", "")))
    if not row.size:
        return ""
    return "CPM" if multiples(row) else "TPM or FPKM"


def _other_reading(kinds: tuple[str, str], stroma: AnnData, adata: AnnData) -> str:
    """Say what to type where what was said of CPM, or was read from the numbers of TPM, is not so."""
    for held, kind, name in zip((stroma, adata), kinds, ("stroma_kind=", "kind="), strict=True):
        note = recall(held, "input", {})
        linear = note.get("kind") == "tpm"
        if kind == "CPM" and linear:
            return (
                "CPM are told by their small values, whole multiples of one number. If these are TPM, made "
                f"of FPKM of two decimals, say {name}'tpm'."
            )
        if kind not in COUNTED and note.get("declared") and linear and multiples(_first_row(held)):
            return f"If these are CPM, leave {name} out."
    return ""


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


def _unlogged(row: Array, scale: str) -> Array:
    """Values before the log, where they are counts or sum to a million; none where that is not seen."""
    from marrowsig.io._totals import per_million

    if scale:
        values = unlog(row, scale)
        above = values - values.min()
        return above if multiples(above) else values if per_million(values.sum(keepdims=True)) else above[:0]
    if row.min() < 0:
        return with_prior(row)
    ways = (unlog(row, name) for name in LOGS[:3])
    return next((v for v in ways if per_million(v.sum(keepdims=True))), np.zeros(0))
