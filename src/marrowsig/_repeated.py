"""Warnings that parts of a run give again, of fewer contrasts or signatures: told once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

DEPTH = "unlike sequencing depth"
ONE = re.compile(r"(\S+): \d+ of \d+ genes found")
SEVERAL = re.compile(r"\d+ signatures with too few of their genes found, [^:]*: (.*)$")
NAME = re.compile(r"(\S+) \(\d+ of \d+\)")
SHORT = re.compile(r"\d+ sums? without a partner, .* left out: (.*)\.$")
ALONE = re.compile(r"\d+ rows? (?:has|have) no partner of the same .*?: (.*)\.$")
SUM = re.compile(r"\(([^()]+), [^,()]+\)")
REST = re.compile(r", \.\.\. \(\d+ more\)$")


def without_repeats(notes: Sequence[str]) -> list[str]:
    """Leave out what several parts of a run see and say again of fewer contrasts or signatures."""
    told: list[str] = []
    for note in notes:
        again = any(_within(note, other) or _left_out(note, other) for other in told)
        if not again and not (DEPTH in note and any(DEPTH in other for other in told)):
            told.append(note)
    return told


def _within(note: str, other: str) -> bool:
    """Whether each line of `note` is in `other`, those on genes found by the signatures that they name."""
    lines, known = set(note.splitlines()), set(other.splitlines())
    named = {name for line in known for name in _lacking(line)}
    uncounted = any(SEVERAL.match(line) and REST.search(line) for line in known)
    return all(
        line in known or bool((own := _lacking(line)) and (uncounted or own <= named)) for line in lines
    )


def _left_out(note: str, other: str) -> bool:
    """Whether all rows without a partner are sums that were left out for that, and are told of.

    >>> short = "1 sum without a partner, of few counts, is left out: d4|a (112 counts, the others 616)."
    >>> _left_out("1 row has no partner of the same 'donor' in another arm: d4 (d4|a, a).", short)
    True
    """
    alone, short = ALONE.match(note), SHORT.match(other)
    if not alone or not short or REST.search(alone[1]):
        return False
    names = SUM.findall(alone[1])
    return bool(names) and all(f"{name} (" in short[1] for name in names)


def _lacking(line: str) -> set[str]:
    """Signatures with too few genes that a line names."""
    if one := ONE.match(line):
        return {one[1]}
    several = SEVERAL.match(line)
    return set(NAME.findall(several[1])) if several else set()
