"""The scores of an overview: on the genes that stroma could not move where the size to cite is on these."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

import marrowsig as ms
from marrowsig._errors import InputError
from marrowsig._report.legend import _cited
from marrowsig._report.legend_counts import spelled
from marrowsig._report.look import Look
from marrowsig._report.of_compartments import only
from marrowsig._run_kept import RunFolder
from marrowsig.pl._kept_sizes import _beside_kept, completed, drawn_on_kept, p_to_cite
from marrowsig.pl._overview_key import marks
from marrowsig.pl._overview_kinds import Kind, kinds_of
from marrowsig.pl._panel_scores import WITH_CELLS, WITH_STROMA, Shown, same_span, shown_on, write_note
from marrowsig.pl._read import by_unit
from marrowsig.pl._words import title

if TYPE_CHECKING:
    import anndata as ad

SIG, METHOD = "emt.hallmark", "singscore"
DESIGN = ms.Design(culture="culture", line="line", pair="pair")
ON = "▲ on 40 of 200 genes"


@pytest.fixture(scope="module")
def cells() -> ad.AnnData:
    adata = ms.ds.toy()
    adata.obs["site"], adata.obs["hours"] = "AML", ["24", "72"] * (adata.n_obs // 2)
    ms.tl.score(adata, SIG)
    return adata


@pytest.fixture(scope="module")
def res(cells: ad.AnnData) -> pd.DataFrame:
    return ms.tl.compare(cells, DESIGN)


def cited(res: pd.DataFrame, cite: str = "filtered_estimate") -> pd.DataFrame:
    """Verdicts of a check that leaves 40 of 200 genes."""
    fewer = {f"filtered_{name}": res[name] / 2 for name in ("estimate", "ci_low", "ci_high")}
    told = res.assign(**fewer, cite=cite, carried=0.01, p_bh=0.01, filtered_p_bh=0.01)
    return told.assign(verdict="not explained by carry-over", n_kept=40, n_genes=200)


def fewer_genes(adata: ad.AnnData) -> pd.DataFrame:
    """Scores of their own, by which a panel can be told from one as scored."""
    names, n = adata.obs_names, adata.n_obs
    return pd.DataFrame({SIG: np.linspace(0.5, 0.9, n)}, index=names.astype(str)).iloc[::-1]


def of_panel(
    adata: ad.AnnData,
    rows: pd.DataFrame,
    design: ms.Design = DESIGN,
    stroma: tuple[str, ...] = (),
    **how: Any,
) -> Shown:
    kinds = kinds_of(by_unit(adata, SIG, design=design, method=METHOD), adata.obs, design)
    found = {"kept": {METHOD: fewer_genes(adata)}, **how}
    return shown_on(adata, rows, kinds, design, method=METHOD, stroma=stroma, **found)[SIG, ""]


def test_the_panel_draws_the_scores_to_cite_and_says_on_how_many_genes(
    cells: ad.AnnData, res: pd.DataFrame
) -> None:
    found = SimpleNamespace(verdicts=cited(res), filtered={METHOD: fewer_genes(cells)})
    top = ms.pl.overview(cells, SIG, design=DESIGN, res=res, stroma=found).figure.axes[0]
    points = [dots for dots in top.collections if isinstance(dots, PathCollection)]
    drawn = np.sort(np.concatenate([dots.get_offsets()[:, 1] for dots in points]))
    np.testing.assert_allclose(drawn, np.linspace(0.5, 0.9, cells.n_obs))
    assert {len(dots.get_paths()[0].vertices) for dots in points} == {4}  # triangles, as in (b)
    assert ON in [text.get_text() for text in top.texts]
    plt.close(top.figure)


def test_what_is_drawn_as_scored_though_another_size_is_cited_says_so(
    cells: ad.AnnData, res: pd.DataFrame
) -> None:
    rows = cited(res)
    assert of_panel(cells, rows).note == ON
    for how in ({"as_scored": True}, {"kept": {}}, {"kept": {METHOD: fewer_genes(cells)[1:]}}):
        shown = of_panel(cells, rows, **how)
        assert (shown.scores, shown.note) == (None, WITH_STROMA)
    assert of_panel(cells, rows, stroma=("",), as_scored=True).note == WITH_CELLS
    plain = of_panel(cells, cited(res, "estimate"))
    assert (plain.scores, plain.note) == (None, "")


def test_strata_of_other_genes_are_not_drawn_in_one_panel_on_fewer(
    cells: ad.AnnData, res: pd.DataFrame
) -> None:
    times = ms.Design(culture="culture", line="line", time="hours")
    rows = pd.concat([cited(res).assign(stratum=f"time={hours}") for hours in (24, 72)])
    shown = of_panel(cells, rows, times)
    assert (shown.scores, shown.note) == (None, WITH_STROMA)


def of_two_kinds(res: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Contrasts of blasts and T cells with their check, which cites blasts alone on fewer genes."""
    cites = {"compartment=AML": "filtered_estimate", "compartment=T": "estimate"}
    tables = [(res.assign(stratum=at), cited(res, cite).assign(stratum=at)) for at, cite in cites.items()]
    both, check = (pd.concat(own, ignore_index=True) for own in zip(*tables, strict=True))
    return both, check


