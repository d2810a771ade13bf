"""Axes and figures at print size."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from marrowsig._errors import InputError, InputWarning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

NARROW, WIDE = 85.0, 180.0
"""Widths in millimetres: one and two columns of a journal's page."""
BREAK = 120.0
"""Width below which two panels, or long words beside one, do not fit."""
TEXT, SMALL = 7.0, 6.0
"""Sizes of letters in points at these widths; nothing is smaller."""
MM = 1 / 25.4
LEAST = 60.0
EXTRA = 60.0  # millimetres for words above and below axes whose figure is fitted to them
PAGE = 250.0  # millimetres above which no journal's page holds a figure
DPI = 150  # of a figure on the screen
FEWER = "Draw fewer rows, e.g. res[res['signature'].str.startswith('emt.')]."


def axes(ax: Axes | None, width: float | None, *, usual: float, height: float) -> Axes:
    """Return the given Axes, or those of a new figure; all sizes are in millimetres."""
    if ax is not None:
        if width is not None:
            msg = "Give ax= or width=, not both: these Axes have their width already."
            raise InputError(msg)
        dress(ax)
        return ax
    import matplotlib.pyplot as plt
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    size = (given_width(width, usual) * MM, height * MM)
    pad = 1.5 * MM
    new = plt.subplots(figsize=size, layout=ConstrainedLayoutEngine(w_pad=pad, h_pad=pad), dpi=DPI)[1]
    dress(new)
    return new


def fit(ax: Axes, height: float, *, new: bool, stacked: int = 1, fewer: str = "") -> None:
    """Make a new figure as tall as its words need, with one or more Axes of this height in millimetres.

    `fewer` says what to type where no page holds it.
    """
    if not new:
        return
    figure: Any = ax.figure
    with quiet_layout():
        figure.get_layout_engine().execute(figure)
    short = height * MM - ax.get_position().height * figure.get_figheight()
    figure.set_figheight(figure.get_figheight() + stacked * short)
    tell_of_height(ax, fewer, stacklevel=4)


def tell_of_height(ax: Axes, fewer: str, *, stacklevel: int = 3) -> None:
    """Warn of a new figure that no page holds, with what to type."""
    figure: Any = ax.figure
    tall = figure.get_figheight() / MM
    if fewer and tall > PAGE:
        wider = " Or give width=174." if figure.get_figwidth() / MM < BREAK else ""
        msg = f"This figure is {tall:.0f} mm tall, more than a journal's page. {fewer}{wider}"
        warnings.warn(msg, InputWarning, stacklevel=stacklevel)


@contextmanager
def quiet_layout() -> Iterator[None]:
    """Keep to itself what matplotlib says of a layout for which it finds no place."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "constrained_layout not applied")
        yield


def given_width(width: float | None, usual: float) -> float:
    """Check a width in millimetres."""
    if width is None:
        return usual
    if isinstance(width, bool) or not LEAST <= width <= 1000:
        msg = f"width is {width!r}; it has to lie between {LEAST:g} and 1000 millimetres, e.g. 85 or 180."
        raise InputError(msg)
    return float(width)


def room(ax: Axes) -> float:
    """Width in millimetres of the place that the figure has for these Axes, labels included.

    Of a grid it is their share of the figure, since the margins of the grid are there for labels.
    """
    figure: Any = ax.figure
    spec = ax.get_subplotspec()
    share = ax.get_position().width if spec is None else _share(spec)
    return float(share * figure.bbox.width / figure.dpi / MM)


def inside(ax: Axes) -> float:
    """Width in millimetres that is left of `room` beside labels of usual length."""
    return 0.775 * room(ax)


def _share(spec: Any) -> float:
    """Part of the figure's width that a place has, in a grid or in a grid within a place of another."""
    grid = spec.get_gridspec()
    ratios = grid.get_width_ratios()
    own = sum(ratios[spec.colspan.start : spec.colspan.stop]) / sum(ratios)
    outer = getattr(grid, "_subplot_spec", None)
    if outer is not None:
        return float(own * _share(outer))
    left, right = (getattr(grid, side, None) for side in ("left", "right"))
    return float(own * ((1.0 if right is None else right) - (left or 0.0)))


def dress(ax: Axes) -> None:
    """Give ticks, labels and frame their print size."""
    ax.tick_params(labelsize=TEXT, width=0.6, length=2.5, pad=2)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_fontsize(TEXT)
        axis.labelpad = 2.0
        axis.get_offset_text().set_fontsize(SMALL)
    for spine in ax.spines.values():
        spine.set_linewidth(0.6)


def bare(ax: Axes) -> None:
    """Take away the frame's top and right side."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def from_corner(ax: Axes, x: float, y: float) -> Transform:
    """Coordinates in millimetres from a corner, such as (0, 1), of these Axes."""
    from matplotlib.transforms import Affine2D, ScaledTranslation

    corner: Any = ScaledTranslation(x, y, cast("Any", ax.transAxes))
    return Affine2D().scale(MM) + ax.figure.dpi_scale_trans + corner
