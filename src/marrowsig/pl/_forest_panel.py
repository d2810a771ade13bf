"""One panel of a forest plot: points with intervals, words beside them, and the legend of axes above."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._sizes import sizes
from marrowsig.pl._aside import aside, p_words
from marrowsig.pl._by_stroma import stands, tick
from marrowsig.pl._clip import heads
from marrowsig.pl._colours import MARKERS, axis_colour
from marrowsig.pl._style import SMALL, from_corner, room
from marrowsig.pl._words import long

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def draw_panel(
    ax: Axes,
    rows: pd.DataFrame,
    lines: list[str],
    shown: list[str],
    alpha: float,
    *,
    counted: bool,
    cut: tuple[float, float] | None,
) -> float:
    """Draw one contrast; return the millimetres that the words beside it take."""
    at = dict(zip(lines, range(len(lines) - 1, -1, -1), strict=True))
    y = rows["label"].map(at).to_numpy(dtype=float)
    ax.axvline(0.0, color="black", lw=0.6, ls="--", zorder=0)
    for axis in dict.fromkeys(rows["axis"]):
        mask = (rows["axis"] == axis).to_numpy()
        part, colour, mark = rows[mask], axis_colour(axis), MARKERS.get(axis, "o")
        ends = part[["ci_low", "ci_high"]].to_numpy(dtype=float)
        wings = np.abs(ends.T - part["estimate"].to_numpy(dtype=float))
        ax.errorbar(
            part["estimate"], y[mask], xerr=wings, fmt=mark, ms=3, lw=1.0, color=colour, mfc="white",
            label=axis,
        )  # fmt: skip
        if cut:
            heads(ax, *cut, y[mask], ends, colour)
        found = np.array([row["p_adj"] < alpha and stands(row) for row in part.to_dict("records")])
        ax.plot(part["estimate"][found], y[mask][found], mark, ms=3, color=colour, zorder=3)
    records = rows.to_dict("records")
    for row, at_y in zip(records, y, strict=True):
        tick(ax, row.get("carried"), at_y)
    words = {"adj. p": p_words(records, alpha)}
    if counted:
        words = {"n": [sizes(row, between=", ") for row in records], **words}
    aside(ax, y, words)
    ax.set_yticks(range(len(lines) - 1, -1, -1), shown, fontsize=SMALL)
    taken = sum(long([heading, *told]) for heading, told in words.items())
    free = room(ax) - long(shown) - taken - 8.0
    ax.locator_params(axis="x", nbins=min(6, max(2, int(free / 9.0))) if counted else 3)
    ax.set_ylim(-0.7, len(lines) - 0.3)
    if cut:
        ax.set_xlim(*cut)
    return taken


def legend_above(ax: Axes, groups: list[str], free: float, *, up: float) -> int:
    """Write the axes above a panel, and return in how many lines: inside, they would hide an interval."""
    from matplotlib.lines import Line2D

    columns = columns_of(groups, free)
    marks = [
        Line2D([], [], color=axis_colour(axis), marker=MARKERS.get(axis, "o"), ms=3, lw=1.0, label=axis)
        for axis in groups
    ]
    legend = ax.legend(
        handles=marks, frameon=False, fontsize=SMALL, ncols=columns, columnspacing=1.0, handletextpad=0.2,
        loc="lower left", bbox_to_anchor=(0.0, up), bbox_transform=from_corner(ax, 0.0, 1.0),
        borderaxespad=0.1, borderpad=0.1, labelspacing=0.25,
    )  # fmt: skip
    legend.set_in_layout(False)  # it may reach over the next panel
    return -(-len(groups) // columns)


def columns_of(groups: list[str], free: float) -> int:
    return min(len(groups), max(1, int(free / (long(groups) + 7.0))))
