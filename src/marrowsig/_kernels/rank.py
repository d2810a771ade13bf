"""Ranks within every row, once for all rank methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Ranks(NamedTuple):
    """Ascending ranks within a row, 1 for the lowest value.

    low     (n_obs, n_genes) smallest rank of the tied block ("min" ties)
    mean    (n_obs, n_genes) average rank of the tied block
    flat    (n_obs,) True where all values of the row are equal, so that it has no order
    """

    low: NDArray[np.float64]
    mean: NDArray[np.float64]
    flat: NDArray[np.bool_]


@njit(cache=True, nogil=True)
def _rank_row(v: NDArray[np.float64], low: NDArray[np.float64], mean: NDArray[np.float64]) -> bool:
    # Zeros are one tied block that need not be sorted: expression matrices are mostly zeros.
    kept = np.empty(v.size, np.int64)
    n, below = 0, 0
    for j in range(v.size):
        if v[j] != 0.0:
            kept[n] = j
            n += 1
            below += v[j] < 0.0
    zeros = v.size - n
    low[:] = below + 1
    mean[:] = below + 0.5 * (zeros + 1)
    values = v[kept[:n]]
    order = np.argsort(values)
    flat = n == 0
    a = 0
    while a < n:
        b = a + 1
        while b < n and values[order[b]] == values[order[a]]:
            b += 1
        shift = zeros if values[order[a]] > 0.0 else 0
        for k in range(a, b):
            j = kept[order[k]]
            low[j] = shift + a + 1
            mean[j] = shift + 0.5 * (a + b + 1)
        flat = flat or b - a == v.size
        a = b
    return flat


@njit(cache=True, nogil=True)
def _rank_rows(
    x: NDArray[np.float64],
    low: NDArray[np.float64],
    mean: NDArray[np.float64],
    flat: NDArray[np.bool_],
) -> None:
    for i in range(x.shape[0]):
        flat[i] = _rank_row(x[i], low[i], mean[i])


def rank_rows(x: NDArray[np.float64]) -> Ranks:
    """Rank every row of `x` (n_obs, n_genes), any unit, no NaN."""
    x = np.ascontiguousarray(x, dtype=np.float64)
    ranks = Ranks(np.empty_like(x), np.empty_like(x), np.empty(x.shape[0], np.bool_))
    _rank_rows(x, *ranks)
    return ranks


@njit(cache=True, nogil=True)
def _first(low: NDArray[np.float64], mean: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    for i in range(low.shape[0]):
        seen = np.zeros(low.shape[1] + 1, np.int64)
        for j in range(low.shape[1]):
            block = np.int64(low[i, j])
            out[i, j] = 2.0 * mean[i, j] - low[i, j] - seen[block]
            seen[block] += 1


def rank_first(ranks: Ranks) -> NDArray[np.float64]:
    """Ranks without ties: inside a tied block the earlier column gets the higher rank."""
    out = np.empty_like(ranks.low)
    _first(ranks.low, ranks.mean, out)
    return out
