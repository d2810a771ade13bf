"""The sheet of counts beside a sheet of values that were normalised, in one workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._workbook import _opened, is_workbook
from marrowsig._workbook_place import split

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 300  # of a sheet that are looked at
LEAST = 50  # rows of a sheet that may be counts of genes


def told_counts_sheet(place: Path) -> str:
    """Say which other sheet of a workbook has whole numbers and as many rows and columns; "" for none."""
    file, name = split(place)
    if not name or not file.is_file():
        return ""
    data = file.read_bytes()
    if not is_workbook(data):
        return ""
    sheets = {sheet.title: sheet for sheet in _opened(data, file.name).worksheets}
    if name not in sheets:
        return ""
    shape = _shape(sheets[name])
    found = [t for t, s in sheets.items() if t != name and _shape(s) == shape and _whole(s)]
    if len(found) != 1 or shape[0] <= LEAST:
        return ""
    return (
        f"{file.name}#{name} has decimals, and sheet {found[0]!r} of the same size holds whole numbers: "
        f"'{file.name}#{found[0]}' may be the counts. These are the better start."
    )


def _shape(sheet: Any) -> tuple[int, int]:
    return sheet.max_row or 0, sheet.max_column or 0


def _whole(sheet: Any) -> bool:
    """Whether the numbers of the first rows are counts: whole, none below zero, some above one."""
    rows = sheet.iter_rows(min_row=2, max_row=ROWS, values_only=True)
    seen = [cell for row in rows for cell in row if isinstance(cell, int | float)]
    whole = all(cell >= 0 and float(cell).is_integer() for cell in seen)
    return bool(seen) and whole and max(seen) > 1
