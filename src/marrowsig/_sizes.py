"""How many samples or pairs stand behind a row, in few letters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._slope_unit import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping


def sizes(row: Mapping[str, Any], *, between: str = " v ") -> str:
    """Write the n of both sides; of a paired test the pairs.

    >>> sizes({"contrast": "co_vs_mono", "n_test": 4, "n_base": 3, "n_pairs": 0})
    '4 v 3'
    >>> sizes({"contrast": "co_vs_mono", "n_test": 4, "n_base": 4, "n_pairs": 4})
    '4 pairs'
    >>> sizes({"contrast": "co_vs_mono", "n_test": 6, "n_base": 6, "n_pairs": 3})
    '6 v 6, 3 pairs'
    >>> sizes({"contrast": "interaction", "n_test": 4, "n_base": 3, "n_pairs": 3})
    '4 v 3 pairs'

    Of a formula, donors may hold all four arms:

    >>> one = {"contrast": "interaction", "n_test": 6, "n_base": 6, "n_pairs": 6, "n_both": 6}
    >>> sizes(one, between=", "), sizes(one | {"test": "linear model ~ donor + drug * culture"})
    ('6, 6 pairs', '6 pairs')
    """
    sides, pairs = [_whole(row[side]) for side in ("n_test", "n_base")], _whole(row.get("n_pairs", 0))
    if NONE in (row.get("test_arm"), row.get("base_arm")):  # coefficients, of which each is of all rows
        return sides[0]
    told = between.join(sides)
    if pairs in ("0", "?"):
        return told
    noun = "pair" if pairs == "1" else "pairs"
    of_lines = str(row.get("contrast", "")) == "interaction" and not same_donors(row)
    if of_lines:  # each side with its own pairs
        return f"{told} pairs" if pairs in sides else f"{told}, in pairs"
    return f"{pairs} {noun}" if set(sides) == {pairs} else f"{told}, {pairs} {noun}"


def same_donors(row: Mapping[str, Any]) -> bool:
    """Whether a formula has a term for donors and each of them holds all four arms of an interaction."""
    return "~" in str(row.get("test", "")) and row.get("n_both", 0) == row["n_test"] == row["n_base"]


def one_each(test: object) -> tuple[str, str, str]:
    """Part the words of a test into its model, and the n and the unit of which it takes one number each.

    >>> one_each("linear model ~ x + donor, 5 numbers, one per 'donor'")
    ('linear model ~ x + donor', '5', "'donor'")
    >>> one_each("linear model ~ x")
    ('linear model ~ x', '', '')
    """
    found = re.fullmatch(r"(.*), (\d+) numbers, one per ('.*')", str(test))
    return (found[1], found[2], found[3]) if found else (str(test), "", "")


def _whole(value: object) -> str:
    known = value is not None and value == value
    return f"{float(str(value)):g}" if known and str(value) != "<NA>" else "?"
