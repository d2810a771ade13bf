"""Per unit of what a slope of a formula is: the numbers that its coefficients are of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

NUMBER = re.compile(r"[(;] ?([^;()]+): a number")
NONE = "zero"
"""The side of coefficients that has no weight."""


def unit_of(coefficients: Iterable[str], numbers: Collection[str]) -> str:
    """Name what all of these coefficients are slopes of; empty where one is none, or they differ.

    >>> unit_of(["culture[T.co]:hours", "line[T.R]:culture[T.co]:hours"], ["hours"])
    'hours'
    >>> unit_of(["np.log2(dose + 1)"], ["dose"]), unit_of(["culture[T.co]"], ["hours"])
    ('np.log2(dose + 1)', '')
    """
    found = {" x ".join(p for p in _parted(one, ":") if _names(p, numbers)) for one in coefficients}
    return found.pop() if len(found) == 1 else ""


def per_unit(row: Mapping[Any, Any]) -> str:
    """Say per unit of what the size of a row is; empty of a difference of means.

    >>> test = "linear model ~ culture * hours + donor (hours: a number)"
    >>> per_unit({"test_arm": "culture[T.co]:hours", "base_arm": "zero", "test": test})
    ' per unit of hours'
    """
    numbers = NUMBER.findall(str(row.get("test", "")))
    sides = [str(row.get(side, "")) for side in ("test_arm", "base_arm")]
    if not numbers or "" in sides:
        return ""
    unit = unit_of([one for side in sides if side != NONE for one in _terms(side)], numbers)
    return f" per unit of {unit}" if unit else ""


def per_unit_of(contrast: str, design: object) -> str:
    """Say the same of a contrast by its design; empty of one that is no formula."""
    weights = getattr(design, "wanted", {}).get(contrast, {})
    if not weights or not all(isinstance(key, str) for key in weights):
        return ""
    levels = getattr(design, "levels", {})
    unit = unit_of(weights, [name for name in getattr(design, "columns", {}) if name not in levels])
    return f" per unit of {unit}" if unit else ""


def _terms(side: str) -> list[str]:
    """Part a side into its coefficients: without weights, and without the brackets of a mean."""
    mean = re.fullmatch(r"\((.*)\) / \d+", side)
    return [re.sub(r"^[\d.e-]+ ", "", one.strip()) for one in _parted(mean[1] if mean else side, "+")]


def _parted(text: str, sign: str) -> list[str]:
    """Part a text at a sign that stands in no brackets."""
    out, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == sign and not depth:
            out.append("")
        else:
            out[-1] += letter
    return out


def _names(part: str, numbers: Collection[str]) -> bool:
    return any(re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", part) for name in numbers)
