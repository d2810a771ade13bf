"""Kernels against scipy, closed forms and direct definitions."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.stats import mannwhitneyu, median_abs_deviation, rankdata, zscore

from marrowsig._kernels.mean import mean
from marrowsig._kernels.rank import rank_first, rank_rows
from marrowsig._kernels.sets import Sets
from marrowsig._kernels.singscore import dispersion, singscore
from marrowsig._kernels.ssgsea import ssgsea
from marrowsig._kernels.ucell import ucell
from marrowsig._kernels.zscore import zscore as combined_z


def make_sets(members, n_genes, listed=None, listed_down=None):
    """Sets from lists of (column, weight)."""
    flat = [pair for m in members for pair in m]
    return Sets(
        names=tuple(f"s{i}" for i in range(len(members))),
        ptr=np.cumsum([0, *map(len, members)]),
        idx=np.array([i for i, _ in flat], dtype=np.int64),
        weight=np.array([w for _, w in flat], dtype=float),
        listed=np.array(listed or [len(m) for m in members]),
        n_genes=n_genes,
        listed_down=np.array(listed_down or [sum(w < 0 for _, w in m) for m in members]),
    )


@pytest.fixture
def x():
    rng = np.random.default_rng(1)
    return np.where(rng.random((9, 40)) < 0.4, 0.0, rng.normal(size=(9, 40)).round(1))


def up(*columns):
    return [(c, 1.0) for c in columns]


def down(*columns):
    return [(c, -1.0) for c in columns]


@pytest.mark.parametrize(
    "change", [lambda x: x, np.abs, lambda x: -np.abs(x), lambda x: x + 7, lambda x: x * 0 - 0.0]
)
def test_ranks_equal_those_of_scipy(x, change):
    v = change(x)
    ranks = rank_rows(v)
    assert_array_equal(ranks.low, rankdata(v, "min", axis=1))
    assert_array_equal(ranks.mean, rankdata(v, "average", axis=1))
    assert_array_equal(ranks.flat, np.ptp(v, axis=1) == 0)


def test_rank_first_gives_earlier_columns_the_higher_rank(x):
    reverse = rankdata(x[:, ::-1], "ordinal", axis=1)[:, ::-1]
    assert_array_equal(rank_first(rank_rows(x)), reverse)


def test_singscore_of_the_top_and_the_bottom_genes_is_half_and_minus_half():
    x = np.arange(1.0, 11.0)[None]
    sets = make_sets([up(8, 9), up(0, 1), up(8, 9) + down(0, 1), down(8, 9)], 10)
    assert_allclose(singscore(rank_rows(x), sets), [[0.5, -0.5, 1.0, -0.5]])
    assert_allclose(singscore(rank_rows(x), sets, center=False), [[1.0, 0.0, 2.0, 0.0]])


def test_dispersion_is_the_scaled_median_absolute_deviation(x):
    sets = make_sets([up(1, 5, 8, 20), up(3, 4, 5) + down(9, 11)], 40)
    ranks = rank_rows(x)
    spread = [
        1.4826 * median_abs_deviation(ranks.mean[:, c], axis=1) for c in ([1, 5, 8, 20], [3, 4, 5], [9, 11])
    ]
    expected = np.column_stack([spread[0], (spread[1] + spread[2]) / 2])
    assert_allclose(dispersion(ranks, sets, ties="average"), expected)


def test_ucell_without_limit_is_the_mann_whitney_statistic(x):
    p, members = 40, [1, 5, 8, 20, 33]
    got = ucell(rank_rows(x), make_sets([up(*members)], p), max_rank=10_000)
    k = len(members)
    others = np.setdiff1d(np.arange(p), members)
    u = np.array([mannwhitneyu(row[members], row[others]).statistic for row in x])
    # U counts pairs won against the other genes: k (p - k) at best; UCell divides by k p - k (k + 1) / 2.
    best, worst = k * (k + 1) / 2, k * p
    places = k * (p + 1) - (u + best)
    assert_allclose(got[:, 0], 1 - (places - best) / (worst - best))


def test_ucell_missing_genes_count_as_last_or_not_at_all():
    x = np.arange(1.0, 101.0)[None]
    ranks = rank_rows(x)
    half = make_sets([up(98, 99)], 100, listed=[4])
    assert ucell(ranks, half, missing="skip")[0, 0] == 1
    assert_allclose(ucell(ranks, half, max_rank=50), 1 - (1 + 2 + 50 + 50 - 10) / (4 * 50 - 10))


def test_ucell_subtracts_falling_genes_and_stops_at_zero():
    ranks = rank_rows(np.arange(1.0, 101.0)[None])
    sets = make_sets([up(98) + down(99), up(99) + down(0), up(99)], 100)
    assert_allclose(ucell(ranks, sets, max_rank=50), [[0.0, 1.0, 1.0]])
    assert_allclose(ucell(ranks, sets, max_rank=50, w_neg=0.5)[0, 0], (1 - 1 / 49) - 0.5)


def test_ucell_is_nan_where_a_set_cannot_be_scored(x):
    sets = make_sets([down(1, 2), up(*range(11)), up(1), up()], 40, listed=[2, 11, 1, 3])
    got = ucell(rank_rows(x), sets, max_rank=10)
    assert_array_equal(np.isnan(got).all(axis=0), [True, True, False, True])


def test_ssgsea_equals_the_running_sum():
    x = np.random.default_rng(3).permutation(30).astype(float)[None]
    members = [2, 7, 11, 29]
    order = np.argsort(-x[0])
    hit = np.isin(order, members)
    weight = (x[0][order] + 1) ** 0.25 * hit
    walk = np.cumsum(weight) / weight.sum() - np.cumsum(~hit) / (~hit).sum()
    sets = make_sets([up(*members), up(*members) + down(0)], 30)
    raw = ssgsea(rank_rows(x), sets, normalize="none")
    assert_allclose(raw[0, 0], walk.sum())
    assert_allclose(ssgsea(rank_rows(x), sets), raw / 30)
    single = ssgsea(rank_rows(x), make_sets([up(0)], 30), normalize="none")
    assert_allclose(raw[0, 1], raw[0, 0] - single[0, 0])


def test_ssgsea_default_is_the_mean_over_all_orders_of_tied_genes():
    v = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 2.0])
    sets = make_sets([up(0, 2, 5)], 7)
    # Tied genes keep their average rank as weight; only the order in which they are met changes.
    weight = rankdata(v)[[0, 2, 5]] ** 0.25
    scores = []
    for zeros in permutations(range(4)):
        for twos in permutations((5, 6)):
            place = np.empty(7)
            place[[*zeros, 4, *twos]] = np.arange(1, 8)
            t = place[[0, 2, 5]]
            scores.append((weight * t).sum() / weight.sum() - (28 - t.sum()) / 4)
    got = ssgsea(rank_rows(v[None]), sets, normalize="none")
    assert_allclose(got[0, 0], np.mean(scores))


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
def test_combined_z_leaves_out_constant_genes_and_weighs(x, kind):
    x[:, 3] = 0.1 + 0.2  # a constant whose mean is not exact
    sets = make_sets([[(1, 2.0), (3, 1.0), (8, -1.0)], up(3), up(1)], 40)
    z1, z8 = zscore(x[:, [1, 8]], axis=0, ddof=1).T
    got = combined_z(kind(x), sets)
    assert_allclose(got[:, 0], (2 * z1 - z8) / np.sqrt(5))
    assert np.isnan(got[:, 1]).all()
    assert_allclose(got[:, 2], z1)


def test_mean_is_weighted_by_the_absolute_weights(x):
    sets = make_sets([[(1, 2.0), (8, -1.0)], up(4, 5), up()], 40)
    got = mean(x, sets)
    assert_allclose(got[:, 0], (2 * x[:, 1] - x[:, 8]) / 3)
    assert_allclose(got[:, 1], x[:, 4:6].mean(axis=1))
    assert np.isnan(got[:, 2]).all()


@pytest.mark.parametrize("kernel", [singscore, ucell, ssgsea])
def test_rank_kernels_give_nan_for_rows_without_an_order(x, kernel):
    x[2], x[5] = 0.0, 3.5
    got = kernel(rank_rows(x), make_sets([up(1, 2), up(3) + down(7)], 40))
    assert_array_equal(np.isnan(got), np.isin(np.arange(9), [2, 5])[:, None] | np.zeros((9, 2), bool))


@pytest.mark.parametrize("kernel", [singscore, ssgsea])
def test_a_set_of_all_genes_has_no_score(x, kernel):
    got = kernel(rank_rows(x), make_sets([up(*range(40)), up(*range(39))], 40))
    assert np.isnan(got[:, 0]).all()
    assert np.isfinite(got[:, 1]).all()


@pytest.mark.parametrize(
    ("kernel", "options"),
    [
        (singscore, {"ties": "max"}),
        (ucell, {"max_rank": 0}),
        (ucell, {"missing": "drop"}),
        (ssgsea, {"ties": "min"}),
        (ssgsea, {"normalize": "range"}),
    ],
)
def test_unknown_options_are_refused(x, kernel, options):
    with pytest.raises(ValueError, match=next(iter(options))):
        kernel(rank_rows(x), make_sets([up(1, 2)], 40), **options)
