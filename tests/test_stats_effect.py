"""Noncentral t and standardised effects."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from marrowsig._stats.effect import hedges_j, standardised
from marrowsig._stats.nct import cdf, noncentrality
from marrowsig._stats.ols import fit


@pytest.mark.parametrize("df", [1, 2, 3, 9, 58, 200])
def test_cdf_equals_scipy_where_scipy_answers(df: int) -> None:
    t, nc = np.meshgrid(
        [-30, -5, -1, -0.1, 0, 0.05, 0.3, 1, 2.5, 5, 12, 40.0], [-20, -6, -2, 0, 0.5, 2, 6, 20.0]
    )
    theirs = stats.nct.cdf(t, df, nc)
    answered = np.isfinite(theirs)
    assert answered.mean() > 0.8
    np.testing.assert_allclose(cdf(t, df, nc)[answered], theirs[answered], atol=1e-11)


def test_cdf_is_the_central_t_at_zero() -> None:
    t = np.array([-1e4, -3.0, -0.2, 0.0, 0.2, 3.0, 1e4])
    np.testing.assert_allclose(cdf(t, 7, np.zeros(7)), stats.t.cdf(t, 7), atol=1e-13)


def test_noncentrality_inverts_the_cdf_even_far_out() -> None:
    t = np.array([-900.0, -4.0, 0.0, 0.3, 25.0, 5000.0])
    for p in (0.025, 0.975):
        np.testing.assert_allclose(cdf(t, 6, noncentrality(t, 6, p)), p, atol=1e-10)
    assert np.isnan(noncentrality(np.array([np.nan]), 6, 0.5)).all()


@pytest.mark.parametrize(("df", "factor"), [(2, 0.5641895835), (10, 0.9227456), (1000, 0.9992499)])
def test_hedges_factor(df: int, factor: float) -> None:
    """At 2 df the factor is 1/sqrt(pi); for many it is 1 - 3/(4 df - 1)."""
    assert hedges_j(df) == pytest.approx(factor, rel=1e-6)
    assert hedges_j(df) == pytest.approx(1 - 3 / (4 * df - 1), rel=0.02)
    assert np.isnan(hedges_j(1))


def two_group(rng: np.random.Generator, n: int, delta: float, runs: int) -> tuple[np.ndarray, ...]:
    Y = rng.normal(size=(2 * n, runs))
    Y[n:] += delta
    result = fit(Y, np.repeat(np.eye(2), n, axis=0), np.array([-1.0, 1.0]))
    return standardised(result, alpha=0.05, paired=False)


def slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.mark.parametrize(("n", "delta"), [slow(3, 0.0), (4, 1.0), slow(6, 2.0)])
def test_hedges_g_is_unbiased_and_its_interval_covers(n: int, delta: float) -> None:
    runs = 2000
    g, low, high = two_group(np.random.default_rng(n), n, delta, runs)
    covered = ((low <= delta) & (delta <= high)).mean()
    assert abs(covered - 0.95) < 3 * np.sqrt(0.95 * 0.05 / runs)
    assert abs(g.mean() - delta) < 4 * g.std() / np.sqrt(runs)


@pytest.mark.parametrize(("n", "runs"), [(4, 500), slow(4, 4000), slow(8, 4000)])
def test_the_effect_of_pairs_is_unbiased_and_its_interval_not_shrunk(n: int, runs: int) -> None:
    """d_z would be 1.38 and 1.13 times too large; an interval times Hedges' factor would miss too often."""
    rng, delta = np.random.default_rng(n), 2.0
    Y = rng.normal(size=(2 * n, runs)) / np.sqrt(2)
    Y[n:] += delta
    X = np.hstack([np.repeat(np.eye(2), n, axis=0), np.tile(np.eye(n), (2, 1))])
    g, low, high = standardised(fit(Y, X, np.r_[-1.0, 1.0, np.zeros(n)]), alpha=0.05, paired=True)
    error = np.sqrt(0.95 * 0.05 / runs)
    assert abs(g.mean() - delta) < 4 * g.std() / np.sqrt(runs)
    assert abs(((low <= delta) & (delta <= high)).mean() - 0.95) < 3 * error
    j = hedges_j(n - 1)
    assert ((j * low <= delta) & (delta <= j * high)).mean() < 0.95 - 3 * error


def test_the_effect_of_pairs_is_d_z_with_hedges_factor() -> None:
    rng = np.random.default_rng(2)
    n = 5
    Y = rng.normal(size=(2 * n, 3))
    X = np.hstack([np.repeat(np.eye(2), n, axis=0), np.tile(np.eye(n), (2, 1))])
    result = fit(Y, X, np.r_[-1.0, 1.0, np.zeros(n)])
    effect, _, _ = standardised(result, alpha=0.05, paired=True)
    difference = Y[n:] - Y[:n]
    d_z = difference.mean(axis=0) / difference.std(axis=0, ddof=1)
    np.testing.assert_allclose(effect, hedges_j(n - 1) * d_z, rtol=1e-12)
