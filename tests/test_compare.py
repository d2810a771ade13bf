"""`ms.tl.compare` against scipy, statsmodels, limma, and its own promises."""

from __future__ import annotations

import itertools
import json
import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig._stats.linear_fit import fit as linear_fit
from marrowsig._stats.moderated import moderated, shrink
from marrowsig.tl.compare import COLUMNS, compare

IDS = ["emt.one", "il6.two", "stat3.three"]
FULL = ms.Design(culture="culture", line="line")
PAIRED = ms.Design(culture="culture", line="line", pair="pair")


def study(n: int = 4, *, seed: int = 0, nested: bool = True, runs: int = 3) -> ad.AnnData:
    rows = [
        {"culture": culture, "line": line, "pair": f"{line[0] if nested else ''}{i}", "batch": f"b{i % 2}"}
        for line, culture, i in itertools.product(["parental", "resistant"], ["mono", "co"], range(n))
    ]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    values = np.random.default_rng(seed).normal(0.2, 0.1, size=(len(rows), runs))
    names = IDS if runs == 3 else [f"null.n{i}" for i in range(runs)]
    return with_scores(obs, pd.DataFrame(values, index=obs.index, columns=names))


def with_scores(obs: pd.DataFrame, scores: pd.DataFrame) -> ad.AnnData:
    adata = ad.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    adata.obsm["score_singscore"] = scores
    return adata


def column(adata: ad.AnnData, name: str = IDS[0], **levels: str) -> np.ndarray:
    keep = np.logical_and.reduce([adata.obs[k] == v for k, v in levels.items()])
    return adata.obsm["score_singscore"].loc[keep, name].to_numpy()


def row(result: pd.DataFrame, contrast: str, signature: str = IDS[0]) -> pd.Series:
    return result[(result["contrast"] == contrast) & (result["signature"] == signature)].squeeze()


def test_columns_and_counts() -> None:
    result = compare(study(), FULL)
    assert tuple(result.columns) == COLUMNS
    assert len(result) == 5 * 3
    assert set(result["axis"]) == {"emt", "il6", "stat3"}
    assert (result["family_size"] == 3).all()
    assert (result[["n_test", "n_base"]] == 4).all(axis=None)
    assert row(result, "interaction")["test_arm"] == "resistant:co - resistant:mono"


def test_two_groups_equal_scipy() -> None:
    adata = study()
    line = row(compare(adata, ms.Design(culture="culture")), "co_vs_mono")
    co, mono = column(adata, culture="co"), column(adata, culture="mono")
    pooled, welch = stats.ttest_ind(co, mono), stats.ttest_ind(co, mono, equal_var=False)
    np.testing.assert_allclose(
        [line["stat"], line["p"], line["df"]], [pooled.statistic, pooled.pvalue, 14], rtol=1e-12
    )
    np.testing.assert_allclose(line["p_welch"], welch.pvalue, rtol=1e-12)
    np.testing.assert_allclose([line["ci_low"], line["ci_high"]], pooled.confidence_interval(), rtol=1e-10)


def test_pairs_equal_the_paired_t() -> None:
    adata = study()[:8].copy()
    line = row(compare(adata, ms.Design(culture="culture", pair="pair")), "co_vs_mono")
    co, mono = column(adata, culture="co"), column(adata, culture="mono")
    theirs = stats.ttest_rel(co, mono)
    np.testing.assert_allclose([line["stat"], line["p"]], [theirs.statistic, theirs.pvalue], rtol=1e-10)
    np.testing.assert_allclose([line["ci_low"], line["ci_high"]], theirs.confidence_interval(), rtol=1e-10)
    assert line["effect_name"] == "g_z"
    factor = np.sqrt(np.pi / 6)  # gamma(m / 2) / (sqrt(m / 2) gamma((m - 1) / 2)) at m = 3 (Hedges 1981)
    d_z = (co - mono).mean() / (co - mono).std(ddof=1)
    np.testing.assert_allclose(line["effect"], factor * d_z, rtol=1e-10)
    assert np.isnan(line["p_welch"])


