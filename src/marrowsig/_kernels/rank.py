"""Ranks within every row, once for all rank methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from marrowsig._kernels.jit import INNER, KERNEL
from marrowsig._kernels.order import LOW, order_falling
from marrowsig._kernels.rows import read_only

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


@njit(**INNER)
def _rank_row(
    v: NDArray[np.float64], low: NDArray[np.float64], mean: NDArray[np.float64], hist: NDArray[np.int32]
) -> bool:
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
    # From the highest on: numba would compile its own sort for seconds.
    keys = order_falling(values, np.empty(n, np.uint64), np.empty(n, np.uint64), hist)
    flat = n == 0
    start = 0
    while start < n:
        value = values[np.int64(keys[start] & LOW)]
        stop = start + 1
        while stop < n and values[np.int64(keys[stop] & LOW)] == value:
            stop += 1
        a, b = n - stop, n - start
        shift = zeros if value > 0.0 else 0
        for k in range(start, stop):
            j = kept[np.int64(keys[k] & LOW)]
            low[j] = shift + a + 1
            mean[j] = shift + 0.5 * (a + b + 1)
        flat = flat or b - a == v.size
        start = stop
    return flat


@njit(**KERNEL)
def _rank_rows(
    x: NDArray[np.float64],
    low: NDArray[np.float64],
    mean: NDArray[np.float64],
    flat: NDArray[np.bool_],
) -> None:
    hist = np.empty(3 * 2048, np.int32)
    for i in range(x.shape[0]):
        flat[i] = _rank_row(x[i], low[i], mean[i], hist)


def rank_rows(x: NDArray[np.float64]) -> Ranks:
    """Rank every row of `x` (n_obs, n_genes), any unit, no NaN."""
    x = read_only(np.ascontiguousarray(x, dtype=np.float64))
    ranks = Ranks(np.empty_like(x), np.empty_like(x), np.empty(x.shape[0], np.bool_))
    _rank_rows(x, *ranks)
    return ranks


@njit(**KERNEL)
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
