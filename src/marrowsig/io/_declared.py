"""Check what a caller says the numbers are against the numbers."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._errors import InputError, InputWarning, first
from marrowsig._log_scales import LOGS
from marrowsig._provenance import recall
from marrowsig.io._below_poisson import SMOOTH
from marrowsig.io._divided import divided_by, told_divided
from marrowsig.io._kind import KINDS, LOG_MAX, ROUNDED, as_matrix, guess_kind, range_of
from marrowsig.io._totals import MILLION, totals, whole_library

if TYPE_CHECKING:
    from anndata import AnnData

_MANY_GENES = 1000
_FIRST = 100_000  # values looked at first: where there are fractions, they are among these
_LOG_LIMIT = 50.0
_THOUSANDS = 1000.0


LIBRARIES, ONE_SIZE = 12, 1.01  # samples, and their largest sum by the smallest, that were made alike


def settle_kind(values: Any, declared: str | None, *, of_format: str = "", name: str = "") -> tuple[str, str]:
    """Kind of the values (n_obs, n_vars) and the reason.

    Parameters
    ----------
    values
        Rows are samples.
    declared
        What the caller says; it wins unless the values contradict it.
    of_format
        What the file format implies, "" if nothing.
    name
        File name; it only tells FPKM and TPM from other linear values.

    Raises
    ------
    InputError
        If `declared` is unknown or cannot be true, points mark thousands, or estimated counts were divided.

    Warns
    -----
    InputWarning
        If a file that is called FPKM or TPM holds values so small that they look logged, or whole numbers
        sum to a million as no counts do, or counts look divided by a thousand or a million.
    """
    guess, why = guess_kind(values)
    if (declared or of_format) == "expected_counts" and (factor := divided_by(values, declared=True)):
        raise InputError(told_divided(values, factor))
    if declared is None and not of_format:
        _refuse_thousands(as_matrix(values))
        if guess == "log":
            _warn_of_small_values(as_matrix(values), name)
        if why.startswith(ROUNDED):
            _warn_of_rounded(name)
        if why.startswith(SMOOTH):
            _warn_of_smooth(why, name)
        if guess in ("linear", "log") and (factor := divided_by(values, declared=False)):
            warnings.warn(told_divided(values, factor), InputWarning, stacklevel=3)
        return _by_name(guess, why, name)
    said, scale = ("log", declared) if declared in LOGS else (declared or of_format, "")
    if said not in KINDS:
        msg = f"kind={said!r} is unknown. Use one of {', '.join(map(repr, (*KINDS, *LOGS)))}."
        raise InputError(msg)
    problem = _contradiction(said, guess, as_matrix(values))
    if scale:
        _refuse_below_zero(scale, as_matrix(values))
    if problem:
        msg = f"kind={said!r} cannot be true: {problem}. Give kind={guess!r}, or leave kind= out."
        raise InputError(msg)
    if declared == "expected_counts":
        _warn_of_equal_sums(as_matrix(values), name)
    by = f"{scale}, as declared" if scale else "as declared" if declared else "as this format holds"
    seen = why.partition(":")[0]
    return said, by if guess == said else f"{by} (from the values alone, {seen}, it would be called {guess})"


def _refuse_thousands(full: Any) -> None:
    """Refuse counts in which 1.012 stands for 1012, beside whole numbers below 1000."""
    stored = full.data if hasattr(full, "indptr") else full
    seen = stored[stored != 0]
    whole = seen == np.rint(seen)
    broken = seen[~whole]
    if not broken.size or not whole.any() or seen.min() < 1 or seen.max() >= _THOUSANDS:
        return  # no thousands mark leaves a number below 1 or a whole number above 999
    scaled = broken * _THOUSANDS
    if (np.abs(scaled - np.rint(scaled)) > 1e-6).any():
        return
    # Values rounded to three digits are seldom whole; logged ones never large.
    to_thousand = (np.rint(scaled) % 10 != 0).mean() >= 0.5
    if to_thousand and whole.mean() >= 0.05 and seen[whole].max() > LOG_MAX:
        one = float(broken[0])
        msg = (
            f"{one:.3f} looks like a thousands separator: all {broken.size} fractions have three digits or "
            f"fewer, and the other {int(whole.sum())} values are whole numbers below 1000. "
            f"Write {one * _THOUSANDS:.0f}: in the spreadsheet, give the cells a number format without a "
            "thousands separator and save again. Only where no value can be above 999, as of estimated "
            "counts, say kind='expected_counts'."
        )
        raise InputError(msg)


def _warn_of_small_values(full: Any, name: str) -> None:
    hint = re.search(r"fpkm|rpkm|tpm", name, re.IGNORECASE)
    if hint is None or "log" in name.lower() or range_of(full)[0] < 0:
        return
    kind = "tpm" if hint[0].lower() == "tpm" else "fpkm"
    msg = (
        f"{name} is called {hint[0]}, but no value is above {range_of(full)[1]:.4g}: taken as "
        f"already logged. If they are not logged, say kind={kind!r}; if they are, say kind='log'."
    )
    warnings.warn(msg, InputWarning, stacklevel=4)


def _warn_of_rounded(name: str) -> None:
    msg = (
        f"{name or 'The matrix'} holds {ROUNDED}, as TPM or CPM that were rounded do and counts do not: "
        "taken as TPM. Rounding ties genes of low expression, which moves scores by ranks. Give the counts "
        "if you have them, or TPM with their decimals; if these are counts after all, say kind='counts'."
    )
    warnings.warn(msg, InputWarning, stacklevel=4)


def _warn_of_smooth(why: str, name: str) -> None:
    msg = (
        f"{name or 'The matrix'} holds {why.partition(':')[0]}, as FPKM that were rounded do: taken as "
        "linear values. Rounding ties genes of low expression, which moves scores by ranks. Give the counts "
        "if you have them, or FPKM with their decimals; if these are counts after all, say kind='counts'."
    )
    warnings.warn(msg, InputWarning, stacklevel=4)


def _warn_of_equal_sums(full: Any, name: str) -> None:
    """Warn of a dozen libraries or more that sum to one number, as those of estimated counts never do."""
    sums = totals(full)
    if len(sums) < LIBRARIES or full.shape[1] < _MANY_GENES or sums.max() > ONE_SIZE * sums.min():
        return
    msg = (
        f"{name or 'The matrix'} is given as estimated counts, and all {len(sums)} samples sum to the same "
        f"within 1 % ({sums.mean():.3g}): these were normalised to one library size. Give the counts if you "
        "have them: the numbers of reads, which tests of single genes need, cannot be told from these."
    )
    warnings.warn(msg, InputWarning, stacklevel=4)


def stale(adata: AnnData) -> str:
    """How the values of X contradict the recorded kind; "" if they do not, or X is not in memory."""
    recorded = recall(adata, "input", {}).get("kind")
    if not recorded or adata.isbacked or adata.X is None or 0 in adata.shape:
        return ""
    if not (isinstance(adata.X, np.ndarray) or sparse.issparse(adata.X)):
        return ""
    full = as_matrix(adata.X)
    low, high = range_of(full)
    if not (np.isfinite(low) and np.isfinite(high)):
        return ""
    if recorded == "log":
        if high > _LOG_LIMIT:
            return f"the largest value is {high:.6g}, and no logged value is"
        # Only what lognorm made is known to hold fractions; a rounded log table was declared by its reader.
        if recall(adata, "lognorm") is None or high <= 1 or _has_fractions(full):
            return ""
        return f"all values are whole numbers up to {high:.0f}: they look like counts"
    may_be_log = low >= -LOG_MAX and high <= LOG_MAX
    if recorded == "counts":
        broken = _fractions(full) if may_be_log else 0
        return (
            f"X holds fractions: {broken} of them, none above {high:.4g}; it looks logged" if broken else ""
        )
    if recorded == "linear_negative" or not may_be_log or full.shape[1] < _MANY_GENES:
        return ""
    if whole_library(totals(full), full.shape[1]):
        return ""
    return (
        f"the values look logged: none of {full.shape[1]} genes is above {high:.4g}"
        if _has_fractions(full)
        else ""
    )


def _fractions(full: Any) -> int:
    stored = full.data if hasattr(full, "indptr") else full
    return int((stored != np.rint(stored)).sum())


def _has_fractions(full: Any) -> bool:
    stored = (full.data if hasattr(full, "indptr") else full).reshape(-1)
    some = stored[:_FIRST]
    return bool((some != np.rint(some)).any()) or _fractions(full) > 0


def _by_name(guess: str, why: str, name: str) -> tuple[str, str]:
    hint = re.search(r"fpkm|rpkm|tpm", name, re.IGNORECASE)
    if guess != "linear" or not hint:
        return guess, why
    return ("tpm" if hint[0].lower() == "tpm" else "fpkm"), f"linear values, and the file name says {hint[0]}"


def _contradiction(declared: str, guess: str, full: Any) -> str:
    low, high = range_of(full)
    if declared not in {"log", "linear_negative"} and low < 0:
        return f"{_count(full, low)} values are negative, the lowest {low:.4g}"
    if declared == "log":
        return f"the largest value is {high:.6g}, and no logged value is" if high > _LOG_LIMIT else ""
    if declared == "counts":
        return _not_counts(guess, full, high)
    logged = guess == "log" and full.shape[1] >= _MANY_GENES and high <= LOG_MAX
    if declared != "linear_negative" and logged:
        return f"values look already logged: none of {full.shape[1]} genes is above {high:.4g}"
    if declared == "tpm":
        return _above_a_million(np.asarray(full.sum(axis=1)).ravel())
    return ""


def _above_a_million(sums: np.ndarray) -> str:
    above = sums[sums > 1.1 * MILLION]
    return (
        f"{len(above)} samples sum to more than a million ({first(f'{s:.6g}' for s in above)})"
        if len(above)
        else ""
    )


def _refuse_below_zero(scale: str, full: Any) -> None:
    low = range_of(full)[0]
    if scale != "log2(x)" and low < 0:
        msg = (
            f"kind={scale!r} cannot be true: {_count(full, low)} values are negative, the lowest {low:.4g}, "
            "and no log of a number and 1 is. Give kind='log2(x)', or kind='log' if they were centred."
        )
        raise InputError(msg)


def _not_counts(guess: str, full: Any, high: float) -> str:
    broken = _fractions(full)
    if not broken:
        return ""
    if guess == "log":
        return f"values look already logged: {broken} are fractions and none is above {high:.4g}"
    return f"{broken} of {full.shape[0] * full.shape[1]} values are fractions"


def _count(full: Any, low: float) -> int:
    return int(((full.data if hasattr(full, "indptr") else full) < 0).sum()) if low < 0 else 0