def test_split_plot_interaction_is_the_t_test_of_differences() -> None:
    adata = study()
    result = compare(adata, PAIRED)
    gains = {
        name: column(adata, line=name, culture="co") - column(adata, line=name, culture="mono")
        for name in ("parental", "resistant")
    }
    theirs = stats.ttest_ind(gains["resistant"], gains["parental"])
    line = row(result, "interaction")
    np.testing.assert_allclose(
        [line["stat"], line["p"], line["df"]], [theirs.statistic, theirs.pvalue, 6], rtol=1e-10
    )
    unpaired = stats.ttest_ind(
        column(adata, line="resistant", culture="mono"), column(adata, line="parental", culture="mono")
    )
    line = row(result, "resistance_in_mono")
    np.testing.assert_allclose([line["stat"], line["p"]], [unpaired.statistic, unpaired.pvalue], rtol=1e-10)
    assert "unpaired" in line["test"]


@pytest.mark.parametrize("lacking", [[], ["s1", "s8"]])
def test_pairs_of_several_arms_have_the_t_of_their_own_differences_beside(lacking: list[str]) -> None:
    """Scipy on the differences of whole pairs: of two arms, and of the two lines of an interaction."""
    rows = [
        {"line": line, "culture": culture, "drug": drug, "pair": f"{line[0]}{i}", "batch": f"b{i % 2}"}
        for line, (culture, drug), i in itertools.product(
            ["parental", "resistant"], [("mono", "none"), ("co", "none"), ("co", "rux")], range(4)
        )
    ]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    values = np.random.default_rng(3).normal(size=(len(obs), 1))
    adata = with_scores(obs, pd.DataFrame(values, index=obs.index, columns=IDS[:1]))
    adata = adata[~adata.obs_names.isin(lacking)].copy()
    y = adata.obs.assign(y=adata.obsm["score_singscore"][IDS[0]], arm=lambda d: d["culture"] + d["drug"])
    y = y.set_index(["line", "pair", "arm"])["y"].unstack()  # noqa: PD010
    gain, fall = y["conone"] - y["mononone"], y["conone"] - y["corux"]
    lines = [gain.loc[line].dropna() for line in ("resistant", "parental")]
    theirs = {
        "co_in_parental": stats.ttest_1samp(gain.loc["parental"].dropna(), 0),
        "reversal_rux_in_resistant": stats.ttest_1samp(fall.loc["resistant"].dropna(), 0),
        "interaction": stats.ttest_ind(*lines, equal_var=False),
    }
    fields = {"culture": "culture", "line": "line", "inhibitor": "drug", "pair": "pair"}
    for batch in (None, "batch"):  # constant within pairs, it leaves their differences alone
        result = compare(adata, ms.Design(**fields, batch=batch))
        for name, their in theirs.items():
            ours = row(result, name)
            np.testing.assert_allclose(
                [ours["p_welch"], ours["df_welch"]], [their.pvalue, their.df], rtol=1e-10
            )
    adata.obs["batch"] = [f"b{i // 3 % 2}" for i in range(adata.n_obs)]  # differs within pairs
    result = compare(adata, ms.Design(**fields, batch="batch"))
    assert row(result, "interaction")["p"] > 0
    assert result["p_welch"].isna().all()


