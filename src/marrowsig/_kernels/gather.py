"""Sums over the members of every set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, prange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets


@njit(parallel=True, cache=True, nogil=True)
def _sums(
    a: NDArray[np.float64],
    ptr: NDArray[np.int64],
    idx: NDArray[np.int64],
    weight: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    for i in prange(a.shape[0]):
        for s in range(ptr.size - 1):
            total = 0.0
            for j in range(ptr[s], ptr[s + 1]):
                total += weight[j] * a[i, idx[j]]
            out[i, s] = total


def member_sums(a: NDArray[np.float64], sets: Sets) -> NDArray[np.float64]:
    """Weighted sum over the members of every set.

    a       (n_obs, n_genes)
    out     (n_obs, n_sets); 0 where a set has no member

    Members are added in the order of the signature, so the order of the columns changes no bit.
    """
    out = np.empty((a.shape[0], len(sets)))
    _sums(np.ascontiguousarray(a, dtype=np.float64), sets.ptr, sets.idx, sets.weight, out)
    return out


def per_set(values: NDArray[np.float64], sets: Sets) -> NDArray[np.float64]:
    """Sum of one value per member (n_members,), set by set."""
    owner = np.repeat(np.arange(len(sets)), sets.found)
    return np.bincount(owner, weights=values, minlength=len(sets)).astype(np.float64)


def divide(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide `a` by `b`; NaN where `b` is not positive."""
    safe: NDArray[np.float64] = np.where(b > 0, b, np.nan)
    return np.asarray(a / safe, dtype=np.float64)
