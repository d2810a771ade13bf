"""Variance between blocks and within them, by moments."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from marrowsig._stats.ols import residual_df

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array


class Components(NamedTuple):
    """Variances, one entry per column; `between` is NaN without blocks."""

    within: Array
    between: Array
    df: int
    """Degrees of freedom of `within`."""


def components(Y: Array, X: Array, block: NDArray[np.intp] | None = None) -> Components:
    """Split the variance that the means of `X` leave, without bias and whatever the balance.

    Y      rows x columns
    X      rows x parameters, without the blocks
    block  number of the block of each row

    Within blocks: the residual variance with blocks in the model. Between: what the sum of squares without
    blocks exceeds, over what a block effect of variance one adds to it; 0 where that is negative.

    Source: Henderson 1953, doi:10.2307/3001853 (method 3)
    """
    alone, df = _left(Y, X), residual_df(X)
    if block is None:
        return Components((alone**2).sum(axis=0) / df, np.full(Y.shape[1], np.nan), df)
    Z = (block[:, None] == np.unique(block)).astype(float)
    both = np.hstack([X, Z])
    rest = residual_df(both)
    within = (_left(Y, both) ** 2).sum(axis=0) / rest
    spare = float((_left(Z, X) ** 2).sum())
    between = np.maximum(((alone**2).sum(axis=0) - within * df) / spare, 0.0)
    return Components(within, between, rest)


def _left(Y: Array, X: Array) -> Array:
    return Y - X @ (np.linalg.pinv(X) @ Y)