@pytest.mark.filterwarnings("ignore:.* no partner of the same")
@pytest.mark.parametrize("lacking", [[], ["s0", "s6"]])
@pytest.mark.parametrize("more", [[], ["rin"], ["lane"]])
def test_pairs_in_both_lines_have_the_t_of_one_number_each_beside(
    lacking: list[str], more: list[str]
) -> None:
    """Scipy on differences of differences; with what is held constant, the formula with terms per donor."""
    rows = [
        {"line": line, "culture": culture, "donor": f"d{i}"}
        for line, culture, i in itertools.product(["parental", "resistant"], ["mono", "co"], range(6))
    ]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    rng = np.random.default_rng(5)
    obs["rin"], obs["lane"] = rng.normal(8, 1, len(obs)), [f"l{i}" for i in rng.integers(0, 2, len(obs))]
    adata = with_scores(obs, pd.DataFrame(rng.normal(size=(len(obs), 1)), index=obs.index, columns=IDS[:1]))
    adata = adata[~adata.obs_names.isin(lacking)].copy()
    roles = {"culture": "culture", "line": "line", "pair": "donor"}
    held = {"rin": {"covariates": "rin"}, "lane": {"batch": "lane"}}
    ours = row(
        compare(adata, ms.Design(**roles, **{k: v for m in more for k, v in held[m].items()})), "interaction"
    )
    y = adata.obs.assign(y=adata.obsm["score_singscore"][IDS[0]])
    y = y.set_index(["donor", "line", "culture"])["y"].unstack(["line", "culture"]).dropna()  # noqa: PD010
    assert ours["n_both"] == len(y) == 6 - len(lacking) // 2
    if not more:
        gain = {line: y[line]["co"] - y[line]["mono"] for line in ("parental", "resistant")}
        theirs = stats.ttest_rel(gain["resistant"], gain["parental"])
        np.testing.assert_allclose(
            [ours["p_welch"], ours["df_welch"]], [theirs.pvalue, theirs.df], rtol=1e-10
        )
    formula = ms.Design.from_formula(
        " + ".join(["~ donor * culture + donor * line + line:culture", *more]),
        levels={"donor": y.index[0], "line": ["parental", "resistant"], "culture": ["mono", "co"]}
        | {m: "l0" for m in more if m == "lane"},
        contrasts={"more": "resistant:co - resistant:mono - parental:co + parental:mono"},
        unit="donor",
    )  # fmt: skip
    whole = adata[adata.obs["donor"].isin(y.index)].copy()
    theirs = row(compare(whole, formula), "more")
    np.testing.assert_allclose([ours["p_welch"], ours["df_welch"]], [theirs["p"], theirs["df"]], rtol=1e-8)
    assert (
        f"by one number for each of the {len(y)} pairs in both lines (t({ours['df_welch']:g}))"
        in (ms.tl.explain(ours.to_frame().T).iloc[0])
    )


@pytest.mark.filterwarnings("ignore:.* no partner of the same")
def test_a_minority_of_pairs_in_both_lines_makes_no_check() -> None:
    """Three of seven donors in both lines: Welch's of both lines, as before."""
    rows = [
        {"line": line, "culture": culture, "donor": f"d{i}"}
        for line, own in (("parental", range(5)), ("resistant", range(2, 7)))
        for culture, i in itertools.product(["mono", "co"], own)
    ]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    values = np.random.default_rng(6).normal(size=(len(obs), 1))
    adata = with_scores(obs, pd.DataFrame(values, index=obs.index, columns=IDS[:1]))
    ours = row(compare(adata, ms.Design(culture="culture", line="line", pair="donor")), "interaction")
    gain = {
        line: column(adata, line=line, culture="co") - column(adata, line=line, culture="mono")
        for line in ("parental", "resistant")
    }
    theirs = stats.ttest_ind(gain["resistant"], gain["parental"], equal_var=False)
    assert ours["n_both"] == 0
    np.testing.assert_allclose([ours["p_welch"], ours["df_welch"]], [theirs.pvalue, theirs.df], rtol=1e-10)


def panel(n: int, signatures: int, *, seed: int) -> ad.AnnData:
    """Scores of many signatures, whose variances differ, in the 2x2 of `study`."""
    adata = study(n)
    rng = np.random.default_rng(seed)
    spread = np.sqrt(8 / rng.chisquare(8, signatures))
    values = spread * rng.normal(size=(adata.n_obs, signatures))
    names = [f"emt.n{i}" for i in range(signatures)]
    return with_scores(adata.obs, pd.DataFrame(values, index=adata.obs_names, columns=names))


