"""Colours that colour-blind people can tell apart, and axes of a fitting size."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

# Okabe and Ito's palette, black last: https://jfly.uni-koeln.de/color/
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
AXES = {"emt": "#D55E00", "il6": "#0072B2", "stat3": "#009E73", "stat1": "#CC79A7", "control": "#767676"}
GREY = "#767676"
MISSING = "#D9D9D9"


def colours(names: Sequence[str]) -> dict[str, str]:
    """Give each name a colour, in order; they repeat after eight."""
    return {name: OKABE_ITO[i % len(OKABE_ITO)] for i, name in enumerate(names)}


def axis_colour(axis: str) -> str:
    """Colour of a signature's axis."""
    return AXES.get(axis, OKABE_ITO[3])


def axes(ax: Axes | None, *, width: float, height: float) -> Axes:
    """Return the given Axes, or those of a new figure of this size in inches."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def bare(ax: Axes) -> None:
    """Take away the frame's top and right side."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
