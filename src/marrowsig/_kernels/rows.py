"""`Rows`: a block of samples or cells in compressed rows, the form that every per-row kernel reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from marrowsig._kernels.jit import INNER, KERNEL
from marrowsig._kernels.tile import Members, exact_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets


@dataclass(frozen=True, eq=False)
class Rows:
    """Values that are not zero, row by row.

    data      (nnz,) float32 or float64, finite, never zero
    indices   (nnz,) int32, columns, rising within a row
    indptr    (n_obs + 1,) int64
    columns   (n_slots,) int64, the columns that sets use; the `idx` of the sets counts these
    slot      (n_genes,) int32, place of a column in `columns`, -1 for the others
    checked   False for stored rows of which this is not known yet, see `as_promised`

    None can be written to: numba compiles anew for arrays that cannot, as those of a file or of pandas often
    are, so that all of them are alike here.
    """

    data: NDArray[Any]
    indices: NDArray[np.int32]
    indptr: NDArray[np.int64]
    columns: NDArray[np.int64]
    slot: NDArray[np.int32]
    checked: bool = True

    def __post_init__(self) -> None:
        """Keep views that cannot be written to."""
        for name in ("data", "indices", "indptr", "columns", "slot"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @property
    def shape(self) -> tuple[int, int]:
        """(n_obs, n_genes)."""
        return self.indptr.size - 1, self.slot.size

    @cached_property
    def members(self) -> Members:
        """Values in the columns that sets use."""
        size = min(self.data.size, (self.indptr.size - 1) * self.columns.size)
        ptr, slot = np.empty(self.indptr.size, np.int64), np.empty(size + 1, np.int32)
        value = np.empty(size + 1)
        # Made by numpy, as numba would compile for seconds to do so.
        in_use, at = self.slot >= 0, np.empty(int(np.diff(self.indptr).max(initial=0)) + 1, np.int64)
        _members(self.data, self.indices, self.indptr, self.slot, in_use, at, ptr, slot, value)
        return Members(ptr, slot, value, np.zeros(self.shape[0]), self.columns.size)

    def sums(self, sets: Sets) -> NDArray[np.float64]:
        """Sum of w x over the members of every set (n_obs, n_sets), in any order of the genes the same."""
        return exact_sums(self.members, sets)

    def dense_members(self) -> NDArray[np.float64]:
        """Values in the columns that sets use (n_obs, n_slots), zeros included."""
        ptr, slot, value = self.members[:3]
        out = np.zeros((self.shape[0], self.columns.size))
        out[np.repeat(np.arange(self.shape[0]), np.diff(ptr)), slot[: ptr[-1]]] = value[: ptr[-1]]
        return out

    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and centred sum of squares (n_obs,) over all columns of a row, zeros included."""
        n, p = self.shape
        mean, square = np.empty(n), np.empty(n)
        _moments(self.data, self.indptr, p, mean, square)
        return mean, square

    def toarray(self) -> NDArray[np.float64]:
        """All columns as a dense array (n_obs, n_genes)."""
        out = np.zeros(self.shape)
        row = np.repeat(np.arange(self.shape[0]), np.diff(self.indptr))
        out[row, self.indices] = self.data
        return out


def read_only(x: NDArray[Any]) -> NDArray[Any]:
    """Get a view that cannot be written to."""
    x = x.view()
    x.flags.writeable = False
    return x


def slots(columns: NDArray[np.int64], n_genes: int) -> NDArray[np.int32]:
    """Place of every column in `columns`, -1 for those that are not in it."""
    out = np.full(n_genes, -1, np.int32)
    out[columns] = np.arange(columns.size)
    return out


@njit(**KERNEL)
def as_promised(data: NDArray[Any], indices: NDArray[np.int32], indptr: NDArray[np.int64]) -> bool:
    """Whether no value is zero, NaN or infinite, and columns rise within every row."""
    good = True
    # Row by row, so that memory is read in both places at a time; from the last one, so that the first are
    # still in the cache for what comes next.
    for i in range(indptr.size - 2, -1, -1):
        row = slice(indptr[i], indptr[i + 1])
        good &= finite_and_not_zero(data[row]) and rising(indices[row])
    return good


@njit(**INNER)
def finite_and_not_zero(v: NDArray[Any]) -> bool:
    """Whether no value of a row is zero, NaN or infinite."""
    zero, inf = v.dtype.type(0), v.dtype.type(np.inf)
    odd = np.int32(0)
    for k in range(v.size):
        x = abs(v[k])
        # Cast, because numba would make the result wider, and the vector code slower.
        odd = np.int32(odd | np.int32((x == zero) | (not x < inf)))
    return odd == 0


@njit(**INNER)
def rising(columns: NDArray[np.int32]) -> bool:
    """Whether every column of a row is to the right of the one before."""
    falls = np.int32(0)
    # Two slices, because numba tests `k - 1` for being negative, which keeps vector code away.
    before, after = columns[:-1], columns[1:]
    for k in range(after.size):
        falls = np.int32(falls | np.int32(after[k] <= before[k]))
    return falls == 0


@njit(**KERNEL)
def _members(
    data: NDArray[Any],
    indices: NDArray[np.int32],
    indptr: NDArray[np.int64],
    slot: NDArray[np.int32],
    in_use: NDArray[np.bool_],
    at: NDArray[np.int64],
    ptr: NDArray[np.int64],
    out_slot: NDArray[np.int32],
    out_value: NDArray[np.float64],
) -> None:
    m = 0
    for i in range(indptr.size - 1):
        ptr[i] = m
        lo, hi = indptr[i], indptr[i + 1]
        for k in at[: find_used(indices[lo:hi], in_use, at)]:
            out_slot[m], out_value[m] = slot[indices[lo + k]], data[lo + k]
            m += 1
    ptr[indptr.size - 1] = m


@njit(**INNER)
def find_used(columns: NDArray[np.int32], in_use: NDArray[np.bool_], at: NDArray[np.int64]) -> int:
    """Write the entries of a row in columns that sets use to `at`; how many there are."""
    n = np.uint64(0)
    for k in range(columns.size):
        # Written before it is known whether it counts: a branch would cost more than the store. Unsigned,
        # because numba tests signed places for being negative.
        at[n] = k
        n += np.uint64(in_use[np.uint32(columns[k])])
    return int(n)


@njit(**KERNEL)
def _moments(
    data: NDArray[Any],
    indptr: NDArray[np.int64],
    p: int,
    mean: NDArray[np.float64],
    square: NDArray[np.float64],
) -> None:
    widest = 0
    for i in range(indptr.size - 1):
        widest = max(widest, indptr[i + 1] - indptr[i])
    x = np.empty(widest + 4)
    for i in range(indptr.size - 1):
        v = data[indptr[i] : indptr[i + 1]]
        # Written down first, because that is vector code, which the sums are not.
        for k in range(v.size):
            x[k] = v[k]
        c = _sum(x, v.size) / p
        for k in range(v.size):
            x[k] = (v[k] - c) ** 2
        mean[i] = c
        square[i] = _sum(x, v.size) + (p - v.size) * c * c


@njit(**INNER)
def _sum(x: NDArray[np.float64], n: int) -> float:
    # Four chains, because one would wait for every addition.
    x0, x1, x2, x3 = x[0:], x[1:], x[2:], x[3:]
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for k in range(n // 4):
        j = np.uint64(k) * np.uint64(4)
        s0 += x0[j]
        s1 += x1[j]
        s2 += x2[j]
        s3 += x3[j]
    for k in range(n - n % 4, n):
        s0 += x[k]
    return (s0 + s1) + (s2 + s3)
