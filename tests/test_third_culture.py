"""Three levels of a culture: the refusal of two at once, and the rows that stay out, say where to read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from anndata import AnnData

import marrowsig as ms
from marrowsig._arms import read
from marrowsig._foretold import foretell
from marrowsig._joined_levels import joined, may_hold_drug
from marrowsig._plan import warn_outside
from marrowsig._third_culture import HOWTO

OBS = pd.DataFrame({"arm": ["mono", "contact", "transwell"] * 3}, index=[f"s{i}" for i in range(9)])


def test_several_levels_at_once_are_refused_with_a_run_for_each() -> None:
    design = ms.Design(culture="arm", mono="mono", co="contact,transwell")
    with pytest.raises(ms.DesignError) as told:
        design.check(OBS)
    assert "Give one level at a time ('contact', then 'transwell')" in str(told.value)
    assert HOWTO in str(told.value)
    assert "Did you mean" not in str(told.value)
    with pytest.raises(ms.DesignError, match="Did you mean 'transwell'"):
        ms.Design(culture="arm", mono="mono", co="tranwell").check(OBS)


@pytest.mark.parametrize(("third", "said"), [("transwell", True), ("spheroid", False)])
def test_rows_of_a_third_culture_point_to_the_page(third: str, said: bool) -> None:
    obs = OBS.replace("transwell", third)
    with pytest.warns(ms.InputWarning, match="lie outside the design") as told:
        warn_outside(read(ms.Design(culture="arm", mono="mono", co="contact"), obs))
    assert (HOWTO in " ".join(str(one.message) for one in told)) is said


@pytest.mark.parametrize(
    ("third", "rest"),
    [("contact_cpd7", "cpd7"), ("contact + X", ""), ("contact_2", ""), ("contact_48h", ""), ("spheroid", "")],
)
def test_a_level_that_may_hold_a_drug_says_which_columns_to_make(third: str, rest: str) -> None:
    design = ms.Design(culture="arm", mono="mono", co="contact")
    obs = OBS.replace("transwell", third)
    said = may_hold_drug(design, obs)
    told = f" If {third!r} is 'contact' with a drug, make two columns of it, such as {third!r} -> "
    told += f"'contact' and {rest!r}, "
    assert said.startswith(told) if rest else said == ""
    assert may_hold_drug(ms.Design(culture="arm", mono="mono", co="contact", inhibitor="drug"), obs) == ""
    if rest:
        with pytest.warns(ms.InputWarning, match=r"co='contact', inhibitor='drug', vehicle='none'\)"):
            foretell(AnnData(obs=obs), design, None)


@pytest.mark.parametrize("join", ["_", " + "])
def test_a_second_cytokine_is_no_drug(join: str) -> None:
    obs = pd.DataFrame({"arm": ["Mock", "IL22", "IFNL", f"IL22{join}IFNL"]})
    design = ms.Design(culture="arm", mono="Mock", co="IL22")
    assert may_hold_drug(design, obs) == ""
    assert joined(design, obs) == []


def test_the_page_has_the_section() -> None:
    page, _, heading = HOWTO.partition(", ")
    text = (Path(__file__).parents[1] / page).read_text(encoding="utf-8")
    assert f"## {heading.strip(chr(39))}\n" in text
