"""IL-6, STAT3 and EMT: two links, and what each inhibitor took back of the steps."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._check_words import DOUBTS
from marrowsig._errors import InputError, first
from marrowsig._link_counts import counted
from marrowsig._rise_word import noted
from marrowsig.pl._colours import AXES, GREY, INK, OKABE_ITO
from marrowsig.pl._contrast_title import in_words
from marrowsig.pl._signature_names import names_in_table
from marrowsig.pl._style import NARROW, SMALL, TEXT, axes, given_width, room
from marrowsig.pl._words import BLANK, broken, filled, letters, long, signed, title

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

    Row = Mapping[str, Any]

AT = {"il6": 1.45, "stat3": 5.0, "emt": 8.55}
WORDS = {"il6": "IL-6", "stat3": "STAT3", "emt": "EMT"}
HALF, TALL = 1.4, 0.6
SHOWN = (-0.25, 1.5)
"""Fractions of the induction that a column shows; what reaches further ends in an arrow head."""
ESTABLISHED = ("associated", "associated inversely")
UNORDERED = "No co-culture in this design: correlations, which have no direction."
UNTREATED = "No inhibitor in this design: correlations, which have no direction."


def chain(
    res: Any,
    *,
    stratum: str | None = None,
    labels: Mapping[str, str] | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw the steps of a chain, its links within arms, and how much each inhibitor reversed.

    Parameters
    ----------
    res
        Result of `ms.tl.chain`.
    stratum
        One stratum; by default the first.
    labels
        Other words for lines, inhibitors, times or signatures, such as `{"JAKi_A": "ruxolitinib"}`.
    ids
        Call signatures by their ids; by default by their titles, unless two share one.
    width
        Of a new figure, in millimetres; 85 by default.
    ax
        Where to draw; a new figure, of the width of a column of text, by default.

    Returns
    -------
    Axes
        Above: the steps with what stands for them, and on each arrow the partial correlation with its
        interval and degrees of freedom; solid and blue where established, dashed and grey where not. Without
        co-culture or inhibitors nothing tells directions, and lines stand in place of arrows. Under them,
        what was counted, and the receptors. Below: one row per inhibitor and line, with the share of the
        induction of STAT3 and EMT that was reversed and its Fieller interval; filled where the reversal is
        established and carry-over, where it was asked, does not explain it, else open.

    Raises
    ------
    InputError
        If this is no result of `ms.tl.chain`, or has no such stratum.

    Examples
    --------
    >>> import marrowsig as ms
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> ax = ms.pl.chain(ms.tl.chain(ms.ds.demo(), design))
    >>> [text.get_text() for text in ax.texts][:2]
    ['IL-6', 'IL-6 response\n(Hallmark)']
    """
    if not all(hasattr(res, name) for name in ("verdicts", "links", "inhibitors", "steps")):
        msg = f"This is a {type(res).__name__}. Pass what ms.tl.chain(adata, design) returns."
        raise InputError(msg)
    known = list(res.verdicts["stratum"])
    chosen = known[0] if stratum is None else stratum
    if chosen not in known:
        msg = f"The chain has no stratum {chosen!r}; it has {first(map(repr, known))}."
        raise InputError(msg)
    links = res.links[(res.links["stratum"] == chosen) & (res.links["adjusted_for"] == "nothing")]
    drugs = res.inhibitors[res.inhibitors["stratum"] == chosen].to_dict("records")
    told = res.verdicts.set_index("stratum").loc[chosen]
    unit = (given_width(width, NARROW) if ax is None else room(ax)) / 10.5
    called = names_in_table(res.steps.rename(columns={"name": "signature"}), labels=labels, by_id=ids)
    names = res.steps.drop_duplicates("step").set_index("step")["name"].map(called)
    boxes = {step: "\n".join(filled(names[step], 2 * HALF * unit - 1.5)) for step in WORDS}
    grown = bool(getattr(res, "params", {}).get("culture", True))
    ordered = grown and bool(drugs)
    open_end = [] if ordered else [UNTREATED if grown else UNORDERED]
    notes = [_basis(res, links), f"Receptors: {told['competence']}", *open_end]
    receptors = [line for note in notes for line in wrap(note, letters(9.8 * unit, SMALL))]
    # A line of small letters is 0.4 units high.
    low = -TALL - 0.4 * max(name.count("\n") for name in boxes.values())
    top = low - 0.4 - 0.4 * len(receptors) - 0.5
    cases = [_case(row, (_place("stat3", SHOWN[0]) - 0.4) * unit, labels or {}) for row in drugs]
    apart = max([1.0, *(0.4 * case.count("\n") + 0.7 for case in cases)])
    top -= (apart - 1) / 2
    bottom = top - (apart * (len(drugs) - 0.5) + 0.8 if drugs else -0.5)
    ax = axes(ax, width, usual=NARROW, height=6.5 * ((2.6 if chosen else 1.8) - bottom))
    ax.set_xlim(0, 10)
    ax.set_ylim(bottom, 1.5)
    ax.axis("off")
    for step, name in boxes.items():
        _box(ax, step, name, low)
    for (start, end), row in zip(
        (("il6", "stat3"), ("stat3", "emt")), links.to_dict("records"), strict=False
    ):
        _arrow(ax, AT[start] + HALF, AT[end] - HALF, row, head="-|>" if ordered else "-")
    ax.text(0.1, low - 0.25, "\n".join(receptors), va="top", fontsize=SMALL, color=INK)
    if drugs:
        _inhibitors(ax, drugs, cases, top=top, apart=apart, rise=noted(res.inhibitors))
    if chosen:
        title(ax, in_words(str(chosen), labels))
    return ax


