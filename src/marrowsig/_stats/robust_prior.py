"""Scaled F prior that outlying variances do not widen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special
from scipy.stats import rankdata, trim_mean

from marrowsig._stats.lowess import lowess

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array

NODES, WEIGHTS = np.polynomial.legendre.leggauss(128)
ZERO = 1e-12
"""Variances below this share of the median are raised to it; winsorising takes care of the rest."""


def fit_robust(
    s2: Array, df: Array, covariate: Array | None, *, plain: tuple[Array, float], winsor: tuple[float, float]
) -> tuple[Array, Array]:
    """Return prior variance and prior df, one per gene, given the fit that is not robust.

    Different residual df are brought to the largest by equal tail probabilities under the plain fit.

    Source: Phipson et al. 2016, doi:10.1214/16-AOAS920
    """
    n = len(s2)
    if n < 3 or max(winsor) < 1 / n:
        return plain[0], np.full(n, plain[1])
    d = float(df.max())
    z = np.log(_same_df(np.maximum(s2, ZERO * np.median(s2)), df, plain))
    trend = _level(z, covariate, winsor[1])
    low, high = np.quantile(z - trend, [winsor[0], 1 - winsor[1]])
    pulled = np.clip(z - trend, low, high)
    d0 = _match(float(pulled.var(ddof=1)), d, plain[1], winsor)
    if d0 is None:
        return plain[0], np.full(n, plain[1])
    trend = trend + pulled.mean() - winsorised(d, d0, winsor)[0]
    return np.exp(trend), _own_df(np.exp(z - trend), d, d0)


def _level(z: Array, covariate: Array | None, trim: float) -> Array:
    """Location of the log variances, not yet corrected for the shape of their distribution."""
    if covariate is None or np.ptp(covariate) == 0:
        return np.full(len(z), trim_mean(z, trim))
    return lowess(covariate, z, span=0.4)


def _same_df(s2: Array, df: Array, plain: tuple[Array, float]) -> Array:
    """Variances with the tail probability of `s2` but the largest df."""
    fewer = df < df.max()
    if not fewer.any():
        return s2
    scale, d0 = plain[0][fewer], plain[1]
    f = s2[fewer] / scale
    lower, upper = f_cdf(f, df[fewer], d0), np.exp(log_tail(f, df[fewer], d0))
    moved = np.where(lower < upper, f_quantile(df.max(), d0, lower), f_upper(df.max(), d0, upper))
    out = s2.copy()
    out[fewer] = np.where(np.isfinite(moved) & (moved > 0), moved * scale, s2[fewer])
    return out


def _match(variance: float, d: float, least: float, winsor: tuple[float, float]) -> float | None:
    """Prior df with this winsorised variance of log F, not below `least`; None to keep the plain fit."""

    def excess(share: float) -> float:
        d0 = np.inf if share >= 1 else share / (1 - share)
        return float(np.log(variance / winsorised(d, d0, winsor)[1]))

    if variance <= 0 or excess(1.0) <= 0:
        return np.inf
    if np.isinf(least):
        return None
    start = max(least / (1 + least), 1e-4)
    if excess(start) >= 0:
        return least
    share = optimize.brentq(excess, start, 1.0, xtol=1e-14)
    return float(share / (1 - share)) if share < 1 else np.inf


def winsorised(d: float, d0: float, winsor: tuple[float, float]) -> tuple[float, float]:
    """Mean and variance of log F(d, d0) with its tails pulled in to the quantiles."""
    ends = f_quantile(d, d0, np.array([winsor[0], 1 - winsor[1]]))
    bound = ends / (1 + ends)
    u = bound.mean() + NODES * np.ptp(bound) / 2
    f = u / (1 - u)
    mass = WEIGHTS * np.ptp(bound) / 2 * _density(f, d, d0) / (1 - u) ** 2
    tails = np.array(winsor)
    mean = mass @ np.log(f) + tails @ np.log(ends)
    return float(mean), float(mass @ (np.log(f) - mean) ** 2 + tails @ (np.log(ends) - mean) ** 2)


def _own_df(f: Array, d: float, d0: float) -> Array:
    """Prior df of each gene: less the more its F is out of line with its rank."""
    n = len(f)
    tail = log_tail(f, d, d0)
    likely = np.minimum(tail - np.log((n - rankdata(f) + 0.5) / n), 0)
    if not (likely < 0).any():
        return np.full(n, d0)
    if np.isinf(d0):  # as good as the df of all genes together, which nothing can exceed
        own = np.where(likely < 0, np.exp(likely) * n * d, np.inf)
    else:
        own = np.exp(likely) * d0 - np.expm1(likely) * _outlier_df(f.max(), d, d0)
    order = np.argsort(tail, kind="stable")
    ordered = own[order]
    if np.isfinite(d0):
        running = np.cumsum(ordered) / np.arange(1, n + 1)
        lowest = int(np.argmin(running))
        ordered[: lowest + 1] = running[lowest]
    own[order] = np.maximum.accumulate(ordered)
    return own


def _outlier_df(largest: float, d: float, d0: float) -> float:
    """Prior df that would make the largest F the median: two steps of a nearly linear log tail."""
    for _ in range(2):
        tail = float(log_tail(np.array([largest]), d, d0)[0])
        if np.isinf(tail):
            return 0.0
        d0 *= float(np.log(0.5) / tail)
    return d0


def _density(f: Array, d: float, d0: float) -> Array:
    """Density of F."""
    a = d / 2
    if np.isinf(d0):
        return np.exp(a * np.log(a * f) - a * f - special.gammaln(a)) / f
    b = d0 / 2
    ratio = a * f / b
    return np.exp(a * np.log(ratio) - (a + b) * np.log1p(ratio) - special.betaln(a, b)) / f


def f_quantile(d: float, d0: float, p: Array) -> Array:
    """Quantile of F."""
    return special.gammaincinv(d / 2, p) * 2 / d if np.isinf(d0) else special.fdtri(d, d0, p)


def f_upper(d: float, d0: float, p: Array) -> Array:
    """Quantile of F by the upper tail."""
    if np.isinf(d0):
        return special.gammainccinv(d / 2, p) * 2 / d
    share = special.betaincinv(d0 / 2, d / 2, p)
    return d0 * (1 - share) / (d * share)


def f_cdf(f: Array, d: Array | float, d0: float) -> Array:
    """Lower tail of F."""
    return special.gammainc(d / 2, f * d / 2) if np.isinf(d0) else special.fdtr(d, d0, f)


def log_tail(f: Array, d: Array | float, d0: float) -> Array:
    """Log of the upper tail of F, also where the tail itself is below the smallest double."""
    a, b = np.asarray(d) / 2, d0 / 2
    with np.errstate(divide="ignore"):
        if np.isinf(d0):
            tail, rest = np.log(special.gammaincc(a, a * f)), a * f
            far = a * np.log(rest) - rest - special.gammaln(a) - np.log(np.maximum(rest - a + 1, 1))
        else:
            tail, x = np.log(special.fdtrc(d, d0, f)), b / (b + a * f)
            series = special.hyp2f1(a + b, 1, b + 1, x)  # near 1 unless `d0` is large
            far = b * np.log(x) + a * np.log1p(-x) - np.log(b) - special.betaln(a, b) + np.log(series)
    return np.where(np.isneginf(tail), far, tail)
