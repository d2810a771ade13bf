"""Exact interval of a share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array


def exact_interval(low: Array, high: Array, n: int, *, alpha: float = 0.05) -> tuple[Array, Array]:
    """Clopper-Pearson ends of a share of which between `low` and `high` of `n` were counted.

    low, high  (...,) counts, 0 <= low <= high <= n; they differ where ties leave the count open

    Each end is wrong with a probability of at most alpha / 2, whatever the share.
    """
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    with np.errstate(invalid="ignore"):
        lower = np.where(low > 0, special.betaincinv(np.maximum(low, 1), n - low + 1, alpha / 2), 0.0)
        upper = np.where(high < n, special.betaincinv(high + 1, np.maximum(n - high, 1), 1 - alpha / 2), 1.0)
    return lower, upper
