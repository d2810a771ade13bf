"""What the numbers in a matrix are: counts, log values, TPM, array signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._errors import InputError
from marrowsig._provenance import recall
from marrowsig._scaled import reaches_higher
from marrowsig.io._below_poisson import told_below
from marrowsig.io._finite import check_finite
from marrowsig.io._totals import per_million, rounded_per_million, totals, whole_library

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData

KINDS = ("counts", "expected_counts", "tpm", "fpkm", "linear", "linear_negative", "log")

LOG_MAX = 30.0  # log2 of a thousand million; no logged expression value is larger
HIGHEST = 25  # of logs that were rounded: log2 of 30 million
SCATTER, FEW_GENES = 0.4, 30  # variance by mean of these; of Poisson's counts it is 1
ROUNDED = "whole numbers, but every sample sums to about a million"
ABOVE_ARRAYS = 1e5  # scanners of arrays end at 65,535
_RAW_ROWS = 20
_SAMPLE_ROWS = 200  # rows looked at, evenly spaced: enough to see what numbers are


def guess_kind(
    values: Any, *, obs_names: Sequence[str] | None = None, var_names: Sequence[str] | None = None
) -> tuple[str, str]:
    """Guess what the numbers are, and say why.

    Parameters
    ----------
    values
        Dense or sparse matrix (n_obs, n_vars), rows are samples.
    obs_names, var_names
        Names for the message when a value is missing or infinite.

    Returns
    -------
    tuple
        One of `KINDS`, and the reason in words.

    Raises
    ------
    InputError
        If the matrix is empty, or holds NaN or infinite values.
    """
    full = as_matrix(values)
    if 0 in full.shape:
        msg = f"The matrix is empty: {full.shape[0]} samples x {full.shape[1]} genes."
        raise InputError(msg)
    check_finite(full, obs_names=obs_names, var_names=var_names)
    low, high = range_of(full)
    some = _rows(full)
    stored = some.data if sparse.issparse(some) else some
    whole = bool((stored == np.rint(stored)).all())
    if low < 0:
        return _with_negatives(low, high, whole=whole)
    if whole:
        sums = totals(some)
        if rounded_per_million(sums):
            return "tpm", f"{ROUNDED} ({_range(sums)}): TPM or CPM rounded to whole numbers"
        return _whole_numbers(_dense(some), high)
    sums = totals(full)
    if per_million(sums):
        return "tpm", f"every sample sums to about a million ({_range(sums)}): TPM or CPM, not logged"
    if library := whole_library(sums, full.shape[1]):
        of = "percent" if library > 1 else "shares"
        return "tpm", f"every sample sums to {library:.0f}: {of} of the library, not logged"
    if high <= LOG_MAX:
        return "log", f"fractions up to {high:.4g}: already logged"
    share, genes = _whole_shares(_dense(some))
    sequenced = (high > 100 and genes >= 0.25) or high > ABOVE_ARRAYS
    if share >= 0.35 and sequenced and _small_are_whole(_dense(some)):
        return (
            "expected_counts",
            f"{share:.0%} of the values above 0 are whole numbers: estimated counts (RSEM, salmon)",
        )
    return "linear", (
        f"fractions up to {high:.4g}: linear, not logged; whether FPKM, a part of a TPM table or array "
        "signal cannot be told from the numbers"
    )


def kind_of(adata: AnnData) -> str:
    """Kind of `adata.X`: what `ms.io.read` or `ms.pp.lognorm` recorded, else a guess from the values.

    Raises
    ------
    InputError
        If X is None, or its values can no longer be what was recorded.
    """
    declared = recall(adata, "input", {}).get("kind")
    if declared:
        from marrowsig.io._declared import stale

        problem = stale(adata)
        if problem:
            msg = (
                f"The record says {declared}, but {problem}. X was changed after it was read: pass "
                "kind= where there is one, or write what X is now, such as "
                "adata.uns['marrowsig']['input']['kind'] = 'counts'."
            )
            raise InputError(msg)
        return str(declared)
    if adata.X is None:
        msg = "adata.X is empty (None). Put the expression matrix into adata.X."
        raise InputError(msg)
    kind = guess_kind(adata.X, obs_names=list(adata.obs_names), var_names=list(adata.var_names))[0]
    return "tpm" if kind == "counts" and _cut_from_tpm(adata) else kind


def _cut_from_tpm(adata: AnnData) -> bool:
    """Whether whole numbers of some genes are TPM that were rounded, as `raw`, with all genes, tells."""
    raw = adata.raw
    if raw is None or raw.n_vars <= adata.n_vars or not adata.var_names.isin(raw.var_names).all():
        return False
    rows = np.unique(np.linspace(0, adata.n_obs - 1, _RAW_ROWS).astype(int))
    full = raw.X[rows]
    if not rounded_per_million(totals(full)):
        return False
    own = full[:, raw.var_names.get_indexer(adata.var_names)]
    return bool(np.array_equal(_dense(own), _dense(adata.X[rows])))


def range_of(full: Any) -> tuple[float, float]:
    """Lowest and highest value; a sparse matrix stays as it is, where scipy's own `min` would sort it."""
    if not sparse.issparse(full):
        return float(full.min()), float(full.max())
    low, high = (full.data.min(), full.data.max()) if full.data.size else (0, 0)
    if full.data.size < full.shape[0] * full.shape[1]:
        low, high = min(low, 0), max(high, 0)
    return float(low), float(high)


