"""Estimate and interval of every signature, in one contrast or in several side by side."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._contrasts import is_secondary
from marrowsig._errors import InputError, first
from marrowsig._sizes import sizes
from marrowsig._titles import CONTRASTS
from marrowsig.pl._aside import aside, family_words, p_words
from marrowsig.pl._clip import heads, limits
from marrowsig.pl._colours import MARKERS, axis_colour
from marrowsig.pl._contrast_title import contrast_title
from marrowsig.pl._forest_rows import (
    ROW,
    by_stratum,
    grouped,
    in_order,
    labelled,
    leading,
    page_lines,
    set_aside,
    stratum_words,
    words_of,
)
from marrowsig.pl._panels import grid
from marrowsig.pl._rows import interval, needed, only
from marrowsig.pl._signature_names import LINE, SHARE, close, names_in_table
from marrowsig.pl._style import (
    EXTRA,
    MM,
    SMALL,
    TEXT,
    WIDE,
    axes,
    bare,
    dress,
    fit,
    from_corner,
    given_width,
    room,
)
from marrowsig.pl._words import filled, letters, long, scored_by, title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

NEEDED = (
    "signature", "axis", "method", "contrast", "estimate", "ci_low", "ci_high", "n_test", "n_base", "p_adj",
)  # fmt: skip
CALL = "ms.tl.compare(adata, design)"
MOST = 4
"""Contrasts that are drawn side by side unless they are named."""
HEADING = 3.0  # millimetres of the headings of words beside panels, over which a legend reaches
PANEL, TIGHT = 36.0, 31.0  # millimetres that a panel beside others needs, without names of signatures
PAGE = 230.0  # millimetres that panels below each other may take before those beside each other get tight


def forest(
    res: pd.DataFrame,
    *,
    contrast: str | Sequence[str] | None = None,
    method: str | None = None,
    stratum: str | None = None,
    design: Design | FormulaDesign | None = None,
    most: int | None = None,
    labels: Mapping[str, str] | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw estimates with their intervals, one row per signature, grouped by axis.

    Parameters
    ----------
    res
        Table of `ms.tl.compare`.
    contrast
        One contrast, or several, a panel each. By default what co-culture does in each line and the
        interaction, and what inhibitors take back where there is room for all of it: four panels at most.
        Where some are not drawn, the note below says how many there are.
    method
        One scoring method; by default the first of the table.
    stratum
        One stratum; by default all in the order of the table: those of a signature below each other, or, of
        one contrast in more than 40 lines, beside each other, a panel each and four at most.
    design
        The design that was compared, for the titles of a table that was read from a file: these are roles
        where the arms in it do not tell the levels.
    most
        Lines that are drawn at most, in all panels where they stand below each other; by default as many as
        a page of 240 mm holds. Of more, those are of the signatures with the least adjusted p; the label of x
        then says how many there are.
    labels
        Other words for levels, strata, contrasts or signatures, such as `{"emt.hallmark": "EMT"}`.
    ids
        Call signatures by their ids; by default by their titles, unless two share one, rows with titles would
        not fit onto a page, or the table was read from a file, which holds ids alone.
    width
        Of a new figure, in millimetres; 180 by default.
    ax
        Where to draw; its place is divided between the panels. A new figure, as tall as it needs to be, by
        default.

    Returns
    -------
    Axes
        That of the first panel; the others follow in the figure. x is the difference in score units.
        Filled marks have an adjusted p below one minus the level of the intervals. An arrow head ends an
        interval that is so much wider than the others that it would set the axis. On the right: n of test and
        base arm (below, where panels are side by side), and the adjusted p, with how it was adjusted where
        rows differ in that. Rows without an estimate are named below.

    Raises
    ------
    InputError
        If the table has no such contrast, method or stratum, `most` is no number of lines, or this is not a
        table of `ms.tl.compare`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"])
    >>> res = ms.tl.compare(adata, ms.Design(culture="culture", line="line", pair="pair"))
    >>> ax = ms.pl.forest(res, contrast=["co_in_parental", "co_in_resistant"])
    >>> [panel.get_title(loc="left").replace("\n", " ") for panel in ax.figure.axes]
    ['co vs mono in parental', 'co vs mono in resistant']
    """
    table = only(needed(res, NEEDED, call=CALL), "method", method)
    if most is not None and (isinstance(most, bool) or most < 1):
        msg = f"most is {most!r}; it has to be a number of lines, for example 70."
        raise InputError(msg)
    names, several = _contrasts(table, contrast)
    table = table if stratum is None else only(needed(table, ("stratum",), call=CALL), "stratum", stratum)
    without, rows = set_aside([labelled(only(table, "contrast", name)) for name in names])
    rows, other_strata = by_stratum(rows)
    own_words = dict(labels or {})
    new, whole = ax is None, given_width(width, WIDE) if ax is None else room(ax)
    n, split = len(rows), len(rows) > len(names)
    every = rows
    for by_id in (ids, True):  # ids where titles of several lines would not fit onto a page
        words = own_words | names_in_table(table, labels=labels, by_id=by_id)
        rows, across, least, others = _shape(every, most, whole, words)
        lines = in_order(rows)
        shown = [_shown(line, words, whole) for line in lines]
        tall, stacked = len(lines) * _row(shown), 1 if across else n
        if close(len(lines), _row(shown) - ROW, stacked * tall + words_of(stacked)):
            break
    else:
        if any(" | " in line for line in lines):
            lines, shown = grouped(lines, words)
            tall = len(lines) * ROW
    alpha = float(res.attrs.get("alpha", 0.05))
    ax = axes(ax, width, usual=WIDE, height=stacked * (tall + EXTRA))
    panels = grid(ax, *((1, n) if across else (n, 1)))
    cut = limits(pd.concat(rows))
    over = family_words(pd.concat(rows), several=split or n > 1)
    told = f"{interval(res)}; filled: adj. p < {alpha:g}{f', {over}' if over else ''}"
    told += "; arrow: the interval goes on" if cut else ""
    told += f"; {len(names)} of {several} contrasts: contrast= draws others" if several else ""
    told = "\n".join(part for part in (f"({told})", others, other_strata, _aside(without, words)) if part)
    groups = list(dict.fromkeys(lines.values()))
    one = n == 1
    place = whole if one or not across else (whole - long(shown)) / n
    beside = 1.6 * place if across else (whole - long(shown) - 3.0) / 0.55
    pad = 4.0
    foot = new and not one
    if foot:
        notes = [line for part in told.split("\n") for line in wrap(part, letters(0.9 * whole))]
        ax.figure.supxlabel("\n".join(notes), fontsize=TEXT)
    for k, (panel, own) in enumerate(zip(panels, rows, strict=True)):
        if k:
            dress(panel)
            panel.sharex(ax)
        taken = _panel(panel, own, list(lines), shown, alpha, counted=one or not across, cut=cut)
        if across and not one and least == TIGHT:
            panel.locator_params(axis="x", nbins=2)
        if k == 0 and len(groups) > 1:
            free = whole - long(shown) - 10.0
            level = (one or not across) and _columns(groups, free - taken) == len(groups)
            raised = 0.0 if level else HEADING
            pad += 8.2 * _legend(panel, groups, free, up=raised) + raised * MM * 72
        elif k and not across:
            pad = 4.0
        if k and across:
            panel.set_yticklabels([])
        row = own.iloc[0].to_dict()
        counts = "" if one or not across else _counts(own)
        panel.set_xlabel(_below(row, counts, "" if k or foot else told, letters(0.75 * place)))
        heading = contrast_title(row, design, labels, table.attrs.get(CONTRASTS))
        if split:  # the contrast stands once, above the first stratum
            where = stratum_words(str(row["stratum"]), own_words)
            heading = where if k and across else f"{heading}\n{where}"
        free = whole - long(shown) - taken - 6.0
        if pad == 4.0 and (one or not across) and long([heading], 1.12 * TEXT) > free - 5.0:
            pad += HEADING * MM * 72  # above the headings of the words beside the panel
        title(panel, heading, pad=pad, place=None if one else beside)
        bare(panel)
    fewer = "" if most else "Name fewer contrasts, e.g. contrast='interaction'."
    fit(ax, tall, new=new, stacked=stacked, fewer=fewer)
    return ax


