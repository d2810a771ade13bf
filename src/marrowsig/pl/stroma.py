"""Contrasts as scored beside the same on genes that carry-over cannot move."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._check_words import CANNOT, EXPLAINED, MAY_BE, NOTHING, STANDS
from marrowsig._rounded import plain
from marrowsig.pl._aside import GAP, aside
from marrowsig.pl._colours import AXES, GREY, OKABE_ITO
from marrowsig.pl._contrast_title import of_rows
from marrowsig.pl._rows import interval, needed, only
from marrowsig.pl._signature_names import rows_beside
from marrowsig.pl._style import BREAK, EXTRA, SMALL, WIDE, axes, bare, fit, given_width, room
from marrowsig.pl._ticks_apart import ticks_apart
from marrowsig.pl._words import below, long, scored_by, title

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

MANY = 24  # rows from which on they stand closer
OF_VERDICTS = "Draw fewer rows: v = res.verdicts, and of it e.g. v[v['signature'].str.startswith('emt.')]."
COLOURS = {
    STANDS: OKABE_ITO[2],
    MAY_BE: OKABE_ITO[4],
    EXPLAINED: OKABE_ITO[1],
    CANNOT: AXES["control"],
    NOTHING: "#BBBBBB",
}
NEEDED = (
    "signature", "contrast", "method", "stratum", "verdict", "estimate", "ci_low", "ci_high",
    "filtered_estimate", "filtered_ci_low", "filtered_ci_high", "left", "n_kept", "n_genes",
    "tipping", "tipping_ratio",
)  # fmt: skip


def stroma(
    res: Any,
    *,
    contrast: str | None = None,
    method: str | None = None,
    stratum: str | None = None,
    design: Design | FormulaDesign | None = None,
    labels: Mapping[str, str] | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw each signature's contrast as scored (open) and filtered (filled), with the verdict.

    Parameters
    ----------
    res
        Result of `ms.qc.stroma`, or its `verdicts`.
    contrast, method, stratum
        One of each; by default the first of the table.
    design
        The design that was compared, for the title of a table that was read from a file: that knows roles,
        such as "co vs mono in resistant", where a result knows levels, "MSC vs alone in relapse".
    labels
        Other words for levels, contrasts or signatures, such as `{"co": "with MSC", "emt.hallmark": "EMT"}`.
    ids
        Call signatures by their ids; by default by their titles, unless two share one, rows with titles would
        not fit onto a page, or the table was read from a file, which holds ids alone.
    width
        Of a new figure, in millimetres; 180 by default.
    ax
        Where to draw; a new figure, as tall as it needs to be, by default.

    Returns
    -------
    Axes
        x is the difference in score units, with intervals at the level of the result; the grey bar is what
        carry-over could still do to the genes that are kept. On the right: the verdict, genes kept of those
        found, and from 120 mm on the tipping share and how many times the upper limit of the shares it is.

    Raises
    ------
    InputError
        If the table has no such contrast, method or stratum, or is not one of `ms.qc.stroma`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> found = ms.qc.stroma(
    ...     ms.ds.demo(), design, stroma=ms.ds.demo_stroma(), signatures=["emt.hallmark", "emt.mak2016"]
    ... )
    >>> ms.pl.stroma(found, contrast="co_in_resistant").get_title(loc="left")
    'co vs mono in resistant'
    """
    table = getattr(res, "verdicts", res)
    rows = _rows(table, contrast, method, stratum)
    y = np.arange(len(rows))[::-1].astype(float)
    new, place = ax is None, given_width(width, WIDE) if ax is None else room(ax)
    names, more = rows_beside(rows, place, by_id=ids, labels=labels)
    many = len(rows) > MANY and place >= BREAK  # so low that each verdict needs one line
    tall = max(4.2 if many else 6.4, 3.4 + more) * len(rows)
    ax = axes(ax, width, usual=WIDE, height=tall + EXTRA)
    ax.axvline(0.0, color="black", lw=0.6, ls="--", zorder=0)
    sign = np.where(rows["estimate"] < 0, -1.0, 1.0)
    ax.barh(y - 0.14, sign * rows["left"].fillna(0.0), height=0.22, color="#DDDDDD", zorder=0)
    for name, shift, face in (("", 0.14, "white"), ("filtered_", -0.14, None)):
        for at, row in zip(y + shift, rows.to_dict("records"), strict=True):
            if not np.isfinite(row[f"{name}estimate"]):
                continue
            colour = COLOURS.get(str(row["verdict"]), GREY)
            low, high = row[f"{name}ci_low"], row[f"{name}ci_high"]
            ax.plot([low, high], [at, at], color=colour, lw=1.0)
            ax.plot([row[f"{name}estimate"]], [at], "o", ms=3.5, color=colour, mfc=face or colour)
    words = _words(rows, few=room(ax) < BREAK, wide=40 if many else 15)
    aside(ax, y, words)
    taken = long(names) + sum(long([heading, *told]) + GAP for heading, told in words.items())
    ticks_apart(ax, place - taken - 10.0)
    ax.set_yticks(y, names, fontsize=SMALL)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    what = f"difference in {scored_by(str(rows['method'].iloc[0]))} ({interval(table)})"
    told = "open: as scored; filled: on genes that stroma could not move; bar: what it could do to these"
    below(ax, what, told, place=place, new=new)
    title(ax, of_rows(rows, design, labels), pad=12.0)
    bare(ax)
    fit(ax, tall, new=new, fewer=OF_VERDICTS)
    return ax


def _rows(table: Any, contrast: str | None, method: str | None, stratum: str | None) -> pd.DataFrame:
    rows = needed(table, NEEDED, call="ms.qc.stroma(adata, design)")
    asked = {"contrast": contrast, "method": method, "stratum": stratum}
    for column, value in asked.items():
        rows = only(rows, column, value)
    return rows.reset_index(drop=True)


def _words(rows: pd.DataFrame, *, few: bool, wide: int) -> dict[str, list[str]]:
    kept = [f"{k}/{n}" for k, n in zip(rows["n_kept"], rows["n_genes"], strict=True)]
    verdicts = ["\n".join(wrap(said, wide, break_on_hyphens=False)) for said in map(_short, rows["verdict"])]
    if few:
        return {"verdict": verdicts, "genes": kept}
    tipping = [
        _tipping(100 * share, ratio) if np.isfinite(share) else "none"
        for share, ratio in zip(rows["tipping"], rows["tipping_ratio"], strict=True)
    ]
    return {"verdict": verdicts, "genes kept": kept, "tipping share": tipping}


def _short(verdict: str) -> str:
    """Give a verdict in two lines: of what was not asked, why."""
    return verdict.removeprefix("not asked: ")


def _tipping(percent: float, ratio: float) -> str:
    if percent < 0.01:
        return "< 0.01 %"
    return f"{plain(percent, 2)} % ({ratio:.2g} \N{MULTIPLICATION SIGN})"