def as_matrix(values: Any) -> Any:
    """Return `values` as a numpy array or a scipy CSR/CSC matrix of numbers."""
    if sparse.issparse(values):
        return values if values.format in {"csr", "csc"} else values.tocsr()
    dense = np.asarray(values)
    if dense.ndim != 2 or dense.dtype.kind not in "iufb":
        msg = f"Expected a matrix of numbers, got shape {dense.shape} of {dense.dtype}."
        raise InputError(msg)
    return dense


def _rows(full: Any) -> Any:
    step = max(1, full.shape[0] // _SAMPLE_ROWS)
    return full[np.arange(0, full.shape[0], step)[:_SAMPLE_ROWS]]


def _dense(part: Any) -> np.ndarray:
    return np.asarray(part.toarray() if sparse.issparse(part) else part, dtype=float)


def _with_negatives(low: float, high: float, *, whole: bool) -> tuple[str, str]:
    if high <= LOG_MAX and low >= -LOG_MAX and not whole:
        told = "logged" if reaches_higher(low, high) else "logged and centred, or log ratios"
        return "log", f"fractions between {low:.4g} and {high:.4g}: {told}"
    return "linear_negative", f"values between {low:.4g} and {high:.4g}: linear array signal with negatives"


def _whole_numbers(rows: np.ndarray, high: float) -> tuple[str, str]:
    if rounded_logs(rows):
        return "log", (
            f"whole numbers up to {high:.0f}, but closer between samples than counts can be: "
            "logged and rounded (if they are counts, say kind='counts')"
        )
    if told := told_below(rows):
        return "linear", f"{told}: FPKM or other linear values that were rounded"
    return "counts", f"whole numbers from 0 to {high:.0f}"


def rounded_logs(rows: Any) -> bool:
    """Whether whole numbers (n_obs, n_vars) are rounded logs.

    Counts scatter between samples at least as Poisson does (variance >= mean); rounded logs stay within a
    unit of each other however large they are. Asked are genes with a mean of two and more.
    """
    stored = rows.data if sparse.issparse(rows) else np.asarray(rows)
    if not stored.size or rows.shape[0] < 2 or not 2 < stored.max() <= HIGHEST or stored.min() < 0:
        return False
    if (stored != np.rint(stored)).any():
        return False
    full = _dense(rows)
    mean = full.mean(axis=0)
    own = full[:, mean >= 2]
    scatter = own.var(axis=0, ddof=1)
    return own.shape[1] >= FEW_GENES and 0 < scatter.mean() < SCATTER * mean[mean >= 2].mean()


def _whole_shares(rows: np.ndarray) -> tuple[float, float]:
    """Share of whole numbers among positive values, and of genes with nothing but whole numbers."""
    positive = rows > 0
    whole = positive & (rows == np.rint(rows))
    seen = positive.any(axis=0)
    all_whole = (whole == positive).all(axis=0)
    return float(whole.sum() / positive.sum()), float(all_whole[seen].mean())


def _small_are_whole(rows: np.ndarray) -> bool:
    """Whether a third of the small values are whole, too: of values rounded to digits only large ones are."""
    small = rows[(rows > max(float(rows.min()), 0.0)) & (rows < 10)]
    return not small.size or float((small == np.rint(small)).mean()) >= 0.35


def _range(sums: np.ndarray) -> str:
    return f"{sums.min():,.0f} to {sums.max():,.0f}"
