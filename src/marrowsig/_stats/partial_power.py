"""The correlation that a design is able to find."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy import special

from marrowsig._stats.nct import cdf
from marrowsig._stats.power import POWER

_NODES, _WEIGHTS = leggauss(48)


@lru_cache(maxsize=256)
def detectable_r(df: int, *, alpha: float, power: float = POWER) -> float:
    """Return the true partial correlation that a two-sided test at `alpha` finds with `power`.

    `df` are the residual degrees of freedom of the test. Exact for two normal scores: given one of them, the
    t of the other is noncentral, with a noncentrality that varies with chi2 on `df + 1`.
    """
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if power_of(middle, df, alpha=alpha) < power else (low, middle)
    return (low + high) / 2


def power_of(rho: float, df: int, *, alpha: float) -> float:
    """Probability that the test of a true partial correlation `rho` has p below `alpha`."""
    if rho >= 1:
        return 1.0
    q = special.stdtrit(df, 1 - alpha / 2)
    spread = 2 * special.gammaincinv((df + 1) / 2, (_NODES + 1) / 2)
    shift = rho / np.sqrt(1 - rho**2) * np.sqrt(spread)
    found = 1 - cdf(np.full_like(shift, q), df, shift) + cdf(np.full_like(shift, -q), df, shift)
    return float((_WEIGHTS / 2 * found).sum())
