"""Classes of rows of counts: the low ones that nearly all values are, counted in one pass of vector code."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from marrowsig._kernels.jit import INNER

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOW = 8
MANY = 16  # entries above `LOW`, each of which takes a pass of its own


@cache
def low_bits(dtype: np.dtype[Any]) -> NDArray[Any]:
    """Bits of 0, 1, ... `LOW`, and the largest number, as signed whole numbers, in the same order."""
    values = np.append(np.arange(LOW + 1), np.finfo(dtype).max).astype(dtype)
    return values.view(np.int32 if dtype.itemsize == 4 else np.int64)


@njit(**INNER)
def classes_of_counts(
    v: NDArray[Any],
    bits: NDArray[Any],
    columns: NDArray[np.int32],
    slot: NDArray[np.int32],
    at: NDArray[np.int64],
    low: NDArray[Any],
    tally: NDArray[np.int64],
    above: NDArray[np.float64],
    size: NDArray[np.float64],
    first: int,
    eslot: NDArray[np.int32],
    number: NDArray[np.int64],
) -> int:
    """List the classes of a row of counts, and the class of its entries in use.

    v, bits      (n,) values and their bits, columns (n,) theirs
    at           (n_used,) entries in use
    low          see `low_bits`; tally (LOW + 1 + n_used,) working memory
    above, size  of the classes, of which `first` is the number of the first
    eslot        (n_used,) column of every entry in use, number (n_used,) its class
    out          how many classes there are, or -1 where many entries are above `LOW`, and where values are
                 NaN, infinite, not above zero, or up to `LOW` and not whole
    """
    for x in v[:LOW]:
        # Most rows that are not counts are known after a look at a few values.
        if x < 1 or x != np.floor(x):
            return -1
    n_above = _tally(bits, low, tally)
    if n_above < 0:
        return -1
    place, high = tally[: LOW + 1], tally[LOW + 1 :]
    n = np.uint64(0)
    for c in range(LOW, 0, -1):
        above[n], size[n] = n_above, place[c]
        n_above += place[c]
        some = np.uint64(place[c] > 0)
        place[c] = first + np.int64(n)
        n += some
    n_high = np.uint64(0)
    for e in range(at.size):
        k = np.uint64(at[e])
        x = v[k]
        eslot[e], number[e] = slot[np.uint32(columns[k])], place[np.uint32(x if x <= LOW else 0)]
        high[n_high] = e
        n_high += np.uint64(x > LOW)
    if n_high > MANY:
        return -1
    for i in range(n_high):
        # A class of its own for every one, even if some are equal.
        own = np.uint64(high[np.uint64(i)])
        above[n], size[n] = _above_and_equal(bits, bits[np.uint64(at[own])])
        number[own] = first + np.int64(n)
        n += np.uint64(1)
    return int(np.int64(n))


@njit(**INNER)
def _tally(bits: NDArray[Any], low: NDArray[Any], tally: NDArray[np.int64]) -> Any:
    """Count each whole number up to `LOW`; how many values are higher and finite, -1 if any is neither."""
    # One number each, as wide as the values are, because only these make vector code.
    t = low.dtype.type
    n1 = n2 = n3 = n4 = n5 = n6 = n7 = n8 = more = t(0)
    b1, b2, b3, b4, b5, b6, b7, b8 = low[1], low[2], low[3], low[4], low[5], low[6], low[7], low[8]
    largest = low[9]
    for k in range(bits.size):
        b = bits[k]
        n1 = t(n1 + t(b == b1))
        n2 = t(n2 + t(b == b2))
        n3 = t(n3 + t(b == b3))
        n4 = t(n4 + t(b == b4))
        n5 = t(n5 + t(b == b5))
        n6 = t(n6 + t(b == b6))
        n7 = t(n7 + t(b == b7))
        n8 = t(n8 + t(b == b8))
        more = t(more + t((b > b8) & (b <= largest)))
    tally[1], tally[2], tally[3], tally[4] = n1, n2, n3, n4
    tally[5], tally[6], tally[7], tally[8] = n5, n6, n7, n8
    seen = n1 + n2 + n3 + n4 + n5 + n6 + n7 + n8 + more
    return np.int64(more) if seen == bits.size else -1


@njit(**INNER)
def _above_and_equal(bits: NDArray[Any], own: Any) -> tuple[Any, Any]:
    """How many values above zero are above one of them, and how many are equal to it."""
    t = bits.dtype.type
    above = equal = t(0)
    for k in range(bits.size):
        b = bits[k]
        above = t(above + t(b > own))
        equal = t(equal + t(b == own))
    return above, equal