def test_moderation_is_that_of_genes_on_scores_and_holds_its_level() -> None:
    """Equal to the moderated t of genes, which equals limma's; with the true prior it is exact."""
    adata = panel(3, 3000, seed=4)
    design = ms.Design(culture="culture", line="line")
    some = list(adata.obsm["score_singscore"].columns[:5])
    result = compare(adata, design, moderate=True, signatures=some, permutations=0)
    plan = next(p for p in design.plans(adata.obs) if p.contrast.name == "interaction")
    Y = adata.obsm["score_singscore"].to_numpy()[plan.model.frame["row"].to_numpy()]
    theirs = moderated(shrink(linear_fit(Y, plan.model.X)), plan.model.c(plan.contrast))
    ours = result[result["contrast"] == "interaction"].set_index("signature").loc[some]
    for column, values in (("p", theirs.p), ("se", theirs.se), ("df", theirs.df)):
        np.testing.assert_allclose(ours[column], values[:5], rtol=1e-8)
    assert ours["test"].str.endswith("variances moderated over 3000 signatures").all()
    assert abs(np.mean(theirs.p < 0.05) - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 3000)
    plain = compare(adata, design, signatures=some, permutations=0)
    assert (result["df"] > plain["df"]).all()
    pd.testing.assert_series_equal(result["p_welch"], plain["p_welch"])
    with pytest.raises(ms.InputError, match="50 signatures or more, and 49 were scored by singscore"):
        compare(panel(3, 49, seed=0), design, moderate=True)
    with pytest.raises(ms.InputError, match="moderate=True and adjust='maxt'"):
        compare(adata, design, moderate=True, adjust="maxt", primary=some)


def test_batch_equals_statsmodels() -> None:
    import statsmodels.formula.api as smf

    adata = study(5)
    design = ms.Design(culture="culture", line="line", batch="batch")
    data = adata.obs.assign(y=adata.obsm["score_singscore"][IDS[0]], arm=lambda d: d["line"] + d["culture"])
    theirs = smf.ols("y ~ 0 + arm + batch", data).fit().t_test("arm[resistantco] - arm[resistantmono] = 0")
    line = row(compare(adata, design, alpha=0.1), "co_in_resistant")
    np.testing.assert_allclose(line["estimate"], theirs.effect[0], rtol=1e-10)
    np.testing.assert_allclose(line["p"], float(theirs.pvalue), rtol=1e-10)
    np.testing.assert_allclose([line["ci_low"], line["ci_high"]], theirs.conf_int(0.1)[0], rtol=1e-10)
    assert line["test"].endswith("adjusted for 'batch'")
    assert np.isnan(line["p_welch"])
    # A column that no pair spans changes nothing, and is not said to.
    paired = {"culture": "culture", "line": "line", "pair": "pair"}
    alone, idle = (compare(adata, ms.Design(**paired, **batch)) for batch in ({}, {"batch": "batch"}))
    within = idle["contrast"].str.startswith(("co_in", "interaction"))
    told = idle.loc[within, "test"].str
    assert told.endswith("not adjusted for 'batch', which the pairs hold constant already").all()
    np.testing.assert_allclose(idle.loc[within, "p"], alone.loc[within, "p"], rtol=1e-8)


NUMBERS = [
    "estimate",
    "ci_low",
    "ci_high",
    "se",
    "df",
    "stat",
    "p",
    "p_adj",
    "effect",
    "effect_low",
    "effect_high",
]


@pytest.mark.parametrize("design", [FULL, PAIRED], ids=["unpaired", "paired"])
def test_invariant_to_row_order_and_coding(design: ms.Design) -> None:
    adata = study()
    before = compare(adata, design)
    shuffled = adata[np.random.default_rng(1).permutation(adata.n_obs)].copy()
    shuffled.obs["culture"] = pd.Categorical(shuffled.obs["culture"], categories=["co", "mono"])
    shuffled.obs["pair"] = shuffled.obs["pair"].map(lambda p: f"{9 - int(p[1])}-{p}")
    after = compare(shuffled, design)
    np.testing.assert_allclose(after[NUMBERS], before[NUMBERS], rtol=1e-11, atol=1e-12)


