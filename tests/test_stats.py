"""The array engine against statsmodels, scipy and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from marrowsig._stats.fdr import bh
from marrowsig._stats.ols import estimable, fit, residual_df
from marrowsig._stats.welch import welch


def two_by_two(n: int) -> np.ndarray:
    return np.repeat(np.eye(4), n, axis=0)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_ols_equals_statsmodels(seed: int) -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(seed)
    batch = np.eye(3)[rng.permutation(np.arange(20) % 3)]
    X = np.hstack([two_by_two(5), batch])
    Y = rng.normal(3, 2, size=(20, 4))
    c = np.array([1.0, -1, -1, 1, 0, 0, 0])
    ours = fit(Y, X, c)
    low, high = ours.interval(0.1)
    full_rank = X[:, :6]
    for j in range(4):
        theirs = sm.OLS(Y[:, j], full_rank).fit().t_test(c[:6])
        np.testing.assert_allclose(ours.estimate[j], theirs.effect[0], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(ours.se[j], np.ravel(theirs.sd)[0], rtol=1e-10)
        np.testing.assert_allclose(ours.p[j], float(theirs.pvalue), rtol=1e-10)
        np.testing.assert_allclose([low[j], high[j]], theirs.conf_int(0.1)[0], rtol=1e-10, atol=1e-12)
    assert ours.df == residual_df(X) == 14


def test_estimable_refuses_a_batch_that_is_the_arm() -> None:
    arm = np.repeat(np.eye(2), 3, axis=0)
    crossed = np.tile(np.eye(3), (2, 1))
    c = np.array([1.0, -1])
    assert estimable(arm, c)
    assert estimable(np.hstack([arm, crossed]), np.r_[c, 0, 0, 0])
    assert not estimable(np.hstack([arm, arm]), np.r_[c, 0, 0])


@given(st.integers(2, 9), st.integers(2, 9), st.integers(0, 2**20))
def test_welch_equals_scipy(n: int, m: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0, 1, (n, 3)), rng.normal(1, 3, (m, 3))
    t, df, p = welch(np.vstack([y, x]), np.repeat([0, 1], [m, n]), np.array([-1.0, 1.0]))
    theirs = stats.ttest_ind(x, y, equal_var=False)
    np.testing.assert_allclose(t, theirs.statistic, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(df, theirs.df, rtol=1e-12)
    np.testing.assert_allclose(p, theirs.pvalue, rtol=1e-12)


def test_welch_needs_two_rows_per_arm() -> None:
    t, df, p = welch(np.arange(8.0).reshape(4, 2), np.array([0, 0, 0, 1]), np.array([1.0, -1.0]))
    assert np.isnan([t, df, p]).all()


def test_rounding_is_no_variance_for_welch_either() -> None:
    """0.1 + 0.2 is not 0.3, which would make a p of 1e-37 of scores that are alike within the arms."""
    Y = np.array([[0.1 + 0.2, 0.3], [0.3, 0.3], [0.3, 0.3], [0.7, 0.1], [0.7, 0.2], [0.7, 0.7]])
    t, df, p = welch(Y, np.repeat([0, 1], 3), np.array([1.0, -1.0]))
    assert np.isnan([t[0], df[0], p[0]]).all()
    one = stats.ttest_1samp(Y[3:, 1], 0.3)  # the other arm does not vary
    np.testing.assert_allclose([t[1], df[1], p[1]], [-one.statistic, 2, one.pvalue], rtol=1e-12)


def test_two_groups_equal_the_pooled_t() -> None:
    rng = np.random.default_rng(5)
    Y = rng.normal(size=(9, 6))
    ours = fit(Y, np.repeat(np.eye(2), [4, 5], axis=0), np.array([1.0, -1.0]))
    theirs = stats.ttest_ind(Y[:4], Y[4:])
    np.testing.assert_allclose(ours.stat, theirs.statistic, rtol=1e-12)
    np.testing.assert_allclose(ours.p, theirs.pvalue, rtol=1e-12)


def test_flat_scores_have_no_t() -> None:
    Y = np.column_stack([np.repeat([0.1, 0.7], 3), np.full(6, 0.3)])
    ours = fit(Y, np.repeat(np.eye(2), 3, axis=0), np.array([-1.0, 1.0]))
    np.testing.assert_allclose(ours.estimate, [0.6, 0], atol=1e-12)
    assert np.isnan(ours.stat).all()
    assert np.isnan(ours.p).all()
    assert np.isnan(ours.interval(0.05)).all()


@given(st.lists(st.floats(0, 1, allow_subnormal=False), min_size=1, max_size=30))
def test_bh_equals_statsmodels(p: list[float]) -> None:
    from statsmodels.stats.multitest import multipletests

    np.testing.assert_allclose(bh(np.array(p)), multipletests(p, method="fdr_bh")[1], rtol=1e-12)


def test_bh_does_not_count_untested_entries() -> None:
    adjusted = bh(np.array([0.01, np.nan, 0.04]))
    np.testing.assert_allclose(adjusted, [0.02, np.nan, 0.04])
    assert np.isnan(bh(np.array([np.nan]))).all()


def level(p: np.ndarray) -> None:
    error = np.sqrt(0.05 * 0.95 / len(p))
    assert abs((p < 0.05).mean() - 0.05) < 3 * error


@pytest.mark.parametrize("n", [3, 4, 6])
def test_level_under_the_null(n: int) -> None:
    """Columns are independent studies: 2x2, pairs nested in line, a strong pair effect, no change at all."""
    rng = np.random.default_rng(n)
    runs = 4000
    arm = np.tile(np.eye(4), (n, 1))
    pair = np.repeat(np.eye(2 * n), 2, axis=0)
    Y = rng.normal(size=(4 * n, runs)) + pair @ rng.normal(0, 2, size=(2 * n, runs))
    X = np.hstack([arm, pair])
    pad = np.zeros(2 * n)
    level(fit(Y, X, np.r_[-1.0, 1, 0, 0, pad]).p)
    level(fit(Y, X, np.r_[1.0, -1, -1, 1, pad]).p)
    level(fit(rng.normal(size=(2 * n, runs)), np.repeat(np.eye(2), n, axis=0), np.array([1.0, -1])).p)
