"""Many small matrices at once, without waking the threads of BLAS for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

STEPS = 400
NEAR = 4e-15
SQUARED = 64  # rows up to which squaring is cheaper than more steps


def leading(square: Array) -> tuple[Array, Array]:
    """Largest eigenvalue (n,) and its vector (n, m) of symmetric matrices (n, m, m), none negative."""
    values, vectors, found = _power(np.ascontiguousarray(square))
    for s in np.flatnonzero(~found):  # the first two are too close for few steps
        size, every = np.linalg.eigh(square[s])
        values[s], vectors[s] = size[-1], every[:, -1]
    return values, vectors


@njit(cache=True, nogil=True)
def pair_products(x: Array) -> Array:
    """Inner products of the columns i < j of each matrix of x (n, m, k): (n, k (k - 1) / 2)."""
    n, m, k = x.shape
    out = np.zeros((n, k * (k - 1) // 2))
    for s in range(n):
        end = 0
        for i in range(k - 1):
            row = out[s, end : end + k - 1 - i]
            end += k - 1 - i
            for t in range(m):
                a = x[s, t, i]
                other = x[s, t, i + 1 :]
                for j in range(row.size):
                    row[j] += a * other[j]
    return out


@njit(cache=True, nogil=True)
def _power(square: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Iterate powers of each matrix; `found` where the vector came to rest."""
    n, m, _ = square.shape
    values, vectors, found = np.zeros(n), np.zeros((n, m)), np.zeros(n, np.bool_)
    for s in range(n):
        p = square[s]
        if m <= SQUARED:
            for _ in range(3):
                p = _times_itself(p)
        best = 0
        for i in range(m):
            if p[i, i] > p[best, best]:
                best = i
        v = p[best] / max(np.sqrt((p[best] ** 2).sum()), 1e-300)
        for _ in range(STEPS):
            w = _times(p, v)
            w /= max(np.sqrt((w**2).sum()), 1e-300)
            far = np.abs(w - v).max()
            v = w
            if far < NEAR:
                found[s] = True
                break
        vectors[s] = v
        values[s] = (v * _times(square[s], v)).sum()
    return values, vectors, found


@njit(cache=True, nogil=True)
def _times(a: Array, v: Array) -> Array:
    out = np.zeros(v.size)
    for i in range(v.size):
        row, x = a[i], v[i]
        for j in range(v.size):
            out[j] += x * row[j]
    return out


@njit(cache=True, nogil=True)
def _times_itself(a: Array) -> Array:
    """Square a symmetric matrix and bring it to a trace of 1."""
    m = a.shape[0]
    out = np.zeros((m, m))
    for i in range(m):
        for t in range(m):
            x = a[i, t]
            for j in range(m):
                out[i, j] += x * a[t, j]
    total = np.trace(out)
    return out / total if total > 0 else out
