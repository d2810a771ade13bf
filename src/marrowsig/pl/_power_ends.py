"""Names of the curves of power: at their ends, or listed below a narrow figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from marrowsig.pl._colours import readable
from marrowsig.pl._style import BREAK, MM, SMALL, fit
from marrowsig.pl._words import filled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EDGE = 18.0
"""Millimetres: labels of y and ticks, beside which words above the axes have place."""
KEY = 12.0
"""Millimetres: mark and edges of a list below."""
LINE, GAP = 1.25 * SMALL / 72 / MM, 1.2
"""Millimetres: of a line of a name, and between names."""
BESIDE = 0.36
"""Share of the width that names beside the curves have at most."""
LOW, TOP = -0.02, 1.03  # of the axis of y


class End(NamedTuple):
    """The last share of a curve, what is said of it, its colour and its mark."""

    y: float
    told: tuple[str, ...]
    colour: str
    mark: str


def name_curves(ax: Axes, ends: list[End], *, whole: float, height: float, new: bool) -> None:
    """Name every curve, in lines that `whole` millimetres hold; a new figure becomes as tall as they need."""
    wide = whole >= BREAK
    place = BESIDE * whole if wide else whole - KEY
    texts = ["\n".join(line for part in end.told for line in filled(part, place)) for end in ends]
    if wide:
        high = [LINE * (text.count("\n") + 1) + GAP for text in texts]
        _beside(ax, ends, texts, high, height=max(height, sum(high)), new=new)
    else:
        _listed(ax, texts, height=height, new=new)


def _beside(
    ax: Axes, ends: list[End], texts: list[str], high: list[float], *, height: float, new: bool
) -> None:
    """Name the curves at their right ends, pushed apart where they would overlap."""
    fit(ax, height, new=new)
    figure: Any = ax.figure
    tall = height if new else ax.get_position().height * figure.get_figheight() / MM
    shares = [(TOP - LOW) * part / tall for part in high]  # in the units of y
    ranked = sorted((k for k, end in enumerate(ends) if np.isfinite(end.y)), key=lambda k: -ends[k].y)
    places: list[float] = []
    for last, k in zip([None, *ranked], ranked, strict=False):
        above = TOP if last is None else places[-1] - shares[last] / 2
        free = above - shares[k] / 2
        places.append(min(ends[k].y, free))
    low = places[-1] - shares[ranked[-1]] / 2 if ranked else 0.0
    up = max(0.0, LOW - low)
    place = ax.get_yaxis_transform()
    for k, y in zip(ranked, places, strict=True):
        end = ends[k]
        ax.plot(1.015, y + up, end.mark, ms=3, color=end.colour, transform=place, clip_on=False, label="_end")
        ax.text(
            1.03, y + up, texts[k], transform=place, color=readable(end.colour), fontsize=SMALL, va="center"
        )


def _listed(ax: Axes, texts: list[str], *, height: float, new: bool) -> None:
    """Name the curves in a list: under a figure of our own, inside of given Axes."""
    lines = [line for line in ax.lines if not str(line.get_label()).startswith("_")]
    if not new:
        ax.legend(lines, texts, fontsize=SMALL, frameon=False)
        return
    figure: Any = ax.figure
    figure.set_figheight(figure.get_figheight() + sum(LINE * (text.count("\n") + 2) for text in texts) * MM)
    figure.legend(lines, texts, loc="outside lower center", fontsize=SMALL, frameon=False)
    fit(ax, height, new=True)
