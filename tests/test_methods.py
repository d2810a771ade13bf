"""A declared property is a tested property, for every method of the registry."""

from __future__ import annotations

import numpy as np
import pytest
from anndata import AnnData
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import marrowsig as ms
from marrowsig._engine import Job
from marrowsig._kernels.moments import genes as moments
from marrowsig._sets import index_sets
from marrowsig.methods import METHODS, Method
from marrowsig.sig import Signature, SignatureSet

N, P = 7, 24
GENES = [f"G{i}" for i in range(P)]
# Few values, so that there are ties within and across zero.
VALUES = np.array([-1.5, 0.5, 1.0, 1.5, 2.25, 7.0])
# What depends on the order in which all genes or all rows are added up; 1e-12 is some thousand roundings.
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}
ADDS_GENES = {
    "wmean_z": "mean and variance of the row",
    "zsample": "mean and variance of the row",
    "ulm": "mean and variance of the row",
    "mlm": "mean and variance of the row",
    "module": "mean of the bins",
}
ADDS_ROWS = {"gsva": "sum over the kernels of all rows", "plage": "singular vectors of all rows"}
NO_SCORE = {
    "gsva": "the gene of the middle rank weighs nothing, so a part of this gene alone has no score",
    "module": "the gene of the highest mean can be alone in its bin, without a control",
}
SMALL = {"module": {"n_bins": 5}}  # so that bins of 24 genes hold controls
quick = settings(suppress_health_check=[HealthCheck.too_slow])
SIGS = SignatureSet(
    [
        Signature("emt.up", axis="emt", genes=GENES[2:9]),
        Signature("emt.both", axis="emt", genes={"G1": 1, "G5": 1, "G9": -1, "G11": -1, "ABSENT": 1}),
        Signature("il6.weights", axis="il6", genes={"G3": 0.5, "G4": 2.0, "G17": -1.5}),
        Signature("il6.one", axis="il6", genes=["G20"]),
    ]
)


def each(keep=lambda m: True):
    return pytest.mark.parametrize("m", [m for m in METHODS.values() if keep(m)], ids=lambda m: m.name)


