"""What the figures take out of a table of results: the rows that were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError, first, near

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


TEXTS = (
    "stratum", "line", "inhibitor", "compartment", "verdict", "reason", "note", "unit", "removed", "stroma",
    "maturation", "cite", "cite_for", "rests_on", "covaried", "asked_as", "filtered_fraction_kind",
)  # fmt: skip
"""Columns in which an empty cell is an empty text; pandas reads it from a file as NaN."""


def needed(table: Any, columns: Sequence[str], *, call: str) -> pd.DataFrame:
    """Return the table if it has rows and these columns; `call` is what makes such a table."""
    if not hasattr(table, "columns"):
        msg = f"This is a {type(table).__name__}, not a table. Pass what {call} returns."
        raise InputError(msg)
    lacking = [name for name in columns if name not in table]
    if lacking:
        msg = f"The table has no column {first(lacking)}. Pass what {call} returns."
        raise InputError(msg)
    if table.empty:
        msg = f"The table is empty. Run {call}."
        raise InputError(msg)
    empty = [name for name in TEXTS if name in table and table[name].isna().any()]
    return table.assign(**{name: table[name].astype(object).fillna("") for name in empty})


def only(table: pd.DataFrame, column: str, value: Any) -> pd.DataFrame:
    """Keep the rows with this value, or with the first of the table; a `Signature` stands for its id."""
    value = getattr(value, "id", value)
    wanted = table[column].iloc[0] if value is None else value
    found = table[table[column] == wanted]
    if found.empty:
        known = list(dict.fromkeys(table[column]))
        msg = f"The table has no {column} {value!r}.{near(value, known)} It has {first(known, 12)}."
        raise InputError(msg)
    return found


def interval(table: pd.DataFrame) -> str:
    """Name the intervals of a result by their level, which it keeps in `attrs`: "95 % CI", on one line."""
    return f"{100 * (1 - float(table.attrs.get('alpha', 0.05))):g} % CI".replace(" ", "\N{NO-BREAK SPACE}")


def one_contrast(table: pd.DataFrame, contrast: str | None) -> pd.DataFrame:
    """Keep one contrast: by default the interaction if there is one, otherwise the first."""
    usual = "interaction" if (table["contrast"] == "interaction").any() else None
    return only(table, "contrast", contrast or usual)
