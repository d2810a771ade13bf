"""Model matrices: cell means of arms, then dummies of nuisance columns and centred covariates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._arms import order
from marrowsig._covariates import is_covariate, standardised

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from marrowsig._contrasts import Contrast

    Array = NDArray[np.float64]


def design_matrix(frame: pd.DataFrame, nuisance: tuple[str, ...]) -> tuple[Array, list[str]]:
    """Return X and the arms of its first columns; rank deficient on purpose, so no level is a reference."""
    arms = order(frame["arm"].unique())
    parts = [_dummies(frame["arm"], arms)]
    for field in nuisance:
        column = frame[field]
        parts.append(
            standardised(column) if is_covariate(field) else _dummies(column, order(column.unique()))
        )
    return np.hstack(parts), arms


def nuisance_names(frame: pd.DataFrame, nuisance: tuple[str, ...], called: Mapping[str, str]) -> list[str]:
    """Name the columns of X behind the arms: 'block: P1', 'batch: 2', 'covariate: age' as `called`."""
    names: list[str] = []
    for field in nuisance:
        levels = [] if is_covariate(field) else order(frame[field].unique())
        names += [f"{field}: {level}" for level in levels] or [f"covariate: {called[field]}"]
    return names


def weights(contrast: Contrast, arms: list[str], width: int) -> Array:
    """Lay the contrast on the `width` columns of X, whose first are `arms`."""
    c = np.zeros(width)
    c[: len(arms)] = [contrast.weights.get(arm, 0.0) for arm in arms]
    return c


def _dummies(column: pd.Series, names: list[str]) -> Array:
    return (column.to_numpy()[:, None] == np.array(names, dtype=object)).astype(np.float64)
