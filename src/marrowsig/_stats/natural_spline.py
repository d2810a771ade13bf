"""Natural cubic spline columns for a smooth trend with few parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array


def natural_spline(x: Array, n_columns: int, *, over: Array | None = None) -> Array:
    """Return columns that span the natural cubic splines of `x`, the constant included.

    Parameters
    ----------
    x
        Where the columns are wanted.
    n_columns
        At least 2 (a straight line). The `n_columns - 2` inner knots are at equally spaced quantiles.
    over
        Values that give the knots; by default `x`. Beyond their range the spline is linear.
    """
    data = x if over is None else over
    low, width = data.min(), np.ptp(data)
    inner = np.quantile(data, np.linspace(0, 1, n_columns)[1:-1])
    knots = np.unique((np.concatenate([[low], inner, [low + width]]) - low) / width)
    u = (x - low) / width
    *earlier, last = (_bent(u, knot, knots[-1]) for knot in knots[:-1])
    return np.column_stack([np.ones_like(u), u, *(column - last for column in earlier)])


def _bent(u: Array, knot: float, end: float) -> Array:
    """Cubic from `knot` on, with the cube taken out again after `end`."""
    return (np.maximum(u - knot, 0) ** 3 - np.maximum(u - end, 0) ** 3) / (end - knot)
