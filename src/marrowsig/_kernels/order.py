"""Order of the values of one row: a radix sort, which costs the same for every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from marrowsig._kernels.jit import INNER, KERNEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOW = np.uint64(0xFFFFFFFF)  # of a packed key: the column
HALF = np.uint64(32)
DIGIT = np.uint64(11)
DIGITS = np.uint64(2047)
SIGN = np.uint64(1 << 63)
ALL = np.uint64((1 << 64) - 1)
SHORT = 24


@njit(**KERNEL)
def order_falling(
    x: NDArray[np.float64],
    a: NDArray[np.uint64],
    b: NDArray[np.uint64],
    hist: NDArray[np.int32],
) -> NDArray[np.uint64]:
    """Order the columns of a row from the highest value to the lowest; of equal ones the earlier comes first.

    x        (n,) without NaN, contiguous; n < 2^32
    a, b     (n,) working memory, hist (6144,)
    out      (n,) `b`: the low 32 bits of an entry are the column
    """
    bits = x.view(np.uint64)
    _pack(bits, a, hist)
    _passes(a, b, hist)
    _repair(x, bits, b, hist)
    return b


@njit(**INNER)
def _key(bits: np.uint64) -> np.uint64:
    # The bits of a float, turned so that unsigned order is falling order.
    if bits == SIGN:  # -0.0 is 0.0
        bits = np.uint64(0)
    return bits if (bits & SIGN) else ALL ^ (bits | SIGN)


@njit(**INNER)
def _pack(bits: NDArray[np.uint64], a: NDArray[np.uint64], hist: NDArray[np.int32]) -> None:
    # The upper half of the key, then the column.
    hist[:] = 0
    for i in range(bits.size):
        h = _key(bits[i]) >> HALF
        a[i] = (h << HALF) | np.uint64(i)
        _count(h, hist)


@njit(**INNER)
def _count(h: np.uint64, hist: NDArray[np.int32]) -> None:
    hist[h & DIGITS] += 1
    hist[np.uint64(2048) + ((h >> DIGIT) & DIGITS)] += 1
    hist[np.uint64(4096) + (h >> np.uint64(22))] += 1


@njit(**INNER)
def _passes(a: NDArray[np.uint64], b: NDArray[np.uint64], hist: NDArray[np.int32]) -> None:
    # From the lowest of three digits of the upper half to the highest; the result is in `b`.
    _pass(a, b, hist, np.int64(0))
    _pass(b, a, hist, np.int64(1))
    _pass(a, b, hist, np.int64(2))


@njit(**INNER)
def _pass(a: NDArray[np.uint64], b: NDArray[np.uint64], hist: NDArray[np.int32], digit: int) -> None:
    first = np.uint64(2048 * digit)
    shift = HALF + DIGIT * np.uint64(digit)
    total = 0
    for j in range(2048 * digit, 2048 * digit + 2048):
        count = hist[j]
        hist[j] = total
        total += count
    for i in range(a.size):
        k = a[i]
        d = first + ((k >> shift) & DIGITS)
        q = hist[d]
        hist[d] = q + 1
        b[q] = k


@njit(**INNER)
def _repair(
    x: NDArray[np.float64], bits: NDArray[np.uint64], a: NDArray[np.uint64], hist: NDArray[np.int32]
) -> None:
    # Values that share the upper half of their bits still stand in the order of the columns.
    n = a.size
    i = np.int64(0)  # not 0, for which numba would compile what it calls once more
    while i < n:
        e = i + 1
        falling = True
        while e < n and a[e] >> HALF == a[i] >> HALF:
            falling = falling and x[np.int64(a[e] & LOW)] <= x[np.int64(a[e - 1] & LOW)]
            e += 1
        if not falling:
            if e - i <= SHORT:
                _insert(x, a, i, e)
            else:
                _sort_run(bits, a[i:e], hist)
        i = e


@njit(**INNER)
def _insert(x: NDArray[np.float64], a: NDArray[np.uint64], start: int, stop: int) -> None:
    for i in range(start + 1, stop):
        k = a[i]
        v = x[np.int64(k & LOW)]
        j = i
        while j > start and x[np.int64(a[j - 1] & LOW)] < v:
            a[j] = a[j - 1]
            j -= 1
        a[j] = k


@njit(**INNER)
def _sort_run(bits: NDArray[np.uint64], run: NDArray[np.uint64], hist: NDArray[np.int32]) -> None:
    # The same again with the lower half of the key.
    old = run.copy()
    a = np.empty_like(old)
    b = np.empty_like(old)
    hist[:] = 0
    for i in range(old.size):
        h = _key(bits[np.int64(old[i] & LOW)]) & LOW
        a[i] = (h << HALF) | np.uint64(i)
        _count(h, hist)
    _passes(a, b, hist)
    for i in range(old.size):
        run[i] = old[np.int64(b[i] & LOW)]
