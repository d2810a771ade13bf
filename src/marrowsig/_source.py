"""Matrices of any container, read in rounds of rows that fit into memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._kernels import threads

if TYPE_CHECKING:
    from collections.abc import Iterator

    Round = tuple[int, int, Any, int]

BYTES = 32_000_000  # of one round on up to eight cores: what rows from a file or out of columns may take
STEP = 512  # rows that one thread handles at a time


def in_memory(x: Any) -> bool:
    """Whether `x` is a numpy array or a scipy matrix."""
    return isinstance(x, np.ndarray) or sparse.issparse(x)


def is_lazy(x: Any) -> bool:
    """Whether `x` is a dask array."""
    return hasattr(x, "dask")


def rounds(x: Any, first: int = 0) -> Iterator[Round]:
    """Yield start, stop, and a numpy array or CSR matrix with the row of it where `start` lies.

    Of a file, one round is read while the one before is being used.
    """
    starts = range(first, x.shape[0], n_rows(x))
    if sparse.issparse(x) and x.format == "csc":
        yield from _from_columns(x, starts)
    elif in_memory(x):
        yield from ((start, stop, x, start) for start, stop in _spans(x, starts))
    else:
        yield from _ahead((start, stop, x[start:stop], 0) for start, stop in _spans(x, starts))


def n_rows(x: Any) -> int:
    """Rows of one round: a multiple of `STEP`, or what agrees with the chunks of a file."""
    if in_memory(x) and getattr(x, "format", "csr") == "csr":
        return 32 * STEP
    low = min(STEP, 16)
    rows = max(low, BYTES * max(1.0, threads.count() / 8) / bytes_of_row(x))
    chunk = _chunk_rows(x)
    if chunk > rows:
        parts = int(-(-chunk // rows))
        even = (n for n in range(parts, 2 * parts) if chunk % n == 0)
        return -(-chunk // next(even, parts))
    unit = chunk or (STEP if rows >= STEP else low)
    return unit * int(rows / unit)


def n_rounds(x: Any) -> int:
    """Count the rounds that reading `x` takes."""
    return len(x.chunks[0]) if is_lazy(x) else -(-x.shape[0] // n_rows(x))


def step_of(x: Any, *, once: bool = False) -> int:
    """Rows of one slice for a thread: fewer where rows are full, so that a slice stays in the cache.

    once    every row is read once only, so that it need not stay there as long
    """
    room, most = (18_000_000, 2 * STEP) if once else (4_000_000, STEP)
    return int(min(most, max(16, room / (12 * _entries_of_row(x)) // 16 * 16)))


def bytes_of_row(x: Any) -> float:
    """Bytes that one row takes in memory, about."""
    stored = in_memory(x) or hasattr(x, "group")
    return _entries_of_row(x) * (12 if stored else x.dtype.itemsize)


def _entries_of_row(x: Any) -> float:
    entries = x.shape[0] * x.shape[1]
    if sparse.issparse(x):
        entries = x.nnz
    elif "data" in getattr(x, "group", {}):
        entries = x.group["data"].shape[0]
    return max(float(entries) / max(x.shape[0], 1), 0.1)


def _chunk_rows(x: Any) -> int:
    """Rows of a chunk of a dense array in a file, else 0: half a chunk takes as long to read as all of it."""
    chunks = None if in_memory(x) or is_lazy(x) else getattr(x, "chunks", None)
    return int(chunks[0]) if chunks and chunks[0] > 1 else 0


def _spans(x: Any, starts: range) -> Iterator[tuple[int, int]]:
    yield from ((start, min(start + starts.step, x.shape[0])) for start in starts)


def _ahead(parts: Iterator[Round]) -> Iterator[Round]:
    pool = ThreadPoolExecutor(1)
    try:
        coming = pool.submit(next, parts, None)
        while (part := coming.result()) is not None:
            coming = pool.submit(next, parts, None)
            yield part
    finally:
        pool.shutdown(cancel_futures=True)


def _from_columns(x: Any, starts: range) -> Iterator[Round]:
    from marrowsig._kernels.columns import count_rows, fill_rows

    if not x.has_sorted_indices:
        x = x.sorted_indices()
    at = x.indptr[:-1].astype(np.int64)
    if starts.start:
        skipped = np.zeros(starts.start + 1, np.int64)
        count_rows(x.indices, x.indptr, at, 0, skipped)
        data, columns = _room(x, skipped)
        fill_rows(_bits(x.data), x.indices, x.indptr, at, 0, skipped, _bits(data), columns)
    for start, stop in _spans(x, starts):
        ptr = np.empty(stop - start + 1, np.int64)
        count_rows(x.indices, x.indptr, at, start, ptr)
        data, columns = _room(x, ptr)
        fill_rows(_bits(x.data), x.indices, x.indptr, at, start, ptr, _bits(data), columns)
        yield start, stop, sparse.csr_array((data, columns, ptr), shape=(stop - start, x.shape[1])), 0


def _bits(values: np.ndarray) -> np.ndarray:
    """Numbers as whole ones of their width, as what moves them is compiled for every type."""
    if values.dtype.kind in "fiub" and values.itemsize <= 8:
        return values.view(f"u{values.itemsize}")
    return values


def _room(x: Any, ptr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.empty(ptr[-1], x.data.dtype), np.empty(ptr[-1], np.int32)
