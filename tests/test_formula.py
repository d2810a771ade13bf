"""Designs written as a formula: equal to cell means and to statsmodels, and what is refused."""

from __future__ import annotations

import itertools
import re

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._report.words import replicates
from marrowsig._unasked import OF_FORMULA
from marrowsig.tl.compare import compare

IDS = ["emt.one", "il6.two"]
LEVELS = {"line": ["parental", "resistant"], "culture": ["mono", "co"]}
CELLS = {
    "interaction": {
        ("resistant", "co"): 1, ("resistant", "mono"): -1, ("parental", "co"): -1, ("parental", "mono"): 1,
    },
    "co_in_parental": {("parental", "co"): 1, ("parental", "mono"): -1},
    "resistance_in_co": {("resistant", "co"): 1, ("parental", "co"): -1},
}  # fmt: skip
NUMBERS = ["estimate", "ci_low", "ci_high", "se", "df", "stat", "p", "detectable"]
EFFECTS = ["effect", "effect_low", "effect_high"]


def study(n: int = 4, *, seed: int = 0) -> ad.AnnData:
    cells = itertools.product(["parental", "resistant"], ["mono", "co"], range(n))
    rows = [
        {"line": line, "culture": c, "pair": f"{line[0]}{i}", "batch": f"b{i % 2}"} for line, c, i in cells
    ]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    rng = np.random.default_rng(seed)
    obs["dose"] = rng.uniform(0, 5, size=len(obs))
    adata = ad.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    values = rng.normal(size=(len(obs), 2))
    adata.obsm["score_singscore"] = pd.DataFrame(values, index=obs.index, columns=IDS)
    return adata


def genes_of(adata: ad.AnnData) -> ad.AnnData:
    """The same samples with log expression of twenty genes."""
    x = np.random.default_rng(1).uniform(1, 9, (adata.n_obs, 20))
    return ad.AnnData(x, obs=adata.obs, var=pd.DataFrame(index=[f"G{i}" for i in range(20)]))


def by(result: pd.DataFrame, contrast: str, columns: list[str]) -> np.ndarray:
    return result[result["contrast"] == contrast].sort_values("signature")[columns].to_numpy(dtype=float)


@pytest.mark.parametrize(
    ("term", "field"), [("", {}), (" + batch", {"batch": "batch"}), (" + pair", {"pair": "pair"})]
)
def test_equals_the_cell_means(term: str, field: dict) -> None:
    """The same model in another coding; 1e-10 is far above the rounding of either."""
    adata = study()
    levels = LEVELS | {term.removeprefix(" + "): "b1" if "batch" in term else "r0"} if term else LEVELS
    cells = {k: v for k, v in CELLS.items() if "pair" not in term or k != "resistance_in_co"}
    design = ms.Design.from_formula(
        f"~ line * culture{term}", levels=levels, contrasts=cells, unit=field.get("pair")
    )
    ours, theirs = compare(adata, design), compare(adata, ms.Design(culture="culture", line="line", **field))
    for name in cells:
        columns = NUMBERS[:-1] if field.get("pair") else NUMBERS + EFFECTS
        np.testing.assert_allclose(by(ours, name, columns), by(theirs, name, columns), rtol=1e-10, atol=1e-10)
    assert set(ours["effect_name"]) == {"g_residual" if field.get("pair") else "hedges_g"}
    assert set(ours["perm"]) == {""}


def test_the_sign_does_not_depend_on_names_or_references() -> None:
    """By alphabet "co" would be the reference of "mono", and the interaction would turn its sign."""
    adata = study()
    reference = by(compare(adata, ms.Design(culture="culture", line="line")), "interaction", ["estimate"])
    for line, culture in itertools.product(*(itertools.permutations(v) for v in LEVELS.values())):
        levels = {"line": list(line), "culture": list(culture)}
        design = ms.Design.from_formula("~ line * culture", levels=levels, contrasts=CELLS)
        got = by(compare(adata, design), "interaction", ["estimate"])
        np.testing.assert_allclose(got, reference, rtol=1e-12)
    coefficient = {"interaction": {"line[T.resistant]:culture[T.co]": 1}}
    design = ms.Design.from_formula("~ line * culture", levels=LEVELS, contrasts=coefficient)
    np.testing.assert_allclose(
        by(compare(adata, design), "interaction", NUMBERS), by_cells(adata, NUMBERS), rtol=1e-10
    )


