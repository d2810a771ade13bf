"""Correlation of samples of one block, common to all genes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import trim_mean

from marrowsig._stats.linear_fit import FLAT, check, patterns, weighted

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from marrowsig._stats.ols import Array

HIGHEST = 0.99
MARGIN = 0.01
"""Distance from the lowest correlation that a block of this size can have."""
GRID = 64
HALVINGS = 44


@dataclass(frozen=True, slots=True)
class Consensus:
    """Correlation of two samples of the same block, given the design."""

    correlation: float
    genewise: Array
    """Restricted maximum likelihood estimate of each gene; NaN where its values cannot tell."""


def consensus_correlation(
    Y: ArrayLike, X: ArrayLike, block: ArrayLike, *, weights: ArrayLike | None = None, trim: float = 0.15
) -> Consensus:
    """Estimate the correlation within blocks per gene and average it over genes on the atanh scale.

    Parameters
    ----------
    Y
        samples x genes; NaN is missing.
    X
        samples x coefficients.
    block
        Label of each sample.
    weights
        Precision of each sample or value.
    trim
        Share of genes left out of the mean at either end.

    Source: Smyth, Michaud and Scott 2005, doi:10.1093/bioinformatics/bti270
    """
    Y, X = np.asarray(Y, float), np.asarray(X, float)
    check(Y, X)
    Z = _membership(block, len(X))
    if np.linalg.matrix_rank(np.column_stack([X, Z])) == X.shape[1]:
        return Consensus(0.0, np.zeros(Y.shape[1]))  # nothing of the blocks is left in the residuals
    lowest = 1 / (1 - Z.sum(axis=0).max()) + MARGIN
    y, _, _ = weighted(Y, X, weights)
    W = np.ones_like(Y) if weights is None else np.asarray(weights, float)
    W = np.broadcast_to(W[:, None] if W.ndim == 1 else W, Y.shape)
    alike = bool((W[:, :1] == W).all())
    genewise = np.full(Y.shape[1], np.nan)
    for rows, genes in patterns(~np.isnan(y) & (W > 0)):
        if not _can_tell(X[rows], Z[rows]):
            continue
        part = Y[np.ix_(rows, genes)].T, W[np.ix_(rows, genes)].T[: 1 if alike else None]
        genewise[genes] = _reml(*part, X[rows], Z[rows], lowest)
    found = genewise[~np.isnan(genewise)]
    if len(found) == 0:
        msg = f"none of {Y.shape[1]} genes has values that tell a correlation within blocks"
        raise ValueError(msg)
    return Consensus(float(np.tanh(trim_mean(np.arctanh(found), trim))), genewise)


def _membership(block: ArrayLike, n: int) -> Array:
    """Return samples x blocks: 1 where the sample is in the block."""
    labels, number = np.unique(np.asarray(block), return_inverse=True)
    if len(number) != n:
        msg = f"{len(number)} block labels for {n} samples"
        raise ValueError(msg)
    if len(labels) == n or len(labels) == 1:
        msg = f"{len(labels)} blocks for {n} samples: some block needs two samples, and some pair none"
        raise ValueError(msg)
    return (number[:, None] == np.arange(len(labels))).astype(float)


def _can_tell(X: Array, Z: Array) -> bool:
    used = int((Z.sum(axis=0) > 0).sum())
    return len(X) > X.shape[1] + 2 and 1 < used < len(X)


def _reml(y: Array, W: Array, X: Array, Z: Array, lowest: float) -> Array:
    """REML correlation of genes (rows of `y`), with weights per gene or one row for all.

    Samples of a block correlate as they do in `fit`: after each has been scaled by the root of its weight.
    """
    root = np.sqrt(W)[:, :, None]
    rank = int(np.linalg.matrix_rank(X))
    outside = np.linalg.svd(root * X, full_matrices=True)[0][:, :, rank:]
    blocks = np.swapaxes(outside, 1, 2) @ Z
    d, turn = np.linalg.eigh(blocks @ np.swapaxes(blocks, 1, 2))
    basis = outside @ turn
    scaled = y * root[:, :, 0]
    u2 = np.einsum("gi,gij->gj", scaled, np.broadcast_to(basis, (len(y), *basis.shape[1:]))) ** 2
    d = np.maximum(d, 0)
    flat = u2.sum(axis=1) <= (FLAT * np.abs(scaled).max(axis=1)) ** 2
    rho = _maximum(np.where(flat[:, None], 1.0, u2), d, lowest)
    return np.where(flat | (np.ptp(d, axis=1) < 1e-8), np.nan, rho)


def _maximum(u2: Array, d: Array, lowest: float) -> Array:
    """Maximise the likelihood of squares with variance in proportion to 1 - rho + rho d."""
    least = np.maximum(lowest, -1 / np.maximum(d.max(axis=1) - 1, 1e-3) * (1 - 1e-6))
    least = np.broadcast_to(least, len(u2))
    position = np.linspace(0, 1, GRID)
    cost = np.column_stack([_cost(u2, d, least + share * (HIGHEST - least)) for share in position])
    best = cost.argmin(axis=1)
    width = (HIGHEST - least) / (GRID - 1)
    low = least + np.maximum(best - 1, 0) * width
    high = np.minimum(least + (best + 1) * width, HIGHEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        rising = _slope(u2, d, middle) > 0
        low, high = np.where(rising, low, middle), np.where(rising, middle, high)
    return (low + high) / 2


def _cost(u2: Array, d: Array, rho: Array) -> Array:
    """Minus the log likelihood, the common variance at its best."""
    v = 1 + rho[:, None] * (d - 1)
    return np.asarray(np.log(v).sum(axis=1) + d.shape[1] * np.log((u2 / v).sum(axis=1)))


def _slope(u2: Array, d: Array, rho: Array) -> Array:
    """Return the derivative of `_cost`."""
    v = 1 + rho[:, None] * (d - 1)
    relative = (d - 1) / v
    part = u2 / v
    return np.asarray(relative.sum(axis=1) - d.shape[1] * (part * relative).sum(axis=1) / part.sum(axis=1))
