"""The smallest share at which a rising curve reaches a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize

if TYPE_CHECKING:
    from collections.abc import Callable

    from marrowsig._stats.ols import Array

GRID = np.geomspace(1e-6, 0.5, 58)
"""Shares to look at first; each is a quarter more than the one before."""
FEW = np.geomspace(1e-4, 0.4096, 13)
"""The same where each share costs draws of counts; each is twice the one before."""


def bracket(curve: Array, target: Array, grid: Array = GRID) -> tuple[Array, Array]:
    """Shares between which each curve (n_grid, n) first reaches its target; inf where it never does."""
    reached = curve >= target
    first = reached.argmax(axis=0)
    never = ~reached.any(axis=0)
    low = np.where(first > 0, grid[np.maximum(first - 1, 0)], 0.0)
    return np.where(never, np.inf, low), np.where(never, np.inf, grid[first])


def interpolated(curve: Array, target: Array, grid: Array) -> Array:
    """Shares (n,) at which curves (n_grid, n), drawn with noise, reach their target; inf where they do not.

    Between the shares of the grid curves are taken to be straight over the log of the share.
    """
    low, high = bracket(curve, target, grid)
    out = high.copy()
    for s in np.flatnonzero(np.isfinite(high) & (low > 0)):
        at = int(np.searchsorted(grid, high[s]))
        below, above = curve[at - 1, s], curve[at, s]
        out[s] = low[s] * (high[s] / low[s]) ** ((target[s] - below) / (above - below))
    return out


def crossing(
    curve: Callable[[float], float], low: float, high: float, target: float, *, exact: bool
) -> float:
    """Share in (low, high] where `curve` reaches `target`; to a thousandth for curves of steps (ranks)."""
    if low == 0.0 and not exact:
        return high

    def gap(share: float) -> float:
        return curve(share) - target

    if gap(low) >= 0:
        return low
    if gap(high) <= 0:
        return high
    step = 1e-14 if exact else 1e-3 * high
    return float(optimize.brentq(gap, low, high, xtol=step, rtol=8.9e-16 if exact else 1e-3))
