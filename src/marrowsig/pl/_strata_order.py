"""Order of kinds of cells and times in figures: that asked for, else as categories stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._arm_names import FIELDS
from marrowsig._arms import as_text, in_order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

STRATA = ("compartment", "time")


def named_of(order: Sequence[str] | None, strata: Collection[str], arms: Collection[str]) -> list[str]:
    """Levels of strata that `order` names; a lone one that arms have too is meant of these.

    >>> named_of(["alone", "MSC"], ["AML", "MSC"], ["alone", "MSC"])
    []
    >>> named_of(["alone", "MSC", "AML"], ["AML", "MSC"], ["alone", "MSC"])
    ['MSC', 'AML']
    """
    named = [level for level in order or () if level in strata]
    return [] if len(named) == 1 and named[0] in arms else named


def places_of_strata(
    obs: pd.DataFrame, design: Design | FormulaDesign, order: Sequence[str] | None = None
) -> dict[str, list[str]]:
    """Levels of compartment and time, those that `order` names first, others as their categories stand."""
    columns = {field: column for field in STRATA if (column := getattr(design, field, None))}
    arms = {str(getattr(design, role, None)) for roles in FIELDS.values() for role in roles}
    found = {}
    for field, column in columns.items():
        levels = in_order(obs[column], chosen=field == "compartment")
        found[field] = list(dict.fromkeys([*named_of(order, levels, arms), *levels]))
    return found


def strata_in_order(
    strata: Iterable[str],
    every: Iterable[str],
    obs: pd.DataFrame,
    design: Design | FormulaDesign,
    order: Sequence[str] | None,
) -> list[str]:
    """Sort strata, called as in a table of `ms.tl.compare`; `every` is the stratum of each row of `obs`."""
    places = places_of_strata(obs, design, order)
    columns = [
        [
            levels.index(level) if level in levels else len(levels)
            for level in as_text(obs[getattr(design, field)])
        ]
        for field, levels in places.items()
    ]
    at = dict(zip(every, zip(*columns, strict=True), strict=True)) if columns else {}
    return sorted(strata, key=lambda stratum: at.get(stratum, (len(obs),)))
