"""Uncertainty of a score that comes from which genes are in the set: the grouped jackknife."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets

GROUPS = 50  # at most; larger sets leave out several genes at a time


def groups(sets: Sets) -> NDArray[np.int64]:
    """Group of every member (n_members,): each gene on its own, or dealt out in turn, up and down alike."""
    out = np.empty(sets.idx.size, np.int64)
    for s in range(len(sets)):
        members = slice(sets.ptr[s], sets.ptr[s + 1])
        # Rising genes first, so that every group of a large set holds both directions.
        order = np.argsort(sets.weight[members] < 0, kind="stable")
        out[members][order] = np.arange(order.size) % GROUPS
    return out


def error(left: NDArray[np.float64], group: NDArray[np.int64], sets: Sets) -> NDArray[np.float64]:
    """Jackknife standard error of every score (n_obs, n_sets) (Tukey 1958; Efron & Stein 1981).

    left    (n_obs, n_left) scores without each group in turn, set by set
    group   (n_members,) group of every member

    NaN for sets with fewer than three groups, and where a score without a group has no value.
    """
    out = np.full((left.shape[0], len(sets)), np.nan)
    count = n_groups(group, sets)
    start = 0
    for s, g in enumerate(count):
        part = left[:, start : start + g]
        start += g
        if g >= 3:
            centre = part.mean(axis=1, keepdims=True)
            out[:, s] = np.sqrt((g - 1) / g * ((part - centre) ** 2).sum(axis=1))
    return out


def n_groups(group: NDArray[np.int64], sets: Sets) -> NDArray[np.int64]:
    """Count the groups of every set (n_sets,)."""
    edges = zip(sets.ptr[:-1], sets.ptr[1:], strict=True)
    return np.array([group[a:b].max(initial=-1) + 1 for a, b in edges], np.int64)
