"""Two cell types in place of the lines, as the how-to on single cells has it, ask for their difference."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pandas as pd

import marrowsig as ms

FIELDS = {"culture": "culture", "mono": "alone", "co": "MSC", "pair": "donor"}
PAGE = Path(__file__).parents[1] / "docs" / "howto" / "single_cells.md"


def test_the_difference_between_two_cell_types_is_an_interaction() -> None:
    line = "--line cell_type --parental Mono-like --resistant LSPC"
    page = PAGE.read_text(encoding="utf-8")
    assert line in page
    rows = list(product("abc", ["alone", "MSC"], ["Mono-like", "LSPC"]))
    obs = pd.DataFrame(rows, columns=["donor", "culture", "cell_type"])
    design = ms.Design(**FIELDS, line="cell_type", parental="Mono-like", resistant="LSPC")
    assert "interaction" in set(design.contrasts(obs)["contrast"])
    asked = page.index("two = ms.Design.from_formula(")
    space = {"ms": ms}
    exec(page[asked : page.index("ms.tl.compare(pb, two)")].replace('"D1"', '"a"'), space)
    by_type = ms.Design(**FIELDS, compartment="cell_type")
    written = by_type.describe(obs)
    assert f"'{space['two'].formula}'" in written
    assert space["two"].contrasts(obs)["estimable"].tolist() == [True]
