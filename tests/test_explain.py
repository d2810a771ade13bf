"""The sentences of `ms.tl.explain` hold the numbers of their rows, and the caveats that apply."""

from __future__ import annotations

import itertools

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig.tl.compare import compare
from marrowsig.tl.explain import explain

IDS = ["emt.one", "il6.two"]


def study(n: int = 4, *, shift: float = 3.0) -> ad.AnnData:
    arms = [("mono", "none"), ("co", "none"), ("co", "rux")]
    rows = [{"culture": c, "drug": d, "who": f"d{i}"} for (c, d), i in itertools.product(arms, range(n))]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    rng = np.random.default_rng(0)
    obs["cycle"] = rng.normal(size=len(obs)) + 2 * (obs["culture"] == "co")
    y = rng.normal(size=(len(obs), 2))
    y[:, 0] += shift * ((obs["culture"] == "co") & (obs["drug"] == "none")).to_numpy()
    adata = ad.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    adata.obsm["score_singscore"] = pd.DataFrame(y, index=obs.index, columns=IDS)
    return adata


def two_lines() -> ad.AnnData:
    """Both lines in four pairs of three arms."""
    parts = [study(), study()]
    for line, part in zip(("parental", "resistant"), parts, strict=True):
        part.obs["line"], part.obs["pair"] = line, line[0] + part.obs["who"]
    both = ad.concat(parts, index_unique="-")
    both.obsm["score_singscore"] += np.random.default_rng(1).normal(size=(both.n_obs, 2))
    return both


PAIRED = ms.Design(culture="culture", inhibitor="drug", pair="who")
PLAIN = ms.Design(culture="culture", inhibitor="drug")


def test_a_row_is_told_with_its_numbers() -> None:
    result = compare(study(), PAIRED, primary="emt")
    line = result.iloc[0]
    said = explain(result)[0]
    for part in [
        "emt.one (singscore), co_vs_mono: co less mono is ",
        f"is {line['estimate']:.3g} (95 % interval {line['ci_low']:.3g} to {line['ci_high']:.3g}), higher",
        "n = 4 pairs; linear model on 3 arms, paired by 'who'",
        f"t(6) = {line['stat']:.3g}, p = {line['p']:.2g}",
        f"adjusted p = {line['p_adj']:.2g} (Holm over 2 tests, family 'singscore: primary')",
        f"g_z (per SD of the within-pair difference) = {line['effect']:.2g} (95 % interval",
        "a permutation test could reach p = 0.12 at best",
        "Intervals are not adjusted",
        "in units of the singscore score; the replicate is a level of 'who'.",
    ]:
        assert part in said, part
    assert "with power 0.8" not in said
    silent = result[result["verdict"].eq("not established")]
    assert len(silent)
    assert explain(silent).str.contains("SD of the within-pair difference with power 0.8").all()


def test_a_list_that_was_hardly_measured_is_told_with_its_genes() -> None:
    adata = study()
    assert compare(adata, PAIRED)["genes_found"].isna().all()  # scores of others
    full = ad.AnnData(np.random.default_rng(0).random((adata.n_obs, 30)), obs=adata.obs)
    full.var_names = [f"G{i}" for i in range(30)]
    few = ms.sig.Signature("other.few", genes=[*full.var_names[:3], *(f"NONE{i}" for i in range(17))])
    all_ = ms.sig.Signature("other.all", genes=list(full.var_names[5:15]))
    ms.tl.score(full, few | all_, min_coverage=0)
    result = compare(full, PAIRED)
    assert result.groupby("signature")[["genes_found", "genes_listed"]].first().T.to_dict("list") == {
        "other.all": [10, 10], "other.few": [3, 20],
    }  # fmt: skip
    told = dict(zip(result["signature"], explain(result), strict=True))
    assert "only 3 of 20 genes of the list were measured" in told["other.few"]
    assert "genes of the list" not in told["other.all"]
    assert set(ms.get.table(result).frame["genes"]) == {"3 of 20", "10 of 10"}
    measured = result[result["signature"] == "other.all"]
    assert "genes" not in ms.get.table(measured).frame