def by_cells(adata: ad.AnnData, columns: list[str]) -> np.ndarray:
    design = ms.Design.from_formula("~ line * culture", levels=LEVELS, contrasts=CELLS)
    return by(compare(adata, design), "interaction", columns)


def test_invariant_to_rows_factors_and_the_order_within_cells() -> None:
    adata = study()
    before = by_cells(adata, NUMBERS)
    shuffled = adata[np.random.default_rng(2).permutation(adata.n_obs)].copy()
    shuffled.obs["culture"] = pd.Categorical(shuffled.obs["culture"], categories=["co", "mono"])
    turned = {"interaction": {key[::-1]: w for key, w in CELLS["interaction"].items()}}
    design = ms.Design.from_formula("~ culture * line", levels=LEVELS, contrasts=turned)
    np.testing.assert_allclose(by(compare(shuffled, design), "interaction", NUMBERS), before, rtol=1e-12)


def test_coefficients_with_numbers_equal_statsmodels() -> None:
    import statsmodels.formula.api as smf

    adata = study(6)
    asked = {
        "dose": {"dose": 1},
        "more": {"culture[T.co]:dose": 1},
        "both": {"dose": 1, "culture[T.co]:dose": 1},
    }
    design = ms.Design.from_formula(
        "~ culture * dose + batch", levels={"culture": ["mono", "co"], "batch": "b0"}, contrasts=asked
    )
    result = compare(adata, design)
    data = adata.obs.assign(y=adata.obsm["score_singscore"][IDS[0]], co=(adata.obs["culture"] == "co") * 1.0)
    theirs = smf.ols("y ~ co * dose + batch", data).fit()
    for name, text in [("dose", "dose = 0"), ("more", "co:dose = 0"), ("both", "dose + co:dose = 0")]:
        t = theirs.t_test(text)
        expected = [t.effect[0], t.sd.item(), float(t.pvalue), *t.conf_int()[0]]
        got = by(result, name, ["estimate", "se", "p", "ci_low", "ci_high"])[0]
        np.testing.assert_allclose(got, expected, rtol=1e-10)
    line = result[result["contrast"] == "more"].iloc[0]
    assert replicates(line) == "24 samples"
    assert (line["test_arm"], line["base_arm"], line["n_test"]) == ("culture[T.co]:dose", "zero", 24)
    assert np.isnan(line["se_inflation"])


def test_times_as_a_number_tell_the_samples_of_a_donor_apart() -> None:
    """The slope's line at 4 h, by least squares written out; a factor by mistake is told from a slope."""
    cells = list(itertools.product(["mono", "co"], [2, 4, 9], range(4)))
    obs = pd.DataFrame(cells, columns=["culture", "hours", "pair"], index=[f"s{i}" for i in range(24)])
    obs["pair"] = "r" + obs["pair"].astype(str)
    adata = ad.AnnData(np.zeros((24, 1), dtype=np.float32), obs=obs)
    y = np.random.default_rng(0).normal(size=(24, 2))
    adata.obsm["score_singscore"] = pd.DataFrame(y, index=obs.index, columns=IDS)
    levels = {"culture": ["mono", "co"], "pair": "r0"}

    def design(text: str, **more: object) -> ms.Design:
        return ms.Design.from_formula(
            "~ culture * hours + pair", levels=levels, contrasts={"co": text}, unit="pair", **more
        )

    co = (obs["culture"] == "co").to_numpy(dtype=float)
    X = np.column_stack([pd.get_dummies(obs["pair"]).to_numpy(float), co, obs["hours"], co * obs["hours"]])
    beta = np.linalg.lstsq(X, y[:, 0], rcond=None)[0]
    got = by(compare(adata, design("co - mono", at={"hours": 4})), "co", ["estimate"])[0]
    np.testing.assert_allclose(got, beta[4] + 4 * beta[6], rtol=1e-10)
    with pytest.raises(
        ms.DesignError, match=r"'hours' is a number in this formula, .* at=\{'hours': 4\}, wit"
    ):
        compare(adata, design("co:4 - mono:4"))
    adata.obs["RIN"] = np.linspace(7, 9, 24)  # no sample of a donor is another one for its quality
    for formula in ("~ culture + RIN + pair", "~ culture * RIN + pair"):
        asked = ms.Design.from_formula(formula, levels=levels, contrasts={"co": "co - mono"}, unit="pair")
        with pytest.raises(ms.DesignError, match="24 rows share 4 levels of 'pair', some in the same arm"):
            compare(adata, asked)


