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


def standardised(fit: Fit, *, alpha: float, paired: bool) -> tuple[Array, Array, Array]:
    """Return the effect by Hedges and the exact `1 - alpha` interval of its parameter, one entry per score.

    All three are NaN below two degrees of freedom: the factor is not defined, and one difference between two
    pairs is no measure of their SD.

    The estimate carries Hedges' factor, which takes out its bias. The interval does not: it holds all effects
    under which the observed t is no rarity, and multiplied by that factor it would miss more often. So it
    is not placed around the estimate.

    Parameters
    ----------
    fit
        The contrast's fit.
    alpha
        One minus the level of the interval.
    paired
        Divide by the SD of a within-pair difference (sqrt 2 times the residual SD), not the residual SD.

    Source: Hedges 1981, doi:10.3102/10769986006002107; interval as in Goulet-Pelletier and Cousineau 2018,
    doi:10.20982/tqmp.14.4.p242
    """
    unit = np.sqrt(2.0) if paired else 1.0
    scale = fit.k / unit
    limits = np.array([1 - alpha / 2, alpha / 2]).reshape(2, *[1] * fit.stat.ndim)
    if fit.df < 2:
        unknown = np.full(np.shape(fit.stat), np.nan)
        return unknown, unknown.copy(), unknown.copy()
    low, high = noncentrality(fit.stat, fit.df, limits) * scale
    return fit.stat * scale * hedges_j(fit.df), low, high
