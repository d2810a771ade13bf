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


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Pipe table of cells that are Markdown already."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"
