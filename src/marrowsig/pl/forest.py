"""Estimate and interval of every signature in one contrast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._contrasts import in_own_words
from marrowsig.pl._aside import aside, p_word
from marrowsig.pl._colours import AXES, MARKERS, axis_colour
from marrowsig.pl._rows import interval, needed, one_contrast, only
from marrowsig.pl._style import EXTRA, SMALL, WIDE, axes, bare, fit, room
from marrowsig.pl._words import long, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

NEEDED = (
    "signature", "axis", "method", "contrast", "estimate", "ci_low", "ci_high", "n_test", "n_base", "p_adj",
)  # fmt: skip
CALL = "ms.tl.compare(adata, design)"


def forest(
    res: pd.DataFrame,
    *,
    contrast: str | None = None,
    method: str | None = None,
    stratum: str | None = None,
    design: Design | FormulaDesign | None = None,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw estimates with their intervals, one row per signature, grouped by axis.

    Parameters
    ----------
    res
        Table of `ms.tl.compare`.
    contrast
        One contrast; by default the interaction if there is one, otherwise the first of the table.
    method
        One scoring method; by default the first of the table.
    stratum
        One stratum; by default all, told apart in the labels.
    design
        The design that was compared: its levels then stand in the title in place of their roles, such as
        "MSC_in_relapse" of `co_in_resistant`.
    width
        Of a new figure, in millimetres; 180 by default.
    ax
        Where to draw; a new figure, as tall as it needs to be, by default.

    Returns
    -------
    Axes
        x is the difference in score units. On the right: n of test and base arm, and the adjusted p.

    Raises
    ------
    InputError
        If the table has no such contrast, method or stratum, or is not a table of `ms.tl.compare`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"])
    >>> res = ms.tl.compare(adata, ms.Design(culture="culture", line="line", pair="pair"))
    >>> ax = ms.pl.forest(res)
    >>> ax.get_title(loc="left")
    'interaction'
    """
    rows = _rows(res, contrast, method, stratum)
    y = np.arange(len(rows))[::-1]
    new, tall = ax is None, 3.1 * len(rows)
    ax = axes(ax, width, usual=WIDE, height=tall + EXTRA)
    ax.axvline(0.0, color="black", lw=0.6, ls="--", zorder=0)
    groups = list(dict.fromkeys(rows["axis"]))
    for axis in groups:
        mask = (rows["axis"] == axis).to_numpy()
        part = rows[mask]
        ends = part[["ci_low", "ci_high"]].to_numpy(dtype=float)
        wings = np.abs(ends.T - part["estimate"].to_numpy(dtype=float))
        ax.errorbar(
            part["estimate"], y[mask], xerr=wings, fmt=MARKERS.get(axis, "o"), ms=3, lw=1.0,
            color=axis_colour(axis), label=axis,
        )  # fmt: skip
    records = rows.to_dict("records")
    n = [f"{_count(row['n_test'])}, {_count(row['n_base'])}" for row in records]
    p = [p_word(row) for row in records]
    aside(ax, y, {"n": n, "adj. p": p})
    ax.set_yticks(y, rows["label"], fontsize=SMALL)
    ax.locator_params(axis="x", nbins=4 if room(ax) < 120 else 6)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    name = str(rows["contrast"].iloc[0])
    what = "fall under the inhibitor of" if name.startswith("reversal_") else "difference in"
    ax.set_xlabel(f"{what} {rows['method'].iloc[0]} score\n({interval(res)})")
    free = room(ax) - long(rows["label"]) - long([*n, "n"]) - long(p) - 10.0
    columns = max(1, int(free / (long(groups) + 7.0)))
    lines = -(-len(groups) // columns) if len(groups) > 1 else 0
    title(ax, in_own_words(name, design), pad=4.0 + 8.2 * lines)
    if lines:
        # Above the axes: inside, it would hide an interval.
        ax.legend(
            frameon=False, fontsize=SMALL, ncols=columns, columnspacing=1.0, handletextpad=0.2,
            loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.1, borderpad=0.1,
            labelspacing=0.25,
        )  # fmt: skip
    bare(ax)
    fit(ax, tall, new=new)
    return ax


def _rows(res: pd.DataFrame, contrast: str | None, method: str | None, stratum: str | None) -> pd.DataFrame:
    table = needed(res, NEEDED, call=CALL)
    rows = one_contrast(only(table, "method", method), contrast)
    rows = rows if stratum is None else only(needed(rows, ("stratum",), call=CALL), "stratum", stratum)
    rank = {axis: i for i, axis in enumerate(AXES)}
    order = rows["axis"].map(lambda axis: rank.get(axis, len(rank)))
    rows = rows.assign(_rank=order).sort_values(["_rank", "axis", "estimate"], ascending=[True, True, False])
    strata = rows["stratum"].astype(str) if "stratum" in rows else pd.Series("", index=rows.index)
    split = len(set(strata)) > 1
    return rows.assign(label=rows["signature"] + (" | " + strata if split else "")).reset_index(drop=True)


def _count(value: object) -> str:
    return "?" if pd.isna(value) else f"{float(str(value)):g}"
