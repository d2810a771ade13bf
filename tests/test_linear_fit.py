"""Linear fits, moderated t and F: statsmodels, closed forms, and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from marrowsig._stats.blocks import block_matrix
from marrowsig._stats.f_test import f_test
from marrowsig._stats.linear_fit import fit
from marrowsig._stats.moderated import moderated, shrink
from marrowsig._stats.treat import treat

RNG = np.random.default_rng(11)
ARM = np.repeat(np.arange(4), 4)
X = np.column_stack([np.eye(4)[ARM], RNG.normal(size=16)])
BLOCK = np.tile(np.arange(8), 2)
Y = RNG.normal(size=(16, 60)) * np.sqrt(4 / RNG.chisquare(4, 60)) + RNG.normal(size=60) * 3
W = RNG.uniform(0.3, 3, Y.shape)
C = np.array([[-1, 1, 0, 0, 0], [0, 0, -1, 1, 0], [1, -1, -1, 1, 0.5]])
HOLED = np.where(RNG.random(Y.shape) < 0.1, np.nan, Y)
FIELDS = ("estimate", "se", "t", "df", "p", "ave_expr", "sigma", "s2_post", "stdev_unscaled", "lods")


@pytest.mark.parametrize("weights", [None, "sample", "value"])
@pytest.mark.parametrize("rho", [None, -0.2, 0.4])
@pytest.mark.parametrize("data", [Y, HOLED], ids=["whole", "gaps"])
def test_statsmodels(data, weights, rho):
    import statsmodels.api as sm

    """GLS of every gene on its own: D^-1/2 R D^-1/2 is the covariance; 1e-10 is rounding."""
    given = {None: None, "sample": W[:, 0], "value": W}[weights]
    full = (
        np.ones_like(Y)
        if given is None
        else np.broadcast_to(given if weights == "value" else given[:, None], Y.shape)
    )
    R = np.eye(16) if rho is None else block_matrix(BLOCK, rho, 16)
    ours = fit(data, X, weights=given, **({} if rho is None else {"block": BLOCK, "correlation": rho}))
    for g in range(0, 60, 7):
        there = ~np.isnan(data[:, g])
        d = 1 / np.sqrt(full[there, g])
        theirs = sm.GLS(data[there, g], X[there], sigma=R[np.ix_(there, there)] * np.outer(d, d)).fit()
        np.testing.assert_allclose(ours.coef[:, g], theirs.params, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(ours.s2[g], theirs.scale, rtol=1e-10)
        assert ours.df[g] == theirs.df_resid
        for c in C:
            own = theirs.t_test(c)
            np.testing.assert_allclose(ours.estimate(c)[g], own.effect, rtol=1e-10, atol=1e-12)
            np.testing.assert_allclose(ours.unscaled(c)[g] * ours.sigma[g], own.sd, rtol=1e-10)


@pytest.mark.parametrize("options", [{}, {"trend": True}, {"robust": True}, {"trend": True, "robust": True}])
@pytest.mark.parametrize("how", ["plain", "weights", "block", "gaps"])
def test_order_and_coding_do_not_matter(how, options):
    """Samples and genes in another order, another basis of the same design.

    1e-12 for sums in another order.
    """
    data = HOLED if how == "gaps" else Y
    given = {
        "weights": {"weights": W}, "block": {"block": BLOCK, "correlation": 0.3},
    }.get(how, {})  # fmt: skip
    rng = np.random.default_rng(3)
    rows, genes = rng.permutation(16), rng.permutation(60)
    turned = {
        k: {"weights": W[np.ix_(rows, genes)], "block": BLOCK[rows]}.get(k, v) for k, v in given.items()
    }
    coding = np.eye(5) + np.triu(np.ones((5, 5)), 1)[:, ::-1] * 0.5
    one = shrink(fit(data, X, **given), **options)
    other = shrink(fit(data[np.ix_(rows, genes)], X[rows] @ coding, **turned), **options)
    rtol = 1e-12
    for c in C:
        mine, again = moderated(one, c), moderated(other, c @ coding)
        for field in FIELDS:
            a, b = getattr(mine, field), getattr(again, field)
            np.testing.assert_allclose(b, a[genes], rtol=rtol, atol=1e-12, err_msg=field)
    f = f_test(one, C).f
    np.testing.assert_allclose(
        f_test(other, C @ coding).f, f[genes], rtol=1e-11
    )  # sums of products of rotated t


def test_without_a_prior_it_is_the_ordinary_t():
    import statsmodels.api as sm

    model = shrink(fit(Y[:, :1], X))
    assert model.prior.df == 0
    result = moderated(model, C[0])
    ols = sm.OLS(Y[:, 0], X).fit()
    np.testing.assert_allclose(result.p, ols.t_test(C[0]).pvalue, rtol=1e-10)
    np.testing.assert_allclose(f_test(model, C).f, ols.f_test(C).fvalue, rtol=1e-10)
    np.testing.assert_allclose(f_test(model, C).p, ols.f_test(C).pvalue, rtol=1e-9)


def test_f_of_one_contrast_is_t_squared_and_repeats_add_nothing():
    model = shrink(fit(Y, X))
    one = f_test(model, C[:1])
    np.testing.assert_allclose(one.f, moderated(model, C[0]).t ** 2, rtol=1e-12)
    np.testing.assert_allclose(one.p, moderated(model, C[0]).p, rtol=1e-10)
    twice = f_test(model, [C[0], C[1], C[0] + 2 * C[1]])
    assert set(twice.df1) == {2.0}
    np.testing.assert_allclose(twice.f, f_test(model, C[:2]).f, rtol=1e-9)


def test_treat():
    model = shrink(fit(Y, X))
    base = moderated(model, C[0])
    none = treat(model, C[0], lfc=0.0)
    np.testing.assert_allclose(none.p, base.p, rtol=1e-12)
    np.testing.assert_allclose(none.t, base.t, rtol=1e-12)
    some = treat(model, C[0], lfc=0.7)
    size = np.abs(base.estimate)
    expected = stats.t.sf((size - 0.7) / base.se, base.df) + stats.t.sf((size + 0.7) / base.se, base.df)
    np.testing.assert_allclose(some.p, expected, rtol=1e-10)
    assert (some.p >= base.p).all()
    with pytest.raises(ValueError, match="threshold"):
        treat(model, C[0], lfc=-1)


def test_infinite_prior_df():
    """Genes of one variance: everything is tested with that variance and the df of all genes together."""
    Z = np.tile(Y[:, :1], 40) * np.resize([-1.0, 1, 1], 40) + 1e-3 * RNG.normal(size=(16, 40))
    for robust in (False, True):
        model = shrink(fit(Z, X), robust=robust)
        assert np.isinf(model.prior.df).all()
        result = moderated(model, C[0])
        assert set(result.df) == {40 * 11.0}
        np.testing.assert_allclose(result.s2_post, result.s2_post[0], rtol=1e-12)
        np.testing.assert_allclose(result.p, 2 * stats.t.sf(np.abs(result.t), 440), rtol=1e-9)
        assert np.isfinite(result.lods).all()
        test = f_test(model, C)
        np.testing.assert_allclose(test.p, stats.chi2.sf(test.f * 3, 3), rtol=1e-9)


def test_values_that_do_not_determine_a_contrast_give_nan():
    import statsmodels.api as sm

    Z = Y.copy()
    Z[ARM == 1, 0] = np.nan
    Z[:, 1] = np.nan
    Z[3:, 2] = np.nan
    result = moderated(shrink(fit(Z, X)), C[0])
    assert np.isnan(result.t[:3]).all()
    assert np.isnan(result.p[:3]).all()
    assert np.isfinite(result.t[3:]).all()
    rest = moderated(shrink(fit(Z, X)), C[1])
    ols = sm.OLS(Z[ARM != 1, 0], X[ARM != 1][:, [0, 2, 3, 4]]).fit()
    np.testing.assert_allclose(rest.estimate[0], ols.t_test([0, -1, 1, 0]).effect, rtol=1e-10)
    np.testing.assert_allclose(
        rest.stdev_unscaled[0] * rest.sigma[0], ols.t_test([0, -1, 1, 0]).sd, rtol=1e-10
    )
    assert np.isnan(f_test(shrink(fit(Z, X)), C).p[:3]).all()
    weighted = moderated(shrink(fit(Y, X, weights=np.where(np.isnan(Z), 0.0, 1.0))), C[1])
    np.testing.assert_allclose(weighted.t, rest.t, rtol=1e-10)


def test_constant_genes():
    Z = Y.copy()
    Z[:, 5] = 0.1
    assert fit(Z, X).s2[5] == 0
    assert abs(moderated(shrink(fit(Z, X)), C[0]).t[5]) < 1e-9
    with pytest.raises(ValueError, match="60 of 60 genes have no residual variation"):
        shrink(fit(np.full(Y.shape, 0.1), X))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: fit(Y, np.column_stack([X, X[:, 0]])), "rank 5"),
        (lambda: fit(Y[:5], RNG.normal(size=(5, 5))), "no residual df"),
        (lambda: fit(Y[:7], X), "one row per sample"),
        (lambda: fit(np.where(Y > 3, np.inf, Y), X), "infinite"),
        (lambda: fit(Y, X, weights=-W), "weights"),
        (lambda: fit(Y, X, weights=W[:3]), "shape"),
        (lambda: fit(Y, X, block=BLOCK), "together"),
        (lambda: fit(Y, X, block=BLOCK, correlation=1.0), "impossible"),
        (lambda: fit(Y, X, block=BLOCK[:4], correlation=0.1), "4 block labels"),
        (lambda: moderated(shrink(fit(Y, X)), [1, -1]), "5 finite weights"),
        (lambda: moderated(shrink(fit(Y, X)), np.zeros(5)), "not all 0"),
    ],
)
def test_refusals(call, text):
    with pytest.raises(ValueError, match=text):
        call()
