"""Numeric covariates of a design: against statsmodels and closed forms, and what is refused."""

from __future__ import annotations

import itertools

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._stats.ols import fit
from marrowsig.qc._confounder_units import parts_of
from marrowsig.tl.compare import compare

ID = "emt.one"


def study(n: int = 5, *, seed: int = 0) -> ad.AnnData:
    rows = [
        {"culture": culture, "line": line, "pair": f"{line[0]}{i}"}
        for line, culture, i in itertools.product(["parental", "resistant"], ["mono", "co"], range(n))
    ]
    rng = np.random.default_rng(seed)
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    obs["cycle"] = rng.normal(3, 1, size=len(obs)) + 0.5 * (obs["culture"] == "co")
    obs["rin"] = rng.uniform(6, 10, size=len(obs))
    adata = ad.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    y = 0.3 * obs["cycle"] + rng.normal(0, 0.2, size=len(obs))
    adata.obsm["score_singscore"] = pd.DataFrame({ID: y}, index=obs.index)
    return adata


def row(result: pd.DataFrame, contrast: str) -> pd.Series:
    return result[result["contrast"] == contrast].squeeze()


PAIRS = [(), ("pair",)]
NAMES = {
    "interaction": "a[resistantco] - a[resistantmono] - a[parentalco] + a[parentalmono] = 0",
    "co_in_resistant": "a[resistantco] - a[resistantmono] = 0",
}


@pytest.mark.parametrize("pair", PAIRS, ids=["unpaired", "paired"])
@pytest.mark.parametrize("contrast", list(NAMES))
@pytest.mark.parametrize("covariates", ["cycle", ["cycle", "rin"]], ids=["one", "two"])
def test_equals_statsmodels(pair: tuple, contrast: str, covariates: str | list[str]) -> None:
    """Blocks are nested in lines, so statsmodels gets full-rank dummies: pairs less one per line."""
    import statsmodels.api as sm

    adata = study()
    obs, y = adata.obs, adata.obsm["score_singscore"][ID]
    arm = pd.get_dummies(obs["line"] + obs["culture"]).astype(float)
    named = [covariates] if isinstance(covariates, str) else covariates
    X = pd.concat([arm, obs[named]], axis=1)
    if pair:
        X = pd.concat([X, pd.get_dummies(obs["pair"]).astype(float).drop(columns=["p0", "r0"])], axis=1)
    weights = pd.Series(0.0, index=X.columns)
    weights["resistantco"], weights["resistantmono"] = 1, -1
    if contrast == "interaction":
        weights["parentalco"], weights["parentalmono"] = -1, 1
    theirs = sm.OLS(y, X).fit().t_test(weights.to_numpy())
    design = ms.Design(culture="culture", line="line", covariates=covariates, **dict.fromkeys(pair, "pair"))
    ours = row(compare(adata, design), contrast)
    got = ours[["estimate", "se", "stat", "p", "df"]].to_numpy(dtype=float)
    expected = [
        theirs.effect[0],
        theirs.sd.item(),
        theirs.tvalue.item(),
        float(theirs.pvalue),
        theirs.df_denom,
    ]
    np.testing.assert_allclose(got, expected, rtol=1e-10)
    np.testing.assert_allclose([ours["ci_low"], ours["ci_high"]], theirs.conf_int()[0], rtol=1e-10)
    assert np.isnan(ours["p_welch"])
    assert (ours["perm"] == "") == (bool(pair) and contrast != "interaction")  # too strict in pairs
    assert "covariate" in ours["test"]


def test_permutation_with_a_covariate_needs_four_rows_an_arm_and_no_pairs() -> None:
    design = ms.Design(culture="culture", line="line", covariates="cycle")
    three, four = (compare(study(n), design) for n in (3, 4))
    assert set(three["perm"]) == {""}
    assert three["p_perm"].isna().all()
    assert three["p_perm_min"].isna().all()
    assert set(four["perm"]) == {"sampled"}
    assert (four["p_perm"] >= four["p_perm_min"]).all()
    np.testing.assert_allclose(four["p_perm"], four["p"], atol=0.12)  # the t test's errors are normal here
    paired = compare(study(6), ms.Design(culture="culture", line="line", pair="pair", covariates="cycle"))
    given = paired.set_index("contrast")["perm"]
    assert given["interaction"] == "sampled"
    assert given["co_in_resistant"] == given["co_in_parental"] == ""


