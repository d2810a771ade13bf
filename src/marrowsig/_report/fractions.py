"""The fraction of an induction that an inhibitor reversed, as a cell of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Row = Mapping[str, Any]

FRACTION = ("fraction", "fraction_low", "fraction_high", "fraction_kind")


def fraction(row: Row) -> str:
    """Fraction reversed in per cent, or that it is not determined."""
    if row["fraction"] != row["fraction"]:
        return ""
    if row["fraction_kind"] != "interval":
        return "not determined"
    value, low, high = (f"{100 * row[f'fraction{end}']:.0f}" for end in ("", "_low", "_high"))
    return f"{value} % [{low}, {high}]".replace("-", words.MINUS)


def kept(row: Row) -> str:
    """Fraction on the genes that carry-over could not move."""
    if row.get("cite", "") == "" or row["kind"] != "line":
        return ""
    return fraction({name: row[f"filtered_{name}"] for name in FRACTION})