def test_cells_average_over_factors_that_are_not_named() -> None:
    """Mean of the two simple effects, from the four cell means."""
    adata = study()
    asked = {"co": {"co": 1, "mono": -1}}
    design = ms.Design.from_formula("~ line * culture", levels=LEVELS, contrasts=asked)
    result = compare(adata, design)
    means = adata.obsm["score_singscore"].groupby([adata.obs["line"], adata.obs["culture"]]).mean()
    gains = means.xs("co", level=1) - means.xs("mono", level=1)
    np.testing.assert_allclose(by(result, "co", ["estimate"]).ravel(), gains.mean(), rtol=1e-10)
    assert set(result["n_test"]) == {8}


def test_named_contrasts_are_the_primary_family() -> None:
    design = ms.Design.from_formula("~ line * culture", levels=LEVELS, contrasts=CELLS)
    result = compare(study(), design, primary="emt")
    assert set(result.loc[result["axis"] == "emt", "adjustment"]) == {"Holm"}
    assert set(result.loc[result["axis"] == "emt", "family_size"]) == {3}
    best = compare(study(), design, primary="emt", adjust="maxt")
    assert (best.loc[best["axis"] == "emt", "adjustment"] == "maxT").all()


def test_what_a_nested_unit_confounds_is_named() -> None:
    design = ms.Design.from_formula(
        "~ line * culture + pair", levels=LEVELS | {"pair": "p0"}, contrasts=CELLS, unit="pair"
    )
    table = design.contrasts(study().obs).set_index("contrast")
    assert table["estimable"].to_dict() == {
        "interaction": True,
        "co_in_parental": True,
        "resistance_in_co": False,
    }
    told = "every level of 'pair' stands in one level of 'line', so that '+ pair' takes up the difference"
    assert told in table.loc["resistance_in_co", "reason"]
    with pytest.warns(ms.InputWarning, match="1 of 3 contrasts cannot be estimated"):
        assert compare(study(), design)["p"].isna().sum() == 2


def test_rows_of_other_levels_are_left_out() -> None:
    adata = study(5)
    adata.obs.loc[["s0", "s7"], "culture"] = "transwell"
    rest = adata[adata.obs["culture"] != "transwell"].copy()
    np.testing.assert_allclose(by_cells(adata, NUMBERS), by_cells(rest, NUMBERS), rtol=1e-12)


ONE = {"gain": {("co",): 1, ("mono",): -1}}
SAME = {"culture": ["mono", "co"]}


@pytest.mark.parametrize(
    ("formula", "levels", "contrasts", "words"),
    [
        (
            "~ line * culture",
            SAME,
            ONE,
            r"'line' are categories without a reference \(seen: parental, resist",
        ),
        ("y ~ culture", SAME, ONE, "no right-hand side alone"),
        ("~ (culture", SAME, ONE, "cannot be read"),
        ("~ nothing + culture", SAME, ONE, "no column 'nothing'. Available columns: line, culture"),
        ("~ C(culture)", SAME, ONE, r"C\(culture\) codes its own levels"),
        ("~ culture + log(dose - 9)", SAME, ONE, r"terms log\(dose - 9\) are not finite"),
        ("~ culture", SAME | {"line": "parental"}, ONE, "levels= names 'line', which the formula"),
        ("~ culture", {"culture": ["alone", "co"]}, ONE, "has no 'alone'. Levels seen: co, mono"),
        ("~ culture", {"culture": []}, ONE, "names no level of 'culture'"),
        ("~ culture", SAME, {}, "contrasts= is empty"),
        ("~ culture", SAME, {"x": {("co",): 1}}, "add up to 1; they have to give zero"),
        ("~ culture", SAME, {"x": {("co",): 0}}, "not all zero"),
        ("~ culture", SAME, {"x": {("co",): np.nan}}, "finite weights"),
        ("~ culture", SAME, {"x": {"culture[T.mono]": 1}}, "is no level and no coefficient"),
        ("~ culture", SAME, {"x": {("resistant",): 1, ("co",): -1}}, "is no level and no coefficient"),
        ("~ line * culture", LEVELS, {"x": {("resistant", "co"): 1, ("mono",): -1}}, "name unlike factors"),
        ("~ line * culture", LEVELS, {"x": {("co", "mono"): 1}}, "its factor is named twice"),
    ],
)
def test_what_is_refused(formula: str, levels: dict, contrasts: dict, words: str) -> None:
    with pytest.raises(ms.DesignError, match=words):
        ms.Design.from_formula(formula, levels=levels, contrasts=contrasts).check(study().obs)


