"""Rows thinned to one depth: what is drawn, what it depends on, and what becomes of scores and warnings."""

from __future__ import annotations

import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse, stats

import marrowsig as ms
from marrowsig._further import PARTS
from marrowsig._run import run
from marrowsig._sets import index_sets
from marrowsig._stats.thinning import ARCS, balanced
from marrowsig._summed import summed_before
from marrowsig.methods import get
from marrowsig.pp._draws import draws
from marrowsig.qc._random_scores import random_scores
from marrowsig.tl._even_depth import even

DESIGN = ms.Design(culture="culture", pair="pair")


def sums(*, n: int = 4, genes: int = 60, fold: float = 2.0, form=np.asarray, seed: int = 0) -> ad.AnnData:
    """Sums of cells of `n` pairs; those in co-culture have `fold` times the counts."""
    rng = np.random.default_rng(seed)
    arms = [(culture, f"d{i}") for i in range(n) for culture in ("mono", "co")]
    obs = pd.DataFrame(arms, columns=["culture", "pair"], index=[f"{p}|{c}" for c, p in arms])
    size = np.where(obs["culture"] == "co", fold, 1.0) * rng.uniform(0.9, 1.1, len(obs))
    x = rng.poisson(size[:, None] * rng.lognormal(2, 1, genes)).astype(np.float32)
    adata = ad.AnnData(form(x), obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(genes)]))
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}, "pseudobulk": {"unit": "pair"}}
    return adata


def dense(x) -> np.ndarray:
    return x.toarray() if sparse.issparse(x) else np.asarray(x)


# ---- what is drawn


@given(st.lists(st.integers(0, 30), min_size=2, max_size=8), st.integers(0, 2**20), st.data())
def test_draws_keep_their_depth_and_take_every_count_as_often_as_others(counts, seed, data) -> None:
    total = sum(counts)
    depth, n = data.draw(st.integers(0, total)), data.draw(st.integers(1, ARCS))
    out = balanced(np.array(counts), np.arange(len(counts)), depth, n, np.random.default_rng(seed))
    assert out.shape == (n, len(counts))
    assert (out.sum(1) == depth).all()
    assert ((out >= 0) & (out <= counts)).all()
    least, taken = n * depth // max(total, 1), out.sum(0)  # a count is in so many of the draws, or one more
    spare = np.multiply(counts, 1 if total and n * depth % total else 0)
    assert ((taken >= np.multiply(counts, least)) & (taken <= np.multiply(counts, least) + spare)).all()


def test_draws_are_hypergeometric() -> None:
    """Each gene of any draw by scipy's law; thinned multinomials are multinomials of the smaller depth."""
    counts, place = np.array([12, 5, 0, 23]), np.arange(4)
    drawn = np.array([balanced(counts, place, 15, 3, np.random.default_rng(i)) for i in range(4000)])
    for k, j in ((0, 0), (2, 1), (2, 3)):  # the last arc reaches over the start of the circle
        seen = np.bincount(drawn[:, k, j], minlength=24)[:24]
        expected = 4000 * stats.hypergeom(40, counts[j], 15).pmf(np.arange(24))
        cut = np.flatnonzero(expected > 5)
        assert seen[: cut[0]].sum() + seen[cut[-1] + 1 :].sum() < 20
        chi = ((seen[cut] - expected[cut]) ** 2 / expected[cut]).sum()
        assert stats.chi2(len(cut)).sf(chi) > 1e-3
    rng = np.random.default_rng(1)
    deep = rng.multinomial(30, [0.5, 0.3, 0.2], 4000)
    few = np.array([balanced(row, place[:3], 10, 1, rng)[0] for row in deep])
    np.testing.assert_allclose(few.mean(0), [5, 3, 2], atol=4 * np.sqrt(2.5 / 4000))
    np.testing.assert_allclose(few.var(0), [2.5, 2.1, 1.6], rtol=0.12)  # four errors of a variance


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix])
def test_a_row_depends_on_its_counts_depth_and_seed_alone(form) -> None:
    base = ms.pp.thin(sums(), depth=300, copy=True)
    order = np.random.default_rng(0).permutation(60)
    turned = sums(form=form)[::-1, order].copy()
    ms.pp.thin(turned, depth=300)
    assert sparse.issparse(turned.X)
    np.testing.assert_array_equal(dense(turned[base.obs_names, base.var_names].X), base.X)
    alone = ms.pp.thin(sums()[3:4].copy(), depth=300, copy=True)
    np.testing.assert_array_equal(alone.X[0], base.X[3])
    assert (ms.pp.thin(sums(), depth=300, seed=1, copy=True).X != base.X).any()
    renamed = sums()
    renamed.obs_names = [f"other {i}" for i in range(8)]
    np.testing.assert_array_equal(ms.pp.thin(renamed, depth=300, copy=True).X, base.X)


