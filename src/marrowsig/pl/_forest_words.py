"""Words of a forest plot: of its lines, of what x is, and of samples where there is no column of them."""

from __future__ import annotations

import re
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from marrowsig._contrast_kinds import is_fall
from marrowsig._errors import first
from marrowsig._sizes import sizes
from marrowsig.pl._forest_rows import ROW, stratum_words
from marrowsig.pl._signature_names import LINE, SHARE
from marrowsig.pl._words import filled, long, scored_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd


def below(row: Mapping[str, Any], n: str, told: str, fits: int) -> str:
    """Say what x is, how many samples, and under the first panel what marks and intervals are."""
    falls = is_fall(row["contrast"])
    what = "fall under the inhibitor of" if falls else "difference in"
    parts = [f"{what} {scored_by(str(row['method']))}", n, *told.split("\n")]
    return "\n".join(line for part in parts for line in wrap(part, fits))


def unestimated(lost: list[str], words: Mapping[str, str]) -> str:
    """Name the lines that are not drawn as they would be called beside it."""
    told = [_in_words(line, words) for line in lost]
    return f"not estimated: {first(told, 20)}" if told else ""


def _in_words(line: str, words: Mapping[str, str]) -> str:
    name, bar, stratum = line.partition(" | ")
    return f"{words.get(name, name)}{bar}{stratum_words(stratum, words) if bar else ''}"


def line_words(line: str, labels: Mapping[str, str], whole: float) -> str:
    """Write signature and stratum, one below the other where they take more than their share of the width."""
    name, told = line.partition(" | ")[0], _in_words(line, labels)
    if long([told]) <= SHARE * whole or told == name:  # an id keeps to its line
        return told
    parts = [part for text in told.split(" | ") for part in filled(text, SHARE * whole)]
    return "\n".join(parts)


def line_height(shown: Sequence[str]) -> float:
    """Millimetres of a line with these labels."""
    return ROW + LINE * max((told.count("\n") for told in shown), default=0)


def counts(rows: pd.DataFrame) -> str:
    """Give n of test and base arm of a panel that has no room for a column of them."""
    one = {sizes(row, between=", ") for row in rows.to_dict("records")}
    if len(one) == 1:
        return f"n = {one.pop()}"
    sides = ", ".join(_range(rows, side) for side in ("n_test", "n_base"))
    if all(re.fullmatch(r"\d+ pairs?", told) for told in one):
        return f"n = {_range(rows, 'n_pairs')} pairs"
    if not all(told.endswith(("pair", "pairs")) for told in one):
        return f"n = {sides}"
    if any(told.endswith(", in pairs") for told in one):
        return f"n = {sides}, in pairs"
    lines = set(rows["contrast"]) == {"interaction"}  # whose sides are lines, in pairs each
    return f"n = {sides} pairs" if lines else f"n = {sides}, {_range(rows, 'n_pairs')} pairs"


def _range(rows: pd.DataFrame, column: str) -> str:
    known = sorted(set(rows[column].dropna()))
    ends = [f"{known[0]:g}", f"{known[-1]:g}"] if known else ["?"]
    return "\N{EN DASH}".join(dict.fromkeys(ends))
