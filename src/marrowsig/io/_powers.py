"""Whole numbers that a spreadsheet shortened to powers of ten: 1.16E+05 for 116243."""

from __future__ import annotations

import re

from marrowsig._errors import count, first

_POWER = re.compile(rb"(?<![^\t,;|\s\"])(-?\d(?:\.\d+)?)([eE])\+?(\d{1,3})(?![^\t,;|\s\"])")


def shortened(data: bytes) -> list[str]:
    """Values of a text table that have fewer digits than the number, each after the first cell of its line.

    R and Python write 100000 as 1e+05 where that is exact and shorter; a format of three digits is longer
    than the number was, or writes a capital E.
    """
    if not re.search(rb"\d[eE]\+?\d", data):
        return []
    found = []
    for value in _POWER.finditer(data):
        digits, places = len(value[1].lstrip(b"-").replace(b".", b"")), int(value[3]) + 1
        exact = value[2] == b"e" and len(value[0]) < places
        if digits < places and not exact:
            start = data.rfind(b"\n", 0, value.start()) + 1
            row = re.split(rb"[\t,;|\n]", data[start : value.end()].lstrip(b' "'), maxsplit=1)[0]
            found.append(f"{row.decode(errors='replace').strip().strip(chr(34))} {value[0].decode()}")
    return found


def told_shortened(values: list[str], name: str) -> str:
    """Say which counts lost their last digits, and how to keep them."""
    return (
        f"{name}: {count(len(values), 'count is', 'counts are')} written as a power of ten with fewer digits "
        f"than the number ({first(values)}): what was rounded off is lost. In the spreadsheet, format the "
        "columns of values as Number without decimals, and export the table again."
    )
