"""What co-culture raised, what each inhibitor took back, and which fraction of it that is."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._carry_over import on_kept_genes
from marrowsig._contrasts import sides
from marrowsig._errors import InputError, count, first
from marrowsig._rise_word import called, noted, rise
from marrowsig.pl._colours import GREY, INK, OKABE_ITO
from marrowsig.pl._panels import below, beside
from marrowsig.pl._rows import interval, needed, only
from marrowsig.pl._signature_names import LINE, close, names_in_table
from marrowsig.pl._style import BREAK, EXTRA, FEWER, SMALL, WIDE, axes, bare, fit, given_width, room
from marrowsig.pl._ticks_apart import less_crowded
from marrowsig.pl._words import BLANK, broken, letters, long, scored_by, title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.sig import Signature

    Row = Mapping[str, Any]

PARTS = {
    "induction": ("induction: {co} less {alone}", OKABE_ITO[1], "o"),
    "reversal": ("reversal: {co} less treated", OKABE_ITO[0], "s"),
    "residual": ("residual: treated less {alone}", OKABE_ITO[7], "D"),
}
"""Words, colour and marker of the three differences, from top to bottom of a row."""
NEEDED = (
    "signature", "method", "kind", "stratum", "line", "inhibitor", "n_mono", "n_co", "n_treated",
    *(f"{part}{end}" for part in PARTS for end in ("", "_low", "_high")),
    "fraction", "fraction_low", "fraction_high", "fraction_kind", "margin", "verdict",
)  # fmt: skip
SHOWN = (-50.0, 200.0)
"""Per cent of the induction that are drawn; what reaches further ends in an arrow head."""
MANY = 12  # rows up to which there is room for two lines of words
SHARE = 0.57  # of the place that both panels have side by side, for the first
LEAST, RIMS = 34.0, 12.0  # millimetres of the narrower first panel, and of pads and gaps around both


def rescue(
    res: pd.DataFrame,
    signature: str | Signature | None = None,
    *,
    method: str | None = None,
    line: str | None = None,
    inhibitor: str | None = None,
    stratum: str | None = None,
    design: Design | FormulaDesign | None = None,
    labels: Mapping[str, str] | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw induction, reversal and residual with their intervals, and beside them the fraction reversed.

    Parameters
    ----------
    res
        Table of `ms.tl.rescue`.
    signature
        One signature: its rows are lines and inhibitors. By default all, for one line and one inhibitor.
    method, stratum
        One each; by default the first of the table.
    line, inhibitor
        One each; by default all of them for one signature, and the first of the table for several: the others
        are named below the axes.
    design
        The design that was compared: where its levels name a cytokine or a drug in place of a co-culture,
        they stand in the legend. Needed only for a table read from a file; that of `ms.tl.rescue` knows.
    labels
        Other words for inhibitors, lines or signatures, such as `{"JAKi_A": "ruxolitinib"}`.
    ids
        Call signatures by their ids; by default by their titles, unless two share one, rows with titles would
        not fit onto a page, or the table was read from a file, which holds ids alone.
    width
        Of a new figure, in millimetres; 180 by default. Where both have no room side by side, the panels
        stand one below the other; many rows are without words below 120.
    ax
        Where to draw; its place is divided between the two panels. A new figure by default.

    Returns
    -------
    Axes
        Left (or above): x is the difference in score units with its interval; the band is the margin of
        equivalence around zero, where one was declared. Right (or below), in the last Axes of the figure: x
        is the fraction of the induction that was reversed, in per cent, with its Fieller interval; filled
        where the verdict is a reversal. An arrow head says that an interval goes on, a dotted line with two
        of them that it has no end: the fraction is not determined. A triangle is the fraction on the genes
        that stroma could not move, where `ms.tl.rescue` names that column in `cite`; filled where the
        reversal is established both as scored and on these genes. Beside it the verdict; n counts samples
        alone, in co-culture, and treated.

    Raises
    ------
    InputError
        If the table has no such rows, or is not a table of `ms.tl.rescue`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.demo()
    >>> ms.pp.lognorm(adata)
    >>> ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"])
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> ax = ms.pl.rescue(ms.tl.rescue(adata, design, margin=0.02), "il6.hallmark")
    >>> [label.get_text() for label in ax.get_yticklabels()][:2]
    ['JAKi_A, parental\n4 pairs', 'JAKi_A, resistant\n4 pairs']

    References
    ----------
    Fieller, Journal of the Royal Statistical Society B 1954, doi:10.1111/j.2517-6161.1954.tb00159.x.
    """
    own = labels or {}
    rows, names, told = _rows(res, signature, method, line, inhibitor, stratum, own=own, ids=ids)
    many = len(rows) > MANY
    new, place = ax is None, given_width(width, WIDE) if ax is None else room(ax)
    more = max(_filled(name, 0.33 * place).count("\n") for name in names)
    one_line = len(set(rows["signature"])) > 1 and not close(
        len(rows), LINE * more, _height(len(rows), more + 1)
    )
    if many and one_line:
        rows, names, told = _rows(res, signature, method, line, inhibitor, stratum, own=own, ids=True)
    records = rows.to_dict("records")
    n = [_n(row) for row in records]
    tight = many and place < BREAK
    if many and not one_line:
        names = [_filled(name, 0.33 * place) for name in names]
    notes = [""] * len(rows)
    if tight:
        told = f"{told}, {n[0]}" if len(set(n)) == 1 else told
    elif many:
        notes = [f"{verdict}, {k}" for verdict, k in zip(rows["verdict"], n, strict=True)]
    else:
        names = [f"{_filled(name, 0.3 * place)}\n{k}" for name, k in zip(names, n, strict=True)]
        notes = [_filled(_verdict(row), 0.2 * place) for row in records]
    inner = place - long(names) - long(notes) - RIMS
    stacked = not many and SHARE * inner < LEAST
    if stacked:  # the words stand beside one panel, which has the whole width
        notes = [_filled(_verdict(row), 0.3 * place) for row in records]
        inner = place - long(names) - long(notes) - RIMS
    lines = max(text.count("\n") + 1 for text in [*names, *notes])
    tall = _height(len(rows), lines) if many else len(rows) * max(8.0, 2.7 * lines + 1.6)
    panels = 2 if stacked else 1
    ax = axes(ax, width, usual=WIDE, height=panels * (tall + EXTRA))
    other = below(ax, share=0.5) if stacked else beside(ax, share=SHARE)
    y = np.arange(len(rows))[::-1].astype(float)
    parts = (1.0, 1.0) if stacked else (SHARE, 1 - SHARE)
    _differences(ax, rows, y, parts[0] * inner, _aside(res, rows, line, inhibitor))
    word = noted(res) if design is None else rise(design)
    _fractions(other, rows, y, parts[1] * inner, float(res.attrs.get("alpha", 0.05)), word)
    _notes(other, y, notes)
    ax.set_yticks(y, names, fontsize=SMALL)
    other.set_yticks(y if stacked else [], names if stacked else [], fontsize=SMALL)
    for panel in (ax, other):
        panel.set_ylim(-0.6, len(rows) - 0.4)
        bare(panel)
    title(ax, told, pad=3.0 + 7.8 * len(_legend(ax, rows, design)), place=place)
    one = f"Draw one line of cells, e.g. line={records[0]['line']!r}."
    fit(ax, tall, new=new, stacked=panels, fewer=one if len(set(rows["signature"])) == 1 else FEWER)
    less_crowded(ax)
    return ax