def test_depth_is_that_of_the_smallest_row_of_its_group() -> None:
    adata = sums()
    total = dense(adata.X).sum(1)
    one = ms.pp.thin(adata, copy=True)
    assert set(one.X.sum(1)) == {total.min()}
    assert (one.obs["thinned_to"] == total.min()).all()
    np.testing.assert_array_equal(one.layers["counts"], adata.X)
    within = ms.pp.thin(adata, by="pair", copy=True)
    lowest = pd.Series(total, index=adata.obs["pair"].to_numpy()).groupby(level=0).min()
    assert within.X.sum(1).tolist() == lowest.loc[adata.obs["pair"]].tolist()
    again = ms.pp.thin(one, copy=True)  # of the counts that were kept, so that nothing is drawn twice
    np.testing.assert_array_equal(again.X, one.X)
    assert list(adata.layers) == []


def test_a_row_outside_the_design_sets_no_depth() -> None:
    adata = sums()
    total = dense(adata.X).sum(1)
    one, deep = 0, int(np.argmax(total))  # the shallower and the deepest row are in no arm
    adata.X[one] = np.floor(adata.X[one] / 20)
    shallow = adata.X[one].sum()
    adata.obs["culture"] = adata.obs["culture"].where(~np.isin(np.arange(8), [one, deep]), "left out")
    inside = adata.obs["culture"].ne("left out").to_numpy()
    least = total[inside].min()
    found = ms.pp.thin(adata, design=DESIGN, copy=True)
    assert (found.X[inside].sum(1) == least).all()
    assert found.X[deep].sum() == least
    assert found.X[one].sum() == found.obs["thinned_to"].iloc[one] == shallow
    with pytest.warns(ms.InputWarning, match="design= passes over those outside the design"):
        assert (ms.pp.thin(adata, copy=True).X.sum(1) == shallow).all()  # the shallow one sets that of all
    kept = ms.pp.thin(adata[inside].copy(), copy=True)
    np.testing.assert_array_equal(kept.X, found.X[inside])
    made = found.uns["marrowsig"]["thin"]
    assert (made["least"], made["most"], made["outside"]) == (least, least, 2)
    ms.pp.thin(found, depth=200, design=DESIGN)
    assert found.X.sum(1).tolist() == [shallow, *[200] * 7]
    ms.pp.lognorm(found)
    ms.tl.score(found, SIG, method="mean")
    assert np.isfinite(found.obsm["score_mean"].to_numpy()).all()
    adata.obs["site"] = np.where(np.arange(8) < 2, "a", "b")
    by = ms.pp.thin(adata, by="site", design=DESIGN, copy=True)
    assert by.X[:2].sum(1).tolist() == [shallow, adata.X[1].sum()]
    with pytest.raises(ms.DesignError):
        ms.pp.thin(adata, design=ms.Design(culture="culture", mono="none", co="never"))
    with pytest.raises(ms.DesignError, match=r"has to be a ms\.Design"):
        ms.pp.thin(adata, design="culture")


def test_a_row_of_an_arm_sets_the_depth_also_without_a_partner() -> None:
    adata = sums()
    adata.X[0] = np.floor(adata.X[0] / 20)
    lone = adata[adata.obs_names != "d0|co"].copy()
    with pytest.warns(ms.InputWarning, match="Leave shallow rows out first"):
        found = ms.pp.thin(lone, design=DESIGN, copy=True)
    assert (found.X.sum(1) == adata.X[0].sum()).all()


# ---- with scores, tests of genes, and what is told


SIG = ms.sig.Signature("emt.x", axis="emt", genes=[f"G{i}" for i in range(15)])


def scored(x, names: pd.Index, method: str) -> np.ndarray:
    adata = ad.AnnData(x, var=pd.DataFrame(index=names))
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    ms.tl.score(adata, SIG, method=method)
    return adata.obsm[f"score_{method}"].to_numpy()


