"""`Ranked`: every row ranked once, for all rank methods and all sets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from marrowsig._kernels.classes import classes
from marrowsig._kernels.compress import cleaned
from marrowsig._kernels.jit import KERNEL
from marrowsig._kernels.rank import rank_first, rank_rows
from marrowsig._kernels.tile import Members, exact_sums, sums_of_halves

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.classes import Entries
    from marrowsig._kernels.rows import Rows
    from marrowsig._kernels.sets import Sets


@dataclass(frozen=True, eq=False)
class Ranked:
    """Classes of equal values, for the columns that sets use; the first class of a row is that of the zeros.

    ptr      (n_obs + 1,) int64, classes of row i are ptr[i]:ptr[i + 1]
    above    (n_classes,) float64, genes of the row with a higher value
    size     (n_classes,) float64, genes of the row with this value
    flat     (n_obs,) True where all values of a row are equal, so that it has no order
    entries  class of every member that is not zero
    rows     the values
    """

    ptr: NDArray[np.int64]
    above: NDArray[np.float64]
    size: NDArray[np.float64]
    flat: NDArray[np.bool_]
    entries: Entries
    rows: Rows

    @property
    def n_genes(self) -> int:
        """Columns that were ranked."""
        return self.rows.shape[1]

    @cached_property
    def low(self) -> NDArray[np.float64]:
        """Ascending rank of every class, ties "min"."""
        return self.n_genes + 1 - self.above - self.size

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """Ascending rank of every class, ties "average"."""
        return self.n_genes - self.above - 0.5 * (self.size - 1)

    def members(self, weight: NDArray[np.float64]) -> Members:
        """`weight` (n_classes,) of the class of every member."""
        ptr, slot, number = self.entries
        # As `weight[number]`, without a test of every number.
        value = weight.take(number, mode="clip")
        return Members(ptr, slot, value, weight[self.ptr[:-1]], self.rows.columns.size)

    def sums(self, weight: NDArray[np.float64], sets: Sets, *, halves: bool = False) -> NDArray[np.float64]:
        """Sum of `weight` (n_classes,) over the members of every set (n_obs, n_sets); see `exact_sums`."""
        n_slots = self.rows.columns.size
        if halves and self.entries.slot.size < self.flat.size * n_slots:
            return sums_of_halves(*self.entries, weight, weight[self.ptr[:-1]], n_slots, sets)
        return exact_sums(self.members(weight), sets, halves=halves)

    def spread(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """`weight` (n_classes,) as a dense array (n_obs, n_slots)."""
        members = self.members(weight)
        out = np.repeat(members.rest[:, None], members.n_slots, axis=1)
        out[np.repeat(np.arange(members.rest.size), np.diff(members.ptr)), members.slot] = members.value
        return out

    def first(self) -> NDArray[np.float64]:
        """Ascending ranks without ties (n_obs, n_slots): in a tied block the earlier column is higher."""
        return rank_first(rank_rows(self.rows.toarray()))[:, self.rows.columns]


def rank(rows: Rows) -> Ranked:
    """Rank the columns of every row; rows that were not checked are cleaned where they need it."""
    p = rows.shape[1]
    found = classes(rows, check=not rows.checked)
    if found is None:
        return rank(cleaned(rows))
    ptr, above, size, entries = found
    # Only rows whose genes share one value have a class of all genes.
    flat = np.diff(rows.indptr) == 0
    _find_all_same(rows.data, rows.indptr, p, flat)
    if p == 1:
        flat[:] = True
    return Ranked(ptr, above, size, flat, entries, rows)


@njit(**KERNEL)
def _find_all_same(data: NDArray[Any], indptr: NDArray[np.int64], p: int, flat: NDArray[np.bool_]) -> None:
    """Note in `flat` which of the rows with `p` values have one value throughout."""
    for i in range(flat.size):
        v = data[indptr[i] : indptr[i + 1]]
        if v.size == p:
            k = 0
            while k < p and v[k] == v[0]:
                k += 1
            flat[i] = k == p
