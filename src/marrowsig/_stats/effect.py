"""Standardised effects with exact intervals from the noncentral t."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from marrowsig._stats.nct import noncentrality

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array, Fit


def hedges_j(df: float) -> float:
    """Return the exact small-sample factor that takes the bias out of d; NaN below 2 df."""
    if df < 2:
        return float("nan")
    return float(np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2))


def standardised(fit: Fit, *, alpha: float, paired: bool, correct: bool) -> tuple[Array, Array, Array]:
    """Return the effect and its exact `1 - alpha` interval, one entry per score.

    Parameters
    ----------
    fit
        The contrast's fit.
    alpha
        One minus the level of the interval.
    paired
        Divide by the SD of a within-pair difference (sqrt 2 times the residual SD), not the residual SD.
    correct
        Multiply the point estimate by Hedges' factor. The interval is that of the parameter and needs none.
    """
    unit = np.sqrt(2.0) if paired else 1.0
    scale = fit.k / unit
    factor = hedges_j(fit.df) if correct else 1.0
    limits = np.array([1 - alpha / 2, alpha / 2]).reshape(2, *[1] * fit.stat.ndim)
    low, high = noncentrality(fit.stat, fit.df, limits) * scale
    return fit.stat * scale * factor, low, high