def test_permutation_of_pairs_with_a_covariate_is_that_of_their_differences() -> None:
    """Freedman and Lane by the book, on one difference per pair and that of its covariate."""
    from marrowsig._stats.permute import permutation_p

    adata = study(4, seed=2)
    obs, y = adata.obs, adata.obsm["score_singscore"][ID].to_numpy()
    co, mono = (np.flatnonzero(obs["culture"] == c) for c in ("co", "mono"))
    x = obs["cycle"].to_numpy()
    line = (obs["line"].to_numpy()[co] == "resistant").astype(float)
    X = np.column_stack([line, 1 - line, x[co] - x[mono]])
    p, _, exact = permutation_p((y[co] - y[mono])[:, None], X, np.array([1.0, -1, 0]), n=50_000)
    assert exact
    design = ms.Design(culture="culture", line="line", pair="pair", covariates="cycle")
    ours = row(compare(adata, design, permutations=50_000), "interaction")
    np.testing.assert_allclose(ours["p_perm"], p[0], rtol=1e-10)
    np.testing.assert_allclose(ours["p"], fit((y[co] - y[mono])[:, None], X, np.array([1.0, -1, 0])).p[0])


def test_inflation_equals_the_variance_inflation_of_the_contrast() -> None:
    """For two arms, the squared inflation is 1 / (1 - R^2) of the arm on the covariate."""
    adata = study()
    design = ms.Design(culture="culture", covariates="cycle")
    line = row(compare(adata, design), "co_vs_mono")
    r = np.corrcoef(adata.obs["culture"] == "co", adata.obs["cycle"])[0, 1]
    np.testing.assert_allclose(line["se_inflation"], 1 / np.sqrt(1 - r**2), rtol=1e-10)
    assert row(compare(adata, ms.Design(culture="culture")), "co_vs_mono")["se_inflation"] == 1


@pytest.mark.parametrize(("shift", "expected"), [(1, 1.21), (2, 1.65), (3, 2.23)])
def test_a_shifted_covariate_costs_what_was_simulated(shift: float, expected: float) -> None:
    """Median over 1,000 simulated covariates at n = 3 per arm; its Monte-Carlo error is about 0.015."""
    from marrowsig._matrix import design_matrix

    rng = np.random.default_rng(shift)
    frame = pd.DataFrame({"arm": np.repeat(["co", "mono"], 3)})
    found = []
    for _ in range(1000):
        frame["covariate"] = rng.normal(size=6) + shift * (frame["arm"] == "co")
        X, _ = design_matrix(frame, ("covariate",))
        c = np.array([1.0, -1.0, 0.0])
        found.append(np.linalg.norm(c @ np.linalg.pinv(X)) / np.sqrt(2 / 3))
    assert abs(np.median(found) - expected) < 0.05


def test_the_pairs_take_up_what_no_pair_changes() -> None:
    """A donor's age cannot move a difference within the donor, as limma leaves out its coefficient."""
    adata = study()
    adata.obs["age"] = adata.obs["pair"].map({p: 7.0 * i**2 for i, p in enumerate(set(adata.obs["pair"]))})
    fields = {"culture": "culture", "line": "line", "pair": "pair"}
    with_age = compare(adata, ms.Design(**fields, covariates="age"))
    without = compare(adata, ms.Design(**fields))
    columns = ["estimate", "se", "df", "p", "effect"]
    for contrast in ("co_in_parental", "co_in_resistant", "interaction"):
        assert "'age' does not change within a pair" in row(with_age, contrast)["test"]
        pd.testing.assert_series_equal(row(with_age, contrast)[columns], row(without, contrast)[columns])
    assert row(with_age, "resistance_in_co")["df"] == row(without, "resistance_in_co")["df"] - 1
    both = compare(adata, ms.Design(**fields, covariates=["age", "cycle"]))
    alone = compare(adata, ms.Design(**fields, covariates="cycle"))
    np.testing.assert_array_equal(row(both, "interaction")[columns], row(alone, "interaction")[columns])


def test_unit_and_origin_of_a_covariate_do_not_matter() -> None:
    adata = study()
    design = ms.Design(culture="culture", line="line", pair="pair", covariates="cycle")
    before = compare(adata, design)
    adata.obs["cycle"] = 1e-4 * adata.obs["cycle"] + 20
    after = compare(adata, design)
    columns = ["estimate", "se", "df", "p", "effect", "se_inflation"]
    np.testing.assert_allclose(after[columns], before[columns], rtol=1e-8)


