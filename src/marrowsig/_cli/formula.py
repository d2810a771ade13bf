"""From the options of the command line to a design written as a formula."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._errors import DesignError, first

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marrowsig._formula import FormulaDesign

FIELDS = ("culture", "line", "inhibitor", "compartment", "time", "pair", "batch")
TERM = re.compile(r"(?:(\d+(?:\.\d+)?|\d+/\d+)\*)?(\S+)")


def formula_of(given: Mapping[str, Any]) -> FormulaDesign:
    """Return the design of `--formula`, `--levels`, `--contrast` and `--unit`.

    Raises
    ------
    DesignError
        If fields are given too, the formula or all contrasts are missing, or an option cannot be read.
    """
    from marrowsig.design import Design

    mixed = [f"--{name}" for name in FIELDS if given.get(name)]
    if mixed:
        msg = f"A formula takes the place of {first(mixed)}. Give the one or the other."
        raise DesignError(msg)
    if not given.get("formula") or not given.get("contrasts"):
        msg = (
            "A formula needs its contrasts, e.g. --formula '~ line * culture' --levels "
            "line=parental,resistant --levels culture=mono,co "
            "--contrast 'gain: resistant:co - resistant:mono'."
        )
        raise DesignError(msg)
    levels = dict(_levels(text) for text in given.get("levels") or ())
    contrasts = dict(_contrast(text) for text in given["contrasts"])
    return Design.from_formula(given["formula"], levels=levels, contrasts=contrasts, unit=given.get("unit"))


def _levels(text: str) -> tuple[str, list[str]]:
    column, _, rest = text.partition("=")
    named = [level.strip() for level in rest.split(",") if level.strip()]
    if not column.strip() or not named:
        msg = f"--levels {text!r} is not COLUMN=REFERENCE,LEVEL, such as culture=mono,co."
        raise DesignError(msg)
    return column.strip(), named


def _contrast(text: str) -> tuple[str, dict[Any, float]]:
    """Read `NAME: A - B`; terms are cells (levels joined by ':') or coefficients, with spaces around signs.

    >>> _contrast("gain: 0.5*resistant:co - resistant:mono")
    ('gain', {('resistant', 'co'): 0.5, ('resistant', 'mono'): -1.0})
    """
    name, _, rest = text.partition(": ")
    words = rest.split()
    if not name.strip() or not words:
        raise DesignError(_unread(text))
    if words[0] not in ("+", "-"):
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
    return name.strip(), weights


def _number(text: str) -> float:
    above, _, below = text.partition("/")
    return float(above) / float(below or 1)


def _unread(text: str) -> str:
    return (
        f"--contrast {text!r} cannot be read. Write 'NAME: A - B' with spaces around the signs, e.g. "
        "'gain: resistant:co - resistant:mono' or 'mean: 0.5*a:co + 0.5*b:co - a:mono'."
    )
