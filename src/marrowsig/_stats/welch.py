"""A contrast of cell means without equal variances (Welch-Satterthwaite)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats.ols import two_sided

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array


def welch(Y: Array, arm: NDArray[np.int64], c: Array, *, flat: float = 1e-12) -> tuple[Array, Array, Array]:
    """Return t, df and two-sided p of `sum_k c_k mean_k`, one per column of `Y`.

    Parameters
    ----------
    Y
        rows x scores.
    arm
        Per row, the arm's number; arms of weight zero play no part.
    c
        One weight per arm. Every arm with a weight needs two rows or more, or the result is NaN.
    flat
        An SD smaller than this times the arm's largest value is rounding, and counts as 0.
    """
    used = np.flatnonzero(c)
    estimate = np.zeros(Y.shape[1])
    parts = np.zeros((len(used), Y.shape[1]))
    nu = np.zeros((len(used), 1))
    for i, k in enumerate(used):
        cell = Y[arm == k]
        if len(cell) < 2:
            return (np.full(Y.shape[1], np.nan),) * 3
        estimate += c[k] * cell.mean(axis=0)
        variance = cell.var(axis=0, ddof=1)
        varies = variance > (flat * np.abs(cell).max(axis=0)) ** 2
        parts[i] = np.where(varies, c[k] ** 2 * variance / len(cell), 0.0)
        nu[i] = len(cell) - 1
    total = parts.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(total > 0, estimate / np.sqrt(total), np.nan)
        df = np.where(total > 0, total**2 / (parts**2 / nu).sum(axis=0), np.nan)
    return t, df, two_sided(t, df)