def test_a_constant_or_collinear_covariate_is_refused_with_the_reason() -> None:
    obs = study().obs
    for values, words in [
        (np.ones(20), r"'x' has one value \(1\) in the 20 rows"),
        ((obs["culture"] == "co") * 2.0, r"cannot be told apart from the arms: .*co 2 to 2, mono 0 to 0"),
    ]:
        with pytest.raises(ms.DesignError, match=words):
            ms.Design(culture="culture", covariates="x").check(obs.assign(x=values))
    age = obs["pair"].map({p: i for i, p in enumerate(sorted(set(obs["pair"])))}).astype(float)
    design = ms.Design(culture="culture", line="line", pair="pair", covariates="x")
    table = design.contrasts(obs.assign(x=age)).set_index("contrast")
    assert table.loc["resistance_in_co", "estimable"]  # fitted on unpaired arms, where age is no pair
    assert table.loc["resistance_in_co", "model"].endswith("with the covariate 'x'")
    design = ms.Design(culture="culture", covariates=["cycle", "twice"])
    with pytest.raises(ms.DesignError, match="'cycle' cannot be told apart from the arms and 'twice'"):
        design.check(obs.assign(twice=2 * obs["cycle"] + 1))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.nan, r"missing or infinite in 1 of 20 rows: s3\. Fill it in"),
        (np.inf, "missing or infinite in 1 of 20 rows: s3"),
        ("high", "has to be numeric, and holds high. Categories go into batch="),
        ("97,5", r"holds 97,5\. Write decimal points in place of commas\."),
    ],
)
def test_values_that_are_no_numbers_are_refused(value: object, words: str) -> None:
    obs = study().obs.astype({"cycle": object})
    obs.loc["s3", "cycle"] = value
    with pytest.raises(ms.DesignError, match=words):
        ms.Design(culture="culture", covariates="cycle").check(obs)


def test_categories_and_truth_values_are_no_covariates() -> None:
    obs = study().obs
    for values in (pd.Categorical(["1", "2"] * 10), [True, False] * 10):
        with pytest.raises(ms.DesignError, match="has to be numeric"):
            ms.Design(culture="culture", covariates="x").check(obs.assign(x=values))


def test_nullable_numbers_are_read_and_dates_refused() -> None:
    obs = study().obs
    design = ms.Design(culture="culture", covariates="x")
    x = pd.Series(np.arange(20) ** 2 % 7, index=obs.index, dtype="Int64")
    design.check(obs.assign(x=x))
    with pytest.raises(ms.DesignError, match="missing or infinite in 1 of 20 rows: s3"):
        design.check(obs.assign(x=x.mask(obs.index == "s3")))
    with pytest.raises(ms.DesignError, match="has to be numeric"):
        design.check(obs.assign(x=pd.date_range("2026-01-01", periods=20)))


def test_a_value_is_asked_for_only_where_the_covariate_is_in_a_model() -> None:
    adata = study()[:10].copy()
    obs, first = adata.obs, adata.obs["pair"].eq("p0")
    age = obs["pair"].map({f"p{i}": 7.0 * i**2 for i in range(5)})
    paired = ms.Design(culture="culture", pair="pair", covariates="age")
    adata.obs["age"] = age.mask(first, [np.nan] * 5 + [np.inf] * 5)
    found = compare(adata, paired)
    # Between pairs age is in the model, so that those of known age are correlated.
    assert [part.n_units for part in parts_of(adata, paired)] == [4, 5]
    adata.obs["age"] = age
    pd.testing.assert_frame_equal(found, compare(adata, paired))
    assert found["test"].str.endswith("'age' does not change within a pair").all()

    apart, lacking = ms.Design(culture="culture", covariates="age"), age.mask(first)
    one_more = {name: lacking.mask(lacking.index == name, 5.0) for name in ("s5", "s6")}
    for design, values, rows in [
        (apart, lacking, "2 of 10 rows: s0, s5"),
        (paired, one_more["s5"], "1 of 10 rows: s0"),  # known in one row of the pair
        (paired, one_more["s6"], "2 of 10 rows: s0, s5"),  # changes within another pair
        (paired, age * np.nan, "10 of 10 rows"),
    ]:
        with pytest.raises(ms.DesignError, match=f"'age' is missing or infinite in {rows}"):
            design.contrasts(obs.assign(age=values))
    own = study().obs
    two = ms.Design(culture="culture", line="line", pair="pair", covariates="age")
    values = pd.Series(np.arange(20.0) % 5, index=own.index).mask(own["pair"] == "p0")
    with pytest.raises(ms.DesignError, match=r"in 2 of 20 rows: s0, s5\. Fill it in"):
        two.contrasts(own.assign(age=values))  # the lines are compared unpaired


