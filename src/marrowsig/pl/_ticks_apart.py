"""Ticks whose labels keep apart on a short axis."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from marrowsig.pl._style import MM, TEXT
from marrowsig.pl._words import long

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 6
BETWEEN = 1.5  # millimetres between two labels


def less_crowded(ax: Axes) -> None:
    """Take ticks away from an x axis whose labels stand on each other, once its place is laid out."""
    figure: Any = ax.figure
    free = ax.bbox.width / figure.dpi / MM  # of a part of a figure, too
    low, high = ax.get_xlim()
    inside = [float(at) for at in ax.get_xticks() if low <= at <= high]
    if len(inside) > 1 and _gap(ax, inside, free) < BETWEEN:
        ticks_apart(ax, free)


def ticks_apart(ax: Axes, free: float) -> None:
    """Put as many ticks onto an x axis of `free` millimetres as have room for their labels, and two at least.

    Call it when all is drawn that sets the limits.
    """
    from matplotlib.ticker import MaxNLocator

    low, high = ax.get_xlim()
    tried: list[list[float]] = []
    for most in range(MOST, 0, -1):
        places = MaxNLocator(most, steps=[1, 2, 2.5, 4, 5, 10], min_n_ticks=2).tick_values(low, high)
        inside = [float(at) for at in places if low <= at <= high]
        if len(inside) < 2:
            break
        tried.append(inside)
        if _gap(ax, inside, free) >= BETWEEN:
            break
    else:
        inside = []
    if len(inside) < 2 and tried:
        inside = max(([one[0], one[-1]] for one in tried), key=lambda two: _gap(ax, two, free))
    ax.set_xticks(inside)
    ax.set_xlim(low, high)


def _gap(ax: Axes, places: list[float], free: float) -> float:
    """Least millimetres between the labels of ticks at these places."""
    low, high = ax.get_xlim()
    told = ax.xaxis.get_major_formatter().format_ticks(places)
    middles = [free * (at - low) / (high - low) for at in places]
    halves = [long([text], TEXT) / 2 for text in told]
    both = zip(pairwise(middles), pairwise(halves), strict=True)
    return min(b - a - one - two for (a, b), (one, two) in both)
