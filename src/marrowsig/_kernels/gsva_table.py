"""Gaussian kernel distribution function as GSVA for R has it: Phi from a table, summed in sample order.

Two genes whose functions are equal on paper differ in R by the rounding of that sum, and R ranks them by it:
the same additions in the same order give the same ranks.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOP = 10000  # entries beyond 0, for 0 .. 10 standard deviations
SAFE = 1e-14  # relative: more than the rounding of a difference in units of the table
GENES = 4  # genes side by side, so that their sums need not wait for each other
RELAXED = {"nnan", "ninf", "nsz"}  # differences of finite numbers


def signed_table() -> NDArray[np.float64]:
    """Tabulate the normal cdf from -10 to 10 in steps of 0.001; Phi(-v) is 1 - Phi(v) to the last bit."""
    half = np.array([0.5 * math.erfc(-(i * 10.0 / TOP) / math.sqrt(2.0)) for i in range(TOP + 1)])
    return np.concatenate([1.0 - half[:0:-1], half])


@njit(cache=True, nogil=True)
def table_rows(x: NDArray[np.float64], table: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Fill `out` (n_genes, n) with log(F / (1 - F)), F = mean_i Phi((x_gj - x_gi) / h_g), h = sd / 4.

    x        (n_genes, n) finite, contiguous; no row is constant
    table    what `signed_table` gives
    """
    genes, n = x.shape
    rows = np.zeros((GENES, n))
    sums = np.empty((GENES, n))
    entry = np.empty((GENES, n), np.int32)
    for first in range(0, genes, GENES):
        count = min(GENES, genes - first)
        for g in range(count):
            for j in range(n):
                rows[g, j] = x[first + g, j]
        _sums(rows, table, entry, sums)
        for g in range(count):
            for j in range(n):
                f = sums[g, j] / n
                out[first + g, j] = -1.0 * math.log((1.0 - f) / f)


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _sums(
    x: NDArray[np.float64],
    table: NDArray[np.float64],
    entry: NDArray[np.int32],
    sums: NDArray[np.float64],
) -> None:
    # Sample i adds to the samples after it; what they add to sample i follows in their order.
    n = x.shape[1]
    h = np.empty(GENES)
    for g in range(GENES):
        h[g] = _bandwidth(x[g])
    sums[:] = 0.0
    for i in range(n):
        for g in range(GENES):
            if _entries(x[g], i, h[g], entry[g], n) != 0:
                _entries_divided(x[g], i, h[g], entry[g])
        _add(table, entry, sums, i)


@njit(cache=True, nogil=True, fastmath=RELAXED)
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


@njit(cache=True, nogil=True)
def _entries_divided(x: NDArray[np.float64], i: int, h: float, entry: NDArray[np.int32]) -> None:
    for j in range(i + 1, x.size):
        v = max(min((x[j] - x[i]) / h, 10.0), -10.0)
        entry[j] = np.int32(v / 10.0 * TOP) + np.int32(TOP)


@njit(cache=True, nogil=True)
def _add(table: NDArray[np.float64], entry: NDArray[np.int32], sums: NDArray[np.float64], i: int) -> None:
    s0, s1, s2, s3 = sums[0], sums[1], sums[2], sums[3]
    e0, e1, e2, e3 = entry[0], entry[1], entry[2], entry[3]
    a0, a1, a2, a3 = s0[i] + 0.5, s1[i] + 0.5, s2[i] + 0.5, s3[i] + 0.5
    for j in range(i + 1, s0.size):
        t0 = table[np.uint32(e0[j])]
        t1 = table[np.uint32(e1[j])]
        t2 = table[np.uint32(e2[j])]
        t3 = table[np.uint32(e3[j])]
        s0[j] += t0
        s1[j] += t1
        s2[j] += t2
        s3[j] += t3
        a0 += 1.0 - t0
        a1 += 1.0 - t1
        a2 += 1.0 - t2
        a3 += 1.0 - t3
    s0[i], s1[i], s2[i], s3[i] = a0, a1, a2, a3
