"""Benjamini-Hochberg adjusted p."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array


def bh(p: Array) -> Array:
    """Adjust `p` along the first axis; NaN entries stay NaN and are not counted as tests."""
    order = np.argsort(p, axis=0, kind="stable")  # NaN last
    ranked = np.take_along_axis(p, order, axis=0)
    place = np.arange(1, len(p) + 1).reshape(-1, *[1] * (p.ndim - 1))
    scaled = ranked * (~np.isnan(p)).sum(axis=0) / place
    adjusted = np.empty(p.shape)
    up = np.minimum(np.fmin.accumulate(scaled[::-1], axis=0)[::-1], 1.0)
    np.put_along_axis(adjusted, order, np.where(np.isnan(ranked), np.nan, up), axis=0)
    return adjusted


def bh_apart(p: Array, own: NDArray[np.bool_]) -> Array:
    """Adjust the tests that are marked, and by themselves those that are not: two families."""
    adjusted = np.empty(len(p))
    adjusted[own], adjusted[~own] = bh(p[own]), bh(p[~own])
    return adjusted
