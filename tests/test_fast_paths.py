"""Shortcuts of the kernels, each against the long way or plain numpy, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from marrowsig._kernels import moments
from marrowsig._kernels.buckets import BUCKETS, count_in_buckets
from marrowsig._kernels.classes import classes
from marrowsig._kernels.compress import NotFiniteError, compress
from marrowsig._kernels.ranked import Ranked, rank
from marrowsig._kernels.rows import Rows, read_only
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
    moments._totals(read_only(data), read_only(indices), exact)
    moments._plain_totals(read_only(data), read_only(indices), plain[0])
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
    positive = count_in_buckets(read_only(v), at, higher, count, *room)
    assert positive == (v > 0).sum()
    np.testing.assert_array_equal(higher[: at.size], [(v > x).sum() for x in v[at]])
    np.testing.assert_array_equal(count[: at.size], [(v == x).sum() for x in v[at]])


@pytest.mark.parametrize("top", [3, 17, 700, 2047, 2048, 5000])
def test_whole_numbers_are_counted_up_to_any_size(top: int) -> None:
    rng = np.random.default_rng(top)
    v = np.minimum(rng.geometric(0.3, 500), top).astype(np.float32)
    v[77] = top
    slot = np.arange(600, dtype=np.int32)
    rows = Rows(v, np.arange(500, dtype=np.int32), np.array([0, 500]), np.arange(600), slot)
    ptr, above, size, entries = classes(rows)
    np.testing.assert_array_equal(above[entries.number], [(v > x).sum() for x in v])
    np.testing.assert_array_equal(size[entries.number], [(v == x).sum() for x in v])
    assert (above[0], size[0], ptr[-1]) == (500, 100, np.unique(v).size + 1)


ROWS_OF_COUNTS = {
    "counts": lambda x: x,
    "some high": lambda x: np.where(np.arange(x.size) % 50 == 0, x * 1000, x),
    "high and not whole": lambda x: np.where(np.arange(x.size) % 50 == 0, x + 30.25, x),
    "many high": lambda x: np.where(np.arange(x.size) % 3 == 0, x * 1000, x),
    "one not whole": lambda x: np.where(np.arange(x.size) == 70, 2.5, x),
    "one below zero": lambda x: np.where(np.arange(x.size) == 70, -3, x),
    "ones": np.ones_like,
    "beyond whole numbers": lambda x: np.where(np.arange(x.size) == 70, 1e30, x),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ROWS_OF_COUNTS)
def test_classes_of_counts_are_those_of_all_values(kind: str, dtype: type) -> None:
    rng = np.random.default_rng(5)
    v = ROWS_OF_COUNTS[kind](rng.geometric(0.5, 500).astype(float)).astype(dtype)
    columns = np.sort(rng.choice(900, v.size, replace=False)).astype(np.int32)
    slot = np.full(900, -1, np.int32)
    used = np.sort(rng.choice(900, 300, replace=False))
    slot[used] = np.arange(used.size)
    _, above, size, entries = classes(Rows(v, columns, np.array([0, v.size]), used, slot))
    mine = np.isin(columns, used)
    np.testing.assert_array_equal(entries.slot, slot[columns[mine]])
    lower = [(v > x).sum() + (400 if x < 0 else 0) for x in v[mine]]
    np.testing.assert_array_equal(above[entries.number], lower)
    np.testing.assert_array_equal(size[entries.number], [(v == x).sum() for x in v[mine]])
    assert (above[0], size[0]) == ((v > 0).sum(), 400)


def test_rows_after_one_with_many_values_are_ranked_as_alone() -> None:
    rng = np.random.default_rng(6)
    wide, few = rng.lognormal(size=600), rng.integers(1, 9, 600) / 4
    flat = np.full(600, 2.5)  # of which buckets cannot be made
    x = np.stack([wide, few, wide, wide, few, few, wide, flat, flat])
    slot = np.arange(600, dtype=np.int32)
    for row, ranked in zip(x, _rows_of(rank(compress(x, 0, len(x), np.arange(600), slot))), strict=True):
        np.testing.assert_array_equal(
            ranked, _rows_of(rank(compress(row[None], 0, 1, np.arange(600), slot)))[0]
        )


def _rows_of(ranked: Ranked) -> np.ndarray:
    return np.stack([ranked.spread(ranked.above), ranked.spread(ranked.size)], axis=1)


def _stored_twice(x: np.ndarray) -> sparse.csr_matrix:
    half = sparse.csr_matrix(x / 2)
    data, indices = np.repeat(half.data, 2), np.repeat(half.indices, 2)
    return sparse.csr_matrix((data, indices, 2 * half.indptr), shape=x.shape)


def _zeros_stored(x: np.ndarray) -> sparse.csr_matrix:
    full = sparse.csr_matrix(x + 1)
    full.data -= 1
    return full


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, _stored_twice, _zeros_stored])
def test_ranking_checks_the_rows_that_it_reads(form) -> None:
    rng = np.random.default_rng(7)
    x = rng.integers(1, 6, (5, 40)).astype(float)
    x[3, 10:] = 0.0  # not in the first row, which is all that is looked at before
    columns, slot = np.arange(40), np.arange(40, dtype=np.int32)
    given = form(x)
    checked, other = (rank(compress(given, 1, 5, columns, slot, check=c)) for c in (True, False))
    np.testing.assert_array_equal(_rows_of(other), _rows_of(checked))
    np.testing.assert_array_equal(other.rows.toarray(), x[1:5])
    x[4, 3], x[4, 4] = np.nan, np.inf
    with pytest.raises(NotFiniteError) as caught:
        rank(compress(form(x), 1, 5, columns, slot, check=False))
    assert caught.value.args == (4 if form is _stored_twice else 2,)
