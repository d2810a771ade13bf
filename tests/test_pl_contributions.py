"""Genes of a contrast and tipping shares: the figures draw the numbers of their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture
def genes() -> pd.DataFrame:
    """Contrasts of a signature of twelve genes, two of them falling, as `ms.tl.contributions` writes them."""
    adds = np.linspace(0.3, -0.08, 12)
    rows = pd.DataFrame({"signature": "il6.mine", "gene": [f"G{i}" for i in range(12)], "adds": adds})
    rows = rows.assign(weight=[-1.0, *[1.0] * 10, -1.0], stratum="", full=adds.sum())
    rows["without"] = (12 * adds.sum() - 12 * adds) / 11
    rows = rows.assign(without_low=rows["without"].min(), without_high=rows["without"].max())
    contrasts = ("co_in_parental", "interaction")
    return pd.concat([rows.assign(contrast=name) for name in contrasts], ignore_index=True)


def test_bars_are_what_genes_add_and_points_what_is_left(genes: pd.DataFrame) -> None:
    ax = ms.pl.contributions(genes, contrast="co_in_parental", most=5)
    rows = genes[genes["contrast"] == "co_in_parental"]
    rows = rows.iloc[np.argsort(-rows["adds"].abs().to_numpy(), kind="stable")]
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == [*rows["gene"][:5], "7 others"]
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], rows["adds"][:5])
    hollow = [bar.get_facecolor()[:3] == (1.0, 1.0, 1.0) for bar in ax.patches]
    assert hollow == (rows["weight"][:5] < 0).tolist()
    together = next(text.get_text() for text in ax.texts if "together" in text.get_text())
    total = float(together.split()[1].replace("\N{MINUS SIGN}", "-"))
    assert total == pytest.approx(rows["adds"][5:].sum(), rel=1e-2)
    right = ax.figure.axes[-1]
    points = next(line for line in right.lines if line.get_marker() == "o")
    np.testing.assert_allclose(points.get_xdata(), rows["without"][:5])
    np.testing.assert_allclose(points.get_ydata(), [5, 4, 3, 2, 1])
    full = [line.get_xdata()[0] for line in right.lines if list(line.get_ydata()) == [0, 1]]
    assert rows["full"].iloc[0] in full
    others = [line for line in right.lines if list(line.get_ydata()) == [0.0, 0.0]]
    np.testing.assert_allclose(others[0].get_xdata(), [rows["without"][5:].min(), rows["without"][5:].max()])
    assert (
        ax.get_title(loc="left")
        .replace("\n", " ")
        .endswith("co vs mono in parental (12\N{NO-BREAK SPACE}genes)")
    )


def test_zero_is_in_view_where_one_gene_could_turn_the_sign(genes: pd.DataFrame) -> None:
    rows = genes[genes["contrast"] == "interaction"].copy()
    for low, high, seen in ((-0.01, 0.1, True), (0.05, 0.1, True), (0.9, 1.0, False), (-1.0, -0.9, False)):
        rows[["without_low", "without_high", "full", "without"]] = [low, high, low, high]
        left, right = ms.pl.contributions(rows).figure.axes[-1].get_xlim()
        assert (left < 0 < right) == seen
        assert left < low < high < right


def test_samples_are_drawn_one_at_a_time(genes: pd.DataFrame) -> None:
    table = genes.rename(columns={"contrast": "sample"}).drop(columns="stratum")
    table.loc[12:, "adds"] *= 2
    ax = ms.pl.contributions(table, sample="interaction")
    np.testing.assert_allclose(sorted(bar.get_width() for bar in ax.patches), np.sort(table["adds"][12:]))
    with pytest.raises(ms.InputError, match="holds samples"):
        ms.pl.contributions(table, contrast="interaction")
    with pytest.raises(ms.InputError, match="no sample 'x'"):
        ms.pl.contributions(table, sample="x")


def test_contributions_refuse_what_they_cannot_draw(genes: pd.DataFrame) -> None:
    with pytest.raises(ms.InputError, match="holds contrasts"):
        ms.pl.contributions(genes, sample="a")
    with pytest.raises(ms.InputError, match="most is 0"):
        ms.pl.contributions(genes, most=0)
    with pytest.raises(ms.InputError, match="no contrast 'x'"):
        ms.pl.contributions(genes, contrast="x")
    with pytest.raises(ms.InputError, match=r"ms\.tl\.contributions"):
        ms.pl.contributions(genes.drop(columns="adds"))


def shares() -> pd.DataFrame:
    rows = pd.DataFrame({"signature": list("abcde"), "tipping": [0.02, np.inf, 0.001, np.nan, 0.3]})
    rows = rows.assign(
        contrast="co",
        method="mean",
        stratum="",
        verdict="not explained by carry-over",
        share=0.004,
        share_up=0.005,
    )
    return rows.assign(tipping_ratio=rows["tipping"] / 0.005, robust=["yes", "yes", "no", "", "yes"])


def test_tipping_shares_are_points_beside_the_samples_shares() -> None:
    ax = ms.pl.tipping(shares())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "e", "a", "c", "d"]
    points = {line.get_ydata()[0]: line for line in ax.lines if line.get_marker() == "o"}
    assert {y: line.get_xdata()[0] for y, line in points.items()} == pytest.approx(
        {3.0: 30.0, 2.0: 2.0, 1.0: 0.1}
    )
    assert [points[y].get_markerfacecolor() == "white" for y in (3.0, 2.0, 1.0)] == [False, False, True]
    heads = [(line.get_xdata()[0], line.get_ydata()[0]) for line in ax.lines if line.get_marker() == ">"]
    assert heads == [(50.0, 4.0)]
    lines = [line.get_xdata()[0] for line in ax.lines if list(line.get_ydata()) == [0, 1]]
    assert sorted(lines) == pytest.approx([0.4, 1.5])
    band = ax.patches[0].get_extents().transformed(ax.transData.inverted())
    assert band.x1 == pytest.approx(0.5)
    told = [text.get_text() for text in ax.texts]
    assert told[-5:] == ["no share", "60", "4", "0.2", "none"]
    assert ms.pl.tipping(shares().assign(tipping=np.nan, tipping_ratio=np.nan, share=np.nan, share_up=np.nan))


def test_the_head_where_no_share_is_enough_keeps_off_the_words_beside_it() -> None:
    ax = ms.pl.tipping(shares(), width=180)
    ax.figure.canvas.draw()
    head = next(line for line in ax.lines if line.get_marker() == ">")
    x = head.get_transform().transform(head.get_xydata())[0, 0] + head.get_markersize() / 144 * ax.figure.dpi
    word = next(t for t in ax.texts if t.get_text() == "no share")
    others = [t for t in ax.texts if t.get_text() == str(shares()["verdict"].iloc[1])]
    left = min(t.get_window_extent().x0 for t in (word, *others))
    assert x == pytest.approx(ax.get_window_extent().x1, abs=0.1)  # pixels
    assert 25.4 / ax.figure.dpi * (left - x) > 1.5  # millimetres


def test_tipping_refuses_other_tables() -> None:
    with pytest.raises(ms.InputError, match=r"ms\.qc\.stroma"):
        ms.pl.tipping(shares().drop(columns="robust"))
    with pytest.raises(ms.InputError, match="no contrast 'x'"):
        ms.pl.tipping(shares(), contrast="x")