@st.composite
def matrices(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.choice(VALUES[: draw(st.integers(1, VALUES.size))], (N, P))
    x = np.where(rng.random((N, P)) < draw(st.sampled_from([0.0, 0.5, 0.9])), 0.0, x)
    x[: draw(st.integers(0, 2))] = draw(st.sampled_from([0.0, 2.25]))  # rows without an order
    x[:, : draw(st.integers(0, 5))] = draw(st.sampled_from([0.0, 2.25]))  # genes without a spread
    return x


def no_ties():
    return st.integers(0, 2**32 - 1).map(
        lambda s: np.random.default_rng(s).random((N, P)).argsort(axis=1) + 1.0
    )


def spread_out():
    """Values without structure, for methods with singular vectors, which ties leave undefined."""
    return st.integers(0, 2**32 - 1).map(lambda s: np.random.default_rng(s).normal(size=(N, P)))


def matrix_for(m: Method):
    return spread_out() if m.name == "plage" else matrices()


def run(m: Method, x, sigs=SIGS, genes=GENES, **params):
    sets, _ = index_sets(sigs, genes)
    job = Job((m,), sets, {m.name: {**SMALL.get(m.name, {}), **params}})
    if m.needs == "cohort":
        return job.one(m, x)[m.name]
    rows = job.rows(x, 0, len(x), first=0)
    return job.score(rows, moments(rows) if m.needs == "genes" else None)[m.name]


def one(genes) -> SignatureSet:
    return SignatureSet([Signature("emt.x", axis="emt", genes=genes)])


@each(lambda m: m.per_obs)
@given(data=st.data())
@quick
def test_rows_do_not_see_each_other(m, data):
    x = data.draw(matrix_for(m))
    some = data.draw(st.lists(st.integers(0, N - 1), min_size=1, max_size=N))
    assert_array_equal(run(m, x[some]), run(m, x)[some])


@each(lambda m: not m.per_obs)
def test_methods_that_see_the_cohort_say_so(m):
    x = np.random.default_rng(0).normal(size=(N, P))
    assert abs(run(m, x)[:4] - run(m, x[:4])).max() > 0.01


@each()
@given(data=st.data())
@quick
def test_gene_order_and_ties_do_not_matter(m, data):
    x, order = data.draw(matrix_for(m)), data.draw(st.permutations(range(P)))
    tolerance = ROUNDING if m.name in {**ADDS_GENES, **ADDS_ROWS} else {"rtol": 0}
    assert_allclose(run(m, x[:, order], genes=[GENES[i] for i in order]), run(m, x), **tolerance)


@each()
@given(data=st.data())
@quick
def test_row_order_does_not_matter(m, data):
    x, order = data.draw(matrix_for(m)), data.draw(st.permutations(range(N)))
    tolerance = ROUNDING if m.name in ADDS_ROWS else {"rtol": 0}
    assert_allclose(run(m, x[order]), run(m, x)[order], **tolerance)


@each(lambda m: m.alone)
@given(data=st.data())
@quick
def test_a_further_signature_changes_nothing(m, data):
    x = data.draw(matrix_for(m))
    more = Signature("stat3.other", axis="stat3", genes={"G0": 1, "G5": -1, "G23": 3}) | SIGS
    assert_array_equal(run(m, x, more)[:, 1:], run(m, x))


@each(lambda m: not m.alone)
def test_methods_that_see_the_other_signatures_say_so(m):
    x = np.random.default_rng(0).normal(size=(N, P))
    more = Signature("stat3.other", axis="stat3", genes={"G0": 1, "G5": -1, "G23": 3}) | SIGS
    assert abs(run(m, x, more)[:, 1:] - run(m, x)).max() > 0.01


@each(lambda m: m.signed)
@given(data=st.data())
@quick
def test_flipping_the_weights_flips_the_score(m, data):
    x = data.draw(matrix_for(m))
    flipped = SignatureSet(
        Signature(s.id, axis=s.axis, genes={g: -w for g, w in s.genes.items()}) for s in SIGS
    )
    # Parts are subtracted in the other order, and 1 - a is not -(a - 1) to the last bit after a - 0.5.
    assert_allclose(run(m, x, flipped), -run(m, x), **ROUNDING)


@each(lambda m: not m.signed)
def test_methods_that_do_not_flip_say_so(m):
    x = np.random.default_rng(0).normal(size=(N, P))
    a, b = (run(m, x, one(dict.fromkeys(GENES[:4], w))) for w in (1, -1))
    assert not np.allclose(a, -b)


@each()
def test_weights_count_where_declared(m):
    x = np.random.default_rng(0).normal(size=(N, P))
    assert np.allclose(run(m, x, one({"G1": 2, "G2": 1})), run(m, x, one({"G1": 1, "G2": 1}))) != m.weights


@each()
@given(x=no_ties())
@quick
def test_scores_stay_within_the_limits(m, x):
    got = run(m, x)
    low, high = m.limits
    assert np.isfinite(got).all() or m.name in NO_SCORE
    assert np.nanmin(got) >= low - 1e-12
    assert np.nanmax(got) <= high + 1e-12


@each(lambda m: np.isfinite(m.limits).all() and m.name != "plage")
@given(x=matrices())
@quick
def test_averaged_ties_stay_within_the_limits(m, x):
    got = run(m, x, **({"ties": "average"} if m.name == "singscore" else {}))
    assert not (got < m.limits[0] - 1e-12).any()
    assert not (got > m.limits[1] + 1e-12).any()


@each(lambda m: m.needs == "rank")
@given(x=matrices())
@quick
def test_rank_methods_ignore_monotone_transforms(m, x):
    expected = run(m, x)
    # The last two shift zeros, which then are stored like any other value.
    for changed in (np.arctan(x), x**3, 3 * x - 5, np.exp(x)):
        assert_array_equal(run(m, changed), expected)


# Not ssgsea: its weights are ranks too, so a gene near the bottom that rises can pull the average down.
# singscore with averaged ties: under "min", a gene that rises into a tie takes the others' rank down with it.
# Not those that divide by the spread of the row, which a high gene widens.
@pytest.mark.parametrize("name", ["singscore", "ucell", "aucell", "mean", "wsum"])
@given(x=matrices())
@quick
def test_raising_a_rising_gene_does_not_lower_its_score(name, x):
    sig = one(["G1", "G2", "G3"])
    more = x.copy()
    more[:, 1] += 1
    ties = {"ties": "average"} if name == "singscore" else {}
    assert not (run(METHODS[name], more, sig, **ties) < run(METHODS[name], x, sig, **ties) - 1e-12).any()


@each()
def test_scores_are_float64_of_the_right_shape(m):
    got = run(m, np.random.default_rng(0).random((N, P)))
    assert got.dtype == np.float64
    assert got.shape == (N, len(SIGS))


@each()
def test_every_default_is_an_option_of_the_kernel(m):
    x = np.random.default_rng(0).random((N, P))
    assert_array_equal(run(m, x, **{**m.params, **SMALL.get(m.name, {})}), run(m, x))


@each()
def test_genes_that_occur_twice_are_refused(m):
    adata = AnnData(np.random.default_rng(0).normal(size=(N, P)))
    adata.var_names = [*GENES[:-1], GENES[0]]
    with pytest.raises(ms.InputError, match="1 genes occur more than once"):
        ms.tl.score(adata, SIGS, method=m.name)
    assert not adata.obsm


def test_table_has_one_row_per_method():
    table = ms.methods.table()
    ours = table[~table["method"].str.contains(":")]
    assert list(ours["method"]) == list(METHODS)
    assert set(ours["needs"]) == {"rank", "value", "genes", "cohort"}


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
        ({"needs": "counts"}, "Use one of rank, value, genes, cohort"),
    ],
)
def test_register_refuses(change, message):
    fields = {"name": "mine", "needs": "value", "per_obs": True, "signed": False, "weights": False, **change}
    with pytest.raises(ms.InputError, match=message):
        ms.methods.register(Method(kernel=first_gene, **fields))
    assert "mine" not in METHODS


def ranks_of_first_gene(ranks, sets):
    return ranks.mean[:, sets.idx[sets.ptr[:-1]]]


@pytest.mark.parametrize(
    ("needs", "kernel", "expected"),
    [
        ("value", first_gene, lambda x: x[:, 20]),
        ("cohort", first_gene, lambda x: x[:, 20]),
        ("rank", ranks_of_first_gene, lambda x: x.argsort(axis=1).argsort(axis=1)[:, 20] + 1.0),
    ],
)
def test_a_registered_method_scores_plain_arrays(needs, kernel, expected):
    mine = Method("mine", kernel, needs=needs, per_obs=True, signed=False, weights=False)
    ms.methods.register(mine)
    try:
        x = np.random.default_rng(0).random((N, P))
        assert_array_equal(run(ms.methods.get("mine"), x)[:, 3], expected(x))
    finally:
        del METHODS["mine"]
