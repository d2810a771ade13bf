"""Which column makes a contrast impossible, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import first
from marrowsig._matrix import design_matrix, weights
from marrowsig._stats.ols import estimable

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._contrasts import Contrast
    from marrowsig.design import Design


def reason(design: Design, contrast: Contrast, frame: pd.DataFrame, nuisance: tuple[str, ...]) -> str:
    """Name the nuisance columns that cannot be told apart from `contrast`, and the rows that cause it."""
    guilty = [field for field in nuisance if not _answers(contrast, frame, field)] or nuisance
    own = frame[frame["arm"].isin(list(contrast.weights))]
    column = {field: design.columns.get(field, design.pair or design.unit) for field in guilty}
    names = " and ".join(repr(column[field]) for field in guilty)
    told = "; ".join(f"{column[field]!r}: {_levels(own, field)}" for field in guilty)
    return f"{contrast.test} against {contrast.base} cannot be told apart from {names} ({told})"


def _answers(contrast: Contrast, frame: pd.DataFrame, field: str) -> bool:
    X, arms = design_matrix(frame, (field,))
    return estimable(X, weights(contrast, arms, X.shape[1]))


def _levels(own: pd.DataFrame, field: str) -> str:
    """Each level with the arms it holds and its rows."""
    told = (
        f"{level} is {' and '.join(sorted(set(rows['arm'])))} only, {len(rows)} rows: {first(rows['name'])}"
        for level, rows in own.groupby(field, sort=True)
    )
    return ", ".join(list(told)[:5])
