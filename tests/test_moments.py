"""Moments of genes: exact sums, whatever the cut into blocks."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from marrowsig import _source
from marrowsig._engine import Job, first_pass
from marrowsig._kernels.moments import genes
from marrowsig._kernels.sets import Sets
from marrowsig.methods import METHODS

N, P = 60, 12
USED = np.array([0, 1, 2, 3, 5, 6, 7, 9, 11])


def job(p=P, used=USED):
    k = len(used)
    ptr, listed, none = np.array([0, k]), np.array([k]), np.array([0])
    return Job((METHODS["zscore"],), Sets(("s",), ptr, np.asarray(used), np.ones(k), listed, p, none))


def of_block(x, a, b):
    return genes(job().rows(x, a, b, first=a))


def values(seed):
    """Columns of any size and sign, among them sums that cancel."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(N, P)) * 10.0 ** rng.integers(-3, 8, P) + rng.choice([0.0, 1.0, -300.0, 1e4], P)
    x = np.where(rng.random((N, P)) < rng.choice([0.0, 0.5, 0.95], P), 0.0, x)
    x[:, 3] = np.concatenate([v := rng.normal(size=N // 2) * 1e9, -v])
    return x[rng.permutation(N)]


def exact_sd(column):
    v = [Fraction(float(a)) for a in column]
    mean = sum(v) / len(v)
    return math.sqrt(sum((a - mean) ** 2 for a in v) / (len(v) - 1))


@given(seed=st.integers(0, 2**32 - 1), cuts=st.sets(st.integers(1, N - 1)))
def test_sums_are_exact_however_the_rows_are_cut(seed, cuts):
    x = values(seed)
    edges = [0, *sorted(cuts), N]
    parts = [of_block(x, a, b) for a, b in pairwise(edges)]
    whole, backward = of_block(x, 0, N), reduce(lambda a, b: b + a, parts)
    # Where the mean is far from zero, little is left of the second of the two numbers that a sum is kept in.
    plain = abs(x[:, USED].mean(axis=0)) < 1000 * whole.sd
    for got in (whole, reduce(lambda a, b: a + b, parts), backward):
        assert got.n == N
        assert_array_equal(got.total[0] + got.total[1], [math.fsum(c) for c in x.T])
        assert_array_equal(got.mean, [math.fsum(c) / N for c in x.T])
        assert_array_equal(got.sd[plain], whole.sd[plain])
        assert_allclose(got.sd, whole.sd, rtol=1e-12)
        assert_array_equal(got.low, x[:, USED].min(axis=0))
        assert_array_equal(got.high, x[:, USED].max(axis=0))


@given(seed=st.integers(0, 2**32 - 1))
def test_spread_is_that_of_exact_arithmetic(seed):
    x = values(seed)
    sd = [exact_sd(c) for c in x[:, USED].T]
    # Also where the mean is ten million times the spread, of which one pass in single numbers leaves nothing.
    assert_allclose(of_block(x, 0, N).sd, sd, rtol=1e-12)


@pytest.mark.parametrize("value", [0.0, 0.1 + 0.2, 1e-9, -7.3, 1e15 + 0.3, 3.0])
def test_constant_genes_have_no_spread_at_all(value):
    x = np.random.default_rng(0).normal(size=(N, P))
    x[:, [1, 4, 9]] = value
    got = reduce(lambda a, b: a + b, [of_block(x, a, a + 7) for a in range(0, N - 4, 7)])
    assert_array_equal(got.sd == 0, np.isin(USED, [1, 9]))


def test_a_gene_that_is_zero_but_once_has_a_spread():
    x = np.zeros((N, P))
    x[17, 2], x[18, 5] = -1e-12, 1e12
    got = of_block(x, 0, N)
    assert_array_equal(got.sd > 0, np.isin(USED, [2, 5]))
    assert_allclose(got.sd[[2, 4]], np.array([1e-12, 1e12]) / np.sqrt(N))
    assert_array_equal([got.low[2], got.high[2]], [-1e-12, 0.0])


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_smaller_numbers_are_added_in_full(dtype):
    x = (np.random.default_rng(0).normal(size=(N, P)) * 1e6).astype(dtype)
    assert_array_equal(of_block(x, 0, N).mean, [math.fsum(c) / N for c in x.T.astype(float)])


def test_bins_are_of_about_equal_size_and_share_ties():
    x = np.random.default_rng(0).random((N, 200))
    x[:, 50:60] = x[:, [0]]
    moments = genes(job(200, np.arange(200)).rows(x, 0, N, first=0))
    bins = moments.bins(11)
    order = np.argsort(moments.mean, kind="stable")
    assert (np.diff(bins[order]) >= 0).all()
    assert len(set(bins[[0, *range(50, 60)]])) == 1
    assert set(moments.bins(1)) == {0}
    counts = np.bincount(bins)
    assert counts.size == 11
    assert counts[1:-1].min() >= 10
    assert counts.max() <= 20 + 10  # one tie of eleven genes


@pytest.mark.parametrize("step", [1, 5, 64])
def test_the_first_pass_does_not_depend_on_the_slices(step, monkeypatch):
    x = values(3)
    expected = of_block(x, 0, N)
    monkeypatch.setattr(_source, "STEP", step)
    monkeypatch.setattr(_source, "BYTES", 1)
    got = first_pass(x, job(), lambda n: None)
    assert_array_equal(got.mean, expected.mean)
    assert_array_equal(got.sd, expected.sd)


def test_a_first_pass_needs_rows():
    with pytest.raises(ValueError, match="no rows"):
        first_pass(np.empty((0, P)), job(), lambda n: None)


def test_means_alone_take_no_spread():
    x = np.random.default_rng(0).gamma(1, 1, (9, P))
    every = genes(job().rows(x, 0, 9, first=0))
    only = genes(job().rows(x, 0, 9, first=0), spread=False)
    assert_array_equal(only.mean, every.mean)
    assert not only.square.any()
