"""Columns that a formula names: there, of a kind that it can use, and without holes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig import _absent_in_mono
from marrowsig._arms import in_order, words
from marrowsig._errors import DesignError, first, near, near_column
from marrowsig._rows_out import leave_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign

    Array = NDArray[np.float64]


def _no_function(name: str) -> str:
    if hasattr(np, name):
        return f"{name}() is written np.{name}() in a formula."
    return (
        f"{name}() is no function of a formula here, and obs has no such column. A column is a factor by "
        "itself where levels= names it; numbers are changed by np.log2() and the like."
    )


def _is_numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def is_factor(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype)


def levels_of(name: str, given: str | list[str], found: list[str]) -> list[str]:
    named = [given] if isinstance(given, str) else list(dict.fromkeys(given))
    absent = [level for level in named if level not in found]
    if absent:
        known = first(found, 10) or "none"
        msg = f"Column {name!r} has no {words(absent)}.{near(absent[0], found)} Levels seen: {known}."
        raise DesignError(msg)
    if isinstance(given, str):
        named += [level for level in found if level not in named]
    if len(named) < 2:
        msg = (
            f"levels= leaves column {name!r} one level, {named[0]!r}, so that the formula's term for it says "
            f"nothing. Levels seen: {first(found, 10)}. Name them all, or leave {name!r} out of the formula."
        )
        raise DesignError(msg)
    return named


def require_present(
    name: str, values: NDArray[Any], index: pd.Index, factors: Mapping[str, pd.Series] | None = None
) -> None:
    lost = pd.isna(values)
    if lost.any():
        if told := _absent_in_mono.in_formula(name, lost, {**(factors or {}), name: pd.Series(values)}):
            raise DesignError(told)
        msg = (
            f"Column {name!r} is empty in {int(lost.sum())} of {len(lost)} rows: {first(index[lost])}. "
            f"Fill it in, or leave these rows out: {leave_out(index[lost])}."
        )
        raise DesignError(msg)


def check_columns(design: FormulaDesign, obs: pd.DataFrame, named: list[str]) -> None:
    if not isinstance(obs, pd.DataFrame):
        msg = f"The design is checked against a table of samples, not {type(obs).__name__}. Pass adata.obs."
        raise DesignError(msg)
    wanted = [*named, *([design.unit] if design.unit else [])]
    absent = [name for name in wanted if name not in obs.columns]
    called = [name for name in absent if re.search(rf"(?<![\w.]){re.escape(name)}\s*\(", design.formula)]
    if called:
        raise DesignError(_no_function(called[0]))
    signs = [n for n in design.levels if n in obs.columns and n not in named and not n.isidentifier()]
    if absent and signs:
        msg = (
            f"Column {signs[0]!r} has blanks or signs in its name: write `{signs[0]}`, between backticks, "
            f"in the formula {design.formula!r}."
        )
        raise DesignError(msg)
    if absent:
        meant = "".join(near_column(column, obs.columns) for column in absent[:3])
        seen = first(obs.columns, 20) or "none"
        msg = f"obs has no column {words(absent)}.{meant} Available columns: {seen}."
        raise DesignError(msg)
    unused = [name for name in design.levels if name not in named]
    if unused:
        meant = near(unused[0], named)
        msg = f"levels= names {words(unused)}, which the formula {design.formula!r} does not use.{meant}"
        raise DesignError(msg)
    silent = [name for name in named if name not in design.levels and not _is_numeric(obs[name])]
    if silent:
        seen = first(in_order(obs[silent[0]]))
        msg = (
            f"{words(silent)} are categories without a reference (seen: {seen}). "
            f"The alphabet may not choose it: levels={{{silent[0]!r}: ['REFERENCE', 'LEVEL']}}, "
            f"or levels={{{silent[0]!r}: 'REFERENCE'}} for all levels."
        )
        raise DesignError(msg)
