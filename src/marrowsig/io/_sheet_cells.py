"""Cells of a sample sheet as they were meant: without blanks at their ends, numbers as numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._errors import count, first

if TYPE_CHECKING:
    from collections.abc import Hashable

SEPARATOR = "separator"
"""What a sheet knows of what parts its columns."""
_COMMAS = (";", "\t")
"""What parts columns where a comma in a number marks decimals."""
_WITH_COMMA = re.compile(r"[+-]?(?!0\d)\d+,\d+")
_WITHOUT = re.compile(r"[+-]?(?!0\d)\d+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def stripped(sheet: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Take blanks off the ends of cells, and say of which where that joins a level with another.

    >>> sheet, told = stripped(pd.DataFrame({"drug": ["none", "none ", "rux"], "note": ["a ", "b", "c"]}))
    >>> sheet["drug"].tolist(), told
    (['none', 'none', 'rux'], ["blanks at the ends of levels taken off: 'none ' in 'drug' (1 row)"])
    """
    plain = sheet.map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
    told = []
    for column in sheet.columns:
        changed = [isinstance(cell, str) and cell != cell.strip() for cell in sheet[column]]
        kept = set(plain[column][[not one for one in changed]].dropna())
        for level, n in sheet[column][changed].value_counts().items():
            if level.strip() in kept:
                told.append(f"{level!r} in {str(column)!r} ({count(n, 'row')})")
    return plain, [f"blanks at the ends of levels taken off: {first(told)}"] if told else []


def typed(sheet: pd.DataFrame, *, names: Hashable = None) -> tuple[pd.DataFrame, list[str]]:
    """Write columns of numbers as numbers, and say which had decimal commas; `names` holds no numbers."""
    commas = sheet.attrs.get(SEPARATOR) in _COMMAS
    read = {column: _numbers(sheet[column], commas=commas) for column in sheet.columns}
    told = [str(c) for c in sheet.columns if c != names and read[c][1]]
    said = f"decimal commas of the sheet read as such: {first(map(repr, told))}"
    return pd.DataFrame({c: own for c, (own, _) in read.items()}, index=sheet.index), [said] if told else []


def _numbers(column: pd.Series, *, commas: bool) -> tuple[pd.Series, bool]:
    """Give numbers where every cell is one, and whether commas mark their decimals; `01` stays text."""
    if column.dtype.kind in "iufb":
        return column, False
    text = column.map(lambda v: v if pd.isna(v) else str(v).strip())
    filled = text.dropna().astype(str)
    if filled.empty or filled.str.fullmatch(r"0\d+").any():
        return text, False
    with_comma = commas and _are_decimals(filled)
    written = text.str.replace(",", ".") if with_comma else text
    as_numbers = pd.to_numeric(written, errors="coerce")
    filled_numbers = as_numbers[filled.index]
    if filled_numbers.isna().any() or (with_comma and filled_numbers.nunique() < filled.nunique()):
        return text, False
    return as_numbers, with_comma


def _are_decimals(cells: pd.Series) -> bool:
    """Whether cells are whole numbers and such with a decimal comma, some of which mark no thousands."""
    comma = cells.str.fullmatch(_WITH_COMMA)
    numbers = (comma | cells.str.fullmatch(_WITHOUT)).all()
    return bool(numbers and (comma & ~cells.str.fullmatch(_THOUSANDS)).any())
