"""Ticks whose labels keep apart on a short axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig.pl._style import TEXT
from marrowsig.pl._words import long

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 6
BETWEEN = 1.5  # millimetres between two labels


def ticks_apart(ax: Axes, free: float) -> None:
    """Put as many ticks onto an x axis of `free` millimetres as have room for their labels, and two at least.

    Call it when all is drawn that sets the limits.
    """
    from matplotlib.ticker import MaxNLocator

    low, high = ax.get_xlim()
    form, shown = ax.xaxis.get_major_formatter(), []
    for most in range(MOST, 0, -1):
        places = MaxNLocator(most, steps=[1, 2, 2.5, 4, 5, 10], min_n_ticks=2).tick_values(low, high)
        inside = [float(at) for at in places if low <= at <= high]
        if len(inside) < 2:
            break
        shown = inside
        step = free * (inside[1] - inside[0]) / (high - low)
        if step >= long(form.format_ticks(inside), TEXT) + BETWEEN:
            break
    else:
        shown = [shown[0], shown[-1]]
    ax.set_xticks(shown)
    ax.set_xlim(low, high)
