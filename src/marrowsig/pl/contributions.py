"""Which genes carry a contrast or a score, and what is left without each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError
from marrowsig.pl._colours import GREY, INK, OKABE_ITO
from marrowsig.pl._contrast_title import of_rows
from marrowsig.pl._panels import beside
from marrowsig.pl._rows import needed, one_contrast, only
from marrowsig.pl._signature_names import names_in_table
from marrowsig.pl._style import BREAK, EXTRA, NARROW, SMALL, axes, bare, fit, room
from marrowsig.pl._ticks_apart import less_crowded
from marrowsig.pl._words import long, signed, title

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.sig import Signature

FAR = 4  # times its own width that the range may lie from zero and still be drawn with it
NEEDED = ("signature", "gene", "weight", "full", "adds", "without", "without_low", "without_high")


def contributions(
    res: pd.DataFrame,
    signature: str | Signature | None = None,
    *,
    contrast: str | None = None,
    stratum: str | None = None,
    sample: str | None = None,
    most: int = 20,
    design: Design | FormulaDesign | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what each gene adds, and beside it the estimate with that gene left out.

    Parameters
    ----------
    res
        Table of `ms.tl.contributions`.
    signature
        One signature; by default the first of the table.
    contrast, stratum
        Of a table of contrasts: one contrast, by default the interaction if there is one, otherwise the
        first; and one stratum, by default the first.
    sample
        Of a table of samples: one sample, by default the first.
    most
        Genes to draw, those that add most in size; the others stand together in the last row.
    design
        The design that was compared, for the title of a table that was read from a file: that knows roles,
        such as "co vs mono in resistant", where a result knows levels, "MSC vs alone in relapse".
    ids
        Call signatures by their ids; by default by their titles, unless two share one, rows with titles would
        not fit onto a page, or the table was read from a file, which holds ids alone.
    width
        Of a new figure, in millimetres; 85 by default.
    ax
        Where to draw; its place is divided between the two panels. A new figure by default.

    Returns
    -------
    Axes
        Left: x is what the gene adds, in score units; hollow for genes that count with a negative weight. An
        asterisk marks genes that carry-over from stroma could move, where `ms.qc.stroma` was run before.
        Right, in the last Axes of the figure: x is the score or estimate without this gene (for the others,
        the range over them), the line is the one with all genes, and the band the range over all genes left
        out in turn. Dashed: zero, where it is not far off; a contrast whose band crosses it rests on one
        gene.

    Raises
    ------
    InputError
        If the table has no such rows, or is not a table of `ms.tl.contributions`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> mine = ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[:12]))
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> ax = ms.pl.contributions(ms.tl.contributions(adata, mine, design=design), most=5)
    >>> ax.get_yticklabels()[-1].get_text()
    '7 others'
    """
    rows, told = _rows(res, signature, contrast, stratum, sample, design, ids=ids)
    if isinstance(most, bool) or most < 1:
        msg = f"most is {most!r}; it has to be a number of genes, for example 20."
        raise InputError(msg)
    rows = rows.iloc[np.argsort(-rows["adds"].abs().to_numpy(), kind="stable")]
    shown, others = rows.iloc[:most], rows.iloc[most:]
    n = len(shown) + bool(len(others))
    y = np.arange(n)[::-1].astype(float)
    new, tall = ax is None, 3.2 * n
    ax = axes(ax, width, usual=NARROW, height=tall + EXTRA)
    place = room(ax)
    right = beside(ax, share=0.6)
    moved = shown["movable"] if "movable" in shown else [False] * len(shown)
    genes = [f"{gene}*" if far else gene for gene, far in zip(shown["gene"], moved, strict=True)]
    _adds(ax, shown, others, y)
    if any(moved):
        ax.set_xlabel(f"{ax.get_xlabel()}\n*: stroma could move it")
    _without(right, rows, shown, others, y)
    names = [*genes, *([f"{len(others)} others"] if len(others) else [])]
    ax.set_yticks(y, names, fontsize=SMALL)
    right.set_yticks([])
    for panel in (ax, right):
        panel.axvline(0.0, color="black", lw=0.6, ls="--", zorder=0)
        panel.set_ylim(-0.7, n - 0.3)
        panel.locator_params(axis="x", nbins=3 if place < BREAK else 5)
        bare(panel)
    title(ax, told, place=(place - long(names) - 6.0) / 0.55)
    fit(ax, tall, new=new)
    for panel in (ax, right):
        less_crowded(panel)
    return ax


def _adds(ax: Axes, shown: pd.DataFrame, others: pd.DataFrame, y: np.ndarray) -> None:
    values = shown["adds"].to_numpy(dtype=float)
    up = shown["weight"].to_numpy(dtype=float) >= 0
    colour = OKABE_ITO[0]
    faces = [colour if positive else "white" for positive in up]
    ax.barh(y[: len(shown)], values, height=0.65, color=faces, edgecolor=colour, lw=0.7, zorder=1)
    if len(others):
        # A bar of all the others would leave no room for those of single genes.
        told = signed(f" together {others['adds'].sum():+.3g}")
        ax.text(0.0, y[-1], told, va="center", fontsize=SMALL, color=INK)
    ax.set_xlabel("adds\n(score units)")


def _without(ax: Axes, rows: pd.DataFrame, shown: pd.DataFrame, others: pd.DataFrame, y: np.ndarray) -> None:
    first = rows.iloc[0]
    low, high = float(first["without_low"]), float(first["without_high"])
    if np.isfinite([low, high]).all():
        ax.axvspan(low, high, color="#E4E4E4", lw=0, zorder=0)
        room_at_ends = 0.2 * (high - low) or 0.1 * abs(high) or 1.0
        far = min(abs(low), abs(high)) > FAR * (high - low) and low * high > 0
        reach = (low, high) if far else (min(low, 0.0), max(high, 0.0))
        ax.set_xlim(reach[0] - room_at_ends, reach[1] + room_at_ends)
    ax.axvline(first["full"], color=OKABE_ITO[1], lw=0.9, zorder=1)
    ax.plot(shown["without"], y[: len(shown)], "o", ms=3.0, color=OKABE_ITO[0], zorder=2)
    if len(others):
        ends = [others["without"].min(), others["without"].max()]
        ax.plot(ends, [y[-1], y[-1]], color=GREY, lw=1.4, zorder=2)
    ax.set_xlabel("without this gene\n(score units)\nline: all genes\nband: any one out")


def _rows(
    table: pd.DataFrame,
    signature: str | Signature | None,
    contrast: str | None,
    stratum: str | None,
    sample: str | None,
    design: object,
    *,
    ids: bool,
) -> tuple[pd.DataFrame, str]:
    rows = only(needed(table, NEEDED, call="ms.tl.contributions(adata, ...)"), "signature", signature)
    asked = "contrast" in rows
    if (asked and sample is not None) or (not asked and (contrast is not None or stratum is not None)):
        kind, other = ("contrasts", "sample=") if asked else ("samples", "contrast= and stratum=")
        msg = f"This table holds {kind}, so {other} cannot choose from it. See ms.tl.contributions, design=."
        raise InputError(msg)
    rows = only(one_contrast(rows, contrast), "stratum", stratum) if asked else only(rows, "sample", sample)
    first = rows.iloc[0]
    what = of_rows(rows, design) if asked else str(first["sample"])
    if asked and first["stratum"]:
        what += f" [{first['stratum']}]"
    (called,) = names_in_table(rows, by_id=ids).values()
    return rows, f"{called}: {what} ({len(rows)}\N{NO-BREAK SPACE}genes)"
