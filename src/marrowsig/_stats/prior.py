"""Scaled F prior of residual variances and the variances shrunk towards it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats.prior_likelihood import fit_likelihood
from marrowsig._stats.prior_moments import fit_moments, floored
from marrowsig._stats.robust_prior import fit_robust

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array


@dataclass(frozen=True, slots=True)
class Prior:
    """Prior of the variances of all genes."""

    s2: Array | float
    """Prior variance; per gene if it follows a trend."""
    df: Array | float
    """Prior degrees of freedom: 0 is no shrinkage, infinite one common variance; per gene if robust."""

    def squeeze(self, s2: Array, df: Array | float) -> Array:
        """Posterior variances: `s2` with `df` and the prior, weighted by degrees of freedom.

        A gene without residual df takes the prior variance; without any information it is NaN.
        """
        own = np.where(np.asarray(df) > 0, s2, 0.0)
        prior = np.broadcast_to(self.s2, own.shape)
        d0 = np.where(np.isinf(self.df), 0.0, self.df)
        with np.errstate(divide="ignore", invalid="ignore"):
            mixed = (df * own + d0 * np.where(d0 > 0, prior, 0.0)) / (df + d0)
        return np.where(np.isinf(self.df), np.where(np.isnan(own), np.nan, prior), mixed)


def fit_prior(
    s2: Array,
    df: Array | float,
    *,
    covariate: Array | None = None,
    robust: bool = False,
    winsor: tuple[float, float] = (0.05, 0.1),
    legacy: bool = False,
) -> Prior:
    """Fit the prior: `s2` is the prior variance times an F with `df` and the prior df.

    Parameters
    ----------
    s2
        Residual variances, one per gene. Genes that are NaN or have no df take no part.
    df
        Residual degrees of freedom: one number or one per gene.
    covariate
        Per gene: let the prior variance follow it (mean log expression).
    robust
        Keep genes with outlying variances from widening the prior; they get a smaller prior df of their own.
    winsor
        Shares of the smallest and of the largest variances that the robust fit pulls in.
    legacy
        Plug unequal degrees of freedom into the moments instead of maximising the likelihood.

    Source: Smyth 2004, doi:10.2202/1544-6115.1027; Phipson et al. 2016, doi:10.1214/16-AOAS920
    """
    s2 = np.asarray(s2, float)
    each = np.broadcast_to(np.asarray(df, float), s2.shape)
    used = np.isfinite(s2) & (each > 0) & np.isfinite(each)
    _check(s2, used, covariate, winsor)
    x = None if covariate is None else np.asarray(covariate, float)[used]
    if used.sum() == 1:
        return Prior(s2=float(s2[used][0]), df=0.0)
    basic = fit_moments if legacy or np.ptp(each[used]) == 0 else fit_likelihood
    plain, d0 = basic(floored(s2[used]), each[used], x)
    if not robust:
        return Prior(s2=float(plain[0]) if x is None else _spread(plain, used, covariate), df=d0)
    scale, own_d0 = fit_robust(s2[used], each[used], x, plain=(plain, d0), winsor=winsor)
    level = float(scale[0]) if x is None else _spread(scale, used, covariate)
    return Prior(s2=level, df=_filled(own_d0, used, d0))


def _check(s2: Array, used: Array, covariate: Array | None, winsor: tuple[float, float]) -> None:
    if s2.ndim != 1 or (s2 < 0).any():
        msg = f"variances have to be one list of numbers >= 0, got shape {s2.shape}"
        raise ValueError(msg)
    if not used.any():
        msg = f"none of {len(s2)} genes has a variance with 1 or more residual df"
        raise ValueError(msg)
    if covariate is not None:
        covariate = np.asarray(covariate, float)
        if covariate.shape != s2.shape or not np.isfinite(covariate[used]).all():
            msg = "the covariate has to be one finite number per gene"
            raise ValueError(msg)
    if not (0 < winsor[0] < 0.5 and 0 < winsor[1] < 0.5):
        msg = f"winsor is {winsor}, expected two shares above 0 and below 0.5"
        raise ValueError(msg)


def _spread(values: Array, used: Array, covariate: Array | None) -> Array:
    """Values of all genes; those without a variance of their own are read off the trend."""
    if covariate is None or used.all():
        return values
    known, first = np.unique(np.asarray(covariate, float)[used], return_index=True)
    out = np.exp(np.interp(np.asarray(covariate, float), known, np.log(values[first])))
    out[used] = values
    return out


def _filled(values: Array, used: Array, rest: float) -> Array:
    out = np.full(used.shape, rest)
    out[used] = values
    return out
