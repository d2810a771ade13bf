"""Check what a caller says the numbers are against the numbers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from marrowsig._errors import InputError, first
from marrowsig.io._kind import KINDS, LOG_MAX, MILLION, as_matrix, guess_kind

_MANY_GENES = 1000
_LOG_LIMIT = 50.0


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
        If `declared` is unknown or cannot be true.
    """
    guess, why = guess_kind(values)
    if declared is None and not of_format:
        return _by_name(guess, why, name)
    said = declared or of_format
    if said not in KINDS:
        msg = f"kind={said!r} is unknown. Use one of {', '.join(map(repr, KINDS))}."
        raise InputError(msg)
    problem = _contradiction(said, guess, as_matrix(values))
    if problem:
        msg = f"kind={said!r} cannot be true: {problem}. Seen: {why}. Say kind={guess!r}, or leave kind out."
        raise InputError(msg)
    by = "as declared" if declared else "as this format holds"
    return said, by if guess == said else f"{by} (the values alone would say {guess}: {why})"


def _by_name(guess: str, why: str, name: str) -> tuple[str, str]:
    hint = re.search(r"fpkm|rpkm|tpm", name, re.IGNORECASE)
    if guess != "linear" or not hint:
        return guess, why
    return ("tpm" if hint[0].lower() == "tpm" else "fpkm"), f"linear values, and the file name says {hint[0]}"


def _contradiction(declared: str, guess: str, full: Any) -> str:
    low, high = float(full.min()), float(full.max())
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


def _not_counts(guess: str, full: Any, high: float) -> str:
    stored = full.data if hasattr(full, "indptr") else full
    broken = int((stored != np.rint(stored)).sum())
    if not broken:
        return ""
    if guess == "log":
        return f"values look already logged: {broken} are fractions and none is above {high:.4g}"
    return f"{broken} of {full.shape[0] * full.shape[1]} values are fractions"


def _count(full: Any, low: float) -> int:
    return int(((full.data if hasattr(full, "indptr") else full) < 0).sum()) if low < 0 else 0
