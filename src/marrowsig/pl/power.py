"""Power against the number of replicates."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._contrasts import spelled
from marrowsig._errors import InputError, first, near
from marrowsig.pl._colours import GREY, OKABE_ITO, readable
from marrowsig.pl._rows import needed
from marrowsig.pl._style import BREAK, SMALL, TEXT, WIDE, axes, bare, room
from marrowsig.pl._words import letters

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NEEDED = ("contrast", "effect", "n", "power", "power_low", "power_high", "adjustment")
MARKS = "osD^vPX*"
HEIGHT = 62.0


def power(
    res: Any,
    *,
    contrast: str | list[str] | None = None,
    target: float | None = None,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often each effect is found, by the number of replicates.

    Parameters
    ----------
    res
        Result of `ms.tl.power`, or its `table`.
    contrast
        One contrast, or several; by default those of the primary family that have an effect.
    target
        Power that is aimed for; that of the result by default, 0.8 for a table.
    width
        Of a new figure, in millimetres; 180 by default. In a narrow one the curves are named below.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        A curve per contrast with the band of its Monte-Carlo interval, and dashed its power as a claim (of
        sizes on fewer genes and as scored, the lower one). The grey line is the target, a ring the least
        number of replicates from which on it is reached, told beside the contrast and its effect; above, the
        number to plan.

    Raises
    ------
    InputError
        If the table has no such contrast, or is not one of `ms.tl.power`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> design = ms.Design(culture="culture", line="line", pair="donor")
    >>> plan = ms.tl.power(design, {"induction": 2.0, "interaction": 2.0}, n=[3, 6, 9], runs=500)
    >>> ms.pl.power(plan).get_xlabel().splitlines()
    ['replicates per arm (pairs per line)', 'effects in SDs within an arm']
    """
    table = getattr(res, "table", res)
    goal = getattr(res, "params", {}).get("target", 0.8) if target is None else target
    rows = _rows(table, contrast)
    names = list(dict.fromkeys(rows["contrast"]))
    new = ax is None
    ax = axes(ax, width, usual=WIDE, height=HEIGHT)
    wide = room(ax) >= BREAK
    if new and not wide:
        height = HEIGHT / 25.4 + (3 * len(names) + 1) * TEXT * 1.3 / 72
        getattr(ax.figure, "set_figheight", lambda _: None)(height)
    design = getattr(res, "design", None)
    ax.axhline(goal, color=GREY, lw=0.6, ls="--", zorder=1)
    ends, dashed = [], False
    for i, name in enumerate(names):
        own = rows[rows["contrast"] == name].sort_values("n")
        colour = OKABE_ITO[i % (len(OKABE_ITO) - 2)]
        x, y = own["n"].to_numpy(dtype=float), own["power"].to_numpy(dtype=float)
        ax.fill_between(x, own["power_low"], own["power_high"], color=colour, alpha=0.2, lw=0, zorder=2)
        ax.plot(x, y, color=colour, lw=1.0, marker=MARKS[i % len(MARKS)], ms=3, label=name, zorder=3)
        told = [
            f"{spelled(name, design)}, effect {own['effect'].iloc[0]:.3g}",
            f"{100 * goal:.3g} % {_least(x, y, goal)}",
        ]
        counts = y
        if (claims := _as_claims(res, own)) is not None:
            counts, dashed = claims, True
            ax.plot(x, claims, color=colour, lw=1.0, ls=(0, (3, 2)), label="_as a claim", zorder=3)
            told.append(f"as a claim {_least(x, claims, goal)}")
        at = _reached(x, counts, goal)
        if at is not None:
            ax.plot(x[at], counts[at], "o", ms=7, mfc="none", mec=colour, mew=0.9, zorder=4)
        ends.append((y[-1], "\n".join(told), colour, MARKS[i % len(MARKS)]))
    ax.set_ylim(-0.02, 1.03)
    if wide:
        _labels(ax, ends)
    else:
        _listed(ax, [text for _, text, *_ in ends], below=new)
    sizes = np.unique(rows["n"])
    ax.set_xticks(sizes if len(sizes) <= 12 else sizes[:: len(sizes) // 10 + 1])
    also = "" if getattr(res, "scored", None) is None else ", as scored, too"
    ax.set_ylabel("share of experiments that find it" + (f"\n(dashed: as a claim{also})" if dashed else ""))
    plan = getattr(res, "primary", None)
    if new and target is None and plan is not None and set(plan["contrast"]) <= set(names):
        ax.set_title(res.headline, loc="left", fontsize=TEXT)
    paired = getattr(design, "pair", None) is not None
    lines = getattr(design, "line", None) is not None
    unit = getattr(getattr(res, "spread", None), "unit", "").removeprefix("sizes are in ")
    of = "replicates per arm" + (f" (pairs{' per line' if lines else ''})" if paired else "")
    said = wrap(f"effects in {unit}", letters(0.75 * room(ax))) if unit else []
    ax.set_xlabel("\n".join([of, *said]))
    bare(ax)
    return ax


def _reached(x: Any, y: Any, goal: float) -> int | None:
    """First place from which on the curve stays at the target or above."""
    short = np.flatnonzero(~(y >= goal))
    at = int(short[-1]) + 1 if len(short) else 0
    return at if at < len(x) else None


def _least(x: Any, y: Any, goal: float) -> str:
    at = _reached(x, y, goal)
    if at is None:
        return f"needs more than {x[-1]:g}"
    return f"from n = {x[at]:g}{' or fewer' if at == 0 else ''}"


def _as_claims(res: Any, own: pd.DataFrame) -> Any:
    """Power as a claim, of a plan on fewer genes and as scored the lower one; None of what is no claim."""
    if "power_claims" not in own or own["power_claims"].isna().all():
        return None
    claims = own["power_claims"].to_numpy(dtype=float)
    if getattr(res, "scored", None) is None:
        return claims
    other = res.scored.table
    other = other[other["contrast"] == own["contrast"].iloc[0]].sort_values("n")["power_claims"]
    return np.fmin(claims, other.to_numpy(dtype=float))


def _labels(ax: Axes, ends: list[tuple[float, str, str, str]]) -> None:
    """Name the curves at their right ends, pushed apart where they would overlap."""
    figure: Any = ax.figure
    # Their lines of text, in the units of y: the axes take most of the figure's height.
    lines = max((text.count("\n") + 1 for _, text, *_ in ends), default=2)
    apart = (lines + 0.2) * SMALL * 1.25 / 72 / (0.8 * figure.get_figheight()) * 1.05
    ranked = sorted((end for end in ends if np.isfinite(end[0])), reverse=True)
    places: list[float] = []
    for y, *_ in ranked:
        places.append(min(y, places[-1] - apart) if places else y)
    up = max(0.0, -min(places, default=0.0))
    place = ax.get_yaxis_transform()
    for (_, text, colour, mark), y in zip(ranked, places, strict=True):
        ax.plot(1.015, y + up, mark, ms=3, color=colour, transform=place, clip_on=False, label="_end")
        ax.text(1.03, y + up, text, transform=place, color=readable(colour), fontsize=SMALL, va="center")


def _listed(ax: Axes, texts: list[str], *, below: bool) -> None:
    """Name the curves in a list: under a figure of our own, inside of given Axes."""
    lines = [line for line in ax.lines if not str(line.get_label()).startswith("_")]
    figure: Any = ax.figure
    if below:
        figure.legend(lines, texts, loc="outside lower center", fontsize=SMALL, frameon=False)
    else:
        ax.legend(lines, texts, fontsize=SMALL, frameon=False)


def _rows(table: Any, contrast: str | list[str] | None) -> pd.DataFrame:
    table = needed(table, NEEDED, call="ms.tl.power(design, effects)")
    if contrast is None:
        rows = table[(table["effect"] != 0) & (table["adjustment"] == "Holm")]
        if rows.empty:
            msg = "No primary contrast of the table has an effect. Name those to draw with contrast=."
            raise InputError(msg)
        return rows
    wanted = [contrast] if isinstance(contrast, str) else list(contrast)
    known = list(dict.fromkeys(table["contrast"]))
    for name in wanted:
        if name not in known:
            msg = f"The table has no contrast {name!r}.{near(name, known)} It has {first(known, 20)}."
            raise InputError(msg)
    return table[table["contrast"].isin(wanted)]