def test_rows_outside_the_design_need_no_covariate() -> None:
    obs = study().obs
    obs.loc["s0", ["culture", "cycle"]] = ["transwell", np.nan]
    ms.Design(culture="culture", covariates="cycle").check(obs)


def test_a_covariate_is_a_column_of_the_design() -> None:
    design = ms.Design(culture="culture", covariates=["cycle", "rin"])
    assert design.columns["covariate 2"] == "rin"
    assert ms.Design(**design.to_dict()) == design
    assert "<code>cycle</code>" in design._repr_html_()
    with pytest.raises(ms.DesignError, match="both batch and covariate"):
        ms.Design(culture="culture", batch="rin", covariates="rin")
    with pytest.raises(ms.DesignError, match=r"no column 'age' \(covariate\)"):
        ms.Design(culture="culture", covariates="age").check(study().obs)


def test_level_with_a_covariate_that_the_culture_shifts() -> None:
    """4,000 scores without any effect of the culture; within three Monte-Carlo errors of 0.05."""
    adata = study(4, seed=3)
    noise = np.random.default_rng(5).normal(size=(adata.n_obs, 4000))
    values = noise + 0.8 * adata.obs["cycle"].to_numpy()[:, None]
    for plan in ms.Design(culture="culture", line="line", covariates="cycle").plans(adata.obs):
        p = fit(values[plan.model.frame["row"]], plan.model.X, plan.model.c(plan.contrast)).p
        assert abs((p < 0.05).mean() - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 4000), plan.contrast.name


def test_a_rescue_takes_the_covariates_along() -> None:
    arms = [("mono", "none"), ("co", "none"), ("co", "rux")]
    rows = [{"culture": c, "drug": d, "rep": i} for (c, d), i in itertools.product(arms, range(4))]
    obs = pd.DataFrame(rows).astype(str).rename(index=lambda i: f"s{i}")
    rng = np.random.default_rng(0)
    obs["cycle"] = rng.normal(size=12)
    adata = ad.AnnData(np.zeros((12, 1), dtype=np.float32), obs=obs)
    y = (obs["culture"] == "co") * 1.0 + rng.normal(0, 0.1, size=12)
    adata.obsm["score_singscore"] = pd.DataFrame({ID: y}, index=obs.index)
    design = ms.Design(culture="culture", inhibitor="drug", covariates="cycle")
    rescue, compared = ms.tl.rescue(adata, design), compare(adata, design)
    line = rescue[rescue["kind"] == "line"].squeeze()
    np.testing.assert_allclose(line["reversal_p"], row(compared, "reversal_rux")["p"], rtol=1e-10)
    np.testing.assert_allclose(line["induction"], row(compared, "co_vs_mono")["estimate"], rtol=1e-10)


def test_columns_that_cannot_change_a_number_are_told() -> None:
    adata = study()
    adata.obs["pair"] = adata.obs["pair"].str[1]  # in both lines
    adata.obs["zero"], adata.obs["lane"] = 0.0, "lane" + adata.obs["pair"]
    adata.obs["day"] = adata.obs["pair"].map(
        dict(zip("01234", "aabbb", strict=True))
    )  # of several pairs each
    fields = {"culture": "culture", "line": "line", "pair": "pair"}
    with pytest.warns(
        ms.InputWarning, match=r"covariate 'zero' has one value \(0\) in all samples.*Leave it"
    ):
        compare(adata, ms.Design(**fields, covariates="zero"))
    with pytest.warns(
        ms.InputWarning, match=r"batch 'lane' has one level for each level of 'pair'.*checks noth"
    ):
        with_lane = compare(adata, ms.Design(**fields, batch="lane"))
    without = compare(adata, ms.Design(**fields))
    np.testing.assert_allclose(with_lane["estimate"], without["estimate"])
    compare(adata, ms.Design(**fields, batch="day"))
