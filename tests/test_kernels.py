"""Kernels on ranks against scipy, closed forms and direct definitions."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import mannwhitneyu, median_abs_deviation, rankdata

from marrowsig._engine import Job
from marrowsig._kernels.rank import rank_first, rank_rows
from marrowsig._kernels.ranked import rank
from marrowsig._kernels.sets import Sets
from marrowsig.methods import METHODS

RANKED = ["singscore", "ucell", "aucell", "ssgsea"]


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


def run(name, x, sets, *, extra="", **params):
    """Scores (n_obs, n_sets) of a method, from plain arrays."""
    m = METHODS[name]
    job = Job((m,), sets, {name: params}, extras=bool(extra))
    out = job.score(job.rows(x, 0, len(x), first=0))
    return out[f"{name}_{extra}" if extra else name]


@pytest.mark.parametrize(
    "change", [lambda x: x, np.abs, lambda x: -np.abs(x), lambda x: x + 7, lambda x: x * 0 - 0.0]
)
def test_ranks_equal_those_of_scipy(x, change):
    v = change(x)
    ranks = rank_rows(v)
    assert_array_equal(ranks.low, rankdata(v, "min", axis=1))
    assert_array_equal(ranks.mean, rankdata(v, "average", axis=1))
    assert_array_equal(ranks.flat, np.ptp(v, axis=1) == 0)


RNG = np.random.default_rng(4)
ROWS = {
    "counts": RNG.poisson(RNG.gamma(0.3, 5, 700), (6, 700)),
    "large counts": RNG.poisson(RNG.gamma(0.3, 50_000, 700), (6, 700)),
    "few values": RNG.choice([-2.5, -0.5, 0.0, 0.25, 3.5], (6, 700)),
    "many values": RNG.normal(size=(6, 700)) * (RNG.random((6, 700)) < 0.7),
    "many values with ties": RNG.normal(size=(6, 700)).round(2),
    "no zeros": RNG.normal(size=(6, 700)) + 20,
    "none positive": -np.abs(RNG.normal(size=(6, 700))).round(1),
    "one gene": np.array([[0.0], [2.0]]),
    "flat": np.repeat([0.0, 3.5, -1.0], 50).reshape(3, 50),
    "nearly equal": 1 + RNG.integers(0, 9, (6, 700)) * 2.0**-50,
}


@pytest.mark.parametrize("dtype", [float, np.float32])
@pytest.mark.parametrize("name", ROWS)
def test_ranks_of_rows_equal_those_of_scipy(name, dtype):
    v = ROWS[name].astype(dtype)
    p = v.shape[1]
    for columns in (np.arange(p), np.arange(p)[::7]):
        ranks = rank(Job((), make_sets([up(*columns)], p)).rows(v, 0, len(v), first=0))
        assert_array_equal(ranks.spread(ranks.low), rankdata(v, "min", axis=1)[:, columns])
        assert_array_equal(ranks.spread(ranks.mean), rankdata(v, "average", axis=1)[:, columns])
        assert_array_equal(ranks.flat, np.ptp(v, axis=1) == 0)


def test_rank_first_gives_earlier_columns_the_higher_rank(x):
    reverse = rankdata(x[:, ::-1], "ordinal", axis=1)[:, ::-1]
    assert_array_equal(rank_first(rank_rows(x)), reverse)


def test_singscore_of_the_top_and_the_bottom_genes_is_half_and_minus_half():
    x = np.arange(1.0, 11.0)[None]
    sets = make_sets([up(8, 9), up(0, 1), up(8, 9) + down(0, 1), down(8, 9)], 10)
    assert_allclose(run("singscore", x, sets), [[0.5, -0.5, 1.0, -0.5]])
    assert_allclose(run("singscore", x, sets, center=False), [[1.0, 0.0, 2.0, 0.0]])


@pytest.mark.parametrize("p", [39, 40])
def test_singscore_of_unknown_direction_is_the_distance_from_the_middle_rank(x, p):
    ranks = rankdata(x[:, :p], "min", axis=1)
    distance = abs(ranks - np.ceil(np.median(ranks, axis=1, keepdims=True)))

    def part(columns, k, n):
        low, high = (k + 1) / 2, (2 * n - k + 1) / 2
        return (distance[:, columns].mean(axis=1) - low) / (high - low)

    rising, falling = [1, 5, 8, 20, 31], [3, 9]
    half = np.ceil(p / 2)
    sets = make_sets([up(*rising) + down(*falling)], p)
    for direction, of_falling in (("unknown", (1, half)), ("unknown_as_published", (2, p))):
        expected = part(rising, 2, half) + 1 - part(falling, *of_falling)
        assert_allclose(run("singscore", x[:, :p], sets, direction=direction)[:, 0], expected)


def test_singscore_of_stable_genes_counts_those_below(x):
    stable = np.array([0, 7, 13, 22, 39])
    sets = make_sets([up(1, 5, 8), up(3, 13) + down(9)], 40)
    q = (1 + (x[:, None, stable] < x[:, :, None]).sum(axis=2)) / 6
    expected = np.column_stack(
        [q[:, [1, 5, 8]].mean(axis=1) - 0.5, q[:, [3, 13]].mean(axis=1) + (1 - q[:, 9]) - 1]
    )
    assert_allclose(run("singscore", x, sets, stable=stable), expected, atol=1e-15)
    with pytest.raises(ValueError, match="stable names no gene"):
        run("singscore", x, sets, stable=np.zeros(0, np.int64))


def test_dispersion_is_the_scaled_median_absolute_deviation(x):
    sets = make_sets([up(1, 5, 8, 20), up(3, 4, 5) + down(9, 11), up()], 40)
    for ties, how in (("average", "average"), ("min", "min")):
        ranks = rankdata(x, how, axis=1)
        spread = [
            1.4826 * median_abs_deviation(ranks[:, c], axis=1) for c in ([1, 5, 8, 20], [3, 4, 5], [9, 11])
        ]
        expected = np.column_stack([spread[0], (spread[1] + spread[2]) / 2, np.full(9, np.nan)])
        assert_allclose(run("singscore", x, sets, extra="dispersion", ties=ties), expected)


def test_ucell_without_limit_is_the_mann_whitney_statistic(x):
    p, members = 40, [1, 5, 8, 20, 33]
    got = run("ucell", x, make_sets([up(*members)], p), max_rank=10_000)
    k = len(members)
    others = np.setdiff1d(np.arange(p), members)
    u = np.array([mannwhitneyu(row[members], row[others]).statistic for row in x])
    # U counts pairs won against the other genes: k (p - k) at best; UCell divides by k p - k (k + 1) / 2.
    best, worst = k * (k + 1) / 2, k * p
    places = k * (p + 1) - (u + best)
    assert_allclose(got[:, 0], 1 - (places - best) / (worst - best))


def test_ucell_missing_genes_count_as_last_or_not_at_all():
    x = np.arange(1.0, 101.0)[None]
    half = make_sets([up(98, 99)], 100, listed=[4])
    assert run("ucell", x, half, missing="skip")[0, 0] == 1
    assert_allclose(run("ucell", x, half, max_rank=50), 1 - (1 + 2 + 50 + 50 - 10) / (4 * 50 - 10))


def test_ucell_subtracts_falling_genes_and_stops_at_zero():
    x = np.arange(1.0, 101.0)[None]
    sets = make_sets([up(98) + down(99), up(99) + down(0), up(99)], 100)
    assert_allclose(run("ucell", x, sets, max_rank=50), [[0.0, 1.0, 1.0]])
    assert_allclose(run("ucell", x, sets, max_rank=50, w_neg=0.5)[0, 0], (1 - 1 / 49) - 0.5)


def test_ucell_can_put_all_zeros_last(x):
    v = np.abs(x)
    members = [1, 5, 8, 20, 33]
    place = np.minimum(np.where(v == 0, 30, rankdata(-v, axis=1)), 30)[:, members].sum(axis=1)
    got = run("ucell", v, make_sets([up(*members)], 40), max_rank=30, zeros="max_rank")
    assert_allclose(got[:, 0], 1 - (place - 15) / (150 - 15))


def test_ucell_is_nan_where_a_set_cannot_be_scored(x):
    sets = make_sets([down(1, 2), up(*range(11)), up(1), up()], 40, listed=[2, 11, 1, 3])
    got = run("ucell", x, sets, max_rank=10)
    assert_array_equal(np.isnan(got).all(axis=0), [True, True, False, True])


def orders(v):
    """All rankings (1 = highest) that break the ties of `v`."""
    blocks = [np.flatnonzero(v == level) for level in np.unique(v)[::-1]]
    for broken in product(*(permutations(block) for block in blocks)):
        place = np.empty(v.size)
        place[[gene for block in broken for gene in block]] = np.arange(1, v.size + 1)
        yield place


def recovery(place, members, limit):
    """Area under the recovery curve over the places before `limit`, as a share of the best one."""
    curve = [(place[members] <= at).sum() for at in range(1, limit)]
    best = [min(len(members), at) for at in range(1, limit)]
    return sum(curve) / sum(best)


@pytest.mark.parametrize("top", [0.3, 0.5, 0.75, 1.0])
def test_aucell_is_the_mean_over_all_orders_of_tied_genes(top):
    v = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 2.0, -1.0])
    rising, falling = [0, 2, 5], [1, 6, 7]
    limit = int(np.ceil(top * 8))
    areas = np.array([[recovery(place, part, limit) for part in (rising, falling)] for place in orders(v)])
    sets = make_sets([up(*rising), up(*rising) + down(*falling), down(*falling), up()], 8)
    rise, fall = areas.mean(axis=0)
    got = run("aucell", v[None], sets, top=top)[0]
    assert_allclose(got, [rise, rise - fall, -fall, np.nan], atol=1e-15)


def test_aucell_of_ties_in_the_order_of_the_columns(x):
    place = 41 - rankdata(x[:, ::-1], "ordinal", axis=1)[:, ::-1]
    got = run("aucell", x, make_sets([up(1, 5, 8, 20)], 40), top=0.25, ties="first")
    assert_allclose(got[:, 0], [recovery(row, [1, 5, 8, 20], 10) for row in place])


def test_aucell_counts_places_without_rounding_errors():
    x = np.arange(100.0, 0.0, -1)[None]
    # 0.07 x 100 is a hair above 7 in binary; place 7 must not count, place 6 must.
    got = run("aucell", x, make_sets([up(5), up(6)], 100), top=0.07)
    assert_allclose(got, [[1 / 6, 0.0]])
    assert np.isnan(run("aucell", x, make_sets([up(5)], 100), top=0.01)).all()


def test_ssgsea_equals_the_running_sum():
    x = np.random.default_rng(3).permutation(30).astype(float)[None]
    members = [2, 7, 11, 29]
    order = np.argsort(-x[0])
    hit = np.isin(order, members)
    weight = (x[0][order] + 1) ** 0.25 * hit
    walk = np.cumsum(weight) / weight.sum() - np.cumsum(~hit) / (~hit).sum()
    sets = make_sets([up(*members), up(*members) + down(0)], 30)
    raw = run("ssgsea", x, sets, normalize="none")
    assert_allclose(raw[0, 0], walk.sum())
    assert_allclose(run("ssgsea", x, sets), raw / 30)
    single = run("ssgsea", x, make_sets([up(0)], 30), normalize="none")
    assert_allclose(raw[0, 1], raw[0, 0] - single[0, 0])


def test_ssgsea_default_is_the_mean_over_all_orders_of_tied_genes():
    v = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 2.0])
    # Tied genes keep their average rank as weight; only the order in which they are met changes.
    weight = rankdata(v)[[0, 2, 5]] ** 0.25
    scores = []
    for place in orders(v):
        t = 8 - place[[0, 2, 5]]
        scores.append((weight * t).sum() / weight.sum() - (28 - t.sum()) / 4)
    got = run("ssgsea", v[None], make_sets([up(0, 2, 5)], 7), normalize="none")
    assert_allclose(got[0, 0], np.mean(scores))


@pytest.mark.parametrize("name", RANKED)
def test_rank_kernels_give_nan_for_rows_without_an_order(x, name):
    x[2], x[5] = 0.0, 3.5
    got = run(
        name, x, make_sets([up(1, 2), up(3) + down(7)], 40), **({"top": 0.5} if name == "aucell" else {})
    )
    assert_array_equal(np.isnan(got), np.isin(np.arange(9), [2, 5])[:, None] | np.zeros((9, 2), bool))


@pytest.mark.parametrize("name", ["singscore", "ssgsea"])
def test_a_set_of_all_genes_has_no_score(x, name):
    got = run(name, x, make_sets([up(*range(40)), up(*range(39))], 40))
    assert np.isnan(got[:, 0]).all()
    assert np.isfinite(got[:, 1]).all()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("singscore", {"ties": "max"}),
        ("singscore", {"direction": "up"}),
        ("ucell", {"max_rank": 0}),
        ("ucell", {"missing": "drop"}),
        ("ucell", {"ties": "max"}),
        ("ucell", {"zeros": "drop"}),
        ("aucell", {"top": 0.0}),
        ("aucell", {"top": 1.1}),
        ("aucell", {"ties": "random"}),
        ("ssgsea", {"ties": "min"}),
        ("ssgsea", {"normalize": "rows"}),
    ],
)
def test_unknown_options_are_refused(x, name, options):
    with pytest.raises(ValueError, match=rf"{name}: .*{next(iter(options))}"):
        run(name, x, make_sets([up(1, 2)], 40), **options)


FULL_ROWS = {
    "normal": lambda rng: rng.normal(5, 3, (3, 900)),
    "normal, zeros": lambda rng: np.maximum(rng.normal(0, 3, (3, 900)), 0),
    "rounded": lambda rng: rng.normal(5, 3, (3, 900)).round(2),
    "outliers": lambda rng: np.exp(rng.normal(0, 12, (3, 900))),
    "crowded": lambda rng: np.r_["-1", 1 + 1e-13 * rng.integers(0, 500, (3, 899)), [[1e6]] * 3],
    "crowded on both sides of 0": lambda rng: np.r_["-1", 1e-9 * rng.normal(size=(3, 899)), [[-1e9]] * 3],
    "as wide as numbers go": lambda rng: rng.uniform(-1, 1, (3, 900)) * 1.7e308,
    "next to each other": lambda rng: 1 + rng.integers(0, 600, (3, 900)) * np.spacing(1.0),
}


@pytest.mark.parametrize("kind", FULL_ROWS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_full_rows_are_ranked_as_scipy_does(kind, dtype):
    x = FULL_ROWS[kind](np.random.default_rng(3))
    x = np.clip(x, np.finfo(dtype).min, np.finfo(dtype).max).astype(dtype)
    sets = make_sets([up(*range(0, 900, 7))], 900)
    job = Job((METHODS["singscore"],), sets, {})
    ranked = rank(job.rows(x, 0, 3, first=0))
    for kept, ties in ((ranked.low, "min"), (ranked.mean, "average")):
        assert_array_equal(ranked.spread(kept), rankdata(x, ties, axis=1)[:, ::7])
