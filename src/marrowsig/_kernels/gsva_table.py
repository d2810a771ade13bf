"""Gaussian kernel distribution function as GSVA for R has it: Phi from a table, summed in sample order.

Two genes whose functions are equal on paper differ in R by the rounding of that sum, and R ranks them by it:
the same additions in the same order give the same ranks.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from marrowsig._kernels.jit import INNER, KERNEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOP = 10000  # entries beyond 0, for 0 .. 10 standard deviations
SAFE = 1e-14  # relative: more than the rounding of a difference in units of the table
SAMPLES = 4  # that add to the later ones in one pass, so that their sums need not wait for each other
RELAXED = {"nnan", "ninf", "nsz"}  # differences of finite numbers


def signed_table() -> NDArray[np.float64]:
    """Tabulate the normal cdf from -10 to 10 in steps of 0.001; Phi(-v) is 1 - Phi(v) to the last bit."""
    half = np.array([0.5 * math.erfc(-(i * 10.0 / TOP) / math.sqrt(2.0)) for i in range(TOP + 1)])
    return np.concatenate([1.0 - half[:0:-1], half])


@njit(**KERNEL)
def table_rows(x: NDArray[np.float64], table: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Fill `out` (n_genes, n) with log(F / (1 - F)), F = mean_i Phi((x_gj - x_gi) / h_g), h = sd / 4.

    x        (n_genes, n) finite, contiguous; no row is constant
    table    what `signed_table` gives
    """
    genes, n = x.shape
    sums = np.empty(n)
    entry = np.empty((SAMPLES, n), np.int32)
    for g in range(genes):
        _sums(x[g], table, entry, sums)
        for j in range(n):
            f = sums[j] / n
            out[g, j] = -1.0 * math.log((1.0 - f) / f)


@njit(**INNER)
def _bandwidth(x: NDArray[np.float64]) -> float:
    n = x.size
    mean = 0.0
    for i in range(n):
        mean += x[i]
    mean /= n
    square = 0.0
    for i in range(n):
        square += (x[i] - mean) * (x[i] - mean)
    h = math.sqrt(square / (n - 1)) / 4.0
    return h if h > 0.0 else 1.0


@njit(**INNER)
def _sums(
    x: NDArray[np.float64],
    table: NDArray[np.float64],
    entry: NDArray[np.int32],
    sums: NDArray[np.float64],
) -> None:
    # Sample i adds to the samples after it; what they add to sample i follows in their order.
    n = x.size
    h = _bandwidth(x)
    sums[:] = 0.0
    i = np.int64(0)  # not 0, for which numba would compile what it calls once more
    while i < n:
        step = SAMPLES if i + SAMPLES <= n else 1
        for k in range(step):
            if _entries(x, i + k, h, entry[k], n) != 0:
                _entries_divided(x, i + k, h, entry[k])
        if step == 1:
            _add(table, entry[0], sums, i)
        else:
            _add_four(table, entry, sums, i)
        i += step


@njit(**INNER, fastmath=RELAXED)
def _entries(x: NDArray[np.float64], i: int, h: float, entry: NDArray[np.int32], n: int) -> int:
    # Multiplies where R divides; not 0 where that could have changed an entry.
    above = 1000.0 / h * (1.0 + SAFE)
    below = 1000.0 / h * (1.0 - SAFE)
    limit = 10.0005 * h
    xi, later, out = x[i], x[i + 1 : n], entry[i + 1 : n]
    doubt = np.int32(0)
    for j in range(later.size):
        d = later[j] - xi
        d = d if d < limit else limit
        d = d if d > -limit else -limit
        k = np.int32(d * above)
        doubt |= k ^ np.int32(d * below)
        out[j] = k + np.int32(TOP)
    return int(doubt)


@njit(**INNER)
def _entries_divided(x: NDArray[np.float64], i: int, h: float, entry: NDArray[np.int32]) -> None:
    for j in range(i + 1, x.size):
        v = max(min((x[j] - x[i]) / h, 10.0), -10.0)
        entry[j] = np.int32(v / 10.0 * TOP) + np.int32(TOP)


@njit(**INNER)
def _add(table: NDArray[np.float64], entry: NDArray[np.int32], sums: NDArray[np.float64], i: int) -> None:
    a = sums[i] + 0.5
    for j in range(i + 1, sums.size):
        t = table[np.uint32(entry[j])]
        sums[j] += t
        a += 1.0 - t
    sums[i] = a


@njit(**INNER)
def _add_four(
    table: NDArray[np.float64], entry: NDArray[np.int32], sums: NDArray[np.float64], i: int
) -> None:
    # Among the four first, then all later samples take their four terms at once.
    for p in range(SAMPLES):
        a = sums[i + p] + 0.5
        for q in range(p + 1, SAMPLES):
            t = table[np.uint32(entry[p, i + q])]
            sums[i + q] += t
            a += 1.0 - t
        sums[i + p] = a
    e0, e1, e2, e3 = entry[0], entry[1], entry[2], entry[3]
    a0, a1, a2, a3 = sums[i], sums[i + 1], sums[i + 2], sums[i + 3]
    for j in range(i + SAMPLES, sums.size):
        t0 = table[np.uint32(e0[j])]
        t1 = table[np.uint32(e1[j])]
        t2 = table[np.uint32(e2[j])]
        t3 = table[np.uint32(e3[j])]
        sums[j] = (((sums[j] + t0) + t1) + t2) + t3
        a0 += 1.0 - t0
        a1 += 1.0 - t1
        a2 += 1.0 - t2
        a3 += 1.0 - t3
    sums[i], sums[i + 1], sums[i + 2], sums[i + 3] = a0, a1, a2, a3
