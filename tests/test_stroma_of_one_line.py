"""Stroma that was sequenced alone and out of the co-culture with one line only, in the words of a report."""

from __future__ import annotations

import warnings
from dataclasses import replace
from types import SimpleNamespace

import anndata as ad
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._report.analysed import analysed
from marrowsig._report.gathered import gathered
from marrowsig._report.legend_arms import of_arms
from marrowsig._report.look import Look
from marrowsig._stroma_unanswered import in_one_sentence

DESIGN = ms.Design(culture="culture", line="line", pair="pair", compartment="cells")
ASKED = {"claim": "stroma_emt_up", "compartment": "stroma", "verdict": "supported", "p": 0.01}
ONE = pd.DataFrame([{**ASKED, "line": "resistant"}])


@pytest.fixture(scope="module")
def study() -> tuple[ad.AnnData, pd.DataFrame]:
    """Both lines of AML in four pairs; MSC alone, of no line, and in co-culture with the resistant line."""
    cells, msc = ms.ds.toy(), ms.ds.toy()
    cells.obs["cells"], msc.obs["cells"] = "AML", "MSC"
    msc = msc[(msc.obs["culture"] == "co") == (msc.obs["line"] == "resistant")].copy()
    msc.obs["line"] = msc.obs["line"].astype(str).where(msc.obs["culture"].eq("co"), "none")
    adata = ad.concat([cells, msc], index_unique="_")
    ms.pp.lognorm(adata)
    ms.tl.score(adata, ["emt.hallmark"], min_coverage=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)  # stroma alone is of no line
        return adata, ms.tl.compare(adata, DESIGN, permutations=0)


def told(study: tuple[ad.AnnData, pd.DataFrame], **extras: object) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)
        n, text = analysed(replace(gathered(*study, DESIGN), extras=extras))
    assert n == 16
    return text


def test_samples_of_its_co_culture_are_those_of_the_questions(study) -> None:
    text = told(study, questions=ONE)
    assert (
        "4 further samples of MSC grown alone belong to no line: these are what stroma in co-culture" in text
    )
    assert (
        "with resistant was compared with (further questions). 4 further samples of MSC in co-culture" in text
    )
    assert text.endswith(" were compared with these, for what is asked of stroma itself.")
    of = "4 samples of 'MSC' grown alone; where higher, their level in 4 co-cultures counts for the filter"
    guard = {"reference": of}
    text = told(study, stroma=SimpleNamespace(params=guard))
    assert text.endswith("4 further samples of MSC in co-culture count for the filter of carry-over only.")
    assert "4 in none of these contrasts were left out of the contrasts." in told(study)


def test_the_legend_and_the_warning_name_one_line(study) -> None:
    extras = {"look": Look(labels={"resistant": "VenR"})}
    given = SimpleNamespace(adata=study[0], design=DESIGN, method="singscore", extras=extras, named=[])
    assert "; MSC alone is the control for its co-culture with VenR;" in of_arms(
        given, ["emt.hallmark"], [], ""
    )
    said = in_one_sentence([], DESIGN, study[0].obs, "MSC", ONE)[-1]
    assert said.endswith("The further questions ask what can be asked, with stroma that was grown alone.")
    both = pd.DataFrame([{**ASKED, "line": line} for line in ("parental", "resistant")])
    assert in_one_sentence([], DESIGN, study[0].obs, "MSC", both)[-1].endswith(
        "same stroma alone for each line."
    )
