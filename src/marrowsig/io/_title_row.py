"""Rows above the names of the columns of a table: a title, or a header of two rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._errors import InputError, first

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST = 2


def refuse_title_row(header: Sequence[str], sheet: pd.DataFrame, name: str) -> None:
    """Raise if half of the columns have no name, and the first row that is not empty names them.

    The row is taken for names if it fills more cells than the header, with words that do not recur in their
    columns; values such as "alone" do.
    """
    blank = [i for i, cell in enumerate(header) if not cell.strip()]
    if len(blank) < FEWEST or 2 * len(blank) < len(header) or len(sheet) < FEWEST:
        return
    rows = ([_text(cell) for cell in sheet.iloc[i]] for i in range(len(sheet)))
    at, row = next(((i, cells) for i, cells in enumerate(rows) if any(cells)), (0, [""]))
    filled = [i for i, cell in enumerate(row) if cell]
    below = sheet.iloc[at + 1 :]
    if len(filled) <= len(header) - len(blank) or len({row[i] for i in filled}) < len(filled):
        return
    if any(row[i].replace(",", ".", 1).replace(".", "", 1).isdigit() for i in filled):
        return
    if any(row[i] in set(below.iloc[:, i].map(_text)) for i in filled):
        return
    names = first((row[i] for i in filled), 8)
    if any(cell.strip() and cell.strip() == row[i] for i, cell in enumerate(header)):
        msg = (
            f"{name}: the header has two rows; the second is {names}. "
            "Keep one row with a name in each column."
        )
    else:
        place = "in the second" if at == 0 else "below an empty row"
        title = first((cell.strip() for cell in header if cell.strip()), 3)
        msg = (
            f"{name}: the first row ({title}) is a title, the names of the columns stand {place}: "
            f"{names}. Delete the rows above the names."
        )
    raise InputError(msg)


def _text(cell: object) -> str:
    return "" if pd.isna(cell) else str(cell).strip()
