"""Prior of variances: closed forms, simulation with a known truth, scipy's F."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special, stats

from marrowsig._stats.natural_spline import natural_spline
from marrowsig._stats.prior import Prior, fit_prior
from marrowsig._stats.prior_likelihood import log_likelihood
from marrowsig._stats.prior_moments import trigamma_inverse
from marrowsig._stats.robust_prior import log_tail, winsorised


def variances(n: int, d, d0: float, s0=2.0, seed: int = 0) -> np.ndarray:
    """Variances of n genes whose true variances follow the prior."""
    rng = np.random.default_rng(seed)
    truth = s0 * (1.0 if np.isinf(d0) else d0 / rng.chisquare(d0, n))
    return truth * rng.chisquare(d, n) / d


@pytest.mark.parametrize("x", [1e-4, 0.03, 0.7, 1.0, 12.5, 400.0, 1e6, 1e9])
def test_trigamma_inverse(x):
    np.testing.assert_allclose(
        trigamma_inverse(float(special.polygamma(1, x))), x, rtol=1e-6 if x > 1e5 else 1e-11
    )


def test_moments_by_hand():
    """The prior's log F has the mean and variance of the log variances (Smyth 2004, section 6.2)."""
    d = 7.0
    s2 = variances(500, d, 4.0)
    prior = fit_prior(s2, d)
    z = np.log(s2)
    np.testing.assert_allclose(
        z.var(ddof=1), special.polygamma(1, d / 2) + special.polygamma(1, prior.df / 2)
    )
    log_f = special.digamma(d / 2) - np.log(d / 2) - special.digamma(prior.df / 2) + np.log(prior.df / 2)
    np.testing.assert_allclose(z.mean(), np.log(prior.s2) + log_f)


@pytest.mark.parametrize("options", [{}, {"robust": True}, {"legacy": True}])
@pytest.mark.parametrize("unequal", [False, True])
@pytest.mark.parametrize("trend", [False, True])
def test_truth_is_recovered(options, unequal, trend):
    n = 20_000
    rng = np.random.default_rng(5)
    d = rng.integers(2, 9, n) if unequal else 6
    x = rng.uniform(0, 10, n)
    s0 = np.exp(0.3 * np.sin(x / 3)) if trend else 2.0
    prior = fit_prior(variances(n, d, 5.0, s0), d, covariate=x if trend else None, **options)
    np.testing.assert_allclose(np.median(prior.df), 5.0, rtol=0.07)  # SE of the moment fit: 2 %
    np.testing.assert_allclose(prior.s2, np.broadcast_to(s0, np.shape(prior.s2)), rtol=0.06)


def test_likelihood_is_at_its_maximum():
    rng = np.random.default_rng(2)
    d = rng.integers(1, 6, 800).astype(float)
    s2 = variances(800, d, 3.0)
    prior = fit_prior(s2, d)
    level = np.log(prior.s2) + np.log(prior.df / 2) - special.digamma(prior.df / 2)

    def total(d0: float) -> float:
        scale = np.exp(level + special.digamma(d0 / 2) - np.log(d0 / 2))
        return float((stats.f.logpdf(s2 / scale, d, d0) - np.log(scale)).sum())

    best = total(prior.df)
    assert all(total(prior.df * factor) < best for factor in (0.2, 0.9, 0.999, 1.001, 1.1, 5))
    w = 1 / special.polygamma(1, d / 2)
    e = np.log(s2) - special.digamma(d / 2) + np.log(d / 2)
    np.testing.assert_allclose(level, (w * e).sum() / w.sum(), rtol=1e-12)


@pytest.mark.parametrize("d0", [0.5, 3.0, 80.0, np.inf])
def test_likelihood_is_that_of_scipy(d0):
    """Up to a term without d0: differences between two sets of ratios, and between two d0."""
    d, f, other = np.array([2.0, 5, 9]), np.array([0.2, 1.1, 4.0]), 7.0
    law = stats.gamma(d / 2, scale=2 / d) if np.isinf(d0) else stats.f(d, d0)
    expected = (law.logpdf(f) - stats.f.logpdf(f, d, other)).sum()
    np.testing.assert_allclose(log_likelihood(f, d, d0) - log_likelihood(f, d, other), expected, rtol=1e-10)