def test_one_row_is_told_as_in_the_table() -> None:
    result = compare(study(), PAIRED)
    one = explain(result.iloc[3])
    assert one.tolist() == [explain(result)[3]]
    assert one.index.tolist() == [3]


def test_the_level_of_the_interval_is_read_off_the_row() -> None:
    assert "(90 % interval" in explain(compare(study(), PLAIN, alpha=0.1))[0]
    assert "(99.9 % interval" in explain(compare(study(), PLAIN, alpha=0.001))[0]


def test_checks_and_verdicts_of_unpaired_rows() -> None:
    result = compare(study(6), PLAIN)
    said = explain(result)
    df = result["df_welch"].iloc[0]
    assert f"Checks: without equal variances (Welch, t({df:.3g})) p" in said[0]
    assert "by exact permutation p" in said[0]
    assert "residual degrees of freedom finds" not in said[0]  # six replicates, and established
    doubtful = result.index[result["verdict"] == "not established"][0]
    assert "not established, which is no evidence of no difference" in said[doubtful]
    assert "SD with power 0.8" in said[doubtful]
    assert "every row counts as a replicate" in said[0]
    lowered = result.index[result["verdict"] == "lowered by inhibitor"][0]
    assert "reversal_rux: co less co+rux is" in said[lowered]
    assert ", lowered by inhibitor;" in said[lowered]


def test_pairs_of_several_arms_are_checked_by_their_own_differences() -> None:
    design = ms.Design(culture="culture", line="line", inhibitor="drug", pair="pair")
    result = compare(two_lines(), design)
    said = dict(zip(result["contrast"], explain(result), strict=True))
    own = "by the pairs' own differences alone (without equal variances"
    assert f"{own}, t(3)) p" in said["reversal_rux_in_resistant"]
    assert f"{own} of the two lines, Welch, t(" in said["interaction"]
    assert "own differences" not in said["resistance_in_mono"]
    # A residual holds two answers of a donor, the other differences that are pooled with it one.
    moved = result[result["contrast"] == "residual_rux_in_resistant"].iloc[:1].assign(verdict="up")
    wide = "p and interval of a residual are too small"
    assert wide in explain(moved).iloc[0]
    assert wide not in explain(moved.assign(verdict="not established")).iloc[0]
    assert not any(wide in text for name, text in said.items() if not name.startswith("residual_"))
    rescued = ms.tl.rescue(two_lines(), design)
    p = result[result["signature"] == IDS[0]].set_index("contrast")["p_welch"]
    line = rescued[(rescued["line"] == "resistant") & (rescued["signature"] == IDS[0])].iloc[0]
    assert line["reversal_p_welch"] == pytest.approx(p["reversal_rux_in_resistant"], rel=1e-12)
    assert f"Check: reversal {own}) p = " in explain(line.to_frame().T).iloc[0]


def test_covariates_that_widen_the_interval_are_told() -> None:
    design = ms.Design(culture="culture", inhibitor="drug", covariates="cycle")
    result = compare(study(), design)
    assert f"widen the standard error {result['se_inflation'][0]:.2g} times" in explain(result)[0]
    assert "noise in a covariate leaves part of its influence unadjusted" in explain(result)[0]
    assert "widen" not in explain(compare(study(), PLAIN))[0]


def test_a_permutation_that_is_not_exact_is_not_promised() -> None:
    design = ms.Design(culture="culture", inhibitor="drug", covariates="cycle")
    three = explain(compare(study(3), design))[0]
    assert "no permutation test, which is not exact here and needs four rows per arm" in three
    assert "could reach" not in three


def test_rows_without_an_answer_say_why() -> None:
    adata = study()
    adata.obsm["score_singscore"]["il6.two"] = np.nan
    result = compare(adata, PLAIN)
    assert explain(result)[1] == (
        "il6.two (singscore), co_vs_mono: not tested; not scored: too few of its genes were measured "
        "(see ms.get.coverage)."
    )
    adata.obsm["score_singscore"]["il6.two"] = 0.5
    assert "not tested; the scores do not vary" in explain(compare(adata, PLAIN))[1]


