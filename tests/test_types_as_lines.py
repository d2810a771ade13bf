"""Two cell types in place of the lines, as the how-to on single cells has it, ask for their difference."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pandas as pd

import marrowsig as ms

PAGE = Path(__file__).parents[1] / "docs" / "howto" / "single_cells.md"


def test_the_difference_between_two_cell_types_is_an_interaction() -> None:
    line = "--line cell_type --parental Mono-like --resistant LSPC"
    assert line in PAGE.read_text(encoding="utf-8")
    rows = list(product("abc", ["alone", "MSC"], ["Mono-like", "LSPC"]))
    obs = pd.DataFrame(rows, columns=["donor", "culture", "cell_type"])
    design = ms.Design(
        culture="culture", mono="alone", co="MSC", pair="donor",
        line="cell_type", parental="Mono-like", resistant="LSPC",
    )  # fmt: skip
    assert "interaction" in set(design.contrasts(obs)["contrast"])
