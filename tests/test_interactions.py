"""What a design leaves unasked is named, with a call that asks it."""

from __future__ import annotations

import itertools
import re

import pandas as pd
import pytest

import marrowsig as ms

LEVELS = {"condition": ["Mock", "IL22"], "time_h": "3", "donor": "1"}
CHANGE = "IL22:24 - Mock:24 - IL22:time_h=3 + Mock:time_h=3"
FIELDS = {"culture": "condition", "mono": "Mock", "co": "IL22"}


def samples() -> pd.DataFrame:
    """Donors are called 1 to 3, and one time is 3 as well."""
    rows = itertools.product(["Mock", "IL22"], [3, 6, 24], ["1", "2", "3"])
    obs = pd.DataFrame(rows, columns=["condition", "time_h", "donor"])
    return obs.set_axis([f"s{i}" for i in range(len(obs))])


def formula(text: str, *contrasts: str) -> ms.Design:
    return ms.Design.from_formula(text, levels=LEVELS, contrasts=list(contrasts), unit="donor")


@pytest.mark.parametrize(
    ("change", "cytokine"),
    [({}, "IL22"), ({"donor": "Donor no"}, "IL-22"), ({"condition": "Is it"}, "IL 22")],
)
def test_the_call_that_a_design_writes_asks_for_the_interaction(change: dict, cytokine: str) -> None:
    obs = samples().replace("IL22", cytokine).rename(columns=change)
    fields = FIELDS | {"co": cytokine, "culture": change.get("condition", "condition")}
    design = ms.Design(**fields, time="time_h", pair=change.get("donor", "donor"))
    said = design.describe(obs).splitlines()[-1]
    assert said.startswith("Each level of 'time_h' is answered by itself.")
    call = re.search(r"ms\.Design\.from_formula\(.*\)", said)
    asked = eval(call[0], {"ms": ms})
    table = asked.contrasts(obs)
    assert table["estimable"].tolist() == [True]
    assert set(table["weights"][0].values()) == {1.0, -1.0}
    assert asked.describe(obs).splitlines()[-1].startswith("- change")
    assert "FIRST" in design._repr_html_()


def test_a_batch_of_times_is_named_and_others_are_not() -> None:
    obs = samples().drop(columns="donor")
    said = ms.Design(**FIELDS, batch="time_h").describe(obs)
    assert "Each level of 'time_h' is taken to show the same effect." in said
    plain = ms.Design(**FIELDS, batch="plate").describe(obs.rename(columns={"time_h": "plate"}))
    assert "interaction" not in plain
    assert "interaction" not in ms.Design(culture="condition")._repr_html_()


def test_a_formula_names_what_no_contrast_asks() -> None:
    obs = samples()
    without = formula("~ condition + time_h + donor", "IL22 - Mock").describe(obs).splitlines()[-1]
    assert without == (
        "No contrast asks whether IL22 - Mock differs between the levels of 'time_h', which is an "
        f"interaction: write condition * time_h in the formula, and add the contrast {CHANGE!r}."
    )
    joint = formula("~ condition * time_h + donor", "IL22 - Mock").describe(obs)
    assert f"an interaction: add the contrast {CHANGE!r}." in joint
    asked = formula("~ condition * time_h + donor", "IL22 - Mock", CHANGE)
    assert asked.contrasts(obs)["estimable"].all()
    assert "No contrast" not in asked.describe(obs)


def test_the_page_of_a_formula_names_it_where_levels_are_listed() -> None:
    levels = {"line": ["parental", "resistant"], "culture": ["mono", "co"]}
    how = {"levels": levels, "contrasts": ["co - mono", "resistant - parental"]}
    page = ms.Design.from_formula("~ line + culture", **how)._repr_html_()
    assert "write culture * line in the formula" in page
    assert "resistant:co" not in page.partition("<p>")[0]
    gain = {"gain": "resistant:co - resistant:mono - parental:co + parental:mono"}
    both = ms.Design.from_formula("~ line * culture", levels=levels, contrasts=gain)
    assert "No contrast" not in both._repr_html_()
    broken = ms.Design.from_formula("~ line +* culture", **how)
    assert "<table>" in broken._repr_html_()


def test_the_report_names_it_below_the_contrasts() -> None:
    from types import SimpleNamespace

    from marrowsig._report import study

    for design in (
        ms.Design(**FIELDS, time="time_h", pair="donor"),
        formula("~ condition + donor + time_h", "IL22 - Mock"),
    ):
        adata = SimpleNamespace(obs=samples(), n_obs=18)
        contrasts = design.contrasts(samples())
        given = SimpleNamespace(design=design, adata=adata, contrasts=contrasts, extras={}, main={})
        assert "is an interaction" in study.asked(given).parts[-1].text
    plain = ms.Design(**FIELDS, pair="donor")
    once = samples().query("time_h == 3")
    given = SimpleNamespace(
        design=plain,
        adata=SimpleNamespace(obs=once, n_obs=6),
        contrasts=plain.contrasts(once),
        extras={},
        main={},
    )
    assert len(study.asked(given).parts) == 2


def test_nothing_is_said_where_cells_are_empty_or_a_factor_is_a_nuisance() -> None:
    obs = samples()
    holes = obs[~((obs["condition"] == "Mock") & (obs["time_h"] == 24))]
    design = formula("~ condition + time_h + donor", "IL22 - Mock")
    assert "No contrast" not in design.describe(holes)
    levels = {"condition": ["Mock", "IL22"], "plate_no": "3"}
    plates = obs.drop(columns="donor").rename(columns={"time_h": "plate_no"})
    how = {"levels": levels, "contrasts": ["IL22 - Mock"]}
    assert "No contrast" not in ms.Design.from_formula("~ condition + plate_no", **how).describe(plates)
