"""The figure of a study: stroma that was grown alone for both lines, and what colours show."""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

import marrowsig as ms
from marrowsig._report.legend_arms import of_arms
from marrowsig._report.look import Look

if TYPE_CHECKING:
    import matplotlib.pyplot as plt

DESIGN = ms.Design(culture="culture", line="line", pair="pair", compartment="cells")
GREY, ORANGE = "#999999", "#d55e00"


@pytest.fixture(scope="module")
def sorted_cells() -> ad.AnnData:
    """AML and HS-5 sorted out of co-cultures; HS-5 alone of neither line, in two of the four pairs."""
    cells, other = ms.ds.toy(), ms.ds.toy()
    cells.obs["cells"], other.obs["cells"] = "AML", "HS-5"
    own = other[(other.obs["culture"] == "co") | (other.obs["line"] == "parental")].copy()
    own.obs["line"] = own.obs["line"].astype(str).where(own.obs["culture"].eq("co"), "none")
    own.X = own.X * 2 + 7
    adata = ad.concat([cells, own], index_unique="_")
    ms.pp.lognorm(adata)
    ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"], min_coverage=0)
    return adata


def compared(adata: ad.AnnData) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Contrasts, and a claim on stroma with each line as further questions ask it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stroma alone is of no line
        res = ms.tl.compare(adata, DESIGN)
    own = res[res["stratum"].eq("compartment=HS-5") & res["contrast"].str.startswith("co_in")]
    claims = own.assign(
        claim="stroma_emt_up", verdict="supported", estimate=0.1, ci_low=0.05, ci_high=0.2, p_adj=0.01
    )
    return res, claims.assign(family="further questions", family_size=4)


def drawn(figure: plt.Figure) -> pd.DataFrame:
    """Score and colour of every point of the scores."""
    dots = [c for ax in figure.axes for c in ax.collections if isinstance(c, PathCollection)]
    return pd.DataFrame(
        [
            {"y": float(y), "colour": to_hex(c.get_facecolors()[0], keep_alpha=False)}
            for c in dots
            for _, y in c.get_offsets()
        ]
    )


def test_stroma_that_was_grown_alone_is_drawn_and_told(sorted_cells: ad.AnnData) -> None:
    res, claims = compared(sorted_cells)
    figure = ms.pl.overview(sorted_cells, "emt.hallmark", design=DESIGN, res=res, claims=claims).figure
    scores = sorted_cells.obsm["score_singscore"]
    np.testing.assert_allclose(sorted(drawn(figure)["y"]), sorted(scores["emt.hallmark"]), rtol=1e-12)
    given = SimpleNamespace(adata=sorted_cells, design=DESIGN, method="singscore", extras={}, named=[])
    told = of_arms(given, ["emt.hallmark"], [], "")
    assert "; HS-5 alone is the control for both lines" in told


@pytest.mark.slow
def test_an_empty_line_of_stroma_alone_is_drawn_as_a_word_there(sorted_cells: ad.AnnData) -> None:
    """Each kind of cells is drawn by itself, where nothing tells stroma from cells that lack their line."""
    blank = sorted_cells.copy()
    blank.obs["line"] = blank.obs["line"].astype(object).where(blank.obs["line"] != "none", None)
    before = blank.obs.copy()
    points = []
    for adata in (sorted_cells, blank):
        res, claims = compared(adata)
        figure = ms.pl.overview(adata, "emt.hallmark", design=DESIGN, res=res, claims=claims).figure
        points.append(drawn(figure))
    pd.testing.assert_frame_equal(*points)
    pd.testing.assert_frame_equal(blank.obs, before)


def test_rows_of_stroma_name_the_line_that_it_was_grown_with(sorted_cells: ad.AnnData) -> None:
    res, claims = compared(sorted_cells)
    figure = ms.pl.overview(
        sorted_cells, "emt.hallmark", design=DESIGN, res=res, claims=claims, labels={"co": "with HS-5"}
    ).figure
    low = next(ax for ax in figure.axes if ax.get_xlabel().startswith("difference"))
    rows = [label.get_text().replace("\n", " ") for label in low.get_yticklabels()]
    assert rows[1] == "with HS-5 vs mono in parental"
    assert rows[rows.index("HS-5") + 1 :] == ["with parental vs alone", "with resistant vs alone"]


