"""GSVA against direct definitions: normal and Poisson sums, plain walks, averages over tie orders."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.stats import norm, poisson

from marrowsig._kernels import threads
from marrowsig._kernels.gsva import gsva
from marrowsig._kernels.gsva_cdf import cdf, varying
from marrowsig._kernels.gsva_walk import walk
from marrowsig._kernels.sets import Sets

OPTIONS = [
    {},
    {"max_diff": False},
    {"abs_ranking": True},
    {"tau": 0.0},
    {"tau": 0.25},
    {"tau": 2.0, "max_diff": False},
]


def make_sets(members, n_genes, weights=None):
    """Sets from lists of columns, or of columns and weights."""
    weights = weights or [[1.0] * len(m) for m in members]
    flat = np.array([w for s in weights for w in s], dtype=float)
    return Sets(
        names=tuple(f"s{i}" for i in range(len(members))),
        ptr=np.cumsum([0, *map(len, members)]),
        idx=np.array([i for m in members for i in m], dtype=np.int64),
        weight=flat,
        listed=np.array([len(m) for m in members]),
        n_genes=n_genes,
        listed_down=np.array([sum(w < 0 for w in s) for s in weights]),
    )


def cohort(n=30, p=61, zeros=0.4, seed=0):
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, p)) < zeros, 0.0, rng.gamma(2.0, 2.0, (n, p)).round(3))


def some_sets(p, sizes=(1, 2, 5, 20), seed=1):
    rng = np.random.default_rng(seed)
    return [list(rng.choice(p, k, replace=False)) for k in sizes]


def points(order, weight, member):
    """The walk after every place: `order` columns from the highest, `weight` by column."""
    hit = np.cumsum(np.where(member, weight, 0.0)[order]) / weight[member].sum()
    return hit - np.cumsum(~member[order]) / (~member).sum()


def finish(high, low, max_diff=True, abs_ranking=False, tau=None):
    if not max_diff:
        return high if high > -low else low
    return high - low if abs_ranking else high + low


def plain(f, members, ties, tau=1.0, **options):
    """Scores of one row by the definition, place after place."""
    p = f.size
    order = np.argsort(-f, kind="stable")
    place = np.empty(p, int)
    place[order] = np.arange(p)
    weight = np.abs(p / 2 - (p - place)) ** tau
    ends = np.arange(p)
    if ties:
        weight = np.array([weight[f == v].mean() for v in f])
        ends = np.flatnonzero(np.append(np.diff(f[order]) != 0, True))
    out = []
    for m in members:
        member = np.isin(np.arange(p), m)
        if not weight[member].sum() > 0:
            out.append(np.nan)
            continue
        w = points(order, weight, member)[ends]
        out.append(finish(max(0.0, w.max()), min(0.0, w.min()), **options))
    return out


def gaussian(x):
    """Sums over all pairs of samples, gene by gene."""
    h = x.std(axis=0, ddof=1) / 4
    return np.array([norm.cdf((x - row) / -h).mean(axis=0) for row in x])


def statistic(x, kcdf="gaussian", parity=False):
    return cdf(x, varying(x), kcdf=kcdf, parity=parity)


COHORTS = {
    "normal": np.random.default_rng(0).normal(size=(200, 20)),
    "two samples": np.random.default_rng(1).normal(size=(2, 20)),
    "far from zero": 1e6 + np.random.default_rng(2).normal(size=(40, 20)),
    "tiny": 1e-200 * np.random.default_rng(3).normal(size=(40, 20)),
    "one high sample": np.vstack([np.eye(20) * 5, np.zeros((380, 20))]),
    "heavy tails": np.random.default_rng(4).standard_t(1, (300, 20)),
    "sparse": cohort(400, 20, zeros=0.95),
}


@pytest.mark.parametrize("name", [n for n in COHORTS if n != "tiny"])
def test_fourier_series_equals_the_sum_of_normal_cdfs(name):
    x = COHORTS[name]
    # 1e-12 is what the docstring promises; far from zero, x itself has lost 1e-10 of its spread.
    assert_allclose(statistic(x), gaussian(x), rtol=0, atol=1e-12 if name != "far from zero" else 1e-9)


def test_statistic_does_not_depend_on_the_unit():
    # Squares of these values underflow; both routes differ by the rounding of the scale.
    assert_allclose(statistic(COHORTS["tiny"]), statistic(COHORTS["tiny"] * 1e200), rtol=0, atol=1e-13)


def test_share_of_samples_that_are_as_low():
    x = cohort()
    assert_array_equal(statistic(x, "none"), (x[None] <= x[:, None]).mean(axis=1))


@pytest.mark.parametrize("scale", [1, 30, 3000])
def test_poisson_statistic_equals_the_sum_of_poisson_cdfs(scale):
    x = np.random.default_rng(5).negative_binomial(1, 0.3, (40, 30)) * scale
    expected = np.array([poisson.cdf(row, x + 0.5).mean(axis=0) for row in x])
    kept = varying(x)
    # Both are accurate to about 1e-14; pairs that are left out weigh less than 1e-18.
    assert_allclose(statistic(x, "poisson"), expected[:, kept], rtol=0, atol=1e-12)
    logit = np.log(expected / (1 - expected))[:, kept]
    assert_allclose(statistic(x, "poisson", parity=True), logit, rtol=0, atol=1e-10)


def test_poisson_statistic_in_small_parts_is_the_same(monkeypatch):
    x = np.random.default_rng(7).negative_binomial(2, 0.01, (40, 30))
    expected = statistic(x, "poisson")
    monkeypatch.setattr("marrowsig._kernels.gsva_cdf.PAIRS", 200)
    assert_array_equal(statistic(x, "poisson"), expected)


def in_sample_order(x):
    """log(F / (1 - F)) from a table of 10,001 entries, one sample after the other."""
    table = np.array([norm.cdf(i / 1000) for i in range(10001)])
    h = x.std(axis=0, ddof=1) / 4
    total = np.zeros_like(x)
    for row in x:
        v = (x - row) / h
        entry = table[np.minimum(np.abs(v) / 10 * 10000, 10000).astype(int)]
        total += np.where(v < 0, 1 - entry, entry)
    f = total / len(x)
    return np.log(f / (1 - f))


@pytest.mark.parametrize("name", ["normal", "two samples", "heavy tails", "sparse"])
def test_table_statistic_equals_the_definition(name):
    x = COHORTS[name]
    # An entry more or less would change F by 4e-4 / n; rounding changes it by 1e-15.
    assert_allclose(statistic(x, parity=True), in_sample_order(x), rtol=0, atol=1e-12)


def test_table_statistic_where_differences_fall_on_the_grid_of_the_table():
    # 0, 1, .., 4: sd / 4 = sqrt(2.5) / 4 is not on the grid; eight of -1 and 1 with zeros: sd = 1, on it.
    grid = np.array([-1.0, -1, -1, -1, 1, 1, 1, 1, 0])[:, None] * np.array([1.0, 0.25, 1024.0])
    x = np.hstack([grid, np.arange(9.0)[:, None] % 5])
    assert np.ptp(x[:, 0].std(ddof=1)) == 0
    assert x[:, 0].std(ddof=1) == 1
    assert_allclose(statistic(x, parity=True), in_sample_order(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize("p", [60, 61])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("levels", [3, 1000])
def test_walk_equals_the_plain_definition(p, options, ties, levels):
    f = np.random.default_rng(p).integers(0, levels, (12, p)) / levels
    members = some_sets(p)
    high, low = walk(f, make_sets(members, p), tau=options.get("tau", 1.0), ties=ties)
    got = np.array(
        [[finish(*c, **options) for c in zip(a, b, strict=True)] for a, b in zip(high, low, strict=True)]
    )
    assert_allclose(got, [plain(row, members, ties, **options) for row in f], rtol=0, atol=1e-12)


def test_tied_block_is_the_mean_walk_over_all_orders():
    # With equal weights (tau 0) the mean of the walks over all orders of tied genes is straight in a block.
    f = np.array([0.9, 0.5, 0.5, 0.5, 0.5, 0.2, 0.2])
    member = np.isin(np.arange(7), [1, 3, 6])
    orders = [o for o in permutations(range(7)) if (np.diff(f[list(o)]) <= 0).all()]
    mean = np.mean([points(np.array(o), np.ones(7), member) for o in orders], axis=0)
    high, low = walk(f[None], make_sets([[1, 3, 6]], 7), tau=0.0, ties=True)
    assert len(orders) == 48
    assert_allclose([high[0, 0], low[0, 0]], [max(0, mean.max()), min(0, mean.min())], rtol=0, atol=1e-14)


def test_score_without_ties_is_the_walk_over_the_exact_statistic():
    x = np.random.default_rng(6).normal(size=(50, 301))
    members = some_sets(301)
    got = gsva(x, make_sets(members, 301))
    assert_allclose(got, [plain(row, members, ties=False) for row in gaussian(x)], rtol=0, atol=1e-12)


@given(
    seed=st.integers(0, 10_000),
    kcdf=st.sampled_from(["gaussian", "none", "poisson"]),
    zeros=st.sampled_from([0.0, 0.5, 0.9]),
)
def test_order_of_columns_and_rows_does_not_matter(seed, kcdf, zeros):
    rng = np.random.default_rng(seed)
    x = np.floor(cohort(15, 40, zeros, seed))
    if kcdf == "gaussian":
        # The same gene again, in another unit and from another zero: equal on paper, not in rounding.
        x = np.hstack([x, x[:, :20] * rng.uniform(0.1, 9.0, 20) + rng.normal(size=20)])
    p = x.shape[1]
    members = some_sets(p, (1, 4, 15), seed)
    expected = gsva(x, make_sets(members, p), kcdf=kcdf)
    columns, rows = rng.permutation(p), rng.permutation(15)
    moved = make_sets([list(np.argsort(columns)[m]) for m in members], p)
    assert_allclose(gsva(x[:, columns], moved, kcdf=kcdf), expected, rtol=0, atol=1e-9)
    assert_allclose(gsva(x[rows], make_sets(members, p), kcdf=kcdf), expected[rows], rtol=0, atol=1e-9)


@pytest.mark.parametrize("parity", [True, False])
@pytest.mark.parametrize("kcdf", ["gaussian", "none", "poisson"])
def test_threads_and_layouts_change_no_bit(kcdf, parity):
    x = np.floor(cohort(40, 300))
    sets = make_sets(some_sets(300), 300)
    with threads.limited(1):
        expected = gsva(x, sets, kcdf=kcdf, parity=parity)
    for same in (np.asfortranarray(x), x.astype(np.float32), sparse.csr_matrix(x), sparse.csc_array(x)):
        with threads.limited(3):
            assert_array_equal(gsva(same, sets, kcdf=kcdf, parity=parity), expected)


@pytest.mark.parametrize("parity", [True, False])
def test_constant_genes_change_nothing(parity):
    x = cohort()
    members = some_sets(61)
    more = np.hstack([np.full((30, 2), 3.0), x, np.zeros((30, 3))])
    wider = make_sets([[0, *(c + 2 for c in m), 65] for m in members], 66)
    expected = gsva(x, make_sets(members, 61), parity=parity)
    assert_array_equal(gsva(more, wider, parity=parity), expected)


def test_falling_part_is_subtracted_and_weights_count_by_their_sign():
    x = cohort()
    up, down = [1, 5, 9, 20], [3, 4, 30]
    parts = gsva(x, make_sets([up, down], 61))
    sets = make_sets(
        [up + down, up + down, down],
        61,
        [[1.0] * 4 + [-1.0] * 3, [-0.5, -2.0, -1.0, -3.0, 0.1, 2.0, 7.0], [-1.0] * 3],
    )
    difference = parts[:, 0] - parts[:, 1]
    assert_array_equal(gsva(x, sets), np.column_stack([difference, -difference, -parts[:, 1]]))


@pytest.mark.parametrize("parity", [True, False])
def test_no_score_without_members_without_others_or_without_weight(parity):
    x = np.hstack([cohort(zeros=0.0), np.zeros((30, 1))])
    members = [[], [61], list(range(61)), list(range(62)), list(range(60))]
    got = gsva(x, make_sets(members, 62), parity=parity)
    assert np.isnan(got[:, :4]).all()
    assert np.isfinite(got[:, 4]).all()
    # p = 2: the lower gene has rank 1 = p / 2, so weight 0 and no walk.
    pair = gsva(np.array([[1.0, 5.0], [3.0, 4.0], [2.0, 9.0]]), make_sets([[0]], 2), parity=parity)
    assert np.isnan(pair[0, 0])
    assert pair[1, 0] == 1


def test_no_score_where_a_row_has_no_order():
    x = np.column_stack([np.arange(5.0)] * 4)
    assert np.isnan(gsva(x, make_sets([[0, 1]], 4))).all()
    assert np.isnan(gsva(np.ones((5, 4)), make_sets([[0, 1]], 4))).all()
    assert gsva(x, make_sets([], 4)).shape == (5, 0)


@pytest.mark.parametrize(
    ("x", "options", "text"),
    [
        (np.ones((1, 4)), {}, "at least 2, there is 1"),
        (np.array([[1.0, np.nan], [2.0, 3.0]]), {}, "1 genes have values that are not finite"),
        (np.array([[1.0, -1e308], [2.0, 1e308]]), {}, "too large"),
        (np.array([[1.5, 2.0], [2.0, 3.0]]), {"kcdf": "poisson"}, "whole numbers"),
        (-np.eye(2), {"kcdf": "poisson"}, "none negative"),
        (np.eye(2), {"kcdf": "normal"}, "use 'gaussian', 'poisson' or 'none'"),
        (np.eye(2), {"tau": -1.0}, "not negative"),
    ],
)
def test_bad_input_is_refused(x, options, text):
    with pytest.raises(ValueError, match=text):
        gsva(x, make_sets([[0]], x.shape[1]), **options)
