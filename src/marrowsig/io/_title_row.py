"""Rows above the names of the columns of a table: a title, or a header of two rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._errors import InputError, count, first

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST = 2
FAR_FEWER = 3
"""How many times as many cells as a title has the row of names below it."""
TITLES, LONG = 10, 80
_NUMBER = re.compile(r"[-+]?[\d.,]+(?:[eE][-+]?\d+)?%?")
_HEADS = {"gene", "geneid", "id", "name", "probe", "sample", "sampleid", "samples", "symbol"}
"""What names a first column whose other columns have no name, and so is no title."""


def titles_above(rows: Sequence[Sequence[str]]) -> int:
    """Count the rows above the names of the columns, where these are certain; else none.

    Titles have one cell, the first, or far fewer than the table, the first ones; empty rows may stand
    between. The names fill every column (but that of the rows' own names, as R writes a table), differ from
    each other, are no numbers, and none stands in its column again.

    >>> table = [["sample", "line", "culture"], ["s1", "a", "mono"], ["s2", "a", "co"]]
    >>> titles_above([["Our study", "", ""], *table]), titles_above(table)
    (1, 0)
    >>> titles_above([["Our study", "", "2025"], *table])
    0
    """
    width = max((len(row) for row in rows[1:]), default=0)
    for at in range(min(TITLES, len(rows) - FEWEST)):
        if not _is_title(rows[at], width):
            below = [row for row in rows[at + 1 :] if len(row) > 1]
            titled = any(cell.strip() for row in rows[:at] for cell in row)
            return at if titled and _are_names(rows[at], below, max(map(len, below), default=0)) else 0
    return 0


def _is_title(row: Sequence[str], width: int) -> bool:
    n = sum(bool(cell.strip()) for cell in row)
    if not n:
        return True
    if width <= FEWEST or any(not cell.strip() for cell in row[:n]):
        return False
    head = re.sub(r"[^a-z0-9]", "", row[0].lower())
    return head not in _HEADS if n == 1 else FAR_FEWER * n <= width


def _are_names(row: Sequence[str], below: Sequence[Sequence[str]], width: int) -> bool:
    first_named = 0 if row[0].strip() else 1
    names = [cell.strip() for cell in row[first_named:]]
    short = width - len(row)  # R leaves the name of the first column out
    if len(below) < FEWEST or short not in (0, 1) or (short and first_named) or "" in names:
        return False
    if len({*names}) < len(names) or any(map(_NUMBER.fullmatch, names)):
        return False
    cells = [{other[i].strip() for other in below if len(other) > i} for i in range(width)]
    return not any(name in cells[i + first_named + short] for i, name in enumerate(names))


def remarks_below(lines: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Count the lines below the names of the columns, the first of `rows`, that are remarks: of `#` and text.

    >>> text = ["gene,s1,s2", "# featureCounts, raw", "IL6,1,2"]
    >>> remarks_below(text, [line.split(",") for line in text])
    1
    """
    marked = [line.lstrip('"').startswith("#") for line in lines]
    n = next((i for i, mark in enumerate(marked[1:]) if not mark), len(lines))
    if n >= len(lines) - 1 or any(marked[n + 1 :]) or any(line.count('"') % 2 for line in lines[1 : n + 1]):
        return 0
    names, below = rows[0], rows[1 : n + 1]
    texts = (not any(cell.strip() for cell in row[1:]) or len(row) != len(names) for row in below)
    return n if all(texts) else 0


def told_titles(lines: Sequence[Sequence[str]], side: str = "above") -> str:
    """Say which rows were skipped, at what side of the names of the columns.

    >>> told_titles([["Our study", ""], ["June", "2025"]])
    "2 rows above the names of the columns were skipped: 'Our study', 'June 2025'"
    """
    texts = [" ".join(cell.strip() for cell in line if cell.strip()) for line in lines]
    titles = [text if len(text) <= LONG else f"{text[:LONG].rstrip()} ..." for text in filter(None, texts)]
    place = f"{side} the names of the columns"
    rows = count(len(titles), f"row {place} was", f"rows {place} were")
    return f"{rows} skipped: {first(map(repr, titles), 3)}".replace("; ", ", ")  # ; parts decisions


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