def test_colours_show_the_factor_that_a_palette_names(sorted_cells: ad.AnnData) -> None:
    res, claims = compared(sorted_cells)
    palette = {"mono": GREY, "co": ORANGE}
    how = {"design": DESIGN, "palette": palette}
    figure = ms.pl.overview(sorted_cells, "emt.hallmark", res=res, claims=claims, **how).figure
    cultures = sorted_cells.obs["culture"].astype(str).map(palette).value_counts()
    assert drawn(figure)["colour"].value_counts().to_dict() == cultures.to_dict()
    low = next(ax for ax in figure.axes if ax.get_xlabel().startswith("difference"))
    assert {bar.lines[0].get_color() for bar in low.containers} == {"black"}
    alone = ms.pl.scores(sorted_cells, "emt.hallmark", **how).figure
    assert drawn(alone)["colour"].value_counts().to_dict() == cultures.to_dict()
    given = SimpleNamespace(
        adata=sorted_cells, design=DESIGN, method="singscore", extras={"look": Look(palette=palette)}
    )
    assert of_arms(given, ["emt.hallmark"], [], "").endswith("; colours show culture")


def test_colours_of_two_factors_are_refused_and_a_run_keeps_those_of_the_lines(
    sorted_cells: ad.AnnData,
) -> None:
    both = {"resistant": ORANGE, "co": GREY}
    with pytest.raises(ms.InputError, match=r"palette= names levels of two: leave out co\."):
        ms.pl.scores(sorted_cells, "emt.hallmark", design=DESIGN, palette=both)
    look = Look(palette=both).of_arms(sorted_cells, "emt.hallmark", DESIGN, "singscore")
    assert look["palette"] == {"resistant": ORANGE}
    plain = ms.Design(culture="culture", line="line", pair="pair")
    cells = sorted_cells[sorted_cells.obs["cells"] == "AML"]
    with pytest.raises(ms.InputError, match=r"Colours show the lines here, so 'co' can have none"):
        ms.pl.interaction(cells, "emt.hallmark", design=plain, palette=both)
    assert Look(palette=both).of_lines(plain)["palette"] == {"resistant": ORANGE}


@pytest.mark.slow
def test_each_kind_of_cells_has_axes_and_limits_of_its_own_and_its_levels_once(
    sorted_cells: ad.AnnData,
) -> None:
    res, claims = compared(sorted_cells)
    ids = ["emt.hallmark", "il6.hallmark"]
    figure = ms.pl.overview(sorted_cells, ids, design=DESIGN, res=res, claims=claims, width=174).figure
    scores = [ax for ax in figure.axes if any(isinstance(c, PathCollection) for c in ax.collections)]
    assert len(scores) == 4
    of_cells = sorted_cells.obs["cells"].to_numpy()
    for ax, (sig, cells) in zip(
        scores, [(sig, cells) for sig in ids for cells in ("AML", "HS-5")], strict=True
    ):
        dots = [c for c in ax.collections if isinstance(c, PathCollection)]
        own = np.sort(np.concatenate([c.get_offsets()[:, 1] for c in dots]))
        asked = sorted_cells.obsm["score_singscore"].loc[of_cells == cells, sig]
        np.testing.assert_allclose(own, np.sort(asked), rtol=1e-12)
        low, high = ax.get_ylim()
        whiskers = [y for bar in ax.containers for line in bar.lines[2] for y in line.get_segments()[0][:, 1]]
        reach = [*asked, *whiskers]
        assert np.ptp(reach) > 0.85 * (high - low)  # the level of other cells takes no room
    told = [[text.get_text() for text in ax.texts] for ax in scores]
    assert told[:2] == [["AML"], ["HS-5"]]  # above its column, and no more below
    assert told[2] == ["co", *"\N{MINUS SIGN}+\N{MINUS SIGN}+", "n", *"4444", "parental", "resistant"]
    assert told[3] == ["n", *"444", "alone", "with parental", "with resistant"]
    narrow = ms.pl.overview(sorted_cells, ids[0], design=DESIGN, res=res, claims=claims, width=85).figure
    first, second = narrow.axes[0], next(ax for ax in narrow.axes[1:] if ax.collections)
    assert "AML" in [text.get_text() for text in first.texts]
    assert second.get_position().y1 < first.get_position().y0
