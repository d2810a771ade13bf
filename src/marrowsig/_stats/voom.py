"""Voom: log2 counts per million with a precision weight for every value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats.logcpm import library_sizes
from marrowsig._stats.lowess import lowess
from marrowsig._stats.ols import residual_df

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array


@dataclass(frozen=True, slots=True)
class Voom:
    """Input of a weighted linear model, samples x genes."""

    E: Array
    """Log2 counts per million."""
    weights: Array
    """Precision of each value: one over its predicted variance."""
    x: Array
    """Mean log2 count of the genes with counts, ascending."""
    y: Array
    """Trend of the square root of the residual SD at `x`."""


def voom(
    counts: Array,
    X: Array,
    *,
    lib_size: Array | None = None,
    span: float = 0.5,
    covariance: Array | None = None,
) -> Voom:
    """Turn counts into log2 CPM and weights from the trend of their SD on the log count.

    Parameters
    ----------
    counts
        samples x genes.
    X
        Design, samples x parameters.
    lib_size
        Per sample, the effective library size; by default the sample's sum.
    span
        Share of the genes in each local fit.
    covariance
        samples x samples: correlation of the samples (of blocks) for a generalised least squares fit.

    Source: Law et al. 2014, doi:10.1186/gb-2014-15-2-r29
    """
    counts, X = np.asarray(counts, float), np.asarray(X, float)
    size = library_sizes(counts, lib_size)
    if X.ndim != 2 or len(X) != len(counts):
        msg = f"the design has shape {X.shape}, expected {len(counts)} rows"
        raise ValueError(msg)
    if residual_df(X) == 0:
        msg = f"no replicates: {len(X)} samples and as many parameters, so no SD"
        raise ValueError(msg)
    E = np.log2((counts + 0.5) / (size + 1)[:, None] * 1e6)
    fitted, sigma = _fit(E, X, covariance)
    to_count = np.log2(size + 1) - np.log2(1e6)
    found = (counts > 0).any(axis=0)
    x, y = _trend(E[:, found].mean(axis=0) + to_count.mean(), np.sqrt(sigma[found]), span)
    root_sd = np.interp(fitted + to_count[:, None], x, y)
    return Voom(E=E, weights=root_sd**-4.0, x=x, y=y)


def _fit(E: Array, X: Array, covariance: Array | None) -> tuple[Array, Array]:
    """Fitted values and residual SD per gene."""
    root = np.eye(len(X)) if covariance is None else np.linalg.cholesky(covariance)
    Xw, Ew = np.linalg.solve(root, X), np.linalg.solve(root, E)
    beta = np.linalg.pinv(Xw) @ Ew
    return X @ beta, np.sqrt(((Ew - Xw @ beta) ** 2).sum(axis=0) / residual_df(X))


def _trend(x: Array, y: Array, span: float) -> tuple[Array, Array]:
    """Lowess of `y` on `x`, one point per distinct `x`."""
    level = np.unique(x)
    if len(level) < 2:
        msg = f"{len(level)} distinct mean counts: a trend needs two genes or more"
        raise ValueError(msg)
    order = np.argsort(x, kind="stable")
    smooth = lowess(x[order], y[order], span=span)
    smooth = smooth[np.searchsorted(x[order], level)]
    if not (smooth > 0).all():
        msg = "the trend of the SD falls to 0: too few genes, or genes without any variation"
        raise ValueError(msg)
    return level, smooth
