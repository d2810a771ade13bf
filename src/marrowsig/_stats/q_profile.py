"""How far studies differ: Q as a function of tau2, its inverse, and I2; no AnnData, no frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, stats

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array


def q_at(tau2: float, y: Array, v: Array) -> float:
    """Weighted squares around the mean, `(k,)` effects `y` with variances `v`; falls as `tau2` rises."""
    w = 1.0 / (v + tau2)
    return float(w @ (y - (w @ y) / w.sum()) ** 2)


def tau2_at(q: float, y: Array, v: Array) -> float:
    """Return the tau2 at which Q is `q`, or 0 where Q is below it already."""
    if q_at(0.0, y, v) <= q:
        return 0.0
    high = max(float(np.var(y)), float(v.max()))
    while q_at(high, y, v) > q:
        high *= 4.0
    return float(optimize.brentq(lambda t: q_at(t, y, v) - q, 0.0, high, xtol=high * 1e-14, rtol=1e-13))


def tau2_interval(y: Array, v: Array, *, alpha: float) -> tuple[float, float]:
    """Exact interval of tau2, given the variances: where Q meets the quantiles of chi2 (Q profile)."""
    df = len(y) - 1
    low, high = stats.chi2.ppf([alpha / 2, 1 - alpha / 2], df)
    return tau2_at(float(high), y, v), tau2_at(float(low), y, v)


def i2_of(tau2: float, v: Array) -> float:
    """Share of the variance of the effects that is between studies, at their typical variance."""
    w = 1.0 / v
    typical = (len(v) - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())
    return float(tau2 / (tau2 + typical))
