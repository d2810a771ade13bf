"""What a design accepts, refuses and says."""

from __future__ import annotations

import itertools
import logging
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig import DesignError
from marrowsig._cli.run import run
from marrowsig._cli.spoken import spoken
from marrowsig._contrasts import contrasts, in_own_words, named_in_words
from marrowsig._further import Asked, further
from marrowsig._plan import unanswered
from marrowsig._stimulus import no_coculture, taken_for_coculture
from marrowsig.design import Design
from marrowsig.tl._expected import expected_of


def factorial(n: int = 3, *, nested: bool = True) -> pd.DataFrame:
    rows = [
        {"culture": culture, "line": line, "pair": f"{line[:1] if nested else ''}{i}", "batch": f"b{i}"}
        for line, culture, i in itertools.product(["parental", "resistant"], ["mono", "co"], range(n))
    ]
    return pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])


FULL = {"culture": "culture", "line": "line"}


def test_a_design_needs_culture_or_line() -> None:
    with pytest.raises(ms.DesignError, match="needs culture= or line="):
        Design(pair="pair")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"line": "line", "inhibitor": "drug"}, "read against co-culture"),
        ({"culture": "c", "mono": "co"}, "both 'co'"),
        ({"culture": "c", "line": "c"}, "both culture and line"),
        ({"culture": "c", "batch": ["b", 3]}, "name of a column"),
    ],
)
def test_contradicting_fields_are_refused(fields: dict, words: str) -> None:
    with pytest.raises(ms.DesignError, match=words):
        Design(**fields)


def test_a_missing_column_lists_what_there_is() -> None:
    with pytest.raises(
        ms.DesignError, match=r"'treatment' \(culture\).*Available columns: culture, line, pair, batch"
    ):
        Design(culture="treatment").check(factorial())


def test_a_missing_level_lists_levels_with_counts() -> None:
    with pytest.raises(ms.DesignError, match=r"has no 'alone'.*'mono' \(6\), 'co' \(6\).*Give mono= a level"):
        Design(culture="culture", mono="alone").check(factorial())


@pytest.mark.parametrize("empty", [np.nan, None, "", "  "])
def test_empty_cells_are_named(empty: object) -> None:
    obs = factorial()
    obs.loc["s4", "pair"] = empty
    with pytest.raises(ms.DesignError, match=r"'pair' \(pair\) is empty in 1 of 12 rows: s4"):
        Design(**FULL, pair="pair").check(obs)


def test_empty_treatment_asks_for_the_vehicle_word() -> None:
    obs = rescue()
    obs.loc["s0", "drug"] = None
    with pytest.raises(
        ms.DesignError, match=r"'drug' \(inhibitor\) is empty in 1 of 12 rows: s0.*word 'none'"
    ):
        Design(culture="culture", inhibitor="drug").check(obs)
    blank = obs.assign(drug=obs["drug"].where(obs["drug"] != "none"))
    with pytest.raises(ms.DesignError, match=r"\d cells are empty: write 'none' there"):
        Design(culture="culture", inhibitor="drug").check(blank)


def test_adata_in_place_of_obs_is_pointed_out() -> None:
    with pytest.raises(ms.DesignError, match=r"Pass adata\.obs"):
        Design(**FULL).check("obs.csv")


def test_arms_label_rows_and_leave_the_rest_out(caplog: pytest.LogCaptureFixture) -> None:
    obs = factorial()
    obs.loc["s0", "culture"] = "transwell"
    with caplog.at_level(logging.INFO, logger="marrowsig"):
        arms = Design(**FULL).arms(obs)
    assert np.isnan(arms["s0"])
    assert arms["s11"] == "resistant:co"
    assert arms.notna().sum() == 11
    assert "1 row lies outside the design: 'culture' is 'transwell' (1)" in caplog.text


def test_whole_numbers_and_categories_are_levels() -> None:
    obs = pd.DataFrame({"dose": pd.Categorical([0.0, 1.0] * 3), "day": [1, 1, 1, 1, 1, 1]})
    table = Design(culture="dose", mono="0", co="1", time="day").contrasts(obs)
    assert table.loc[0, "estimable"]
    assert table.loc[0, "stratum"] == "time=1"


def test_contrasts_of_a_factorial() -> None:
    table = Design(**FULL).contrasts(factorial()).set_index("contrast")
    assert list(table.index) == [
        "co_in_parental", "co_in_resistant", "resistance_in_mono", "resistance_in_co", "interaction",
    ]  # fmt: skip
    assert table["estimable"].all()
    assert table.loc["co_in_parental", "question"] == "Does co-culture raise the score in parental cells?"
    assert table.loc["interaction", "weights"] == {
        "resistant:co": 1, "resistant:mono": -1, "parental:co": -1, "parental:mono": 1,
    }  # fmt: skip
    assert table.loc["resistance_in_co", ["test", "base"]].tolist() == ["resistant:co", "parental:co"]


def test_one_factor_designs_have_one_question() -> None:
    obs = factorial()
    assert Design(culture="culture").contrasts(obs)["contrast"].tolist() == ["co_vs_mono"]
    assert Design(line="line").contrasts(obs)["contrast"].tolist() == ["resistant_vs_parental"]


def rescue() -> pd.DataFrame:
    arms = [("mono", "none"), ("co", "none"), ("co", "rux"), ("co", "toci")]
    rows = [{"culture": c, "drug": d, "rep": str(i)} for (c, d), i in itertools.product(arms, range(3))]
    return pd.DataFrame(rows).rename(index=lambda i: f"s{i}")


def test_inhibitor_contrasts() -> None:
    table = Design(culture="culture", inhibitor="drug").contrasts(rescue()).set_index("contrast")
    assert list(table.index) == [
        "co_vs_mono",
        "reversal_rux",
        "residual_rux",
        "reversal_toci",
        "residual_toci",
    ]
    assert table.loc["reversal_rux", "weights"] == {"co": 1, "co+rux": -1}
    assert table.loc["residual_rux", "weights"] == {"co+rux": 1, "mono": -1}
    both = pd.concat([rescue().assign(line="parental"), rescue().assign(line="resistant")], ignore_index=True)
    names = set(Design(**FULL, inhibitor="drug").contrasts(both)["contrast"])
    assert {"reversal_rux_in_parental", "residual_toci_in_resistant"} <= names