def test_an_interaction_brackets_its_sides() -> None:
    adata = ms.ds.toy()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "emt.hallmark", min_coverage=0.0)
    result = compare(adata, ms.Design(culture="culture", line="line", pair="pair"))
    said = explain(result[result["contrast"] == "interaction"]).iloc[0]
    assert "(resistant:co - resistant:mono) less (parental:co - parental:mono) is" in said
    assert "n = 4 pairs on either side" in said
    assert "Hedges' g = " in said


def test_a_formula_names_its_yardstick() -> None:
    asked = {"gain": {"co": 1, "mono": -1}}
    levels = {"culture": ["mono", "co"], "who": "d0"}
    adata = study()[:8].copy()
    design = ms.Design.from_formula("~ culture + who", levels=levels, contrasts=asked, unit="who")
    said = explain(compare(adata, design))[1]
    assert "g (per residual SD within units) = " in said
    assert "linear model ~ culture + who" in said


def test_a_slope_is_told_as_one() -> None:
    adata = study()
    adata.obs["dose"] = np.linspace(0, 3, adata.n_obs) ** 2
    asked = {"slope": {"dose": 1}, "fall": {"dose": -1}}
    design = ms.Design.from_formula("~ culture + dose", levels={"culture": ["mono", "co"]}, contrasts=asked)
    slope, fall = ms.tl.explain(compare(adata, design).drop_duplicates("contrast"))
    assert "slope: the coefficient of dose is " in slope
    assert f"; n = {adata.n_obs} samples; " in slope
    assert "fall: minus the coefficient of dose is " in fall
    assert " per unit of dose, " in slope
    assert "Hedges' g per unit of dose = " in slope


def test_a_rescue_is_told_with_its_own_sentence() -> None:
    result = ms.tl.rescue(study(), PAIRED)
    line = result.iloc[0]
    said = explain(result)[0]
    assert said.startswith(f"emt.one (singscore), {line['sentence']} Induction {line['induction']:.3g} ")
    for part in [
        f"reversal {line['reversal']:.3g} (interval {line['reversal_low']:.3g}",
        "n = 4 mono, 4 co, 4 treated, 4 complete pairs",
        "Benjamini-Hochberg over 2 signatures",
        "The reversal is what is tested",
        "the replicate is a level of 'who'",
    ]:
        assert part in said, part


def test_a_rescue_without_an_answer_says_so() -> None:
    adata = study()
    adata.obsm["score_singscore"]["il6.two"] = np.nan
    said = explain(ms.tl.rescue(adata, PAIRED))[1]
    assert "too few of its genes were measured" in said
    assert "Induction" not in said


def test_older_tables_are_told_without_what_they_lack() -> None:
    result = compare(study(), PAIRED)
    new = ["adjustment", "p_perm", "p_perm_min", "perm", "se_inflation", "detectable", "expected", "unit"]
    new += ["p_welch", "df_welch"]
    said = explain(result.drop(columns=new))[0]
    assert "Benjamini-Hochberg over 2 tests" in said
    assert "Checks" not in said


def test_two_pairs_give_no_size_in_sd() -> None:
    """One difference between two pairs is no SD: no effect, no interval of it, none that can be found."""
    result = compare(study(2)[:4].copy(), ms.Design(culture="culture", pair="who"))
    assert set(result["df"]) == {1.0}
    assert result[["effect", "effect_low", "effect_high", "detectable"]].isna().all(axis=None)
    assert result["ci_low"].notna().all()
    assert list(ms.get.table(result).frame) == ["signature", "estimate", "p_adj", "n", "verdict"]
    said = explain(result)[0]
    assert "no size in SD is given at one degree of freedom" in said
    assert "At one residual degree of freedom hardly any difference can be established" in said
    assert "power 0.8" not in said


