"""Power against the number of replicates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._errors import InputError, first, near
from marrowsig.pl._style import GREY, OKABE_ITO, axes, bare

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NEEDED = ("contrast", "effect", "n", "power", "power_low", "power_high", "adjustment")
MARKS = "osD^vPX*"
APART = 0.045


def power(
    result: Any,
    *,
    contrasts: str | list[str] | None = None,
    target: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often each effect is found, by the number of replicates.

    Parameters
    ----------
    result
        Result of `ms.tl.power`, or its `table`.
    contrasts
        Contrasts to draw; by default those of the primary family that have an effect.
    target
        Power that is aimed for; that of the result by default, 0.8 for a table.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        A curve per contrast with the band of its Monte-Carlo interval; the dashed line is the target, a ring
        the least number of replicates from which on it is reached, told on the right.

    Raises
    ------
    InputError
        If the table has no such contrast, or is not one of `ms.tl.power`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> design = ms.Design(culture="culture", line="line", pair="donor")
    >>> plan = ms.tl.power(design, {"induction": 2.0, "interaction": 2.0}, n=[3, 6, 9], runs=500)
    >>> ms.pl.power(plan).get_xlabel()
    'replicates per arm (pairs per line)'
    """
    table = getattr(result, "table", result)
    goal = getattr(result, "params", {}).get("target", 0.8) if target is None else target
    rows = _rows(table, contrasts)
    names = list(dict.fromkeys(rows["contrast"]))
    ax = axes(ax, width=6.8, height=3.8)
    ax.axhline(goal, color=GREY, lw=0.9, ls="--", zorder=1)
    ends = []
    for i, name in enumerate(names):
        own = rows[rows["contrast"] == name].sort_values("n")
        colour = OKABE_ITO[i % (len(OKABE_ITO) - 2)]
        x, y = own["n"].to_numpy(dtype=float), own["power"].to_numpy(dtype=float)
        ax.fill_between(x, own["power_low"], own["power_high"], color=colour, alpha=0.2, lw=0, zorder=2)
        ax.plot(x, y, color=colour, lw=1.6, marker=MARKS[i % len(MARKS)], ms=4, label=name, zorder=3)
        at = _reached(x, y, goal)
        if at is not None:
            ax.plot(x[at], y[at], "o", ms=11, mfc="none", mec=colour, mew=1.3, zorder=4)
        told = f"n = {x[at]:g}" if at is not None else f"more than {x[-1]:g}"
        ends.append((y[-1], f"{name} ({own['effect'].iloc[0]:.3g}): {told}", colour))
    _labels(ax, ends)
    ax.set_ylim(-0.02, 1.03)
    sizes = np.unique(rows["n"])
    ax.set_xticks(sizes if len(sizes) <= 12 else sizes[:: len(sizes) // 10 + 1])
    ax.set_ylabel("share of experiments that find it")
    design = getattr(result, "design", None)
    paired = getattr(design, "pair", None) is not None
    lines = getattr(design, "line", None) is not None
    ax.set_xlabel("replicates per arm" + (f" (pairs{' per line' if lines else ''})" if paired else ""))
    bare(ax)
    return ax


def _reached(x: Any, y: Any, goal: float) -> int | None:
    """First place from which on the curve stays at the target or above."""
    short = np.flatnonzero(~(y >= goal))
    at = int(short[-1]) + 1 if len(short) else 0
    return at if at < len(x) else None


def _labels(ax: Axes, ends: list[tuple[float, str, str]]) -> None:
    """Name the curves at their right ends, pushed apart where they would overlap."""
    ranked = sorted((end for end in ends if np.isfinite(end[0])), reverse=True)
    places: list[float] = []
    for y, _, _ in ranked:
        places.append(min(y, places[-1] - APART) if places else y)
    down = min(places, default=0.0)
    shift = min(down, 0.0)
    for (_, text, colour), y in zip(ranked, places, strict=True):
        place = ax.get_yaxis_transform()
        ax.text(1.02, y - shift, text, transform=place, color=colour, fontsize="small", va="center")


def _rows(table: pd.DataFrame, contrasts: str | list[str] | None) -> pd.DataFrame:
    lacking = [name for name in NEEDED if name not in table]
    if lacking:
        msg = f"The table has no column {first(lacking)}. Pass what ms.tl.power(design, effects) returns."
        raise InputError(msg)
    if contrasts is None:
        rows = table[(table["effect"] != 0) & (table["adjustment"] == "Holm")]
        if rows.empty:
            msg = "No primary contrast of the table has an effect. Name those to draw with contrasts=."
            raise InputError(msg)
        return rows
    wanted = [contrasts] if isinstance(contrasts, str) else list(contrasts)
    known = list(dict.fromkeys(table["contrast"]))
    for name in wanted:
        if name not in known:
            msg = f"The table has no contrast {name!r}.{near(name, known)} It has {first(known, 20)}."
            raise InputError(msg)
    return table[table["contrast"].isin(wanted)]