def _shape(
    rows: list[pd.DataFrame], most: int | None, whole: float, labels: Mapping[str, str]
) -> tuple[list[pd.DataFrame], bool, float, str]:
    """Choose lines and how panels stand: the rows, whether side by side, the least width of one, a note."""
    n = len(rows)
    for across in (True, False):
        stacked = 1 if across else n
        kept, told = leading(rows, most or page_lines(rows, stacked), stacked=stacked)
        shown = [_shown(line, labels, whole) for line in in_order(kept)]
        least = PANEL if n * _row(shown) * len(shown) <= PAGE else TIGHT
        if n == 1 or not across or n * least <= whole - long(shown):
            break
    return kept, across, least, told


def _below(row: Mapping[str, Any], n: str, told: str, fits: int) -> str:
    """Say what x is, how many samples, and under the first panel what marks and intervals are."""
    falls = str(row["contrast"]).startswith("reversal_")
    what = "fall under the inhibitor of" if falls else "difference in"
    parts = [f"{what} {scored_by(str(row['method']))}", n, *told.split("\n")]
    return "\n".join(line for part in parts for line in wrap(part, fits))


def _contrasts(table: pd.DataFrame, asked: str | Sequence[str] | None) -> tuple[list[str], int]:
    """Contrasts to draw, and how many there are where not all are drawn and none was named."""
    known = list(dict.fromkeys(table["contrast"].astype(str)))
    if asked is not None:
        names = [asked] if isinstance(asked, str) else list(dict.fromkeys(asked))
        return [str(only(table, "contrast", name)["contrast"].iloc[0]) for name in names], 0
    leading = [name for name in known if not is_secondary(name)] or known
    if len(leading) > MOST:  # inhibitors, of which there may be many, only where all fit
        leading = [name for name in leading if not name.startswith("reversal_")] or leading
    names = leading[:MOST]
    return names, len(known) if len(known) > len(names) else 0