def test_a_level_of_two_factors_is_told_apart_by_its_column() -> None:
    obs = study().obs.replace({"line": {"parental": "co"}})
    levels = {"line": ["co", "resistant"], "culture": ["mono", "co"]}
    unclear = {"x": {("co",): 1, ("mono",): -1}}
    with pytest.raises(ms.DesignError, match=r"level of several factors\. Write 'column=co'"):
        ms.Design.from_formula("~ line * culture", levels=levels, contrasts=unclear).check(obs)
    clear = {"x": {("culture=co",): 1, ("mono",): -1}}
    ms.Design.from_formula("~ line * culture", levels=levels, contrasts=clear).check(obs)


def test_missing_values_and_single_replicates_are_refused() -> None:
    obs = study().obs
    design = ms.Design.from_formula("~ line * culture", levels=LEVELS, contrasts=CELLS)
    with pytest.raises(ms.DesignError, match="'line' is empty in 1 of 16 rows: s3"):
        design.check(obs.assign(line=obs["line"].where(obs.index != "s3")))
    table = design.contrasts(obs.iloc[:13]).set_index("contrast")
    assert "one replicate in resistant:co (s12)" in table.loc["interaction", "reason"]
    slope = ms.Design.from_formula("~ dose", levels={}, contrasts={"dose": {"dose": 1}})
    with pytest.raises(ms.DesignError, match="missing or infinite in 1 of 16 rows: s3"):
        slope.check(obs.assign(dose=obs["dose"].where(obs.index != "s3")))
    with pytest.raises(ms.DesignError, match="no degrees of freedom"):
        slope.check(obs.iloc[:2])


def test_repeats_of_a_unit_are_no_replicates() -> None:
    obs = study().obs.assign(who=["A", "A", "B", "B"] * 4)
    with pytest.raises(ms.DesignError, match="16 rows share 2 levels of 'who', some in the same arm"):
        ms.Design.from_formula("~ line * culture", levels=LEVELS, contrasts=CELLS, unit="who").check(obs)
    # A factor that is called donor is the unit, said or not.
    levels = LEVELS | {"donor": "A"}
    design = ms.Design.from_formula("~ line * culture + donor", levels=levels, contrasts=CELLS)
    with pytest.raises(ms.DesignError, match="share 2 levels of 'donor'"):
        design.check(obs.rename(columns={"who": "donor"}))
    # Another RNA quality does not make a repeat a replicate; another dose that is asked about does.
    levels = {"culture": ["mono", "co"]}
    obs = obs.assign(who=[f"{i % 8}" for i in range(16)], culture=["mono"] * 8 + ["co"] * 8)
    repeated = obs.assign(who=[f"{i // 2}" for i in range(16)])
    for asked, words in [(ONE, "some in the same arm"), ({"d": {"dose": 1}}, r"Add '\+ who'")]:
        design = ms.Design.from_formula("~ culture + dose", levels=levels, contrasts=asked, unit="who")
        with pytest.raises(ms.DesignError, match=words):
            design.check(repeated)


def test_a_unit_that_recurs_has_to_be_a_term() -> None:
    design = ms.Design.from_formula("~ line * culture", levels=LEVELS, contrasts=CELLS, unit="pair")
    with pytest.raises(ms.DesignError, match=r"8 levels of 'pair' recur .* Add '\+ pair'"):
        design.check(study().obs)


def test_many_rows_look_like_cells() -> None:
    obs = pd.concat([study().obs] * 8, ignore_index=True)
    with pytest.raises(ms.DesignError, match="cells are not replicates"):
        ms.Design.from_formula("~ culture", levels=SAME, contrasts=ONE).check(obs)


def test_repr_dict_and_html() -> None:
    design = ms.Design.from_formula("~ line * culture", levels=LEVELS, contrasts=CELLS, unit="pair")
    assert repr(design).startswith("Design.from_formula('~ line * culture', levels={'line'")
    assert ms.Design.from_formula(**design.to_dict()) == design
    assert "+1 resistant:co -1 resistant:mono" in design._repr_html_()
    assert "Does the score rise from parental:co to resistant:co?" in design._repr_html_()
    plain = ms.Design.from_formula("~ line * culture", levels=LEVELS, contrasts=CELLS)
    assert "16 of 16 samples" in plain.describe(study().obs)


