"""Rows that are kept by what the sheet or the columns of an h5ad say: `cell_type=blast,HSC`, `type!=MSC`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._arms import as_text, in_order
from marrowsig._errors import InputError, first, near, near_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

FORM = "COLUMN=LEVEL,LEVEL, such as 'cell_type=blast,HSC', or 'cell_type!=stroma' for all others"


def levels_to_keep(text: str, obs: pd.DataFrame) -> tuple[str, list[str], bool]:
    """Read `COLUMN=LEVEL,LEVEL` or `COLUMN!=...` (the last is true: all others are kept).

    A level that holds a comma itself is taken as it is.

    Raises
    ------
    InputError
        If the text has another form, or there is no such column or level.
    """
    column, said, rest = (part.strip() for part in text.partition("="))
    if not (column and said and rest):
        msg = f"keep={text!r} is not {FORM}.{_levels_of(text, obs)}"
        raise InputError(msg)
    others = column not in obs and column.endswith("!")
    column = column.removesuffix("!").rstrip() if others else column
    if column not in obs:
        known = first(obs.columns, 20) or "none; pass a sample sheet"
        meant = near_column(column, obs.columns)
        msg = f"keep={text!r}: there is no column {column!r}.{meant} Columns: {known}."
        raise InputError(msg)
    seen = in_order(obs[column])
    named = [rest] if rest in seen else [level.strip() for level in rest.split(",") if level.strip()]
    absent = [level for level in named if level not in seen]
    if absent:
        meant, known = near(absent[0], seen), first(map(repr, seen), 20)
        msg = f"keep={text!r}: {column!r} has no level {first(map(repr, absent))}.{meant} Levels: {known}."
        raise InputError(msg)
    return column, named, others


def _levels_of(text: str, obs: pd.DataFrame) -> str:
    """Say of which column a text without one names levels; empty where no one column has them all.

    >>> import pandas as pd
    >>> _levels_of("blast, HSC", pd.DataFrame({"cell_type": ["T", "HSC", "blast"]}))
    " They are levels of 'cell_type': keep='cell_type=blast, HSC'."
    """
    named = {level.strip() for level in text.split(",") if level.strip()}
    columns = [str(c) for c in obs if named and named <= set(as_text(obs[c]).dropna())]
    if len(columns) != 1:
        return ""
    they = "They are levels" if len(named) > 1 else "It is a level"
    return f" {they} of {columns[0]!r}: keep={f'{columns[0]}={text}'!r}."


STAYS = ", stays)"
HARDLY = 0.1
"""Part of the rows of stroma that a text keeps where it is about leukaemia cells alone."""


def kept_rows(obs: pd.DataFrame, texts: Sequence[str], *, stroma: str = "") -> tuple[NDArray[np.bool_], str]:
    """Whether each row has one of the levels of every text (none of them after `!=`), and that in words.

    Rows of `stroma`, "COLUMN=LEVEL", stay where a text would leave less than a tenth of them: it is then
    about the others.

    Raises
    ------
    InputError
        If a text cannot be read, or no row is left.
    """
    keep, told, spared = np.ones(len(obs), dtype=bool), [], False
    column, _, level = (part.strip() for part in stroma.partition("="))
    of = (as_text(obs[column]) == level).to_numpy() if column in obs else np.zeros(len(obs), dtype=bool)
    for text in texts:
        column, levels, others = levels_to_keep(text, obs)
        own = as_text(obs[column]).isin(levels).to_numpy() != others
        if of.any() and own.any() and own[of].mean() < HARDLY:
            own, spared = own | of, True
        keep &= own
        told.append(f"{column} is {'not ' if others else ''}{_quoted(levels)}")
    where = " and ".join(told)
    if not keep.any():
        msg = f"keep= leaves no row: in none {where}. Leave one of them out."
        raise InputError(msg)
    return keep, f"{where} (stroma, {stroma}{STAYS}" if spared else where


def leaving(obs: pd.DataFrame, texts: Sequence[str], where: str) -> str:
    """Say of which rows there are none left, where every text of `kept_rows` is by `!=`; else empty.

    `where` are the words of `kept_rows`; of stroma that stays, there is no such list.

    >>> import pandas as pd
    >>> obs = pd.DataFrame({"antibody": ["-", "IgG", "tocilizumab"]})
    >>> leaving(obs, ["antibody!=-"], kept_rows(obs, ["antibody!=-"])[1])
    "whose antibody is '-'"
    """
    read = [levels_to_keep(text, obs) for text in texts]
    if where.endswith(STAYS) or not all(others for _, _, others in read):
        return ""
    return " or ".join(f"whose {column} is {_quoted(levels)}" for column, levels, _ in read)


def _quoted(levels: Sequence[str]) -> str:
    """Quote levels, for any sign may be one.

    >>> _quoted(["-", "IgG"])
    "'-' or 'IgG'"
    """
    return " or ".join(f"'{level}'" for level in levels)
