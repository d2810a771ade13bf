"""The effect that a t test is able to find."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import special

from marrowsig._stats.nct import cdf

POWER = 0.8


def detectable(df: float, k: float, *, alpha: float, power: float = POWER) -> float:
    """Return the effect, in SD, that a two-sided t test at `alpha` finds with the power asked for.

    Parameters
    ----------
    df
        Residual degrees of freedom.
    k
        Standard error of the contrast for an SD of one.
    alpha
        Level of the test.
    power
        Probability of a significant result, above `alpha`.
    """
    return _noncentrality(float(df), alpha, power) * k


@lru_cache(maxsize=256)
def _noncentrality(df: float, alpha: float, power: float) -> float:
    q = np.full(1, special.stdtrit(df, 1 - alpha / 2))
    low, high = 0.0, float(q[0]) + 40.0
    while _power(high, q, df) < power:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _power(middle, q, df) < power else (low, middle)
    return (low + high) / 2


def _power(shift: float, q: np.ndarray, df: float) -> float:
    nc = np.full(1, shift)
    return float(1 - cdf(q, df, nc)[0] + cdf(-q, df, nc)[0])
