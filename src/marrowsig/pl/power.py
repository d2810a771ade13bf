"""Power against the number of replicates."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._contrasts import spelled
from marrowsig._errors import InputError, first, near
from marrowsig.pl._colours import GREY, OKABE_ITO
from marrowsig.pl._power_ends import EDGE, LOW, TOP, End, name_curves
from marrowsig.pl._rows import needed
from marrowsig.pl._style import TEXT, WIDE, axes, bare, room
from marrowsig.pl._words import filled, letters

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NEEDED = ("contrast", "effect", "n", "power", "power_low", "power_high", "adjustment")
MARKS = "osD^vPX*"
HEIGHT, TALL = 62.0, 44.0
"""Millimetres: of a new figure to begin with, and of its axes at least."""


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
        A curve per contrast with the band of its Monte-Carlo interval, and dashed its power as a claim or
        further question (of sizes on fewer genes and as scored, the lower one). The grey line is the target,
        a ring the least number of replicates from which on it is reached, told beside the contrast and its
        effect; above, the number to plan.

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
    whole = room(ax)
    design = getattr(res, "design", None)
    ax.axhline(goal, color=GREY, lw=0.6, ls="--", zorder=1)
    ends, families = [], list[str]()
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
            counts = claims
            ax.plot(x, claims, color=colour, lw=1.0, ls=(0, (3, 2)), label="_as a claim", zorder=3)
            one = _asked_as(own)
            families.append(one)
            told.append(f"{one} {_least(x, claims, goal)}")
        at = _reached(x, counts, goal)
        if at is not None:
            ax.plot(x[at], counts[at], "o", ms=7, mfc="none", mec=colour, mew=0.9, zorder=4)
        ends.append(End(float(y[-1]), tuple(told), colour, MARKS[i % len(MARKS)]))
    ax.set_ylim(LOW, TOP)
    sizes = np.unique(rows["n"])
    ax.set_xticks(sizes if len(sizes) <= 12 else sizes[:: len(sizes) // 10 + 1])
    also = "" if getattr(res, "scored", None) is None else ", as scored, too"
    ways = " or ".join(dict.fromkeys(families)).replace(" or as ", " or ")
    ax.set_ylabel("share of experiments that find it" + (f"\n(dashed: {ways}{also})" if ways else ""))
    plan = getattr(res, "primary", None)
    if new and target is None and plan is not None and set(plan["contrast"]) <= set(names):
        ax.set_title("\n".join(filled(res.headline, whole - EDGE, TEXT)), loc="left", fontsize=TEXT)
    paired = getattr(design, "pair", None) is not None
    lines = getattr(design, "line", None) is not None
    unit = getattr(getattr(res, "spread", None), "unit", "").removeprefix("sizes are in ")
    of = "replicates per arm" + (f" (pairs{' per line' if lines else ''})" if paired else "")
    said = wrap(f"effects in {unit}", letters(0.75 * whole)) if unit else []
    ax.set_xlabel("\n".join([of, *said]))
    bare(ax)
    name_curves(ax, ends, whole=whole, height=TALL, new=new)
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


def _asked_as(own: pd.DataFrame) -> str:
    """Say of which family a contrast is one; of a table of an earlier version, a claim."""
    further = "asked_as" in own and own["asked_as"].eq("further questions").any()
    return "as a further question" if further else "as a claim"


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
