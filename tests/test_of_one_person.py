"""A sheet in which one patient has two sexes, or two ages at once, is told of where the column is used."""

from __future__ import annotations

import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._of_one_person import contradictions
from marrowsig._unused_batch import doubtful

ROLES = {"culture": "culture", "line": "stage", "parental": "Dx", "resistant": "Rel", "pair": "patient"}


def sheet() -> pd.DataFrame:
    rows = [
        {"patient": f"P{i}", "stage": stage, "culture": culture, "sex": "FM"[i % 2], "age": 40 + i}
        for i in range(1, 5)
        for stage in ("Dx", "Rel")
        for culture in ("mono", "co")
    ]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    obs["age"] += 2 * obs["stage"].eq("Rel")  # two years later
    return obs


@pytest.mark.parametrize(
    "used", [{"batch": "sex"}, {"covariates": "age"}, {"batch": "sex", "covariates": "age"}]
)
def test_a_sheet_that_holds_together_is_silent(used: dict[str, str]) -> None:
    assert contradictions(ms.Design(**ROLES, **used), sheet()) == []


def test_two_sexes_and_two_ages_of_one_stage_are_told_if_used() -> None:
    obs = sheet()
    obs.loc["s1", ["sex", "age"]] = ["F", 79]
    obs.loc["s5", "sex"] = "M"
    use = {"batch": "sex", "covariates": "age"}
    ends = ": check the sheet, since the design uses this column."
    assert doubtful(ms.Design(**ROLES, **use), obs) == [
        f"Patient P1 has 2 values of 'sex' (M, F), and 1 more has several{ends}",
        f"Patient P1 has 2 values of 'age' (41, 79){ends}",
    ]
    named = obs.rename(columns={"patient": "Patient_ID"})
    (said, _) = contradictions(ms.Design(**{**ROLES, "pair": "Patient_ID"}, **use), named)
    assert said.startswith("Patient_ID P1 has 2")
    assert contradictions(ms.Design(**ROLES), obs) == []
    other = obs.rename(columns={"patient": "experiment"})  # of one experiment, donors may be several
    assert contradictions(ms.Design(**{**ROLES, "pair": "experiment"}, **use), other) == []
    evolved = sheet().assign(karyotype=obs["stage"].map({"Dx": "normal", "Rel": "complex"}))
    assert contradictions(ms.Design(**ROLES, batch="karyotype"), evolved) == []
    evolved.loc["s0", "karyotype"] = "complex"
    assert len(contradictions(ms.Design(**ROLES, batch="karyotype"), evolved)) == 1
    assert (
        contradictions(ms.Design(**ROLES, covariates="culture_age"), obs.assign(culture_age=obs["age"])) == []
    )
    assert contradictions(ms.Design(**ROLES, covariates="passage"), obs.assign(passage=range(len(obs)))) == []