def test_names_of_levels_do_not_matter() -> None:
    adata = study()
    renamed = adata.copy()
    renamed.obs["culture"] = renamed.obs["culture"].map({"mono": "z_alone", "co": "a_msc"})
    design = ms.Design(culture="culture", mono="z_alone", co="a_msc", line="line", pair="pair")
    np.testing.assert_allclose(
        compare(renamed, design)[NUMBERS], compare(adata, PAIRED)[NUMBERS], rtol=1e-10, atol=1e-12
    )


def test_reversal_is_positive_when_the_inhibitor_takes_the_score_down() -> None:
    arms = {("mono", "none"): 0.0, ("co", "none"): 1.0, ("co", "rux"): 0.4}
    rows = [
        {"culture": c, "drug": d, "y": y + 0.01 * i}
        for ((c, d), y), i in itertools.product(arms.items(), range(3))
    ]
    obs = pd.DataFrame(rows).rename(index=lambda i: f"s{i}")
    adata = with_scores(obs[["culture", "drug"]], obs[["y"]].rename(columns={"y": IDS[0]}))
    result = compare(adata, ms.Design(culture="culture", inhibitor="drug"))
    np.testing.assert_allclose(row(result, "reversal_rux")["estimate"], 0.6)
    np.testing.assert_allclose(row(result, "residual_rux")["estimate"], 0.4)
    verdicts = result.set_index("contrast")["verdict"].to_dict()
    assert verdicts == {"co_vs_mono": "up", "reversal_rux": "lowered by inhibitor", "residual_rux": "up"}


def test_reused_pair_labels_change_nothing_within_lines() -> None:
    """Pair 1 of one line is not pair 1 of the other; whoever numbers them alike gets the same answer."""
    rng = np.random.default_rng(4)
    cells = list(itertools.product(["parental", "resistant"], ["mono", "co"], range(4)))
    obs = pd.DataFrame(cells, columns=["line", "culture", "pair"]).astype(str)
    obs.index = [f"s{i}" for i in range(len(obs))]
    own = {key: rng.normal(0, 1) for key in set(zip(obs["line"], obs["pair"], strict=True))}
    y = [own[k] + rng.normal(0, 0.3) for k in zip(obs["line"], obs["pair"], strict=True)]
    scores = pd.DataFrame({IDS[0]: y}, index=obs.index)
    design = ms.Design(culture="culture", line="line", pair="pair")
    alike = compare(with_scores(obs, scores), design).set_index("contrast")
    apart = compare(with_scores(obs.assign(pair=obs["line"] + obs["pair"]), scores), design).set_index(
        "contrast"
    )
    for name in ("co_in_parental", "co_in_resistant", "interaction"):
        np.testing.assert_allclose(alike.loc[name, "p"], apart.loc[name, "p"], rtol=1e-12)
        assert alike.loc[name, "n_pairs"] == apart.loc[name, "n_pairs"] == 4
    # Across lines, equal labels are paired, on the two arms alone.
    for arm in ("mono", "co"):
        of_arm = obs.assign(y=y)[obs["culture"] == arm].sort_values("pair")
        by_line = {line: rows["y"].to_numpy() for line, rows in of_arm.groupby("line")}
        expected = stats.ttest_rel(by_line["resistant"], by_line["parental"])
        got = alike.loc[f"resistance_in_{arm}"]
        np.testing.assert_allclose(got["p"], expected.pvalue, rtol=1e-10)
        assert apart.loc[f"resistance_in_{arm}", "n_pairs"] == 0


def test_strata_are_fitted_apart() -> None:
    a, b = study(seed=1), study(seed=2)
    both = with_scores(
        pd.concat([a.obs.assign(hours=24), b.obs.assign(hours=6)]).set_axis([f"t{i}" for i in range(32)]),
        pd.concat([a.obsm["score_singscore"], b.obsm["score_singscore"]]).set_axis(
            [f"t{i}" for i in range(32)]
        ),
    )
    result = compare(both, ms.Design(culture="culture", line="line", time="hours"))
    later = result[result["stratum"] == "time=24"]
    np.testing.assert_array_equal(later[NUMBERS], compare(a, FULL)[NUMBERS])
    assert (result["family_size"] == 3).all()
    assert result["family"].nunique() == 10


