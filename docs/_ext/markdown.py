"""Pieces of Markdown for generated pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#$|~^])")


def plain(text: object) -> str:
    """Escape what Markdown would read, and join lines."""
    return SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def facts(rows: Iterable[tuple[str, object]]) -> str:
    """Two columns, names and Markdown, without those that are empty."""
    lines = [line for name, value in rows if value for line in (f"* - {name}", f"  - {value}")]
    head = ["```{list-table}", ":class: facts", ":stub-columns: 1", ":widths: 22 78", ""]
    return "\n".join([*head, *lines, "```"]) + "\n"


def wide_table(widths: list[int], head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Table with columns of given widths, in per cent."""
    lines = [f"{'* -' if i == 0 else '  -'} {cell}" for row in (head, *rows) for i, cell in enumerate(row)]
    options = [":class: wide", ":header-rows: 1", f":widths: {' '.join(map(str, widths))}", ""]
    return "\n".join(["```{list-table}", *options, *lines, "```"]) + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Pipe table of cells that are Markdown already."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"
