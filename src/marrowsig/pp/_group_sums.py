"""Sums of rows by group, of a matrix in memory or one that is read from a file by rounds of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._errors import InputError
from marrowsig._progress import tqdm
from marrowsig._source import in_memory, n_rounds, rounds
from marrowsig._view import some_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray


def group_sums(values: Any, code: NDArray[Any], n: int) -> Any:
    """Sum the rows of each group; `code` is the group of every row, -1 for none.

    Returns n x genes: CSR if `values` are sparse, else a numpy array; int64, or float64 of fractions. Of a
    file one round of rows is in memory at a time.
    """
    dtype = np.float64 if values.dtype.kind == "f" else np.int64
    if in_memory(values):
        return _plain(_members(code, n, dtype) @ values)
    summed: Any = None
    parts = tqdm(rounds(values), total=n_rounds(values), desc="pseudobulk", delay=2, leave=False)
    for start, stop, block, at in parts:
        rows = _loaded(block)[at : at + stop - start]
        _require_counts(rows)
        part = _members(code[start:stop], n, dtype) @ rows
        summed = part if summed is None else summed + part
    return _plain(summed)


def kind_of_rows(values: Any) -> str:
    """Guess what the numbers of a file are, from rows all over it."""
    from marrowsig.io._kind import guess_kind

    return guess_kind(some_rows(values))[0]


def _members(code: NDArray[Any], n: int, dtype: Any) -> Any:
    rows = np.flatnonzero(code >= 0)
    return sparse.csr_matrix((np.ones(rows.size, dtype), (code[rows], rows)), shape=(n, code.size))


def _loaded(block: Any) -> Any:
    block = block.compute() if hasattr(block, "compute") else block
    return block if sparse.issparse(block) else np.asarray(block)


def _plain(summed: Any) -> Any:
    return summed.tocsr() if sparse.issparse(summed) else np.asarray(summed)


def _require_counts(rows: Any) -> None:
    stored = rows.data if sparse.issparse(rows) else rows
    wrong = int((~np.isfinite(stored) | (stored < 0)).sum())
    if wrong:
        msg = f"pseudobulk sums counts, but {wrong} values of the file are negative, missing or infinite."
        raise InputError(msg)
