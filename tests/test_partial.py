"""Partial correlation beyond a model: against statsmodels and scipy, and on studies with known truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from marrowsig._stats.partial import partial
from marrowsig._stats.partial_parts import MeanCorrelation, partial_in_parts, parts
from marrowsig._stats.partial_power import detectable_r, power_of

RUNS = 3000
BOUND = 0.05 + 3 * np.sqrt(0.05 * 0.95 / RUNS)


def paired(n: int) -> np.ndarray:
    """Cell means of co and mono in two lines, `n` pairs within each line."""
    arms = np.kron(np.eye(4), np.ones((n, 1)))
    blocks = np.vstack([np.hstack([np.eye(n), np.zeros((n, n))])] * 2 + [np.eye(n, 2 * n, n)] * 2)
    return np.hstack([arms, blocks])


def shifted(rng: np.random.Generator, n: int, *, size: float = 3.0) -> np.ndarray:
    """Three scores (4n rows x RUNS) that share nothing but that all rise in two of four arms."""
    rise = np.kron([0.0, size, 0.0, size], np.ones(n))[:, None]
    return rng.normal(size=(3, 4 * n, RUNS)) + rise


@pytest.mark.parametrize("extra", [0, 1, 2])
def test_equals_statsmodels(extra: int) -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(extra)
    X = np.hstack([paired(4), rng.normal(size=(16, 1))])
    a, b, *more = rng.normal(size=(2 + extra, 16, 3)) + np.arange(16)[:, None]
    found = partial(a, b, X, more)
    rank = np.linalg.matrix_rank(X)
    assert found.df == 16 - rank - 1 - extra
    low, high = found.interval(0.1)
    for j in range(3):
        Z = np.column_stack([X, *(one[:, j] for one in more)])
        Q = np.linalg.svd(Z, full_matrices=False)[0][:, : rank + extra]
        left = [sm.OLS(y[:, j], Q).fit().resid for y in (a, b)]
        np.testing.assert_allclose(found.r[j], stats.pearsonr(*left).statistic, rtol=1e-10)
        # t is that of the slope in the model of one score with the other in it.
        slope = sm.OLS(b[:, j], np.column_stack([Q, a[:, j]])).fit()
        np.testing.assert_allclose(found.stat[j], slope.tvalues[-1], rtol=1e-10)
        np.testing.assert_allclose(found.p[j], slope.pvalues[-1], rtol=1e-10)
        half = stats.norm.ppf(0.95) / np.sqrt(found.df - 1)
        ends = np.tanh(np.arctanh(found.r[j]) + np.array([-half, half]))
        np.testing.assert_allclose([low[j], high[j]], ends, rtol=1e-12)


def test_without_a_design_it_is_pearson() -> None:
    a, b = np.random.default_rng(1).normal(size=(2, 9, 1))
    found, theirs = partial(a, b, np.ones((9, 1))), stats.pearsonr(a[:, 0], b[:, 0])
    np.testing.assert_allclose([found.r[0], found.p[0]], [theirs.statistic, theirs.pvalue], rtol=1e-10)
    ends = np.ravel(found.interval(0.05))
    np.testing.assert_allclose(ends, theirs.confidence_interval(0.95), rtol=1e-10)


@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(1e-3, 1e3), shift=st.floats(-100, 100))
def test_order_scale_and_shift_do_not_matter(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    X, at = paired(3), rng.permutation(12)
    a, b, c = rng.normal(size=(3, 12, 2))
    one, other = partial(a, b, X, [c]), partial(scale * a[at] + shift, b[at], X[at], [c[at]])
    np.testing.assert_allclose(one.r, other.r, atol=1e-9)
    np.testing.assert_allclose(partial(b, a, X, [c]).r, one.r, atol=1e-12)
    np.testing.assert_allclose(partial(-a, b, X, [c]).r, -one.r, atol=1e-12)


def test_what_does_not_vary_beyond_the_model_has_no_correlation() -> None:
    X, rng = paired(3), np.random.default_rng(0)
    a, b = rng.normal(size=(2, 12, 1))
    flat = X @ rng.normal(size=(X.shape[1], 1))
    assert np.isnan(partial(flat, b, X).r).all()
    assert np.isnan(partial(a, b, X, [flat]).r).all()
    assert np.isnan(partial(a, b, X, [a]).r).all()
    assert np.isnan(partial(np.ones((12, 1)), b, X).p).all()
    np.testing.assert_allclose(partial(a, 2 * a, X).r, 1.0)
    assert np.isnan(partial(a[:9], b[:9], np.eye(9)[:, :7]).interval(0.05)).all()  # one df


@pytest.mark.parametrize(("n", "X"), [(3, np.kron(np.eye(4), np.ones((3, 1)))), (6, paired(6))])
def test_scores_that_share_only_the_design(n: int, X: np.ndarray) -> None:
    """Each link and both hold their level; the pooled correlation, the negative control, does not."""
    il6, stat3, emt = shifted(np.random.default_rng(n), n)
    links = partial(il6, stat3, X), partial(stat3, emt, X, [il6])
    for link in links:
        assert np.mean(link.p < 0.05) <= BOUND
        assert np.mean(link.p < 0.05) > 0.035
    assert np.mean(np.maximum(links[0].p, links[1].p) < 0.05) <= 0.01
    assert np.mean(partial(il6, stat3, np.ones((4 * n, 1))).p < 0.05) > 0.3


@pytest.mark.parametrize("missing", ["first", "second"])
def test_both_links_hold_their_level_when_one_is_there(missing: str) -> None:
    il6, stat3, emt = shifted(np.random.default_rng(7), 6)
    stat3 = stat3 + (1.5 * il6 if missing == "second" else 0.0)
    emt = emt + (1.5 * stat3 if missing == "first" else 0.0)
    X = paired(6)
    p = np.maximum(partial(il6, stat3, X).p, partial(stat3, emt, X, [il6]).p)
    assert 0.03 < np.mean(p < 0.05) <= BOUND


def test_links_that_are_there_are_found() -> None:
    """Both partial correlations are sqrt(1/2); the noise of STAT3 helps one link and harms the other."""
    X = np.kron(np.eye(4), np.ones((3, 1)))
    il6, stat3, emt = shifted(np.random.default_rng(3), 3)
    stat3 = stat3 + il6
    emt = emt + stat3
    links = partial(il6, stat3, X), partial(stat3, emt, X, [il6])
    power = [power_of(np.sqrt(0.5), link.df, alpha=0.05) for link in links]
    for link, expected in zip(links, power, strict=True):
        assert abs(np.mean(link.p < 0.05) - expected) < 3 * np.sqrt(0.25 / RUNS)
    both = np.mean(np.maximum(links[0].p, links[1].p) < 0.05)
    assert 0.25 < both < power[0] * power[1] + 3 * np.sqrt(0.25 / RUNS)
    assert np.mean(partial(il6, emt, X, [stat3]).p < 0.05) <= BOUND  # nothing goes past STAT3


@pytest.mark.parametrize("df", [3, 8, 20])
def test_detectable_is_found_with_power_080(df: int) -> None:
    rho = detectable_r(df, alpha=0.05)
    a, e = np.random.default_rng(df).normal(size=(2, df + 2, RUNS))
    found = partial(a, rho * a + np.sqrt(1 - rho**2) * e, np.ones((df + 2, 1)))
    assert found.df == df
    assert abs(np.mean(found.p < 0.05) - 0.8) < 3 * np.sqrt(0.16 / RUNS)
    assert abs(power_of(0.0, df, alpha=0.05) - 0.05) < 1e-9
    assert detectable_r(df + 1, alpha=0.05) < rho < detectable_r(df, alpha=0.01)


def both_lines(n: int, arms: int) -> tuple[np.ndarray, np.ndarray]:
    """Arms and pairs of `n` donors in two lines, and the cell (donor and arm) of every row."""
    donor, line, arm = (v.ravel() for v in np.indices((n, 2, arms)))
    dummies = [(v[:, None] == np.unique(v)).astype(float) for v in (10 * line + arm, 10 * donor + line)]
    return np.hstack(dummies), 10 * donor + arm


def test_mean_of_parts_has_closed_forms() -> None:
    """With two degrees of freedom r is uniform: of two the mean is triangular, of three Irwin-Hall."""
    r = np.array([-0.9, 0.0, 0.4, 0.95, np.nan])
    np.testing.assert_allclose(MeanCorrelation(r, (2, 2)).p, (1 - np.abs(r)) ** 2, rtol=1e-9)
    np.testing.assert_allclose(MeanCorrelation(r[[0, 2]], (2, 2, 2)).p, (3 - 3 * np.abs(r[[0, 2]])) ** 3 / 24)
    alone = MeanCorrelation(r, (7,))
    t = np.abs(r) * np.sqrt(7 / (1 - r**2))
    np.testing.assert_allclose(alone.p, 2 * stats.t.sf(t, 7), rtol=1e-9)
    rng = np.random.default_rng(0)
    one, other = (x[0] / np.linalg.norm(x, axis=0) for x in (rng.normal(size=(k, 5000)) for k in (4, 2)))
    p = MeanCorrelation((4 * one + 2 * other) / 6, (3, 1)).p
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_level_where_donors_are_in_both_lines() -> None:
    """Four donors, two arms, 0.8 of the variance within arms shared by the lines, in both scores."""
    rng = np.random.default_rng(0)
    X, cell = both_lines(4, 2)
    _, at = np.unique(cell, return_inverse=True)
    common, own = rng.normal(size=(2, at.max() + 1, RUNS)), rng.normal(size=(2, len(X), RUNS))
    a, b = np.sqrt(0.8) * common[:, at] + np.sqrt(0.2) * own
    found = partial_in_parts(a, b, parts(X, cell))
    assert found.dfs == (2, 2)
    assert abs(np.mean(found.p < 0.05) - 0.05) < BOUND - 0.05
    assert np.mean(partial(a, b, X).p < 0.05) > 0.1  # all changes taken for independent


def test_copies_of_samples_in_two_lines_have_no_correlation() -> None:
    X, cell = both_lines(5, 2)
    _, at = np.unique(cell, return_inverse=True)
    a, b = np.random.default_rng(0).normal(size=(2, at.max() + 1, 1))[:, at]
    assert np.isnan(partial_in_parts(a, b, parts(X, cell)).p).all()
