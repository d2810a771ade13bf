"""The random walk of a set over the ranked genes of every row: the second half of GSVA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from marrowsig._kernels import threads
from marrowsig._kernels.jit import INNER, KERNEL
from marrowsig._kernels.order import LOW, order_falling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets

ROWS = 16
TIED = 1e-11  # ten times the error of the Fourier series; two samples' shares differ by 1 / n_obs at least
NEVER = -1.0


def walk(
    f: NDArray[np.float64], sets: Sets, *, tau: float, ties: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Highest and lowest point of the walk, (n_obs, n_sets) each, NaN where there is no walk.

    f       (n_obs, n_genes) statistic that orders the genes of a row
    tau     power of |n_genes / 2 - rank|, the weight of a member
    ties    True: genes whose statistics are neighbours within 1e-11 are tied. The walk crosses a tied block
            in one straight step, and its genes share the mean weight of its places. False: no two genes are
            tied; of equal ones the earlier column stands higher
    """
    n, p = f.shape
    weight = np.abs(p / 2.0 - np.arange(p, 0, -1.0)) ** tau  # by place, the highest gene first
    up_to = np.concatenate([[0.0], np.cumsum(weight)])
    order = np.lexsort((np.repeat(np.arange(len(sets)), sets.found), sets.idx))
    owner = np.repeat(np.arange(len(sets)), sets.found)[order]
    ptr = np.searchsorted(sets.idx[order], np.arange(p + 1))
    miss = np.where((sets.found > 0) & (sets.found < p), p - sets.found, 0).astype(np.float64)
    high, low = np.empty((n, len(sets))), np.empty((n, len(sets)))

    def work(start: int, stop: int) -> None:
        rows = slice(start, stop)
        tied = TIED if ties else NEVER
        _walk_rows(f[rows], tied, weight, up_to, ptr, owner, miss, high[rows], low[rows])

    threads.over(n, ROWS, work)
    return high, low


@njit(**KERNEL)
def _walk_rows(
    f: NDArray[np.float64],
    tied: float,
    weight: NDArray[np.float64],
    up_to: NDArray[np.float64],
    ptr: NDArray[np.int64],
    owner: NDArray[np.int64],
    miss: NDArray[np.float64],
    high: NDArray[np.float64],
    low: NDArray[np.float64],
) -> None:
    p = f.shape[1]
    a = np.empty(p, np.uint64)
    b = np.empty(p, np.uint64)
    hist = np.empty(3 * 2048, np.int32)
    places = np.empty(p, np.int64)
    blocks = np.empty((p, 2), np.int64)
    step = np.empty(p)
    state = np.empty((4, miss.size))
    for r in range(f.shape[0]):
        order = order_falling(f[r], a, b, hist)
        m = _find_members(order, ptr, places)
        _find_blocks(f[r], order, places[:m], tied, blocks)
        for u in range(m):
            i, e = blocks[u]
            step[u] = weight[i] if e == i + 1 else (up_to[e] - up_to[i]) / (e - i)
        state[:] = 0.0
        _walk_row(order, places[:m], blocks, step, ptr, owner, miss, state, high[r], low[r])
        for s in range(miss.size):
            if miss[s] == 0.0 or not state[0, s] > 0.0 or blocks[0, 1] - blocks[0, 0] == p:
                high[r, s] = np.nan
                low[r, s] = np.nan


@njit(**INNER)
def _find_members(order: NDArray[np.uint64], ptr: NDArray[np.int64], places: NDArray[np.int64]) -> int:
    m = 0
    for q in range(order.size):
        g = np.uint32(order[q] & LOW)
        places[m] = q
        m += ptr[g + np.uint32(1)] > ptr[g]
    return m


@njit(**INNER)
def _find_blocks(
    x: NDArray[np.float64],
    order: NDArray[np.uint64],
    places: NDArray[np.int64],
    tied: float,
    blocks: NDArray[np.int64],
) -> None:
    # blocks[u]: the tied places [start, stop) around member u.
    i = e = 0
    for u in range(places.size):
        if places[u] >= e:
            i, e = places[u], places[u] + 1
            v = x[np.int64(order[i] & LOW)]
            while i > 0 and x[np.int64(order[i - 1] & LOW)] - x[np.int64(order[i] & LOW)] <= tied:
                i -= 1
            while e < x.size and v - x[np.int64(order[e] & LOW)] <= tied:
                v = x[np.int64(order[e] & LOW)]
                e += 1
        blocks[u, 0] = i
        blocks[u, 1] = e


@njit(**INNER)
def _walk_row(
    order: NDArray[np.uint64],
    places: NDArray[np.int64],
    blocks: NDArray[np.int64],
    step: NDArray[np.float64],
    ptr: NDArray[np.int64],
    owner: NDArray[np.int64],
    miss: NDArray[np.float64],
    state: NDArray[np.float64],
    high: NDArray[np.float64],
    low: NDArray[np.float64],
) -> None:
    # Between two blocks with members the walk only falls, so its extremes lie at the ends of such blocks.
    total, sofar, hits, stop = state
    high[:] = 0.0
    low[:] = 0.0
    for u in range(places.size):
        g = np.uint32(order[places[u]] & LOW)
        for k in range(ptr[g], ptr[g + np.uint32(1)]):
            total[owner[k]] += step[u]
    for u in range(places.size):
        g = np.uint32(order[places[u]] & LOW)
        for k in range(ptr[g], ptr[g + np.uint32(1)]):
            s = owner[k]
            if stop[s] != blocks[u, 1] and total[s] > 0.0 and miss[s] > 0.0:
                done = sofar[s] / total[s]
                high[s] = max(high[s], done - (stop[s] - hits[s]) / miss[s])
                low[s] = min(low[s], done - (blocks[u, 0] - hits[s]) / miss[s])
                stop[s] = blocks[u, 1]
            sofar[s] += step[u]
            hits[s] += 1.0
    for s in range(miss.size):
        if total[s] > 0.0 and miss[s] > 0.0:
            high[s] = max(high[s], sofar[s] / total[s] - (stop[s] - hits[s]) / miss[s])
