"""What the XML of a worksheet says of its cells beside their values: hidden, merged, not computed."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = rb"<(?:\w+:)?"
_END = rb"</(?:\w+:)?"
_ROW = re.compile(_NAME + rb"row\b([^>]*)>")
_COL = re.compile(_NAME + rb"col\b([^>]*)>")
_MERGED = re.compile(_NAME + rb"mergeCell\b[^>]*\bref=\"([A-Z]+)(\d+):([A-Z]+)(\d+)\"")
_HIDDEN = re.compile(rb"\bhidden=\"(?:1|true)\"")
_ATTRIBUTE = re.compile(rb"\b(r|min|max)=\"(\d+)\"")
_FILLED = re.compile(_NAME + rb"(?:v|t)(?:\s[^>]*)?>[^<]")
_CELL = re.compile(_NAME + rb"c\b[^>]*?\br=\"([A-Z]+)(\d+)\"[^>]*(?<!/)>")
_FORMULA = re.compile(
    _NAME + rb"c\b([^>]*)>\s*" + _NAME + rb"f\b(?:[^>]*/>|[^>]*(?<!/)>[^<]*" + _END + rb"f>)\s*"
    rb"(?:" + _NAME + rb"v\s*/>|" + _NAME + rb"v>\s*" + _END + rb"v>)?\s*" + _END + rb"c>"
)  # fmt: skip
_ADDRESS = re.compile(rb"\br=\"([A-Z]+\d+)\"")
_AS_TEXT = re.compile(rb"\bt=\"str\"")
_MOST_COLUMNS = 16_384

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows and columns count from 0; `merged` has the box of each range: top, left, bottom, right."""

    hidden_rows: tuple[int, ...]
    hidden_columns: tuple[int, ...]
    merged: dict[str, Box]
    uncomputed: tuple[str, ...]


def look(xml: bytes) -> Cells:
    """Find what is hidden, merged, or a formula whose value the file does not keep; "" is a value."""
    rows, last = [], 0
    for found in _ROW.finditer(xml):
        said = dict(_ATTRIBUTE.findall(found[1]))
        last = int(said[b"r"]) if b"r" in said else last + 1
        if _HIDDEN.search(found[1]):
            rows.append(last - 1)
    columns: list[int] = []
    for found in _COL.finditer(xml):
        if _HIDDEN.search(found[1]):
            said = dict(_ATTRIBUTE.findall(found[1]))
            columns += range(int(said[b"min"]) - 1, min(int(said[b"max"]), _MOST_COLUMNS))
    merged = {}
    for a, i, b, j in _MERGED.findall(xml):
        ref = b"%b%b:%b%b" % (a, i, b, j)
        merged[ref.decode()] = (int(i) - 1, _column(a), int(j) - 1, _column(b))
    return Cells(tuple(rows), tuple(columns), merged, tuple(_uncomputed(xml)))


def _uncomputed(xml: bytes) -> list[str]:
    found = []
    for cell in _FORMULA.finditer(xml):
        address = _ADDRESS.search(cell[1])
        if not _AS_TEXT.search(cell[1]):
            found.append(address[1].decode() if address else "a cell")
    return found


def is_filled(xml: bytes) -> bool:
    """Whether a cell holds anything, a formula without a value included."""
    return _FILLED.search(xml) is not None or _FORMULA.search(xml) is not None


def shape(xml: bytes) -> tuple[int, int] | None:
    """Rows and columns that filled cells span; None where the cells carry no addresses."""
    seen = _CELL.findall(xml)
    if not seen:
        return None
    rows = [int(row) for _, row in seen]
    columns = [_column(letters) for letters in {letters for letters, _ in seen}]
    return max(rows) - min(rows) + 1, max(columns) - min(columns) + 1


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