def test_all_kinds_of_cells_of_a_signature_are_drawn_without_stroma_where_one_is_cited_so(
    cells: ad.AnnData, res: pd.DataFrame
) -> None:
    both, check = of_two_kinds(res)
    rows = completed(both, None, check, 0.05)
    kinds = [Kind(name, np.ones(cells.n_obs, bool), 4, frozenset(), alone=False) for name in ("AML", "T")]
    how: dict[str, Any] = {"method": METHOD, "kept": {METHOD: fewer_genes(cells)}, "stroma": ()}
    shown = shown_on(cells, rows, kinds, DESIGN, **how)
    assert [shown[SIG, kind.name].note for kind in kinds] == [ON, ON]
    records = rows.to_dict("records")
    assert all(map(drawn_on_kept, records))
    assert {len(marks(row, 0.05)) for row in records} == {2}
    p = [p_to_cite({**row, "p_adj": 0.01, "verdict": "up"}, 0.05) for row in records]
    assert p == [0.01 if row["stratum"] == "compartment=AML" else None for row in records]
    told = _cited(records, [check], 0.05, ms.Design(culture="culture", compartment="site"))
    assert (
        "the 40 of 200 genes that stroma could not move, a set of its own for each kind of cells: filled"
        in told
    )
    asked = both.assign(claim="emt_up", verdict="supported", p_adj=0.01)  # T: stroma, which blasts move
    asked.loc[asked["stratum"].eq("compartment=T"), "claim"] = "stroma_emt_up"
    apart = completed(both, asked, check, 0.05)
    assert set(apart["stratum"][[drawn_on_kept(row) for row in apart.to_dict("records")]]) == {
        "compartment=AML"
    }
    own = rows["stratum"].eq("compartment=AML")
    question = own & rows["contrast"].eq("interaction")  # claims keep their size, whatever else is asked
    sizes = rows["cite"].where(question | ~own, "estimate")
    found = _beside_kept(rows.assign(cite=sizes, as_question=question), None)
    assert not found["beside_kept"].any()
    alone = completed(both, None, check[check["cite"].eq("estimate")], 0.05)
    assert not any(map(drawn_on_kept, alone.to_dict("records")))


def test_every_panel_that_was_asked_says_that_scores_are_as_scored(
    cells: ad.AnnData, res: pd.DataFrame
) -> None:
    both, check = of_two_kinds(res)
    kinds = [
        Kind(name, np.ones(cells.n_obs, bool), 4, frozenset(), alone=False) for name in ("AML", "T", "B")
    ]
    how: dict[str, Any] = {"method": METHOD, "kept": {}, "as_scored": True}
    rows = completed(both, None, check, 0.05).assign(beside_kept=False)
    shown = shown_on(cells, rows, kinds, DESIGN, **how, stroma=["compartment=T"])
    assert [one.note for one in shown.values()] == [WITH_STROMA, WITH_CELLS, ""]
    unasked = rows.assign(carried=rows["carried"].where(rows["stratum"].ne("compartment=T")))
    shown = shown_on(cells, unasked, kinds, DESIGN, **how, stroma=())
    assert [one.note for one in shown.values()] == [WITH_STROMA, "", ""]


@pytest.mark.parametrize("dpi", [72, 90, 100])
def test_a_title_stands_clear_of_a_note_of_two_lines_on_a_screen(dpi: int) -> None:
    figure, ax = plt.subplots(dpi=dpi)
    up = write_note(ax, WITH_STROMA, 25.0)
    title(ax, "IL-6 response (Hallmark)", pad=4.0 + up, place=100.0)
    note = ax.texts[0].get_window_extent()
    head = next(text for text in ax.get_children() if getattr(text, "get_text", str)().startswith("IL-6"))
    figure.canvas.draw()
    assert ax.texts[0].get_text().count("\n") == 1
    assert head.get_window_extent().y0 > note.y1 - 1.0  # a pixel of the line's own room
    plt.close(figure)


