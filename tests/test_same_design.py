"""Contrasts and claims of one design that are given with another are refused by whatever tells them."""

from __future__ import annotations

import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._same_design import require_same_design

DESIGN = ms.Design(culture="culture", line="line", pair="pair", inhibitor="inhibitor")
TURNED = ms.Design(**DESIGN.to_dict() | {"mono": "co", "co": "mono"})
LINES = ms.Design(**DESIGN.to_dict() | {"parental": "resistant", "resistant": "parental"})
TEXT = "~ line * culture"
CONTRASTS = {"more": "resistant:co - resistant:mono", "less": "parental:co - parental:mono"}


@pytest.fixture(scope="module")
def adata():
    found = ms.ds.demo()
    ms.pp.lognorm(found)
    ms.tl.score(found, "il6.hallmark")
    return found


@pytest.fixture(scope="module")
def res(adata) -> pd.DataFrame:
    return ms.tl.compare(adata, DESIGN)


def claimed(line: str) -> pd.DataFrame:
    return pd.DataFrame({"contrast": ["co_in_parental", "interaction"], "line": [line, ""]})


DOORS = {
    "report": lambda a, res, design: ms.report("never.html", a, res, design=design),
    "methods_text": lambda a, res, design: ms.methods_text(a, res, design=design),
    "overview": lambda a, res, design: ms.pl.overview(a, res=res, design=design),
    "forest": lambda a, res, design: ms.pl.forest(res, design=design),
    "interaction": lambda a, res, design: ms.pl.interaction(a, "il6.hallmark", res=res, design=design),
}


@pytest.mark.filterwarnings("ignore::marrowsig.InputWarning")
@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_contrasts_between_other_arms_are_refused(adata, res, door) -> None:
    wrong = (
        r"'co_in_parental' compares 'parental:co' with 'parental:mono', .* 'resistant:co' with 'resistant:"
    )
    with pytest.raises(ms.InputError, match=wrong) as told:
        door(adata, res, LINES)
    assert "compare again: res = ms.tl.compare(adata, design)" in str(told.value)


@pytest.mark.parametrize("other", [TURNED, LINES, ms.Design(**DESIGN.to_dict() | {"co": "on HS-5"})])
def test_levels_turned_and_other_levels_are_refused(res, other) -> None:
    with pytest.raises(ms.InputError, match="res is of another design"):
        require_same_design(res, other)


@pytest.mark.parametrize("change", [{}, {"pair": None}, {"inhibitor": None}, {"time": "day"}])
def test_the_same_levels_pass_whatever_else_the_model_has(res, change) -> None:
    assert {"reversal_JAKi_A_in_parental", "interaction"} <= set(res["contrast"])
    require_same_design(res, ms.Design(**{**DESIGN.to_dict(), **change}))


def test_the_drug_on_cells_alone_is_compared_too() -> None:
    row = {"contrast": ["drug_alone_JAKi"], "test_arm": ["mono"], "base_arm": ["mono+JAKi"]}
    own = {"culture": "culture", "inhibitor": "inhibitor"}
    require_same_design(pd.DataFrame(row), ms.Design(**own))
    with pytest.raises(ms.InputError, match="'drug_alone_JAKi'"):
        require_same_design(pd.DataFrame(row), ms.Design(**own, mono="alone"))


def test_contrasts_of_a_formula_are_told_by_name(adata) -> None:
    turned = dict(zip(CONTRASTS, reversed(CONTRASTS.values()), strict=True))
    levels = {"line": ["parental", "resistant"], "culture": ["mono", "co"]}
    own, other = (ms.Design.from_formula(TEXT, levels=levels, contrasts=c) for c in (CONTRASTS, turned))
    obs = adata.obs[adata.obs["inhibitor"] == "none"]
    asked = own.contrasts(obs)
    rows = asked.rename(columns={"test": "test_arm", "base": "base_arm"})
    require_same_design(rows, own, asked=asked)
    require_same_design(rows, other)  # not read, without the rows
    with pytest.raises(ms.InputError, match="its 'more' compares 'resistant:co' with 'resistant:mono'"):
        require_same_design(rows, other, asked=other.contrasts(obs))


@pytest.mark.parametrize("arms", [[0, 24], [0.0, None], [None, None], [True, False]])
def test_arms_that_a_file_made_no_text_of_pass(arms) -> None:
    rows = pd.DataFrame({"contrast": "co_vs_mono", "test_arm": arms[1:], "base_arm": arms[:1]})
    require_same_design(rows, ms.Design(culture="hours", mono="00", co="24"))


def test_claims_on_other_lines_are_refused(res) -> None:
    require_same_design(res, DESIGN, claims=claimed("parental"))
    require_same_design(res, DESIGN, claims=claimed(""))
    with pytest.raises(ms.InputError, match="is on the line 'resistant', that of design= on 'parental'"):
        require_same_design(res, DESIGN, claims=claimed("resistant"))