def test_inhibitor_without_a_drug_arm() -> None:
    obs = rescue()
    with pytest.raises(ms.DesignError, match="no inhibitor arm"):
        Design(culture="culture", inhibitor="drug").check(obs[obs["drug"] == "none"])


def test_strata_are_separate() -> None:
    obs = pd.concat(
        [factorial().assign(cells=c, hours=h) for c in ("AML", "MSC") for h in (24, 6)], ignore_index=True
    )
    table = Design(culture="culture", line="line", compartment="cells", time="hours").contrasts(obs)
    assert set(table["stratum"]) == {f"compartment={c}; time={h}" for c in ("AML", "MSC") for h in (24, 6)}
    assert len(table) == 4 * 5


def test_a_confounded_batch_is_named_with_its_rows() -> None:
    obs = factorial().assign(batch=lambda d: d["culture"].map({"mono": "monday", "co": "friday"}))
    words = r"from 'batch' \('batch': friday is co only, 6 rows: s3, s4, s5, s9, s10, ... \(1 more\), monday"
    with pytest.raises(ms.DesignError, match=words):
        Design(culture="culture", batch="batch").check(obs)
    table = Design(**FULL, batch="batch").contrasts(obs).set_index("contrast")
    assert not table.loc["co_in_parental", "estimable"]
    assert table.loc["interaction", "estimable"]
    assert "'batch'" in table.loc["co_in_resistant", "reason"]


def test_many_levels_of_a_confounded_batch_are_told_by_their_arms_and_once() -> None:
    obs = factorial(nested=False)
    obs["lot"] = ("L" + obs["pair"]).where(obs["culture"].eq("co"), "home")
    told = unanswered(Design(**FULL, batch="lot").plans(obs))
    assert told == (
        "2 of 5 contrasts cannot be estimated. co_in_parental: parental:co against parental:mono cannot be "
        "told apart from 'lot' ('lot': L0, L1, L2 are parental:co only, 3 rows, home is parental:mono only, "
        "3 rows); no model can part them: with 'lot' left out, the answer is of both together; likewise "
        "co_in_resistant."
    )


def test_one_replicate_and_empty_arms_are_refused() -> None:
    obs = factorial()
    one = obs.drop(index=["s10", "s11"])
    table = Design(**FULL).contrasts(one).set_index("contrast")
    assert "one replicate in resistant:co (s9)" in table.loc["interaction", "reason"]
    assert table.loc["co_in_parental", "estimable"]
    table = Design(**FULL).contrasts(obs.drop(index=["s9", "s10", "s11"])).set_index("contrast")
    assert table.loc["co_in_resistant", "reason"].startswith("no rows in resistant:co (seen:")
    with pytest.raises(ms.DesignError, match="one replicate in co, mono"):
        Design(culture="culture").check(obs.loc[["s0", "s3"]])


def test_pairs_nested_in_a_line_leave_resistance_unpaired() -> None:
    table = Design(**FULL, pair="pair").contrasts(factorial()).set_index("contrast")
    assert table["estimable"].all()
    assert table.loc["co_in_parental", "model"] == "linear model on 4 arms, paired by 'pair' within each line"
    assert table.loc["resistance_in_mono", "model"] == (
        "linear model on the arms parental:mono and resistant:mono, unpaired (no level of 'pair' spans them)"
    )


def test_pairs_that_hold_both_lines_pair_the_lines_on_their_own_arms() -> None:
    said = Design(**FULL, pair="pair").describe(factorial(nested=False))
    assert "12 of 12 samples" in said
    assert "Does co-culture raise the score more in resistant than in parental cells?" in said
    table = Design(**FULL, pair="pair").contrasts(factorial(nested=False)).set_index("contrast")
    assert table.loc["resistance_in_co", "model"] == (
        "linear model on the arms parental:co and resistant:co, paired by 'pair'"
    )


def test_a_label_shared_by_accident_does_not_pair_the_lines() -> None:
    obs = factorial(4).replace({"pair": {"r0": "p3"}})
    table = Design(**FULL, pair="pair").contrasts(obs).set_index("contrast")
    assert not table.loc["resistance_in_mono", "estimable"]
    said = "'pair' has one pair (p3), the other 6 levels stand in one arm; two are needed"
    assert said in table.loc["resistance_in_mono", "reason"]
    assert table.loc["co_in_parental", "estimable"]
    assert table.loc["interaction", "estimable"]


def test_a_pair_without_partner_is_named_and_left_out() -> None:
    obs = factorial().drop(index="s3")
    with pytest.warns(
        ms.InputWarning, match=r"left out of comparisons within lines: p0 \(s0, parental:mono\)"
    ):
        table = Design(**FULL, pair="pair").contrasts(obs)
    assert table.loc[0, "n"] == "parental:co: 2, parental:mono: 2"
    one = obs[obs["line"].eq("parental")]
    with pytest.warns(ms.InputWarning, match="'pair' in another arm, left out of the comparisons: p0"):
        Design(culture="culture", pair="pair").contrasts(one)
    alone = obs.assign(pair=[f"x{i}" for i in range(len(obs))])
    with pytest.raises(ms.DesignError, match="pairs nothing"):
        Design(**FULL, pair="pair").check(alone)
    with pytest.raises(ms.DesignError, match="pairs nothing: give pair='donor'"):
        Design(**FULL, pair="pair").check(alone.assign(donor=factorial()["pair"]))