@pytest.mark.parametrize(
    ("contrast", "expected"),
    [
        ("co - mono", "up"),
        ("mono - co", "down"),
        ("resistant:co - resistant:mono", "up"),
        ("0.5*resistant:co + 0.5*parental:co - 0.5*resistant:mono - 0.5*parental:mono", "up"),
        ("resistant:co - resistant:mono - parental:co + parental:mono", ""),
        ("resistant:co - parental:mono", ""),
        ("culture[T.co]", ""),
    ],
)
def test_expected_where_levels_tell_what_is_asked(contrast: str, expected: str) -> None:
    stated = next(s.id for s in ms.sig.load() if s.expect.get("coculture") == "up")
    adata = study()
    adata.obsm["score_singscore"] = adata.obsm["score_singscore"].rename(columns={IDS[0]: stated})
    for mono, co in (("mono", "co"), ("Monoculture", "Co-culture")):
        own = adata.copy()
        own.obs["culture"] = own.obs["culture"].replace({"mono": mono, "co": co})
        text = contrast
        for old, new in ((r"\bmono\b", mono), (r"\bco\b", co)):
            text = re.sub(old, new, text)
        levels = LEVELS | {"culture": [mono, co]}
        design = ms.Design.from_formula("~ line * culture", levels=levels, contrasts={"asked": text})
        found = compare(own, design, permutations=0).set_index("signature")["expected"]
        assert found.to_dict() == {stated: expected, IDS[1]: ""}


def test_other_levels_say_nothing_of_what_is_expected() -> None:
    stated = next(s.id for s in ms.sig.load() if s.expect.get("coculture") == "up")
    adata = study()
    adata.obsm["score_singscore"] = adata.obsm["score_singscore"].rename(columns={IDS[0]: stated})
    adata.obs["culture"] = adata.obs["culture"].replace({"mono": "Mock", "co": "control"})
    levels = {"culture": ["Mock", "control"]}
    design = ms.Design.from_formula("~ culture", levels=levels, contrasts=["control - Mock"])
    assert set(compare(adata, design, permutations=0)["expected"]) == {""}


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("~ my arm", r"no sign between 'my' and 'arm'.*between backticks"),
        (
            '~ Q("my arm")',
            "is not needed: a column whose name holds blanks or signs stands between backticks",
        ),
        ("~ my*", r"nothing stands beside the sign '\*'.*between backticks"),
        ("~ a-b", "write `a-b`, between backticks"),
    ],
)
def test_names_with_blanks_or_signs_are_told_to_stand_between_backticks(formula: str, words: str) -> None:
    obs = pd.DataFrame({"my arm": list("aabb"), "a-b": list("aabb"), "my*": list("aabb")})
    levels = {"my arm": ["a", "b"]} if "arm" in formula else {"a-b": ["a", "b"]}
    with pytest.raises(ms.DesignError, match=words):
        ms.Design.from_formula(formula, levels=levels, contrasts=["b - a"]).contrasts(obs)


def test_columns_with_spaces_are_quoted() -> None:
    adata = study()
    adata.obs["cell line"] = adata.obs["line"]
    levels = {"cell line": "parental", "culture": "mono"}
    design = ms.Design.from_formula("~ `cell line` * culture", levels=levels, contrasts=CELLS)
    np.testing.assert_allclose(
        by(compare(adata, design), "interaction", NUMBERS), by_cells(adata, NUMBERS), rtol=1e-12
    )


def test_a_rescue_needs_a_design_with_fields() -> None:
    design = ms.Design.from_formula("~ line * culture", levels=LEVELS, contrasts=CELLS)
    with pytest.raises(ms.DesignError, match="no inhibitor"):
        ms.tl.rescue(study(), design)


def test_the_reference_may_be_named_alone() -> None:
    adata = study()
    short = ms.Design.from_formula(
        "~ line * culture", levels={"line": "parental", "culture": "mono"}, contrasts=CELLS
    )
    np.testing.assert_allclose(
        by(compare(adata, short), "interaction", NUMBERS), by_cells(adata, NUMBERS), rtol=1e-12
    )


