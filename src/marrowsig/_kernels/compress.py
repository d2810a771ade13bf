"""Blocks of any matrix as `Rows`: checked, without zeros, columns rising."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit
from scipy import sparse

from marrowsig._kernels.rows import Rows

if TYPE_CHECKING:
    from numpy.typing import NDArray


class NotFiniteError(ValueError):
    """Some values are NaN or infinite; `args` holds how many."""


def compress(x: Any, start: int, stop: int, columns: NDArray[np.int64], slot: NDArray[np.int32]) -> Rows:
    """Rows `start` to `stop` of a numpy array or a scipy CSR matrix.

    Raises NotFiniteError where values are NaN or infinite, and TypeError where they are no numbers.
    """
    if sparse.issparse(x):
        data, indices, indptr = _from_csr(x, start, stop)
    else:
        data, indices, indptr = _from_dense(x, start, stop)
    return Rows(data, indices, indptr, columns, slot)


def _from_csr(x: Any, start: int, stop: int) -> tuple[NDArray[Any], NDArray[np.int32], NDArray[np.int64]]:
    lo, hi = int(x.indptr[start]), int(x.indptr[stop])
    data = as_float(x.data[lo:hi])
    indices = np.ascontiguousarray(x.indices[lo:hi], dtype=np.int32)
    indptr = x.indptr[start : stop + 1].astype(np.int64) - lo
    low, high = (data.min(), data.max()) if data.size else (1.0, 1.0)
    if not (np.isfinite(low) and np.isfinite(high)):
        raise NotFiniteError(int((~np.isfinite(data)).sum()))
    zeros = low <= 0 <= high and not data.all()
    if zeros or _falls(indices, indptr):
        part = sparse.csr_array((data.copy(), indices.copy(), indptr), shape=(stop - start, x.shape[1]))
        part.sum_duplicates()
        part.eliminate_zeros()
        data, indices, indptr = part.data, part.indices.astype(np.int32), part.indptr.astype(np.int64)
    return data, indices, indptr


def _from_dense(x: Any, start: int, stop: int) -> tuple[NDArray[Any], NDArray[np.int32], NDArray[np.int64]]:
    block = x[start:stop]
    if np.ma.isMaskedArray(block):
        block = as_float(block).filled(np.nan)
    block = as_float(np.ascontiguousarray(block))
    bad, zeros = _look(block)
    if bad:
        raise NotFiniteError(int(bad))
    n, p = block.shape
    if not zeros:
        # Compressed already, but for the columns.
        return block.reshape(-1), _all_columns(n, p), np.arange(n + 1, dtype=np.int64) * p
    stored = block.size - zeros
    data, indices = np.empty(stored + 1, block.dtype), np.empty(stored + 1, np.int32)
    indptr = np.empty(n + 1, np.int64)
    _dense(block, data, indices, indptr)
    return data[:stored], indices[:stored], indptr


@lru_cache(maxsize=2)
def _all_columns(n: int, p: int) -> NDArray[np.int32]:
    out = np.tile(np.arange(p, dtype=np.int32), n)
    out.flags.writeable = False
    return out


def as_float(values: Any) -> Any:
    """float32 and float64 as they are; integers, half and extended precision converted."""
    dtype = values.dtype
    if dtype.kind not in "fiub":
        msg = f"the matrix holds {dtype}, which is not a type of number that can be scored"
        raise TypeError(msg)
    wide = np.float32 if dtype.kind == "f" and dtype.itemsize <= 4 else np.float64
    return values.astype(wide, copy=False)


@njit(cache=True, nogil=True)
def _falls(indices: NDArray[np.int32], indptr: NDArray[np.int64]) -> int:
    """Entries whose column is not to the right of the one before, in the same row."""
    falls: Any = 0
    for i in range(indptr.size - 1):
        v = indices[indptr[i] : indptr[i + 1]]
        # Two slices, because numba tests `k - 1` for being negative, which keeps vector code away.
        before, after = v[:-1], v[1:]
        here: Any = np.int32(0)
        for k in range(after.size):
            here += np.int32(after[k] <= before[k])
        falls += here
    return falls


@njit(cache=True, nogil=True)
def _look(x: NDArray[Any]) -> tuple[int, int]:
    """How many values are NaN or infinite, and how many are zero."""
    bad, zeros = 0, 0
    for row in x:
        for v in row:
            bad += v - v != 0
            zeros += v == 0
    return bad, zeros


@njit(cache=True, nogil=True)
def _dense(
    x: NDArray[Any], data: NDArray[Any], indices: NDArray[np.int32], indptr: NDArray[np.int64]
) -> None:
    m = np.uint64(0)
    for i in range(x.shape[0]):
        indptr[i] = m
        row = x[i]
        for j in range(row.size):
            data[m], indices[m] = row[j], j
            m += np.uint64(row[j] != 0)
    indptr[x.shape[0]] = m
