"""Where a table is: a file, or a sheet of a workbook, as `book.xlsx#Counts`."""

from __future__ import annotations

import os
import re
from pathlib import Path

_SHEET = re.compile(r"(.+\.(?:xls[xm]?|csv|tsv|txt))#(.+)", re.IGNORECASE | re.DOTALL)
"""Text too: workbooks are sent about under the names of tables."""


def split(place: str | os.PathLike[str]) -> tuple[Path, str]:
    """File and sheet; the sheet is empty where none is named.

    >>> split("book.xlsx#Counts")[1], split("counts.csv")[1]
    ('Counts', '')
    """
    text = os.fspath(place)
    found = None if Path(text).exists() else _SHEET.fullmatch(text)
    return (Path(text), "") if found is None else (Path(found[1]), found[2])


def file_of(place: str | os.PathLike[str]) -> Path:
    """File or folder, without the sheet."""
    return split(place)[0]


def is_there(place: str | os.PathLike[str]) -> bool:
    """Whether there is such a file or folder; whether a workbook has the sheet is seen as it is read."""
    return file_of(place).exists()
