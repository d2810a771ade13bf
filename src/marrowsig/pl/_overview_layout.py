"""Places of the panels of an overview, their heights and letters."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from marrowsig.pl._panels import grid
from marrowsig.pl._style import MM, quiet_layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

TALLER = 3
"""Times that a figure is made twice as tall for long words."""


def places(ax: Axes, n: int, *, across: bool, widths: Sequence[float] = (1.0,)) -> list[Axes]:
    """Divide the place of `ax`; even one axes gets a grid of its own, for margins of its own.

    Each place below each other may hold several axes, of these widths.
    """
    spec = ax.get_subplotspec()
    if len(widths) > 1:
        return grid(ax, n, len(widths), widths=widths)
    if n == 1 and spec is not None:
        ax.set_subplotspec(spec.subgridspec(1, 1)[0])
        return [ax]
    return grid(ax, *((1, n) if across else (n, 1)))


def fit(outer: Any, parts: Sequence[tuple[list[Axes], float]], foot: float) -> None:
    """Give the axes of both parts their heights in millimetres, and the figure what their words need.

    `foot` millimetres are kept free below.
    """
    figure: Any = parts[0][0][0].figure
    _laid_out(figure)
    whole, shares = figure.get_figheight(), outer.get_height_ratios()
    laid = whole * figure.get_layout_engine().get()["rect"][3]  # without what is kept free below
    cells = [share / sum(shares) * laid for share in shares]
    drawn = [sum(ax.get_position().height for ax in own) * whole for own, _ in parts]
    asked = [len(own) * tall * MM for own, tall in parts]
    wanted = [cell - now + then for cell, now, then in zip(cells, drawn, asked, strict=True)]
    outer.set_height_ratios(wanted)
    height = sum(wanted) + foot * MM
    figure.set_figheight(height)
    free = foot * MM / height
    figure.get_layout_engine().set(rect=(0.0, free, 1.0, 1.0 - free))
    with quiet_layout():
        figure.draw_without_rendering()


def _laid_out(figure: Any) -> None:
    """Lay a figure out; one that is no taller than its words has no place for axes, and is made taller."""
    for _ in range(TALLER):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            figure.draw_without_rendering()
        if not any("collapsed" in str(one.message) for one in caught):
            return
        figure.set_figheight(2 * figure.get_figheight())
    with quiet_layout():
        figure.draw_without_rendering()


def write_letters(above: Axes, beneath: Axes) -> None:
    """Write a and b in bold at the left edge, at the height of the titles."""
    figure: Any = above.figure
    panels: tuple[Any, Any] = (above, beneath)
    for letter, ax in zip("ab", panels, strict=True):
        place = figure.transFigure.inverted().transform(ax._left_title.get_window_extent().p1)[1]
        figure.text(0.006, place, letter, fontsize=9, fontweight="bold", va="top")
