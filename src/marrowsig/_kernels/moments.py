"""Mean and spread of every gene over all rows, in one pass over blocks of any size.

Sums are kept in two numbers each, so that they do not depend on how the rows were cut into blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from marrowsig._kernels.jit import KERNEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.rows import Rows


@dataclass(frozen=True, eq=False)
class Genes:
    """What a first pass over the rows has seen.

    n        rows
    columns  (n_slots,) the columns that sets use
    total    (2, n_genes) sum of every column, high and low part
    square   (2, n_slots) sum of squares of the columns that sets use
    low, high (n_slots,) smallest and largest value of these
    known    bins that were asked for
    """

    n: int
    columns: NDArray[np.int64]
    total: NDArray[np.float64]
    square: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    known: dict[int, NDArray[np.int64]] = field(default_factory=dict)

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """Mean of every column (n_genes,)."""
        return (self.total[0] + self.total[1]) / self.n

    @cached_property
    def sd(self) -> NDArray[np.float64]:
        """Standard deviation (n - 1) of the columns that sets use (n_slots,); exactly 0 where constant."""
        total, rest = _sorted(self.total[:, self.columns])
        square, square_rest = _sorted(self.square)
        mean = total / self.n
        # sum x^2 - mean sum x, in two numbers each, and what the rounding of the mean leaves of it
        product, product_rest = _two_product(mean, total)
        back, back_rest = _two_product(np.full_like(mean, self.n), mean)
        off = ((total - back) - back_rest) + rest
        centred = (square - product) + ((square_rest - product_rest) - mean * (rest + off))
        varies = self.high > self.low
        return np.where(varies, np.sqrt(np.maximum(centred, 0.0) / max(self.n - 1, 1)), 0.0)

    def bins(self, n: int) -> NDArray[np.int64]:
        """Bin of every gene (n_genes,), about `n` of equal size by mean; equal means share a bin."""
        if n not in self.known:
            mean = self.mean
            place = np.searchsorted(np.sort(mean), mean, side="left") + 1
            width = max(1, round(mean.size / (n - 1))) if n > 1 else mean.size + 1
            self.known[n] = np.asarray(place // width, dtype=np.int64)
        return self.known[n]

    def __add__(self, other: Genes) -> Genes:
        """Both blocks together."""
        return Genes(
            self.n + other.n,
            self.columns,
            _add(self.total, other.total),
            _add(self.square, other.square),
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
        )


def genes(rows: Rows, *, spread: bool = True) -> Genes:
    """Moments of one block; without `spread` only the sums."""
    n, p = rows.shape
    total, square = np.zeros((2, p)), np.zeros((2, rows.columns.size))
    low, high = np.zeros(rows.columns.size), np.zeros(rows.columns.size)
    count = np.zeros(rows.columns.size, np.int64)
    if _adds_exactly(rows.data, n):
        _plain_totals(rows.data, rows.indices, total[0])
    else:
        _totals(rows.data, rows.indices, total)
    if not spread:
        return Genes(n, rows.columns, total, square, low, high)
    members = rows.members
    used = members.ptr[-1]
    _squares(members.slot[:used], members.value[:used], square, low, high, count)
    # A column without zeros has neither its lowest nor its highest value from them.
    full = count == n
    if full.any():
        values = members.value[:used]
        inside = full[members.slot[:used]]
        low[full], high[full] = np.inf, -np.inf
        np.minimum.at(low, members.slot[:used][inside], values[inside])
        np.maximum.at(high, members.slot[:used][inside], values[inside])
    return Genes(n, rows.columns, total, square, low, high)


def _adds_exactly(data: NDArray[Any], n: int) -> bool:
    """Whether sums of any `n` of the values, float32 and above zero, fit into a float64 as they are."""
    if data.dtype != np.float32 or not data.size:
        return False
    low, high = float(data.min()), float(data.max())
    return low > 0 and n * high < 2.0**53 * float(np.spacing(np.float32(low)))


def _add(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    high = a[0] + b[0]
    back = high - a[0]
    rest = (a[0] - (high - back)) + (b[0] - back) + (a[1] + b[1])
    top = high + rest
    return np.stack([top, rest - (top - high)])


def _sorted(a: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the sum of two numbers as the nearest number and the rest, however it came about."""
    top = a[0] + a[1]
    back = top - a[0]
    return top, (a[0] - (top - back)) + (a[1] - back)


def _two_product(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[Any, Any]:
    """Give a b as a sum of two numbers, exactly (Dekker 1971)."""
    product = a * b
    ah, bh = (v * 134217729.0 - (v * 134217729.0 - v) for v in (a, b))
    al, bl = a - ah, b - bh
    return product, ((ah * bh - product) + ah * bl + al * bh) + al * bl


@njit(**KERNEL)
def _plain_totals(data: NDArray[Any], indices: NDArray[np.int32], total: NDArray[np.float64]) -> None:
    for k in range(data.size):
        total[np.uint32(indices[k])] += data[k]


@njit(**KERNEL)
def _totals(data: NDArray[Any], indices: NDArray[np.int32], total: NDArray[np.float64]) -> None:
    for k in range(data.size):
        j, x = np.uint32(indices[k]), np.float64(data[k])
        a = total[0, j]
        s = a + x
        back = s - a
        total[0, j] = s
        total[1, j] += (a - (s - back)) + (x - back)


@njit(**KERNEL)
def _squares(
    slot: NDArray[np.int32],
    value: NDArray[np.float64],
    square: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    count: NDArray[np.int64],
) -> None:
    for k in range(slot.size):
        j, x = slot[k], value[k]
        q = x * x
        h = x * 134217729.0
        h = h - (h - x)
        r = x - h
        rest = ((h * h - q) + 2.0 * h * r) + r * r
        a = square[0, j]
        s = a + q
        back = s - a
        square[0, j] = s
        square[1, j] += ((a - (s - back)) + (q - back)) + rest
        low[j], high[j] = min(low[j], x), max(high[j], x)
        count[j] += 1