@pytest.mark.parametrize("method", ["singscore", "mean", "ucell"])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
def test_scores_are_means_over_the_draws_and_again_the_same(method: str, form) -> None:
    adata = ms.pp.thin(sums(form=form), draws=4, copy=True)
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIG, method=method)
    every = draws(adata)
    assert len(every) == 4
    np.testing.assert_allclose(dense(every[0]), dense(adata.X), rtol=1e-12)
    assert all((dense(one) != dense(adata.X)).any() for one in every[1:])
    depth = adata.obs["thinned_to"].to_numpy()
    for one in every:
        counts = (2 ** dense(one) - 1) * depth[:, None] / 1e6
        np.testing.assert_allclose(counts.sum(1), depth, rtol=1e-9)
        np.testing.assert_allclose(counts, np.rint(counts), atol=1e-6)
    mean = np.mean([scored(one, adata.var_names, method) for one in every], axis=0)
    np.testing.assert_allclose(adata.obsm[f"score_{method}"], mean, rtol=1e-9)
    part = adata[2:5].copy()
    ms.tl.score(part, SIG, method=method)
    np.testing.assert_allclose(part.obsm[f"score_{method}"], mean[2:5], rtol=1e-9)
    parts = ms.tl.contributions(adata, SIG, method=method, design=DESIGN)
    moved = mean[adata.obs["culture"] == "co"].mean() - mean[adata.obs["culture"] == "mono"].mean()
    whole = ms.tl.compare(adata, DESIGN, method=method)["estimate"].iloc[0]
    assert whole == pytest.approx(moved)
    assert len(parts) == 15
    ms.tl.sensitivity(adata, DESIGN, method=method, signatures=SIG)  # which makes the scores again
    adata.X = dense(adata.X) + 1.0  # no draw any more: scored as it is
    assert draws(adata) == []


def test_random_sets_are_scored_on_the_same_draws() -> None:
    adata = ms.pp.thin(sums(n=3, genes=400), draws=3, copy=True)
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIG)
    found = ms.qc.null(adata, SIG, n_sets=30)
    np.testing.assert_allclose(found["score"], adata.obsm["score_singscore"].to_numpy()[:, 0], rtol=1e-9)
    sets, _ = index_sets([SIG], list(adata.var_names))
    one, turned, both = (
        dict(
            random_scores(
                every, get("singscore"), sets, list(adata.var_names), n_sets=9,
                rng=np.random.default_rng(0), exclude=np.zeros(400, bool),
            )
        )[SIG.id]
        for every in ([adata.X], [adata.X[::-1]], [adata.X, adata.X[::-1]])
    )  # fmt: skip
    np.testing.assert_allclose(both, (one + turned) / 2, rtol=1e-9)
    np.testing.assert_allclose(one[::-1], turned, rtol=1e-9)


def test_the_log_is_that_of_thinned_counts_and_genes_are_tested_on_all(tmp_path) -> None:
    adata = sums()
    all_genes = ms.tl.genes(adata, DESIGN)
    before = ms.pp.thin(adata, copy=True)
    ms.pp.lognorm(before)
    after = adata.copy()
    ms.pp.lognorm(after)
    ms.pp.thin(after)
    np.testing.assert_array_equal(before.X, after.X)
    expected = ms.pp.thin(adata, copy=True).X
    np.testing.assert_allclose(after.X, np.log2(expected * 1e6 / expected.sum(1, keepdims=True) + 1))
    for one in (before, after):
        np.testing.assert_array_equal(one.layers["counts"], adata.X)
        pd.testing.assert_frame_equal(ms.tl.genes(one, DESIGN), all_genes)
    after.write_h5ad(tmp_path / "t.h5ad")
    assert ad.read_h5ad(tmp_path / "t.h5ad").uns["marrowsig"]["thin"] == after.uns["marrowsig"]["thin"]


def test_scores_of_more_counts_are_removed_and_thinned_arms_not_warned_of() -> None:
    adata = sums()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIG)
    with pytest.warns(ms.InputWarning, match=r"ms\.pp\.thin\(adata\), then run ms\.tl\.score again"):
        ms.tl.compare(adata, DESIGN)
    with pytest.warns(ms.InputWarning, match="Scores of the counts before thinning are removed"):
        ms.pp.thin(adata)
    assert "score_singscore" not in adata.obsm
    with pytest.raises(ms.InputError):
        ms.tl.compare(adata, DESIGN)
    ms.tl.score(adata, SIG)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ms.tl.compare(adata, DESIGN)


