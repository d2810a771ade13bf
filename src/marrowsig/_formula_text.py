"""Contrasts and levels of a formula as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from numbers import Number
from typing import Any

from marrowsig._arms import level_text
from marrowsig._errors import DesignError

TERM = re.compile(r"(?:(\d+(?:\.\d+)?|\d+/\d+)\*)?(\S+)")


def contrasts_of(given: Any) -> dict[str, Mapping[Any, float]]:
    """Read contrasts: name to weights or to text, or a list of texts that are their own names.

    >>> contrasts_of(["co - mono"])
    {'co - mono': {'co': 1.0, 'mono': -1.0}}
    """
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, Mapping) and isinstance(given, Iterable):
        given = {text: text for text in given}
    if not isinstance(given, Mapping):
        msg = f"contrasts={given!r}: give a mapping of names, e.g. {{'gain': 'resistant:co - parental:co'}}."
        raise DesignError(msg)
    return {str(name): _weights(str(name), asked) for name, asked in given.items()}


def _weights(name: str, asked: Any) -> Mapping[Any, float]:
    if isinstance(asked, str):
        return weights_of(asked)
    if isinstance(asked, Mapping):
        return asked
    msg = (
        f"Contrast {name!r} is a {type(asked).__name__}. Write it as text, 'co - mono', or as weights, "
        "{('co',): 1, ('mono',): -1}."
    )
    raise DesignError(msg)


def weights_of(text: str) -> dict[Any, float]:
    """Read `A - B`; terms are cells (levels joined by ':') or coefficients, with spaces around signs.

    >>> weights_of("0.5*resistant:co - resistant:mono")
    {('resistant', 'co'): 0.5, ('resistant', 'mono'): -1.0}
    """
    words = text.split()
    if words and words[0] not in ("+", "-"):
        words = ["+", *words]
    weights: dict[Any, float] = {}
    for sign, term in zip(words[::2], words[1::2], strict=False):
        found = TERM.fullmatch(term)
        if sign not in ("+", "-") or found is None or len(words) % 2:
            raise DesignError(_unread(text))
        factor = 1.0 if found[1] is None else _number(found[1])
        parts = tuple(found[2].split(":"))
        key = parts if len(parts) > 1 and "[" not in found[2] else found[2]  # brackets: a coefficient
        weights[key] = weights.get(key, 0.0) + (factor if sign == "+" else -factor)
    if not weights:
        raise DesignError(_unread(text))
    return weights


def levels_of(given: Any) -> dict[str, str | list[str]]:
    """Read levels: column to all of them, reference first, or to the reference alone, of any type.

    >>> levels_of({"time_h": 3, "line": ["parental", "resistant"]})
    {'time_h': '3', 'line': ['parental', 'resistant']}
    """
    if not isinstance(given, Mapping):
        msg = f"levels={given!r}: give a mapping of columns, such as {{'culture': ['mono', 'co']}}."
        raise DesignError(msg)
    return {str(column): _levels(str(column), levels) for column, levels in given.items()}


def _levels(column: str, levels: Any) -> str | list[str]:
    if isinstance(levels, str | Number):
        return level_text(levels)
    if isinstance(levels, Iterable) and not isinstance(levels, Mapping):
        return [level_text(level) for level in levels]
    msg = f"levels= of {column!r} is a {type(levels).__name__}. Give its levels, reference first."
    raise DesignError(msg)


def _number(text: str) -> float:
    above, _, below = text.partition("/")
    return float(above) / float(below or 1)


def _unread(text: str) -> str:
    return (
        f"Contrast {text!r} cannot be read. Write 'A - B' with spaces around the signs, e.g. "
        "'resistant:co - resistant:mono' or '0.5*a:co + 0.5*b:co - a:mono'; names with blanks as weights: "
        "{('a b', 'co'): 1, ('a b', 'mono'): -1}."
    )
