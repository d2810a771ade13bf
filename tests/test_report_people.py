"""Patients are counted and named as such where their column is called so, and only there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._drug_named import by_drug
from marrowsig._people import between_people, whose
from marrowsig._report.counted import replicates
from marrowsig._report.people import counted
from marrowsig._report.words import claim

if TYPE_CHECKING:
    from anndata import AnnData

TEXT = "co with mono in S and R cells; R with S cells"


def sheet(pair: str, *, crossed: bool) -> tuple[ms.Design, pd.DataFrame]:
    rows = [
        (line, arm, f"P{n}" if crossed else f"{line}{n}")
        for line in ("S", "R") for arm in ("mono", "co") for n in range(3)
    ]  # fmt: skip
    obs = pd.DataFrame(rows, columns=["group", "culture", pair])
    return ms.Design(culture="culture", line="group", parental="S", resistant="R", pair=pair), obs


def test_patients_of_two_groups_are_counted_and_no_cells() -> None:
    design, obs = sheet("Patient", crossed=False)
    assert counted(design, obs) == "6 patients: 3 S, 3 R"
    assert whose(TEXT, design, obs) == "co with mono in S and R patients; R with S patients"
    assert counted(design, obs[obs["Patient"] != "R1"]) == "5 patients: 3 S, 2 R"


def test_groups_that_are_numbers_are_patients_beside_rows_of_no_group() -> None:
    design, obs = sheet("Patient", crossed=False)
    numbers = obs.assign(group=obs["group"].map({"S": 0, "R": 1}))
    numbers.loc[len(obs)] = [np.nan, "mono", "healthy"]
    design = ms.Design(culture="culture", line="group", parental="0", resistant="1", pair="Patient")
    assert whose("co with mono in 1 cells", design, numbers) == "co with mono in 1 patients"


def test_groups_that_begin_with_a_sign_are_patients() -> None:
    design, obs = sheet("Patient", crossed=False)
    obs["group"] = obs["group"].map({"S": "(S)", "R": "+R"})
    signs = replace(design, parental="(S)", resistant="+R")
    assert whose("in +R cells and (S) cells", signs, obs) == "in +R patients and (S) patients"


def test_lines_of_the_same_donors_stay_cells() -> None:
    design, obs = sheet("donor_id", crossed=True)
    assert counted(design, obs) == "3 donors"
    assert not between_people(design, obs)
    assert whose(TEXT, design, obs) == TEXT


def test_other_columns_are_called_as_they_are() -> None:
    design, obs = sheet("pair", crossed=False)
    assert counted(design, obs) == ""
    assert whose(TEXT, design, obs) == TEXT


def study() -> tuple[AnnData, ms.Design]:
    """The demo without inhibitors, whose two lines are groups of four patients each."""
    adata = ms.ds.demo()
    adata = adata[adata.obs["inhibitor"] == "none"].copy()
    adata.obs["Patient"] = adata.obs["line"].astype(str) + adata.obs["pair"].astype(str)
    adata.obs["stage"] = adata.obs["line"].map({"parental": "sensitiv", "resistant": "resistent"}).astype(str)
    return adata, ms.Design(
        culture="culture", line="stage", parental="sensitiv", resistant="resistent", pair="Patient"
    )


def test_claims_of_groups_of_patients_speak_of_patients() -> None:
    adata, design = study()
    claims = ms.tl.claims(adata, design, carry_over=False, methods="mean")
    said = claims.set_index(["claim", "line"])["sentence"]
    assert said["emt_up", "resistent"].startswith("EMT rises in co-culture (resistent patients): ")
    assert said["emt_more_in_resistant", ""].startswith("EMT rises more in resistent patients: ")
    assert not claims["sentence"].str.contains("(?:sensitiv|resistent) cells").any()
    assert "EMT rises more in resistent patients" in set(claims["statement"])
    further = ms.tl.questions(adata, design, claims=claims, carry_over=False, methods="mean")
    assert "JAK/STAT3 activity rises more in resistent patients" in set(further["statement"])
    other = ms.tl.claims(
        adata,
        ms.Design(culture="culture", line="line", pair="pair"),
        carry_over=False,
        methods="mean",
    )
    assert "EMT rises more in resistant cells" in set(other["statement"])  # pairs that are no patients


def test_contrasts_and_rescue_of_groups_of_patients_speak_of_patients() -> None:
    adata = ms.ds.demo()
    adata.obs["Patient"] = adata.obs["line"].astype(str) + adata.obs["pair"].astype(str)
    ms.pp.lognorm(adata)
    own = {"culture": "culture", "line": "line", "inhibitor": "inhibitor"}
    for pair, who in (("Patient", "patients"), ("pair", "cells")):
        design = ms.Design(**own, pair=pair)
        asked = design.contrasts(adata.obs).set_index("contrast")["question"]
        assert asked["co_in_resistant"] == f"Does co-culture raise the score in resistant {who}?"
        more = f"Does co-culture raise the score more in resistant than in parental {who}?"
        assert asked["interaction"] == more
        ms.tl.score(adata, "emt.hallmark", method="mean")
        said = ms.tl.rescue(adata, design)["sentence"]
        assert said.str.contains(f"JAKi_A in resistant {who}: ", regex=False).any()
        linked = ms.tl.chain(adata, design, method="mean").inhibitors["sentence"]
        assert linked.str.contains(f"JAKi_A in resistant {who}: ", regex=False).any()
        res = ms.tl.compare(adata, design).set_index("contrast")
        told = claim(res.loc["interaction"].to_dict() | {"contrast": "interaction"})
        assert told.startswith(
            f"response higher in resistant than in parental{' cells' * (who == 'cells')}, by"
        )
    stroma = adata.obs.assign(type="MSC")
    both = pd.concat([adata.obs.assign(type="AML"), stroma.set_axis(stroma.index + "_MSC")])
    both["Patient"] = both["type"] + both["Patient"]
    design = ms.Design(**own, pair="Patient", compartment="type")
    asked = design.contrasts(both).set_index(["stratum", "contrast"])["question"]
    assert asked["compartment=MSC", "interaction"].endswith("than in stroma with parental cells?")


@pytest.mark.parametrize("noun", ["cells", "patients", "mice", "PDX"])
def test_a_terminal_names_the_line_alone(noun: str) -> None:
    text = f"The inhibitor reverses EMT (R {noun}, JAKi)"
    assert by_drug(text, "JAKi") == "JAKi reverses EMT (R)"
    assert by_drug(f"EMT rises in co-culture (R {noun})", "") == "EMT rises in co-culture (R)"
    assert by_drug(f"EMT rises more in R {noun}", "") == f"EMT rises more in R {noun}"


def test_pairs_of_each_group_are_counted_once() -> None:
    adata, design = study()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "emt.hallmark", method="mean")
    said = ms.methods_text(adata, ms.tl.compare(adata, design), design=design).text
    assert "replicates were 8 patients: 4 sensitiv, 4 resistent (4 in each arm, paired)." in said
    rows = ms.tl.compare(adata, design)
    rows.loc[rows["contrast"] == "co_in_resistant", "n_pairs"] = 3  # one without its other half
    few = replicates(rows, design, adata.obs)
    assert few.endswith("(4 in each arm, 4 sensitiv and 3 resistent pairs)")