def test_axes_of_one_signature_have_one_span_about_their_own_middles() -> None:
    figure, axes = plt.subplots(1, 2)
    limits = [(0.32, 0.34), (-0.1, 0.16)]
    for ax, ends in zip(axes, limits, strict=True):
        ax.set_ylim(ends)
    assert same_span(list(axes), comparable=True), "too far apart for one axis"
    np.testing.assert_allclose([ax.get_ylim() for ax in axes], [(0.2, 0.46), (-0.1, 0.16)])
    axes[0].set_ylim(-0.05, 0.2)
    assert same_span(list(axes), comparable=False), "scores on other genes"
    assert not same_span(list(axes), comparable=True)
    np.testing.assert_allclose([ax.get_ylim() for ax in axes], [(-0.1, 0.205)] * 2)
    plt.close(figure)


@pytest.mark.slow
def test_means_of_the_panel_differ_by_the_sizes_to_cite() -> None:
    """Of a balanced paired design the contrast is a difference of arm means, here of the points drawn."""
    adata = ms.ds.demo()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIG)
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    res = ms.tl.compare(adata, design)
    found = ms.qc.stroma(adata, design, stroma=ms.ds.demo_stroma(), signatures=SIG)
    top = ms.pl.overview(adata, SIG, design=design, res=res, stroma=found).figure.axes[0]
    means = {
        dots.get_label(): dots.get_offsets()[:, 1].mean() for dots in top.collections if dots.get_label()
    }
    own = found.verdicts.set_index("contrast")
    for line in ("parental", "resistant"):
        size = own.loc[f"co_in_{line}", "filtered_estimate"]
        assert own.loc[f"co_in_{line}", "cite"] == "filtered_estimate"
        np.testing.assert_allclose(means[f"{line}:co"] - means[f"{line}:mono"], size, rtol=1e-9)
    plt.close("all")


def test_the_legend_joins_the_inhibitor_by_a_plus_and_leaves_a_word_that_is_none() -> None:
    arms = [("Dx", "MSC", "ruxolitinib"), ("Dx", "MSC", "none"), ("Dx", "alone", "none")]
    frame = pd.DataFrame(arms, columns=["line", "culture", "inhibitor"]).assign(
        stratum="", arm=["a", "b", "c"]
    )
    design = ms.Design(
        culture="culture", line="line", inhibitor="drug", vehicle="none", co="MSC", mono="alone"
    )
    told = spelled([frame], design, {"MSC": "on MSC"})
    assert told == {"a": "Dx on MSC + ruxolitinib", "b": "Dx on MSC", "c": "Dx alone"}
    assert spelled([frame[:2]], design, {"none": "DMSO"}) == {
        "a": "Dx MSC + ruxolitinib",
        "b": "Dx MSC DMSO",
    }
    said = Look({"DMSO": "DMSO", "MSC": "on MSC"}).said()
    assert said == "Names in the figure: on MSC for MSC. "


def test_a_figure_of_some_compartments_keeps_their_samples_and_numbers(
    cells: ad.AnnData, res: pd.DataFrame, tmp_path: Any
) -> None:
    adata = cells.copy()
    adata.obs["site"] = np.where(adata.obs["pair"].eq(adata.obs["pair"].iloc[0]), "MSC", "AML")
    design = ms.Design(culture="culture", line="line", pair="pair", compartment="site")
    both = pd.concat([res.assign(stratum=f"compartment={site}") for site in ("AML", "MSC")])
    run = RunFolder(
        folder=tmp_path, adata=adata, design=design, res=both, claims=None, stroma=None,
        tables={"claims": both, "stroma_shares": both},
    )  # fmt: skip
    part = only(run, ["AML"])
    assert set(part.adata.obs["site"]) == {"AML"}
    np.testing.assert_array_equal(part.res["p_adj"], res["p_adj"])
    assert set(part.tables["claims"]["stratum"]) == {"compartment=AML"}
    assert part.tables["stroma_shares"] is both
    with pytest.raises(InputError, match=r"compartment= names 'AMLs'.*mean 'AML'\? Levels: "):
        only(run, ["AMLs"])
    with pytest.raises(InputError, match="no compartment"):
        only(RunFolder(**{**vars(run), "design": DESIGN}), ["AML"])


def test_kinds_are_told_by_the_first_level_of_a_stratum(cells: ad.AnnData, res: pd.DataFrame) -> None:
    rows = cited(res).assign(stratum="compartment=AML; time=24")
    kinds = [Kind(name, np.ones(cells.n_obs, bool), 4, frozenset(), alone=False) for name in ("AML", "MSC")]
    shown = shown_on(cells, rows, kinds, DESIGN, method=METHOD, kept={METHOD: fewer_genes(cells)}, stroma=())
    assert [shown[SIG, kind.name].note for kind in kinds] == [ON, ""]
