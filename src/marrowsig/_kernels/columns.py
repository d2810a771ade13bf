"""Rows out of a matrix that is stored column by column, some at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import njit

from marrowsig._kernels.jit import KERNEL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@njit(**KERNEL)
def count_rows(
    indices: NDArray[Any], indptr: NDArray[Any], at: NDArray[np.int64], start: int, ptr: NDArray[np.int64]
) -> None:
    """Entries of the rows from `start` on, as `ptr` (n_rows + 1,); reading begins at `at` (n_columns,)."""
    stop = start + ptr.size - 1
    ptr[:] = 0
    for j in range(at.size):
        k = at[j]
        while k < indptr[j + 1] and indices[k] < stop:
            ptr[indices[k] - start + 1] += 1
            k += 1
    for i in range(1, ptr.size):
        ptr[i] += ptr[i - 1]


@njit(**KERNEL)
def fill_rows(
    data: NDArray[Any],
    indices: NDArray[Any],
    indptr: NDArray[Any],
    at: NDArray[np.int64],
    start: int,
    ptr: NDArray[np.int64],
    out: NDArray[Any],
    columns: NDArray[np.int32],
) -> None:
    """Write the entries themselves; `at` moves on to the row after the last one."""
    stop, place = start + ptr.size - 1, ptr.copy()
    for j in range(at.size):
        k = at[j]
        while k < indptr[j + 1] and indices[k] < stop:
            q = place[indices[k] - start]
            out[q], columns[q] = data[k], j
            place[indices[k] - start] = q + 1
            k += 1
        at[j] = k
