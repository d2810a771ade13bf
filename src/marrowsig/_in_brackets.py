"""Cells, drug and time of a claim, which stand in brackets behind what it says."""

from __future__ import annotations

import re

INSIDE = r"(?:[^()]|\((?:[^()]|\([^()]*\))*\))*"
"""What brackets hold, names of levels with brackets of their own among it."""
LAST = re.compile(rf"(.*?) \(({INSIDE})\)")


def parted(text: str) -> tuple[str, str]:
    """Part what is said from what stands in brackets at its end.

    >>> parted("EMT rises (MOLM-13 (wt) cells, JAKi)"), parted("EMT rises")
    (('EMT rises', 'MOLM-13 (wt) cells, JAKi'), ('EMT rises', ''))
    """
    found = LAST.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


def once_unasked(sentence: str) -> str:
    """Leave out of a claim that was not asked for which cells, as all lines lack the same.

    >>> once_unasked("IL6 rises (MOLM-13 (wt) cells): not asked; it was grown alone (so).")
    'IL6 rises: not asked; it was grown alone (so).'
    """
    what, verdict, rest = sentence.partition(": not asked")
    return f"{parted(what)[0]}{verdict}{rest}"
