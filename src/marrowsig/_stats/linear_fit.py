"""Least squares for every gene: missing values, weights and correlated blocks, with exact variances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg

from marrowsig._stats.blocks import block_matrix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from marrowsig._stats.ols import Array

FLAT = 1e-12
"""Residuals below this share of the largest value are rounding, not variation."""
CHUNK = 4_000_000
"""Numbers held at once when each gene has a design of its own."""


@dataclass(frozen=True, slots=True)
class LinearFit:
    """Coefficients of every gene; `p` coefficients, `G` genes."""

    coef: Array
    """p x G; NaN for a gene without values."""
    cov: Array
    """G x p x p (or 1 x p x p if all genes share it): variance of the coefficients over sigma squared."""
    s2: Array
    """Residual variance; NaN without residual df, 0 where residuals are rounding."""
    df: NDArray[np.int64]
    ave_expr: Array
    """Mean of the values that are there, weights apart."""
    cov_design: Array
    """p x p: the same as `cov` for a gene with all its values and no weights but those of samples."""
    short: NDArray[np.int64]
    """Genes whose values do not determine all coefficients."""
    projector: Array
    """len(short) x p x p: projection on what they do determine."""

    @property
    def sigma(self) -> Array:
        """Residual SD."""
        return np.sqrt(self.s2)

    def estimate(self, c: Array) -> Array:
        """Value of the contrast `c`; NaN where a gene's values cannot tell."""
        value = np.asarray(c @ self.coef)
        value[self._unknown(c)] = np.nan
        return value

    def unscaled(self, c: Array, *, shared: bool = False) -> Array:
        """Return the standard error of the contrast over sigma.

        With `shared`, the correlation of coefficients is that of the design without weights and gaps, for
        all genes: the approximation that limma makes.
        """
        variance = np.einsum("i,gij,j->g", c, self._shared() if shared else self.cov, c)
        value = np.sqrt(np.maximum(variance, 0))
        value = np.full(self.s2.shape, value[0]) if len(value) == 1 else value
        value[self._unknown(c)] = np.nan
        return value

    def _unknown(self, c: Array) -> NDArray[np.int64]:
        """Genes whose values do not determine the contrast."""
        off = np.abs(np.einsum("i,gij->gj", c, self.projector) - c).max(axis=1, initial=0)
        return self.short[off > 1e-8]

    def _shared(self) -> Array:
        scale = np.sqrt(np.diagonal(self.cov, axis1=1, axis2=2) / np.diagonal(self.cov_design))
        return np.asarray(self.cov_design * scale[:, :, None] * scale[:, None, :])