@pytest.mark.filterwarnings("ignore:.* rows have no partner")
def test_a_cell_type_that_has_one_arm_leaves_the_others_to_be_tested() -> None:
    both = {"line": ["parental", "resistant"] * 4, "donor": list("aabbccdd"), "type": "Mono"}
    one = {"line": "parental", "donor": list("abcd"), "type": "T"}
    apart = {"line": ["parental", "parental", "resistant", "resistant"], "donor": list("abcd"), "type": "B"}
    few = {"line": ["parental", "resistant"], "donor": list("aa"), "type": "GMP"}
    obs = pd.concat(map(pd.DataFrame, (both, one, apart, few)), ignore_index=True)
    table = Design(line="line", pair="donor", compartment="type").contrasts(obs).set_index("stratum")
    assert table.loc["compartment=Mono", ["estimable", "n_pairs"]].tolist() == [True, 4]
    reasons = table["reason"].to_dict()
    assert reasons["compartment=T"] == "no rows in resistant (seen: parental 4)"
    assert reasons["compartment=B"] == "no level of 'donor' has samples in two arms of this stratum"
    assert reasons["compartment=GMP"] == "'donor' has one pair (a); two are needed"


def test_a_donor_of_one_line_only_is_named_and_left_out() -> None:
    obs = pd.DataFrame({"line": ["parental"] * 4 + ["resistant"] * 3, "who": list("abcdabc")})
    with pytest.warns(ms.InputWarning, match=r"left out of resistant_vs_parental: d \(3, parental\)"):
        table = Design(line="line", pair="who").contrasts(obs)
    assert table.loc[0, "n"] == "resistant: 3, parental: 3"
    assert table.loc[0, "model"].endswith("paired by 'who'")


def test_units_that_never_recur_leave_all_arms_in_the_model() -> None:
    obs = factorial(4).drop(columns="pair").assign(who=[f"u{i}" for i in range(16)])
    table = Design(**FULL, unit="who").contrasts(obs)
    assert set(table["model"]) == {"linear model on 4 arms"}


def test_a_unit_that_recurs_becomes_the_block() -> None:
    obs = factorial().rename(columns={"pair": "who"})
    table = Design(**FULL, unit="who").contrasts(obs)
    assert "paired by 'who'" in table.loc[0, "model"]
    mostly_single = obs.assign(who=[f"x{i}" for i in range(12)])
    assert "paired" not in Design(**FULL, unit="who").contrasts(mostly_single).loc[0, "model"]
    mostly_single.loc["s3", "who"] = "x0"
    with pytest.raises(ms.DesignError, match="few levels of 'who'"):
        Design(**FULL, unit="who").check(mostly_single)


