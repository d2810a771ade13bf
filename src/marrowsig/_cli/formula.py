"""From the options of the command line to a design written as a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._errors import DesignError, first
from marrowsig._not_of_formula import require_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marrowsig._formula import FormulaDesign

FIELDS = (
    "culture", "mono", "co", "line", "parental", "resistant", "inhibitor", "vehicle", "compartment", "time",
    "pair", "batch", "covariates",
)  # fmt: skip
UNUSED = {
    "stroma": "stroma=", "markers": "markers=", "claims_on": "claims_on=",
    "no_carry_over": "carry_over=False",
}  # fmt: skip
"""Options of a run that only the claims take, as Python writes them."""


def formula_of(given: Mapping[str, Any]) -> FormulaDesign:
    """Return the design of `--formula`, `--levels`, `--contrast`, `--at` and `--unit`.

    Raises
    ------
    DesignError
        If fields are given too, the formula or all contrasts are missing, or an option cannot be read.
    """
    from marrowsig.design import Design

    mixed = [f"--{name}" for name in FIELDS if given.get(name)]
    if mixed:
        msg = (
            f"A formula takes the place of {first(mixed)}. Give the one or the other: claims and the check "
            "of carry-over are asked by --culture, --mono and --co, in a run of its own without --formula."
        )
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
    at = dict(_value(text) for text in given.get("at") or ())
    return Design.from_formula(
        given["formula"], levels=levels, contrasts=contrasts, unit=given.get("unit"), at=at
    )


def require_used(given: Mapping[str, Any], **asked: object) -> None:
    """Refuse options beside `--formula` that would be read and then not used.

    Raises
    ------
    DesignError
        If there is one of `UNUSED`.
    """
    if given.get("formula"):
        require_fields([UNUSED[name] for name, value in asked.items() if value])


def _levels(text: str) -> tuple[str, str | list[str]]:
    """Read `COLUMN=REFERENCE,LEVEL,...`; a reference alone stands for all levels.

    >>> _levels("time_h=3"), _levels("culture=mono,co")
    (('time_h', '3'), ('culture', ['mono', 'co']))
    """
    column, _, rest = text.partition("=")
    named = [level.strip() for level in rest.split(",") if level.strip()]
    if not column.strip() or not named:
        msg = f"--levels {text!r} is not COLUMN=REFERENCE,LEVEL, such as culture=mono,co."
        raise DesignError(msg)
    return column.strip(), named if len(named) > 1 else named[0]


def _value(text: str) -> tuple[str, float]:
    """Read `COLUMN=NUMBER`.

    >>> _value("dose=0.5")
    ('dose', 0.5)
    """
    column, _, number = text.partition("=")
    try:
        return column.strip(), float(number)
    except ValueError:
        msg = f"--at {text!r} is not COLUMN=NUMBER, such as dose=0."
        raise DesignError(msg) from None


def _contrast(text: str) -> tuple[str, str]:
    name, _, rest = text.partition(": ")
    if not name.strip() or not rest.strip():
        msg = (
            f"--contrast {text!r} has no name. Write 'NAME: A - B', e.g. 'gain: resistant:co - parental:co'."
        )
        raise DesignError(msg)
    return name.strip(), rest
