"""Adjusted p of many contrasts and scores by the largest |t| under rotation (step-down)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats.ols import estimable, residual_df

if TYPE_CHECKING:
    from collections.abc import Iterator

    from marrowsig._stats.ols import Array

_CHUNK = 2**20
_TIE = 1e-10


def maxt(Y: Array, X: Array, C: Array, *, n: int = 9999, rng: int = 0) -> Array:
    """Adjust for any false call, using how the tests are correlated.

    What the model without the contrasts leaves of the scores is rotated at random, all scores alike, so that
    every |t| keeps its distribution and its correlation with the others (Langsrud 2005); the largest of them
    judge the observed ones from the top down (Westfall and Young 1993). Exact for normal errors if nothing is
    going on, and nearly else. The order of rows does not matter.

    Parameters
    ----------
    Y
        rows x scores, finite.
    X
        rows x parameters; may be rank deficient.
    C
        contrasts x parameters; they may depend on each other.
    n
        Rotations.
    rng
        Seed of the rotations.

    Returns
    -------
    contrasts x scores; never below 1 / (n + 1).

    Raises
    ------
    ValueError
        If a contrast cannot be estimated, or no residual degrees of freedom are left.
    """
    if not all(estimable(X, c) for c in C) or residual_df(X) < 1:
        msg = "every contrast has to be estimable, with residual degrees of freedom"
        raise ValueError(msg)
    order = np.lexsort(Y.T)
    Y, X = Y[order], X[order]
    A = C @ np.linalg.pinv(X)
    A = A / np.linalg.norm(A, axis=1, keepdims=True)
    asked = _span(A)
    error = np.eye(len(X)) - X @ np.linalg.pinv(X)
    free = error + asked @ asked.T
    Z = free @ Y
    total, df = (Z**2).sum(axis=0), residual_df(X)
    observed = np.abs(_t(asked.T @ Z, asked.T @ A.T, total, df)).ravel()
    down = np.argsort(-observed, kind="stable")
    count = np.zeros(observed.size)
    for H in _rotations(free, asked.shape[1], n, np.random.default_rng(rng)):
        t = np.abs(_t(H @ Z, asked.T @ A.T, total, df)).reshape(len(H), -1)[:, down]
        largest = np.maximum.accumulate(t[:, ::-1], axis=1)[:, ::-1]
        count += (largest >= observed[down] * (1 - _TIE)).sum(axis=0)
    adjusted = np.empty(observed.size)
    adjusted[down] = np.maximum.accumulate((count + 1) / (n + 1))
    return adjusted.reshape(len(C), Y.shape[1])


def _t(z: Array, U: Array, total: Array, df: int) -> Array:
    """Return t per contrast (columns of `U`) and score; `z` (..., q, scores) lies along the contrasts."""
    rest = np.maximum(total - (z**2).sum(axis=-2), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (U.T @ z) / np.sqrt(rest / df)[..., None, :]


def _span(A: Array) -> Array:
    """Orthonormal basis of the rows of `A` (n, q), in their order."""
    basis: list[Array] = []
    for row in A:
        left = row.copy()
        for one in basis * 2:
            left -= (one @ left) * one
        if np.linalg.norm(left) > 1e-8:
            basis.append(left / np.linalg.norm(left))
    return np.column_stack(basis)


def _rotations(free: Array, q: int, n: int, rng: np.random.Generator) -> Iterator[Array]:
    """Yield orthonormal q-frames (k, q, rows), uniform in the space that `free` projects on."""
    step = max(_CHUNK // (q * len(free)), 1)
    for start in range(0, n, step):
        draws = rng.standard_normal((min(step, n - start), q, len(free))) @ free
        yield np.linalg.qr(draws.transpose(0, 2, 1))[0].transpose(0, 2, 1)
