"""Ranks for the rarer modes of singscore, dense and one value per member."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._kernels.rank import rank_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.ranked import Ranked
    from marrowsig._kernels.rows import Rows


def distance_from_median(ranks: Ranked, ties: str) -> NDArray[np.float64]:
    """Distance of the members' ranks from the middle rank of the row, rounded up (n_obs, n_slots)."""
    every = rank_rows(ranks.rows.toarray())
    chosen = every.low if ties == "min" else every.mean
    middle = np.ceil(np.median(chosen, axis=1, keepdims=True))
    return np.asarray(np.abs(chosen[:, ranks.rows.columns] - middle))


def stable_places(rows: Rows, stable: NDArray[np.int64]) -> NDArray[np.float64]:
    """(1 + stable genes with a lower value) / (stable genes + 1), for the members (n_obs, n_slots)."""
    if not stable.size:
        msg = "stable names no gene that the matrix has"
        raise ValueError(msg)
    x = rows.toarray()
    levels = np.sort(x[:, stable], axis=1)
    members = x[:, rows.columns]
    below = [np.searchsorted(a, b, side="left") for a, b in zip(levels, members, strict=True)]
    return (1.0 + np.array(below).reshape(members.shape)) / (stable.size + 1)
