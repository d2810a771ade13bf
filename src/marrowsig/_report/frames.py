"""Any tidy frame as a table of the page."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._report import words
from marrowsig._report.elements import Column, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pandas as pd

    from marrowsig._report.elements import Link

    Show = str | Callable[[Mapping[str, Any]], Any]

LONG = 40
"""Letters of a cell above which its column breaks lines."""
P = re.compile(r"(^|_)p($|_)")
"""Columns of p values: p, p_adj, reversal_p, p_null, ..."""


def table(
    caption: str,
    frame: pd.DataFrame,
    columns: Mapping[str, Show] | Iterable[str],
    *,
    heads: Callable[[Mapping[str, Any]], Link] | None = None,
    alpha: float | None = None,
) -> Table:
    """Show `columns` of `frame`: names, or heading to a name or to what makes a cell of a row.

    The first column heads its row, and goes where `heads` says. Columns that are empty in all rows are left
    out. Headings that name 95 % get the level of the intervals: one minus `alpha`, or what the frame notes.
    """
    asked = dict(columns.items() if hasattr(columns, "items") else ((name, name) for name in columns))
    rows = frame.to_dict("records")
    made = {head: [cell(row, show) for row in rows] for head, show in asked.items()}
    kept = {head: cells for i, (head, cells) in enumerate(made.items()) if i == 0 or any(cells)}
    bound = float(frame.attrs.get("alpha", 0.05)) if alpha is None else alpha
    named = [
        Column(words.at_level(head, bound), _css(frame, head, asked[head], cells))
        for head, cells in kept.items()
    ]
    ways = [] if heads is None else list(map(heads, rows))
    return Table(caption, named, [list(row) for row in zip(*kept.values(), strict=True)], heads=ways)


def grid(caption: str, frame: pd.DataFrame, cell: Callable[[Mapping[str, Any]], str], *, by: str) -> Table:
    """Show one `cell` per contrast and stratum (rows) and level of the column `by` (columns)."""
    heads = list(dict.fromkeys(frame[by]))
    made: dict[str, dict[Any, str]] = {}
    for row in frame.to_dict("records"):
        made.setdefault(where(row), {})[row[by]] = cell(row)
    rows = [[name, *(cells.get(head, "") for head in heads)] for name, cells in made.items()]
    css = ["wide" if max(len(row[k]) for row in rows) > LONG else "keep" for k in range(1, len(heads) + 1)]
    columns = [Column(str(head), own) for head, own in zip(heads, css, strict=True)]
    return Table(caption, [Column("contrast"), *columns], rows)


def where(row: Mapping[str, Any]) -> str:
    """Name of the contrast, with its stratum."""
    return f"{row['contrast']} in {row['stratum']}" if row["stratum"] else str(row["contrast"])


def span(name: str) -> Callable[[Mapping[str, Any]], str]:
    """Cell of an estimate with its interval, from `name`, `name_low` and `name_high`."""
    low, high = ("ci_low", "ci_high") if name == "estimate" else (f"{name}_low", f"{name}_high")

    def cell(row: Mapping[str, Any]) -> str:
        value = float(row[name])
        return "" if math.isnan(value) else words.estimate(value, float(row[low]), float(row[high]))

    return cell


def value(name: str, found: Any) -> str:
    """One value in words; NaN is an empty text.

    >>> value("p_adj", 1e-9), value("n", 4), value("estimate", 0.12345), value("kept", True)
    ('< 0.0001', '4', '0.12', 'yes')
    """
    if isinstance(found, bool | np.bool_):
        return "yes" if found else "no"
    if isinstance(found, int | np.integer):
        return f"{found:,}"
    if not isinstance(found, float | np.floating):
        return "" if found is None else str(found)
    if math.isnan(found):
        return ""
    return words.p_value(float(found)) if P.search(name) else words.numbers(float(found))[0]


def cell(row: Mapping[str, Any], show: Show) -> str:
    """Text of one cell: the value of a column, or what is made of the row."""
    if isinstance(show, str):
        return value(show, row[show])
    made = show(row)
    return made if isinstance(made, str) else str(made)  # a link stays one


def _css(frame: pd.DataFrame, head: str, show: Show, cells: list[str]) -> str:
    numeric = frame[show].dtype.kind in "iuf" if isinstance(show, str) else "[" in head
    if numeric:
        return "n"
    longest = max(map(len, cells), default=0)
    return "wide" if longest > LONG else "keep"
