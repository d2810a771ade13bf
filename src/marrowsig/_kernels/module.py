"""Module score: the members against genes of about the same mean expression."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from marrowsig._kernels.gather import divide, per_set
from marrowsig._kernels.jit import KERNEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.moments import Genes
    from marrowsig._kernels.rows import Rows
    from marrowsig._kernels.sets import Sets


def module(
    x: Rows, sets: Sets, *, genes: Genes, n_bins: int = 25, controls: Sets | None = None
) -> NDArray[np.float64]:
    """Sum of w (x - control) over the members, divided by the sum of |w| (doi:10.1126/science.aad0501).

    x         (n_obs, n_genes) log expression
    genes     mean of every gene over all rows
    n_bins    bins of about equal size by mean expression; genes with the same mean share a bin
    controls  control genes of each set; by default the control of a gene is the mean of all other genes of
              its bin that are not in the set: what random controls give on average, without their noise
    out       (n_obs, n_sets) in the unit of `x`; NaN where no member is present, and where no member has a
              control. A member whose bin holds nothing but the set is left out

    The bins come from all rows: adding a row can change every score.
    """
    if controls is not None:
        n = per_set(np.abs(sets.weight), sets)
        balance = divide(per_set(sets.weight, sets), n)
        return divide(x.sums(sets), n) - balance * divide(x.sums(controls), controls.found.astype(np.float64))
    if n_bins < 1:
        msg = f"n_bins={n_bins!r} is not at least 1"
        raise ValueError(msg)
    bins, used, pull, weights = _controlled(x, sets, genes, n_bins)
    total = x.sums(used)
    _less_bins(x.data, x.indices, x.indptr, bins, pull, total)
    return divide(total, weights)


def _controlled(
    x: Rows, sets: Sets, genes: Genes, n_bins: int
) -> tuple[NDArray[Any], Sets, NDArray[np.float64], NDArray[np.float64]]:
    """Bin of every gene, sets with weights, weight of every bin (n_bins, n_sets), and sum of |w|.

    The same for all rows, so it is kept with the sets.
    """
    seen, columns, found = sets.known.get(("module", n_bins), (None, None, None))
    if seen is genes and columns is x.columns:
        return found
    bins = genes.bins(n_bins)
    count = np.bincount(bins)
    owner = sets.owner
    member_bin = bins[x.columns[sets.idx]]
    shape = (len(sets), count.size)
    inside = np.zeros(shape)
    np.add.at(inside, (owner, member_bin), 1.0)
    free = count - inside
    weight = np.where(free[owner, member_bin] > 0, sets.weight, 0.0)
    pull = np.zeros(shape)
    np.add.at(pull, (owner, member_bin), weight)
    pull = np.where(free > 0, pull / np.maximum(free, 1.0), 0.0)
    # A member counts for itself, and is taken out of the sum of its bin.
    used = replace(sets, weight=weight + pull[owner, member_bin])
    # Bins as small numbers, so that all of them stay near the processor.
    small = bins.astype(_smallest(count.size))
    found = (small, used, np.ascontiguousarray(pull.T), per_set(np.abs(weight), sets))
    sets.known["module", n_bins] = (genes, x.columns, found)
    return found


def _smallest(n: int) -> type[np.unsignedinteger[Any]]:
    return np.uint16 if n <= 2**16 else np.uint64


@njit(**KERNEL)
def _less_bins(
    data: NDArray[Any],
    indices: NDArray[np.int32],
    indptr: NDArray[np.int64],
    bins: NDArray[Any],
    pull: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Take the sum of every bin times `pull` (n_bins, n_sets) from `out` (n_obs, n_sets)."""
    n = pull.shape[0]
    a0, a1, a2, a3 = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    pulls = np.zeros(n, np.bool_)
    for b in range(n):
        pulls[b] = pull[b].any()
    for i in range(indptr.size - 1):
        a0[:], a1[:], a2[:], a3[:] = 0.0, 0.0, 0.0, 0.0
        v, j = data[indptr[i] : indptr[i + 1]], indices[indptr[i] : indptr[i + 1]]
        even = v.size - v.size % 4
        v0, v1, v2, v3 = v[:even:4], v[1:even:4], v[2:even:4], v[3:even:4]
        j0, j1, j2, j3 = j[:even:4], j[1:even:4], j[2:even:4], j[3:even:4]
        # Four sums in turn, because genes of one bin that follow each other would wait.
        for k in range(v0.size):
            a0[bins[np.uint32(j0[k])]] += v0[k]
            a1[bins[np.uint32(j1[k])]] += v1[k]
            a2[bins[np.uint32(j2[k])]] += v2[k]
            a3[bins[np.uint32(j3[k])]] += v3[k]
        for k in range(even, v.size):
            q = bins[np.uint32(j[k])]
            if k == even:
                a0[q] += v[k]
            elif k == even + 1:
                a1[q] += v[k]
            else:
                a2[q] += v[k]
        row = out[i]
        for b in range(n):
            if pulls[b]:
                total, by = (a0[b] + a1[b]) + (a2[b] + a3[b]), pull[b]
                for s in range(row.size):
                    row[s] -= total * by[s]
