"""Numeric columns that a model takes along: read, centred, refused where they say nothing of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import DesignError, first

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from marrowsig._blocks import Blocked
    from marrowsig.design import Design

    Array = NDArray[np.float64]

DECIMAL_COMMA = r"\s*[+-]?\d+,\d+\s*"
NEAR = 1e-6
"""A covariate of which the rest of the model leaves less than this share is not told apart from it."""


def is_covariate(field: str) -> bool:
    """Whether a field of the design holds numbers."""
    return field.startswith("covariate")


def read(design: Design, obs: pd.DataFrame, inside: NDArray[np.bool_]) -> dict[str, Array]:
    """Field to the covariate's values in the rows of the design, NaN where it has none."""
    fields = {field: column for field, column in design.columns.items() if is_covariate(field)}
    return {field: numbers(obs[column][inside], partly=True) for field, column in fields.items()}


def numbers(column: pd.Series, *, partly: bool = False) -> Array:
    """Values of one column, all of them finite numbers; those of a column that is known `partly` may be NaN.

    Raises
    ------
    DesignError
        If the column holds categories or truth values, or lacks values; the message names rows.
    """
    name = str(column.name)
    kind = pd.api.types
    categorical = isinstance(column.dtype, pd.CategoricalDtype) or kind.is_bool_dtype(column)
    readable = kind.is_numeric_dtype(column) or column.dtype == object or kind.is_string_dtype(column)
    numeric = pd.to_numeric(column.astype(object) if readable else column.astype(str), errors="coerce")
    values = numeric.to_numpy(dtype=np.float64, na_value=np.nan)
    words = np.isnan(values) & column.notna().to_numpy()
    if categorical or words.any():
        seen = first(dict.fromkeys(map(str, column[words] if words.any() else column)))
        commas = words.any() and column[words].astype(str).str.fullmatch(DECIMAL_COMMA).all()
        step = "Write decimal points in place of commas" if commas else "Categories go into batch="
        msg = f"Covariate {name!r} has to be numeric, and holds {seen}. {step}."
        raise DesignError(msg)
    lost = ~np.isfinite(values)
    if lost.any() and not (partly and not lost.all()):
        raise DesignError(_lacking(name, column.index, lost))
    return np.where(lost, np.nan, values)


def _lacking(column: str, names: pd.Index, lost: NDArray[np.bool_]) -> str:
    return (
        f"Covariate {column!r} is missing or infinite in {int(lost.sum())} of {len(lost)} rows: "
        f"{first(names[lost])}. Fill it in, or leave these rows out."
    )


def require_known(design: Design, every: pd.DataFrame, asked: Iterable[Blocked]) -> None:
    """Refuse a covariate that some of the models take along and that is not known in all of their rows.

    The message names all rows of the design that lack it, those of other strata as well.
    """
    for chosen in asked:
        of_model(design, chosen.frame, "block" if chosen.field else "", every)


def standardised(column: pd.Series) -> Array:
    """Centre and scale (n, 1); all zero if the column does not vary."""
    x = column.to_numpy(dtype=np.float64)
    centred = x - x.mean()
    size = np.sqrt((centred**2).mean())
    varies = size > 1e-12 * np.abs(x).max()
    return (centred / size if varies else np.zeros_like(x))[:, None]


def of_model(
    design: Design, frame: pd.DataFrame, block: str, every: pd.DataFrame | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields that get a slope in these rows, and those that no pair changes: the pairs take them up.

    The latter may be unknown in a pair, as they cannot enter the model; the former are refused then, with the
    rows, of `every` row of the design, that lack them.
    """
    fields = tuple(field for field in design.columns if is_covariate(field))
    taken_up: tuple[str, ...] = ()
    if block and fields:
        own = frame.groupby(block)[list(fields)].nunique(dropna=False)
        taken_up = tuple(f for f in fields if own[f].le(1).all())
    slopes = tuple(field for field in fields if field not in taken_up)
    for field in slopes:
        if frame[field].isna().any():
            rows = frame if every is None else every
            lost = rows[field].isna().to_numpy()
            raise DesignError(_lacking(design.columns[field], pd.Index(rows["name"]), lost))
    return slopes, taken_up


def fault(design: Design, frame: pd.DataFrame, nuisance: tuple[str, ...]) -> str:
    """Say why some covariate cannot be in the model of these rows; empty if all can."""
    for field in (f for f in nuisance if is_covariate(f)):
        if not standardised(frame[field]).any():
            seen = f"one value ({frame[field].iloc[0]:g}) in the {len(frame)} rows"
            return f"covariate {design.columns[field]!r} has {seen}; leave it out"
        for others in ((), tuple(f for f in nuisance if f != field)):
            if not _left(frame, field, others):
                return _follows(design, frame, field, others)
    return ""


def _left(frame: pd.DataFrame, field: str, others: tuple[str, ...]) -> bool:
    """Whether the covariate varies beyond what the arms and `others` fix."""
    from marrowsig._matrix import design_matrix

    X, _ = design_matrix(frame, others)
    z = standardised(frame[field])
    left = z - X @ (np.linalg.pinv(X) @ z)
    return bool(np.linalg.norm(left) > NEAR * np.linalg.norm(z))


def _follows(design: Design, frame: pd.DataFrame, field: str, others: tuple[str, ...]) -> str:
    known = {**design.columns, "block": design.pair or design.unit}
    names = " and ".join(["the arms", *(repr(known[other]) for other in others)])
    spread = frame.groupby("arm", sort=True)[field].agg(["min", "max"])
    told = first(f"{arm} {low:g} to {high:g}" for arm, low, high in spread.itertuples())
    return (
        f"covariate {design.columns[field]!r} cannot be told apart from {names}: "
        f"they fix its values ({told}); leave it out"
    )