def test_contrasts_and_levels_as_people_write_them() -> None:
    obs = study().obs.assign(hours=[3, 6] * 8)
    weights = {"gain": {("resistant", "co"): 1, ("resistant", "mono"): -1}}
    levels = {"line": "parental", "culture": ["mono", "co"], "hours": 3}
    formula = "~ line * culture + hours"
    expected = compare(_scored(obs), ms.Design.from_formula(formula, levels=levels, contrasts=weights))
    text = "resistant:co - resistant:mono"
    for levels_too, contrasts in (
        (levels | {"hours": np.int64(3)}, {"gain": text}),
        (levels | {"hours": 3.0, "line": np.array(["parental", "resistant"])}, [text]),
        (levels | {"hours": [3, 6]}, text),
    ):
        design = ms.Design.from_formula(formula, levels=levels_too, contrasts=contrasts)
        seen = compare(_scored(obs), design)
        np.testing.assert_array_equal(seen[NUMBERS], expected[NUMBERS])
        assert set(seen["contrast"]) <= {"gain", text}
    for wrong, words in (
        ({"a": 3}, "Contrast 'a' is a int"),
        (["co -"], "cannot be read"),
        (5, "contrasts=5"),
    ):
        with pytest.raises(ms.DesignError, match=words):
            ms.Design.from_formula(formula, levels=levels, contrasts=wrong)
    with pytest.raises(ms.DesignError, match="levels= of 'line' is a NoneType"):
        ms.Design.from_formula(formula, levels=levels | {"line": None}, contrasts=weights)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "(resistant:co - resistant:mono) - (parental:co - parental:mono)",
            "(resistant:co - resistant:mono) less (parental:co - parental:mono)",
        ),
        (
            "(resistant:co + parental:co) / 2 - (resistant:mono + parental:mono) / 2",
            "(resistant:co + parental:co) / 2 less (resistant:mono + parental:mono) / 2",
        ),
        (
            "resistant:co - 0.5 * parental:co - 0.5 * parental:mono",
            "resistant:co less (parental:co + parental:mono) / 2",
        ),
    ],
)
def test_a_contrast_comes_back_as_it_was_written(asked: str, said: str) -> None:
    levels = {"line": ["parental", "resistant"], "culture": ["mono", "co"]}
    design = ms.Design.from_formula("~ line * culture", levels=levels, contrasts={"x": asked})
    assert said in design.describe(study().obs)


def _scored(obs: pd.DataFrame) -> ad.AnnData:
    adata = study()
    adata.obs = obs
    return adata


def test_a_factor_of_one_level_is_refused_and_a_slope_is_told() -> None:
    obs = study().obs.assign(hours=[3, 6] * 8)
    gain = ["co - mono"]
    one = ms.Design.from_formula("~ culture + hours", levels=SAME | {"hours": ["3"]}, contrasts=gain)
    with pytest.raises(ms.DesignError, match=r"leaves column 'hours' one level, '3'.*Levels seen: 3, 6"):
        one.check(obs)
    slope = ms.Design.from_formula("~ culture + hours", levels=SAME, contrasts=gain)
    assert compare(_scored(obs), slope)["test"].str.endswith("~ culture + hours (hours: a number)").all()


def test_arms_are_the_cells_that_contrasts_name_and_can_be_drawn() -> None:
    adata = study()
    adata.obs.loc["s0", "culture"] = "transwell"
    design = ms.Design.from_formula(
        "~ line * culture + batch", levels=LEVELS | {"batch": "b0"}, contrasts={"gain": "co - mono"}
    )
    arms = design.arms(adata.obs)
    assert arms.isna().sum() == 1
    assert list(arms.dropna().unique()) == ["mono", "co"]
    cells = ms.Design.from_formula("~ line * culture", levels=LEVELS, contrasts=CELLS)
    adata.uns["marrowsig"] = {"scores": {"singscore": {"key": "score_singscore"}}}
    ax = ms.pl.scores(adata, IDS[0], design=cells)
    drawn = [label.get_text().splitlines()[-1] for label in ax.get_xticklabels()]
    assert drawn == ["n = 3", "n = 4", "n = 4", "n = 4"]
    first = adata.obsm["score_singscore"].loc[arms.index[1:4], IDS[0]].to_numpy()
    np.testing.assert_allclose(ax.collections[0].get_offsets()[:, 1], first)


