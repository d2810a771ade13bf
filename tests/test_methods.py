"""A declared property is a tested property, for every method of the registry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

import marrowsig as ms
from marrowsig._kernels.rank import rank_rows
from marrowsig._sets import index_sets
from marrowsig.methods import METHODS, Method
from marrowsig.sig import Signature, SignatureSet

N, P = 7, 24
GENES = [f"G{i}" for i in range(P)]
METHOD = pytest.mark.parametrize("m", METHODS.values(), ids=METHODS)
quick = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def matrices(elements=None):
    return arrays(
        float, (N, P), elements=elements or st.sampled_from([0.0, 0.0, 0.0, 0.5, 1.0, 1.5, 2.25, 7.0])
    )


def no_ties():
    return st.integers(0, 2**32 - 1).map(
        lambda s: np.random.default_rng(s).random((N, P)).argsort(axis=1) + 1.0
    )


SIGS = SignatureSet(
    [
        Signature("emt.up", axis="emt", genes=GENES[2:9]),
        Signature("emt.both", axis="emt", genes={"G1": 1, "G5": 1, "G9": -1, "G11": -1, "ABSENT": 1}),
        Signature("il6.weights", axis="il6", genes={"G3": 0.5, "G4": 2.0, "G17": -1.5}),
        Signature("il6.one", axis="il6", genes=["G20"]),
    ]
)


def run(m: Method, x, sigs=SIGS, genes=GENES, **params):
    sets, _ = index_sets(sigs, genes)
    x = np.ascontiguousarray(x)
    return m.kernel(rank_rows(x) if m.needs == "rank" else x, sets, **params)


@pytest.mark.parametrize("m", [m for m in METHODS.values() if m.per_obs], ids=lambda m: m.name)
@given(x=matrices())
@quick
def test_rows_do_not_see_each_other(m, x):
    assert_array_equal(run(m, x)[2:4], run(m, x[2:4]))


@pytest.mark.parametrize("m", [m for m in METHODS.values() if not m.per_obs], ids=lambda m: m.name)
def test_methods_that_see_the_cohort_say_so(m):
    x = np.random.default_rng(0).normal(size=(N, P))
    assert abs(run(m, x)[:4] - run(m, x[:4])).max() > 0.01


@METHOD
@given(x=matrices(), order=st.permutations(range(P)))
@quick
def test_gene_order_does_not_matter(m, x, order):
    assert_array_equal(run(m, x[:, order], genes=[GENES[i] for i in order]), run(m, x))


@METHOD
@given(x=matrices(), order=st.permutations(range(N)))
@quick
def test_row_order_does_not_matter(m, x, order):
    assert_allclose(run(m, x[order]), run(m, x)[order], atol=1e-12)


@METHOD
@given(x=matrices())
@quick
def test_a_further_signature_changes_nothing(m, x):
    more = Signature("stat3.other", axis="stat3", genes={"G0": 1, "G5": -1, "G23": 3}) | SIGS
    assert_array_equal(run(m, x, more)[:, 1:], run(m, x))


@pytest.mark.parametrize("m", [m for m in METHODS.values() if m.signed], ids=lambda m: m.name)
@given(x=matrices())
@quick
def test_flipping_the_weights_flips_the_score(m, x):
    flipped = SignatureSet(
        Signature(s.id, axis=s.axis, genes={g: -w for g, w in s.genes.items()}) for s in SIGS
    )
    assert_allclose(run(m, x, flipped), -run(m, x), atol=1e-12)


@pytest.mark.parametrize("m", [m for m in METHODS.values() if not m.signed], ids=lambda m: m.name)
def test_methods_that_do_not_flip_say_so(m):
    x = np.random.default_rng(0).normal(size=(N, P))
    up, down = (dict.fromkeys(GENES[:4], w) for w in (1, -1))
    a, b = (run(m, x, SignatureSet([Signature("emt.x", axis="emt", genes=g)])) for g in (up, down))
    assert not np.allclose(a, -b)


@METHOD
def test_weights_count_where_declared(m):
    x = np.random.default_rng(0).normal(size=(N, P))
    doubled = SignatureSet([Signature("emt.x", axis="emt", genes={"G1": 2, "G2": 1})])
    equal = SignatureSet([Signature("emt.x", axis="emt", genes={"G1": 1, "G2": 1})])
    assert np.allclose(run(m, x, doubled), run(m, x, equal)) != m.weights


@METHOD
@given(x=no_ties())
@quick
def test_scores_stay_within_the_limits(m, x):
    got = run(m, x)
    low, high = m.limits
    assert np.isfinite(got).all()
    assert got.min() >= low - 1e-12
    assert got.max() <= high + 1e-12


@pytest.mark.parametrize("name", ["singscore", "ucell", "ssgsea"])
@given(x=matrices())
@quick
def test_averaged_ties_stay_within_the_limits(name, x):
    m = METHODS[name]
    got = run(m, x, **({"ties": "average"} if name == "singscore" else {}))
    assert not (got < m.limits[0] - 1e-12).any()
    assert not (got > m.limits[1] + 1e-12).any()


@pytest.mark.parametrize("m", [m for m in METHODS.values() if m.needs == "rank"], ids=lambda m: m.name)
@given(x=matrices())
@quick
def test_rank_methods_ignore_monotone_transforms(m, x):
    assert_array_equal(run(m, np.log1p(x)), run(m, x))
    assert_array_equal(run(m, 3 * x - 5), run(m, x))


# Not ssgsea: its weights are ranks too, so a gene near the bottom that rises can pull the average down.
# singscore with averaged ties: under "min", a gene that rises into a tie takes the others' rank down with it.
@pytest.mark.parametrize("name", ["singscore", "ucell", "mean"])
@given(x=matrices())
@quick
def test_raising_a_rising_gene_does_not_lower_its_score(name, x):
    sig = SignatureSet([Signature("emt.x", axis="emt", genes=["G1", "G2", "G3"])])
    more = x.copy()
    more[:, 1] += 1
    ties = {"ties": "average"} if name == "singscore" else {}
    assert not (run(METHODS[name], more, sig, **ties) < run(METHODS[name], x, sig, **ties) - 1e-12).any()


@METHOD
def test_scores_are_float64_of_the_right_shape(m):
    got = run(m, np.random.default_rng(0).random((N, P)))
    assert got.dtype == np.float64
    assert got.shape == (N, len(SIGS))


@METHOD
def test_every_default_is_an_option_of_the_kernel(m):
    x = np.random.default_rng(0).random((N, P))
    assert_array_equal(run(m, x, **m.params), run(m, x))


def test_table_has_one_row_per_method():
    table = ms.methods.table()
    assert list(table["method"]) == list(METHODS)
    assert set(table["needs"]) == {"rank", "value", "cohort"}


def test_get_names_close_matches():
    with pytest.raises(ms.InputError, match="Did you mean singscore"):
        ms.methods.get("singscores")
    with pytest.raises(ms.InputError, match="There are singscore, ucell"):
        ms.methods.get("qqq")


def first_gene(x, sets):
    return x[:, sets.idx[sets.ptr[:-1]]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "ucell"}, "already"),
        ({"name": "two words"}, "one word"),
        ({"needs": "counts"}, "Use one of rank, value, cohort"),
    ],
)
def test_register_refuses(change, message):
    fields = {"name": "mine", "needs": "value", "per_obs": True, "signed": False, "weights": False, **change}
    with pytest.raises(ms.InputError, match=message):
        ms.methods.register(Method(kernel=first_gene, **fields))
    assert "mine" not in METHODS


def test_a_registered_method_scores():
    ms.methods.register(Method("mine", first_gene, needs="value", per_obs=True, signed=False, weights=False))
    try:
        x = np.random.default_rng(0).random((N, P))
        assert_array_equal(run(ms.methods.get("mine"), x)[:, 3], x[:, 20])
    finally:
        del METHODS["mine"]