def _height(rows: int, lines: int) -> float:
    """Millimetres that many rows take with names of so many lines."""
    return rows * (1.6 + 2.6 * lines)


def _filled(text: str, width: float) -> str:
    lines = wrap(text, letters(width, SMALL), break_long_words=False, break_on_hyphens=False)
    return "\n".join(broken(line, width) for line in lines)


def _aside(res: pd.DataFrame, rows: pd.DataFrame, line: str | None, inhibitor: str | None) -> str:
    """Name the lines and inhibitors of these signatures that nobody chose to leave out."""
    same = res["kind"].eq("line") & res["stratum"].eq(rows["stratum"].iloc[0])
    own = res[same & res["signature"].isin(rows["signature"])]
    lost = [
        level
        for column, asked in (("line", line), ("inhibitor", inhibitor))
        for level in dict.fromkeys(own[column].astype(str))
        if asked is None and level not in set(rows[column])
    ]
    return f"; not drawn: {first(lost)}" if lost else ""


def _differences(ax: Axes, rows: pd.DataFrame, y: np.ndarray, wide: float, more: str) -> None:
    ax.axvline(0.0, color="black", lw=0.6, zorder=1)
    for at, margin in zip(y, rows["margin"], strict=True):
        if np.isfinite(margin):
            ax.fill_betweenx([at - 0.5, at + 0.5], -margin, margin, color="#EBEBEB", lw=0, zorder=0)
    for shift, (part, (_, colour, marker)) in zip((0.26, 0.0, -0.26), PARTS.items(), strict=True):
        values = rows[part].to_numpy(dtype=float)
        ends = rows[[f"{part}_low", f"{part}_high"]].to_numpy(dtype=float)
        ax.hlines(y + shift, ends[:, 0], ends[:, 1], color=colour, lw=1.0, zorder=2)
        ax.plot(values, y + shift, marker, ms=3.0, color=colour, zorder=3, label=part)
    ax.locator_params(axis="x", nbins=3 if wide < 1.3 * LEAST else 5)
    told = f"difference in {scored_by(str(rows['method'].iloc[0]))}, with {interval(rows)}{more}"
    ax.set_xlabel("\n".join(wrap(told, letters(wide))))