def test_unscored_signatures_and_flat_ones_get_no_number() -> None:
    adata = study()
    scores = adata.obsm["score_singscore"]
    scores[IDS[0]] = np.nan
    scores.loc["s3", IDS[1]] = np.nan
    scores[IDS[2]] = 0.25
    result = compare(adata, FULL)
    assert result[["stat", "p", "p_adj", "effect"]].isna().all(axis=None)
    assert set(result["verdict"]) == {"not tested"}
    assert (result["family_size"] == 0).all()
    assert "too few of its genes" in row(result, "interaction")["test"]
    assert "1 of 16 samples have no score (s3)" in row(result, "interaction", IDS[1])["test"]
    assert "do not vary" in row(result, "interaction", IDS[2])["test"]


def test_what_cannot_be_estimated_is_listed_with_its_reason() -> None:
    adata = study()[:12].copy()
    with pytest.warns(
        ms.InputWarning, match=r"3 of 5 contrasts cannot be estimated\..*no rows in resistant:co"
    ):
        result = compare(adata, FULL)
    assert row(result, "interaction")["test"].startswith("not estimable: no rows in resistant:co")
    assert np.isnan(row(result, "interaction")["p"])
    assert row(result, "co_in_parental")["p"] >= 0


def test_nothing_estimable_is_an_error() -> None:
    adata = study()
    adata.obs["batch"] = adata.obs["culture"]
    with pytest.raises(ms.DesignError, match="cannot be told apart from 'batch'"):
        compare(adata, ms.Design(culture="culture", batch="batch"))


def test_cells_sharing_donors_are_an_error() -> None:
    adata = study(8)
    adata.obs["donor"] = [f"D{i % 2}" for i in range(adata.n_obs)]
    with pytest.raises(ms.DesignError, match="32 rows share 2 levels of 'donor'"):
        compare(adata, FULL)


def test_choice_of_methods_and_signatures() -> None:
    adata = study()
    adata.obsm["score_mean"] = adata.obsm["score_singscore"] * 3
    assert set(compare(adata, FULL)["method"]) == {"singscore", "mean"}
    some = compare(adata, FULL, method="mean", signatures=["emt", IDS[1]])
    assert set(some["signature"]) == {IDS[0], IDS[1]}
    assert (some["family_size"] == 2).all()
    with pytest.raises(ms.InputError, match="ucell"):
        compare(adata, FULL, method="ucell")
    with pytest.raises(ms.InputError, match=r"'emt.absent' has no singscore score"):
        compare(adata, FULL, signatures="emt.absent")
    own = adata.obsm["score_mean"].rename(columns={IDS[0]: "emt.mine"})
    adata.obsm["score_mean"] = own[["emt.mine"]]
    with pytest.raises(ms.InputError, match=r"no mean score, but was scored by singscore: give method='sing"):
        compare(adata, FULL, signatures=IDS[0])
    with pytest.raises(ms.InputError, match="alpha"):
        compare(adata, FULL, alpha=5)
    del adata.obsm["score_mean"], adata.obsm["score_singscore"]
    with pytest.raises(ms.InputError, match=r"ms\.tl\.score"):
        compare(adata, FULL)


def test_expected_comes_from_shipped_signatures() -> None:
    stated = [s for s in ms.sig.load() if s.expect.get("coculture") in ("up", "down")]
    if not stated:
        pytest.skip("no shipped signature states a direction for co-culture")
    adata = study()
    adata.obsm["score_singscore"] = adata.obsm["score_singscore"].rename(columns={IDS[0]: stated[0].id})
    result = compare(adata, FULL)
    assert row(result, "co_in_parental", stated[0].id)["expected"] == stated[0].expect["coculture"]
    assert row(result, "interaction", stated[0].id)["expected"] == ""
    assert row(result, "co_in_parental", IDS[1])["expected"] == ""


