"""Module score: the members against genes of about the same mean expression."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from marrowsig._kernels.gather import divide, per_set

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
    bins = genes.bins(n_bins)
    count = np.bincount(bins)
    owner = np.repeat(np.arange(len(sets)), sets.found)
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
    total = x.sums(replace(sets, weight=weight + pull[owner, member_bin]))
    totals = np.zeros((x.shape[0], count.size))
    _bin_sums(x.data, x.indices, x.indptr, bins, totals)
    for b in range(count.size):
        if pull[:, b].any():
            total -= totals[:, b : b + 1] * pull[:, b]
    return divide(total, per_set(np.abs(weight), sets))


@njit(cache=True, nogil=True)
def _bin_sums(
    data: NDArray[Any],
    indices: NDArray[np.int32],
    indptr: NDArray[np.int64],
    bins: NDArray[np.int64],
    out: NDArray[np.float64],
) -> None:
    acc = np.zeros((4, out.shape[1]))
    for i in range(indptr.size - 1):
        acc[:] = 0.0
        for k in range(indptr[i], indptr[i + 1]):
            # Four sums in turn, because genes of one bin that follow each other would wait.
            acc[np.uint32(k - indptr[i]) & np.uint32(3), np.uint32(bins[np.uint32(indices[k])])] += data[k]
        for b in range(out.shape[1]):
            out[i, b] = (acc[0, b] + acc[1, b]) + (acc[2, b] + acc[3, b])
