"""A matrix and a sample sheet that were given in each other's place."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._errors import InputError, count
from marrowsig._workbook import located
from marrowsig._workbook_place import file_of
from marrowsig.io._names import less_ending, respell
from marrowsig.io._sheet import read_sheet

if TYPE_CHECKING:
    from pathlib import Path

GENES = 1000
"""Rows from which on a sheet may be a matrix."""
MANY = 10
"""Rows of a matrix for one of its sheet, from which on they are taken for genes."""
_NUMBER = re.compile(r"[-+]?[\d.,]+([eE][-+]?\d+)?")


def told_swapped(matrix: Path, sheet: pd.DataFrame, name: str) -> str:
    """Say that `matrix` looks like a sheet, and `sheet`, read from `name`, like a matrix; else nothing.

    The one lists as samples what the other has as columns, also in another spelling; or it is of words,
    and the other has many times its rows, of numbers.
    """
    columns = {str(column) for column in sheet.columns[1:]}
    if not columns or not _holds_numbers(sheet) or not file_of(matrix).is_file():
        return ""
    try:
        rows = read_sheet(matrix)
    except (InputError, ValueError):
        return ""
    seen = f"{matrix.name} has {count(len(rows), 'row')}"
    if _named(rows, columns) > len(columns) / 2:
        seen += f" and lists the samples that {name}, of {len(sheet):,}, has as columns"
    elif len(sheet) >= MANY * len(rows) and _is_words(rows):
        seen += f", most of it words, and {name} {len(sheet):,}, of numbers"
    else:
        return ""
    return f"The two files look swapped: {seen}. Give the matrix first: {name}, then {matrix.name}."


def swapped_at_sight(matrix: Path, sheet: pd.DataFrame, samples: object) -> str:
    """Say the same before names are matched, which takes long, where files and rows leave no doubt.

    The sheet then has as many rows as a matrix has genes, and what is given as matrix a tenth at most.
    """
    if not isinstance(samples, str | os.PathLike) or len(sheet) < GENES:
        return ""
    place = located(samples)
    files = [file_of(matrix), file_of(place)]
    if not files[0].is_file() or (files[0] != files[1] and _size(files[0]) * MANY > _size(files[1])):
        return ""
    try:
        rows = read_sheet(matrix)
    except (InputError, ValueError):
        return ""
    return told_swapped(matrix, sheet, place.name) if len(sheet) >= MANY * len(rows) else ""


def _size(file: Path) -> int:
    return file.stat().st_size


def _named(rows: pd.DataFrame, columns: set[str]) -> int:
    """Count the columns that the rows list, in any spelling that a sheet may have."""
    values = [[str(cell) for cell in rows[column].dropna()] for column in rows]
    found = [respell(cells, columns)[1] for cells in values] + [
        less_ending(cells, columns)[1] for cells in values
    ]
    return max(map(len, found), default=0)


def _is_words(rows: pd.DataFrame) -> bool:
    cells = [str(cell) for cell in rows.to_numpy().ravel() if not pd.isna(cell)]
    return sum(not _NUMBER.fullmatch(cell) for cell in cells) > len(cells) / 2


def _holds_numbers(sheet: pd.DataFrame) -> bool:
    """Whether most columns but the first have a number on top, as those of a matrix do."""
    begin = sheet.iloc[:1, 1:].astype(str)
    return sum(bool(_NUMBER.fullmatch(cell)) for cell in begin.to_numpy().ravel()) > begin.size / 2