def test_thinned_sums_hold_the_level_that_sums_as_they_are_break() -> None:
    """Four pairs without any effect, an arm of thrice the depth, a signature of weakly expressed genes."""
    runs, n, genes = 100, 4, 80
    rng = np.random.default_rng(5)
    level = np.r_[rng.lognormal(-2, 0.5, 20), rng.lognormal(1, 1, genes - 20)]
    size = rng.lognormal(0, 0.1, (runs, n, 2)) * [1, 3]
    mean = size[..., None] * level * np.exp(rng.normal(0, 0.2, (runs, n, 1, genes)))
    x = rng.poisson(mean * rng.gamma(10, 0.1, mean.shape)).reshape(-1, genes).astype(np.float32)
    obs = pd.DataFrame({"run": np.repeat(np.arange(runs), 2 * n)}, index=[f"r{i}" for i in range(len(x))])
    adata = ad.AnnData(x, obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(genes)]))
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    weak = ms.sig.Signature("emt.weak", axis="emt", genes=[f"G{i}" for i in range(20)])
    share = {}
    for name, one in (("as is", adata), ("thinned", ms.pp.thin(adata, by="run", draws=3, copy=True))):
        ms.tl.score(one, weak)
        scores = one.obsm["score_singscore"].to_numpy().reshape(runs, n, 2)
        share[name] = (stats.ttest_rel(scores[..., 1], scores[..., 0], axis=1).pvalue < 0.05).mean()
    assert share["as is"] > 0.2
    assert share["thinned"] < 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


def test_a_shallow_row_that_costs_most_of_the_counts_is_told() -> None:
    adata = sums()
    adata.X[2] = np.floor(adata.X[2] / 8)
    with pytest.warns(ms.InputWarning, match=r"leaves \d\.\d % of all counts: the shallowest row, d1\|mono,"):
        ms.pp.thin(adata)
    adata.obs["all"] = "x"
    with pytest.warns(
        ms.InputWarning, match=r"every row \(x\) down to .*Leave shallow rows out first, to keep"
    ):
        ms.pp.thin(adata, by="all")


def test_refusals() -> None:
    for broken, said in (
        (lambda a: a.X.__setitem__((0, 0), 0.5), "1 of 480 values are fractions"),
        (lambda a: a.X.__setitem__((0, 0), -1), "fractions, negative"),
        (lambda a: a.X.__setitem__(0, 0), "1 rows have no counts: d0|mono"),
    ):
        adata = sums()
        broken(adata)
        with pytest.raises(ms.InputError, match=said.replace("|", r"\|")):
            ms.pp.thin(adata)
    for options, said in (
        ({"depth": 10**6}, "8 of 8 rows have fewer than depth=1,000,000"),
        ({"depth": 0}, "depth=0 has to be"),
        ({"depth": 2.5}, "depth=2.5 has to be"),
        ({"seed": -1}, "seed=-1 has to be"),
        ({"draws": 0}, "draws=0 has to be"),
        ({"by": "donor"}, "no column donor"),
        ({"layer": "raw"}, "no 'raw'"),
    ):
        with pytest.raises(ms.InputError, match=said):
            ms.pp.thin(sums(), **options)
    logged = sums()
    ms.pp.lognorm(logged)
    del logged.layers["counts"]
    with pytest.raises(ms.InputError, match="thin draws from whole counts"):
        ms.pp.thin(logged)


def test_sums_without_a_partner_are_thinned_alike_or_left_out() -> None:
    rng = np.random.default_rng(0)
    rows = [(d, c) for d in "abc" for c in ("mono", "co")] + [("deep", "mono"), ("low", "mono")]
    obs = pd.DataFrame(rows, columns=["donor", "culture"], index=[f"{d}|{c}" for d, c in rows])
    mean = np.array([8, 20, 20, 20, 20, 20, 30, 3])[:, None]
    x = rng.poisson(mean, (8, 50)).astype(np.float32)
    sums = ad.AnnData(x, obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(50)]))
    design = ms.Design(culture="culture", pair="donor")
    kept, least = sums.copy(), int(x[0].sum())
    even(kept, design, depth="auto", seed=0)
    assert kept.obs["thinned_to"].tolist() == [least] * 7 + [int(x[7].sum())]
    with pytest.warns(
        ms.InputWarning, match=rf"1 sum without a partner, .*: low\|mono \(.* counts, the others {least}\)"
    ):
        even(sums, design, depth="auto", seed=0, drop=True)
    assert set(sums.obs["thinned_to"]) == {least}
    assert "low|mono" not in sums.obs_names


def test_sums_that_were_saved_are_known_by_their_record() -> None:
    made, bare, logged = sums(), sums(), sums()
    del bare.uns["marrowsig"]["pseudobulk"]
    ms.pp.lognorm(logged)
    assert [summed_before(own) for own in (made, bare, logged)] == [True, False, False]
    ms.pp.thin(made)
    assert not summed_before(made)


