"""Kernels on values against scipy, statsmodels, closed forms and direct definitions."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import linregress, zscore

from marrowsig._engine import Job, first_pass
from marrowsig._kernels.sets import Sets
from marrowsig.methods import METHODS

N, P = 9, 40
BOTH = [(1, 2.0), (8, -1.0), (9, 0.5), (30, -0.25)]


def make_sets(members, n_genes=P):
    """Sets from lists of (column, weight)."""
    flat = [pair for m in members for pair in m]
    return Sets(
        names=tuple(f"s{i}" for i in range(len(members))),
        ptr=np.cumsum([0, *map(len, members)]),
        idx=np.array([i for i, _ in flat], dtype=np.int64),
        weight=np.array([w for _, w in flat], dtype=float),
        listed=np.array([len(m) for m in members]),
        n_genes=n_genes,
        listed_down=np.array([sum(w < 0 for _, w in m) for m in members]),
    )


@pytest.fixture
def x():
    rng = np.random.default_rng(1)
    return np.where(rng.random((N, P)) < 0.4, 0.0, rng.normal(size=(N, P)).round(1))


def up(*columns):
    return [(c, 1.0) for c in columns]


def run(name, x, sets, *, extra="", **params):
    """Scores (n_obs, n_sets) of a method, from plain arrays."""
    m = METHODS[name]
    job = Job((m,), sets, {name: params}, extras=bool(extra))
    genes = first_pass(x, job, lambda n: None) if m.needs == "genes" else None
    out = job.score(job.rows(x, 0, len(x), first=0), genes)
    return out[f"{name}_{extra}" if extra else name]


def dense(sets):
    """Weights (n_genes, n_sets)."""
    w = np.zeros((sets.n_genes, len(sets)))
    w[sets.idx, np.repeat(np.arange(len(sets)), sets.found)] = sets.weight
    return w


def test_mean_and_sum_are_weighted(x):
    sets = make_sets([[(1, 2.0), (8, -1.0)], up(4, 5), up()])
    mean, total = run("mean", x, sets), run("wsum", x, sets)
    assert_allclose(mean[:, 0], (2 * x[:, 1] - x[:, 8]) / 3)
    assert_allclose(mean[:, 1], x[:, 4:6].mean(axis=1))
    assert_allclose(total[:, 0], 2 * x[:, 1] - x[:, 8])
    assert np.isnan(mean[:, 2]).all()
    assert np.isnan(total[:, 2]).all()


def test_wmean_z_has_the_moments_of_all_permutations():
    v, w = np.array([0.0, 0.0, 1.5, -0.25, 3.0, 1.5]), np.array([2.0, 0.0, -0.5, 1.0, 0.0, 0.0])
    dealt = np.array([w @ np.array(p) for p in permutations(v)])
    sets = make_sets([[(0, 2.0), (2, -0.5), (3, 1.0)]], 6)
    assert_allclose(run("wmean_z", v[None], sets), (w @ v - dealt.mean()) / dealt.std())


def test_zsample_counts_standard_errors_of_the_row(x):
    sets = make_sets([up(1, 8, 9, 30), BOTH])
    got, raw = run("zsample", x, sets), run("zsample", x, sets, center=False)
    sd = x.std(axis=1, ddof=1)
    expected = (x[:, [1, 8, 9, 30]].mean(axis=1) - x.mean(axis=1)) / (sd / np.sqrt(4))
    assert_allclose(got[:, 0], expected)
    w = dense(sets)[:, 1]
    assert_allclose(got[:, 1], (x - x.mean(axis=1, keepdims=True)) @ w / abs(w).sum() / (sd / 2))
    assert_allclose(raw[:, 1], x @ w / abs(w).sum() / (sd / 2))


def test_ulm_is_the_t_of_a_regression_on_the_weights(x):
    sets = make_sets([BOTH, up(3, 4, 5)])
    w = dense(sets)
    fits = [[linregress(w[:, s], row) for s in range(2)] for row in x]
    assert_allclose(run("ulm", x, sets), [[f.slope / f.stderr for f in row] for row in fits], rtol=1e-10)
    assert_allclose(run("ulm", x, sets, extra="p"), [[f.pvalue for f in row] for row in fits], rtol=1e-10)


def test_mlm_is_the_t_of_one_regression_on_all_weights(x):
    import statsmodels.api as sm

    sets = make_sets([BOTH, up(3, 4, 5, 8), up(), up(*range(10, 25))])
    design = sm.add_constant(dense(sets)[:, [0, 1, 3]])
    fits = [sm.OLS(row, design).fit() for row in x]
    got, p = run("mlm", x, sets), run("mlm", x, sets, extra="p")
    assert_allclose(got[:, [0, 1, 3]], [f.tvalues[1:] for f in fits], rtol=1e-10)
    assert_allclose(p[:, [0, 1, 3]], [f.pvalues[1:] for f in fits], rtol=1e-10)
    assert np.isnan(got[:, 2]).all()
    assert np.isnan(p[:, 2]).all()


def test_mlm_of_one_set_is_ulm(x):
    sets = make_sets([BOTH])
    assert_allclose(run("mlm", x, sets), run("ulm", x, sets), rtol=1e-12)


def test_mlm_refuses_what_it_cannot_tell_apart(x):
    with pytest.raises(ValueError, match="3 sets are collinear"):
        run("mlm", x, make_sets([up(1, 2), up(3), up(1, 2, 3)]))
    with pytest.raises(ValueError, match="collinear"):
        run("mlm", x, make_sets([up(*range(P))]))
    with pytest.raises(ValueError, match="5 sets need at least 7 genes, there are 6"):
        run("mlm", x[:, :6], make_sets([up(i) for i in range(5)], 6))


@pytest.mark.parametrize("name", ["wmean_z", "zsample", "ulm", "mlm"])
def test_a_constant_row_has_no_spread_to_compare_with(x, name):
    # 0.1 + 0.2 is not exact, so that neither is the mean of the row.
    x[2], x[5], x[6] = 0.0, 3.5, 0.1 + 0.2
    got = run(name, x, make_sets([BOTH, up(3)]))
    assert_array_equal(np.isnan(got).any(axis=1), np.isin(np.arange(N), [2, 5, 6]))
    assert_array_equal(np.isnan(got).all(axis=1), np.isin(np.arange(N), [2, 5, 6]))


@pytest.mark.parametrize("name", ["wmean_z", "ulm"])
def test_equal_weights_on_every_gene_leave_nothing_to_compare(x, name):
    got = run(name, x, make_sets([[(c, 0.3) for c in range(P)], up(*range(39))]))
    assert np.isnan(got[:, 0]).all()
    assert np.isfinite(got[:, 1]).all()


@pytest.mark.parametrize("factor", [1.0, 0.1, 3.3, 0.7, 1e-3])
@pytest.mark.parametrize("name", ["ulm", "mlm"])
def test_a_row_that_the_set_explains_has_no_t(name, factor):
    """Its residual is 0 on paper, and a rounding error in the computer."""
    sets = make_sets([BOTH, up(20)])
    w = dense(sets)
    x = factor * np.array([w[:, 0], w[:, 1] + 0.1, w[:, 0] + w[:, 1], np.arange(P)])
    got = run(name, x, sets)
    if name == "ulm":
        assert_array_equal(np.isnan(got), [[True, False], [False, True], [False, False], [False, False]])
    else:
        assert_array_equal(np.isnan(got), [[True, True]] * 3 + [[False, False]])


def test_combined_z_leaves_out_constant_genes_and_weighs(x):
    x[:, 3] = 0.1 + 0.2  # a constant whose mean is not exact
    sets = make_sets([[(1, 2.0), (3, 1.0), (8, -1.0)], up(3), up(1)])
    z1, z8 = zscore(x[:, [1, 8]], axis=0, ddof=1).T
    got = run("zscore", x, sets)
    assert_allclose(got[:, 0], (2 * z1 - z8) / np.sqrt(5))
    assert np.isnan(got[:, 1]).all()
    assert_allclose(got[:, 2], z1)


def bins_of(x, n_bins):
    """Rank of the mean (ties: the lowest), cut into pieces of equal length."""
    mean = x.mean(axis=0)
    rank = np.array([1 + (mean < m).sum() for m in mean])
    return rank // round(mean.size / (n_bins - 1)) if n_bins > 1 else 0 * rank


@pytest.mark.parametrize("n_bins", [1, 2, 4, 10])
def test_module_takes_the_mean_of_the_other_genes_of_the_bin(x, n_bins):
    x = np.abs(x)
    sets = [BOTH, up(3, 4, 5), up(*range(38))]
    bins = bins_of(x, n_bins)
    expected = np.full((N, 3), np.nan)
    for s, members in enumerate(sets):
        inside = [c for c, _ in members]
        total, size = np.zeros(N), 0.0
        for c, w in members:
            control = [g for g in range(P) if bins[g] == bins[c] and g not in inside]
            if control:
                total += w * (x[:, c] - x[:, control].mean(axis=1))
                size += abs(w)
        if size:
            expected[:, s] = total / size
    assert_allclose(run("module", x, make_sets(sets), n_bins=n_bins), expected, rtol=1e-10, atol=1e-13)


def test_module_with_controls_of_your_own(x):
    controls = make_sets([up(10, 11, 12), up(30), up()])
    got = run("module", x, make_sets([up(3, 4), BOTH, up(5)]), controls=controls)
    w = dense(make_sets([BOTH]))[:, 0]
    assert_allclose(got[:, 0], x[:, 3:5].mean(axis=1) - x[:, 10:13].mean(axis=1), atol=1e-14)
    assert_allclose(got[:, 1], (x @ w - w.sum() * x[:, 30]) / abs(w).sum(), atol=1e-14)
    assert np.isnan(got[:, 2]).all()


def test_module_refuses_no_bins(x):
    with pytest.raises(ValueError, match="module: n_bins=0"):
        run("module", x, make_sets([up(1, 2)]), n_bins=0)
