"""An orthonormal view of a linear model: the contrast first, then the residuals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats.ols import estimable

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array

_BLOCK = 1024  # genes with weights of their own that are rotated at once


@dataclass(frozen=True, slots=True)
class Rotation:
    """Coordinates of every gene along the contrast and in the residual space."""

    effect: Array
    """(n_genes,): estimate of the contrast over its SD for a residual SD of one."""
    residual: Array
    """(df, n_genes): independent, of one variance. The basis is arbitrary, sums over rows are not."""

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return len(self.residual)

    @property
    def s2(self) -> Array:
        """Residual variance per gene."""
        return (self.residual**2).mean(axis=0)


def rotate(Y: Array, X: Array, c: Array, *, weights: Array | None = None) -> Rotation:
    """Rotate samples so that the contrast `c` of the model `X` is one coordinate.

    Parameters
    ----------
    Y
        samples x genes.
    X
        samples x parameters; rank deficient designs are fine if `c` is estimable.
    c
        (n_parameters,).
    weights
        samples x genes, positive: precision of each value (voom). Each gene then has its own residual space;
        its basis is the orthonormal one nearest to the common basis of the unweighted model.
    """
    Y, X, c = np.asarray(Y, float), np.asarray(X, float), np.asarray(c, float)
    _check(Y, X, c, weights)
    U, size, Vt = np.linalg.svd(X)
    rank = int((size > 1e-10 * size[0]).sum())
    basis = U[:, rank:]
    if basis.shape[1] == 0:
        msg = f"no residual degrees of freedom: {len(X)} samples, {rank} parameters"
        raise ValueError(msg)
    if weights is not None:
        return _weighted(Y, U[:, :rank], (Vt[:rank] @ c) / size[:rank], basis, np.asarray(weights, float))
    direction = U[:, :rank] @ ((Vt[:rank] @ c) / size[:rank])
    effect = direction @ Y / np.linalg.norm(direction)
    return _without_rounding(effect, basis.T @ Y, np.abs(Y).max(axis=0))


def _without_rounding(effect: Array, residual: Array, size: Array) -> Rotation:
    """Set to 0 what is rounding of values of this size: constant genes have no effect and no variance."""
    least = 1e-12 * size
    return Rotation(
        effect=np.where(np.abs(effect) > least, effect, 0.0),
        residual=np.where((residual**2).mean(axis=0) > least**2, residual, 0.0),
    )


def _check(Y: Array, X: Array, c: Array, weights: Array | None) -> None:
    if Y.ndim != 2 or X.ndim != 2 or len(Y) != len(X) or c.shape != (X.shape[1],):
        msg = f"shapes do not fit: values {Y.shape}, design {X.shape}, contrast {c.shape}"
        raise ValueError(msg)
    if not np.isfinite(Y).all():
        msg = f"{np.count_nonzero(~np.isfinite(Y))} values are missing or infinite"
        raise ValueError(msg)
    if not c.any():
        msg = "the contrast is zero everywhere"
        raise ValueError(msg)
    if not estimable(X, c):
        msg = "the contrast cannot be estimated from this design"
        raise ValueError(msg)
    if weights is not None and (np.shape(weights) != Y.shape or not (np.asarray(weights) > 0).all()):
        msg = f"weights have shape {np.shape(weights)}, expected {Y.shape} positive numbers"
        raise ValueError(msg)


def _weighted(Y: Array, F: Array, c: Array, basis: Array, weights: Array) -> Rotation:
    """`F`: orthonormal basis of the model, `c`: the contrast in its coordinates."""
    effect = np.empty(Y.shape[1])
    residual = np.empty((basis.shape[1], Y.shape[1]))
    for start in range(0, Y.shape[1], _BLOCK):
        part = slice(start, start + _BLOCK)
        root = np.sqrt(weights[:, part].T)
        y = root * Y[:, part].T
        Q, R = np.linalg.qr(root[:, :, None] * F)
        along = np.linalg.solve(R.transpose(0, 2, 1), np.broadcast_to(c[:, None], (len(y), len(c), 1)))[
            ..., 0
        ]
        fitted = np.einsum("gnp,gn->gp", Q, y)
        effect[part] = (along * fitted).sum(axis=1) / np.linalg.norm(along, axis=1)
        residual[:, part] = _nearest(Q, basis, y - np.einsum("gnp,gp->gn", Q, fitted)).T
    return _without_rounding(effect, residual, np.abs(Y * np.sqrt(weights)).max(axis=0))


def _nearest(Q: Array, basis: Array, left: Array) -> Array:
    """Residuals `left` in each gene's residual basis that is nearest to `basis` (polar decomposition)."""
    cross = np.einsum("nd,gnp->gdp", basis, Q)
    values, vectors = np.linalg.eigh(np.eye(basis.shape[1]) - cross @ cross.transpose(0, 2, 1))
    raw = np.einsum("gde,gd->ge", vectors, left @ basis) / np.sqrt(values)
    return np.einsum("gde,ge->gd", vectors, raw)
