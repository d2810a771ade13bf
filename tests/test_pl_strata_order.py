"""Order of kinds of cells in figures: that asked for, else that of their categories."""

from __future__ import annotations

import anndata as ad
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._arms import in_order
from marrowsig._cli.looks import look_of
from marrowsig._errors import InputError
from marrowsig.pl._read import arm_order, by_unit
from marrowsig.pl._strata_order import strata_in_order

SIG = "emt.hallmark"
KINDS = ["Prog", "GMP", "T cell"]
DESIGN = ms.Design(culture="culture", mono="alone", co="MSC", pair="pair", compartment="cells")


@pytest.fixture(scope="module")
def cells() -> ad.AnnData:
    """Four pairs of one line, called three kinds of cells, with one column of words and one of categories."""
    toy = ms.ds.toy()
    toy = toy[(toy.obs["line"] == "parental").to_numpy()]
    adata = ad.concat([toy] * 3, keys=KINDS, index_unique=" ")
    adata.obs["cells"] = np.repeat(KINDS, toy.n_obs)
    adata.obs["culture"] = adata.obs["culture"].astype(str).replace({"mono": "alone", "co": "MSC"})
    ms.tl.score(adata, SIG)
    return adata


def with_categories(adata: ad.AnnData, kinds: list[str]) -> ad.AnnData:
    out = adata.copy()
    out.obs["cells"] = pd.Categorical(out.obs["cells"].astype(str), kinds)
    return out


def drawn(ax: plt.Axes) -> tuple[list[str], list[str]]:
    """Kinds of cells as they stand above panels (a), and as headings of contrasts (b)."""
    figure = ax.figure
    heads = [text.get_text() for one in figure.axes for text in one.texts if text.get_text() in KINDS]
    lines = [text.get_text() for one in figure.axes for text in one.get_yticklabels()]
    plt.close(figure)
    return heads, [line for line in lines if line in KINDS]


def test_an_overview_has_kinds_of_cells_in_the_order_asked_for_or_of_their_categories(
    cells: ad.AnnData,
) -> None:
    res = ms.tl.compare(cells, DESIGN)
    asked = ["T cell", "Prog", "MSC", "alone"]
    ax = ms.pl.overview(cells, SIG, design=DESIGN, res=res, order=asked, width=174)
    assert drawn(ax) == (["T cell", "Prog", "GMP"],) * 2
    own = with_categories(cells, KINDS)
    assert drawn(ms.pl.overview(own, SIG, design=DESIGN, res=res, width=174)) == (KINDS, KINDS)
    with pytest.raises(
        InputError, match=r"order names 'Progs'.* mean 'Prog'.* Levels: GMP, alone, MSC, Prog"
    ):
        ms.pl.overview(cells, SIG, design=DESIGN, res=res, order=["Progs"])


def test_arms_of_kinds_follow_them_and_a_word_of_two_columns_is_of_the_arm(cells: ad.AnnData) -> None:
    def read(adata: ad.AnnData, order: list[str] | None = None) -> list[str]:
        frame = by_unit(adata, SIG, design=DESIGN, method="singscore")
        return arm_order(frame, order)

    sides = ("alone", "MSC")
    assert read(cells) == [f"{kind} | {side}" for kind in sorted(KINDS) for side in sides]
    assert read(with_categories(cells, KINDS)) == [f"{kind} | {side}" for kind in KINDS for side in sides]
    asked = read(cells, ["MSC", "T cell"])
    assert asked == [f"{kind} | {side}" for kind in ("T cell", "GMP", "Prog") for side in ("MSC", "alone")]
    both = cells.copy()
    both.obs["cells"] = both.obs["cells"].astype(str).replace({"T cell": "MSC"})
    wanted = [f"{kind} | {side}" for kind in ("GMP", "MSC", "Prog") for side in sides]
    assert read(both, ["alone", "MSC"]) == wanted
    assert read(both, ["alone", "MSC", "GMP"])[0] == "MSC | alone"


def test_strata_of_a_table_are_sorted_by_kind_and_time() -> None:
    obs = pd.DataFrame({"cells": ["B", "A", "B", "A"], "hours": [72, 24, 24, 72]})
    design = ms.Design(culture="culture", compartment="cells", time="hours")
    every = [f"compartment={c}; time={h}" for c, h in obs.to_numpy()]
    found = strata_in_order(every, every, obs, design, ["B"])
    assert found == [f"compartment={c}; time={h}" for c in "BA" for h in (24, 72)]
    assert strata_in_order([""], [""], obs[:1], ms.Design(culture="culture"), None) == [""]


@pytest.mark.parametrize(
    ("categories", "found"),
    [
        (["Prog", "GMP", "T cell"], ["Prog", "GMP", "T cell"]),
        (["GMP", "Prog", "T cell"], ["GMP", "Prog", "T cell"]),
        (["d10", "d2"], ["d2", "d10"]),  # the alphabet of pandas says nothing
        (["b", "A", "C"], ["b", "A", "C"]),
        (["A", "b", "C"], ["A", "C", "b"]),  # the alphabet of R neither
    ],
)
def test_categories_that_are_only_sorted_say_nothing(categories: list[str], found: list[str]) -> None:
    column = pd.Series(pd.Categorical(categories, categories))
    assert in_order(column, chosen=True) == found
    assert in_order(column.astype(str)) == in_order(column)


def test_the_option_takes_levels_of_the_compartment(cells: ad.AnnData) -> None:
    look = look_of(cells.obs, DESIGN, [SIG], labels=[], palette=[], order=["T cell,Prog", "co"])
    assert look is not None
    assert look.order == ("T cell", "Prog", "MSC")
    assert look.of_arms(cells, SIG, DESIGN, "singscore")["order"] == ["T cell", "Prog", "MSC"]