def test_results_of_genes_are_told() -> None:
    adata = ms.ds.toy()
    design = ms.Design(culture="culture", line="line", pair="pair")
    found = ms.tl.genes(adata, design)
    line = found[found["p"].notna()].iloc[0]
    said = explain(line).iloc[0]
    assert said.startswith(
        f"{line['gene']}, co_in_parental: the log2 fold change is {line['estimate']:.3g} (95 %"
    )
    assert f"t({line['df']:.3g}) = {line['stat']:.3g}, p" in said
    lost = found[found["p"].isna()].iloc[0]
    assert explain(lost).iloc[0].startswith(f"{lost['gene']}, {lost['contrast']}: not tested; ")
    mine = ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[100:120]))
    sets = ms.tl.gene_sets(adata, design, signatures=mine, n_rotations=99)
    line = sets.iloc[0]
    said = explain(sets)[0]
    for part in [
        f"il6.mine on its genes, co_in_parental: the mean change of {line['n_genes']} genes is ",
        f"genes is {line['estimate']:.3g} (95 % interval {line['ci_low']:.3g} to",
        "higher"
        if line["p_adj"] < 0.05 and line["estimate"] > 0
        else "not established, which is no evidence",
        f"by rotations (roast) adjusted p {'<' if line['roast_p_adj'] < 1e-4 else '='} ",
        "camera, adjusted p",
        f"Changes are in {'log2 units' if line['scale'] == 'log2 units' else 'SD that genes'}",
    ]:
        assert part in said, part


def test_other_tables_are_refused() -> None:
    with pytest.raises(
        ms.InputError,
        match=r"they lack method, contrast.*compare, claims, rescue, .*genes",
    ):
        explain(pd.DataFrame({"signature": ["a"]}))
    assert explain(compare(study(), PAIRED).iloc[:0]).empty


def test_methods_that_differ_say_so_beside_each_other() -> None:
    adata = study()
    adata.obsm["score_ucell"] = adata.obsm["score_singscore"] * [0.0, -1.0] + np.random.default_rng(3).normal(
        size=(12, 2)
    )
    result = compare(adata, PAIRED, permutations=0)
    one = result[(result["signature"] == IDS[0]) & (result["contrast"] == "co_vs_mono")]
    assert one["verdict"].tolist() == ["up", "not established"]
    assert (
        explain(one)
        .str.contains("Methods differ in verdict.*: up by singscore; not established by ucell")
        .all()
    )
    assert not explain(one.iloc[:1]).str.contains("Methods differ").any()
    turned = pd.concat([one.iloc[:1], one.iloc[:1].assign(method="x", verdict="down", estimate=-1.0)])
    assert explain(turned).str.contains("Methods differ in sign: up by singscore; down by x").all()
    other = result[(result["signature"] == IDS[1]) & (result["contrast"] == "co_vs_mono")]
    assert set(other["verdict"]) == {"not established"}
    assert not explain(other).str.contains("Methods differ").any()


def test_an_arm_of_two_samples_is_told() -> None:
    result = compare(study(), PLAIN, permutations=0)
    assert not explain(result).str.contains("arm of 2 samples").any()
    few = compare(study()[[*range(10)]].copy(), PLAIN, permutations=0)
    said = explain(few).str.contains("An arm of 2 samples hardly shows its own spread")
    assert said.tolist() == few["contrast"].ne("co_vs_mono").tolist()


def test_a_pooled_estimate_is_told() -> None:
    one = compare(study(), PAIRED, permutations=0)
    rows = [
        one.assign(study=f"s{i}", estimate=one["estimate"] + 0.1 * i, se=one["se"] * (1 + i))
        for i in range(3)
    ]
    pooled = ms.tl.meta(pd.concat(rows))
    said, row = explain(pooled), pooled.table.iloc[0]
    assert said.iloc[0].startswith(
        f"emt.one (singscore), {row['contrast']}: pooled over 3 studies (24 samples), "
    )
    for part in (
        f"t(2) = {row['stat']:.3g}",
        "prediction interval",
        row["heterogeneity"],
        "Without one study",
    ):
        assert part in said.iloc[0]
    few = explain(ms.tl.meta(pd.concat(rows[:2])))
    assert few.str.contains("not pooled, 2 of 3 studies that are needed").all()
    with pytest.raises(ms.InputError, match="takes rows of a result, a table; list is none"):
        explain([1])


