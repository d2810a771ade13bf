"""Layout of an overview: words that are longer than the figure is tall leave a place for axes."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from matplotlib.figure import Figure

import marrowsig as ms
from marrowsig._report.figures import _drawn
from marrowsig._report.gathered import gathered
from marrowsig.pl._overview_crowd import Grid, alike
from marrowsig.pl._overview_drawn import drawn_on
from marrowsig.pl._overview_kinds import Kind
from marrowsig.pl._overview_layout import fit
from marrowsig.pl._overview_lines import USUAL
from marrowsig.pl._ticks_apart import less_crowded


def test_a_figure_lower_than_its_words_is_made_taller() -> None:
    figure = Figure(figsize=(4, 3), layout="constrained")
    grid = figure.add_gridspec(2, 1)
    above, beneath = (figure.add_subplot(one) for one in grid)
    above.set_xticks([0], ["a very long name of a condition " * 3], rotation=90, fontsize=7)
    fit(grid, [([above], 40.0), ([beneath], 30.0)], 10.0)
    assert above.get_position().height * figure.get_figheight() > 30 / 25.4
    words = above.get_xticklabels()[0].get_window_extent()
    assert beneath.get_window_extent().y1 < words.y0 < words.y1 < above.get_window_extent().y0


def test_axes_have_the_heights_that_are_asked_for_where_words_stand_at_the_foot() -> None:
    figure = Figure(figsize=(4, 8), layout="constrained")
    grid = figure.add_gridspec(2, 1)
    above, beneath = (figure.add_subplot(one) for one in grid)
    for tall in (40.0, 25.0):  # the second time, as where a page holds no more
        fit(grid, [([above], tall), ([beneath], 30.0)], 20.0)
    drawn = [ax.get_position().height * figure.get_figheight() * 25.4 for ax in (above, beneath)]
    np.testing.assert_allclose(sum(drawn), 25.0 + 30.0, atol=0.3)


@pytest.mark.parametrize(("low", "high"), [(-0.025, 0.035), (-0.005, 0.07), (-30.0, 1500.0)])
def test_labels_of_ticks_keep_apart_on_a_short_axis(low: float, high: float) -> None:
    figure = Figure(figsize=(28 / 25.4, 2))
    ax = figure.subfigures(1, 2)[0].add_axes((0.0, 0.3, 1.0, 0.6))
    ax.tick_params(labelsize=7)
    ax.set_xlim(low, high)
    ax.locator_params(axis="x", nbins=3)
    less_crowded(ax)
    assert ax.get_xlim() == (low, high)
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert len(boxes) > 1
    assert all(b.x0 - a.x1 > figure.dpi / 25.4 for a, b in itertools.pairwise(boxes))  # a millimetre


def test_a_row_of_kinds_leaves_its_arms_to_those_below_only_with_the_same_n() -> None:
    def kind(name: str, *n: int) -> Kind:
        return Kind(name, None, 2, frozenset({name, "mono", "co"}), alone=False, n=n)

    assert alike([kind("A", 6, 6), kind("B", 6, 6)])
    assert not alike([kind("A", 6, 6), kind("B", 5, 5)])
    of_three, of_four = (Grid(signatures=1, kinds=n, columns=2) for n in (3, 4))
    assert [of_three.above_others(j) for j in range(3)] == [False, False, False]  # B has none below
    assert [of_four.above_others(j) for j in range(4)] == [True, True, False, False]
    assert [of_four.leads(j) for j in range(4)] == [True, False, True, False]


def _many_kinds(kinds: int, lines: int) -> tuple[AnnData, ms.Design, pd.DataFrame]:
    """Scores and a table of so many kinds of cells, `lines` lines and three arms each."""
    parts = (range(4), ["parental", "resistant"][:lines], ["mono", "co", "co+Rux"], range(kinds))
    grid = list(itertools.product(*parts))
    obs = pd.DataFrame(
        {
            "line": [one for _, one, _, _ in grid],
            "culture": [arm[:4].rstrip("+R") for _, _, arm, _ in grid],
            "drug": ["Rux" if "Rux" in arm else "none" for _, _, arm, _ in grid],
            "kind": [f"kind {k}" for *_, k in grid],
            "donor": [f"D{d}" for d, *_ in grid],
        },
        index=[str(i) for i in range(len(grid))],
    )
    rng = np.random.default_rng(0)
    adata = AnnData(rng.poisson(20.0, (len(obs), 60)).astype(np.float32), obs)
    adata.var_names = [f"G{i}" for i in range(60)]
    own = [
        ms.sig.Signature(f"{axis}.own", axis=axis, genes=list(adata.var_names[i * 20 : i * 20 + 20]))
        for i, axis in enumerate(("emt", "il6"))
    ]
    ms.pp.lognorm(adata)
    ms.tl.score(adata, own)
    design = ms.Design(
        culture="culture", line="line" if lines > 1 else None, inhibitor="drug", vehicle="none",
        pair="donor", compartment="kind",
    )  # fmt: skip
    return adata, design, ms.tl.compare(adata, design)


@pytest.mark.parametrize(
    ("kinds", "lines", "width", "signatures"),
    [
        pytest.param(5, 1, 174.0, 2, marks=pytest.mark.slow),
        (8, 1, 85.0, 1),
        pytest.param(8, 2, 130.0, 2, marks=pytest.mark.slow),
        pytest.param(8, 2, 174.0, 2, marks=pytest.mark.slow),
    ],
)
def test_a_page_holds_many_kinds_of_cells(kinds: int, lines: int, width: float, signatures: int) -> None:
    adata, design, res = _many_kinds(kinds, lines)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = ms.pl.overview(
            adata, list(res["signature"].unique()[:signatures]), design=design, res=res, width=width
        )
    figure = ax.figure
    assert figure.get_figheight() * 25.4 < 228.0
    above = [one for one in figure.axes if one.get_xlim()[0] == -0.5]
    assert len(above) == kinds * signatures
    for one in above:  # no axes is crushed, and none lies over another
        box = one.get_window_extent()
        assert box.width / figure.dpi * 25.4 > 12.0
        assert box.height / figure.dpi * 25.4 > 10.0
    below = [one for one in figure.axes if one not in above]
    lines_drawn = len(below[0].get_yticklabels())
    assert lines_drawn > kinds
    told = " ".join(text.get_text() for text in figure.texts)
    asked = res[res["contrast"].str.match("co_|reversal_|interaction")]["contrast"].nunique() * kinds
    assert ("no room for" in told) == (lines_drawn < asked)
    of_legend = _drawn(gathered(adata, res, design), ["emt.own"], drawn_on(figure).keys)[0]
    assert len(of_legend) == sum(label.get_fontweight() == "normal" for label in below[0].get_yticklabels())


def test_two_kinds_of_cells_leave_room_below_and_axes_say_that_they_are_unlike() -> None:
    adata, design, res = _many_kinds(2, 1)
    scores = adata.obsm["score_singscore"]
    scores.loc[adata.obs["kind"].eq("kind 1"), "emt.own"] += 5.0
    figure = ms.pl.overview(
        adata, list(res["signature"].unique()), design=design, res=res, width=174.0
    ).figure
    assert figure.get_figheight() * 25.4 < USUAL + 1.0
    own, other, *alike = (one for one in figure.axes if one.get_xlim()[0] == -0.5)
    assert np.ptp(own.get_ylim()) == pytest.approx(np.ptp(other.get_ylim()))
    assert own.get_ylim()[1] < other.get_ylim()[0]
    assert alike[0].get_ylim() == alike[1].get_ylim()
    assert other.get_ylabel() == "singscore"
    said = "y axes of emt.own: the same span, not the same values, in kind 0 and kind 1"
    assert any(text.get_text() == said for text in figure.texts)
    assert drawn_on(figure).unlike == ["emt.own"]