def test_verdicts_follow_p_adj_and_sign() -> None:
    adata = study()
    co = (adata.obs["culture"] == "co").to_numpy()
    adata.obsm["score_singscore"].loc[co, IDS[0]] += 5
    adata.obsm["score_singscore"].loc[co, IDS[1]] -= 5
    result = compare(adata, FULL)
    assert row(result, "co_in_parental")["verdict"] == "up"
    assert row(result, "co_in_parental", IDS[1])["verdict"] == "down"
    assert row(result, "interaction")["verdict"] == "not established"


@pytest.mark.slow
def test_level_of_the_whole_verb_under_the_null() -> None:
    result = compare(study(runs=600, seed=11), PAIRED, permutations=0)
    error = np.sqrt(0.05 * 0.95 / 600)
    for contrast, p in result.groupby("contrast")["p"]:
        assert abs((p < 0.05).mean() - 0.05) < 3 * error, contrast


NAMES = {
    "co_in_parental": "co_in_parental",
    "co_in_resistant": "co_in_resistant",
    "interaction": "difference",
}
CASES = {"limma_basic": {}, "limma_fixed_donor": {"batch": "donor"}}


@pytest.mark.shared
@pytest.mark.parametrize("table", CASES)
def test_estimates_and_t_equal_limma(shared, table: str) -> None:
    """limma's coefficient, and its unmoderated t = logFC / (sigma * stdev.unscaled)."""
    folder = shared / "reference" / "golden" / "bulk"
    expr = pd.read_csv(folder / "expr.tsv.gz", sep="\t", index_col=0).T
    obs = pd.read_csv(folder / "samples.tsv", sep="\t", index_col=0).loc[expr.index]
    golden = pd.read_csv(folder / "out_limma" / f"{table}.tsv.gz", sep="\t", index_col=0)
    golden = golden[golden["sigma"] > 1e-8]
    obs = obs[["culture", "line", *CASES[table].values()]]
    design = ms.Design(culture="culture", line="line", **CASES[table])
    result = compare(with_scores(obs, expr[golden.index]), design, permutations=0).set_index("signature")
    for ours, theirs in NAMES.items():
        got = result[result["contrast"] == ours].loc[golden.index]
        estimate = golden[f"logFC.{theirs}"]
        t = estimate / (golden["sigma"] * golden[f"stdev.unscaled.{theirs}"])
        np.testing.assert_allclose(got["estimate"], estimate, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(got["stat"], t, rtol=1e-8, atol=1e-9)
        assert (got["df"] == golden["df.residual"]).all()


@pytest.mark.filterwarnings("ignore:.* outside the design")
@pytest.mark.shared
@pytest.mark.filterwarnings("ignore:Arms pool the levels of")
def test_real_studies_give_numbers(shared) -> None:
    """Every listed bulk contrast with replicates can be written as a design; the scores here are noise."""
    tried = 0
    for described in sorted((shared / "datasets").glob("*/dataset.json")):
        info = json.loads(described.read_text())
        samples = pd.read_csv(described.parent / "samples.tsv", sep="\t", index_col=0)
        for asked in info["contrasts"]:
            col, co, mono = asked["column"], str(asked["case"]), str(asked["control"])
            counts = samples[col].astype(str).value_counts() if col in samples else pd.Series(dtype=int)
            if min(counts.get(co, 0), counts.get(mono, 0)) < 2 or len(samples) >= 200:
                continue
            values = np.random.default_rng(0).normal(size=(len(samples), 1))
            adata = with_scores(samples, pd.DataFrame(values, index=samples.index, columns=["x.y"]))
            unit = {"unit": "donor"} if "donor" in samples and samples["donor"].is_unique else {}
            if "donor" in samples and not unit:
                continue
            result = compare(adata, ms.Design(culture=col, mono=mono, co=co, **unit))
            assert np.isfinite(result["p"]).all(), described.parent.name
            assert result["n_test"].tolist() == [counts[co]]
            tried += 1
    assert tried > 0


def test_arms_of_unlike_depth_are_told() -> None:
    adata = ms.ds.toy()
    co = (adata.obs["culture"] == "co").to_numpy()
    adata.X[~co] = np.floor(adata.X[~co] / 4)
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "emt.hallmark")
    design = ms.Design(culture="culture", line="line", pair="pair")
    with pytest.warns(ms.InputWarning, match=r"co_in_parental: parental:co has \d\.\d times the counts"):
        compare(adata, design)


