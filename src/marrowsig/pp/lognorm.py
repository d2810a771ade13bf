"""Bring counts or linear values to log2, each row by itself."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._counts_layer import has_counts
from marrowsig._errors import InputError, InputWarning, first
from marrowsig._kinds import COUNTS, LENGTHS
from marrowsig._log import logger
from marrowsig._provenance import recall, record
from marrowsig._scaled import said_kind
from marrowsig._sets import transposed
from marrowsig.pp._on_disk import refuse_file

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

MILLION = 1e6
FLOOR = 1.0
LINEAR = (*LENGTHS, "linear", "linear_negative")


def lognorm(
    adata: AnnData, *, kind: str | None = None, floor: float | None = None, copy: bool = False
) -> AnnData | None:
    """Replace X by log2 values; a row never depends on the other rows.

    Counts become log2(counts per million + 1). TPM, FPKM and array signal become log2(x + 1); percent and
    shares of the library are brought to a million first. Array signal with negative values is raised to
    `floor` first and becomes log2(x).

    Parameters
    ----------
    adata
        Samples x genes: counts, TPM, FPKM or linear signal; dense or sparse, in memory.
    kind
        What X holds: `"counts"`, `"expected_counts"`, `"tpm"`, `"fpkm"`, `"linear"` or `"linear_negative"`.
        Default: what `ms.io.read` recorded, else guessed from the values.
    floor
        Smallest value for `"linear_negative"`, in the unit of X; above 0. Default: what
        `uns["marrowsig"]["input"]["floor"]` says, else 1. Of MAS5-like signal 20 or 100 is usual: below,
        values are noise, and raised to 1 they make changes of ten and more log units.
    copy
        Return a changed copy and leave `adata` as it is.

    Returns
    -------
    AnnData or None
        The copy if `copy`, else nothing. Written: `X` (float64, log2; a sparse X stays sparse, except for
        `"linear_negative"`), the values before in `layers["counts"]` or `layers["linear"]`
        (after `ms.pp.thin`, `layers["counts"]` keeps the counts that were thinned),
        `uns["marrowsig"]["lognorm"]` (from, formula, layer; of `"linear_negative"` also floor, and at_floor,
        the share of values that were raised to it or lie on it), and
        `uns["marrowsig"]["input"]["kind"] = "log"`.

    Raises
    ------
    InputError
        If X is on a log scale already, cannot be what was recorded, holds negative values where its kind
        allows none, is transposed (genes as rows), or is on disk.

    Warns
    -----
    InputWarning
        If a row sums to 0: it stays 0. If no floor was chosen and more than 5 % of the values lie on it. If
        values that are taken for linear sum to unlike totals, as estimated counts do.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.pp.lognorm(adata)
    >>> float((2 ** adata.X[0] - 1).sum().round(3))
    1000000.0

    References
    ----------
    Law CW et al. Genome Biol 2014, doi:10.1186/gb-2014-15-2-r29 (log counts per million; there half a read is
    added to each count, here one to the counts per million).
    """
    from marrowsig.io._kind import as_matrix
    from marrowsig.io._unlike_sums import told_unlike
    from marrowsig.pp._floor import at_floor, told_floor

    refuse_file(adata, "lognorm")
    if turned := transposed(adata.obs_names):
        raise InputError(turned)
    asked = kind
    kind = _kind(adata, kind)
    floor, chosen = _floor(adata, kind, floor)
    _check_values(adata, kind)
    if kind == "linear" and asked is None and not recall(adata, "input"):  # ms.io.read has told it
        _tell(told_unlike(as_matrix(adata.X), adata.obs))
    if copy:
        adata = adata.copy()
    elif adata.is_view:
        adata._init_as_actual(adata.copy())
    keep = "counts" if kind in COUNTS else "linear"
    values = adata.X
    adata.X = log2_cpm(values, adata.obs_names) if kind in COUNTS else _linear(values, kind, floor)
    if not (kind in COUNTS and _is_thinned(adata, values)):
        adata.layers[keep] = values
    formula = _formula(kind, floor)
    made: dict[str, Any] = {"from": kind, "formula": formula, "layer": keep}
    if kind == "linear_negative":
        share = at_floor(values, floor)
        made |= {"floor": floor, "at_floor": share}
        _tell("" if chosen else told_floor(share, floor))
    record(adata, "lognorm", made)
    record(adata, "input", {**recall(adata, "input", {}), "kind": "log"})
    near = f" ({made['at_floor']:.1%} of the values at the floor)" if "at_floor" in made else ""
    logger.info("lognorm: X is now %s%s; the values before are in layers[%r]", formula, near, keep)
    return adata if copy else None


def _kind(adata: AnnData, kind: str | None) -> str:
    from marrowsig.io._declared import stale
    from marrowsig.io._kind import kind_of

    found = kind_of(adata) if kind is None else kind
    before = recall(adata, "lognorm") is not None
    if before and recall(adata, "input", {}).get("kind") == "log":
        before = not stale(adata)  # counts that were put back may be logged again
    held = said_kind(adata.X, "log")
    if (found == "log" or before) and held != "log":
        remedy = "Put raw counts into X, or score what is not scaled."
        if has_counts(adata):
            remedy = "Counts are in a layer: adata.X = adata.layers['counts'], then run lognorm again."
        msg = f"X is {held}, and its negative values have no log. {remedy}"
        raise InputError(msg)
    if found == "log" or before:
        msg = (
            "X is on a log scale already; lognorm would take the log twice. "
            "Score it as it is, or say kind='counts' or kind='linear' if the values are linear after all."
        )
        raise InputError(msg)
    if found not in (*COUNTS, *LINEAR):
        msg = f"kind={found!r} is not one of {', '.join((*COUNTS, *LINEAR))}."
        raise InputError(msg)
    return found


def _floor(adata: AnnData, kind: str, floor: float | None) -> tuple[float, bool]:
    """Smallest value, and whether somebody chose it."""
    if floor is None and kind == "linear_negative":
        floor = recall(adata, "input", {}).get("floor")
    if floor is None:
        return FLOOR, False
    if kind != "linear_negative":
        msg = f"floor={floor} is only for kind='linear_negative'; X is {kind}. Leave floor out."
        raise InputError(msg)
    if not (np.isfinite(floor) and floor > 0):
        msg = f"floor={floor} must be a number above 0, because its log is taken."
        raise InputError(msg)
    return float(floor), True


def _tell(text: str) -> None:
    if text:
        warnings.warn(text, InputWarning, stacklevel=3)


def _check_values(adata: AnnData, kind: str) -> None:
    from marrowsig.io._finite import check_finite
    from marrowsig.io._kind import as_matrix

    if adata.X is None:
        msg = "adata.X is empty (None). Put the expression matrix into adata.X."
        raise InputError(msg)
    full = as_matrix(adata.X)
    check_finite(full, obs_names=list(adata.obs_names), var_names=list(adata.var_names))
    stored = full.data if sparse.issparse(full) else full
    if kind == "counts" and (stored != np.rint(stored)).any():
        msg = (
            "X should be counts, but holds fractions. Say what it is: kind='expected_counts' (RSEM, salmon), "
            "'tpm', 'fpkm' or 'linear'; if it is logged already, lognorm is not needed."
        )
        raise InputError(msg)
    if kind != "linear_negative" and (stored < 0).any():
        low = np.asarray((full < 0).sum(axis=1)).ravel()
        rows = first(adata.obs_names[low > 0])
        msg = (
            f"X should be {kind}, but {int(low.sum())} values are negative, in rows {rows}. "
            "Use kind='linear_negative' for array signal, or none of lognorm for log ratios."
        )
        raise InputError(msg)


def _is_thinned(adata: AnnData, values: Any) -> bool:
    from marrowsig.pp._draws import is_thinned

    return is_thinned(adata, np.asarray(values.sum(axis=1, dtype=np.float64)).ravel())


def log2_cpm(values: Any, names: pd.Index) -> Any:
    """Return log2(counts per million + 1); rows without counts stay 0, with a warning."""
    totals = np.asarray(values.sum(axis=1, dtype=np.float64)).ravel()  # half floats end at 65504
    empty = totals == 0
    if empty.any():
        msg = f"{int(empty.sum())} rows have no counts and stay 0: {first(names[empty])}."
        warnings.warn(msg, InputWarning, stacklevel=3)
    factor = MILLION / np.where(empty, 1.0, totals)
    if sparse.issparse(values):
        scaled = type(values)(sparse.diags(factor) @ values.astype(np.float64)).asformat(values.format)
        return _log1(scaled)
    return np.log2(np.asarray(values, dtype=np.float64) * factor[:, None] + 1)


def _linear(values: Any, kind: str, floor: float) -> Any:
    if kind == "linear_negative":
        dense = values.toarray() if sparse.issparse(values) else np.asarray(values)
        return np.log2(np.maximum(dense.astype(np.float64), floor))
    factor = _per_million(values, kind)
    if sparse.issparse(values):
        return _log1(values.astype(np.float64) * factor)
    return np.log2(np.asarray(values, dtype=np.float64) * factor + 1)


def _per_million(values: Any, kind: str) -> float:
    """Give what brings percent or shares of the library to a million; of all other values 1."""
    from marrowsig.io._totals import totals, whole_library

    library = whole_library(totals(values), values.shape[1]) if kind == "tpm" else 0.0
    return MILLION / library if library else 1.0


def _log1(values: Any) -> Any:
    out = values.copy()
    out.data = np.log2(out.data + 1)
    return out


def _formula(kind: str, floor: float) -> str:
    if kind in COUNTS:
        return "log2(CPM + 1)"
    return f"log2(max(x, {floor:g}))" if kind == "linear_negative" else "log2(x + 1)"