def fit(
    Y: ArrayLike,
    X: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    block: ArrayLike | None = None,
    correlation: float | None = None,
) -> LinearFit:
    """Fit each column of `Y` on `X`.

    Parameters
    ----------
    Y
        samples x genes; NaN is missing.
    X
        samples x coefficients, of full rank.
    weights
        Precision of each sample, or of each value (samples x genes; of voom). Zero leaves a value out.
    block, correlation
        Label of each sample; samples of one block have this correlation, which is the same for all genes.

    Source: Smyth 2004, doi:10.2202/1544-6115.1027; Smyth et al. 2005, doi:10.1093/bioinformatics/bti270
    """
    Y, X = np.asarray(Y, float), np.asarray(X, float)
    check(Y, X)
    ave_expr = _mean(Y)
    R = None if block is None and correlation is None else block_matrix(block, correlation, len(X))
    Y, X, W = weighted(Y, X, weights)
    there = ~np.isnan(Y) if W is None else ~np.isnan(Y) & (W > 0)
    out = _empty(there, X, shared=W is None and bool(there.all()))
    for rows, genes in patterns(there):
        part, y = X[rows], Y[np.ix_(rows, genes)]
        root = None if R is None else _cholesky(R[np.ix_(rows, rows)])
        _fill(out, genes, y, part, None if W is None else W[np.ix_(rows, genes)], root)
    root = None if R is None else _cholesky(R)
    return LinearFit(
        coef=out.coef, cov=out.cov, s2=out.s2, df=out.df, ave_expr=ave_expr,
        cov_design=_solve(np.zeros((len(X), 1)), X, root, short=np.linalg.matrix_rank(X) < X.shape[1])[1],
        short=np.concatenate([*out.short, np.zeros(0, np.int64)]),
        projector=np.concatenate([*out.projector, np.zeros((0, X.shape[1], X.shape[1]))]),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Parts:
    """Results on their way; arrays as in `LinearFit`."""

    coef: Array
    cov: Array
    s2: Array
    df: NDArray[np.int64]
    short: list[NDArray[np.int64]]
    projector: list[Array]


def _empty(there: NDArray[np.bool_], X: Array, *, shared: bool) -> _Parts:
    p, G = X.shape[1], there.shape[1]
    cov = np.full((1 if shared else G, p, p), np.nan)
    return _Parts(np.full((p, G), np.nan), cov, np.full(G, np.nan), there.sum(axis=0), [], [])


def _fill(
    out: _Parts, genes: NDArray[np.int64], y: Array, X: Array, W: Array | None, root: Array | None
) -> None:
    """Fit genes that have their values in the same samples."""
    p = X.shape[1]
    rank = int(np.linalg.matrix_rank(X)) if len(X) else 0
    short = rank < p
    if short:
        out.short.append(genes)
        out.projector.append(np.broadcast_to(np.linalg.pinv(X) @ X, (len(genes), p, p)))
    df = len(X) - rank
    out.df[genes] = df
    if rank == 0:
        return
    solve = _solve if W is None else _solve_each
    args = (y, X, root) if W is None else (y, X, root, W)
    out.coef[:, genes], out.cov[slice(None) if len(out.cov) == 1 else genes], rss = solve(*args, short=short)
    if df > 0:
        size = np.abs(y if W is None else y * np.sqrt(W)).max(axis=0)
        out.s2[genes] = np.where(np.sqrt(rss / df) <= FLAT * size, 0.0, rss / df)


def weighted(Y: Array, X: Array, weights: ArrayLike | None) -> tuple[Array, Array, Array | None]:
    """Put weights of samples into the data; return those of single values."""
    if weights is None:
        return Y, X, None
    W = np.asarray(weights, float)
    if W.shape not in {(len(Y),), Y.shape}:
        msg = f"weights have shape {W.shape}, expected {(len(Y),)} or {Y.shape}"
        raise ValueError(msg)
    if (W < 0).any() or not np.isfinite(W[~np.isnan(Y)] if W.ndim == 2 else W).all():
        msg = "weights have to be finite and >= 0"
        raise ValueError(msg)
    if W.ndim == 2:
        return Y, X, W
    root = np.sqrt(W)[:, None]
    return np.where(root > 0, Y * root, np.nan), X * root, None


def check(Y: Array, X: Array) -> None:
    """Refuse data and designs that cannot be fitted."""
    if Y.ndim != 2 or X.ndim != 2 or len(X) != len(Y):
        msg = f"Y has shape {Y.shape} and the design {X.shape}: expected one row per sample in both"
        raise ValueError(msg)
    if np.isinf(Y).any() or not np.isfinite(X).all():
        msg = "infinite values in Y, or values in the design that are not finite"
        raise ValueError(msg)
    rank = np.linalg.matrix_rank(X)
    if rank < X.shape[1]:
        msg = f"the design has {X.shape[1]} columns but rank {rank}: drop columns that repeat others"
        raise ValueError(msg)
    if rank == len(X):
        msg = f"no residual df: {len(X)} samples and as many coefficients"
        raise ValueError(msg)


def _mean(Y: Array) -> Array:
    there = ~np.isnan(Y)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(there, Y, 0.0).sum(axis=0) / there.sum(axis=0))


def patterns(there: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.int64]]]:
    """Yield the rows that are there and the genes for which it is these."""
    if there.all():
        yield np.ones(len(there), bool), np.arange(there.shape[1])
        return
    packed = np.ascontiguousarray(np.packbits(there, axis=0).T)
    keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, which = np.unique(keys, return_inverse=True)
    order = np.argsort(which, kind="stable")
    for genes in np.split(order, np.cumsum(np.bincount(which))[:-1]):
        yield there[:, genes[0]], genes


def _cholesky(R: Array) -> Array:
    return np.asarray(np.linalg.cholesky(R), float)


def _left_inverse(X: Array) -> Array:
    Q, T = np.linalg.qr(X)
    return np.linalg.solve(T, np.swapaxes(Q, -1, -2))


def _solve(y: Array, X: Array, root: Array | None, *, short: bool) -> tuple[Array, Array, Array]:
    """Coefficients, their unscaled covariance and the residual sums of squares.

    `root` is the Cholesky root of the samples' correlation; with `short`, `X` has not full rank.
    """
    if root is not None:
        X, y = (linalg.solve_triangular(root, M, lower=True) for M in (X, y))
    inverse = np.linalg.pinv(X) if short else _left_inverse(X)
    coef = inverse @ y
    return coef, inverse @ inverse.T, ((y - X @ coef) ** 2).sum(axis=0)


def _solve_each(
    y: Array, X: Array, root: Array | None, W: Array, *, short: bool
) -> tuple[Array, Array, Array]:
    """`_solve` for genes that have a design each, since they have weights each."""
    (n, p), G = X.shape, y.shape[1]
    coef, cov, rss = np.empty((p, G)), np.empty((G, p, p)), np.empty(G)
    whiten = None if root is None else linalg.solve_triangular(root, np.eye(n), lower=True)
    step = max(1, CHUNK // (n * p))
    for start in range(0, G, step):
        part = slice(start, start + step)
        scale = np.sqrt(W[:, part].T)[:, :, None]
        A, b = scale * X, scale * y[:, part].T[:, :, None]
        if whiten is not None:
            A, b = whiten @ A, whiten @ b
        inverse = np.linalg.pinv(A) if short else _left_inverse(A)
        beta = inverse @ b
        coef[:, part] = beta[:, :, 0].T
        cov[part] = inverse @ np.swapaxes(inverse, 1, 2)
        rss[part] = ((b - A @ beta) ** 2).sum(axis=(1, 2))
    return coef, cov, rss
