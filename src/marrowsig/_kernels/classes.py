"""Classes of equal values within a row: all that rank methods need to know about the values.

Expression rows hold few distinct values, so most rows need no sorting: small whole numbers are counted in a
table, other values in a hash on their bits, and only rows with many distinct values are sorted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from marrowsig._kernels.buckets import BUCKETS, count_in_buckets
from marrowsig._kernels.counts import LOW as LOW_COUNT
from marrowsig._kernels.counts import classes_of_counts, low_bits
from marrowsig._kernels.hashed import DISTINCT, HASH, count_in_hash
from marrowsig._kernels.jit import INNER, KERNEL
from marrowsig._kernels.order import HALF, LOW, order_falling
from marrowsig._kernels.rows import find_used, finite_and_not_zero, rising

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.rows import Rows

LARGEST = 2048  # whole numbers below this are counted in a table
FEW = 8
DONE, UNFIT, NO_ROOM = 0, 1, 2
BLOCK = 16  # of its places, looked at together; divides LARGEST


class Entries(NamedTuple):
    """Class of every value in a column that sets use; those without an entry are zeros.

    ptr     (n_obs + 1,) int64
    slot    (n_entries,) int32, column
    number  (n_entries,) int64, class, counted over all rows
    """

    ptr: NDArray[np.int64]
    slot: NDArray[np.int32]
    number: NDArray[np.int64]


def _room(data: NDArray[Any], bits: NDArray[Any], widest: int, n_slots: int) -> tuple[Any, ...]:
    """Working memory for the rows of a block, made by numpy, as numba compiles long for every array it makes.

    A plain tuple, whose types numba looks up at once, of arrays that are apart, as large ones are new memory.
    """
    cap = max(widest, LARGEST, DISTINCT) + 1
    at, local, seen = (
        np.empty(widest + 1, np.int64),
        np.empty(widest + 1, np.int32),
        np.full(cap, -1, np.int64),
    )
    higher, count, listed = (np.empty(cap, np.int64) for _ in range(3))
    tally = np.empty(LOW_COUNT + 1 + min(widest, n_slots) + 1, np.int64)
    place, hashed = np.full(HASH, -1, np.int32), np.zeros(HASH, bits.dtype)
    value, order = np.empty(DISTINCT + 1, data.dtype), np.empty(DISTINCT + 1, np.int64)
    start, head = np.empty(BUCKETS + 1, np.int32), np.empty(BUCKETS + 1, np.int32)
    key, near, other = (np.empty(widest + 1, t) for t in (np.uint16, np.int32, np.int32))
    x, a, b = (np.empty(widest, t) for t in (np.float64, np.uint64, np.uint64))
    few, dealt = (place, hashed, value, order), (start, head, key, near, other)
    sorting = x, a, b, np.empty(3 * 2048, np.int32)
    table = np.zeros((5, LARGEST), np.int32)
    return at, tally, local, higher, count, seen, listed, table, few, dealt, sorting


def classes(
    rows: Rows, *, check: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], Entries] | None:
    """Classes of each row (ptr, above, size) and of its entries; see `Ranked`.

    With `check`, None where rows are not as `Rows` promises.
    Only classes that an entry belongs to are listed, after the class of the zeros, which comes first.
    """
    data, n, n_slots = rows.data, rows.shape[0], rows.columns.size
    stored = np.diff(rows.indptr)
    all_used = int(np.minimum(stored, n_slots).sum())
    # Room for twice the share that sets have in the columns, as memory costs more than ranking what fits in.
    usual = min(all_used, 2 * n_slots * data.size // rows.slot.size + 1024)
    bits = data.view(np.uint32 if data.dtype == np.float32 else np.uint64)
    in_use = rows.slot >= 0
    every = np.flatnonzero(in_use)
    room = _room(data, bits, int(stored.max(initial=0)), every.size)
    given = low_bits(data.dtype), rows.indices, rows.indptr, rows.slot, in_use, every, rows.slot[every], room
    for most in (usual, all_used):
        ptr, eptr = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
        above, size = np.empty(most + n * (1 + LOW_COUNT)), np.empty(most + n * (1 + LOW_COUNT))
        eslot, number = np.empty(most, np.int32), np.empty(most, np.int64)
        found = _classes(data, bits, *given, ptr, above, size, eptr, eslot, number, check=check)
        if found == UNFIT:
            return None
        if found == DONE:
            break
    total = eptr[n]
    return ptr, above[: ptr[n]], size[: ptr[n]], Entries(eptr, eslot[:total], number[:total])


@njit(**INNER)
def _whole(v: NDArray[Any], small: NDArray[np.int32]) -> int:
    """Write whole numbers from 1 to below `LARGEST` to `small`; the largest of them, -1 for other values."""
    top, other = np.int32(0), np.int32(0)
    for k in range(v.size):
        # Others are 0, because what a float beyond the range of integers becomes is not defined.
        x = v[k]
        w = np.int32(x if (x > 0) & (x < LARGEST) else 0)
        other |= np.int32(w == 0) | np.int32(w != x)
        top = max(top, w)
        small[k] = w
    return -1 if other else int(top)


@njit(**INNER)
def _count(
    v: NDArray[Any],
    small: NDArray[np.int32],
    higher: NDArray[np.int64],
    count: NDArray[np.int64],
    table: NDArray[np.int32],
) -> int:
    """Classes of small whole numbers, each its own number; how many values there are, -1 for other values."""
    for x in v[:FEW]:
        # Most rows that are not counts are known after a look at a few values.
        if x < 1 or x >= LARGEST or x != np.floor(x):
            return -1
    top = _whole(v, small)
    return _tabulate(small[: v.size], top, higher, count, table) if top >= 0 else -1


@njit(**INNER)
def _tabulate(
    small: NDArray[np.int32],
    top: int,
    higher: NDArray[np.int64],
    count: NDArray[np.int64],
    table: NDArray[np.int32],
) -> int:
    # Apart from `_count`, so that it is compiled once for all types of values; as `_ordered` is.
    # Four tables, because equal values in a row of ones would wait for each other.
    t0, t1, t2, t3, both = table[0], table[1], table[2], table[3], table[4]
    quarter = small.size // 4
    w0, w1, w2, w3 = small[::4], small[1::4], small[2::4], small[3::4]
    for k in range(quarter):
        t0[np.uint32(w0[k])] += 1
        t1[np.uint32(w1[k])] += 1
        t2[np.uint32(w2[k])] += 1
        t3[np.uint32(w3[k])] += 1
    for k in range(4 * quarter, small.size):
        t0[np.uint32(small[k])] += 1
    stop = (top + BLOCK) // BLOCK * BLOCK
    for c in range(stop):
        both[c] = t0[c] + t1[c] + t2[c] + t3[c]
    table[:4, :stop] = 0
    a = 0
    for start in range(stop - BLOCK, -1, -BLOCK):
        # Large counts are rare: most blocks are empty.
        block = both[start : start + BLOCK]
        some = np.int32(0)
        for t in block:
            some |= t
        if some:
            for c in range(BLOCK - 1, -1, -1):
                t = block[c]
                if t > 0:
                    higher[start + c], count[start + c] = a, t
                    a += t
    return a


@njit(**INNER)
def _sort(
    v: NDArray[Any],
    local: NDArray[np.int32],
    higher: NDArray[np.int64],
    count: NDArray[np.int64],
    x: NDArray[np.float64],
    a: NDArray[np.uint64],
    b: NDArray[np.uint64],
    hist: NDArray[np.int32],
) -> int:
    """Classes of any values; the number of values above zero."""
    n = v.size
    for k in range(n):
        x[k] = v[k]
    return _ordered(x[:n], local, higher, count, a[:n], b[:n], hist)


@njit(**INNER)
def _ordered(
    x: NDArray[np.float64],
    local: NDArray[np.int32],
    higher: NDArray[np.int64],
    count: NDArray[np.int64],
    a: NDArray[np.uint64],
    b: NDArray[np.uint64],
    hist: NDArray[np.int32],
) -> int:
    n = x.size
    keys = order_falling(x, a, b, hist)
    nc, positive, start = 0, 0, 0
    while start < n:
        key = keys[start]
        value = x[np.int64(key & LOW)]
        stop = start
        # The upper half of the bits nearly always tells two values apart, without a look at the values.
        while stop < n and keys[stop] >> HALF == key >> HALF and x[np.int64(keys[stop] & LOW)] == value:
            local[np.int64(keys[stop] & LOW)] = nc
            stop += 1
        higher[nc], count[nc] = start, stop - start
        if value > 0:
            positive = stop
        nc, start = nc + 1, stop
    return positive


@njit(**INNER)
def _each(
    higher: NDArray[np.int64],
    count: NDArray[np.int64],
    positive: int,
    zeros: int,
    above: NDArray[np.float64],
    size: NDArray[np.float64],
    first: int,
    number: NDArray[np.int64],
) -> None:
    for e in range(above.size):
        above[e] = higher[e] + (zeros if higher[e] >= positive else 0)
        size[e] = count[e]
        number[e] = first + e


@njit(**INNER)
def _slots(
    slot: NDArray[np.int32], columns: NDArray[np.int32], at: NDArray[np.int64], out: NDArray[np.int32]
) -> None:
    for e in range(out.size):
        out[e] = slot[np.uint32(columns[np.uint64(at[e])])]


@njit(**INNER)
def _copy(x: NDArray[np.int32], out: NDArray[np.int32]) -> None:
    # In place of out[:] = x, for whose error message numba compiles for seconds.
    for e in range(out.size):
        out[e] = x[e]


@njit(**KERNEL)
def _classes(
    data: NDArray[Any],
    bits: NDArray[Any],
    low: NDArray[Any],
    indices: NDArray[np.int32],
    indptr: NDArray[np.int64],
    slot: NDArray[np.int32],
    in_use: NDArray[np.bool_],
    every: NDArray[np.int64],
    slot_of_every: NDArray[np.int32],
    room: tuple[Any, ...],
    ptr: NDArray[np.int64],
    above: NDArray[np.float64],
    size: NDArray[np.float64],
    eptr: NDArray[np.int64],
    eslot: NDArray[np.int32],
    number: NDArray[np.int64],
    *,
    check: bool,
) -> int:
    at, tally, local, higher, count, seen, listed, table, few, dealt, sorting = room
    signed = bits.view(low.dtype)
    c, m, many = 0, 0, False
    for i in range(indptr.size - 1):
        lo, hi = indptr[i], indptr[i + 1]
        v = data[lo:hi]
        if check and not rising(indices[lo:hi]):
            return UNFIT
        used = every
        if v.size < slot.size:
            used = at[: np.int64(find_used(indices[lo:hi], in_use, at))]
        n_used = used.size
        if m + n_used > number.size:
            return NO_ROOM
        zeros = slot.size - v.size
        ptr[i], eptr[i] = c, m
        entry = slice(m, m + n_used)
        n_classes = classes_of_counts(
            v, signed[lo:hi], indices[lo:hi], slot, used, low, tally,
            above[c + 1 :], size[c + 1 :], c + 1, eslot[entry], number[entry],
        )  # fmt: skip
        if n_classes >= 0:
            above[c], size[c] = v.size, zeros
            c, m = c + 1 + n_classes, entry.stop
            continue
        if check and not finite_and_not_zero(v):
            return UNFIT
        positive = _count(v, local, higher, count, table)
        found = False
        # After a row with many distinct values, the next one is taken for another.
        if positive < 0 and not many:
            positive = count_in_hash(v, bits[lo:hi], local, higher, count, *few)
            many = positive < 0
        if positive < 0:
            positive = count_in_buckets(v, used, higher, count, *dealt)
            found = positive >= 0
            many = found
        if positive < 0:
            positive = _sort(v, local, higher, count, *sorting)
        above[c], size[c] = positive, zeros
        c += 1
        if found:
            # A class of its own for every entry, even if some are equal.
            own = slice(c, c + n_used)
            _each(higher, count, positive, zeros, above[own], size[own], c, number[entry])
            if v.size == slot.size:
                _copy(slot_of_every, eslot[entry])
            else:
                _slots(slot, indices[lo:hi], used, eslot[entry])
            c, m = own.stop, entry.stop
            continue
        u = 0
        for e in range(n_used):
            k = used[e]
            q = local[k]
            if seen[q] < 0:
                seen[q] = c
                listed[u] = q
                above[c] = higher[q] + (zeros if higher[q] >= positive else 0)
                size[c] = count[q]
                c += 1
                u += 1
            eslot[m], number[m] = slot[indices[lo + k]], seen[q]
            m += 1
        for j in range(u):
            seen[listed[j]] = -1
    ptr[indptr.size - 1], eptr[indptr.size - 1] = c, m
    return DONE
