"""Many small matrices at once, without waking the threads of BLAS for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from marrowsig._kernels.jit import INNER, KERNEL

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


@njit(**KERNEL)
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


@njit(**KERNEL)
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
        v = vectors[s]
        _unit(p[best], v)
        for _ in range(STEPS):
            w = _times(p, v)
            _unit(w, w)
            far = 0.0
            for i in range(m):
                far = max(far, abs(w[i] - v[i]))
                v[i] = w[i]
            if far < NEAR:
                found[s] = True
                break
        w = _times(square[s], v)
        for i in range(m):
            values[s] += v[i] * w[i]
    return values, vectors, found


@njit(**INNER)
def _unit(x: Array, out: Array) -> None:
    """Bring a vector to a length of 1; loops, as numba compiles for seconds where arrays meet in one line."""
    square = 0.0
    for i in range(x.size):
        square += x[i] * x[i]
    length = max(np.sqrt(square), 1e-300)
    for i in range(x.size):
        out[i] = x[i] / length


@njit(**INNER)
def _times(a: Array, v: Array) -> Array:
    out = np.zeros(v.size)
    for i in range(v.size):
        row, x = a[i], v[i]
        for j in range(v.size):
            out[j] += x * row[j]
    return out


@njit(**INNER)
def _times_itself(a: Array) -> Array:
    """Square a symmetric matrix and bring it to a trace of 1."""
    m = a.shape[0]
    out = np.zeros((m, m))
    for i in range(m):
        for t in range(m):
            x = a[i, t]
            for j in range(m):
                out[i, j] += x * a[t, j]
    total = 0.0
    for i in range(m):
        total += out[i, i]
    if total > 0:
        for i in range(m):
            for j in range(m):
                out[i, j] /= total
    return out
