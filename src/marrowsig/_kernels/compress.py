"""Blocks of any matrix as `Rows`: checked, without zeros, columns rising."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit
from scipy import sparse

from marrowsig._kernels.jit import KERNEL
from marrowsig._kernels.rows import Rows, as_promised, read_only

if TYPE_CHECKING:
    from numpy.typing import NDArray


class NotFiniteError(ValueError):
    """Some values are NaN or infinite; `args` holds how many."""


def compress(
    x: Any,
    start: int,
    stop: int,
    columns: NDArray[np.int64],
    slot: NDArray[np.int32],
    *,
    check: bool = True,
) -> Rows:
    """Rows `start` to `stop` of a numpy array or a scipy CSR matrix.

    Without `check` they may be as they were stored, for `rank`, which checks what it reads.
    Raises NotFiniteError where values are NaN or infinite, and TypeError where they are no numbers.
    """
    if not sparse.issparse(x):
        return _from_dense(x, start, stop, columns, slot, check=check)
    rows = Rows(*_from_csr(x, start, stop), columns, slot, checked=False)
    return cleaned(rows) if check else rows


def cleaned(rows: Rows) -> Rows:
    """Check the values of stored rows, drop zeros, add up what is stored twice, and put columns in order."""
    data, indices, indptr = rows.data, rows.indices, rows.indptr
    if not as_promised(data, indices, indptr):
        bad = int(data.size - np.isfinite(data).sum())
        if bad:
            raise NotFiniteError(bad)
        part = sparse.csr_array((data.copy(), indices.copy(), indptr.copy()), shape=rows.shape)
        part.sum_duplicates()
        part.eliminate_zeros()
        data, indices, indptr = part.data, part.indices.astype(np.int32), part.indptr.astype(np.int64)
    return Rows(data, indices, indptr, rows.columns, rows.slot)


def _from_csr(x: Any, start: int, stop: int) -> tuple[NDArray[Any], NDArray[np.int32], NDArray[np.int64]]:
    lo, hi = int(x.indptr[start]), int(x.indptr[stop])
    indices = np.ascontiguousarray(x.indices[lo:hi], dtype=np.int32)
    return as_float(x.data[lo:hi]), indices, x.indptr[start : stop + 1].astype(np.int64) - lo


def _from_dense(
    x: Any, start: int, stop: int, columns: NDArray[np.int64], slot: NDArray[np.int32], *, check: bool
) -> Rows:
    block = x[start:stop]
    if np.ma.isMaskedArray(block):
        block = as_float(block).filled(np.nan)
    block = read_only(as_float(np.ascontiguousarray(block)))
    n, p = block.shape
    check = check or not block[:1].all()
    bad, zeros = _look(block) if check else (0, 0)
    if bad:
        raise NotFiniteError(int(bad))
    if not zeros:
        # Compressed already, but for the columns.
        indptr = np.arange(n + 1, dtype=np.int64) * p
        return Rows(block.reshape(-1), _all_columns(n, p), indptr, columns, slot, checked=check)
    stored = block.size - zeros
    data, indices = np.empty(stored + 1, block.dtype), np.empty(stored + 1, np.int32)
    indptr = np.empty(n + 1, np.int64)
    _dense(block, data, indices, indptr)
    return Rows(data[:stored], indices[:stored], indptr, columns, slot)


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


@njit(**KERNEL)
def _look(x: NDArray[Any]) -> tuple[int, int]:
    """How many values are NaN or infinite, and how many are zero."""
    bad, zeros = 0, 0
    for row in x:
        for v in row:
            bad += v - v != 0
            zeros += v == 0
    return bad, zeros


@njit(**KERNEL)
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
