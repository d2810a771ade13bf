"""The figure of a rescue draws the numbers of its table, bounded or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

PARTS = ("induction", "reversal", "residual")


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def table(n_signatures: int = 1, *, margin: float = np.nan) -> pd.DataFrame:
    """Rows of two lines and two inhibitors, as `ms.tl.rescue` writes them."""
    cases = [(line, drug) for line in ("parental", "resistant") for drug in ("A", "B")]
    rows = [
        (f"emt.set{i}", *case, 0.1 + 0.01 * i, 0.02 * k + 0.01)
        for i in range(n_signatures)
        for k, case in enumerate(cases)
    ]
    frame = pd.DataFrame(rows, columns=["signature", "line", "inhibitor", "induction", "reversal"])
    frame = frame.assign(method="mean", kind="line", stratum="", n_mono=3, n_co=4, n_treated=5, margin=margin)
    frame["residual"] = frame["induction"] - frame["reversal"]
    frame["fraction"] = frame["reversal"] / frame["induction"]
    for part, half in zip((*PARTS, "fraction"), (0.02, 0.03, 0.01, 0.3), strict=True):
        frame[f"{part}_low"], frame[f"{part}_high"] = frame[part] - half, frame[part] + half
    frame["fraction_kind"] = "interval"
    frame["verdict"] = ["no evidence of reversal", *["reversed in part"] * 3] * n_signatures
    return pd.concat([frame, frame.assign(kind="between lines", fraction=np.nan)], ignore_index=True)


def points(ax: Axes, marker: str) -> list[tuple[float, float]]:
    lines = [line for line in ax.lines if line.get_marker() == marker]
    return [(float(x), float(y)) for line in lines for x, y in zip(*line.get_data(), strict=True)]


@pytest.mark.parametrize("width", [85, 180])
def test_it_draws_differences_fractions_and_n(width: float) -> None:
    res = table(2)
    ax = ms.pl.rescue(res, signature="emt.set1", width=width)
    rows = res.query("signature == 'emt.set1' and kind == 'line'").reset_index(drop=True)
    for shift, part, marker in zip((0.26, 0.0, -0.26), PARTS, "osD", strict=True):
        drawn = [line for line in ax.lines if line.get_label() == part]
        np.testing.assert_allclose(drawn[0].get_xdata(), rows[part])
        np.testing.assert_allclose(drawn[0].get_ydata(), np.arange(4)[::-1] + shift)
        assert drawn[0].get_marker() == marker
    ends = [np.asarray(c.get_segments())[:, :, 0] for c in ax.collections if hasattr(c, "get_segments")]
    for part, found in zip(PARTS, ends, strict=True):
        np.testing.assert_allclose(found, rows[[f"{part}_low", f"{part}_high"]])
    other = ax.figure.axes[-1]
    np.testing.assert_allclose([x for x, _ in points(other, "o")], 100 * rows["fraction"])
    faces = [line.get_markerfacecolor() for line in other.lines if line.get_marker() == "o"]
    assert [face == "white" for face in faces] == [True, False, False, False]
    spans = [line.get_xdata() for line in other.lines if len(line.get_xdata()) == 2][2:]
    np.testing.assert_allclose(spans, 100 * rows[["fraction_low", "fraction_high"]])
    assert ax.get_yticklabels()[0].get_text() == "A, parental\nn 3/4/5"
    notes = [text.get_text().replace("\n", " ") for text in other.texts]
    assert notes == rows["verdict"].tolist()


def test_an_interval_without_end_is_dotted_and_has_two_heads() -> None:
    res = table()
    res.loc[0, ["fraction_low", "fraction_high", "fraction_kind"]] = [-np.inf, np.inf, "all"]
    res.loc[1, "fraction_high"] = 7.0
    res.loc[2, ["fraction", "fraction_low", "fraction_high", "fraction_kind"]] = [np.nan, np.nan, np.nan, ""]
    res.loc[3, ["fraction", "fraction_low", "fraction_high"]] = [3.0, 2.5, 4.0]
    other = ms.pl.rescue(res).figure.axes[-1]
    assert points(other, "<") == [(-50.0, 3.0)]
    assert points(other, ">") == [(200.0, 3.0), (200.0, 2.0), (200.0, 0.0)]
    assert [y for _, y in points(other, "o")] == [3.0, 2.0]
    dotted = [line for line in other.lines if line.get_linestyle() == ":" and line.get_ydata()[0] == 3.0]
    assert len(dotted) == 1
    assert "not tested" in [text.get_text() for text in other.texts]
    notes = [text.get_text().replace("\n", " ") for text in other.texts]
    assert "no evidence of reversal, fraction not determined" in notes


def test_the_margin_is_a_band_around_zero() -> None:
    ax = ms.pl.rescue(table(margin=0.03))
    bands = [c for c in ax.collections if not hasattr(c, "get_segments") or not len(c.get_segments())]
    found = [path.vertices[:, 0] for c in ax.collections for path in c.get_paths() if len(path.vertices) > 2]
    assert len(found) == 4
    assert all((x.min(), x.max()) == (-0.03, 0.03) for x in found)
    assert bands
    assert "margin of 0.03 around zero" in [text.get_text() for text in ax.get_legend().get_texts()]
    assert len(ms.pl.rescue(table()).get_legend().get_texts()) == 3


@pytest.mark.parametrize("width", [85, 180])
def test_several_signatures_stand_for_one_line_and_inhibitor(width: float) -> None:
    ax = ms.pl.rescue(table(14), line="resistant", inhibitor="B", width=width)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == [f"emt.set{i}" for i in range(14)]
    assert ax.get_title(loc="left").replace("\n", " ").startswith("B, resistant")
    told = [text.get_text() for text in ax.figure.axes[-1].texts]
    assert told == ([] if width == 85 else ["reversed in part, n 3/4/5"] * 14)
    assert len(ms.pl.rescue(table(2)).get_yticks()) == 2


def test_the_foot_names_lines_and_inhibitors_that_nobody_left_out() -> None:
    res = table(2)
    kept = (res["line"].iloc[0], res["inhibitor"].iloc[0])
    others = [
        v for c, k in zip(("line", "inhibitor"), kept, strict=True) for v in res[c].unique() if v not in k
    ]
    told = ms.pl.rescue(res).get_xlabel().replace("\n", " ")
    assert others
    assert told.endswith(f"; not drawn: {', '.join(others)}")
    asked = ms.pl.rescue(res, line=kept[0], inhibitor=kept[1]).get_xlabel()
    assert "not drawn" not in asked
    one = ms.pl.rescue(res, res["signature"].iloc[0]).get_xlabel()
    assert "not drawn" not in one  # all lines and inhibitors are its rows


def test_rows_without_numbers_stay_empty() -> None:
    res = table()
    numbers = [c for c in res.columns if c.startswith((*PARTS, "fraction"))]
    res[[c for c in numbers if c != "fraction_kind"]] = np.nan
    res["verdict"], res["fraction_kind"] = "not tested", ""
    ax = ms.pl.rescue(res)
    ax.figure.canvas.draw()
    assert [text.get_text() for text in ax.figure.axes[-1].texts].count("not tested") == 8


def test_it_refuses_other_tables() -> None:
    with pytest.raises(ms.InputError, match=r"no signature 'il6\.x'\. It has emt\.set0"):
        ms.pl.rescue(table(), signature="il6.x")
    with pytest.raises(ms.InputError, match=r"no column fraction_kind. Pass what ms\.tl\.rescue"):
        ms.pl.rescue(table().drop(columns="fraction_kind"))
    with pytest.raises(ms.InputError, match="not a table"):
        ms.pl.rescue([1, 2])
    with pytest.raises(ms.InputError, match="no row of kind 'line'"):
        ms.pl.rescue(table().query("kind != 'line'"))
    with pytest.raises(ms.InputError, match="not both"):
        ms.pl.rescue(table(), ax=plt.subplots()[1], width=85)
    with pytest.raises(ms.InputError, match="width is 3"):
        ms.pl.rescue(table(), width=3)


def test_a_figure_that_no_page_holds_says_what_to_type() -> None:
    with pytest.warns(
        ms.InputWarning, match=r"is \d+ mm tall, more than a journal's page.*res\[res\['signature'\]"
    ):
        ms.pl.rescue(table(70), line="resistant", inhibitor="B", width=174)
    few = table(70)
    ms.pl.rescue(few[few["signature"].str.endswith("0")], line="resistant", inhibitor="B")  # no warning
