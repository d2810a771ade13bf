"""Scaled F prior of residual variances with different degrees of freedom, by marginal likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special

from marrowsig._stats.prior_moments import centre, log_bias, trigamma

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array


def fit_likelihood(s2: Array, df: Array, covariate: Array | None) -> tuple[Array, float]:
    """Return the prior variance (per gene) and prior df; `s2` are positive.

    The location is the mean of the log variances weighted by their precision, given that the prior df
    maximise the likelihood of the variances.
    """
    level, n_columns = centre(np.log(s2) - log_bias(df), covariate, weights=1 / trigamma(df / 2))
    if len(s2) <= n_columns:
        return s2.copy(), 0.0

    def cost(share: float) -> float:
        d0 = share / (1 - share)
        return -log_likelihood(s2 / np.exp(level + log_bias(d0)), df, d0)

    grid = np.linspace(0, 1, 42)[1:-1]
    grid = np.concatenate([grid, 1 - np.geomspace(grid[0], 1e-7, 30)[1:]])
    costs = [cost(share) for share in grid]
    best = int(np.argmin(costs))
    if best == len(grid) - 1 or -log_likelihood(s2 / np.exp(level), df, np.inf) <= costs[best]:
        return np.exp(level), np.inf
    ends = [share / (1 - share) / 2 for share in (grid[best - 1] if best else 1e-6, grid[best + 1])]
    d0 = 2 * float(optimize.brentq(lambda half: _slope(np.log(s2) - level, df / 2, half), *ends, xtol=1e-15))
    return np.exp(level + log_bias(d0)), d0


def _slope(excess: Array, h: Array, half: float) -> float:
    """Return the derivative of the log likelihood by half the prior df, the location moving along.

    `excess` is the log variance less the mean of log F's location, `h` half the residual df.
    """
    log_ratio = np.log(h) + excess - special.digamma(half)
    pull = (h + half) * special.expit(log_ratio) - h
    change = special.digamma(h + half) - special.digamma(half) - np.logaddexp(0, log_ratio)
    return float((trigamma(half) * pull + change).sum())


def log_likelihood(f: Array, d: Array, d0: float) -> float:
    """Log likelihood of F ratios, up to a constant that does not depend on `d0` or the scale."""
    half = d / 2
    if np.isinf(d0):
        terms = half * np.log(half * f) - half * f - special.gammaln(half)
    else:
        ratio = half * f / (d0 / 2)
        terms = half * np.log(ratio) - (half + d0 / 2) * np.log1p(ratio) - special.betaln(half, d0 / 2)
    return float(terms.sum())
