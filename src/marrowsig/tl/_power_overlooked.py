"""Columns of a pilot that its design does not name, and by whose levels its scores differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from marrowsig._arms import as_text

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

LEVEL, MOST = 1e-3, 12  # of an F of the column in a model with the arms; levels of a column


def overlooked(obs: pd.DataFrame, used: set[str], frame: pd.DataFrame, scores: Array) -> str:
    """Name the column whose levels leave the smallest SD within them, where that is no chance; else empty.

    `frame` has the rows of the pilot (`row`, `arm`, `stratum`). Every combination of arm, stratum and
    level has a mean of its own.
    """
    rows = frame["row"].to_numpy()
    cell = (frame["stratum"].astype(str) + " | " + frame["arm"].astype(str)).to_numpy(dtype=object)
    y = scores[rows]
    rest, df = _within(y, cell)
    best = ("", rest / max(df, 1))
    for column in (str(c) for c in obs.columns if c not in used):
        level = as_text(obs[column]).iloc[rows].fillna("").to_numpy(dtype=object)
        sizes = np.unique(level.astype(str), return_counts=True)[1]
        if not 2 <= sizes.size <= MOST or sizes.min() < 2:
            continue
        less, left = _within(
            y, np.array([f"{a} | {b}" for a, b in zip(cell, level, strict=True)], dtype=object)
        )
        gained = df - left
        if gained < 1 or left < 2 or less <= 0:
            continue
        p = special.fdtrc(gained, left, max(rest - less, 0.0) / gained / (less / left))
        if p < LEVEL and less / left < best[1]:
            best = (column, less / left)
    if not best[0]:
        return ""
    column, before, after = best[0], np.sqrt(rest / df), np.sqrt(best[1])
    return (
        f"Scores of the pilot differ between levels of {column!r}, which its design does not name: SD within "
        f"arms {before:.2g}, within arms and levels {after:.2g}. If the experiment will hold {column!r} "
        f"constant or have it in its design, name it for the pilot, e.g. data_design=ms.Design(..., "
        f"time={column!r}); else too many replicates are asked for."
    )


def _within(y: Array, cell: NDArray[np.object_]) -> tuple[float, int]:
    """Sum of squares about the means of cells, and its degrees of freedom."""
    _, at = np.unique(cell.astype(str), return_inverse=True)
    mean = np.bincount(at, y) / np.bincount(at)
    return float(((y - mean[at]) ** 2).sum()), int(y.size - mean.size)
