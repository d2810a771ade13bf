"""Levels of a factor that name a way to grow cells with others, such as contact and transwell beside mono."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._two_cultures import alone

if TYPE_CHECKING:
    from collections.abc import Sequence

_APART = re.compile(
    r"trans[-_\s]?wells?|conditioned|indirect(?:[-_\s]?(?:contact|co-?cultur(?:e|ed|ing)))?", re.IGNORECASE
)
_BESIDE = re.compile(
    rf"(?:{_APART.pattern}|(?:direct|cell|cell[-_\s]cell)?[-_\s]?contact|direct|inserts?|(?:[\w+]+-)?cm)",
    re.IGNORECASE,
)
"""These words have other senses too: they count beside cells alone, or beside one of the first."""
_ALONE = re.compile(
    r"(?<![a-z])(?:alone|solo|liquid|suspension|plastic|mono(?:[-_\s]?cultur(?:e|ed|es))?"
    r"|(?:cells?|blasts?|aml|medium|media)[-_\s]only)(?![a-z])",
    re.IGNORECASE,
)
_NOT = re.compile(r"(?:no|non|without|w/o)[-_\s]+", re.IGNORECASE)


def grown_with(levels: Sequence[str]) -> list[str]:
    """Give the levels that name cells grown with others, where the others of the factor show that they do.

    >>> grown_with(["mono", "contact", "transwell"]), grown_with(["no contact", "direct contact"])
    (['contact', 'transwell'], ['direct contact'])
    >>> grown_with(["control", "conditioned medium"]), grown_with(["alone", "HS5-CM 24h"])
    (['conditioned medium'], ['HS5-CM 24h'])
    >>> grown_with(["case", "contact"]), grown_with(["control", "insert"]), grown_with(["naive", "CM"])
    ([], [], [])
    """
    apart = [level for level in levels if _says(_APART, level)]
    shared = [level for level in levels if _says(_BESIDE, level)]
    rest = [level for level in levels if level not in shared]
    if any(map(grown_alone, rest)) or (apart and set(shared) - set(apart)):
        return shared
    return [level for level in apart if any(alone(other, level) for other in rest)]


def grown_alone(level: str) -> bool:
    """Whether a level says that cells grew by themselves.

    >>> [grown_alone(level) for level in ("mono", "AML only", "no transwell", "control", "monocyte")]
    [True, True, True, False, False]
    """
    return _ALONE.search(level) is not None or (_NOT.match(level) is not None and _named(level))


def _says(words: re.Pattern[str], level: str) -> bool:
    return _NOT.match(level) is None and _named(level, words)


def _named(level: str, words: re.Pattern[str] = _BESIDE) -> bool:
    return re.search(rf"(?<![a-z-])(?:{words.pattern})(?![a-z])", level, re.IGNORECASE) is not None
