"""Ratios, margins and Holm against closed forms, a grid, statsmodels and simulated coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from marrowsig._stats.equivalence import equivalence
from marrowsig._stats.fieller import covariance, fieller
from marrowsig._stats.holm import holm
from marrowsig._stats.ols import Fit, fit

MONO, CO, TREATED = np.eye(3)
D, N = CO - MONO, CO - TREATED


def arms(n: int, *, paired: bool = False) -> np.ndarray:
    X = np.repeat(np.eye(3), n, axis=0)
    return np.hstack([X, np.tile(np.eye(n), (3, 1))]) if paired else X


def ratio(Y: np.ndarray, X: np.ndarray, alpha: float = 0.05):
    num, den = (np.pad(c, (0, X.shape[1] - 3)) for c in (N, D))
    top, bottom = fit(Y, X, num), fit(Y, X, den)
    return fieller(top, bottom, covariance(X, num, den), alpha=alpha), top, bottom


def study(effect: float, *, seed: int, n: int = 3, runs: int = 60, paired: bool = False) -> np.ndarray:
    rng = np.random.default_rng(seed)
    Y = rng.normal(size=(3 * n, runs)) + np.repeat([0.0, effect, 0.4 * effect], n)[:, None]
    return Y + np.tile(rng.normal(0, 3, size=(n, runs)), (3, 1)) if paired else Y


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("effect", [0.0, 1.5, 5.0])
def test_set_is_every_ratio_that_a_t_test_does_not_reject(effect: float, paired: bool) -> None:
    """Test N - r D = 0 by least squares at each r of a grid; the set has to agree at every point."""
    X, Y = arms(3, paired=paired), study(effect, seed=int(effect), paired=paired)
    found, _, _ = ratio(Y, X)
    grid = np.concatenate([-np.geomspace(1e4, 1e-3, 150), np.geomspace(1e-3, 1e4, 150)])
    accepted = np.array(
        [fit(Y, X, np.pad(N - r * D, (0, X.shape[1] - 3))).p >= 0.05 for r in grid]
    )  # grid x studies
    r = grid[:, None]
    inside = np.select(
        [found.kind == "interval", found.kind == "exclusive"],
        [(r >= found.low) & (r <= found.high), (r <= found.low) | (r >= found.high)],
        True,
    )
    np.testing.assert_array_equal(inside, accepted)


def test_all_kinds_occur_and_bounded_means_an_induction() -> None:
    found, _, bottom = ratio(study(1.5, seed=3, runs=4000), arms(3))
    assert set(found.kind) == {"interval", "exclusive", "all"}
    np.testing.assert_array_equal(found.kind == "interval", bottom.p < 0.05)
    bounded = found.kind == "interval"
    assert np.isfinite(found.low[bounded]).all()
    assert np.isfinite(found.high[bounded]).all()
    assert (found.low[bounded] <= found.value[bounded]).all()
    assert (found.value[bounded] <= found.high[bounded]).all()
    assert np.isinf(found.low[found.kind == "all"]).all()
    # Outside the gap lies the estimate, inside it no zero of an established reversal is missing.
    gap = found.kind == "exclusive"
    assert ((found.value[gap] <= found.low[gap]) | (found.value[gap] >= found.high[gap])).all()


def test_closed_form_of_independent_parts() -> None:
    """Without covariance, the ends are (N D -+ q sqrt(N^2 vD + D^2 vN - q^2 vN vD)) / (D^2 - q^2 vD)."""
    top = Fit(np.array([1.2]), np.array([0.5]), np.array([1.0]), 0.5, 8)
    bottom = Fit(np.array([3.0]), np.array([0.4]), np.array([1.0]), 0.4, 8)
    found = fieller(top, bottom, 0.0, alpha=0.1)
    q = stats.t.ppf(0.95, 8)
    root = q * np.sqrt(1.2**2 * 0.16 + 9 * 0.25 - q**2 * 0.16 * 0.25)
    ends = (1.2 * 3 + np.array([-1, 1]) * root) / (9 - q**2 * 0.16)
    np.testing.assert_allclose([found.low[0], found.high[0]], ends, rtol=1e-12)


def test_ends_at_zero_and_one_are_the_tests_of_reversal_and_residual() -> None:
    Y, X = study(3.0, seed=8, runs=500), arms(3)
    found, top, _ = ratio(Y, X)
    bounded = found.kind == "interval"
    without_zero = (found.low > 0) | (found.high < 0)
    without_one = (found.low > 1) | (found.high < 1)
    np.testing.assert_array_equal(without_zero[bounded], (top.p < 0.05)[bounded])
    np.testing.assert_array_equal(without_one[bounded], (fit(Y, X, TREATED - MONO).p < 0.05)[bounded])


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("effect", [1.0, 2.0, 6.0])
def test_coverage_at_three_replicates(effect: float, paired: bool) -> None:
    runs = 8000
    found, _, _ = ratio(study(effect, seed=21, runs=runs, paired=paired), arms(3, paired=paired))
    held = np.select(
        [found.kind == "interval", found.kind == "exclusive"],
        [(found.low <= 0.6) & (found.high >= 0.6), (found.low >= 0.6) | (found.high <= 0.6)],
        True,
    )
    assert abs(held.mean() - 0.95) < 3 * np.sqrt(0.95 * 0.05 / runs)


def test_scale_does_not_matter_and_flat_scores_have_no_set() -> None:
    Y, X = study(4.0, seed=2), arms(3)
    one, other = ratio(Y, X)[0], ratio(1e-6 * Y - 3e-5, X)[0]
    np.testing.assert_array_equal(one.kind, other.kind)
    np.testing.assert_allclose(one.low, other.low, rtol=1e-7)
    flat = ratio(np.repeat([0.0, 1.0, 0.5], 3)[:, None], X)[0]
    assert flat.kind[0] == ""
    assert np.isnan([flat.value[0], flat.low[0], flat.high[0]]).all()


def test_equivalence_equals_statsmodels() -> None:
    from statsmodels.stats.weightstats import ttost_ind, ttost_paired

    rng = np.random.default_rng(4)
    Y = rng.normal(size=(12, 5)) + np.repeat([0, 0.3], 6)[:, None]
    two, c = np.repeat(np.eye(2), 6, axis=0), np.array([-1.0, 1])
    p, low, high = equivalence(fit(Y, two, c), 0.9, alpha=0.05)
    blocks = np.hstack([two, np.tile(np.eye(6), (2, 1))])
    paired, _, _ = equivalence(fit(Y, blocks, np.r_[c, np.zeros(6)]), 0.9, alpha=0.05)
    for j in range(5):
        x, y = Y[6:, j], Y[:6, j]
        np.testing.assert_allclose(p[j], ttost_ind(x, y, -0.9, 0.9)[0], rtol=1e-10)
        np.testing.assert_allclose(paired[j], ttost_paired(x, y, -0.9, 0.9)[0], rtol=1e-10)
        ends = stats.ttest_ind(x, y).confidence_interval(0.90)
        np.testing.assert_allclose([low[j], high[j]], ends, rtol=1e-10)


def test_equivalence_is_the_narrow_interval_inside_the_margin() -> None:
    rng = np.random.default_rng(5)
    Y = rng.normal(size=(8, 2000))
    p, low, high = equivalence(fit(Y, np.repeat(np.eye(2), 4, axis=0), np.array([-1.0, 1])), 1.3, alpha=0.05)
    inside = (low > -1.3) & (high < 1.3)
    assert 0.05 < inside.mean() < 0.95
    np.testing.assert_array_equal(p < 0.05, inside)


def test_equivalence_rarely_holds_at_the_margin() -> None:
    """A difference of exactly the margin is called equivalent at most at alpha."""
    rng = np.random.default_rng(6)
    runs = 8000
    Y = rng.normal(0, 0.2, size=(6, runs)) + np.repeat([0, 1.0], 3)[:, None]
    p, _, _ = equivalence(fit(Y, np.repeat(np.eye(2), 3, axis=0), np.array([-1.0, 1])), 1.0, alpha=0.05)
    assert abs((p < 0.05).mean() - 0.05) < 3 * np.sqrt(0.05 * 0.95 / runs)


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_holm_equals_statsmodels(n: int) -> None:
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(n)
    for p in (rng.uniform(0, 0.1, n), rng.choice([0.0, 0.01, 0.02, 1.0], n)):
        np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-12)


def test_holm_does_not_count_untested_entries() -> None:
    np.testing.assert_allclose(holm(np.array([0.01, np.nan, 0.04, 0.03])), [0.03, np.nan, 0.06, 0.06])
    assert np.isnan(holm(np.array([np.nan]))).all()
