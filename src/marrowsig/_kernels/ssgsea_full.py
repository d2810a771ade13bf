"""The three sums of ssGSEA for rows with a value in every column that sets use, in one visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from marrowsig._kernels.grid import add_up, add_up_on_grid, grid_of
from marrowsig._kernels.jit import KERNEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.ranked import Ranked
    from marrowsig._kernels.sets import Sets


def is_full(ranks: Ranked) -> bool:
    """Whether every row has an entry in every column that sets use."""
    return 0 < ranks.entries.slot.size == ranks.flat.size * ranks.rows.columns.size


def sums_of_full_rows(
    ranks: Ranked, powers: NDArray[np.float64], sets: Sets
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Sum rank x power of the rank, that power, and the rank, each (n_obs, n_sets), ties "average".

    powers   of 0, 0.5, 1, ...

    As `Ranked.sums` has them, bit for bit, without an array of every number of every row.
    """
    out = np.zeros((3, ranks.flat.size, len(sets)))
    known = ranks.above, ranks.size, ranks.entries.number, float(ranks.n_genes)
    _sums(*known, powers, ranks.rows.columns.size, sets.ptr, sets.idx, *out)
    return out[0], out[1], out[2]


@njit(**KERNEL)
def _sums(
    above: NDArray[np.float64],
    size: NDArray[np.float64],
    number: NDArray[np.int64],
    n_genes: float,
    powers: NDArray[np.float64],
    n_slots: int,
    set_ptr: NDArray[np.int64],
    idx: NDArray[np.int64],
    steps: NDArray[np.float64],
    total: NDArray[np.float64],
    places: NDArray[np.float64],
) -> None:
    place, power = np.empty(n_slots), np.empty(n_slots)
    a, b, c = np.empty(idx.size), np.empty(idx.size), np.empty(idx.size)
    for r in range(steps.shape[0]):
        own = number[r * n_slots : (r + 1) * n_slots]
        for s in range(n_slots):
            q = np.uint64(own[s])
            place[s] = n_genes - above[q] - 0.5 * (size[q] - 1)
        for s in range(n_slots):
            power[s] = powers[np.uint32(2 * place[s])]
        for m in range(idx.size):
            j = np.uint32(idx[m])
            a[m], b[m], c[m] = place[j] * power[j], power[j], place[j]
        for s in range(set_ptr.size - 1):
            part = slice(set_ptr[s], set_ptr[s + 1])
            grid = grid_of(a[part])
            steps[r, s] = add_up_on_grid(a[part], grid) / grid
            grid = grid_of(b[part])
            total[r, s] = add_up_on_grid(b[part], grid) / grid
            places[r, s] = add_up(c[part])
