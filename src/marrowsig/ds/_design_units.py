"""Guess which column names donors, pairs and times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig.ds import _design_words as words
from marrowsig.ds._design_guess import Guess

if TYPE_CHECKING:
    import pandas as pd

BY_CELL_LINE = "cell lines, each its own pair"


def donor(column: str, values: pd.Series) -> Guess | None:
    """Guess whose cells these are, by the name of the column or by words such as "donor 3" in a title."""
    if words.DONOR_KEY.search(column):
        return _named("donor", column, values, "high", words.DONOR_KEY)
    if column != "title":
        return None
    found = {str(level): words.DONOR_IN_TITLE.search(str(level)) for level in values}
    if not all(found.values()):
        return None
    names = {level: f"{match[1].lower()} {match[2]}" for level, match in found.items() if match}
    if not 1 < len(set(names.values())) < len(values):
        return None
    hits = {level: [match[0]] for level, match in found.items() if match}
    sizes = {level: int((values == level).sum()) for level in names}
    return Guess("donor", column, names, hits, sizes, "medium", "free text")


def pair(column: str, values: pd.Series) -> Guess | None:
    """Guess which samples belong together, by the name of the column alone."""
    return _named("pair", column, values, "high", words.PAIR_KEY) if words.PAIR_KEY.search(column) else None


def cell_line(column: str, values: pd.Series) -> Guess | None:
    """Guess a cell line that recurs in the arms, by the name of the column alone."""
    if not words.LINE_KEY.search(column):
        return None
    return _named("pair", column, values, "medium", words.LINE_KEY, BY_CELL_LINE)


def time(column: str, values: pd.Series) -> Guess | None:
    """Guess the time of harvest, by the name of the column alone."""
    return _named("time", column, values, "medium", words.TIME_KEY) if words.TIME_KEY.search(column) else None


def _named(
    role: str, column: str, values: pd.Series, confidence: str, key: object, why: str = ""
) -> Guess | None:
    sizes = {str(level): int(n) for level, n in values[values != ""].value_counts(sort=False).items()}
    if len(sizes) < 2 or (role != "time" and len(sizes) == len(values)):
        return None  # one for all, or one each: nothing to pair
    word = key.search(column)[0].strip("_")  # type: ignore[attr-defined]
    empty = int((values == "").sum())
    if empty:
        confidence, why = "low", f"{empty} rows have no value"
    arms = {level: level for level in sizes}
    return Guess(role, column, arms, {level: [word] for level in sizes}, sizes, confidence, why)
