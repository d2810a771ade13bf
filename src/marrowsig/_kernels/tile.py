"""Sums over the members of every set, sixteen rows at a time."""

from __future__ import annotations

import math
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


def exact_sums(members: Members, sets: Sets, *, halves: bool = False) -> NDArray[np.float64]:
    """`tile_sums` without a rounding error that depends on the order, so that only the entries are visited.

    halves  all numbers are multiples of a power of two, such as ranks, and add up exactly. Others are rounded
            to a multiple of a power of two that makes the sum over a set exact: off by less than 2^-51 x
            members x the largest of them, as sums of doubles are. Weights other than 1 need `rest` to be zero
    """
    out = np.zeros((members.rest.size, len(sets)))
    if sets.idx.size:
        kernel = _sums_of_halves if halves else _sums_on_a_grid
        kernel(*members[:4], *sets.by_column(members.n_slots), sets.found, out)
    return out


@njit(cache=True, nogil=True)
def _sums_of_halves(
    ptr: NDArray[np.int64],
    slot: NDArray[np.int32],
    value: NDArray[np.float64],
    rest: NDArray[np.float64],
    column_ptr: NDArray[np.int64],
    owner: NDArray[np.int64],
    weight: NDArray[np.float64],
    size: NDArray[np.int64],
    out: NDArray[np.float64],
) -> None:
    for r in range(rest.size):
        z = rest[r]
        for s in range(size.size):
            out[r, s] = size[s] * z
        for k in range(ptr[r], ptr[r + 1]):
            more = value[k] - z
            if more != 0.0:
                j = np.uint32(slot[k])
                for q in range(column_ptr[j], column_ptr[j + np.uint32(1)]):
                    out[r, np.uint32(owner[q])] += weight[q] * more


@njit(cache=True, nogil=True)
def _sums_on_a_grid(
    ptr: NDArray[np.int64],
    slot: NDArray[np.int32],
    value: NDArray[np.float64],
    rest: NDArray[np.float64],
    column_ptr: NDArray[np.int64],
    owner: NDArray[np.int64],
    weight: NDArray[np.float64],
    size: NDArray[np.int64],
    out: NDArray[np.float64],
) -> None:
    most, scale = np.empty(size.size), np.empty(size.size)
    left = np.empty(size.size, np.int64)
    for r in range(rest.size):
        most[:], left[:] = 0.0, size
        for k in range(ptr[r], ptr[r + 1]):
            j, v = np.uint32(slot[k]), value[k]
            for q in range(column_ptr[j], column_ptr[j + np.uint32(1)]):
                o = np.uint32(owner[q])
                most[o] = max(most[o], abs(weight[q] * v))
                left[o] -= 1
        for s in range(size.size):
            if left[s] > 0:
                most[s] = max(most[s], abs(rest[r]))
            # 2^51 over the number of members and the largest of them, within what a number can hold.
            power = 51 - math.frexp(most[s])[1] - math.frexp(np.float64(size[s]))[1]
            scale[s] = math.ldexp(1.0, max(-1000, min(1000, power)))
            out[r, s] = left[s] * np.rint(rest[r] * scale[s]) if left[s] > 0 else 0.0
        for k in range(ptr[r], ptr[r + 1]):
            j, v = np.uint32(slot[k]), value[k]
            for q in range(column_ptr[j], column_ptr[j + np.uint32(1)]):
                o = np.uint32(owner[q])
                out[r, o] += np.rint(weight[q] * v * scale[o])
        for s in range(size.size):
            out[r, s] /= scale[s]


def tile_dense(a: NDArray[np.float64], sets: Sets) -> NDArray[np.float64]:
    """`tile_sums` of a dense array (n_obs, n_slots)."""
    n, k = a.shape
    ptr = np.arange(n + 1, dtype=np.int64) * k
    slot = np.tile(np.arange(k, dtype=np.int32), n)
    return tile_sums(Members(ptr, slot, np.ascontiguousarray(a).ravel(), np.zeros(n), k), sets)