def _aside(lost: list[str], words: Mapping[str, str]) -> str:
    """Name the lines that are not drawn as they would be called beside it."""
    told = [_in_words(line, words) for line in lost]
    return f"not estimated: {first(told, 20)}" if told else ""


def _in_words(line: str, words: Mapping[str, str]) -> str:
    name, bar, stratum = line.partition(" | ")
    return f"{words.get(name, name)}{bar}{stratum_words(stratum, words) if bar else ''}"


def _shown(line: str, labels: Mapping[str, str], whole: float) -> str:
    """Write signature and stratum, one below the other where they take more than their share of the width."""
    name, told = line.partition(" | ")[0], _in_words(line, labels)
    if long([told]) <= SHARE * whole or told == name:  # an id keeps to its line
        return told
    parts = [part for text in told.split(" | ") for part in filled(text, SHARE * whole)]
    return "\n".join(parts)


def _row(shown: Sequence[str]) -> float:
    """Millimetres of a line with these labels."""
    return ROW + LINE * max((told.count("\n") for told in shown), default=0)


def _counts(rows: pd.DataFrame) -> str:
    """Give n of test and base arm of a panel that has no room for a column of them."""
    one = {sizes(row, between=", ") for row in rows.to_dict("records")}
    if len(one) == 1:
        return f"n = {one.pop()}"
    ranges = []
    for side in ("n_test", "n_base"):
        known = sorted(set(rows[side].dropna()))
        ends = [f"{known[0]:g}", f"{known[-1]:g}"] if known else ["?"]
        ranges.append("\N{EN DASH}".join(dict.fromkeys(ends)))
    return f"n = {', '.join(ranges)}"


def _panel(
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
        found = (part["p_adj"] < alpha).to_numpy()
        ax.plot(part["estimate"][found], y[mask][found], mark, ms=3, color=colour, zorder=3)
    records = rows.to_dict("records")
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


def _legend(ax: Axes, groups: list[str], free: float, *, up: float) -> int:
    """Write the axes above a panel, and return in how many lines: inside, they would hide an interval."""
    from matplotlib.lines import Line2D

    columns = _columns(groups, free)
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


def _columns(groups: list[str], free: float) -> int:
    return min(len(groups), max(1, int(free / (long(groups) + 7.0))))
