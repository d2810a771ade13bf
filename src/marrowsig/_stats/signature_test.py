"""Does a signature change? One t test on the genes' sum, each in units of its expected SD."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats import ols
from marrowsig._stats.prior import fit_prior

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array, Fit

MIN_GENES = 500
"""Fewer genes do not give a trend of the variance."""


def signature_test(
    Y: Array,
    X: Array,
    c: Array,
    sets: Sequence[NDArray[np.int64]],
    *,
    gene_weights: Sequence[Array] | None = None,
    scale: Array | None = None,
) -> Fit:
    """Test the contrast on `m = sum_g w_g y_g / s_g`, one entry per set.

    Given the SDs the t test is exact for normal genes, however correlated. They are estimated, as the smooth
    trend of the residual variance on the mean expression over all genes: a scale from the genes' own
    residuals would make the test too liberal.

    Parameters
    ----------
    Y
        samples x genes, log expression: all genes, not only those of the sets.
    X, c
        Design (samples x parameters) and contrast.
    sets
        Columns of `Y`, one array per set.
    gene_weights
        Per set, one signed weight per gene. By default the signature's mean: one over the set's size.
    scale
        (n_genes,): SDs to use instead of the trend, as from an outside reference; ones for a small panel.

    Returns
    -------
    Estimates in SDs of a typical gene; NaN for a set without genes.
    """
    Y, X, c = np.asarray(Y, float), np.asarray(X, float), np.asarray(c, float)
    _check(Y, X, c)
    s = trend_scale(Y, X) if scale is None else np.asarray(scale, float)
    if s.shape != (Y.shape[1],) or not (s > 0).all():
        msg = f"`scale` has shape {s.shape}, expected ({Y.shape[1]},) positive numbers"
        raise ValueError(msg)
    W = _weights(sets, gene_weights, Y.shape[1])
    return ols.fit(_sums(Y, s, sets, W), X, c)


def trend_scale(Y: Array, X: Array) -> Array:
    """Return the trend of the residual SD on the mean expression, per gene.

    Genes without residual variation have no say in it.
    """
    residual = Y - X @ (np.linalg.pinv(X) @ Y)
    df = ols.residual_df(X)
    s2 = (residual**2).sum(axis=0) / df
    varies = s2 > (1e-12 * np.abs(Y).max(axis=0)) ** 2
    if varies.sum() < MIN_GENES:
        msg = (
            f"{varies.sum()} genes vary, a trend of the SD needs {MIN_GENES}: give `scale`"
            " (ones for plain log units)"
        )
        raise ValueError(msg)
    mean = Y.mean(axis=0)
    trend = np.sqrt(fit_prior(s2[varies], df, covariate=mean[varies]).s2)
    order = np.argsort(mean[varies], kind="stable")
    return np.interp(mean, mean[varies][order], np.broadcast_to(trend, varies.sum())[order])


def _check(Y: Array, X: Array, c: Array) -> None:
    if Y.ndim != 2 or X.ndim != 2 or len(Y) != len(X) or c.shape != (X.shape[1],):
        msg = f"shapes do not fit: values {Y.shape}, design {X.shape}, contrast {c.shape}"
        raise ValueError(msg)
    if not np.isfinite(Y).all():
        msg = f"{np.count_nonzero(~np.isfinite(Y))} values are missing or infinite"
        raise ValueError(msg)
    if not ols.estimable(X, c) or not c.any():
        msg = "the contrast is zero, or cannot be estimated from this design"
        raise ValueError(msg)
    if ols.residual_df(X) == 0:
        msg = f"no residual degrees of freedom: {len(X)} samples and as many parameters"
        raise ValueError(msg)


def _weights(
    sets: Sequence[NDArray[np.int64]], gene_weights: Sequence[Array] | None, n_genes: int
) -> list[Array]:
    """One array of weights per set."""
    if gene_weights is None:
        gene_weights = [np.full(len(m), 1 / max(len(m), 1)) for m in sets]
    for i, (m, w) in enumerate(zip(sets, gene_weights, strict=True)):
        if len(np.unique(m)) != len(m) or (len(m) and not 0 <= np.min(m) <= np.max(m) < n_genes):
            msg = f"set {i} names a gene twice or a column that is not one of {n_genes}"
            raise ValueError(msg)
        if np.shape(w) != (len(m),) or not np.isfinite(w).all():
            msg = f"set {i} has {len(m)} genes and weights of shape {np.shape(w)}, all finite?"
            raise ValueError(msg)
    return [np.asarray(w, float) for w in gene_weights]


def _sums(Y: Array, s: Array, sets: Sequence[NDArray[np.int64]], W: list[Array]) -> Array:
    """Weighted sum of each set's scaled genes: samples x sets."""
    sums = [Y[:, m] @ (w / s[m]) if len(m) else np.full(len(Y), np.nan) for m, w in zip(sets, W, strict=True)]
    return np.array(sums).reshape(len(sets), len(Y)).T
