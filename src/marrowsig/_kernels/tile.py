"""Sums over the members of every set, sixteen rows at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from marrowsig._kernels.grid import add_up, add_up_on_grid, grid_of, powers_of_two
from marrowsig._kernels.jit import INNER, KERNEL

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


@njit(**KERNEL)
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
    ptr, slot, value, rest, n_slots = members
    out = np.zeros((rest.size, len(sets)))
    if sets.idx.size and ptr[-1] == rest.size * n_slots:
        _sums_of_full_rows(value, n_slots, sets.ptr, sets.idx, sets.weight, out, exact=halves)
    elif halves:
        return sums_of_halves(ptr, slot, np.arange(slot.size), value, rest, n_slots, sets)
    elif sets.idx.size:
        _sums_on_a_grid(ptr, slot, value, rest, *sets.by_column(n_slots), sets.found, out)
    return out


def sums_of_halves(
    ptr: NDArray[np.int64],
    slot: NDArray[np.int32],
    number: NDArray[np.int64],
    value: NDArray[np.float64],
    rest: NDArray[np.float64],
    n_slots: int,
    sets: Sets,
) -> NDArray[np.float64]:
    """Do as `exact_sums` does with `halves`, entry k being `value[number[k]]`."""
    out = np.zeros((rest.size, len(sets)))
    if sets.idx.size:
        _sums_of_halves(ptr, slot, number, value, rest, *sets.by_column(n_slots), sets.found, out)
    return out


@njit(**INNER)
def _memberships(
    slot: NDArray[np.int32],
    value: NDArray[np.float64],
    shift: float,
    column_ptr: NDArray[np.int64],
    owner: NDArray[np.int64],
    weight: NDArray[np.float64],
    own: NDArray[np.int32],
    product: NDArray[np.float64],
    at: NDArray[np.int64],
) -> int:
    """Write set and w (x - shift) of every membership of a row to `own` and `product`; how many there are.

    The first set of every entry, then the second of those that have two, and so on: a loop over the sets of
    one entry after the other would end at a place that the processor cannot foresee.
    """
    n, left = np.uint64(0), np.uint64(0)
    for k in range(slot.size):
        j = np.uint32(slot[k])
        q, stop = column_ptr[j], column_ptr[j + np.uint32(1)]
        more = min(q, owner.size - 1)
        own[n], product[n] = owner[np.uint32(more)], weight[np.uint32(more)] * (value[k] - shift)
        n += np.uint64(q < stop)
        at[left] = k
        left += np.uint64(q + 1 < stop)
    nth = 1
    while left > 0:
        kept = np.uint64(0)
        for i in range(left):
            k = at[np.uint64(i)]
            j = np.uint32(slot[np.uint64(k)])
            q = column_ptr[j] + nth
            own[n], product[n] = owner[np.uint64(q)], weight[np.uint64(q)] * (value[np.uint64(k)] - shift)
            n += np.uint64(1)
            at[kept] = k
            kept += np.uint64(q + 1 < column_ptr[j + np.uint32(1)])
        left = kept
        nth += 1
    return int(n)


@njit(**INNER)
def _room(ptr: NDArray[np.int64], slot: NDArray[np.int32], column_ptr: NDArray[np.int64]) -> tuple[int, int]:
    """Most entries, and most memberships, of any row."""
    entries, most = 0, 0
    for r in range(ptr.size - 1):
        total = 0
        for k in range(ptr[r], ptr[r + 1]):
            j = np.uint32(slot[k])
            total += column_ptr[j + np.uint32(1)] - column_ptr[j]
        entries, most = max(entries, ptr[r + 1] - ptr[r]), max(most, total)
    return entries, most


@njit(**KERNEL)
def _sums_of_halves(
    ptr: NDArray[np.int64],
    slot: NDArray[np.int32],
    number: NDArray[np.int64],
    value: NDArray[np.float64],
    rest: NDArray[np.float64],
    column_ptr: NDArray[np.int64],
    owner: NDArray[np.int64],
    weight: NDArray[np.float64],
    size: NDArray[np.int64],
    out: NDArray[np.float64],
) -> None:
    widest = 0
    for r in range(rest.size):
        widest = max(widest, ptr[r + 1] - ptr[r])
    at, last = np.empty(widest + 1, np.int64), np.int64(owner.size - 1)
    for r in range(rest.size):
        z, total = rest[r], out[r]
        for s in range(size.size):
            total[s] = size[s] * z
        # The first set of every entry, then the second of those that have two, and so on, as `_memberships`.
        left = np.uint64(0)
        for k in range(ptr[r], ptr[r + 1]):
            j = np.uint32(slot[k])
            q, stop = column_ptr[j], column_ptr[j + np.uint32(1)]
            m = np.uint32(min(q, last))
            # A column in no set adds 0 to any of them.
            total[np.uint32(owner[m])] += (weight[m] if q < stop else 0.0) * (value[np.uint64(number[k])] - z)
            at[left] = k
            left += np.uint64(q + 1 < stop)
        nth = 1
        while left > 0:
            kept = np.uint64(0)
            for i in range(left):
                k = at[np.uint64(i)]
                j = np.uint32(slot[np.uint64(k)])
                q = column_ptr[j] + nth
                x = value[np.uint64(number[np.uint64(k)])] - z
                total[np.uint32(owner[np.uint64(q)])] += weight[np.uint64(q)] * x
                at[kept] = k
                kept += np.uint64(q + 1 < column_ptr[j + np.uint32(1)])
            left = kept
            nth += 1


@njit(**KERNEL)
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
    entries, room = _room(ptr, slot, column_ptr)
    own, product, at = np.empty(room + 1, np.int32), np.empty(room + 1), np.empty(entries + 1, np.int64)
    largest, scale, back = np.empty(size.size), np.empty(size.size), np.empty(size.size)
    left, digits = np.empty(size.size, np.int64), np.empty(size.size, np.int64)
    for s in range(size.size):
        digits[s] = 51 - math.frexp(np.float64(size[s]))[1]
    for r in range(rest.size):
        z, total = rest[r], out[r]
        row = slice(ptr[r], ptr[r + 1])
        n = _memberships(slot[row], value[row], 0.0, column_ptr, owner, weight, own, product, at)
        for s in range(size.size):  # not left[:] = size, for whose error message numba compiles for seconds
            largest[s], left[s] = 0.0, size[s]
        for i in range(n):
            o = np.uint32(own[i])
            largest[o] = max(largest[o], abs(product[i]))
            left[o] -= 1
        for s in range(size.size):
            largest[s] = max(largest[s], abs(z)) if left[s] > 0 else largest[s]
        # 2^51 over the number of members and the largest of them, within what a number can hold.
        powers_of_two(largest, digits, scale, back)
        for s in range(size.size):
            total[s] = left[s] * np.rint(z * scale[s]) if left[s] > 0 else 0.0
        for i in range(n):
            o = np.uint32(own[i])
            total[o] += np.rint(product[i] * scale[o])
        for s in range(size.size):
            total[s] *= back[s]


@njit(**KERNEL)
def _sums_of_full_rows(
    value: NDArray[np.float64],
    n_slots: int,
    set_ptr: NDArray[np.int64],
    idx: NDArray[np.int64],
    weight: NDArray[np.float64],
    out: NDArray[np.float64],
    *,
    exact: bool,
) -> None:
    """Do as `_sums_on_a_grid` or `_sums_of_halves` does, set by set, where every column has an entry."""
    product = np.empty(idx.size)
    for r in range(out.shape[0]):
        x = value[r * n_slots : (r + 1) * n_slots]
        for m in range(idx.size):
            product[m] = weight[m] * x[np.uint32(idx[m])]
        for s in range(set_ptr.size - 1):
            part = product[set_ptr[s] : set_ptr[s + 1]]
            if exact:
                out[r, s] = add_up(part)
            else:
                grid = grid_of(part)
                out[r, s] = add_up_on_grid(part, grid) / grid


def tile_dense(a: NDArray[np.float64], sets: Sets) -> NDArray[np.float64]:
    """`tile_sums` of a dense array (n_obs, n_slots)."""
    n, k = a.shape
    ptr = np.arange(n + 1, dtype=np.int64) * k
    slot = np.tile(np.arange(k, dtype=np.int32), n)
    return tile_sums(Members(ptr, slot, np.ascontiguousarray(a).ravel(), np.zeros(n), k), sets)
