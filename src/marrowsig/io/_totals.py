"""What the sums of samples say of their numbers: per million, percent or shares of the library."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MILLION = 1e6
NEAR_MILLION, NEAR_WHOLE = 0.02, 0.005
FEW_GENES, FEW_SAMPLES = 200, 3
"""Fewer genes than this may sum to 100 by chance, and fewer counted samples to a million."""


def totals(full: Any) -> Array:
    """Sum each row (n_obs,) of a dense or sparse matrix."""
    return np.asarray(full.sum(axis=1, dtype=np.float64)).ravel()


def per_million(sums: Array) -> bool:
    """Whether every sample sums to about a million: TPM or CPM."""
    return bool((np.abs(sums / MILLION - 1) < NEAR_MILLION).all())


def rounded_per_million(sums: Array) -> bool:
    """Whether whole numbers sum to about a million, and not all alike, as rounded TPM do.

    Counts thinned to a million sum to it exactly.
    """
    return len(sums) >= FEW_SAMPLES and bool(np.ptp(sums) > 0) and per_million(sums)


def whole_library(sums: Array, n_genes: int) -> float:
    """Return 100 where all samples are percent of the library, 1 where they are shares of it, else 0."""
    if n_genes < FEW_GENES:
        return 0.0
    near = (whole for whole in (100.0, 1.0) if (np.abs(sums / whole - 1) < NEAR_WHOLE).all())
    return next(near, 0.0)
