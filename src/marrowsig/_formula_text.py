"""Contrasts and levels of a formula as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from numbers import Number
from typing import Any

from marrowsig._arms import level_text
from marrowsig._contrast_text import weights_of
from marrowsig._errors import DesignError


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


def levels_of(given: Any) -> dict[str, str | list[str]]:
    """Read levels: column to all of them, reference first, or to the reference alone, of any type.

    >>> levels_of({"time_h": 3, "line": ["parental", "resistant"]})
    {'time_h': '3', 'line': ['parental', 'resistant']}
    """
    if not isinstance(given, Mapping):
        msg = f"levels={given!r}: give a mapping of columns, such as {{'culture': ['mono', 'co']}}."
        raise DesignError(msg)
    return {str(column): _levels(str(column), levels) for column, levels in given.items()}


def values_of(given: Any) -> dict[str, float]:
    """Read values of numeric columns.

    >>> values_of({"dose": 0}), values_of(None)
    ({'dose': 0.0}, {})
    """
    if not (given is None or isinstance(given, Mapping)):
        msg = f"at={given!r}: give a mapping of numeric columns to values, such as {{'dose': 0}}."
        raise DesignError(msg)
    found = {}
    for column, value in (given or {}).items():
        if isinstance(value, bool) or not isinstance(value, Number) or not isfinite(float(value)):  # type: ignore[arg-type]
            msg = f"at= gives {value!r} for {column!r}; it has to be a finite number."
            raise DesignError(msg)
        found[str(column)] = float(value)  # type: ignore[arg-type]
    return found


def _levels(column: str, levels: Any) -> str | list[str]:
    if isinstance(levels, str | Number):
        return level_text(levels)
    if isinstance(levels, Iterable) and not isinstance(levels, Mapping):
        return [level_text(level) for level in levels]
    msg = f"levels= of {column!r} is a {type(levels).__name__}. Give its levels, reference first."
    raise DesignError(msg)
