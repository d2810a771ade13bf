"""Holm adjusted p."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array


def holm(p: Array) -> Array:
    """Adjust `p` for any false call, along the first axis; NaN entries stay NaN and are not counted."""
    order = np.argsort(p, axis=0, kind="stable")  # NaN last
    ranked = np.take_along_axis(p, order, axis=0)
    before = np.arange(len(p)).reshape(-1, *[1] * (p.ndim - 1))
    left = (~np.isnan(p)).sum(axis=0) - before
    adjusted = np.empty(p.shape)
    down = np.minimum(np.maximum.accumulate(ranked * left, axis=0), 1.0)
    np.put_along_axis(adjusted, order, down, axis=0)
    return adjusted
