"""Ranks of some values of a long row, without sorting it.

Values are dealt into buckets of nearby ones. Only the buckets of entries in use are looked into.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

BUCKETS = 1 << 14
HELD = 4  # values of most buckets with any


@njit(cache=True, nogil=True)
def _range(v: NDArray[Any]) -> tuple[Any, Any]:
    """Lowest and highest value, in four chains each, because one would wait for every comparison."""
    v0, v1, v2, v3 = v[0:], v[1:], v[2:], v[3:]
    a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = v[0]
    for k in range(v.size // 4):
        j = np.uint64(k) * np.uint64(4)
        p, q, r, s = v0[j], v1[j], v2[j], v3[j]
        a0, b0 = p if p < a0 else a0, p if p > b0 else b0
        a1, b1 = q if q < a1 else a1, q if q > b1 else b1
        a2, b2 = r if r < a2 else a2, r if r > b2 else b2
        a3, b3 = s if s < a3 else a3, s if s > b3 else b3
    for k in range(v.size - v.size % 4, v.size):
        a0, b0 = min(a0, v[k]), max(b0, v[k])
    return min(a0, a1, a2, a3), max(b0, b1, b2, b3)


@njit(cache=True, nogil=True)
def count_in_buckets(
    v: NDArray[Any],
    at: NDArray[np.int64],
    n_used: int,
    higher: NDArray[np.int64],
    count: NDArray[np.int64],
    start: NDArray[np.int32],
    key: NDArray[np.uint16],
    near: NDArray[np.int32],
    placed: NDArray[Any],
) -> int:
    """Count the values above, and equal to, each entry in use.

    v              (n,) values of the row
    at, n_used     entries in use
    higher, count  values above, and equal to, each of these
    start          (BUCKETS + 1,), key (n,), near (n + 1,), placed (n + HELD,): working memory
    out            the number of values above zero, or -1 where buckets are crowded
    """
    low, high = _range(v)
    span = np.float64(high) - np.float64(low)
    scale = (BUCKETS - 1) / span
    # Beyond the range of numbers in either direction there are no buckets.
    if not (span < np.inf and scale < np.inf):
        return -1
    start[:] = 0
    positive = 0
    for k in range(v.size):
        key[k] = BUCKETS - 1 - np.int32((np.float64(v[k]) - low) * scale)
        positive += v[k] > 0
    for k in range(v.size):
        start[np.uint32(key[k]) + np.uint32(1)] += 1
    for b in range(1, BUCKETS + 1):
        start[b] += start[b - 1]
    work, c = 0, np.uint32(0)
    looked = np.zeros(BUCKETS, np.uint8)
    for u in range(n_used):
        c = np.uint32(key[at[u]])
        work += start[c + np.uint32(1)] - start[c]
        looked[c] = 1
    if work > 32 * n_used + v.size:
        return -1
    n = np.uint64(0)
    for k in range(v.size):
        near[n] = k
        n += np.uint64(looked[np.uint32(key[k])])
    place = start.copy()
    for i in range(n):
        entry = np.uint32(near[np.uint64(i)])
        c = np.uint32(key[entry])
        placed[np.uint32(place[c])] = v[entry]
        place[c] += 1
    for u in range(n_used):
        x, c = v[at[u]], np.uint32(key[at[u]])
        first, stop = start[c], start[c + np.uint32(1)]
        above, same = 0, 0
        # Always as many as most buckets hold, as a loop of unforeseen length costs more.
        for q in range(HELD):
            y, inside = placed[np.uint32(first + q)], first + q < stop
            above += inside & (y > x)
            same += inside & (y == x)
        for j in range(first + HELD, stop):
            above += placed[j] > x
            same += placed[j] == x
        higher[u], count[u] = first + above, same
    return positive
