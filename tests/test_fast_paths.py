"""Shortcuts of the kernels, each against the long way or plain numpy, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from marrowsig._kernels import moments
from marrowsig._kernels.buckets import BUCKETS, count_in_buckets
from marrowsig._kernels.classes import classes
from marrowsig._kernels.sets import Sets
from marrowsig._kernels.tile import Members, exact_sums


def _sets(rng: np.random.Generator, n_slots: int, n_sets: int, weights: bool = True) -> Sets:
    sizes = rng.integers(1, n_slots, n_sets)
    idx = np.concatenate([rng.permutation(n_slots)[:k] for k in sizes]).astype(np.int64)
    weight = rng.normal(size=idx.size) if weights else np.ones(idx.size)
    ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Sets(
        tuple(f"s{i}" for i in range(n_sets)), ptr, idx, weight, sizes, n_slots, np.zeros(n_sets, np.int64)
    )


def _members(x: np.ndarray) -> Members:
    """Entries for what is not zero."""
    row, slot = np.nonzero(x)
    ptr = np.searchsorted(row, np.arange(len(x) + 1)).astype(np.int64)
    return Members(ptr, slot.astype(np.int32), x[row, slot], np.zeros(len(x)), x.shape[1])


@pytest.mark.parametrize("unit", [1.0, 1e-280, 1e300])
def test_sums_of_full_rows_are_those_of_rows_with_a_zero_more(unit: float) -> None:
    rng = np.random.default_rng(1)
    x = rng.lognormal(size=(5, 40)) * unit
    wide = np.hstack([x, np.zeros((5, 1))])  # the same entries, but not every column has one
    sets = _sets(rng, 40, 7)
    full, sparse = exact_sums(_members(x), sets), exact_sums(_members(wide), sets)
    np.testing.assert_array_equal(full, sparse)
    plain = np.array([[x[i, s] @ w for s, w in _parts(sets)] for i in range(5)])
    np.testing.assert_allclose(full, plain, rtol=1e-12, atol=1e-13 * 40 * x.max())


def _parts(sets: Sets) -> list[tuple[np.ndarray, np.ndarray]]:
    spans = [slice(a, b) for a, b in zip(sets.ptr[:-1], sets.ptr[1:], strict=True)]
    return [(sets.idx[s], sets.weight[s]) for s in spans]


def test_sums_of_ranks_do_not_depend_on_the_way() -> None:
    rng = np.random.default_rng(2)
    x = rng.integers(0, 9, (6, 30)) / 2.0
    sets = _sets(rng, 30, 5, weights=False)
    np.testing.assert_array_equal(exact_sums(_members(x), sets, halves=True), exact_sums(_members(x), sets))


def test_plain_totals_are_used_only_where_they_are_exact() -> None:
    rng = np.random.default_rng(3)
    data = rng.lognormal(size=4000).astype(np.float32)
    indices = rng.integers(0, 50, 4000).astype(np.int32)
    exact, plain = np.zeros((2, 50)), np.zeros((2, 50))
    moments._totals(data, indices, exact)
    moments._plain_totals(data, indices, plain[0])
    assert moments._adds_exactly(data, 4000)
    np.testing.assert_array_equal(plain, exact)
    assert not moments._adds_exactly(np.append(data, np.float32(1e-12)), 4000)
    assert not moments._adds_exactly(-data, 4000)
    assert not moments._adds_exactly(data.astype(np.float64), 4000)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_buckets_count_values_above_and_equal(dtype: type) -> None:
    rng = np.random.default_rng(4)
    v = np.round(rng.normal(size=3001), 3).astype(dtype)
    at = np.sort(rng.choice(v.size, 400, replace=False)).astype(np.int64)
    higher, count = np.empty(v.size, np.int64), np.empty(v.size, np.int64)
    start, head = np.empty((2, BUCKETS + 1), np.int32)
    near, other = np.empty((2, v.size + 1), np.int32)
    room = (start, head, np.empty(v.size, np.uint16), near, other)
    positive = count_in_buckets(v, at, higher, count, *room)
    assert positive == (v > 0).sum()
    np.testing.assert_array_equal(higher[: at.size], [(v > x).sum() for x in v[at]])
    np.testing.assert_array_equal(count[: at.size], [(v == x).sum() for x in v[at]])


@pytest.mark.parametrize("top", [3, 17, 700, 2047, 2048, 5000])
def test_whole_numbers_are_counted_up_to_any_size(top: int) -> None:
    rng = np.random.default_rng(top)
    v = np.minimum(rng.geometric(0.3, 500), top).astype(np.float32)
    v[77] = top
    slot = np.arange(600, dtype=np.int32)
    ptr, above, size, entries = classes(
        v, np.arange(500, dtype=np.int32), np.array([0, 500]), slot, slot.size
    )
    np.testing.assert_array_equal(above[entries.number], [(v > x).sum() for x in v])
    np.testing.assert_array_equal(size[entries.number], [(v == x).sum() for x in v])
    assert (above[0], size[0], ptr[-1]) == (500, 100, np.unique(v).size + 1)