@pytest.mark.parametrize(
    ("column", "genes", "total", "times", "told"),
    [
        ("psbulk_cells", 1_000, 8e5, 1.4, True),  # sums of decoupler
        ("", 20_000, 8e5, 1.4, True),  # as shallow, from anywhere
        ("", 20_000, 8e5, 1.15, False),
        ("", 1_000, 8e5, 1.4, False),  # few genes, each read often
        ("psbulk_cells", 20_000, 8e6, 1.4, False),
        ("", 20_000, 8e6, 1.4, False),
        ("", 20_000, 8e6, 2.2, True),
    ],
)
def test_shallow_rows_are_held_to_likelier_depths_whoever_summed_them(
    column: str, genes: int, total: float, times: float, told: bool
) -> None:
    obs = pd.DataFrame(
        {"culture": ["mono", "co"] * 3, "donor": list("aabbcc")}, index=[f"s{i}" for i in range(6)]
    )
    obs = obs.assign(**{column: 300}) if column else obs
    depth = np.where(obs["culture"] == "co", total * times, total)
    adata = with_scores(obs, pd.DataFrame({IDS[0]: np.arange(6.0) ** 2}, index=obs.index))
    adata = ad.AnnData(
        np.ones((6, genes)), obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(genes)]), obsm=adata.obsm
    )
    adata.layers["counts"] = np.repeat(depth[:, None] / genes, genes, axis=1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ms.InputWarning)
        compare(adata, ms.Design(culture="culture", pair="donor"))
    said = [str(w.message) for w in caught if "unlike sequencing depth" in str(w.message)]
    assert len(said) == told
    assert all(f"co has {times:.1f} times the counts of mono" in text for text in said)


def test_scores_as_a_matrix_are_told_from_what_was_scored() -> None:
    adata = ms.ds.toy()
    ms.tl.score(adata, "il6.hallmark", method="ucell", min_coverage=0.0)
    with pytest.raises(ms.InputError, match=r"These are the scores, as of ms\.get\.as_adata: give the"):
        compare(ms.get.as_adata(adata, "ucell"), PAIRED)
    with pytest.raises(ms.InputError, match="No scores found"):
        compare(ms.ds.toy(), PAIRED)


def test_a_donor_that_recurs_unpaired_is_told() -> None:
    obs = pd.DataFrame({"culture": ["mono", "co"] * 3, "donor": list("aabbcc")}, index=list("uvwxyz"))
    adata = with_scores(obs, pd.DataFrame({IDS[0]: np.arange(6.0)}, index=obs.index))
    with pytest.warns(ms.InputWarning, match="pair='donor'"):
        compare(adata, ms.Design(culture="culture"))


def test_one_list_under_two_names_is_told() -> None:
    adata = ms.ds.toy()
    twice = ms.sig.Signature("other.mine", genes=ms.sig.load("il6.hallmark")["il6.hallmark"].genes)
    ms.tl.score(adata, ["il6.hallmark", twice], min_coverage=0.0)
    design = ms.Design(culture="culture", line="line", pair="pair")
    with pytest.warns(
        ms.InputWarning, match=r"'il6.hallmark' and 'other.mine' hold the same .* without 'other.mine'"
    ):
        ms.tl.compare(adata, design, permutations=0)
    ms.tl.compare(adata, design, permutations=0, signatures=["il6.hallmark"])
