"""Moderated F: several contrasts at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from marrowsig._stats.moderated import contrast

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from marrowsig._stats.moderated import Shrunken
    from marrowsig._stats.ols import Array


@dataclass(frozen=True, slots=True)
class FTest:
    """One entry per gene."""

    f: Array
    df1: Array
    """Number of contrasts that do not follow from others."""
    df2: Array
    p: Array


def f_test(model: Shrunken, contrasts: ArrayLike, *, shared: bool = False) -> FTest:
    """Test that all contrasts are 0.

    Parameters
    ----------
    model
        From `shrink`.
    contrasts
        contrasts x coefficients. Some may follow from others.
    shared
        limma's approximation: the contrasts are correlated as in the design without weights and gaps.
    """
    C = np.array([contrast(c, len(model.fit.coef)) for c in np.atleast_2d(np.asarray(contrasts, float))])
    scale = np.array([model.fit.unscaled(c, shared=shared) for c in C])
    cov = C @ (model.fit.cov_design[None] if shared else model.fit.cov) @ C.T
    sd = np.sqrt(np.diagonal(cov, axis1=1, axis2=2))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.array([model.fit.estimate(c) for c in C]) / (scale * np.sqrt(model.s2_post))
        correlation = cov / (sd[:, :, None] * sd[:, None, :])
    correlation[~np.isfinite(correlation).all(axis=(1, 2))] = np.eye(len(C))  # their t is NaN
    value, vector = np.linalg.eigh(correlation)
    kept = value > 1e-8 * value[:, -1:]
    rotated = np.einsum("gij,ig->gj", np.broadcast_to(vector, (t.shape[1], *vector.shape[1:])), t)
    rank = np.broadcast_to(kept.sum(axis=1), t.shape[1:]).astype(float)
    f = np.where(kept, rotated**2 / np.where(kept, value, 1.0), 0.0).sum(axis=1) / rank
    df2 = np.broadcast_to(model.fit.df + np.asarray(model.prior.df, float), f.shape)
    return FTest(f=f, df1=rank, df2=df2, p=_upper(f, rank, df2))


def _upper(f: Array, df1: Array, df2: Array) -> Array:
    """Upper tail of F; chi-square for infinite `df2`."""
    flat = special.chdtrc(df1, f * df1)
    return np.where(np.isinf(df2), flat, special.fdtrc(df1, np.where(np.isinf(df2), 1.0, df2), f))