def cells(n: int = 60, donors: int = 8) -> pd.DataFrame:
    donor = np.repeat([f"D{i + 1}" for i in range(donors)], n)
    culture = np.tile(np.repeat(["mono", "co"], n // 2), donors)
    return pd.DataFrame({"culture": culture, "Donor_ID": donor}).rename(index=lambda i: f"cell{i}")


@pytest.mark.parametrize("fields", [{"unit": "Donor_ID"}, {"pair": "Donor_ID"}, {}])
def test_cells_of_a_donor_are_not_replicates(fields: dict) -> None:
    with pytest.raises(ms.DesignError) as caught:
        Design(culture="culture", **fields).check(cells())
    said = str(caught.value)
    assert "480 rows share 8 levels of 'Donor_ID'" in said
    assert "D1 (60), D2 (60)" in said
    assert "ms.pp.pseudobulk(adata, unit='Donor_ID', by=['culture'])" in said


def test_many_rows_without_any_unit_look_like_cells() -> None:
    with pytest.raises(ms.DesignError, match="480 rows and neither unit= nor pair="):
        Design(culture="culture").check(cells().drop(columns="Donor_ID"))


@pytest.mark.parametrize("column", ["patient", "Subject", "sample.donor", "individual_id", "PARTICIPANT ID"])
def test_a_donor_column_is_recognised(column: str) -> None:
    obs = factorial().rename(columns={"pair": column})
    obs.loc["s1", column] = obs.loc["s0", column]
    with pytest.raises(ms.DesignError, match="unit="):
        Design(**FULL).check(obs)


def test_no_residual_degrees_of_freedom() -> None:
    obs = pd.DataFrame({"culture": ["mono", "mono", "co", "co"], "day": ["1", "2", "1", "3"]})
    with pytest.raises(ms.DesignError, match="no degrees of freedom"):
        Design(culture="culture", batch="day").check(obs)


def test_repr_dict_and_html_name_the_columns() -> None:
    design = Design(**FULL, co="MSC<1>", batch=["plate", "run"])
    assert repr(design) == "Design(culture='culture', co='MSC<1>', line='line', batch=['plate', 'run'])"
    assert Design(**design.to_dict()) == design
    page = design._repr_html_()
    assert "MSC&lt;1&gt;" in page
    assert "<code>run</code>" in page
    assert "<td>Is the score of parental cells higher in &#x27;MSC&lt;1&gt;&#x27; than" in page
    asked = Design(culture="culture", inhibitor="drug")._repr_html_()
    assert "<th>reversal_INHIBITOR</th><td>Does INHIBITOR lower the score" in asked


def test_contrasts_are_told_in_a_sentence_each() -> None:
    table = Design(**FULL, pair="pair").contrasts(factorial()).set_index("contrast")
    assert table.loc["interaction", "sentence"] == (
        "interaction: Does co-culture raise the score more in resistant than in parental cells? "
        "(resistant:co - resistant:mono) less (parental:co - parental:mono) "
        "(resistant:co: 3, resistant:mono: 3, parental:co: 3, parental:mono: 3, 3 pairs; "
        "linear model on 4 arms, paired by 'pair' within each line; 4 df)."
    )
    assert table.loc["co_in_parental", ["n_pairs", "df", "unit"]].tolist() == [3, 4, "pair"]
    gone = Design(**FULL).contrasts(factorial().iloc[:9]).set_index("contrast").loc["interaction"]
    assert gone["sentence"].endswith(f"parental cells? Cannot be answered: {gone['reason']}.")
    assert gone["df"] == 0


def test_stroma_is_asked_of_as_grown_with_the_lines() -> None:
    """Of a compartment that is called as stroma is, 'KG1a-VenR cells' would name the wrong cells."""
    obs = factorial().assign(drug="none")
    treated = obs[obs["culture"] == "co"].assign(drug="JAKi")
    obs = pd.concat([obs, treated]).assign(
        line=lambda f: f["line"].map({"parental": "A", "resistant": "A-R"})
    )
    both = pd.concat([obs.assign(sorted=level) for level in ("CD45+", "CD90+")], ignore_index=True)
    design = Design(**FULL, parental="A", resistant="A-R", inhibitor="drug", compartment="sorted")
    asked = design.contrasts(both).set_index(["stratum", "contrast"])["question"]
    stroma, cells = asked["compartment=CD90+"], asked["compartment=CD45+"]
    assert stroma.to_dict() == {
        "co_in_parental": "Does co-culture raise the score in stroma with A cells?",
        "co_in_resistant": "Does co-culture raise the score in stroma with A-R cells?",
        "resistance_in_mono": (
            "Does stroma for A-R cells score higher than stroma for A cells when grown alone?"
        ),
        "resistance_in_co": (
            "Does stroma with A-R cells score higher than stroma with A cells in co-culture?"
        ),
        "interaction": "Does co-culture raise the score more in stroma with A-R than in stroma with A cells?",
        "reversal_JAKi_in_parental": "Does JAKi lower the score of stroma with A cells in co-culture?",
        "residual_JAKi_in_parental": (
            "Is the score of stroma with A cells in co-culture with JAKi still above that "
            "of stroma grown alone?"
        ),
        "reversal_JAKi_in_resistant": "Does JAKi lower the score of stroma with A-R cells in co-culture?",
        "residual_JAKi_in_resistant": (
            "Is the score of stroma with A-R cells in co-culture with JAKi still above that "
            "of stroma grown alone?"
        ),
    }
    assert not cells.str.contains("stroma").any()
    assert cells["resistance_in_co"] == "Do A-R cells score higher than A cells in co-culture?"


def test_questions_speak_of_the_levels_that_stand_in_for_a_co_culture() -> None:
    obs = factorial().replace({"mono": "Mock", "co": "IL22"})
    asked = Design(**FULL, mono="Mock", co="IL22").contrasts(obs).set_index("contrast")["question"]
    assert asked["co_in_parental"] == "Is the score of parental cells higher in 'IL22' than in 'Mock'?"
    assert not asked.str.contains("co-culture|grown alone").any()
    named = Design(**FULL).contrasts(factorial())["question"]
    assert named.str.contains("co-culture").sum() >= 3


@pytest.mark.parametrize("co", ["IL22", "TNF-a + IFNg", "rhIL-6 10 ng/ml", "TGFb1", "ruxolitinib", "IL 13"])
def test_nothing_is_expected_of_a_cytokine_or_a_drug(co: str) -> None:
    design = Design(culture="condition", mono="Mock", co=co)
    obs = pd.DataFrame({"condition": ["Mock", co] * 3})
    asked = contrasts(design, ())[0]
    assert asked.kind == "induction"
    assert expected_of(asked, "emt.x", {("emt.x", "coculture"): "up"}) == ""
    said = f"{co!r}, given as co, names a cytokine or a drug"
    assert said in design.describe(obs).splitlines()[-1]
    assert "names a cytokine or a drug" in design._repr_html_()
    with pytest.raises(DesignError, match="names a cytokine or a drug"):
        ms.tl.claims(ms.ds.toy(), design)


@pytest.mark.parametrize(
    ("column", "levels", "expected"),
    [
        ("condition", ("ALL", "AML"), ""),
        ("tissue", ("normal", "tumour"), ""),
        ("disease", ("control", "AML"), ""),
        ("state", ("diagnosis", "relapse"), ""),
        ("condition", ("control", "AML"), "up"),
        ("culture", ("alone", "AML"), "up"),
        ("msc", ("normal", "MSC + AML"), "up"),
    ],
)
def test_nothing_is_expected_of_a_diagnosis_in_the_place_of_co_culture(
    column: str, levels: tuple[str, str], expected: str
) -> None:
    design = Design(culture=column, mono=levels[0], co=levels[1])
    assert expected_of(contrasts(design, ())[0], "emt.x", {("emt.x", "coculture"): "up"}) == expected
    obs = pd.DataFrame({column: levels * 3})
    assert ("name diagnoses or tissues" in design.describe(obs)) == (not expected)


@pytest.mark.parametrize(
    ("mono", "co"),
    [("THP-1", "THP-1 VenR"), ("HL60", "HL60/ADR"), ("MOLM-13 parental", "MOLM13R"), ("K562", "MV4-11"),
     ("parental", "venetoclax-resistant")],
)  # fmt: skip
def test_two_cell_lines_are_no_culture_and_are_sent_to_the_line(mono: str, co: str) -> None:
    obs = pd.DataFrame({"cells": [mono, co] * 3})
    design = Design(culture="cells", mono=mono, co=co)
    asked = contrasts(design, ())[0]
    assert expected_of(asked, "emt.x", {("emt.x", "coculture"): "up"}) == ""
    assert asked.question == f"Is the score higher in '{co}' than in '{mono}'?"
    said = f"name cell lines, .* give line='cells', parental={mono!r}, resistant={co!r} in its place"
    assert re.search(said, design.describe(obs))
    with pytest.raises(DesignError, match=said):
        ms.tl.claims(ms.ds.toy(), design)


@pytest.mark.parametrize("co", ["THP-1 + MSC", "THP-1 on HS-5", "THP-1/HS5", "MSC", "co", "contact"])
def test_a_line_beside_stroma_is_a_co_culture(co: str) -> None:
    design = Design(culture="culture", mono="THP-1", co=co)
    assert no_coculture(design) == ""
    assert expected_of(contrasts(design, ())[0], "emt.x", {("emt.x", "coculture"): "up"}) == "up"


def test_nothing_is_expected_of_a_diagnosis_in_the_place_of_resistance() -> None:
    stated = {("emt.x", "resistant"): "up"}
    for low, high, expected in (("ALL", "AML", ""), ("diagnosis", "relapse", "up"), ("wt", "AraR", "up")):
        asked = contrasts(Design(line="group", parental=low, resistant=high), ())[0]
        assert (asked.kind, expected_of(asked, "emt.x", stated)) == ("resistance", expected)


@pytest.mark.parametrize(
    "co", ["co", "MSC+", "plus", "1", "yes", "MSC + IL6", "IL6 feeder", "treated", "24h"]
)
def test_any_other_word_is_the_co_culture_that_it_was_given_as(co: str) -> None:
    design = Design(culture="condition", mono="Mock", co=co)
    asked = contrasts(design, ())[0]
    assert expected_of(asked, "emt.x", {("emt.x", "coculture"): "up"}) == "up"
    assert "cytokine" not in design._repr_html_()


@pytest.mark.parametrize(
    "co",
    ["hyper-IL-6", "HyperIL6", "Hyper IL-6 20 ng/mL", "CT-1", "CLCF1", "poly(I:C)", "poly I:C", "primed",
     "stim", "stimulated", "stim 24h", "cytokine cocktail", "IL6-treated", "IFNg primed", "interleukin 6"],
)  # fmt: skip
def test_what_cells_were_given_is_no_co_culture(co: str) -> None:
    design = Design(culture="condition", mono="Mock", co=co)
    assert expected_of(contrasts(design, ())[0], "emt.x", {("emt.x", "coculture"): "up"}) == ""
    assert "nothing is expected of it" in no_coculture(design)


@pytest.mark.parametrize(
    ("column", "co"),
    [*(("condition", co) for co in ("MSC", "on HS-5", "CT-1-free", "MSC primed", "MSC + CT-1", "mix")),
     ("condition", "HS-5"), ("stroma", "stimulated"), ("MSC", "primed")],
)  # fmt: skip
def test_a_stimulus_beside_stroma_is_a_co_culture(column: str, co: str) -> None:
    assert no_coculture(Design(culture=column, mono="Mock", co=co)) == ""


@pytest.mark.parametrize(
    ("column", "mono", "co", "told"),
    [("group", "control", "treated", True), ("treatment", "no", "yes", True), ("MSC", "no", "treated", False),
     ("arm", "alone", "treated", False), ("culture", "mono", "co", False), ("arm", "ctrl", "IL6", False),
     ("arm", "no", "yes", False), ("arm", "ctrl", "BMSC", False)],
)  # fmt: skip
def test_a_vague_level_is_said_to_be_taken_for_a_co_culture(
    column: str, mono: str, co: str, told: bool
) -> None:
    found = taken_for_coculture(Design(culture=column, mono=mono, co=co))
    assert [one.split(" If it")[0] for one in found] == (
        [f"{co!r} of {column!r}, given as co, is taken for a co-culture with stroma."] if told else []
    )


def test_claims_that_are_refused_are_not_named_while_a_run_goes_on() -> None:
    res = pd.DataFrame({"signature": ["emt.x"], "estimate": [0.1]})
    design, steps = Design(culture="condition", mono="Mock", co="IL22"), []
    more: Any = [ms.sig.SignatureSet([]), [], "mean", None, 0.5, False, 0]
    done = further(Asked(ms.ds.toy(), None, design, res, *more), ["claims"], steps.append)
    assert "names a cytokine or a drug" in done.missing["claims"]
    assert steps == [""]


def test_a_vague_level_warns() -> None:
    obs = pd.DataFrame({"group": ["control", "treated"] * 3})
    with pytest.warns(ms.InputWarning, match="is taken for a co-culture with stroma") as told:
        Design(culture="group", mono="control", co="treated").check(obs)
    assert "and no claims are made (--skip claims" in spoken(str(told[0].message), run)


EVERY_ROLE = {
    **FULL,
    "inhibitor": "drug",
    "compartment": "cells",
    "time": "h",
    "pair": "pair",
    "batch": "batch",
}


@pytest.mark.parametrize(("role", "other"), [*EVERY_ROLE.items(), ("unit", "pair")])
def test_levels_that_differ_in_capitals_or_blanks_only_are_refused(role: str, other: str) -> None:
    obs = factorial(4).assign(drug=["none", "rux o"] * 8, cells="AML", h="24 h")
    own = EVERY_ROLE if role != "unit" else {**EVERY_ROLE, "pair": None, "unit": "pair"}
    level = str(obs[other].iloc[-1])
    obs.loc[obs.index[-1], other] = f" {level.upper()}  ".replace("H", " h")
    n = int((obs[other] == level).sum())
    seen = rf"'{other}' \({role}\) has levels that differ .*: '{level}' \({n} rows?\) and ' .*' \(1 row\)\."
    with pytest.raises(ms.DesignError, match=seen) as told:
        Design(**own).check(obs)
    assert f"adata.obs[{other!r}].astype(object).replace({{' " in str(told.value)
    assert "keep=" not in str(told.value)  # it takes blanks off what it is given


def test_levels_outside_a_design_may_be_written_in_two_ways_and_numbers_are_no_blanks() -> None:
    obs = factorial(4).assign(pair=["1 1", "11", "1 2", "12"] * 4)
    Design(**FULL, pair="pair").check(obs)
    more = pd.concat([obs, obs.head(2).assign(line=["K562", "k562"], pair=["a", "A"])], ignore_index=True)
    assert Design(**FULL, pair="pair").arms(more).isna().sum() == 2
    more["line"] = more["line"].replace("k562", "Parental")
    with pytest.raises(
        ms.DesignError, match=r"'parental' \(8 rows\) and 'Parental' \(1.* keep='line!=Parental'"
    ):
        Design(**FULL, pair="pair").check(more)


@pytest.mark.parametrize(("role", "column"), [("compartment", "compartment"), ("inhibitor", "Drug")])
def test_an_arm_that_mixes_compartments_or_drugs_is_told(role: str, column: str) -> None:
    obs = factorial(4).assign(**{column: ["a", "b"] * 8})
    with pytest.warns(ms.InputWarning, match=f"{role}='{column}'"):
        Design(**FULL).check(obs)


def test_few_cells_with_the_traces_of_cells_are_not_taken_for_samples() -> None:
    obs = pd.concat([factorial(3)] * 5, ignore_index=True).drop(columns="pair")
    obs["orig.ident"] = [f"lib{i % 6}" for i in range(len(obs))]
    obs["nCount_RNA"] = 100
    with pytest.raises(ms.DesignError, match="cells are not replicates"):
        Design(**FULL).check(obs)


def test_drugs_that_were_made_one_level_are_told_apart_by_the_column_they_came_from() -> None:
    obs = factorial(4).assign(inhibitor="none")
    drugs = obs[obs["culture"] == "co"]
    obs = pd.concat([obs, drugs.assign(inhibitor="A"), drugs.assign(inhibitor="B")], ignore_index=True)
    obs["merged"] = obs["inhibitor"].replace({"A": "jaki", "B": "jaki"})
    with pytest.raises(
        ms.DesignError, match=r"tells them apart: .*in the place of 'merged', which takes them"
    ):
        Design(**FULL, inhibitor="merged", pair="pair").check(obs)


def test_a_donor_that_repeats_within_an_arm_is_told_beside_pairs() -> None:
    obs = factorial(4).assign(donor=["A", "A", "B", "B"] * 4)
    with pytest.warns(ms.InputWarning, match=r"these 2 levels only"):
        Design(**FULL, pair="pair").check(obs)
    with pytest.raises(ms.DesignError, match="share 2 levels of 'donor'"):
        Design(**FULL).check(obs)


def on_stroma_of_donors() -> pd.DataFrame:
    obs = factorial(4)
    donors = pd.Series(["A", "B", "B", "C"] * 4, index=obs.index)
    return obs.assign(msc_donor=donors.where(obs["culture"].eq("co")))


def test_donors_of_stroma_that_mono_cultures_lack_are_no_pair_to_be_given() -> None:
    with pytest.warns(ms.InputWarning, match="share levels of 'msc_donor'") as seen:
        Design(**FULL, pair="pair").check(on_stroma_of_donors())
    (said,) = {str(w.message) for w in seen}
    assert said == (
        "Pairs of 'pair' share levels of 'msc_donor' within an arm: they count as replicates, so the result "
        "speaks of these 3 levels only (A, B, C). To see whether one of them carries it, leave out each "
        "in turn: keep='msc_donor!=A'."
    )


@pytest.mark.parametrize("sign", ["-", "n/a", "\u2013", "none", "NA", " - "])
def test_a_sign_for_no_donor_is_no_donor(sign: str) -> None:
    obs = on_stroma_of_donors().fillna({"msc_donor": sign})
    once = obs.assign(msc_donor=obs["msc_donor"].where(obs["msc_donor"].eq(sign), "D" + obs["pair"]))
    Design(**FULL, pair="pair").check(once)  # each donor is in an arm once; warnings are errors
    Design(**FULL).check(once)
    with pytest.warns(ms.InputWarning, match=r"speaks of these 3 levels only \(A, B, C\)"):
        Design(**FULL, pair="pair").check(obs)
    for field in ("pair", "unit", "batch"):
        said = rf"'msc_donor' \({field}\) is '{sign}' in all 'mono' rows and in no other: .*'msc_donor!=A'"
        with pytest.raises(ms.DesignError, match=said):
            Design(**FULL, **{field: "msc_donor"}).check(obs)
        alone = rf"is '{sign}' in all 'mono' rows and in no other: .* out(;[^.]*)?\.$"  # one of each donor
        with pytest.raises(ms.DesignError, match=alone):
            Design(**FULL, **{field: "msc_donor"}).check(once)


def test_two_rows_of_one_donor_of_stroma_are_named_and_summed_by_a_column_that_all_have() -> None:
    obs = factorial(3, nested=False).rename(columns={"pair": "experiment"}).drop(columns="batch")
    obs["msc_donor"] = ("D" + obs["experiment"]).where(obs["culture"].eq("co"), "-")
    obs["day"] = obs["experiment"].map({"0": "1.2.2026", "1": "8.2.2026", "2": "15.2.2026"})
    obs = pd.concat([obs, obs.loc[["s4"]].rename(index={"s4": "s4 again"})])
    seen = (
        r"7 rows share 3 levels of 'msc_donor', .*: D1 \(s4, s4 again\)\. .*pseudobulk\(adata, unit='{}', by="
    )
    with pytest.raises(ms.DesignError, match=seen.format("experiment")):
        Design(**FULL).check(obs)
    instead = r".* Leave batch='experiment' out then"  # in whose place a date was advised
    with pytest.raises(ms.DesignError, match=seen.format("experiment") + instead):
        Design(**FULL, batch="experiment").check(obs)
    with pytest.raises(ms.DesignError, match=seen.format("your donor column")):
        Design(**FULL).check(obs.drop(columns=["experiment", "day"]))


def test_one_donor_is_counted_in_the_singular() -> None:
    obs = factorial(4).assign(donor="A")
    with pytest.warns(ms.InputWarning, match="speaks of this one level only"):
        Design(**FULL, pair="pair").check(obs)
    with pytest.warns(ms.InputWarning, match=r"are of 1 level of 'donor'.* speaks of this one level only"):
        Design(**FULL, unit="pair").check(obs)


@pytest.mark.parametrize("field", ["pair", "batch", "unit"])
def test_a_column_that_is_empty_in_mono_cultures_alone_is_not_to_be_filled_in(field: str) -> None:
    obs = on_stroma_of_donors()
    with pytest.raises(ms.DesignError) as told:
        Design(**FULL, **{field: "msc_donor"}).check(obs)
    said = str(told.value)
    assert f"'msc_donor' ({field}) is empty in all 'mono' rows and in no other" in said
    assert f"Leave {field}='msc_donor' out" in said
    assert "keep='msc_donor!=A'" in said
    assert "ill it" not in said
    obs.loc[obs["msc_donor"].isna().idxmax(), "msc_donor"] = "A"
    with pytest.raises(ms.DesignError, match=r"is empty in 7 of 16 rows.*Fill it in"):
        Design(**FULL, **{field: "msc_donor"}).check(obs)


@pytest.mark.parametrize("field", ["pair", "unit"])
def test_donors_that_pairs_hold_constant_need_no_batch(field: str) -> None:
    """One donor of stroma per pair: a library read twice does not make the result one of these donors."""
    obs = factorial(4)
    obs["msc_donor"] = ("D" + obs["pair"]).where(obs["culture"].eq("co"), "-")
    again = obs[obs["culture"].eq("co")].iloc[:1]
    said = "nothing needs adjusting, since every level of 'pair' has one level of it"
    for rows in (obs, pd.concat([obs, again], ignore_index=True)):
        with pytest.raises(ms.DesignError, match=rf"Leave batch='msc_donor' out: {said}\.$"):
            Design(**FULL, **{field: "pair"}, batch="msc_donor").check(rows)


def test_samples_without_a_partner_are_not_said_to_be_compared() -> None:
    obs = pd.DataFrame({"culture": ["mono"] * 4 + ["co"] * 4, "donor": list("abcd") + list("abce")})
    with pytest.warns(ms.InputWarning, match="2 rows have no partner"):
        said = Design(culture="culture", pair="donor").describe(obs)
    assert said.startswith(
        "8 of 8 samples are in the design, 2 of them in no contrast that can be estimated."
    )


def named_cells() -> pd.DataFrame:
    obs = cells()
    return obs.assign(cellid=obs.index)


@pytest.mark.parametrize(
    "given",
    [
        named_cells(),
        named_cells().rename(columns={"cellid": "sample"}),
        named_cells().drop(columns="Donor_ID"),
        named_cells().rename(columns={"Donor_ID": "orig.ident", "cellid": "name"}),
        named_cells()
        .rename(columns={"Donor_ID": "flowcell"})
        .assign(sample=lambda t: "AAACCTGAGC-" + t["cellid"]),
        named_cells()
        .rename(columns={"Donor_ID": "chip", "cellid": "name"})
        .assign(leiden="1", pct_counts_mt=3.0),
    ],
    ids=["donor", "donor, as samples", "by its name", "library", "barcodes", "clusters"],
)
@pytest.mark.parametrize("field", ["unit", "pair"])
@pytest.mark.filterwarnings("ignore:Pairs of")
def test_names_of_cells_are_no_units(given: pd.DataFrame, field: str) -> None:
    column = next(c for c in ("sample", "cellid", "name") if c in given)
    with pytest.raises(ms.DesignError, match="not replicates") as caught:
        Design(culture="culture", **{field: column}).check(given)
    known = next((c for c in ("Donor_ID", "orig.ident") if c in given), "your donor column")
    assert f"ms.pp.pseudobulk(adata, unit={known!r}, by=['culture'])" in str(caught.value)


def test_cells_within_donors_as_batches_are_no_replicates() -> None:
    with pytest.raises(ms.DesignError, match=r"look like cells \(columns Donor_ID\)"):
        Design(culture="culture", unit="cellid", batch="Donor_ID").check(named_cells())


@pytest.mark.parametrize("unit", ["patient", "sample", "geo"])
def test_a_cohort_of_hundreds_of_persons_is_taken(unit: str) -> None:
    n = 400
    obs = pd.DataFrame(
        {
            "line": ["parental", "resistant"] * (n // 2),
            unit: [f"TCGA-AB-{i}" for i in range(n)],
            "batch": [f"b{i % 5}" for i in range(n)],
            "total_counts": 1e7,
            "n_genes": 20_000,
        },
        index=[f"GSM{i}" for i in range(n)],
    )
    Design(line="line", unit=unit).check(obs)
    Design(line="line", unit=unit, batch="batch").check(obs)
    with pytest.raises(ms.DesignError, match="every row is a bulk sample of another person"):
        Design(line="line").check(obs.rename(columns={unit: "who"}))


def visits() -> pd.DataFrame:
    rows = [
        (arm, f"P{i}", f"P{i}-{arm}-{day}", day) for i in range(4) for arm in ("mono", "co") for day in (0, 7)
    ]
    obs = pd.DataFrame(rows, columns=["culture", "donor", "sample", "day"])
    return obs.rename(index=lambda i: f"s{i}")


def test_libraries_of_one_donor_that_differ_by_drug_are_not_to_be_summed() -> None:
    rows = [
        {"culture": c, "treatment": t, "patient": f"p{i}", "library": f"{c}{t}{i}"}
        for i in range(4)
        for c, t in (("mono", "DMSO"), ("co", "DMSO"), ("co", "RUX"))
    ]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    with pytest.raises(ms.DesignError) as caught:
        Design(culture="culture", unit="library").check(obs)
    said = str(caught.value)
    assert "ms.Design(..., inhibitor='treatment', vehicle='DMSO'). Then give unit='patient'." in said
    assert "pseudobulk" not in said
    named = {"inhibitor": "treatment", "vehicle": "DMSO", "unit": "patient"}
    Design(culture="culture", **named).check(obs)  # the advice holds


def test_samples_of_one_donor_are_no_units() -> None:
    obs = visits()
    with pytest.raises(ms.DesignError) as caught:
        Design(culture="culture", unit="sample").check(obs)
    said = str(caught.value)
    assert "16 levels of 'sample' are of 4 levels of 'donor', several in one arm: P0 (4), P1 (4)" in said
    assert "ms.pp.pseudobulk(adata, unit='donor', by=['culture'])" in said
    assert "batch='donor'" in said
    cells_of = pd.concat(
        [obs] * 3, ignore_index=True
    )  # the cells of the samples: the donors are told at once
    with pytest.raises(ms.DesignError, match="16 levels of 'sample' are of 4 levels of 'donor'"):
        Design(culture="culture", unit="sample").check(cells_of)
    Design(culture="culture", unit="sample", batch="donor").check(obs)
    Design(culture="culture", unit="sample", time="day").check(obs)
    once = obs[obs["day"] == 0]
    Design(culture="culture", unit="sample").check(once)


def test_individuals_of_one_patient_are_told() -> None:
    obs = visits().rename(columns={"donor": "patient", "sample": "mouse"})
    with pytest.warns(ms.InputWarning, match="speaks of these 4 levels only"):
        Design(culture="culture", unit="mouse").check(obs)


def test_a_named_level_without_rows_is_not_asked_for_again() -> None:
    obs = factorial().replace({"parental": "diagnosis", "resistant": "after"})
    design = Design(line="line", parental="diagnosis", resistant="after")
    with pytest.raises(
        ms.DesignError,
        match=r"no 'after' in these 6 rows.* to compare it with: add the rows of the other, or keep its rows",
    ):
        design.check(obs[obs["line"] == "diagnosis"])
    with pytest.raises(ms.DesignError, match=r"Name the levels with parental= and resistant=\."):
        Design(line="line").check(obs)


@pytest.mark.parametrize(
    ("column", "levels"),
    [
        ("il22", ("no", "yes")),
        ("IL6_treatment", ("0", "1")),
        ("TNFa added", ("-", "+")),
        ("il6", ("0", "10 ng/ml")),
    ],
)  # fmt: skip
def test_a_column_that_names_a_cytokine_is_no_co_culture(column: str, levels: tuple[str, str]) -> None:
    obs = pd.DataFrame({column: levels * 3})
    design = Design(culture=column, mono=levels[0], co=levels[1])
    asked = contrasts(design, ())[0]
    assert asked.kind == "induction"
    assert expected_of(asked, "emt.x", {("emt.x", "coculture"): "up"}) == ""
    assert f"Column {column!r}, given as culture, names a cytokine or a drug" in design.describe(obs)
    assert asked.question == f"Is the score higher in {column} '{levels[1]}' than in {column} '{levels[0]}'?"
    with pytest.raises(DesignError, match="names a cytokine or a drug"):
        ms.tl.claims(ms.ds.toy(), design)


@pytest.mark.parametrize(("column", "co"), [("msc", "yes"), ("stroma", "1"), ("il6", "co"), ("il6", "MSC")])
def test_what_names_cells_stays_the_co_culture(column: str, co: str) -> None:
    asked = contrasts(Design(culture=column, mono="no", co=co), ())[0]
    assert expected_of(asked, "emt.x", {("emt.x", "coculture"): "up"}) == "up"


def test_lines_that_say_only_yes_are_called_by_their_column() -> None:
    fields = {
        "culture": "il22",
        "mono": "no",
        "co": "yes",
        "line": "ifnl",
        "parental": "no",
        "resistant": "yes",
    }
    asked = {c.name: c for c in contrasts(Design(**fields), ())}
    assert "samples with ifnl 'no' higher in il22 'yes' than in il22 'no'" in asked["co_in_parental"].question
    more = "more in samples with ifnl 'yes' than in samples with ifnl 'no'?"
    assert asked["interaction"].question.endswith(more)
    resistance = asked["resistance_in_mono"]
    assert resistance.kind == "resistance"
    assert expected_of(resistance, "emt.x", {("emt.x", "resistant"): "up"}) == ""
    assert in_own_words("co_in_resistant", Design(**fields)) == "co_in_resistant"
    assert (
        named_in_words("co_in_resistant", Design(**fields)) == "il22 yes vs no in ifnl yes (co_in_resistant)"
    )


def test_samples_alone_in_their_pair_are_named_where_too_few_are_left() -> None:
    rows = [("mono", "none", "a"), ("co", "none", "a"), ("mono", "none", "b"), ("co", "rux", "b")]
    rows += [("co", "none", "c"), ("co", "rux", "c")]
    obs = pd.DataFrame(rows, columns=["culture", "drug", "pair"], index=[f"s{i}" for i in range(6)])
    design = Design(culture="culture", pair="pair", inhibitor="drug")
    reasons = design.contrasts(obs).set_index("contrast")["reason"]
    said = "1 level of 'pair' with both sides; two are needed (with one side: s2 in mono, s4 in co)"
    assert reasons["co_vs_mono"] == said


FACTORS = {
    "culture": "il22", "mono": "no", "co": "yes", "line": "ifnl", "parental": "no", "resistant": "yes",
}  # fmt: skip


def of_two_factors() -> pd.DataFrame:
    cells = [(a, b, h) for a in ("no", "yes") for b in ("no", "yes") for h in ("3", "24") for _ in range(3)]
    return pd.DataFrame(cells, columns=["il22", "ifnl", "time_h"])


def test_arms_whose_levels_say_only_yes_are_written_with_their_columns() -> None:
    obs = of_two_factors()
    named = {"ifnl=no:il22=no", "ifnl=no:il22=yes", "ifnl=yes:il22=no", "ifnl=yes:il22=yes"}
    assert set(Design(**FACTORS).arms(obs)) == named
    assert "ifnl=no:il22=yes less ifnl=no:il22=no" in Design(**FACTORS).describe(obs)
    levels = {"il22": ["no", "yes"], "ifnl": ["no", "yes"], "time_h": ["3", "24"]}
    asked = {"e": "il22=yes:24 - il22=no:24", "i": "il22=yes:ifnl=yes:24 - il22=no:ifnl=yes:24"}
    formula = Design.from_formula("~ il22 * ifnl * time_h", levels=levels, contrasts=asked)
    gone = obs[~((obs["il22"] == "yes") & (obs["ifnl"] == "yes") & (obs["time_h"] == "24"))]
    reasons = formula.contrasts(gone)["reason"]
    assert reasons.str.startswith("no rows in il22=yes:ifnl=yes:24").all()
    plain = Design.from_formula("~ il22 + ifnl", levels={k: levels[k] for k in ("il22", "ifnl")}, contrasts={
        "i": "il22=yes:ifnl=yes - il22=no:ifnl=yes - il22=yes:ifnl=no + il22=no:ifnl=no"
    })  # fmt: skip
    with pytest.raises(DesignError, match=r"as in '~ il22 \* ifnl'"):
        plain.check(obs)


def test_the_change_of_an_interaction_over_time_is_offered() -> None:
    obs = of_two_factors()
    told = Design(**FACTORS, time="time_h").describe(obs)
    call = re.search(r"(ms\.Design\.from_formula\(.*?\}\))", told)
    assert call is not None
    offered = eval(call[1], {"ms": ms})
    found = offered.contrasts(obs).set_index("contrast")
    assert list(found.index) == ["change", "change_of_interaction"]
    assert found["estimable"].all()
    y = 2.0 * ((obs["il22"] == "yes") & (obs["ifnl"] == "yes") & (obs["time_h"] == "24")).to_numpy()
    plan = offered.plans(obs)[1]
    weights = plan.model.c(plan.contrast) @ np.linalg.pinv(plan.model.X)
    assert weights @ y == pytest.approx(2.0)