def test_a_run_thins_saved_sums_as_it_does_its_own(tmp_path) -> None:
    """The depth is that of the shallowest sum; rows without the record are samples, and stay."""
    known, least = ms.sig.Signature("emt.mine", axis="emt", genes=["G1", "G2", "G3"]), {}
    for name in ("saved", "samples"):
        adata = sums(n=4, genes=60, fold=1.5)
        if name == "samples":
            del adata.uns["marrowsig"]["pseudobulk"]
        file = tmp_path / f"{name}.h5ad"
        adata.write_h5ad(file)
        asked = {"signatures": ms.sig.SignatureSet([known]), "skip": PARTS, "draw": False}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ms.InputWarning)
            warnings.simplefilter("ignore", ms.GeneWarning)
            done = run(ms.io.read(file), DESIGN, out=tmp_path / name, **asked)
        least[name] = done.adata.uns["marrowsig"].get("thin", {}).get("least")
    assert least == {"saved": int(sums(n=4, genes=60, fold=1.5).X.sum(axis=1).min()), "samples": None}


def test_claims_warn_of_depth_and_say_it_once_beside_the_contrasts() -> None:
    own = {axis: ms.sig.Signature(f"{axis}.mine", axis=axis, genes=[f"G{i}" for i in range(at, at + 9)])
           for axis, at in (("emt", 1), ("il6", 20), ("stat3", 40))}  # fmt: skip
    for thinned in (False, True):
        adata = sums(seed=99)  # of no other test: what was told once stays told
        if thinned:
            ms.pp.thin(adata)
        ms.pp.lognorm(adata)
        ms.tl.score(adata, list(own.values()))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            ms.tl.claims(adata, DESIGN, signatures=own, methods="mean", carry_over=False)
            ms.tl.compare(adata, DESIGN)
        said = [str(w.message) for w in caught if "unlike sequencing depth" in str(w.message)]
        assert len(said) == (not thinned)


def test_the_guard_warns_of_depth_of_logged_sums_and_of_bare_counts_until_they_are_thinned() -> None:
    own = ms.sig.Signature("emt.mine", axis="emt", genes=[f"G{i}" for i in range(1, 10)])
    stroma = pd.Series(np.arange(100.0, 160.0), index=[f"G{i}" for i in range(60)])
    told = {}
    every = {"bare": [], "logged": [ms.pp.lognorm], "thinned": [ms.pp.thin, ms.pp.lognorm]}
    for name, steps in every.items():
        adata = sums(seed=98)
        for step in steps:
            step(adata)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            ms.qc.stroma(adata, DESIGN, stroma=stroma, signatures=own, method="mean", tipping=False)
        told[name] = [str(w.message) for w in caught if "unlike sequencing depth" in str(w.message)]
    assert {name: len(said) for name, said in told.items()} == {"bare": 1, "logged": 1, "thinned": 0}
    assert "co_vs_mono: co has 2.0 times the counts of mono" in told["logged"][0]
    assert told["bare"] == told["logged"]


def test_a_page_thins_to_one_depth_by_the_documented_call_with_the_same_numbers() -> None:
    from marrowsig._calls import Calls
    from marrowsig._run_calls import thinned

    sums = ms.pp.pseudobulk(ms.ds.toy(), unit="pair", by=["culture", "line"], min_cells=1)
    sums.X = np.array(sums.X.toarray() if sparse.issparse(sums.X) else sums.X)
    sums.X[0] = np.random.default_rng(0).binomial(sums.X[0].astype(int), 0.05)
    again, design = sums.copy(), ms.Design(culture="culture", line="line", pair="pair")
    with pytest.warns(ms.InputWarning, match="Thinning brings every row"):
        even(sums, design, depth="auto", seed=3, drop=True)
    calls = Calls()
    thinned(calls, sums, 3)
    least = int(again.X.sum(axis=1).min())
    assert f"ms.pp.thin(adata, depth={least}, seed=3)" in calls.text()
    assert "_even_depth" not in calls.text()
    ms.pp.thin(again, depth=least, seed=3)
    for one in (sums, again):
        ms.pp.lognorm(one)
        ms.tl.score(one, "emt.hallmark", min_coverage=0.0)
    np.testing.assert_array_equal(sums.X, again.X)
    np.testing.assert_array_equal(sums.obsm["score_singscore"], again.obsm["score_singscore"])
