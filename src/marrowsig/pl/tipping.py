"""How much stromal RNA a contrast would take, beside how much there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig.pl._aside import aside
from marrowsig.pl._colours import GREY, OKABE_ITO
from marrowsig.pl._contrast_title import of_rows
from marrowsig.pl._rows import needed, only
from marrowsig.pl._signature_names import rows_beside
from marrowsig.pl._style import BREAK, EXTRA, FEWER, SMALL, WIDE, axes, bare, fit, given_width, room
from marrowsig.pl._words import below, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

NEEDED = (
    "signature", "contrast", "method", "stratum", "verdict", "share", "share_up", "tipping", "tipping_ratio",
    "robust",
)  # fmt: skip
HEAD = 4.0  # points of an arrow head
ENDS = (0.01, 50.0)
"""Per cent that the axis shows at least and at most; the search for tipping shares ends at 50."""


def tipping(
    res: Any,
    *,
    contrast: str | None = None,
    method: str | None = None,
    stratum: str | None = None,
    design: Design | FormulaDesign | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the smallest share of stromal RNA that could make each contrast by itself.

    Parameters
    ----------
    res
        Result of `ms.qc.stroma`, or its `verdicts`.
    contrast, method, stratum
        One of each; by default the first of the table.
    design
        The design that was compared, for the title of a table that was read from a file: that knows roles,
        such as "co vs mono in resistant", where a result knows levels, "MSC vs alone in relapse".
    ids
        Call signatures by their ids; by default by their titles, unless two share one, rows with titles would
        not fit onto a page, or the table was read from a file, which holds ids alone.
    width
        Of a new figure, in millimetres; 180 by default.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        x is a share of RNA in per cent, on a log scale. Points are tipping shares, filled from three times
        the upper limit of the samples' shares on (dotted line), with an arrow head where no share is enough.
        The band ends at that upper limit; its inner line is the largest share of these samples. Contrasts
        that are not established have no tipping share. Of two co-cultures it is the share of the higher one,
        with the other as estimated.

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
    >>> ms.pl.tipping(found, contrast="co_in_resistant").get_xscale()
    'log'
    """
    rows = needed(getattr(res, "verdicts", res), NEEDED, call="ms.qc.stroma(adata, design)")
    for column, value in {"contrast": contrast, "method": method, "stratum": stratum}.items():
        rows = only(rows, column, value)
    rows = rows.sort_values("tipping", ascending=False, kind="stable", na_position="last")
    y = np.arange(len(rows))[::-1].astype(float)
    new, place = ax is None, given_width(width, WIDE) if ax is None else room(ax)
    names, more = rows_beside(rows, place, by_id=ids)
    tall = (3.4 + more) * len(rows)
    ax = axes(ax, width, usual=WIDE, height=tall + EXTRA)
    share, upper = 100 * float(rows["share"].max()), 100 * float(rows["share_up"].max())
    known = 100 * rows["tipping"].to_numpy(dtype=float)
    finite = known[np.isfinite(known) & (known > 0)]
    low = min([ENDS[0], *(0.7 * finite), *([0.7 * upper] if upper > 0 else [])])
    ax.set_xscale("log")
    ax.set_xlim(low, ENDS[1])
    _limits(ax, share, upper, low)
    for at, value, robust in zip(y, known, rows["robust"], strict=True):
        _point(ax, at, value, full=robust == "yes")
    words = {"verdict": list(rows["verdict"])} if room(ax) >= BREAK else {}
    ratios = [_ratio(ratio) for ratio in rows["tipping_ratio"]]
    aside(ax, y, words | {"times limit": ratios})
    ax.set_yticks(y, names, fontsize=SMALL)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.xaxis.set_major_formatter("{x:g}")
    told = (
        "points: enough to make the contrast, filled from three times the limit (dotted) on; "
        "band: up to the limit of these samples, line in it: the largest of them"
    )
    below(ax, "share of stromal RNA, %", told, place=place, new=new)
    title(ax, of_rows(rows, design), pad=12.0)
    bare(ax)
    fit(ax, tall, new=new, fewer=FEWER)
    return ax


def _limits(ax: Axes, share: float, upper: float, low: float) -> None:
    if np.isfinite(upper):
        ax.axvspan(low, max(upper, low), color="#E4E4E4", lw=0, zorder=0)
        ax.axvline(3 * upper, color="black", lw=0.6, ls=":", zorder=1)
    if np.isfinite(share) and share > low:
        ax.axvline(share, color=GREY, lw=0.8, zorder=1)


def _point(ax: Axes, at: float, value: float, *, full: bool) -> None:
    from matplotlib.transforms import ScaledTranslation

    if np.isnan(value):
        return
    if np.isinf(value):
        # Its tip, not its middle, is at the end of the axis, for words begin two millimetres from there.
        back = ax.transData + ScaledTranslation(-HEAD / 2 / 72, 0.0, ax.figure.dpi_scale_trans)
        ax.plot([ENDS[1]], [at], ">", ms=HEAD, color=OKABE_ITO[0], clip_on=False, zorder=3, transform=back)
        return
    colour = OKABE_ITO[0] if full else OKABE_ITO[1]
    face = colour if full else "white"
    ax.plot([value], [at], "o", ms=4.0, mec=colour, mfc=face, zorder=3)


def _ratio(ratio: float) -> str:
    if np.isnan(ratio):
        return "none"
    return "no share" if np.isinf(ratio) else f"{ratio:.2g}"