def test_donors_in_both_lines_have_contrasts_of_their_own() -> None:
    """One number per donor, by scipy; an average over the lines says that p takes both for independent."""
    from scipy import stats

    adata = study()
    adata.obs["donor"] = adata.obs["pair"].str[1]
    mean = "(parental:co + resistant:co) / 2 - (parental:mono + resistant:mono) / 2"
    more = "resistant:co - resistant:mono - parental:co + parental:mono"
    asked = {"mean": mean, "also": "co - mono", "more": more}
    levels = LEVELS | {"donor": "0"}
    design = ms.Design.from_formula("~ line * culture + donor", levels=levels, contrasts=asked)
    result = compare(adata, design)
    y = adata.obsm["score_singscore"].to_numpy().reshape(2, 2, 4, 2)
    gain = y[:, 1] - y[:, 0]
    averages = {"mean": gain.mean(0), "also": gain.mean(0)}
    for name, own in (averages | {"more": gain[1] - gain[0]}).items():
        p, theirs = "p" if name in averages else "p_welch", stats.ttest_1samp(own, 0)
        np.testing.assert_allclose(by(result, name, [p])[:, 0], theirs.pvalue, rtol=1e-9)
        np.testing.assert_allclose(by(result, name, ["estimate"])[:, 0], own.mean(0), rtol=1e-9)
        if name in averages:
            low, high = theirs.confidence_interval()
            np.testing.assert_allclose(by(result, name, ["ci_low", "ci_high"]), np.transpose([low, high]))
            assert by(result, name, ["df"]).tolist() == [[3], [3]]
    averaged = result["contrast"].isin(list(averages))
    assert (averaged == result["p_welch"].isna()).all()
    assert (averaged == result["test"].str.endswith(", 4 numbers, one per 'donor'")).all()
    assert (averaged == result["effect_name"].eq("g_z")).all()
    told = list(ms.tl.explain(result))
    assert not any("p takes them for independent" in text for text in told)
    beside = ["by one contrast per 'donor' alone (without equal variances, t(3))" in text for text in told]
    assert beside == [False] * 4 + [True] * 2
    with pytest.raises(ms.InputError, match="mean, also is tested on one number per unit"):
        compare(adata, design, primary=IDS, adjust="maxt")
    tested = ms.tl.genes(genes_of(adata), design).groupby("contrast")["test"].first()
    assert {name for name, words in tested.items() if words.endswith(", 4 numbers, one per 'donor'")} == set(
        averages
    )
    # Where the model leaves one number per donor, p is that test already.
    crossed = ms.Design.from_formula(
        "~ donor * culture + donor * line + line:culture", levels=levels, contrasts={"more": more}
    )
    exact = compare(adata, crossed)
    np.testing.assert_allclose(by(exact, "more", ["p"]), by(result, "more", ["p_welch"]), rtol=1e-9)
    assert exact["p_welch"].isna().all()


