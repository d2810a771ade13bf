"""Uncertainty from the choice of genes, against a loop that leaves genes out one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse, stats

import marrowsig as ms
from marrowsig._engine import Job, first_pass
from marrowsig._kernels.jackknife import GROUPS, error, groups, n_groups
from marrowsig._kernels.sets import Sets
from marrowsig.methods import METHODS

N, P = 11, 150
OPTIONS = {"module": {"n_bins": 5}, "ucell": {"max_rank": 120}, "aucell": {"top": 0.5}}
ALONE = [m for m in METHODS.values() if m.alone]
each = pytest.mark.parametrize("m", ALONE, ids=lambda m: m.name)
GENES = [f"G{i}" for i in range(P)]
MEMBERS = [
    [(c, 1.0) for c in range(3, 10)],
    [(c, 1.0) for c in (20, 30, 40, 50)] + [(c, -1.0) for c in (21, 31, 41)],
    [(60, 2.0), (61, -0.5), (62, 1.0), (63, 0.25)],
    [(c, 1.0 if c % 3 else -1.0) for c in range(70, 130)],  # more than the groups there are
    [(1, 1.0), (2, 1.0)],
    [(0, 1.0)],
]
LISTED = [9, 7, 4, 64, 2, 1]


@pytest.fixture(scope="module")
def x():
    rng = np.random.default_rng(2)
    return np.where(rng.random((N, P)) < 0.2, 0.0, rng.normal(3, 1.5, (N, P)).round(2))


def make_sets(members, listed):
    flat = [pair for m in members for pair in m]
    return Sets(
        names=tuple(f"s{i}" for i in range(len(members))),
        ptr=np.cumsum([0, *map(len, members)]),
        idx=np.array([i for i, _ in flat], dtype=np.int64),
        weight=np.array([w for _, w in flat]),
        listed=np.array(listed),
        n_genes=P,
        listed_down=np.array([sum(w < 0 for _, w in m) for m in members]),
    )


SETS = make_sets(MEMBERS, LISTED)


def run(m, x, sets, *, jackknife=False):
    job = Job((m,), sets, {m.name: OPTIONS.get(m.name, {})}, jackknife=jackknife)
    if m.needs == "cohort":
        return job.one(m, x)
    genes = first_pass(x, job, lambda n: None) if m.needs == "genes" else None
    return job.score(job.rows(x, 0, len(x), first=0), genes)


def brute_force(m, x, s):
    """Standard error of one set (n_obs,), and the scores that it comes from."""
    members, listed = MEMBERS[s], LISTED[s]
    rising_first = sorted(range(len(members)), key=lambda i: members[i][1] < 0)
    group = {i: place % 50 for place, i in enumerate(rising_first)}
    left = []
    for g in range(max(group.values()) + 1):
        kept = [pair for i, pair in enumerate(members) if group[i] != g]
        left.append(run(m, x, make_sets([kept], [listed - (len(members) - len(kept))]))[m.name][:, 0])
    left = np.array(left)
    n = len(left)
    return np.sqrt((n - 1) / n * ((left - left.mean(axis=0)) ** 2).sum(axis=0))


@each
def test_error_is_that_of_leaving_genes_out_one_by_one(m, x):
    got = run(m, x, SETS, jackknife=True)[f"{m.name}_se"]
    for s in range(4):
        # Signed differences of scores of size 1 to 100: what is left near zero is rounding.
        assert_allclose(got[:, s], brute_force(m, x, s), rtol=1e-10, atol=1e-12)
    assert np.isnan(got[:, 4:]).all()


@each
def test_scores_are_the_same_with_and_without(m, x):
    assert_array_equal(run(m, x, SETS, jackknife=True)[m.name], run(m, x, SETS)[m.name])


def test_error_of_a_mean_is_the_standard_error_of_the_mean(x):
    got = run(METHODS["mean"], x, SETS, jackknife=True)["mean_se"][:, 0]
    assert_allclose(got, x[:, 3:10].std(axis=1, ddof=1) / np.sqrt(7), rtol=1e-12)


def test_large_sets_are_dealt_out_with_both_directions_in_every_group():
    weight = np.where(np.random.default_rng(0).random(1000) < 0.3, -1.0, 1.0)
    sets = make_sets([list(zip(np.arange(1000) % P, weight, strict=True)), MEMBERS[0]], [1000, 7])
    group = groups(sets)
    assert_array_equal(n_groups(group, sets), [GROUPS, 7])
    first = group[:1000]
    assert_array_equal(np.bincount(first), np.full(GROUPS, 20))
    falling = np.bincount(first[weight < 0], minlength=GROUPS)
    assert np.ptp(falling) <= 1


def test_a_set_without_members_has_no_groups():
    sets = make_sets([MEMBERS[0], [], MEMBERS[2]], [9, 2, 4])
    group = groups(sets)
    assert_array_equal(n_groups(group, sets), [7, 0, 4])
    left = sets.without_each(group)
    assert_array_equal(left.found, [6] * 7 + [3] * 4)
    assert_array_equal(left.listed, [8] * 7 + [3] * 4)
    out = error(np.ones((3, 11)), group, sets)
    assert_array_equal(out, [[0, np.nan, 0]] * 3)


def test_leaving_out_a_score_without_value_leaves_no_error(x):
    # Without its only rising gene, UCell has no score.
    sets = make_sets([[(0, 1.0), (1, -1.0), (2, -1.0), (3, -1.0)]], [4])
    assert np.isnan(run(METHODS["ucell"], x, sets, jackknife=True)["ucell_se"]).all()


def adata_of(x, form=np.asarray):
    adata = AnnData(form(x), obs=pd.DataFrame(index=[f"s{i}" for i in range(N)]))
    adata.var_names = GENES
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    return adata


SIGS = ms.sig.SignatureSet(
    [
        ms.sig.Signature(f"emt.s{i}", axis="emt", genes={GENES[c]: w for c, w in m})
        for i, m in enumerate(MEMBERS)
    ]
)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
def test_intervals_are_those_of_student_and_stay_within_the_limits(x, form):
    adata, names = adata_of(x, form), [m.name for m in ALONE]
    with pytest.warns(ms.CoverageWarning, match="emt.s4: singscore has no interval"):
        ms.tl.score(adata, SIGS, method=names, params=OPTIONS, uncertainty="genes")
    df = np.array([7, 7, 4, 50]) - 1
    sets = replace(SETS, listed=SETS.found)
    for m in ALONE:
        se = run(m, x, sets, jackknife=True)[f"{m.name}_se"][:, :4]
        score, low, high = (adata.obsm[f"score_{m.name}{end}"].to_numpy() for end in ("", "_low", "_high"))
        half = stats.t.ppf(0.975, df) * se
        ends = (-np.inf, np.inf) if m.name in OPTIONS else m.limits
        assert_allclose(low[:, :4], np.clip(score[:, :4] - half, *ends), rtol=1e-10, atol=1e-12)
        assert_allclose(high[:, :4], np.clip(score[:, :4] + half, *ends), rtol=1e-10, atol=1e-12)
        assert np.isnan(low[:, 4:]).all()


@pytest.mark.parametrize("method", ["mlm", ["mean", "mlm"]])
def test_methods_that_see_the_other_signatures_have_no_interval(x, method):
    adata = adata_of(x)
    with pytest.raises(ms.InputError, match="mlm cannot say how much"):
        ms.tl.score(adata, SIGS, method=method, uncertainty="genes")
    with pytest.raises(ms.InputError, match="ssgsea cannot say how much"):
        ms.tl.score(
            adata, SIGS, method="ssgsea", params={"ssgsea": {"normalize": "range"}}, uncertainty="genes"
        )
    assert not adata.obsm


def test_unknown_uncertainty_is_refused(x):
    with pytest.raises(ms.InputError, match="uncertainty='samples' is not offered"):
        ms.tl.score(adata_of(x), SIGS, uncertainty="samples")
