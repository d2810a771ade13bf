"""A matrix and a sample sheet that were given in each other's place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._errors import InputError
from marrowsig._workbook_place import file_of
from marrowsig.io._sheet import known_ids, read_sheet

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

_NUMBER = re.compile(r"[-+]?[\d.,]+([eE][-+]?\d+)?")


def told_swapped(matrix: Path, sheet: pd.DataFrame, name: str) -> str:
    """Say that `matrix` lists as samples what `sheet`, read from `name`, has as columns; else nothing."""
    columns = {str(column) for column in sheet.columns[1:]}
    if not columns or not _holds_numbers(sheet) or not file_of(matrix).is_file():
        return ""
    try:
        rows = read_sheet(matrix)
    except (InputError, ValueError):
        return ""
    if len(known_ids(rows, None) & columns) <= len(columns) / 2:
        return ""
    return (
        f"The two files look swapped: {matrix.name} lists the samples that {name} has as columns. "
        f"Give the matrix first: {name}, then {matrix.name}."
    )


def _holds_numbers(sheet: pd.DataFrame) -> bool:
    """Whether most columns but the first have a number on top, as those of a matrix do."""
    begin = sheet.iloc[:1, 1:].astype(str)
    return sum(bool(_NUMBER.fullmatch(cell)) for cell in begin.to_numpy().ravel()) > begin.size / 2
