"""The two sides of a contrast in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MEAN = re.compile(r"\(.* \+ .*\) / \d+")
"""A mean of arms, as a side of a contrast is written."""


def sentence(row: Mapping[Any, Any]) -> str:
    """Ask one question in words, with how it is answered or why it cannot be."""
    where = f" [{row['stratum']}]" if row["stratum"] else ""
    asked = f"{row['contrast']}{where}: {row['question']}"
    if not row["estimable"]:
        return f"{asked} Cannot be answered: {row['reason']}."
    paired = f", {row['n_pairs']} pairs" if row["n_pairs"] else ""
    sides = f"{bracketed(row['test'])} less {bracketed(row['base'])}"
    return f"{asked} {sides} ({row['n']}{paired}; {row['model']}; {row['df']} df)."


def bracketed(side: str) -> str:
    """Put brackets around a side that is itself a difference or a sum; a mean has its own.

    >>> bracketed("a - b"), bracketed("(a + b) / 2"), bracketed("a")
    ('(a - b)', '(a + b) / 2', 'a')
    """
    return f"({side})" if is_compound(side) and not MEAN.fullmatch(side) else side


def is_compound(side: str) -> bool:
    """Whether a side is of several arms."""
    return " - " in side or " + " in side
