"""Locally weighted linear regression with robustness weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array

FLAT = 1e-3
"""Below this share of the bandwidth a weight is 1; above one minus it, 0."""


def lowess(
    x: Array, y: Array, *, span: float = 2 / 3, iterations: int = 3, delta: float | None = None
) -> Array:
    """Return the smooth of `y` at every `x`, in the order given.

    Parameters
    ----------
    x, y
        Finite values, one pair per point.
    span
        Share of the points in each local fit.
    iterations
        Rounds of downweighting points with large residuals.
    delta
        Fits closer together than this are replaced by linear interpolation; by default 1 % of the range.

    Source: Cleveland 1979, doi:10.1080/01621459.1979.10481038
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    _check(x, y, span)
    order = np.argsort(x, kind="stable")
    smooth = np.empty_like(y)
    smooth[order] = _sorted(
        x[order], y[order], span, iterations, 0.01 * np.ptp(x) if delta is None else delta
    )
    return smooth


def _check(x: Array, y: Array, span: float) -> None:
    if x.ndim != 1 or x.shape != y.shape or len(x) < 2:
        msg = f"x has shape {x.shape} and y {y.shape}, expected two or more points in each"
        raise ValueError(msg)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        msg = "lowess needs finite values"
        raise ValueError(msg)
    if not 0 < span <= 1:
        msg = f"the span is {span}, expected a share above 0 and up to 1"
        raise ValueError(msg)


def _sorted(x: Array, y: Array, span: float, iterations: int, delta: float) -> Array:
    """Lowess of ascending `x`."""
    n_near = min(len(x), max(2, int(span * len(x) + 1e-7)))
    anchors = _anchors(x, delta)
    windows = [_window(x, i, n_near) for i in anchors]
    robust: Array | None = None
    for step in range(iterations + 1):
        at_anchor = [_local(x, y, i, *w, robust) for i, w in zip(anchors, windows, strict=True)]
        smooth = np.interp(x, x[anchors], at_anchor)
        size = np.abs(y - smooth)
        reach = 6 * np.median(size)
        if step == iterations or reach < 1e-7 * size.mean():
            break
        robust = _tapered(size, reach, 2)
    return smooth


def _anchors(x: Array, delta: float) -> list[int]:
    """Points where a fit is made: each the last one within `delta` of the one before, or the next at all."""
    end = np.searchsorted(x, x, side="right")
    reach = np.searchsorted(x, x + delta, side="right")
    anchors = [0]
    while (beyond := int(end[anchors[-1]])) < len(x):
        anchors.append(max(beyond, int(reach[anchors[-1]]) - 1))
    return anchors


def _window(x: Array, i: int, n_near: int) -> tuple[int, int, float]:
    """Slice of the points with a weight at `x[i]`, and the distance where weights end."""
    left = int(np.searchsorted(x[: len(x) - n_near] + x[n_near:], 2 * x[i], side="left"))
    h = max(x[i] - x[left], x[left + n_near - 1] - x[i])
    cut = (1 - FLAT) * h
    start = int(np.searchsorted(x, x[i] - cut - FLAT * FLAT * h, side="left"))
    return start, int(np.searchsorted(x, x[i] + cut + FLAT * FLAT * h, side="right")), float(h)


def _tapered(distance: Array, h: float, power: int) -> Array:
    """Weights (1 - (distance / h)^power)^power, exactly 1 very near and 0 very far."""
    weight = (1 - np.minimum(distance / h, 1) ** power) ** power
    return np.where(distance <= FLAT * h, 1.0, np.where(distance <= (1 - FLAT) * h, weight, 0.0))


def _local(x: Array, y: Array, i: int, start: int, stop: int, h: float, robust: Array | None) -> float:
    """Value at `x[i]` of the line through the points nearby."""
    near = slice(start, stop)
    weight = _tapered(np.abs(x[near] - x[i]), h, 3) if h > 0 else np.ones(stop - start)
    if robust is not None:
        weight = weight * robust[near]
    total = weight.sum()
    if total <= 0:
        return float(y[i])
    weight = weight / total
    centre = weight @ x[near]
    spread = weight @ (x[near] - centre) ** 2
    value = weight @ y[near]
    if h > 0 and np.sqrt(spread) > 1e-3 * (x[-1] - x[0]):
        value += (x[i] - centre) / spread * (weight @ ((x[near] - centre) * y[near]))
    return float(value)
