"""Correlation matrix of samples that come in blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from marrowsig._stats.ols import Array


def block_matrix(block: ArrayLike | None, correlation: float | None, n: int) -> Array:
    """Return `correlation` within blocks, 1 on the diagonal, 0 elsewhere (n x n).

    Parameters
    ----------
    block
        Label of each sample.
    correlation
        Below 1, and above minus one over the largest block's size less one.
    n
        Number of samples.
    """
    if block is None or correlation is None:
        msg = "block and correlation have to be given together"
        raise ValueError(msg)
    labels, number = np.unique(np.asarray(block), return_inverse=True)
    if len(number) != n:
        msg = f"{len(number)} block labels for {n} samples"
        raise ValueError(msg)
    largest = int(np.bincount(number).max())
    least = -1 / (largest - 1) if largest > 1 else -1.0
    if not least < correlation < 1:
        msg = f"a correlation of {correlation} is impossible: blocks of {largest} need ({least:.4g}, 1)"
        raise ValueError(msg)
    member = (number[:, None] == np.arange(len(labels))).astype(float)
    R = correlation * (member @ member.T)
    np.fill_diagonal(R, 1.0)
    return R
