"""Write a generated page, and leave it alone where nothing changed, so that Sphinx need not read it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_page(path: Path, text: str) -> None:
    """Write `text` to `path` unless it stands there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")
