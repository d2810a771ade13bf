"""Fieller's confidence set of a ratio of two contrasts of one linear model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array, Fit


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ratios with their confidence sets; one entry per score.

    `kind` is "interval" (low to high), "exclusive" (all but what lies between low and high), "all" (every
    number, low and high infinite), or "" where there is no variation to judge by.
    """

    value: Array
    low: Array
    high: Array
    kind: NDArray[np.object_]


def covariance(X: Array, c: Array, d: Array) -> float:
    """Return the covariance of two contrasts of `X` in units of the residual variance."""
    pseudo = np.linalg.pinv(X)
    return float((c @ pseudo) @ (d @ pseudo))


def fieller(numerator: Fit, denominator: Fit, shared: float, *, alpha: float) -> Ratio:
    """Return `numerator / denominator` with its exact `1 - alpha` set: {r: |N - r D| <= q se(N - r D)}.

    Both are contrasts of one model, `shared` is their `covariance`. The set is an interval exactly where the
    denominator differs from zero at `alpha`.
    """
    n, d, variance = numerator.estimate, denominator.estimate, denominator.sigma**2
    q2 = special.stdtrit(denominator.df, 1 - alpha / 2) ** 2 * variance
    # The set is {r: a r^2 - 2 b r + c <= 0}.
    a = d**2 - q2 * denominator.k**2
    b = n * d - q2 * shared
    c = n**2 - q2 * numerator.k**2
    seen = variance > 0
    # |t| > q in the words of the denominator's own test, so that rounding cannot set the two apart.
    interval = seen & (np.abs(denominator.stat) > special.stdtrit(denominator.df, 1 - alpha / 2))
    every = seen & ~interval & (b**2 - a * c <= 0)
    low, high = _roots(a, b, c)
    low, high = np.where(every, -np.inf, low), np.where(every, np.inf, high)
    kind = np.select([interval, every, seen], ["interval", "all", "exclusive"], "").astype(object)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(seen, n / d, np.nan)
    return Ratio(value, np.where(seen, low, np.nan), np.where(seen, high, np.nan), kind)


def _roots(a: Array, b: Array, c: Array) -> tuple[Array, Array]:
    """Solve a r^2 - 2 b r + c = 0 without the loss of digits of the school formula."""
    reach = b + np.copysign(np.sqrt(np.maximum(b**2 - a * c, 0)), b)
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = reach / a, np.where(reach == 0, 0.0, c / reach)
    return np.fmin(one, other), np.fmax(one, other)
