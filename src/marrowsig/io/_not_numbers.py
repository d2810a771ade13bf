"""Cells of a table that are not numbers as written: decimal marks of two kinds, apostrophes, words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError, count, first

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

_POWER = re.compile(r"-?\d+,\d+[eE][+-]?\d+")
_COMMA = re.compile(r"-?\d+,\d+")
_NO_THOUSANDS = re.compile(r"-?(0,\d+|\d+,(\d{1,2}|\d{4,}))")
_APOSTROPHE = re.compile(r"['\u2019`]\s*-?\d+([.,]\d+)?")
_ROWS = 1000
_MOST = 0.9


def refuse_marked(cells: pd.DataFrame, header: Sequence[str], texts: Sequence[int], name: str) -> None:
    """Raise for columns of `texts` that hold numbers behind an apostrophe, or commas beside points.

    They would be taken for descriptions of the rows, and their samples lost.
    """
    marked = [i for i in texts if _mostly(cells.iloc[:_ROWS, i], _APOSTROPHE)]
    if marked:
        raise InputError(_with_apostrophe(cells, header, marked, name))
    commas = [i for i in texts if _mostly(cells.iloc[:_ROWS, i], _COMMA)]
    if not any(cells.iloc[:_ROWS, i].astype(str).str.fullmatch(_NO_THOUSANDS).any() for i in commas):
        return
    points = {i: k for i in range(cells.shape[1]) if (k := _fraction(cells.iloc[:, i])) is not None}
    if points and len(commas) >= max(2, len(points)):
        odd = [f"{header[i]} ({cells.iloc[k, 0]}: {cells.iloc[k, i]})" for i, k in points.items()]
        it = "this column" if len(points) == 1 else "these columns"
        msg = (
            f"{name}: {len(commas)} columns write decimals with a comma, and "
            f"{count(len(points), 'column')} with a point: {first(odd)}. Replace the points by commas in "
            f"{it}, as the others have it, and save the table again."
        )
        raise InputError(msg)


def remedy(bad: Sequence[str]) -> str:
    """Say what to do about cells that are no numbers."""
    if any(map(_POWER.fullmatch, bad)):
        return (
            "A spreadsheet wrote large numbers as powers of ten, of which a few digits are left: format "
            "all columns of values as numbers there, without decimals for counts, and export the "
            "table again."
        )
    if sum(_APOSTROPHE.fullmatch(cell) is not None for cell in bad) > len(bad) / 2:
        return _TAKE_OFF
    if sum(_COMMA.fullmatch(cell) is not None for cell in bad) > len(bad) / 2:
        return (
            "The comma in them marks decimals or thousands: save the table with decimal points and "
            "without a thousands separator, or with decimal commas and semicolons between the columns."
        )
    return "Correct them, or empty them and read with missing='drop'."


_TAKE_OFF = (
    "The apostrophe tells a spreadsheet to keep a number as text: take it off (replace ' by nothing), format "
    "these columns as numbers as the others are, and save the table again."
)


def _with_apostrophe(cells: pd.DataFrame, header: Sequence[str], marked: Sequence[int], name: str) -> str:
    shown = [f"{header[i]} ({cells.iloc[0, 0]}: {cells.iloc[0, i]})" for i in marked]
    what = count(len(marked), "column begins its numbers", "columns begin their numbers")
    return f"{name}: {what} with an apostrophe: {first(shown)}. {_TAKE_OFF}"


def _mostly(column: pd.Series, form: re.Pattern[str]) -> bool:
    if column.dtype.kind in "iufb":
        return False
    filled = column.dropna().astype(str)
    return len(filled) > 0 and float(filled.str.fullmatch(form).mean()) >= _MOST


def _fraction(column: pd.Series) -> int | None:
    """Row of the first value of a column of fractions, as points alone make them here."""
    if column.dtype.kind != "f":
        return None
    seen = np.flatnonzero(column.notna() & (column != np.rint(column)))
    return int(seen[0]) if len(seen) else None
