"""Divide the place of one Axes between several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from marrowsig._errors import InputError
from marrowsig.pl._style import dress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes


def beside(ax: Axes, *, share: float) -> Axes:
    """Let `ax` keep `share` of its width, and return a new Axes to the right of it."""
    inside = (1.06, 0.0, (1 - share) / share, 1.0)
    return _second(ax, inside, shape=(1, 2), width_ratios=[share, 1 - share], wspace=0.04)


def below(ax: Axes, *, share: float) -> Axes:
    """Let `ax` keep `share` of its height, and return a new Axes below it."""
    inside = (0.0, -1.2, 1.0, 1.15)
    return _second(ax, inside, shape=(2, 1), height_ratios=[share, 1 - share], hspace=0.02)


def _second(ax: Axes, inside: tuple[float, ...], *, shape: tuple[int, int], **ratios: Any) -> Axes:
    """Divide the grid's place of `ax`; without a grid, the other is an inset at `inside`."""
    spec = ax.get_subplotspec()
    if spec is None:
        other = ax.inset_axes(cast("tuple[float, float, float, float]", inside))
    else:
        parts = spec.subgridspec(*shape, **ratios)
        ax.set_subplotspec(parts[0])
        other = cast("Any", ax.figure).add_subplot(parts[1])
    dress(other)
    return other


def grid(ax: Axes, rows: int, columns: int, *, widths: Sequence[float] | None = None) -> list[Axes]:
    """Divide the place of `ax` into a grid, of which `ax` keeps the first place, with columns of `widths`."""
    spec = ax.get_subplotspec()
    if rows * columns == 1:
        return [ax]
    if spec is None:
        msg = "These Axes lie in no grid, so they cannot be divided. Use those of plt.subplots(), or no ax=."
        raise InputError(msg)
    parts = spec.subgridspec(rows, columns, wspace=0.02, hspace=0.02, width_ratios=widths)
    ax.set_subplotspec(parts[0])
    places = [parts[i, j] for i in range(rows) for j in range(columns)]
    return [ax, *(cast("Any", ax.figure).add_subplot(place) for place in places[1:])]
