"""`ms.tl.chain`: what it correlates, what it says, and that its words never exceed the numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from scipy import stats

import marrowsig as ms
from marrowsig._rise_word import noted
from marrowsig._stats.fieller import fieller
from marrowsig._stats.ols import Fit
from marrowsig._stats.partial import partial
from marrowsig.pl.chain import _inhibitors
from marrowsig.tl import _chain_steps as steps
from marrowsig.tl import _chain_words as words
from marrowsig.tl import _rescue_words
from marrowsig.tl._chain_genes import competence, contrasts
from marrowsig.tl._chain_inhibitors import COLUMNS, OWN, inhibitors, rescued

DEMO = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
PAIRED = ms.Design(culture="culture", pair="pair")
SMALL = {"gene": [f"G{i}" for i in range(60)]}


@pytest.fixture(scope="module")
def demo() -> ad.AnnData:
    return ms.ds.demo()


@pytest.fixture(scope="module")
def found(demo: ad.AnnData) -> Any:
    return ms.tl.chain(demo, DEMO)


@pytest.fixture(scope="module")
def ligand(demo: ad.AnnData) -> Any:
    return ms.tl.chain(demo, DEMO, il6="IL6", stat3="il6.hallmark", emt="emt.hallmark", cycle=False)


def mine() -> dict[str, ms.sig.Signature]:
    """Three signatures of 12 genes; STAT3 shares four with IL-6, EMT two with STAT3."""
    spans = {"il6": (0, 12), "stat3": (8, 20), "emt": (18, 30)}
    return {
        step: ms.sig.Signature(f"{step}.mine", axis=step, genes=SMALL["gene"][slice(*span)])
        for step, span in spans.items()
    }


def study(*, n: int = 5, seed: int = 0, more: tuple[str, ...] = ()) -> ad.AnnData:
    """Log expression of `n` pairs, alone and in co-culture; no gene moves with another."""
    rng = np.random.default_rng(seed)
    obs = pd.DataFrame({"culture": ["mono", "co"] * n, "pair": np.repeat([f"p{i}" for i in range(n)], 2)})
    obs.index = [f"s{i}" for i in range(2 * n)]
    genes = [*SMALL["gene"], *more]
    x = 5 + rng.normal(size=(2 * n, len(genes))) + (obs["culture"] == "co").to_numpy()[:, None]
    adata = ad.AnnData(x.astype(np.float32), obs=obs, var=pd.DataFrame(index=genes))
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    return adata


def row(result: Any, link: str, adjusted_for: str = "nothing") -> pd.Series:
    table = result.links
    return table[(table["link"] == link) & (table["adjusted_for"] == adjusted_for)].squeeze()


# What is correlated.


def test_scores_that_are_correlated_share_no_gene(demo: ad.AnnData, found: Any) -> None:
    sigs = {s: ms.sig.load(name)[name] for s, name in found.steps.groupby("step")["name"].first().items()}
    removed = {
        r["score"]: set(filter(None, r["removed"].split(", "))) for r in found.steps.to_dict("records")
    }
    left = {
        score: set(sigs[step].genes) - removed[score]
        for score, step in found.steps[["score", "step"]].itertuples(index=False)
    }
    for a, b in (("il6", "stat3_apart"), ("stat3", "emt"), ("il6", "emt"), ("stat3_apart", "emt")):
        assert not left[a] & left[b]
    assert all("IL6" not in genes for genes in left.values())
    for score, genes in left.items():
        step = score.removesuffix("_apart")
        kept = {g: w for g, w in sigs[step].genes.items() if g in genes}
        own = ms.sig.Signature(f"{step}.left", axis=step, genes=kept)
        work = ad.AnnData(demo.X, obs=demo.obs, var=demo.var)
        ms.tl.score(work, own)
        np.testing.assert_allclose(found.scores[score], work.obsm["score_singscore"][own.id], rtol=1e-12)
    shared = found.overlap.set_index(["a", "b"]).loc[("il6", "stat3")]
    names = set(sigs["il6"].genes) & set(sigs["stat3"].genes)
    assert shared["shared"] == len(names)
    assert set(shared["genes"].split(", ")) == names


def dummies(obs: pd.DataFrame) -> pd.DataFrame:
    """Eight arms, and the pairs but one of each line: of full rank, 14."""
    arm = obs[["line", "culture", "inhibitor"]].astype(str).agg("".join, axis=1)
    pairs = pd.get_dummies(obs["pair"].astype(str), dtype=float)
    first = obs["pair"].astype(str).groupby(obs["line"].astype(str)).min()
    return pd.get_dummies(arm, dtype=float).join(pairs.drop(columns=first))


def test_links_equal_residuals_of_statsmodels(demo: ad.AnnData, found: Any) -> None:
    import statsmodels.api as sm

    base = dummies(demo.obs)
    assert np.linalg.matrix_rank(base) == base.shape[1] == 14
    for link, (a, b), more, df in (
        ("IL-6 -> STAT3", ("il6", "stat3_apart"), [], 32 - 14 - 1),
        ("STAT3 -> EMT", ("stat3", "emt"), ["il6"], 32 - 14 - 2),
    ):
        X = base.join(found.scores[more])
        r = stats.pearsonr(*(sm.OLS(found.scores[y], X).fit().resid for y in (a, b))).statistic
        slope = sm.OLS(found.scores[b], X.join(found.scores[[a]])).fit()
        ours = row(found, link)
        np.testing.assert_allclose(ours["r"], r, rtol=1e-10)
        np.testing.assert_allclose(ours["p"], slope.pvalues[a], rtol=1e-8)
        assert ours["df"] == df == slope.df_resid
    both = row(found, "both links")
    assert both["p"] == max(row(found, "IL-6 -> STAT3")["p"], row(found, "STAT3 -> EMT")["p"])


def test_order_of_samples_does_not_matter(demo: ad.AnnData, found: Any) -> None:
    at = np.random.default_rng(0).permutation(demo.n_obs)
    again = ms.tl.chain(demo[at].copy(), DEMO)
    for name in ("links", "contrasts", "inhibitors", "levels"):
        one, other = (getattr(r, name).select_dtypes("number") for r in (found, again))
        np.testing.assert_allclose(one.to_numpy(float), other.to_numpy(float), rtol=1e-7, atol=1e-10)
    assert list(again.verdicts["sentence"]) == list(found.verdicts["sentence"])


def test_scores_are_made_as_they_were_before() -> None:
    adata = study()
    sigs = mine()
    ms.tl.score(adata, sigs["emt"], method="mean")
    known = adata.uns["marrowsig"]["scores"]["mean"]["params"]
    result = ms.tl.chain(adata, PAIRED, **sigs, cycle=False)
    assert result.params["method"] == "mean"
    assert str(result.params["options"]["layer"]) in known.replace("null", "None")
    emt = adata.to_df()[SMALL["gene"][20:30]].mean(axis=1)
    np.testing.assert_allclose(result.scores["emt"], emt, rtol=1e-6)
    assert list(adata.obsm) == ["score_mean"]  # nothing is written
    ms.tl.score(adata, list(sigs.values()), method="mlm", min_coverage=0)
    with pytest.raises(ms.InputError, match="all signatures at once"):
        ms.tl.chain(adata, PAIRED, **sigs, method="mlm")


def test_shares_and_cycle_are_taken_out(demo: ad.AnnData, found: Any) -> None:
    share = pd.Series(np.random.default_rng(0).uniform(0, 0.01, 32), index=demo.obs_names)
    wide = ms.tl.chain(demo, DEMO, stroma=pd.DataFrame({"sample": share.index[::-1], "share": share[::-1]}))
    assert list(dict.fromkeys(wide.links["adjusted_for"])) == [
        "nothing", "stromal share", "cell cycle", "stromal share and cell cycle",
    ]  # fmt: skip
    assert row(wide, "IL-6 -> STAT3", "stromal share and cell cycle")["df"] == 15
    X = np.column_stack([dummies(demo.obs), share])
    r = partial(wide.scores[["il6"]].to_numpy(), wide.scores[["stat3_apart"]].to_numpy(), X).r[0]
    np.testing.assert_allclose(row(wide, "IL-6 -> STAT3", "stromal share")["r"], r, rtol=1e-9)
    for name in ("nothing", "cell cycle"):
        assert row(wide, "IL-6 -> STAT3", name)["r"] == row(found, "IL-6 -> STAT3", name)["r"]
    few = study()
    share = pd.Series(np.random.default_rng(0).uniform(0, 0.01, 10), index=few.obs_names)
    flat = ms.tl.chain(few, PAIRED, **mine(), stroma=0 * share, cycle=False)
    assert np.isnan(row(flat, "STAT3 and EMT", "stromal share")["p"])
    assert "does not vary" in row(flat, "STAT3 and EMT", "stromal share")["note"]
    part = ms.tl.chain(few, PAIRED, **mine(), stroma=share[:8], cycle=False)
    assert "not known in 2 of 10" in row(part, "STAT3 and EMT", "stromal share")["note"]
    with pytest.raises(ms.InputError, match="none of the samples"):
        ms.tl.chain(demo, DEMO, stroma=share.rename(lambda name: f"x{name}"))
    with pytest.raises(ms.InputError, match=r"ms\.qc\.stroma"):
        ms.tl.chain(demo, DEMO, stroma=0.02)


def test_few_degrees_of_freedom_give_no_number() -> None:
    result = ms.tl.chain(study(n=3), PAIRED, **mine(), cycle=False)
    assert row(result, "IL-6 and STAT3")["df"] == 1
    assert result.links[["r", "p", "detectable"]].isna().all(axis=None)
    assert "6 samples for 4 parameters leave one degree of freedom" in row(result, "IL-6 and STAT3")["note"]
    assert result.verdicts["verdict"].tolist() == ["not tested"]
    four = ms.tl.chain(study(n=4), PAIRED, **mine(), cycle=False)
    assert row(four, "IL-6 and STAT3")["df"] == 2
    assert np.isfinite(row(four, "IL-6 and STAT3")[["r", "r_low", "p"]].astype(float)).all()
    assert np.isnan(row(four, "both links")["p"])


def test_a_step_with_few_genes_left_has_no_score() -> None:
    sigs = mine()
    sigs["stat3"] = ms.sig.Signature("stat3.like", axis="stat3", genes=SMALL["gene"][:14])
    result = ms.tl.chain(study(), PAIRED, **sigs, cycle=False)
    assert "fewer than 5" in result.steps.set_index("score").loc["stat3_apart", "note"]
    assert "no score of" in row(result, "IL-6 and STAT3")["note"]
    assert row(result, "both links")["verdict"] == "not tested"


def test_compartments_are_never_pooled() -> None:
    one, other = study(seed=1), study(seed=2)
    both = ad.concat({"AML": one, "MSC": other}, label="compartment", index_unique="-")
    both.uns["marrowsig"] = {"input": {"kind": "log"}}
    result = ms.tl.chain(both, replace(PAIRED, compartment="compartment"), **mine(), cycle=False)
    for stratum, alone in (("AML", one), ("MSC", other)):
        single = ms.tl.chain(alone, PAIRED, **mine(), cycle=False)
        own = result.links[result.links["stratum"] == f"compartment={stratum}"]
        for name in ("r", "df", "p"):
            np.testing.assert_allclose(own[name], single.links[name], rtol=1e-9)
    assert len(result.verdicts) == 2
    assert repr(result).count("compartment=") == 2
    # Holm over the links of both.
    p = result.links.loc[result.links["link"] != "both links", "p"]
    assert result.links["p_adj"].dropna().min() >= min(1.0, 4 * p.min()) - 1e-12


def test_pairs_that_span_only_the_lines_are_blocks() -> None:
    adata = study(n=6)
    adata.obs["line"] = np.where(adata.obs["culture"] == "co", "resistant", "parental")
    result = ms.tl.chain(adata, ms.Design(line="line", pair="pair"), **mine(), cycle=False)
    assert row(result, "IL-6 and STAT3")["df"] == 12 - 7 - 1


def test_donors_in_both_lines_are_correlated_apart() -> None:
    """By hand: changes of four donors, their sums and differences over the lines, and p = (1 - |r|)^2."""
    one, other = study(n=4, seed=3), study(n=4, seed=4)
    both = ad.concat({"parental": one, "resistant": other}, label="line", index_unique="-")
    both.uns["marrowsig"] = {"input": {"kind": "log"}}
    result = ms.tl.chain(both, replace(PAIRED, line="line"), **mine(), cycle=False)
    co = (both.obs["culture"] == "co").to_numpy()
    change = [(result.scores[co][s].to_numpy() - result.scores[~co][s].to_numpy()).reshape(2, 4)
              for s in ("il6", "stat3_apart")]  # fmt: skip
    r = np.mean([stats.pearsonr(*(c[0] + sign * c[1] for c in change)).statistic for sign in (1, -1)])
    found = row(result, "IL-6 and STAT3")
    np.testing.assert_allclose([found["r"], found["p"]], [r, (1 - abs(r)) ** 2], rtol=1e-9)
    assert found[["n_pairs", "n_units", "df"]].tolist() == [8, 4, 4]
    assert "8 pairs by 'pair' (4 levels; sums and differences" in result.verdicts["sentence"].item()
    assert row(result, "STAT3 and EMT")["df"] == 2
    both.obs["pair"] = both.obs["line"].astype(str) + both.obs["pair"].astype(str)
    apart = row(ms.tl.chain(both, replace(PAIRED, line="line"), **mine(), cycle=False), "IL-6 and STAT3")
    assert apart[["n_pairs", "n_units", "df"]].tolist() == [8, 8, 5]
    both.obs["donor"] = both.obs["pair"].str[-1]
    with pytest.warns(ms.InputWarning, match=r"8 pairs by 'pair' are of 4 levels of 'donor'.* unit='donor'"):
        ms.tl.chain(both, replace(PAIRED, line="line"), **mine(), cycle=False)
    named = ms.tl.chain(both, replace(PAIRED, line="line", unit="donor"), **mine(), cycle=False)
    pd.testing.assert_series_equal(row(named, "IL-6 and STAT3")[["r", "p", "df"]], found[["r", "p", "df"]])


def test_shared_genes_are_what_breaks_the_level() -> None:
    """24 samples, 30 genes a step: sharing six is called a link far too often, without them it is not."""
    rng, n, runs = np.random.default_rng(0), 24, 1500
    names = {"il6": range(30), "stat3": range(24, 54), "emt": range(60, 90)}
    parts = {s: steps.Step(s, s, {f"G{i}": 1.0 for i in genes}, None) for s, genes in names.items()}
    drop = steps.dropped_from(parts)
    X = np.kron(np.eye(4), np.ones((6, 1)))
    rise = np.kron([0.0, 1.0, 0.0, 1.0], np.ones(6))[:, None]
    genes = rng.normal(size=(54, n, runs)).astype(np.float32)

    def score(step: str, without: frozenset[str] = frozenset()) -> np.ndarray:
        return genes[[i for i in names[step] if f"G{i}" not in without]].mean(axis=0) + rise

    shared = partial(score("il6"), score("stat3"), X).p
    apart = partial(score("il6", drop["il6"]), score("stat3", drop["stat3_apart"]), X).p
    assert np.mean(shared < 0.05) > 0.12
    assert np.mean(apart < 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


# Genes of the pathway.


def test_levels_and_contrasts_of_the_pathway(demo: ad.AnnData, found: Any) -> None:
    co = (demo.obs["culture"] == "co") & (demo.obs["line"] == "parental") & (demo.obs["inhibitor"] == "none")
    own = found.levels[(found.levels["gene"] == "STAT3") & (found.levels["arm"] == "parental:co")].squeeze()
    counts = np.asarray(demo.X)[co.to_numpy()]
    cpm = counts[:, demo.var_names == "STAT3"].ravel() / counts.sum(axis=1) * 1e6
    assert abs(own["mean"] - np.log2(cpm).mean()) < 0.1  # a prior of two reads apart
    assert own["n"] == 4
    assert own["expressed"] == own["in_study"] == "yes"
    table = found.contrasts.set_index(["what", "name", "contrast"])
    adata = ad.AnnData(np.zeros((32, 1)), obs=demo.obs)
    adata.obsm["score_x"] = found.scores[["emt"]]
    theirs = ms.tl.compare(adata, DEMO).set_index("contrast").loc["interaction"]
    ours = table.loc[("step", "emt", "interaction")]
    for name in ("estimate", "ci_low", "ci_high", "p"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-10)
    assert ("gene", "SOCS3", "reversal_JAKi_A_in_parental") in table.index


def test_genes_that_were_not_measured_are_named() -> None:
    result = ms.tl.chain(study(more=("IL6ST", "STAT3")), PAIRED, **mine(), cycle=False)
    absent = result.levels[~result.levels["measured"].astype(bool)]["gene"].tolist()
    assert absent == ["IL6", "IL6R", "JAK1", "JAK2", "SOCS3"]
    assert "Not measured: IL6, IL6R, JAK1, JAK2, SOCS3." in result.describe()
    assert result.verdicts["competence"].tolist() == ["not known: IL6R not measured"]
    both = ms.tl.chain(study(more=("IL6ST", "IL6R")), PAIRED, **mine(), cycle=False)
    assert both.verdicts["competence"].tolist() == ["not judged: needs counts"]


@pytest.mark.parametrize(
    ("reads", "said"),
    [(500, "IL6R and IL6ST expressed"), (0, "IL6ST not expressed"), (6, "IL6ST low, with fewer than ten")],
)
def test_receptors_are_needed(reads: int, said: str) -> None:
    adata = study(more=("IL6R", "IL6ST"))
    x = np.full(adata.shape, 8e4) + np.arange(adata.n_obs)[:, None]
    x[:, list(adata.var_names).index("IL6ST")] = reads
    adata.X = x.astype(np.float32)
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    result = ms.tl.chain(adata, PAIRED, **mine(), cycle=False)
    assert competence(result.levels, "").startswith(said)
    tests = result.contrasts.set_index("name")["test"]
    assert tests["IL6ST"].endswith("; few reads: not expressed in the study") == (reads == 6)
    assert "few reads" not in tests["IL6R"]


def test_a_gene_is_expressed_in_the_arms_that_have_reads_of_it() -> None:
    """Four samples an arm, libraries of 1.6 million: ten reads are 6.25 CPM; 2 reads are 1.25."""
    adata = study(more=("IL6", "IL6R", "IL6ST"))
    at, co = list(adata.var_names), (adata.obs["culture"] == "co").to_numpy()
    x = np.full(adata.shape, 1.6e6 / adata.n_vars)
    for gene, alone, grown in (("IL6", 0, 40), ("IL6R", 2, 40), ("IL6ST", 40, 40)):
        x[:, at.index(gene)] = np.where(co, grown, alone)
    adata.X = x.astype(np.float32)
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    result = ms.tl.chain(adata, PAIRED, **mine(), cycle=False)
    told = result.levels[result.levels["measured"].astype(bool)].set_index(["gene", "arm"])
    assert told["expressed"].to_dict() == {
        ("IL6", "co"): "yes", ("IL6", "mono"): "no", ("IL6R", "co"): "yes", ("IL6R", "mono"): "low",
        ("IL6ST", "co"): "yes", ("IL6ST", "mono"): "yes",
    }  # fmt: skip
    assert set(told["in_study"]) == {"yes"}
    assert competence(result.levels, "") == "IL6R and IL6ST expressed"
    adata.X[:] = 4e7 / adata.n_vars  # ten reads are 0.25 CPM; four of five alone have 20, or 8
    for gene, alone in (("IL6", 8), ("IL6R", 20)):
        adata.X[:, at.index(gene)] = np.where(co, 40, np.where(np.arange(len(co)) > 0, alone, 0))
    deep = ms.tl.chain(adata, PAIRED, **mine(), cycle=False).levels.set_index(["gene", "arm"])["expressed"]
    # By the mean, of which one sample without a read takes a part: 0.16 CPM, and 0.4 or more.
    assert (deep["IL6", "mono"], deep["IL6R", "mono"]) == ("no", "yes")


def test_more_of_a_gene_is_never_called_less() -> None:
    """Ten reads are 6.25 CPM. Alone one of four samples has many reads, in co-culture all have eleven."""
    adata = study(more=("IL6", "IL6R", "IL6ST"))
    co, x = (adata.obs["culture"] == "co").to_numpy(), np.full(adata.shape, 1.6e6 / adata.n_vars)
    first = np.flatnonzero(~co)[0]
    x[:, list(adata.var_names).index("IL6")] = np.where(co, 11, np.where(np.arange(len(co)) == first, 90, 2))
    adata.X = x.astype(np.float32)
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    own = ms.tl.chain(adata, PAIRED, **mine(), cycle=False).levels.set_index(["gene", "arm"]).loc["IL6"]
    assert own.loc["mono", "cpm"] > own.loc["co", "cpm"]
    assert own["expressed"].to_dict() == {"co": "yes", "mono": "yes"}


# Inhibitors.


def test_inhibitors_are_those_of_rescue(found: Any, ligand: Any, demo: ad.AnnData) -> None:
    adata = ad.AnnData(np.zeros((32, 1)), obs=demo.obs)
    adata.obsm["score_singscore"] = ligand.scores[["il6", "stat3", "emt"]]
    theirs = ms.tl.rescue(adata, DEMO).set_index(["kind", "signature", "line", "inhibitor"])
    for own in ligand.inhibitors.to_dict("records"):
        for step in ("stat3", "emt"):
            other = theirs.loc[("line", step, own["line"], own["inhibitor"])]
            for name in OWN:
                assert own[f"{step}_{name}"] == other[name]
            joint = theirs.loc[("inhibitors together", step, own["line"], "JAKi_A and JAKi_B")]
            assert own[f"{step}_p_each"] == joint["reversal_p"]
            assert own[f"{step}_each"] == joint["verdict"]
    assert len(ligand.inhibitors) == 4
    assert list(found.inhibitors.columns) == list(COLUMNS)


def test_demo_says_what_was_put_in(found: Any, ligand: Any) -> None:
    """The programme of the study is that of Hallmark: both drugs take it and EMT back in both lines."""
    verdict = ligand.verdicts["verdict"].item()
    assert verdict == (
        "EMT and STAT3 reversed by JAKi_A (parental, resistant) and by JAKi_B (parental, resistant): "
        "compatible with STAT3 lying on the path"
    )
    assert set(ligand.inhibitors["stat3_each"]) == {"reversed by each"}
    assert ligand.verdicts["links"].tolist() == ["not established"]  # genes vary by themselves within arms
    assert "associated" not in found.describe().split("- ")[0]
    assert found.verdicts["verdict"].item().endswith("through STAT3 not established")


DRUG = ms.Design(culture="culture", inhibitor="inhibitor", pair="pair")
STEPS = ["il6.hallmark", "stat3.specific", "emt.hallmark"]


def mixed(*, own: bool) -> ad.AnnData:
    """Five pairs of the demo's cells with its stroma mixed in; genes of STAT3 double in co-culture alone.

    Genes of EMT do so, too, where they are the cells' `own`, with 1 % of stroma with the drug and without;
    else stroma alone moves them: 6 % without the drug, 1 % with it.
    """
    demo, rng, every = ms.ds.demo(), np.random.default_rng(0), ms.sig.load()
    first = (demo.obs["culture"] == "mono") & (demo.obs["line"] == "parental")
    alone = np.asarray(demo[first].X).mean(axis=0) + 0.5
    stroma = np.asarray(ms.ds.demo_stroma()[:, demo.var_names].X).mean(axis=0)
    stat3, emt = (np.isin(demo.var_names, list(every[id].genes)) for id in STEPS[1:])
    arms = (("mono", "none", 0.0), ("co", "none", 0.01 if own else 0.06), ("co", "JAKi", 0.01))
    rows, obs = [], []
    for pair in range(5):
        for culture, drug, share in arms:
            on = (culture, drug) == ("co", "none")
            cells = alone * np.exp(0.05 * rng.standard_normal(len(alone)))
            cells = cells * (1 + on * (stat3 | (emt & own)))
            mix = (1 - share) * cells / cells.sum() + share * stroma / stroma.sum()
            rows.append(rng.poisson(8e6 * mix))
            obs.append((culture, drug, f"p{pair}"))
    names = [f"s{i}" for i in range(len(rows))]
    frame = pd.DataFrame(obs, columns=["culture", "inhibitor", "pair"], index=names)
    return ad.AnnData(np.array(rows, float), obs=frame, var=pd.DataFrame(index=demo.var_names))


def guarded(adata: ad.AnnData, signatures: list[str]) -> Any:
    how = {"signatures": signatures, "tipping": False, "draws": 100}
    return ms.qc.stroma(adata, DRUG, stroma=ms.ds.demo_stroma(), **how)


@pytest.mark.parametrize("own", [True, False])
def test_a_fall_of_the_share_of_stroma_is_no_reversal_on_the_path(*, own: bool) -> None:
    adata = mixed(own=own)
    plain = ms.tl.chain(adata, DRUG, emt="emt.hallmark", cycle=False)
    reversed_ = "EMT and STAT3 reversed by JAKi"
    compatible = f"{reversed_}: compatible with STAT3 lying on the path"
    assert plain.verdicts["verdict"].item() == compatible  # no word on stroma
    assert set(plain.inhibitors["emt_carry_over"]) == {""}
    found = guarded(adata, STEPS)
    result = ms.tl.chain(adata, DRUG, emt="emt.hallmark", cycle=False)
    by_shares = ms.tl.chain(adata, DRUG, emt="emt.hallmark", cycle=False, stroma=found.shares)
    assert by_shares.verdicts["verdict"].item() == compatible  # shares hold no verdicts
    row = result.inhibitors.iloc[0]
    assert row["emt_reversed"]
    assert row["stat3_carry_over"] == "not explained by carry-over"
    assert row["emt_carry_over_of"] == "reversal of emt.hallmark"
    if own:
        assert row["emt_carry_over"] == "not explained by carry-over"
        assert result.verdicts["verdict"].item() == compatible
        return
    assert row["emt_carry_over"] == "explained by carry-over"
    doubt = "EMT explained by carry-over"
    assert result.verdicts["verdict"].item() == f"{reversed_} as scored; {doubt}"
    assert row["verdict"] == f"EMT reversed by JAKi, and STAT3 with it; {doubt}"
    told = result.describe()
    assert "compatible" not in told
    check = found.verdicts.set_index(["contrast", "signature"]).loc["reversal_JAKi", "emt.hallmark"]
    gives = f"by itself gives {check['carried']:.2g} of the {check['estimate']:.2g} as scored"
    assert gives in row["sentence"]
    assert "The reversal of emt.hallmark: explained by carry-over: carry-over as estimated (6." in told
    assert row["emt_carry_over_why"] in told
    rise = found.verdicts.set_index(["contrast", "signature"]).loc["co_vs_mono", "emt.hallmark"]
    part = f"{100 * rise['carried'] / rise['estimate']:.0f} % of the rise of emt.hallmark"
    assert row["emt_carry_over_rise"] == part
    assert f"of the induction as scored ({part} is stroma's RNA)" in told


def test_steps_that_two_cell_lines_differ_in_are_no_induction() -> None:
    obs = pd.DataFrame(
        [(line, drug) for line in ("THP-1", "THP-1 VenR") for drug in ("none", "Rux") for _ in range(4)],
        columns=["cells", "drug"],
    ).rename(index=str)
    y = obs["cells"].eq("THP-1 VenR") - 0.5 * obs["drug"].eq("Rux") + np.tile([-0.1, 0.1, 0.0, 0.05], 4)
    adata = ad.AnnData(np.zeros((16, 1), dtype=np.float32), obs=obs)
    scores = pd.DataFrame(dict.fromkeys(steps.STEPS, y))
    lines = ms.Design(culture="cells", mono="THP-1", co="THP-1 VenR", inhibitor="drug")
    found = rescued(adata, lines, scores, method="singscore", alpha=0.05)
    table = pd.DataFrame({"gene": ["IL6R", "IL6ST"], "measured": False})
    drugs = inhibitors(found, 0.05, {}, table)
    told = drugs["sentence"].item()
    assert told.count("of the difference") == 2
    assert "induction" not in told
    ax = Figure().subplots()
    _inhibitors(ax, drugs.to_dict("records"), ["Rux"], top=0.0, apart=0.5, rise=noted(drugs))
    assert "difference reversed" in [text.get_text() for text in ax.texts]


def test_a_run_asks_carry_over_of_the_steps_themselves() -> None:
    from marrowsig._chain_asked import chain_of
    from marrowsig._further import Asked

    adata = mixed(own=False)
    ms.pp.lognorm(adata)
    sigs = ms.sig.load(*STEPS, "emt.mak2016")
    ms.tl.score(adata, sigs)
    found = guarded(adata, [*STEPS[:2], "emt.mak2016"])
    res = ms.tl.compare(adata, DRUG, permutations=0)
    asked = Asked(adata, None, DRUG, res, sigs, ["emt.hallmark"], "singscore", None, 0.5, False, 0)
    asked = replace(asked, stroma=ms.ds.demo_stroma(), found={"stroma": found})
    ((_, result),) = chain_of(asked, list(sigs))
    row = result.inhibitors.iloc[0]
    assert row["emt_carry_over_of"] == "reversal of emt.hallmark"
    assert row["emt_carry_over"] == "explained by carry-over"
    assert set(adata.uns["marrowsig"]["stroma"]["verdicts"]["signature"]) == set(found.verdicts["signature"])
    assert "of_chain = ms.qc.stroma(" in asked.calls.text()
    assert asked.calls.text().endswith("stroma=of_chain,\n)")
    other = ms.tl.chain(adata, DRUG, emt="emt.hallmark", cycle=False).inhibitors.iloc[0]
    assert other["emt_carry_over_of"] == "reversal of emt.mak2016"  # that of another list of the axis
    ((_, impossible),) = chain_of(replace(asked, carry_over=False), list(sigs))
    assert set(impossible.inhibitors["emt_carry_over"]) == {""}
    assert impossible.params["stromal_share"]


def test_without_an_inhibitor_there_is_no_cause() -> None:
    result = ms.tl.chain(study(), PAIRED, **mine(), cycle=False)
    assert result.inhibitors.empty
    assert result.verdicts["inhibitors"].tolist() == ["no inhibitor arm"]
    for word in ("reversed", "inhibitor", "A drug", "->"):
        assert word not in result.describe()
    assert result.steps["used_for"].tolist() == [
        "both links", "link with IL-6", "link with EMT", "link with STAT3",
    ]  # fmt: skip


def test_without_a_coculture_there_is_no_order() -> None:
    flat = ms.Design(line="culture", parental="mono", resistant="co", pair="pair")
    result = ms.tl.chain(study(), flat, **mine(), cycle=False)
    assert result.links["link"].tolist() == ["IL-6 and STAT3", "STAT3 and EMT", "both links"]
    assert "->" not in result.describe()
    assert "chain" not in result.verdicts["sentence"].item()


def test_a_gene_without_reads_has_no_spread_and_no_contrast() -> None:
    """Of zeros in libraries of unlike size log2 CPM differ by rounding: 1e-16 is no SD, and p of it no p."""
    adata = study(more=("IL6", "IL6R"))
    x = np.random.default_rng(0).poisson(100, adata.shape) * (1.0 + np.arange(adata.n_obs)[:, None] % 7)
    x[:, list(adata.var_names).index("IL6")] = 0
    adata.X = x.astype(np.float32)
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    result = ms.tl.chain(adata, PAIRED, **mine(), cycle=False)
    own = result.levels[result.levels["gene"] == "IL6"]
    assert own["sd"].tolist() == [0.0, 0.0]
    assert own["cpm"].tolist() == [0.0, 0.0]
    assert set(own["expressed"]) == {"no"}
    row = result.contrasts.set_index("name").loc["IL6"]
    assert row[["estimate", "ci_low", "p", "p_adj"]].isna().all()
    assert row["test"] == "not tested: not expressed, with no read in any of these samples"
    assert result.contrasts.set_index("name").loc["IL6R", "p"] <= 1


def test_a_gene_without_reads_in_two_arms_is_not_compared_between_these() -> None:
    """The other arms of one model lend a spread to what has none: 0 less 0 is no test of a drug."""
    obs = ms.ds.demo().obs
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    values = pd.DataFrame({"IL6": np.random.default_rng(0).normal(size=len(obs))}, index=obs.index)
    silent = (obs["line"].eq("parental") & obs["culture"].eq("co")).to_numpy()
    values.loc[silent, "IL6"] = np.log2([2e6 / 3e7 + 1e-16] * silent.sum())
    steps = values.rename(columns={"IL6": "il6"})
    known = pd.DataFrame({"gene": ["IL6"], "stratum": "", "in_study": "yes"})
    found = contrasts(design.plans(obs), steps, values, known, method="mean", unit="log2 CPM", alpha=0.05)
    own = found[found["what"].eq("gene")].set_index("contrast")
    assert own.loc["reversal_JAKi_A_in_parental", ["estimate", "ci_low", "p", "p_adj"]].isna().all()
    assert own.loc["reversal_JAKi_A_in_parental", "test"].endswith("with no read in any of these samples")
    assert own.loc[["co_in_parental", "interaction", "reversal_JAKi_A_in_resistant"], "p"].notna().all()


# Words.

P = st.one_of(st.floats(1e-6, 1.0), st.just(np.nan))
EFFECT = st.floats(-2, 2).filter(lambda x: abs(x) > 1e-3)


def of_step(step: str, induction: float, reversal: float, ps: tuple[float, float, float]) -> dict[str, Any]:
    """Numbers and verdict of one step, the verdict from the rules of rescue."""
    one, other = (Fit(np.array([x]), np.array([0.3]), np.array([0.3]), 1.0, 6) for x in (reversal, induction))
    ratio = fieller(one, other, 0.5, alpha=0.05)
    got = {
        "induction": induction, "induction_p": ps[0], "induction_p_adj": ps[0], "reversal": reversal,
        "reversal_low": reversal - 0.7, "reversal_high": reversal + 0.7,
        "reversal_p": ps[1], "reversal_p_adj": ps[1], "reversal_p_holm": ps[2], "fraction": ratio.value[0],
        "fraction_low": ratio.low[0], "fraction_high": ratio.high[0], "fraction_kind": ratio.kind[0],
        "fully_reversed": "no margin declared",
    }  # fmt: skip
    got["verdict"] = _rescue_words.line_verdict(got, 0.05)
    return {f"{step}_{name}": value for name, value in got.items()}


@settings(max_examples=200, deadline=None)
@given(effects=st.tuples(EFFECT, EFFECT, EFFECT, EFFECT), ps=st.lists(P, min_size=6, max_size=6))
def test_reversed_by_needs_an_established_reversal(effects: tuple[float, ...], ps: list[float]) -> None:
    drug = {"stratum": "", "line": "resistant", "inhibitor": "X"}
    drug |= of_step("stat3", *effects[:2], (ps[0], ps[1], ps[2]))
    drug |= of_step("emt", *effects[2:], (ps[3], ps[4], ps[5]))
    drug["verdict"] = words.inhibitor_verdict(drug, 0.05)
    proven = {
        name: max(p) < 0.05 and not np.isnan(p).any() and induction * reversal > 0
        for name, p, (induction, reversal) in (
            ("STAT3", ps[:3], effects[:2]),
            ("EMT", ps[3:], effects[2:]),
        )
    }
    texts = [drug["verdict"], words.inhibitor_sentence(drug, 0.05)]
    texts += [
        words.verdict(links, [drug], 0.05) for links in (words.OPEN, words.CONSISTENT, words.NOT_TESTED)
    ]
    for text in texts:
        assert ("reversed by" in text) == any(proven.values()) or text in texts[2:]
        for match in re.findall(r"(EMT and STAT3|EMT|STAT3) reversed by", text):
            assert all(proven[name] for name in match.split(" and "))
        assert (words.COMPATIBLE in text) <= all(proven.values())
        assert "caus" not in text
        assert "mediat" not in text


@settings(max_examples=200, deadline=None)
@given(
    r=st.tuples(st.floats(-0.99, 0.99), st.floats(-0.99, 0.99)),
    p=st.floats(0, 1),
    others=st.lists(st.tuples(P, st.booleans()), max_size=3),
    receptors=st.sampled_from(
        ["IL6R and IL6ST expressed", "IL6ST not expressed", "not judged: needs counts"]
    ),
)
def test_consistent_needs_both_links_and_more(
    r: tuple[float, float], p: float, others: list[tuple[float, bool]], receptors: str
) -> None:
    rows = [{"verdict": words.link_verdict(p, min(r), 0.05), "p": p, "adjusted_for": "nothing"}]
    for q, positive in others:
        said = words.link_verdict(q, 0.5 if positive else -0.5, 0.05)
        rows.append({"verdict": said, "p": q, "adjusted_for": "cell cycle"})
    said = words.chain_of_links(rows, receptors, 0.05)
    holds = all(np.isnan(q) or (q < 0.05 and positive) for q, positive in others)
    able = receptors != "IL6ST not expressed"
    assert (said == words.CONSISTENT) == (p < 0.05 and min(r) > 0 and holds and able)
    assert ("associated" in said) <= (p < 0.05)
    assert "reversed" not in said


# Errors, and what is shown.


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"emt": "emt"}, "an axis; choose one of"),
        ({"emt": "VIMM"}, "no gene of this matrix"),
        ({"emt": "emt.nothing"}, "passed itself"),
        ({"emt": 3}, "is a int"),
        ({"emt": "il6.mine"}, "passed itself"),
        ({"il6": "G1", "stat3": "G1"}, "have to be different"),
        ({"alpha": 0.7}, "alpha is 0.7"),
        ({"method": ["mean"]}, "give one scoring method"),
    ],
)
def test_what_is_refused(given_: dict[str, Any], message: str) -> None:
    with pytest.raises(ms.InputError, match=message):
        ms.tl.chain(study(), PAIRED, **(mine() | given_))


def test_a_formula_is_refused() -> None:
    formula = ms.Design.from_formula(
        "~ culture", levels={"culture": ["mono", "co"]}, contrasts={"x": {("co",): 1, ("mono",): -1}}
    )
    with pytest.raises(ms.DesignError, match="a formula does not say which factor is the co-culture"):
        ms.tl.chain(study(), formula, **mine())


def test_a_gene_can_be_a_step() -> None:
    result = ms.tl.chain(study(), PAIRED, **(mine() | {"il6": "G1"}), cycle=False)
    np.testing.assert_allclose(result.scores["il6"], study().to_df()["G1"])
    assert result.steps.set_index("score").loc["il6", "what"] == "gene"


def test_short_forms(ligand: Any) -> None:
    assert repr(ligand).startswith("<Chain: EMT and STAT3 reversed by")
    assert ligand._repr_html_().count("<table") == 1
    assert ligand.describe().count("\n") == 11
    assert len(ligand.cautions) == 5


def test_figure_draws_the_numbers(ligand: Any, found: Any) -> None:
    import matplotlib.pyplot as plt

    ax = ms.pl.chain(ligand)
    texts = [text.get_text() for text in ax.texts]
    link = row(ligand, "STAT3 -> EMT")
    assert f"r = {link['r']:.2f}, {link['df']:.0f} df" in texts
    assert f"Within arms and pairs: {link['n']} samples in {link['n_pairs']} pairs" in " ".join(texts)
    flat = ms.Design(line="culture", parental="mono", resistant="co", pair="pair")
    plain = ms.pl.chain(ms.tl.chain(study(), flat, **mine(), cycle=False))
    told = " ".join(text.get_text() for text in plain.texts).replace("\n", " ")
    assert "No co-culture in this design: correlations" in told
    heads = [
        [t.arrowprops["arrowstyle"] for t in one.texts if hasattr(t, "arrowprops")] for one in (ax, plain)
    ]
    assert heads == [["-|>"] * 2, ["-"] * 2]
    untreated = ms.pl.chain(replace(ligand, inhibitors=ligand.inhibitors.iloc[:0]))
    assert "No inhibitor in this design" in " ".join(text.get_text() for text in untreated.texts)
    assert {t.arrowprops["arrowstyle"] for t in untreated.texts if hasattr(t, "arrowprops")} == {"-"}
    assert any("[95\N{NO-BREAK SPACE}%\N{NO-BREAK SPACE}CI]" in text.get_text() for text in ax.texts)
    assert "JAKi_B, resistant" in texts
    points = [line for line in ax.lines if line.get_marker() == "o"]
    zero, one = (line.get_xdata()[0] for line in ax.lines[:2])  # 0 and 100 % of STAT3
    drawn = sorted((line.get_xdata()[0] - zero) / (one - zero) for line in points if line.get_xdata()[0] < 7)
    np.testing.assert_allclose(drawn, sorted(ligand.inhibitors["stat3_fraction"]), rtol=1e-9)
    assert all(line.get_markerfacecolor() != "white" for line in points)
    doubted = ligand.inhibitors.assign(stat3_carry_over="may be carry-over")
    left = ms.pl.chain(replace(ligand, inhibitors=doubted))
    marks = [line for line in left.lines if line.get_marker() == "o" and line.get_xdata()[0] < 7]
    assert marks
    assert {line.get_markerfacecolor() for line in marks} == {"white"}
    open_ = [line for line in ms.pl.chain(found).lines if line.get_markerfacecolor() == "white"]
    assert len(open_) == 4  # STAT3 is not shown to be reversed
    with pytest.raises(ms.InputError, match="no stratum 'x'"):
        ms.pl.chain(ligand, stratum="x")
    with pytest.raises(ms.InputError, match=r"ms\.tl\.chain"):
        ms.pl.chain(ligand.links)
    plt.close("all")


def test_report_has_a_section(ligand: Any) -> None:
    from marrowsig._report import chain as page
    from marrowsig._report.elements import Caution, Fold, Pictures, Words

    class Nothing:
        extras: dict[str, Any] = {}  # noqa: RUF012

    class Given:
        extras = {"chain": ligand}  # noqa: RUF012
        named = ["emt.other"]  # noqa: RUF012
        claims = design = None

    assert page.section(Nothing()) is None
    section = page.section(Given())
    said = [part.text for part in section.parts if isinstance(part, Words)]
    assert any("compatible with STAT3 lying on the path" in text for text in said)
    emt = ligand.steps.set_index("score").loc["emt", "name"]
    assert any(f"EMT ({emt})" in text for text in said)
    assert any(f"EMT is {emt}" in text and "The answer uses emt.other for EMT" in text for text in said)
    picture = next(part for part in section.parts if isinstance(part, Pictures)).figures[0]
    assert not picture.full  # a column of text is wide enough
    assert not any(isinstance(part, Caution) for part in section.parts)  # every gene was measured
    tables = {part.summary: part.parts[0] for part in section.parts if isinstance(part, Fold)}
    assert len(tables["Links within arms"].rows) == len(ligand.links)
    assert len(tables["Inhibitors: STAT3 and EMT side by side"].rows) == 4


def test_a_run_holds_the_chain(demo: ad.AnnData, found: Any) -> None:
    from marrowsig._further import Asked, further
    from marrowsig._out_folder import tables_of

    adata = demo.copy()
    sigs = ms.sig.load("emt.blast", "emt.hallmark", "il6.hallmark", "stat3.specific")
    ms.tl.score(adata, sigs)
    res = ms.tl.compare(adata, DEMO, permutations=0)
    asked = Asked(adata, None, DEMO, res, sigs, ["emt.hallmark"], "singscore", None, 0.5, False, 0)
    done = further(asked, ["chain"], lambda _: None)
    assert done.results["chain"].verdicts.equals(found.verdicts)
    tables = tables_of(adata, res, done.results, design=DEMO)
    assert tables["chain_links"].equals(found.links)
    assert {"chain", "chain_inhibitors", "chain_genes", "chain_contrasts", "chain_steps"} <= set(tables)
    main = replace(asked, sigs=ms.sig.load("emt.hallmark", "il6.hallmark", "stat3.specific"))
    assert further(main, ["chain"], lambda _: None).results["chain"].steps["name"].iloc[-1] == "emt.hallmark"
    less = replace(asked, sigs=ms.sig.load("emt.hallmark", "il6.hallmark"))
    assert further(less, ["chain"], lambda _: None).missing["chain"] == "no signature of stat3 was scored"
