"""Small sums that several methods share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets


def per_set(values: NDArray[np.float64], sets: Sets) -> NDArray[np.float64]:
    """Sum of one value per member (n_members,), set by set."""
    return np.bincount(sets.owner, weights=values, minlength=len(sets)).astype(np.float64)


def divide(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide `a` by `b`; NaN where `b` is not positive."""
    safe: NDArray[np.float64] = np.where(b > 0, b, np.nan)
    return np.asarray(a / safe, dtype=np.float64)
