"""Ranks of some values of a long row, without sorting it.

Values are dealt into buckets of nearby ones. Only the buckets of entries in use are looked into.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from marrowsig._kernels.jit import INNER, KERNEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

BUCKETS = 1 << 14
LANES = 64
UP_TO_32 = np.int64(0xFFFFFFFF)


@njit(**INNER)
def _range(v: NDArray[Any]) -> tuple[Any, Any]:
    """Lowest and highest value, in lanes that make vector code, as one would wait for every comparison."""
    low, high = np.empty(LANES, v.dtype), np.empty(LANES, v.dtype)
    for j in range(LANES):
        low[j] = high[j] = v[0]
    for start in range(0, v.size - LANES + 1, LANES):
        part = v[start : start + LANES]
        for j in range(LANES):
            low[j] = part[j] if part[j] < low[j] else low[j]
            high[j] = part[j] if part[j] > high[j] else high[j]
    for x in v[v.size - v.size % LANES :]:
        low[0], high[0] = min(low[0], x), max(high[0], x)
    for j in range(1, LANES):
        low[0], high[0] = min(low[0], low[j]), max(high[0], high[j])
    return low[0], high[0]


@njit(**KERNEL)
def count_in_buckets(
    v: NDArray[Any],
    at: NDArray[np.int64],
    higher: NDArray[np.int64],
    count: NDArray[np.int64],
    start: NDArray[np.int32],
    head: NDArray[np.int32],
    key: NDArray[np.uint16],
    near: NDArray[np.int32],
    other: NDArray[np.int32],
) -> int:
    """Count the values above, and equal to, each entry in use.

    v              (n,) values of the row, n < 2^31
    at             (n_used,) entries in use
    higher, count  values above, and equal to, each of these
    start, head    (BUCKETS + 1,), key (n,), near and other (n + 1,): working memory
    out            the number of values above zero, or -1 where buckets are crowded
    """
    low, high = _range(v)
    span = np.float64(high) - np.float64(low)
    scale = (BUCKETS - 1) / span if span > 0 else np.inf
    # Of equal values, and beyond the range of numbers in either direction, there are no buckets.
    if not (span < np.inf and scale < np.inf):
        return -1
    start[:], head[:] = 0, -1
    positive = 0
    for k in range(v.size):
        key[k] = BUCKETS - 1 - np.int32((np.float64(v[k]) - low) * scale)
        positive += v[k] > 0
    for k in range(v.size):
        start[np.uint32(key[k]) + np.uint32(1)] += 1
    for b in range(1, BUCKETS + 1):
        start[b] += start[b - 1]
    work = 0
    x, follows, tally = np.empty(at.size, v.dtype), np.empty(at.size, np.int32), np.empty(at.size, np.int64)
    for u in range(at.size):
        entry = np.uint64(at[u])
        c = np.uint32(key[entry])
        work += start[c + np.uint32(1)] - start[c]
        x[u], tally[u], follows[u], head[c] = v[entry], start[c], head[c], u
    if work > 32 * at.size + v.size:
        return -1
    n = np.uint64(0)
    for k in range(v.size):
        last = head[np.uint32(key[k])]
        near[n], other[n] = k, last
        n += np.uint64(last >= 0)
    # Each value of these buckets against the last entry in use there, then those left against the one before.
    while n > 0:
        left = np.uint64(0)
        for i in range(n):
            place, own = near[np.uint64(i)], np.uint32(other[np.uint64(i)])
            y = v[np.uint32(place)]
            tally[own] += np.int64(y > x[own]) + (np.int64(y == x[own]) << 32)
            near[left], other[left] = place, follows[own]
            left += np.uint64(follows[own] >= 0)
        n = left
    for u in range(at.size):
        higher[u], count[u] = tally[u] & UP_TO_32, tally[u] >> 32
    return positive