def _box(ax: Axes, step: str, name: str, low: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, colour = AT[step], AXES[step]
    shape = "round,pad=0,rounding_size=0.15"
    box = FancyBboxPatch((x - HALF, low), 2 * HALF, TALL - low, boxstyle=shape, fc="white", ec=colour, lw=1.2)
    ax.add_patch(box)
    ax.text(x, 0.24, WORDS[step], ha="center", va="center", fontsize=TEXT, fontweight="bold")
    ax.text(x, -0.02, name, ha="center", va="top", fontsize=SMALL, linespacing=1.15)


def _basis(res: Any, links: pd.DataFrame) -> str:
    """Say over how many samples, and within what, the links were taken, and what stands in brackets."""
    row: Row = links.iloc[0].to_dict()
    level = 100 * (1 - float(getattr(res, "params", {}).get("alpha", 0.05)))
    ends = f"[{level:g} % CI]".replace(" ", "\N{NO-BREAK SPACE}")
    return f"Within arms{' and pairs' if row['n_pairs'] else ''}: {counted(row)}; {ends}"


def _arrow(ax: Axes, start: float, end: float, row: Row, *, head: str) -> None:
    found = row["verdict"] in ESTABLISHED
    colour, ink = (OKABE_ITO[0], OKABE_ITO[0]) if found else (GREY, INK)
    style = {"arrowstyle": head, "color": colour, "lw": 1.2, "ls": "-" if found else "--"}
    ax.annotate(
        "", xy=(end - 0.03, 0), xytext=(start + 0.03, 0), arrowprops={**style, "shrinkA": 0, "shrinkB": 0}
    )
    middle = (start + end) / 2
    if not np.isfinite(row["r"]):
        ax.text(middle, 0.85, "not tested", ha="center", va="center", fontsize=SMALL, color=INK)
        return
    ax.text(
        middle,
        1.2,
        signed(f"r = {row['r']:.2f}, {row['df']:.0f} df"),
        ha="center",
        va="center",
        fontsize=SMALL,
        color=ink,
    )
    ends = signed(f"[{row['r_low']:.2f}, {row['r_high']:.2f}]")
    ax.text(middle, 0.8, ends, ha="center", va="center", fontsize=SMALL, color=ink)


def _case(row: Row, width: float, own: Mapping[str, str]) -> str:
    """Name inhibitor and line in lines that fit into so many millimetres."""
    told = [own.get(str(row[name]), str(row[name])) for name in ("inhibitor", "line") if row[name]]
    name = ", ".join(told)
    if long([name]) <= width:
        return name
    lines = wrap(name, letters(width, SMALL), break_long_words=False, break_on_hyphens=False)
    return "\n".join(broken(line, width) for line in lines)


def _inhibitors(ax: Axes, drugs: list[Row], cases: list[str], *, top: float, apart: float, rise: str) -> None:
    low = top - apart * (len(drugs) - 0.5) + 0.05
    for name in ("stat3", "emt"):
        for value in (0.0, 1.0):
            x = _place(name, value)
            ax.plot([x, x], [low, top + 0.45], color="black", lw=0.7, ls=":", zorder=0)
            ax.text(x, low - 0.15, f"{100 * value:.0f} %", ha="center", va="top", fontsize=SMALL)
    ax.text(0.1, low - 0.15, f"{rise} reversed", va="top", fontsize=SMALL)
    for i, (row, case) in enumerate(zip(drugs, cases, strict=True)):
        ax.text(0.1, top - apart * i, case, va="center", fontsize=SMALL)
        for name in ("stat3", "emt"):
            _fraction(ax, row, name, top - apart * i)


def _place(step: str, fraction: float) -> float:
    low, high = SHOWN
    share = (min(max(fraction, low), high) - low) / (high - low)
    return AT[step] - HALF + 2 * HALF * share


def _fraction(ax: Axes, row: Row, step: str, y: float) -> None:
    value, low, high = (float(row[f"{step}_fraction{end}"]) for end in ("", "_low", "_high"))
    if row[f"{step}_fraction_kind"] != "interval":
        ax.text(
            AT[step], y, "not determined", ha="center", va="center", fontsize=SMALL, color=INK, bbox=BLANK
        )
        return
    full = bool(row[f"{step}_reversed"]) and row.get(f"{step}_carry_over", "") not in DOUBTS
    colour = AXES[step]
    ax.plot([_place(step, low), _place(step, high)], [y, y], color=colour, lw=1.0, zorder=2)
    for end, mark in ((low, "<"), (high, ">")):
        if not SHOWN[0] <= end <= SHOWN[1]:
            ax.plot([_place(step, end)], [y], mark, ms=3, color=colour, zorder=2)
    if SHOWN[0] <= value <= SHOWN[1]:
        face = colour if full else "white"
        ax.plot([_place(step, value)], [y], "o", ms=3.5, mec=colour, mfc=face, zorder=3)
