"""Estimate and interval of every signature, in one contrast or in several side by side."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._contrast_kinds import is_secondary
from marrowsig._errors import InputError
from marrowsig._same_design import require_same_design
from marrowsig._titles import CONTRASTS
from marrowsig.pl._aside import family_words
from marrowsig.pl._by_stroma import by_stroma, filled_words
from marrowsig.pl._clip import limits
from marrowsig.pl._contrast_title import contrast_title
from marrowsig.pl._forest_panel import columns_of, draw_panel, legend_above
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
from marrowsig.pl._forest_words import below, counts, line_height, line_words, unestimated
from marrowsig.pl._panels import grid
from marrowsig.pl._rows import interval, needed, only
from marrowsig.pl._signature_names import close, names_in_table
from marrowsig.pl._style import EXTRA, MM, TEXT, WIDE, axes, bare, dress, fit, given_width, room
from marrowsig.pl._ticks_apart import less_crowded
from marrowsig.pl._words import letters, long, title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.qc._stroma_result import Stroma

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
    stroma: Stroma | pd.DataFrame | None = None,
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
    stroma
        Result of `ms.qc.stroma`, or its `verdicts`: a vertical tick marks what the RNA of stroma gives by
        itself, and only marks of what it calls "not explained by carry-over" are filled, beside those that
        it was not asked of. Points stay those of all genes; `ms.pl.overview` has those to cite. Without it
        the label of x says "as scored".
    design
        The design that was compared, for the titles of a table that was read from a file: these are roles
        where the arms in it do not tell the levels.
    most
        Lines that are drawn at most, in all panels where they stand below each other; by default as many as
        a page of 240 mm holds. Of more, those are of the least adjusted p on each axis, controls last; the
        label of x then says how many there are.
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
        Filled marks have an adjusted p below one minus the level of the intervals, and pass `stroma`.
        An arrow head ends an interval that is so much wider than the others that it would set the axis. On
        the right: n of test and base arm (below, where panels are side by side), and the adjusted p, with how
        it was adjusted where rows differ in that. Rows without an estimate are named below.

    Raises
    ------
    InputError
        If the table has no such contrast, method or stratum, `most` is no number of lines, this is not a
        table of `ms.tl.compare`, or one of another design, or `stroma` is no result of `ms.qc.stroma` for
        these scores.

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
    require_same_design(res, design)
    if most is not None and (isinstance(most, bool) or most < 1):
        msg = f"most is {most!r}; it has to be a number of lines, for example 70."
        raise InputError(msg)
    names, several = _contrasts(table, contrast)
    table = table if stratum is None else only(needed(table, ("stratum",), call=CALL), "stratum", stratum)
    without, rows = set_aside(by_stroma([labelled(only(table, "contrast", n)) for n in names], stroma))
    rows, other_strata = by_stratum(rows)
    own_words = dict(labels or {})
    new, whole = ax is None, given_width(width, WIDE) if ax is None else room(ax)
    n, split = len(rows), len(rows) > len(names)
    every = rows
    for by_id in (ids, True):  # ids where titles of several lines would not fit onto a page
        words = own_words | names_in_table(table, labels=labels, by_id=by_id)
        rows, across, least, others = _shape(every, most, whole, words)
        lines = in_order(rows)
        shown = [line_words(line, words, whole) for line in lines]
        tall, stacked = len(lines) * line_height(shown), 1 if across else n
        if close(len(lines), line_height(shown) - ROW, stacked * tall + words_of(stacked)):
            break
    else:
        if any(" | " in line for line in lines):
            lines, shown = grouped(lines, words)
            tall = len(lines) * ROW
    alpha = float(res.attrs.get("alpha", 0.05))
    ax = axes(ax, width, usual=WIDE, height=stacked * (tall + EXTRA))
    panels = grid(ax, *((1, n) if across else (n, 1)))
    drawn = pd.concat(rows)
    cut = limits(drawn, points=drawn["carried"].dropna().astype(float) if "carried" in drawn else ())
    over = family_words(drawn, several=split or n > 1)
    told = f"{interval(res)}; {filled_words(drawn, res, alpha, over)}"
    told += "; arrow: the interval goes on" if cut else ""
    told += f"; {len(names)} of {several} contrasts: contrast= draws others" if several else ""
    told = "\n".join(
        part for part in (f"({told})", others, other_strata, unestimated(without, words)) if part
    )
    groups = list(dict.fromkeys(lines.values()))
    one = n == 1
    place = whole if one or not across else (whole - long(shown)) / n
    beside = 1.5 * place if across else (whole - long(shown) - 5.0) / 0.55
    pad = 4.0
    foot = new and not one
    if foot:
        foot_lines = [line for part in told.split("\n") for line in wrap(part, letters(0.9 * whole))]
        ax.figure.supxlabel("\n".join(foot_lines), fontsize=TEXT)
    headings = []
    for k, row in enumerate(own.iloc[0].to_dict() for own in rows):
        heading = contrast_title(row, design, labels, table.attrs.get(CONTRASTS))
        where = stratum_words(str(row["stratum"]), own_words)
        # of strata, the contrast stands once, above the first
        headings.append(heading if not split else where if k and across else f"{heading}\n{where}")
    for k, (panel, own) in enumerate(zip(panels, rows, strict=True)):
        if k:
            dress(panel)
            panel.sharex(ax)
        taken = draw_panel(panel, own, list(lines), shown, alpha, counted=one or not across, cut=cut)
        if across and not one and least == TIGHT:
            panel.locator_params(axis="x", nbins=2)
        if k == 0 and len(groups) > 1:
            free = whole - long(shown) - 10.0
            level = (one or not across) and columns_of(groups, free - taken) == len(groups)
            raised = 0.0 if level else HEADING
            pad += 8.2 * legend_above(panel, groups, free, up=raised) + raised * MM * 72
        elif k and not across:
            pad = 4.0
        if k and across:
            panel.set_yticklabels([])
        n_below = "" if one or not across else counts(own)
        panel.set_xlabel(
            below(own.iloc[0].to_dict(), n_below, "" if k or foot else told, letters(0.75 * place))
        )
        free = (whole - long(shown) if one or not across else place) - taken - 11.0
        above = [headings[k]] if one or not across else headings  # those side by side stand alike
        if pad == 4.0 and long(above, 1.12 * TEXT) > free:
            pad += HEADING * MM * 72  # above the headings of the words beside the panel
        title(panel, headings[k], pad=pad, place=None if one else beside)
        bare(panel)
    fewer = "" if most else "Name fewer contrasts, e.g. contrast='interaction'."
    fit(ax, tall, new=new, stacked=stacked, fewer=fewer)
    less_crowded(ax)
    return ax


def _shape(
    rows: list[pd.DataFrame], most: int | None, whole: float, labels: Mapping[str, str]
) -> tuple[list[pd.DataFrame], bool, float, str]:
    """Choose lines and how panels stand: the rows, whether side by side, the least width of one, a note."""
    n = len(rows)
    for across in (True, False):
        stacked = 1 if across else n
        kept, told = leading(rows, most or page_lines(rows, stacked), stacked=stacked)
        shown = [line_words(line, labels, whole) for line in in_order(kept)]
        least = PANEL if n * line_height(shown) * len(shown) <= PAGE else TIGHT
        if n == 1 or not across or n * least <= whole - long(shown):
            break
    return kept, across, least, told


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