def test_sentences_are_printed_in_full_and_stay_a_series() -> None:
    result = compare(study(), PAIRED)
    said = explain(result)
    assert isinstance(said, pd.Series)
    assert str(said) == repr(said) == "\n\n".join(said.tolist())
    assert str(said.head(1)) == said.iloc[0]
    assert said._repr_html_().count("<p>") == len(result)
    assert "dtype: int64" in str(said.str.len())
    assert str(said.iloc[:0]) == ""
    assert type(result.assign(sentence=said)["sentence"]) is pd.Series
    many = pd.concat([said] * 40)
    assert str(many).endswith(f"... {len(many) - 60} more; .tolist() gives all.")


def test_an_established_row_says_what_was_asked_and_what_random_sets_did() -> None:
    result = compare(study(), PAIRED)
    moved = result["verdict"].isin(["up", "down", "lowered by inhibitor"])
    assert 0 < moved.sum() < len(result)
    said = explain(result)
    asked = "asks whether the score moved, not whether it moved more than scores of other genes"
    assert (said.str.contains(asked) == moved).all()
    keys = ["signature", "method", "contrast", "stratum"]
    null = result[keys].assign(p_null=0.278)
    alike = explain(result, null=null)
    assert (alike.str.contains("moved as much (p against them = 0.28)", regex=False) == moved).all()
    more = explain(result, null=null.assign(p_null=0.001))
    assert (more.str.contains("It moved more than random sets of genes") == moved).all()
    assert not more.str.contains(asked).any()
    other = explain(result, null=null.assign(contrast="another"))
    assert other.tolist() == said.tolist()
    with pytest.raises(ms.InputError, match=r"no table of ms\.qc\.null.*p_null is missing"):
        explain(result, null=result)


def test_carry_over_that_was_not_asked_is_said_where_coculture_moved_a_score() -> None:
    result = compare(two_lines(), ms.Design(culture="culture", line="line", inhibitor="drug", pair="pair"))
    own = result[~result["contrast"].str.startswith(("resistance", "residual"))]
    told = explain(result).str.endswith(
        "carried over from the stroma made it is not asked here: ms.qc.stroma."
    )
    held = result["verdict"].ne("not established")
    assert told.any()
    assert (told == (held & result.index.isin(own.index))).all()
    asked = two_lines()
    asked.uns["marrowsig"] = {"stroma": {"params": "{}"}}
    drug = two_lines()
    drug.obs["culture"] = drug.obs["culture"].replace("co", "IL22")
    for adata, co in ((asked, "co"), (drug, "IL22")):
        design = ms.Design(culture="culture", co=co, line="line", inhibitor="drug", pair="pair")
        assert not explain(compare(adata, design)).str.contains("carried over").any()


def test_a_pair_that_lacks_an_arm_enters_the_estimate_by_the_others_and_not_p_of_whole_pairs() -> None:
    adata = study()
    adata = adata[~(adata.obs["drug"].eq("rux") & adata.obs["who"].eq("d3"))].copy()
    design = ms.Design(culture="culture", inhibitor="drug", pair="who")
    found = compare(adata, design)
    found = found[found["signature"].eq("emt.one") & found["contrast"].str.startswith("reversal")]
    [row] = found.to_dict("records")
    y, obs = adata.obsm["score_singscore"]["emt.one"], adata.obs
    arm = obs["culture"] + obs["drug"]
    x = pd.get_dummies(arm).join(pd.get_dummies(obs["who"]).iloc[:, 1:]).astype(float)
    b = dict(zip(x, np.linalg.lstsq(x.to_numpy(), y.to_numpy(), rcond=None)[0], strict=True))
    assert row["estimate"] == pytest.approx(b["conone"] - b["corux"], rel=1e-9)  # least squares, all rows
    one, other = (y[arm.eq(name)].set_axis(obs["who"][arm.eq(name)]) for name in ("conone", "corux"))
    whole = (one - other).dropna()
    assert len(whole) == row["n_pairs"] == 3
    assert abs(row["estimate"] - whole.mean()) > 0.01
    t = whole.mean() / (whole.std(ddof=1) / np.sqrt(3))
    assert row["p_welch"] == pytest.approx(2 * stats.t.sf(abs(t), 2), rel=1e-9)  # of whole pairs
    told = "(of whole pairs; a pair that lacks an arm enters the estimate by the others)"
    assert told in " ".join(explain(found))
    assert "whole pairs" not in " ".join(explain(compare(study(), design)))