def _legend(ax: Axes, rows: pd.DataFrame, design: object) -> list[str]:
    """Write above the axes what the marks are; return the lines of it."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    kept = rows.attrs.get("sides") if design is None else None
    co, base = kept or sides(design)
    alone = base.removeprefix("cells ")
    word = noted(rows) if design is None else rise(design)
    told = [called(words, word).format(co=co, alone=alone) for words, _, _ in PARTS.values()]
    handles: list[Any] = [
        Line2D([], [], color=colour, marker=marker, ms=3.0, lw=1.0, label=label)
        for label, (_, colour, marker) in zip(told, PARTS.values(), strict=True)
    ]
    margins = sorted(set(rows["margin"].dropna()))
    if margins:
        known = f" of {margins[0]:.3g}" if len(margins) == 1 else ""
        handles.append(Patch(color="#EBEBEB", label=f"margin{known} around zero"))
    legend = ax.legend(
        handles=handles, frameon=False, fontsize=SMALL, loc="lower left", bbox_to_anchor=(0.0, 1.0),
        borderaxespad=0.1, borderpad=0.1, labelspacing=0.25, handlelength=1.6,
    )  # fmt: skip
    legend.set_in_layout(False)  # the title makes room for it; its width would push the panels apart
    return [handle.get_label() for handle in handles]


def _fractions(ax: Axes, rows: pd.DataFrame, y: np.ndarray, wide: float, alpha: float, word: str) -> None:
    for x in (0.0, 100.0):
        ax.axvline(x, color="black", lw=0.6, ls="-" if x == 0 else ":", zorder=0)
    kept = False
    for at, row in zip(y, rows.to_dict("records"), strict=True):
        beside_it = on_kept_genes(row) and row["filtered_fraction_kind"] == "interval"
        _fraction(ax, at + (0.2 if beside_it else 0.0), row)
        if beside_it:
            _on_kept(ax, at - 0.2, row, alpha)
            kept = True
    ax.set_xlim(SHOWN[0] - 8, SHOWN[1] + 8)
    ax.set_xticks([0, 100] if wide < LEAST - 4 else [0, 50, 100, 150])
    told = f"{word} reversed, % (Fieller interval)"
    told += "; triangle: on genes that stroma could not move, filled where reversed on both" if kept else ""
    ax.set_xlabel("\n".join(wrap(told, letters(wide))))


def _fraction(ax: Axes, at: float, row: Row) -> None:
    value, low, high = (100 * float(row[f"fraction{end}"]) for end in ("", "_low", "_high"))
    if np.isnan(value):
        ax.text(50.0, at, "not tested", ha="center", va="center", fontsize=SMALL, color=INK, bbox=BLANK)
        return
    bounded = row["fraction_kind"] == "interval"
    colour = OKABE_ITO[0] if bounded else GREY
    inside = [min(max(end, SHOWN[0]), SHOWN[1]) for end in (low, high)]
    ax.plot(inside, [at, at], color=colour, lw=1.0, ls="-" if bounded else ":", zorder=2)
    for mark, beyond, edge in (("<", low < SHOWN[0], SHOWN[0]), (">", high > SHOWN[1], SHOWN[1])):
        if beyond:
            ax.plot([edge], [at], mark, ms=3.5, color=colour, zorder=2)
    if SHOWN[0] <= value <= SHOWN[1]:
        full = str(row["verdict"]).startswith("reversed")
        ax.plot([value], [at], "o", ms=4.0, mec=colour, mfc=colour if full else "white", zorder=3)


def _on_kept(ax: Axes, at: float, row: Row, alpha: float) -> None:
    """Draw the fraction on the genes that stroma could not move; filled where established on all, too."""
    ends = [100 * float(row[f"filtered_fraction{end}"]) for end in ("", "_low", "_high")]
    value, low, high = (min(max(end, SHOWN[0]), SHOWN[1]) for end in ends)
    ax.plot([low, high], [at, at], color=OKABE_ITO[2], lw=1.0, zorder=2)
    full = str(row["verdict"]).startswith("reversed") and row["filtered_reversal_p_adj"] < alpha
    ax.plot([value], [at], "^", ms=4.5, mec=OKABE_ITO[2], mfc=OKABE_ITO[2] if full else "white", zorder=3)


def _notes(ax: Axes, y: np.ndarray, notes: list[str]) -> None:
    for at, note in zip(y, notes, strict=True):
        if not note:
            continue
        ax.text(1.03, at, note, transform=ax.get_yaxis_transform(), va="center", fontsize=SMALL)


def _n(row: Row) -> str:
    counts = [row[f"n_{arm}"] for arm in ("mono", "co", "treated")]
    pairs = row.get("n_pairs", 0)
    if pairs and set(counts) == {pairs}:
        return count(int(pairs), "pair")
    return "n " + "/".join("?" if pd.isna(n) else f"{n:g}" for n in counts)


def _verdict(row: Row) -> str:
    told = str(row["verdict"])
    known = not any(f"{word} not" in told for word in ("induction", "difference"))
    if row["fraction_kind"] in ("all", "exclusive") and known:
        told += ", fraction not determined"
    return told


def _rows(
    result: pd.DataFrame,
    signature: str | Signature | None,
    method: str | None,
    line: str | None,
    inhibitor: str | None,
    stratum: str | None,
    *,
    own: Mapping[str, str],
    ids: bool,
) -> tuple[pd.DataFrame, list[str], str]:
    """Rows, the names of them, and what they share."""
    table = needed(result, NEEDED, call="ms.tl.rescue(adata, design)")
    table = table[table["kind"] == "line"]
    if table.empty:
        msg = "The table has no row of kind 'line'. Pass the whole table of ms.tl.rescue(adata, design)."
        raise InputError(msg)
    rows = only(only(table, "method", method), "stratum", stratum)
    one = signature is not None or len(set(rows["signature"])) == 1
    rows = only(rows, "signature", signature) if one else rows
    for column, value in (("line", line), ("inhibitor", inhibitor)):
        rows = rows if one and value is None else only(rows, column, value)
    rows = rows.reset_index(drop=True)
    said = rows[["inhibitor", "line"]].astype(str).replace(dict(own))
    case = [_case(i, where) for i, where in zip(said["inhibitor"], said["line"], strict=True)]
    called = names_in_table(rows, labels=own, by_id=ids)
    known = [called[str(i)] for i in rows["signature"]]
    names, told = (case, known[0]) if one else (known, case[0])
    where = str(rows["stratum"].iloc[0])
    return rows, names, f"{told} [{where}]" if where else told


def _case(inhibitor: str, line: str) -> str:
    return f"{inhibitor}, {line}" if line else str(inhibitor)
