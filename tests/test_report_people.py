"""Patients are counted and named as such where their column is called so, and only there."""

from __future__ import annotations

import pandas as pd

import marrowsig as ms
from marrowsig._report.people import between_people, counted, whose

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


def test_lines_of_the_same_donors_stay_cells() -> None:
    design, obs = sheet("donor_id", crossed=True)
    assert counted(design, obs) == "3 donors"
    assert not between_people(design, obs)
    assert whose(TEXT, design, obs) == TEXT


def test_other_columns_are_called_as_they_are() -> None:
    design, obs = sheet("pair", crossed=False)
    assert counted(design, obs) == ""
    assert whose(TEXT, design, obs) == TEXT
