"""Sums over the members of every set, sixteen rows at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets

TILE = 16


class Members(NamedTuple):
    """One number for every row and column that sets use.

    ptr     (n_obs + 1,) int64, entries of row i are ptr[i]:ptr[i + 1]
    slot    (n_entries,) int32, column
    value   (n_entries,) float64
    rest    (n_obs,) float64, the number in the columns without an entry
    n_slots columns
    """

    ptr: NDArray[np.int64]
    slot: NDArray[np.int32]
    value: NDArray[np.float64]
    rest: NDArray[np.float64]
    n_slots: int


def tile_sums(members: Members, sets: Sets) -> NDArray[np.float64]:
    """Weighted sum over the members of every set (n_obs, n_sets); 0 where a set has no member.

    Members are added in the order of the signature, row by row on its own: neither the order of the columns,
    nor the other rows, nor the other sets change a bit.
    """
    if not sets.idx.size:
        return np.zeros((members.rest.size, len(sets)))
    out = np.empty((members.rest.size, len(sets)))
    _tile_sums(*members[:4], members.n_slots, sets.ptr, sets.idx, sets.weight, out)
    return out


@njit(cache=True, nogil=True)
def _tile_sums(
    ptr: NDArray[np.int64],
    slot: NDArray[np.int32],
    value: NDArray[np.float64],
    rest: NDArray[np.float64],
    n_slots: int,
    set_ptr: NDArray[np.int64],
    idx: NDArray[np.int64],
    weight: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    n = rest.size
    tile = np.empty((n_slots, TILE))
    acc, blank = np.zeros(TILE), np.zeros(TILE)
    for first in range(0, n, TILE):
        last = min(n, first + TILE)
        for r in range(first, last):
            blank[r - first] = rest[r]
        for s in range(n_slots):
            for j in range(TILE):
                tile[s, j] = blank[j]
        for r in range(first, last):
            for k in range(ptr[r], ptr[r + 1]):
                tile[np.uint32(slot[k]), r - first] = value[k]
        for s in range(set_ptr.size - 1):
            for j in range(TILE):
                acc[j] = 0.0
            for m in range(set_ptr[s], set_ptr[s + 1]):
                w, row = weight[m], tile[np.uint32(idx[m])]
                for j in range(TILE):
                    acc[j] += w * row[j]
            for r in range(first, last):
                out[r, s] = acc[r - first]


def exact_sums(members: Members, sets: Sets, most: float) -> NDArray[np.float64]:
    """`tile_sums` without a rounding error that depends on the order, so that only the entries are visited.

    most    no number is larger. Each is first rounded to a multiple of a power of two, small enough for the
            sums over a set to be exact: off by less than 2^-51 x most x members, as sums of doubles are
    """
    out = np.zeros((members.rest.size, len(sets)))
    if sets.idx.size:
        bits = 51 - np.ceil(np.log2(max(most, 1.0) * np.maximum(sets.found, 1)))
        _exact_sums(*members[:4], *sets.by_column(members.n_slots), 2.0**bits, out)
    return out


@njit(cache=True, nogil=True)
def _exact_sums(
    ptr: NDArray[np.int64],
    slot: NDArray[np.int32],
    value: NDArray[np.float64],
    rest: NDArray[np.float64],
    column_ptr: NDArray[np.int64],
    owner: NDArray[np.int64],
    weight: NDArray[np.float64],
    scale: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    total = np.zeros(out.shape[1])
    for q in range(owner.size):
        total[owner[q]] += weight[q]
    zero = np.empty(total.size)
    for r in range(rest.size):
        for s in range(total.size):
            zero[s] = np.rint(rest[r] * scale[s])
            out[r, s] = total[s] * zero[s]
        for k in range(ptr[r], ptr[r + 1]):
            j, v = np.uint32(slot[k]), value[k]
            for q in range(column_ptr[j], column_ptr[j + np.uint32(1)]):
                o = np.uint32(owner[q])
                out[r, o] += weight[q] * (np.rint(v * scale[o]) - zero[o])
        for s in range(total.size):
            out[r, s] /= scale[s]


def value_sums(members: Members, top: NDArray[np.float64], sets: Sets) -> NDArray[np.float64]:
    """`tile_sums` of values, zero where there is no entry, exact in any order as `exact_sums` are.

    top     (n_obs,) power of two, no value of the row is larger
    """
    out = np.zeros((members.rest.size, len(sets)))
    if sets.idx.size:
        heaviest = np.ones(len(sets))
        np.maximum.at(heaviest, np.repeat(np.arange(len(sets)), sets.found), np.abs(sets.weight))
        bits = 51 - np.ceil(np.log2(heaviest * np.maximum(sets.found, 1)))
        _value_sums(*members[:3], 1.0 / top, *sets.by_column(members.n_slots), 2.0**bits, out)
    return out


@njit(cache=True, nogil=True)
def _value_sums(
    ptr: NDArray[np.int64],
    slot: NDArray[np.int32],
    value: NDArray[np.float64],
    factor: NDArray[np.float64],
    column_ptr: NDArray[np.int64],
    owner: NDArray[np.int64],
    weight: NDArray[np.float64],
    scale: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    for r in range(factor.size):
        for k in range(ptr[r], ptr[r + 1]):
            j, v = np.uint32(slot[k]), value[k] * factor[r]
            for q in range(column_ptr[j], column_ptr[j + np.uint32(1)]):
                o = np.uint32(owner[q])
                out[r, o] += np.rint(weight[q] * v * scale[o])
        for s in range(scale.size):
            out[r, s] /= scale[s] * factor[r]


def tile_dense(a: NDArray[np.float64], sets: Sets) -> NDArray[np.float64]:
    """`tile_sums` of a dense array (n_obs, n_slots)."""
    n, k = a.shape
    ptr = np.arange(n + 1, dtype=np.int64) * k
    slot = np.tile(np.arange(k, dtype=np.int32), n)
    return tile_sums(Members(ptr, slot, np.ascontiguousarray(a).ravel(), np.zeros(n), k), sets)
