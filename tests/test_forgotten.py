"""Columns that a design forgets: the inhibitor among pairs, and the pairs themselves."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from itertools import product

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._cli.design import design_of
from marrowsig._cli.run import run
from marrowsig._cli.spoken import spoken
from marrowsig._joined_levels import arms_of, parts_of, require_apart, stroma_alone
from marrowsig._overlooked import possible_pairs
from marrowsig._own_co import own_co
from marrowsig._own_levels import told_own_levels
from marrowsig._report.on_cells_alone import lines_alone, on_cells_alone
from marrowsig._unlike import looks_like, require_alike
from marrowsig._unused_batch import unused_batch
from marrowsig._usable import require_level

LINES, CULTURES, DRUGS = ("parental", "resistant"), ("mono", "co"), ("DMSO", "ruxolitinib")
PAIRED = ms.Design(culture="culture", line="line", pair="Experiment")
UNPAIRED = ms.Design(culture="culture", line="line")


def sheet(n: int = 4, drugs: tuple[str, ...] = DRUGS) -> pd.DataFrame:
    rows = list(product(LINES, CULTURES, drugs, range(1, n + 1)))
    obs = pd.DataFrame(rows, columns=["line", "culture", "Drug", "Experiment"])
    obs.index = [f"s{i}" for i in range(len(obs))]
    return obs


def test_a_forgotten_inhibitor_is_named_in_the_place_of_a_sum() -> None:
    with pytest.raises(ms.DesignError) as caught:
        PAIRED.contrasts(sheet())
    said = str(caught.value)
    assert "Column 'Drug' (DMSO, ruxolitinib) tells them apart: name it with ms.Design(" in said
    assert "(..., inhibitor='Drug', vehicle='DMSO')." in said
    assert "pseudobulk" not in said


def test_repeats_of_each_treatment_are_summed_within_it() -> None:
    with pytest.raises(ms.DesignError) as caught:
        PAIRED.contrasts(pd.concat([sheet(), sheet().add_prefix("again_", axis=0)]))
    said = str(caught.value)
    assert said.index("tells some of them apart: name it with ms.Design(..., inhibitor='Drug'") < said.index(
        "Sum them first"
    )
    assert "by=['line', 'culture', 'Drug'])" in said.replace("'culture', 'line'", "'line', 'culture'")


def sorted_cells() -> pd.DataFrame:
    blasts, stroma = sheet(drugs=("DMSO",)), sheet(drugs=("DMSO",)).add_prefix("msc_", axis=0)
    return pd.concat([blasts.assign(gate="CD45+"), stroma.assign(gate="CD90+")])


def test_counts_of_sorted_cells_are_told_apart_and_never_advised_to_be_summed() -> None:
    obs = sorted_cells()
    with pytest.raises(ms.DesignError) as caught:
        PAIRED.contrasts(obs)
    said = str(caught.value)
    assert "'gate' (CD45+, CD90+) tells them apart: name it with ms.Design(..., compartment='gate')." in said
    assert "Sum them first" not in said
    treated = pd.concat([obs, obs.add_prefix("r_", axis=0).assign(Drug="ruxolitinib")])
    with pytest.raises(ms.DesignError, match=r"'gate' .* some of them apart.*'Drug' .* them apart"):
        PAIRED.contrasts(treated)


def test_counts_of_sorted_cells_are_refused_where_a_unit_would_sum_them() -> None:
    obs = sorted_cells()
    with pytest.raises(ms.DesignError, match=r"'Experiment' and arm differ in 'gate' \(CD45\+, CD90"):
        require_alike(PAIRED, obs, "Experiment")
    require_alike(PAIRED, obs.assign(gate=[f"lane {i % 2}" for i in range(len(obs))]), "Experiment")
    require_alike(ms.Design(culture="culture", line="line", compartment="gate"), obs, "Experiment")


def test_what_else_tells_repeats_apart_is_named_and_a_lane_is_summed() -> None:
    obs = sorted_cells().rename(columns={"gate": "medium"})
    obs["medium"] = obs["medium"].map({"CD45+": "RPMI", "CD90+": "IMDM"})
    with pytest.raises(ms.DesignError, match=r"'medium' \(IMDM, RPMI\) tells them apart.*call it 'run'\.$"):
        PAIRED.contrasts(obs)
    for other, drug in (("IL22", False), ("ruxolitinib", True)):
        given = obs.assign(medium=obs["medium"].map({"RPMI": "none", "IMDM": other}))
        with pytest.raises(ms.DesignError, match=f"'medium' .*{other}.* tells them apart") as caught:
            PAIRED.contrasts(given)
        assert ("inhibitor='medium'" in str(caught.value)) is drug  # no cytokine inhibits
    lines = sheet(drugs=("DMSO",)).rename(columns={"line": "genotype"})
    with pytest.raises(ms.DesignError, match="line='genotype', parental='parental', resistant='resistant'"):
        ms.Design(culture="culture", pair="Experiment").contrasts(lines)
    with pytest.raises(ms.DesignError, match="Sum them first") as caught:
        PAIRED.contrasts(obs.rename(columns={"medium": "run"}))
    assert "RPMI" not in str(caught.value)


@pytest.mark.parametrize(
    ("level", "kind"),
    [("CD45+", "leukaemia"), ("CD90+", "stroma"), ("CD45-", "stroma"), ("BM-MSC", "stroma"),
     ("AML", "leukaemia"), ("MSC of AML", ""), ("KG1a", ""), ("CD45+CD90-", "leukaemia"),
     ("hCD45 pos", "leukaemia")],
)  # fmt: skip
def test_names_of_sorted_cells(level: str, kind: str) -> None:
    assert looks_like(level) == kind


def test_a_column_that_does_not_tell_repeats_apart_is_not_named() -> None:
    obs = pd.concat([sheet(drugs=("DMSO",)), sheet(drugs=("DMSO",)).add_prefix("again_", axis=0)])
    obs.loc[obs["line"] == "resistant", "Drug"] = "imatinib"
    with pytest.raises(ms.DesignError, match="Cells and technical repeats") as caught:
        PAIRED.contrasts(obs)
    assert "Drug" not in str(caught.value)


@pytest.mark.parametrize("nested", [False, True])
def test_a_column_that_may_hold_pairs_is_named(*, nested: bool) -> None:
    obs = sheet(drugs=("DMSO",))
    if nested:
        obs["Experiment"] += 4 * (obs["line"] == "resistant")
    (said,) = possible_pairs(UNPAIRED, obs)
    arms = "every arm of its line" if nested else "every arm"
    assert f"Column 'Experiment' has each of its levels once in {arms}, and nothing is paired" in said
    assert "add pair='Experiment'." in said
    assert possible_pairs(PAIRED, obs) == []


def test_numbers_that_cross_the_batches_are_no_pairs() -> None:
    obs = sheet(drugs=("DMSO",)).assign(plate=list("aabbababbbaababa"))
    assert possible_pairs(UNPAIRED, obs)
    batched = ms.Design(culture="culture", line="line", batch="plate")
    assert possible_pairs(batched, obs) == []
    alike = obs.assign(plate=obs["Experiment"].map({1: "a", 2: "a", 3: "b", 4: "b"}))
    assert possible_pairs(batched, alike)[0].startswith("Column 'Experiment' has each of its levels once")


def test_a_sample_that_is_missing_hides_no_pairs() -> None:
    obs = sheet(drugs=("DMSO",)).iloc[1:]
    obs["Experiment"] += 4 * (obs["line"] == "resistant")
    (said,) = possible_pairs(UNPAIRED, obs)
    assert "once in every arm of its line but for 1 sample that is not there" in said
    assert possible_pairs(UNPAIRED, obs.iloc[[0, *range(4, 15, 2)]]) == []


def wrong_pair(values: object) -> str:
    obs = sheet(drugs=("DMSO",)).assign(Date=values)
    with pytest.raises(ms.DesignError) as caught:
        ms.Design(culture="culture", line="line", pair="Date").contrasts(obs)
    return str(caught.value)


def test_a_column_that_does_not_pair_is_told_of_one_that_would() -> None:
    dates = [f"{d}.03.2026" for d in (1, 2, 3, 1, 1, 2, 2, 3, 1, 1, 3, 2, 3, 3, 1, 2)]
    said = wrong_pair(dates)
    assert "'Date' does not name pairs: rows share it within an arm" in said
    assert "'Experiment' has each of its levels once in every arm: if" in said
    assert said.endswith("give pair='Experiment'.")
    assert "Sum them first" not in said
    assert wrong_pair([f"{1 + i % 2}.03.2026" for i in range(16)]).endswith("give pair='Experiment'.")


def test_pairs_with_repeats_in_every_arm_are_summed_whatever_numbers_the_rows() -> None:
    said = wrong_pair([f"p{i % 2}" for i in range(16)])
    assert "Sum them first" in said
    assert "Experiment" not in said


def test_names_numbers_dates_and_incomplete_columns_are_no_pairs() -> None:
    obs = sheet(drugs=("DMSO",)).rename(columns={"Experiment": "n"})
    obs["RIN"], obs["day"] = obs["n"] + 0.5, [f"2024-01-0{i}" for i in obs["n"]]
    obs["name"], obs["odd"] = obs.index, [*obs["n"][:-1], 3]
    assert possible_pairs(UNPAIRED, obs.drop(columns="n")) == []
    assert possible_pairs(UNPAIRED, sheet(n=2, drugs=("DMSO",))) == []


def in_one_column() -> pd.DataFrame:
    arms = ("alone", "on MSC", "on MSC + ruxolitinib", "with blasts")
    obs = pd.DataFrame(list(product(arms, "1234")), columns=["condition", "donor"])
    return obs.set_axis([f"s{i}" for i in range(len(obs))])


def test_culture_and_drug_in_one_column_are_told_with_the_two_columns_to_make() -> None:
    design = ms.Design(culture="condition", mono="alone", co="on MSC", pair="donor")
    with pytest.warns(ms.InputWarning) as caught:
        design.contrasts(in_one_column())
    said = next(str(w.message) for w in caught if "culture and drug in one" in str(w.message))
    assert "'on MSC + ruxolitinib' -> 'on MSC' and 'ruxolitinib', 'with blasts' -> 'with blasts' and" in said
    assert "mono='alone', co='on MSC', inhibitor='drug', vehicle='none')" in said
    with pytest.raises(ms.DesignError, match="make two columns"):
        ms.Design(culture="condition", inhibitor="condition")


def test_levels_that_are_no_drug_are_not_taken_apart() -> None:
    for levels in (["mono", "mono + MSC"], ["KG1a", "KG1a-VenR"], ["co", "co_24h"], ["co", "co-culture"]):
        assert parts_of(levels) == {}
    assert parts_of(["co", "co_ruxolitinib"])["co_ruxolitinib"] == ("co", "ruxolitinib")
    assert parts_of(["co", "co, Rux"])["co, Rux"] == ("co", "Rux")


def test_a_proposal_keeps_treated_cultures_from_the_others() -> None:
    obs = in_one_column()
    code = ms.ds.suggest_design(ad.AnnData(obs=obs)).code
    assert "'on MSC + ruxolitinib': 'ruxolitinib'" in code
    assert "'alone': 'none'" in code
    assert "inhibitor='inhibitor'" in code


def test_a_proposal_names_sorted_cells() -> None:
    obs = pd.concat(
        [sheet(drugs=("DMSO",)).assign(gate="CD45+"), sheet(drugs=("DMSO",)).assign(gate="CD90+")]
    )
    obs["culture"] = obs["culture"].map({"mono": "alone", "co": "co-culture"})
    code = ms.ds.suggest_design(ad.AnnData(obs=obs.set_axis([f"s{i}" for i in range(len(obs))]))).code
    assert "compartment='gate'" in code


def test_a_sum_over_sorted_cells_is_warned_of() -> None:
    obs = sorted_cells()
    adata = ad.AnnData(np.ones((len(obs), 3)), obs=obs)
    with pytest.warns(ms.InputWarning, match=r"Sums add up several levels of 'gate' \(up to 2\)"):
        ms.pp.pseudobulk(adata, unit="Experiment", by=["line", "culture"], min_cells=1)


def by_partner(co: str = "with MSC", alone: str = "alone") -> pd.DataFrame:
    rows = [
        *product(["AML"], ["alone", co], "123"),
        *product(["MSC"], [alone, "with blasts"], "123"),
    ]
    obs = pd.DataFrame(rows, columns=["cells", "culture", "donor"])
    return obs.set_axis([f"s{i}" for i in range(len(obs))])


PARTNERS = ms.Design(culture="culture", mono="alone", co="with MSC", compartment="cells", pair="donor")


def test_a_coculture_that_each_partner_names_after_the_other_is_told_how_to_write() -> None:
    obs = by_partner()
    with pytest.warns(ms.InputWarning, match=r"'with blasts' of column 'culture' \(3 rows\)") as caught:
        PARTNERS.contrasts(obs)
    (said,) = (str(w.message) for w in caught)
    assert (
        "found in 'MSC' only, which has no 'with MSC': with stroma='MSC', claims and further questions"
        in said
    )
    assert spoken(said, run).endswith("such as 'co-culture', and give --co co-culture.")
    adata = ad.AnnData(obs=obs)
    exec(said.split("In Python: ")[1].rstrip("."), {"adata": adata})
    other = obs.assign(culture=obs["culture"].replace("with blasts", "IL-22"))
    (told,) = told_own_levels(PARTNERS, other)  # it may be no co-culture
    assert "which has no 'with MSC', so co-culture is not asked of 'MSC'. Where it is the same" in told
    one = ms.Design(culture="culture", mono="alone", co="co-culture", compartment="cells", pair="donor")
    assert one.contrasts(adata.obs)["estimable"].tolist() == [True, True]


@pytest.mark.parametrize(
    ("level", "co"),
    [(own, True) for own in ("with KG1", "AML-treated, with blasts", "co-cultured", "mit KG1")]
    + [(own, False) for own in ("treated with IL-22", "co-treated", "on plastic", "with serum", "IL-22+")],
)
def test_what_stroma_was_given_or_lies_on_is_no_coculture(level: str, *, co: bool) -> None:
    obs = by_partner()
    obs["culture"] = obs["culture"].replace("with blasts", level)
    assert own_co(PARTNERS, obs) == ({"MSC": level} if co else {})


def test_a_drug_beside_it_goes_into_a_column_of_its_own() -> None:
    obs = by_partner()
    treated = obs[obs["culture"].str.startswith("with")].assign(culture=lambda t: t["culture"] + " + rux")
    with pytest.warns(ms.InputWarning) as caught:
        PARTNERS.contrasts(pd.concat([obs, treated.add_prefix("r", axis=0)]))
    joined = next(str(w.message) for w in caught if "culture and drug in one" in str(w.message))
    assert "'with blasts + rux' -> 'co-culture' and 'rux'" in joined
    assert "co='co-culture', inhibitor='drug'" in joined


def joined_by_partner() -> pd.DataFrame:
    """Leukaemia and stroma that share no word of culture, with the drug in the same column."""
    rows = [
        *product(["AML"], ["alone", "on MSC", "on MSC + ruxo"], "123"),
        *product(["MSC"], ["medium", "with blasts", "with blasts + ruxo"], "123"),
    ]
    obs = pd.DataFrame(rows, columns=["compartment", "condition", "donor"])
    return obs.set_axis([f"s{i}" for i in range(len(obs))])


@pytest.mark.parametrize("given", [{}, {"compartment": "compartment"}])
@pytest.mark.parametrize("inhibitor", [None, "condition"])
def test_the_recoding_is_one_whatever_else_is_given_and_leads_to_a_design(
    given: dict[str, str], inhibitor: str | None
) -> None:
    obs = joined_by_partner()
    options = {"culture": "condition", "mono": "alone", "co": "on MSC", "pair": "donor", **given}
    if inhibitor:
        with pytest.raises(ms.DesignError) as refused:
            design_of(obs, options | {"inhibitor": inhibitor})
        said = str(refused.value)
    else:
        with pytest.warns(ms.InputWarning) as caught:
            ms.Design(**options).contrasts(obs)
        told = [str(w.message) for w in caught]
        assert not any("asked of 'MSC'" in one for one in told)  # else a second recoding stood beside it
        (said,) = (one for one in told if "culture and drug in one" in one)
    pairs = re.findall(r"'([^']*)' -> '([^']*)' and '([^']*)'", said)
    assert [level for level, *_ in pairs] == sorted(obs["condition"].unique())
    cultures = {level: culture for level, culture, _ in pairs}
    assert cultures["medium"] == cultures["alone"] == "alone"
    assert cultures["with blasts + ruxo"] == cultures["on MSC"] == "co-culture"
    made = obs.assign(
        culture=obs["condition"].map(cultures), drug=obs["condition"].map({a: c for a, _, c in pairs})
    )
    design = eval(said.split("Then give ")[1].rstrip("."), {"ms": ms})
    asked = replace(design, pair="donor").contrasts(made)
    assert asked["estimable"].all()
    assert set(asked["stratum"]) == {"compartment=AML", "compartment=MSC"}


def test_levels_that_are_not_there_come_before_the_recoding() -> None:
    options = {"culture": "condition", "inhibitor": "condition"}
    with pytest.raises(ms.DesignError, match=r"has no 'mono', 'co' in these 18 rows"):
        design_of(joined_by_partner(), options)


def test_a_drug_that_has_its_column_already_leaves_the_culture() -> None:
    obs = joined_by_partner()
    obs["drug"] = obs["condition"].str.contains("ruxo").map({True: "ruxo", False: "none"})
    own = obs[obs["compartment"] == "AML"]
    design = ms.Design(culture="condition", mono="alone", co="on MSC", inhibitor="drug", pair="donor")
    with pytest.warns(ms.InputWarning) as caught:
        design.contrasts(own)
    (said,) = (str(w.message) for w in caught if "beside the culture" in str(w.message))
    assert (
        "Write the culture alone: 'on MSC + ruxo' -> 'on MSC'. Then give mono='alone', co='on MSC'." in said
    )
    other = own.assign(drug=own["drug"].where(own["donor"] != "1", "none"))
    with warnings.catch_warnings(record=True) as caught_other:
        warnings.simplefilter("always")
        design.contrasts(other)
    assert not any("beside the culture" in str(w.message) for w in caught_other)


def test_stroma_that_is_a_reference_is_no_coculture_and_two_own_words_are_told() -> None:
    with pytest.warns(
        ms.InputWarning, match=r"has no 'with MSC' and no 'alone', so nothing is asked"
    ) as caught:
        PARTNERS.contrasts(by_partner(alone="MSC only"))
    assert "('with MSC' -> 'co-culture', 'MSC only' -> 'alone', 'with blasts' -> 'co-culture')" in str(
        caught[0].message
    )
    obs = by_partner(alone="MSC only")
    assert told_own_levels(PARTNERS, obs[obs["culture"] != "with blasts"]) == []
    obs = by_partner()
    assert (
        told_own_levels(PARTNERS, obs.assign(culture=obs["culture"].replace("with blasts", "with MSC"))) == []
    )


def test_a_level_of_a_formula_in_another_case_is_refused() -> None:
    toy = ms.ds.toy()
    treated = toy.obs["culture"].map({"co": "yes", "mono": "no"}).astype(str)
    treated[treated[treated == "yes"].index[0]] = "Yes"
    toy.obs["treated"] = treated
    for levels in (["no", "yes"], "no"):
        design = ms.Design.from_formula(
            "~ treated", levels={"treated": levels}, contrasts={"t": "treated=yes - treated=no"}
        )
        with pytest.raises(ms.DesignError, match=r"'treated' has levels .*: 'yes' \(7 rows\) and 'Yes' \(1"):
            design.contrasts(toy.obs)
    pairs = toy.obs.assign(treated=toy.obs["culture"], pair=toy.obs["pair"].astype(str))
    pairs.loc[pairs.index[0], "pair"] = pairs["pair"].iloc[0].upper() + " "
    own = {"treated": ["mono", "co"], "pair": pairs["pair"].iloc[-1]}
    design = ms.Design.from_formula("~ treated + pair", levels=own, contrasts={"t": "co - mono"}, unit="pair")
    with pytest.raises(ms.DesignError, match="Column 'pair' has levels that differ in capitals"):
        design.contrasts(pairs)


def test_labels_of_pairs_used_again_in_every_cell_line_are_made_unique() -> None:
    from marrowsig._cli.compare import compare
    from marrowsig._cli.run import run
    from marrowsig._cli.spoken import spoken
    from marrowsig._nested_pairs import nested

    rows = [
        (c, f"Exp {e}", line) for c in ("mono", "co") for e in (1, 2) for line in ("KG-1", "HL60", "MOLM-13")
    ]
    obs = pd.DataFrame(rows, columns=["culture", "Exp", "Cell line"], index=[f"s{i}" for i in range(12)])
    with pytest.raises(ms.DesignError, match=r"make the labels unique, such as 'Exp 1 \(HL60\)'") as caught:
        ms.Design(culture="culture", pair="Exp").contrasts(obs)
    assert spoken(str(caught.value), run).endswith("and give --pair 'own pair'.")
    line = str(caught.value).partition("In Python: ")[2].removesuffix(".")
    exec(line.replace("adata.obs", "obs"), {"obs": obs})
    design = ms.Design(culture="culture", pair="own pair")
    assert set(design.contrasts(obs)["n"].str.contains("6")) == {True}
    told = nested(design, obs)
    assert "'own pair' are nested in 'Cell line' (3 levels: HL60, KG-1, MOLM-13): n = 6 speaks" in told
    assert not nested(design, obs.drop(columns="Cell line"))
    assert not nested(ms.Design(culture="culture"), obs)
    with pytest.raises(ms.DesignError, match="Sum them first") as caught:
        ms.Design(culture="culture", pair="Cell line").contrasts(obs)
    assert spoken(str(caught.value), compare).endswith("these options, and --unit 'Cell line'.")


def test_a_reversal_without_the_drug_alone_is_told() -> None:
    from marrowsig._drug_alone import alone_note, without_drug_alone, without_note

    rows = [("mono", "DMSO"), ("co", "DMSO"), ("co", "rux"), ("co", "fedra")]
    both = [(*row, line) for row in rows for line in LINES]
    obs = pd.DataFrame(both, columns=["culture", "drug", "line"], index=list("abcdefgh"))
    design = ms.Design(culture="culture", line="line", inhibitor="drug", vehicle="DMSO")
    assert without_drug_alone(design, obs).startswith("No sample of 'mono' had an inhibitor: ")
    note = alone_note(design, obs, inhibitor="rux", line="resistant")
    assert note == "no sample of 'mono' had rux, which may do the same to such cells"
    assert (without_note(note), without_note(f"{note}; IL6R")) == ("", "IL6R")
    obs.loc["i"] = ["mono", "rux", "parental"]
    assert without_drug_alone(design, obs).startswith("No sample of 'mono' had fedra or rux: ")
    assert not alone_note(design, obs, inhibitor="rux", line="parental")
    assert alone_note(design, obs, inhibitor="rux", line="resistant") == note
    obs.loc["j"] = ["mono", "rux", "resistant"]
    assert without_drug_alone(design, obs).startswith("No sample of 'mono' had fedra: ")
    for line in LINES:
        obs.loc[f"k{line}"] = ["mono", "fedra", line]
    assert not without_drug_alone(design, obs)
    assert not without_drug_alone(replace(design, inhibitor=None), obs)


def test_stat3_is_not_put_on_a_path_from_il6_that_lacks_its_receptor() -> None:
    from marrowsig.tl import _chain_words as words

    row = {"inhibitor": "rux", "line": ""}
    for step in ("stat3", "emt"):
        row |= {f"{step}_verdict": "reversed", f"{step}_reversal_p_holm": 0.001}
    told = [words.verdict(words.OPEN, [row], 0.05, able) for able in ("", "IL6ST not expressed")]
    assert told[0] == f"EMT and STAT3 reversed by rux: {words.COMPATIBLE}"
    assert told[1] == "EMT and STAT3 reversed by rux, but IL6ST not expressed"


def test_a_batch_that_is_left_out_is_named_unless_pairs_hold_it_constant() -> None:
    obs = sheet(drugs=("DMSO",))
    obs["batch"] = obs["Experiment"].map({1: "b1", 2: "b1", 3: "b2", 4: "b2"})
    (said,) = unused_batch(UNPAIRED, obs)
    assert "Column 'batch' (b1, b2) is not in the design" in said
    assert "add batch='batch'" in said
    assert unused_batch(PAIRED, obs) == []
    assert unused_batch(UNPAIRED, obs.assign(batch=obs["culture"])) == []


def one_column() -> pd.DataFrame:
    """Cells of two lines with culture and drug in one column, and stroma sorted from a dish of its own."""
    rows = [
        *product(["MOLM-13", "VenR"], ["alone", "MSC", "MSC+AZD", "MSC+Rux"], "123", ["CD45+"]),
        *product(["MSC"], ["MSC only"], "123", ["CD90+"]),
    ]
    obs = pd.DataFrame(rows, columns=["cells", "condition", "experiment", "sort"])
    return obs.set_axis([f"s{i}" for i in range(len(obs))])


ONE_COLUMN = {
    "culture": "condition", "line": "cells", "parental": "MOLM-13", "resistant": "VenR", "pair": "experiment"
}  # fmt: skip


def recode(said: str, obs: pd.DataFrame) -> pd.DataFrame:
    """Do what the message says with the sheet."""
    pairs = re.findall(r"'([^']*)' -> '([^']*)' and '([^']*)'", said)
    assert {level for level, *_ in pairs} == set(obs["condition"])
    culture, drug = ({row[0]: row[i] for row in pairs} for i in (1, 2))
    return obs.assign(culture=obs["condition"].map(culture), drug=obs["condition"].map(drug))


@pytest.mark.parametrize(("compartment", "stroma"), [(None, "MSC only"), ("sort", "CD90+")])
def test_the_first_error_gives_a_recoding_that_names_stroma(compartment: str | None, stroma: str) -> None:
    obs = one_column()
    given = ONE_COLUMN | ({"compartment": compartment} if compartment else {})
    with pytest.raises(ms.DesignError, match=r"has no 'mono', 'co' in these 27 rows") as refused:
        ms.Design(**given).contrasts(obs)
    said = str(refused.value)
    assert f"Stroma grown alone is named by stroma={stroma!r}." in said
    call = re.search(r"ms\.Design\(.*?\)", said)
    assert call is not None
    made, design = recode(said, obs), replace(eval(call[0], {"ms": ms}), **(given | {"culture": "culture"}))
    require_level(stroma, ad.AnnData(np.ones((27, 2)), obs=made), design)
    asked = design.contrasts(made[made["sort"] == "CD45+"])
    assert asked["estimable"].all()
    assert asked["n"].str.findall(r"\d+$|\d+(?=,)").map(lambda n: set(n) == {"3"}).all()
    assert asked["contrast"].str.startswith("reversal_").sum() == 4  # AZD and Rux in each line


def test_stroma_that_is_not_called_alone_is_refused_with_what_to_write() -> None:
    obs = one_column()
    obs["culture"], obs["drug"] = obs["condition"].str.replace(r"\+.*", "", regex=True), "none"
    obs["drug"] = obs["condition"].str.extract(r"\+(.*)")[0].fillna("none")
    design = ms.Design(**ONE_COLUMN | {"culture": "culture"}, mono="alone", co="MSC", inhibitor="drug")
    adata = ad.AnnData(np.ones((27, 2)), obs=obs)
    require_level("MSC only", adata, design)
    for slip in ("MSConly", "msc-only", "MSC_only", "MSC onyl", "only"):
        with pytest.raises(
            ms.DesignError, match=r"\(none is named\)\. Did you mean 'MSC only' in 'culture'\? G"
        ):
            require_level(slip, adata, design)
    with pytest.raises(ms.DesignError, match=r"\(none is named\)\. Give a count table"):
        require_level("fibroblast", adata, design)
    with pytest.raises(ms.DesignError, match="'culture' is 'MSC only' \\(3\\) there, and not 'alone'") as no:
        require_level("CD90+", adata, replace(design, compartment="sort"))
    assert "Write 'alone' for stroma that was grown alone, or give stroma='MSC only' and leave" in str(
        no.value
    )
    adata.obs["culture"] = adata.obs["culture"].replace("MSC only", "alone")
    require_level("CD90+", adata, replace(design, compartment="sort"))


def test_many_rows_are_not_left_out_for_their_drug_unasked() -> None:
    obs, design = one_column(), ms.Design(**ONE_COLUMN, mono="alone", co="MSC")
    with pytest.raises(ms.DesignError, match="12 of 27 rows would be left out for the drug") as refused:
        require_apart(design, obs)
    assert "keep='condition=MSC,MSC only,alone'" in str(refused.value)
    require_apart(design, obs[~obs["condition"].str.contains(r"\+")])
    require_apart(design, obs[obs["condition"] != "MSC+AZD"])  # 6 of 21 rows: told, and not refused
    require_apart(replace(design, culture="nothing"), obs)  # said elsewhere


def test_levels_of_stroma_alone_are_told_from_those_of_cells() -> None:
    for level, co in (("MSC only", "MSC"), ("MSC alone", "on MSC"), ("HS-5 mono", "co"), ("MSC only", "co")):
        assert stroma_alone(level, co), level
    for level, co in (("alone", "MSC"), ("cells alone", "cells + MSC"), ("MSC", "MSC"), ("AML only", "co")):
        assert not stroma_alone(level, co), level
    assert arms_of(parts_of(["alone", "alone + Rux", "MSC", "MSC + Rux"])) == ("alone", "MSC")
    assert arms_of(parts_of(["a", "b", "MSC", "MSC + Rux"])) is None


def test_an_inhibitor_is_asked_of_cells_alone_where_they_had_it_and_moves_no_other_p() -> None:
    from scipy import stats

    from marrowsig._report.words import claim

    rng = np.random.default_rng(3)
    arms = [("mono", "none"), ("mono", "rux"), ("co", "none"), ("co", "rux"), ("co", "fedra")]
    rows = [(culture, drug, f"d{i}") for culture, drug in arms for i in range(5)]
    obs = pd.DataFrame(rows, columns=["culture", "drug", "donor"], index=[f"s{i}" for i in range(25)])
    scores = pd.DataFrame({f"il6.s{j}": rng.normal(size=25) for j in range(4)}, index=obs.index)
    scores["il6.s0"] -= 4.0 * (obs["drug"].eq("rux") & obs["culture"].eq("mono"))
    adata = ad.AnnData(np.zeros((25, 1)), obs=obs, obsm={"score_singscore": scores})
    design = ms.Design(culture="culture", inhibitor="drug", unit="donor", pair="donor")
    res = ms.tl.compare(adata, design, primary="il6.s0")
    own = res[res["contrast"].eq("drug_alone_rux")].set_index("signature")
    assert {name for name in res["contrast"] if name.startswith("drug_")} == {"drug_alone_rux"}
    at = {
        arm: scores["il6.s0"][(obs["culture"] + obs["drug"]).eq(arm)].to_numpy()
        for arm in ("mononone", "monorux")
    }
    fall = at["mononone"] - at["monorux"]
    row = own.loc["il6.s0"]
    np.testing.assert_allclose(row["estimate"], fall.mean())
    np.testing.assert_allclose(row["p_welch"], stats.ttest_1samp(fall, 0).pvalue)
    assert (row["verdict"], row["adjustment"]) == ("lowered by inhibitor", "BH")
    assert claim(row.to_dict()).startswith("lowered by 3.8 [")
    primary = res[res["adjustment"].eq("Holm")]
    assert set(primary["family_size"]) == {3}, "a rise and two reversals, as without that arm"
    told = on_cells_alone(res, design, ["il6.s0", "il6.s1"])
    over = "Benjamini-Hochberg over 1 main signature and Benjamini-Hochberg over 3 signatures"
    lead = f"rux in 'mono' (contrasts, no claims; adj. p by {over})"
    assert told.startswith(f"{lead} lowers il6.s0 by 3.8, adj. p ")
    assert told.endswith("; 1 of 2 not established.")
    assert row["p_adj"] == row["p"]  # of the three others none decides on it
    p = stats.false_discovery_control(own.loc[["il6.s1", "il6.s2", "il6.s3"], "p"])[0]
    still = on_cells_alone(res, design, ["il6.s1"])
    way = "fall" if own.loc["il6.s1", "estimate"] > 0 else "rise"
    assert f"was not established to change any of 1 scores (least p: a {way} of the IL-6 response by" in still
    assert f", adj. p {p:.2g})." in still
    lines = obs.assign(line="P")
    both = replace(design, line="line", parental="P", resistant="R", unit=None)
    more = pd.concat([lines, lines[lines["culture"].eq("co") | lines["drug"].eq("none")].assign(line="R")])
    more.index = [f"t{i}" for i in range(len(more))]
    asked = both.contrasts(more)["contrast"]
    assert [name for name in asked if name.startswith("drug")] == ["drug_alone_rux_in_parental"]


def test_lines_grown_alone_are_told_in_a_line() -> None:
    design = ms.Design(culture="culture", line="line", parental="wt", resistant="AraC-R")
    rows = pd.DataFrame(
        {
            "contrast": ["resistance_in_mono"] * 4 + ["resistance_in_co"],
            "stratum": "",
            "signature": ["emt.a", "il6.a", "stat3.a", "control.a", "emt.a"],
            "estimate": [0.02, -0.03, 0.01, 0.5, 0.7],
            "ci_low": [0.01, -0.04, -0.01, 0.4, 0.6],
            "ci_high": [0.03, -0.02, 0.03, 0.6, 0.8],
            "p_adj": [0.002, 0.001, 0.3, 0.0001, 0.0001],
            "family": "x, main signatures",
            "family_size": 3.0,
            "adjustment": "BH",
        }
    )
    assert lines_alone(rows, design, ["emt.a", "il6.a", "stat3.a"]) == (
        "AraC-R against wt in 'mono' (contrasts, no claims; adj. p by Benjamini-Hochberg over 3 main "
        "signatures): higher: EMT by 0.020, adj. p 0.002; lower: the IL-6 response by 0.030, adj. "
        "p 0.001; 1 of 3 differences not established."
    )
    assert lines_alone(rows, design, ["other"]) == lines_alone(rows.iloc[4:], design, ["emt.a"]) == ""