def test_a_lost_sample_leaves_its_donor_out_of_one_number_per_donor() -> None:
    """By scipy on the three donors left; where two of four are left, rows of all and the reason."""
    from scipy import stats

    adata = study()
    adata.obs["donor"] = adata.obs["pair"].str[1]
    asked = {
        "also": "co - mono",
        "more": "resistant:co - resistant:mono - parental:co + parental:mono",
        "one": "resistant:co - resistant:mono",
    }
    levels = LEVELS | {"donor": "0"}
    design = ms.Design.from_formula("~ line * culture + donor", levels=levels, contrasts=asked)
    y = adata.obsm["score_singscore"].to_numpy().reshape(2, 2, 4, 2)[:, :, 1:]
    gain = y[:, 1] - y[:, 0]
    lost = adata[1:].copy()
    part = compare(lost, design)
    theirs = stats.ttest_1samp(gain.mean(0), 0)
    limits = np.transpose(theirs.confidence_interval())
    np.testing.assert_allclose(by(part, "also", ["p"])[:, 0], theirs.pvalue, rtol=1e-9)
    np.testing.assert_allclose(by(part, "also", ["estimate"])[:, 0], gain.mean((0, 1)), rtol=1e-9)
    np.testing.assert_allclose(by(part, "also", ["ci_low", "ci_high"]), limits, rtol=1e-9)
    rows = part.query("contrast == 'also'")
    model = "linear model ~ line * culture + donor on 3 of 4 levels of 'donor' (0 lacks a sample)"
    assert set(rows["test"]) == {f"{model}, 3 numbers, one per 'donor'"}
    assert (rows[["n_test", "n_base"]] == 6).all(axis=None)
    own = stats.ttest_1samp(gain[1] - gain[0], 0)
    np.testing.assert_allclose(by(part, "more", ["p_welch"])[:, 0], own.pvalue, rtol=1e-9)
    assert by(part, "more", ["df"]).tolist() == [[8], [8]]
    # A line in which every donor has both arms lacks nothing.
    assert part.groupby("contrast")["p_welch"].count().to_dict() == {"also": 0, "more": 2, "one": 2}
    said = "The check by one contrast per 'donor' is of 3 of 4: 0 lacks a sample"
    left = [[name, "", OF_FORMULA] for name in asked]
    assert sorted(part.attrs["cautions"]) == sorted([["more", "", said], *left])
    assert [said in text for text in ms.tl.explain(part)] == list(part["contrast"] == "more")
    tested = ms.tl.genes(genes_of(lost), design).query("contrast == 'also'")["test"].iloc[0]
    assert tested.endswith("(0 lacks a sample), 3 numbers, one per 'donor'")

    few = compare(adata[~adata.obs_names.isin(["s0", "s5"])].copy(), design)
    assert few.groupby("contrast")["p_welch"].count().to_dict() == {"also": 0, "more": 0, "one": 2}
    told = {place: text for place, _, text in few.attrs["cautions"] if text != OF_FORMULA}
    assert told.keys() == {"also", "more"}
    assert "p takes them for independent" in told["also"]
    assert told["more"] == "There is no check by one contrast per 'donor': 0, 1 lack a sample, which leaves 2"


def test_an_average_keeps_its_level_where_a_library_is_lost() -> None:
    """0.05 within four errors of 0.0034, at 4,000 runs; donors' answers vary by the SD of the noise.

    By the residuals of all rows it is above 0.08, which shows that these answers matter.
    """
    from marrowsig._stats.ols import fit
    from marrowsig.tl._own_contrasts import contrast_fit

    n, runs, rng = 12, 4000, np.random.default_rng(5)
    cells = itertools.product(range(n), ["mono", "co"], ["24", "72"])
    obs = pd.DataFrame(cells, columns=["n", "culture", "time"]).assign(
        donor=lambda d: "d" + d["n"].astype(str)
    )
    obs = obs.set_index("s" + obs.index.astype(str)).drop("s15")
    levels = {"culture": ["mono", "co"], "time": ["24", "72"], "donor": "d0"}
    asked = {"levels": levels, "contrasts": ["co - mono"]}
    (plan,) = ms.Design.from_formula("~ culture * time + donor", **asked).plans(obs)
    co, late = ((obs[name] == level).to_numpy() for name, level in (("culture", "co"), ("time", "72")))
    Y = rng.normal(size=(len(obs), runs)) + co[:, None] * rng.normal(size=(n, runs))[obs["n"]]
    rows = plan.model.frame["row"].to_numpy()
    assert len(rows) == 44
    assert abs((contrast_fit(plan, Y[rows]).p < 0.05).mean() - 0.05) < 4 * 0.0034
    X = np.column_stack([np.eye(n)[obs["n"]], co, late, co & late])
    assert (fit(Y, X, np.r_[np.zeros(n), 1, 0, 0.5]).p < 0.05).mean() > 0.08


def test_a_column_that_is_empty_in_the_mono_rows_is_not_asked_to_be_filled_in() -> None:
    obs = pd.DataFrame({
        "patient": ["a", "b", "c"] * 2, "arm": ["alone"] * 3 + ["MSC"] * 3,
        "stroma": [None] * 3 + ["S1", "S2", "S2"],
    })  # fmt: skip
    levels = {"arm": ["alone", "MSC"], "stroma": "S1"}

    wanted = {"x": "MSC - alone"}
    design = ms.Design.from_formula("~ arm + stroma", levels=levels, unit="patient", contrasts=wanted)
    said = r"'stroma' is empty in all 'alone' rows of 'arm' and in no other.*these 2 levels only \(S1, S2\)"
    with pytest.raises(ms.DesignError, match=said):
        design.contrasts(obs)
    obs.loc[4, "stroma"] = None
    with pytest.raises(ms.DesignError, match=r"'stroma' is empty in 4 of 6 rows.*Fill it in"):
        design.contrasts(obs)