@pytest.mark.parametrize(("d", "d0"), [(4, 0.8), (3, 5.0), (20, 3.3), (8, 60.0), (5, np.inf)])
def test_winsorised_moments(d, d0):
    law = stats.gamma(d / 2, scale=2 / d) if np.isinf(d0) else stats.f(d, d0)
    low, high = np.log(law.ppf([0.05, 0.9]))

    def moment(power: int, about: float) -> float:
        middle = integrate.quad(lambda z: (z - about) ** power * law.pdf(np.exp(z)) * np.exp(z), low, high)[0]
        return middle + 0.05 * (low - about) ** power + 0.1 * (high - about) ** power

    mean, variance = winsorised(d, d0, (0.05, 0.1))
    np.testing.assert_allclose(mean, moment(1, 0.0), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(variance, moment(2, mean), rtol=1e-8)


def test_log_tail_far_out():
    """Where the tail is below 1e-308: closed form for d = 2, (1 + d f / d0)^(-d0/2)."""
    f = np.array([3.0, 1e3, 1e7])
    for d0 in (0.7, 200.0, 2e4):
        np.testing.assert_allclose(log_tail(f, 2.0, d0), -d0 / 2 * np.log1p(2 * f / d0), rtol=1e-9)
    np.testing.assert_allclose(log_tail(f, 2.0, np.inf), -f, rtol=1e-9)


def test_robust_prior_is_not_widened_by_outliers():
    s2 = variances(3000, 6, 10.0)
    s2[:60] *= 50
    plain, robust = fit_prior(s2, 6), fit_prior(s2, 6, robust=True)
    assert plain.df < 6
    np.testing.assert_allclose(robust.df.max(), 10, rtol=0.2)
    assert robust.df[:60].mean() < robust.df[60:].mean() / 2
    order = np.argsort(s2)
    assert (np.diff(robust.df[order]) <= 1e-12).all()


def test_one_common_variance():
    s2 = variances(200, 10, np.inf, seed=3)
    s2 = np.exp(np.log(s2).mean() + 0.2 * (np.log(s2) - np.log(s2).mean()))
    prior = fit_prior(s2, 10)
    assert np.isinf(prior.df)
    np.testing.assert_allclose(prior.s2, s2.mean(), rtol=1e-14)
    np.testing.assert_allclose(prior.squeeze(s2, 10), s2.mean(), rtol=1e-14)
    robust = fit_prior(s2, 10, robust=True)
    assert np.isinf(robust.df).all()
    s2[0] *= 200
    outlier = fit_prior(s2, 10, robust=True).df
    assert outlier[0] < 10
    assert outlier[0] < outlier[1:].min()


def test_squeeze():
    s2 = np.array([1.0, np.nan, 4.0])
    np.testing.assert_array_equal(Prior(s2=2.0, df=4.0).squeeze(s2, np.array([4, 0, 12])), [1.5, 2.0, 3.5])
    np.testing.assert_array_equal(Prior(s2=2.0, df=0.0).squeeze(s2, np.array([4, 0, 12])), [1.0, np.nan, 4.0])
    own = Prior(s2=np.array([2.0, 2, 2]), df=np.array([np.inf, np.inf, 0])).squeeze(s2, np.array([4, 0, 12]))
    np.testing.assert_array_equal(own, [2.0, 2.0, 4.0])


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("trend", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 29])
def test_few_genes(n, trend, robust):
    s2 = variances(n, 4, 3.0, seed=n)
    prior = fit_prior(s2, 4, covariate=np.arange(n, dtype=float) if trend else None, robust=robust)
    assert (np.asarray(prior.s2) > 0).all()
    assert (np.asarray(prior.df) >= 0).all()
    assert np.isfinite(prior.squeeze(s2, 4)).all()


@pytest.mark.parametrize("n_columns", [2, 3, 4, 6])
def test_natural_spline(n_columns):
    """Its columns span what scipy's natural spline through the knots can do, and are straight outside."""
    from scipy.interpolate import CubicSpline

    rng = np.random.default_rng(0)
    x = rng.gamma(2, 2, 300)
    knots = np.quantile(x, np.linspace(0, 1, n_columns))
    y = CubicSpline(knots, rng.normal(size=n_columns), bc_type="natural")(x)
    basis = natural_spline(x, n_columns)
    assert basis.shape == (300, n_columns)
    np.testing.assert_allclose(basis @ np.linalg.lstsq(basis, y, rcond=None)[0], y, atol=1e-9)
    far = natural_spline(np.array([20.0, 30, 40]) + x.max(), n_columns, over=x)
    np.testing.assert_allclose(np.diff(far, 2, axis=0), 0, atol=1e-9 * np.abs(far).max())


def test_genes_without_variance_are_read_off_the_trend():
    x = np.linspace(0, 10, 401)
    s2 = variances(401, 5, 8.0, np.exp(x / 5))
    whole = fit_prior(s2, 5, covariate=x)
    gap = np.where(np.arange(401) == 200, np.nan, s2)
    holed = fit_prior(gap, np.where(np.isnan(gap), 0, 5), covariate=x)
    np.testing.assert_allclose(holed.s2[200], whole.s2[200], rtol=0.02)


@pytest.mark.parametrize("scale", [1e-6, 3.0])
def test_units_do_not_matter(scale):
    s2 = variances(300, 5, 4.0)
    x = np.sqrt(s2)
    for options in ({}, {"robust": True}, {"covariate": x}, {"covariate": x, "robust": True}):
        one, other = fit_prior(s2, 5, **options), fit_prior(s2 * scale, 5, **options)
        np.testing.assert_allclose(other.s2, np.asarray(one.s2) * scale, rtol=1e-9)
        np.testing.assert_allclose(other.df, one.df, rtol=1e-8)


@pytest.mark.parametrize(
    ("s2", "df", "options", "text"),
    [
        (np.zeros(5), 3, {}, "5 of 5 genes have no residual variation"),
        (np.full(4, np.nan), 3, {}, "none of 4 genes"),
        (np.ones(4), 0, {}, "none of 4 genes"),
        (-np.ones(4), 3, {}, ">= 0"),
        (np.ones(4), 3, {"covariate": np.array([1, 2, np.nan, 3])}, "covariate"),
        (np.ones(4), 3, {"robust": True, "winsor": (0.0, 0.6)}, "winsor"),
    ],
)
def test_refusals(s2, df, options, text):
    with pytest.raises(ValueError, match=text):
        fit_prior(s2, df, **options)
