"""Classes of a row with a few distinct values, whatever they are, found by a hash of their bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from marrowsig._kernels.jit import INNER

if TYPE_CHECKING:
    from numpy.typing import NDArray

DISTINCT = 256  # rows with more distinct values than this are not looked at further
HASH = 1024
MIX = np.uint64(0x9E3779B97F4A7C15)


@njit(**INNER)
def count_in_hash(
    v: NDArray[Any],
    bits: NDArray[Any],
    local: NDArray[np.int32],
    higher: NDArray[np.int64],
    count: NDArray[np.int64],
    place: NDArray[np.int32],
    key: NDArray[Any],
    value: NDArray[Any],
    order: NDArray[np.int64],
) -> int:
    """Classes of a few distinct values; the number of values above zero, -1 for too many classes."""
    nc = 0
    for k in range(v.size):
        b = bits[k]
        h = np.int64((np.uint64(b) * MIX) >> np.uint64(54))
        while True:
            q = place[h]
            if q >= 0 and key[h] == b:
                count[q] += 1
                break
            if q < 0:
                q = nc
                if nc < DISTINCT:
                    place[h], key[h], value[nc], count[nc] = nc, b, v[k], 1
                    order[nc] = h
                nc += 1
                break
            h = (h + 1) & (HASH - 1)
        local[k] = q
        if nc > DISTINCT:
            break
    for q in range(min(nc, DISTINCT)):
        place[order[q]] = -1
    if nc > DISTINCT:
        return -1
    for i in range(nc):
        j = i
        while j > 0 and value[order[j - 1]] < value[i]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = i
    a, positive = 0, 0
    for i in range(nc):
        q = order[i]
        higher[q] = a
        a += count[q]
        if value[q] > 0:
            positive = a
    return positive
