"""Moderated t: contrasts of linear models with variances shrunk towards a common prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats.lods import lods
from marrowsig._stats.ols import two_sided
from marrowsig._stats.prior import Prior, fit_prior

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from marrowsig._stats.linear_fit import LinearFit
    from marrowsig._stats.ols import Array


@dataclass(frozen=True, slots=True)
class Shrunken:
    """A linear fit with its posterior variances."""

    fit: LinearFit
    prior: Prior
    s2_post: Array
    df_total: Array
    """Residual plus prior df, at most the residual df of all genes together."""


@dataclass(frozen=True, slots=True)
class Moderated:
    """One contrast; arrays have one entry per gene."""

    estimate: Array
    se: Array
    """Moderated: `stdev_unscaled` times the root of `s2_post`."""
    t: Array
    df: Array
    p: Array
    ave_expr: Array
    sigma: Array
    s2_post: Array
    s2_prior: Array
    df_prior: Array
    stdev_unscaled: Array
    lods: Array
    """B: log posterior odds that the contrast is not 0."""
    var_prior: float
    """Prior variance of a contrast that is not 0, over the residual variance."""


def shrink(
    fit: LinearFit,
    *,
    trend: bool = False,
    robust: bool = False,
    winsor: tuple[float, float] = (0.05, 0.1),
    legacy: bool = False,
) -> Shrunken:
    """Shrink the residual variances of all genes; arguments as in `fit_prior`.

    With `trend` the prior variance follows the mean expression.

    Source: Smyth 2004, doi:10.2202/1544-6115.1027
    """
    covariate = fit.ave_expr if trend else None
    df = fit.df.astype(float)
    prior = fit_prior(fit.s2, df, covariate=covariate, robust=robust, winsor=winsor, legacy=legacy)
    known = ~np.isnan(fit.coef).any(axis=0)
    return Shrunken(
        fit=fit,
        prior=prior,
        s2_post=np.where(known, prior.squeeze(fit.s2, df), np.nan),
        df_total=np.minimum(df + prior.df, df.sum()),
    )


def moderated(
    model: Shrunken,
    c: ArrayLike,
    *,
    proportion: float = 0.01,
    stdev_limits: tuple[float, float] = (0.1, 4.0),
    shared: bool = False,
) -> Moderated:
    """Test one contrast.

    Parameters
    ----------
    model
        From `shrink`.
    c
        One weight per coefficient.
    proportion
        Share of genes expected to differ; for B only.
    stdev_limits
        Least and largest SD of the effects of these genes; for B only.
    shared
        limma's approximation to the standard errors; see `LinearFit.unscaled`.
    """
    c = contrast(c, len(model.fit.coef))
    estimate, unscaled = model.fit.estimate(c), model.fit.unscaled(c, shared=shared)
    se = unscaled * np.sqrt(model.s2_post)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(se > 0, estimate / se, np.nan)
    df = np.where(np.isnan(t), np.nan, model.df_total)
    limits = np.square(stdev_limits) / np.median(model.prior.s2)
    odds, var_prior = lods(
        t,
        df,
        unscaled,
        proportion=proportion,
        limits=(limits[0], limits[1]),
        normal=np.asarray(model.prior.df) > 1e6,
    )
    everywhere = estimate.shape
    return Moderated(
        estimate=estimate, se=se, t=t, df=df, p=two_sided(t, df), ave_expr=model.fit.ave_expr,
        sigma=model.fit.sigma, s2_post=model.s2_post, s2_prior=np.broadcast_to(model.prior.s2, everywhere),
        df_prior=np.broadcast_to(model.prior.df, everywhere), stdev_unscaled=unscaled, lods=odds,
        var_prior=var_prior,
    )  # fmt: skip


def contrast(c: ArrayLike, n_coef: int) -> Array:
    """Check a contrast vector."""
    weights = np.asarray(c, float)
    if weights.shape != (n_coef,) or not np.isfinite(weights).all() or not weights.any():
        msg = f"a contrast has {n_coef} finite weights, not all 0; got {weights}"
        raise ValueError(msg)
    return weights
