"""Combined z-score: every gene in standard deviations of the cohort, then summed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._kernels.gather import divide, member_sums, per_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets

ROWS = 2048


def zscore(x: Any, sets: Sets) -> NDArray[np.float64]:
    """Sum of w z over the members, divided by sqrt(sum w^2) (doi:10.1371/journal.pcbi.1000217).

    x       (n_obs, n_genes) log expression of the whole cohort, an array or a sparse matrix, whose zeros
            are values like any other
    out     (n_obs, n_sets); genes that are constant over the cohort are left out; NaN where none is left

    A gene's mean and its standard deviation (n - 1) come from all rows: adding a row changes every score.
    """
    columns, small = sets.compact()
    x = x[:, columns]
    centre, spread = _moments(x)
    weight = small.weight * (spread[small.idx] > 0)
    norm = np.sqrt(per_set(weight**2, small))
    scale = np.where(spread > 0, spread, 1.0)
    used = replace(small, weight=weight)
    out = np.empty((x.shape[0], len(sets)))
    for rows, block in _blocks(x):
        out[rows] = divide(member_sums((block - centre) / scale, used), norm)
    return out


def _moments(x: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n, p = x.shape
    centre, square = np.zeros(p), np.zeros(p)
    low, high = np.full(p, np.inf), np.full(p, -np.inf)
    for _, block in _blocks(x):
        centre += block.sum(axis=0) / n
        low, high = np.minimum(low, block.min(axis=0)), np.maximum(high, block.max(axis=0))
    for _, block in _blocks(x):
        square += ((block - centre) ** 2).sum(axis=0)
    # Equal values have a spread of exactly zero, which rounding of the mean would hide.
    return centre, np.where(high > low, np.sqrt(square / max(n - 1, 1)), 0.0)


def _blocks(x: Any) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    for start in range(0, x.shape[0], ROWS):
        rows = slice(start, start + ROWS)
        block = x[rows].toarray() if issparse(x) else x[rows]
        # One memory layout, so that the sums are the same to the last bit.
        yield rows, np.ascontiguousarray(block, dtype=np.float64)
