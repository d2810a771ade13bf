"""Scaled F prior of residual variances, from the mean and variance of their logarithms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from marrowsig._stats.natural_spline import natural_spline

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array

FLOOR = 1e-5
"""Variances below this share of the median are raised to it: their logarithms say nothing."""


def floored(s2: Array) -> Array:
    """Raise variances near zero; refuse where most of them are zero."""
    middle = np.median(s2)
    if middle <= 0:
        msg = (
            f"{int((s2 <= 0).sum())} of {len(s2)} genes have no residual variation, so a prior cannot be "
            "fitted; remove constant genes"
        )
        raise ValueError(msg)
    return np.maximum(s2, FLOOR * middle)


def log_bias(d: Array | float) -> Array:
    """Return the mean log of a chi-square over its `d` degrees of freedom; 0 for infinite `d`."""
    half = np.asarray(d, float) / 2
    finite = np.where(np.isinf(half), 1.0, half)
    return np.where(np.isinf(half), 0.0, special.digamma(finite) - np.log(finite))


def trigamma(x: Array | float) -> Array:
    """Second derivative of log gamma."""
    return special.polygamma(1, x)


def trigamma_inverse(y: float) -> float:
    """Solve `trigamma(x) = y` for positive `y`, by Newton steps on 1/trigamma, which is nearly straight."""
    if y > 1e12:
        return float(1 / np.sqrt(y))
    if y < 1e-6:
        return 1 / y
    x = 0.5 + 1 / y
    for _ in range(50):
        value = float(trigamma(x))
        step = value * (1 - value / y) / float(special.polygamma(2, x))
        x += step
        if abs(step) < 1e-12 * x:
            break
    return x


def centre(e: Array, covariate: Array | None, *, weights: Array | None = None) -> tuple[Array, int]:
    """Mean of `e`, or its natural spline on the covariate: fitted values and the number of parameters."""
    root = np.ones(len(e)) if weights is None else np.sqrt(weights)
    columns = np.ones((len(e), 1))
    if covariate is not None:
        wanted = min(1 + sum(len(e) >= least for least in (3, 6, 30)), len(np.unique(covariate)))
        columns = natural_spline(covariate, wanted) if wanted > 1 else columns
    basis, singular, _ = np.linalg.svd(root[:, None] * columns, full_matrices=False)
    basis = basis[:, singular > 1e-10 * singular[0]]
    return basis @ (basis.T @ (root * e)) / root, basis.shape[1]


def fit_moments(s2: Array, df: Array, covariate: Array | None) -> tuple[Array, float]:
    """Return the prior variance (per gene) and prior df; `s2` are positive.

    Source: Smyth 2004, doi:10.2202/1544-6115.1027
    """
    e = np.log(s2) - log_bias(df)
    level, n_columns = centre(e, covariate)
    if len(s2) <= n_columns:
        return s2.copy(), 0.0
    spread = ((e - level) ** 2).sum() / (len(s2) - n_columns) - trigamma(df / 2).mean()
    if spread > 0:
        d0 = 2 * trigamma_inverse(float(spread))
        return np.exp(level + log_bias(d0)), d0
    return np.full(len(s2), s2.mean()) if covariate is None else np.exp(level), np.inf
