"""Repeats of one unit over time: what tells them apart, and how to compare without counting them twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._arms import as_text, in_order, level_text
from marrowsig._errors import first

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd

    from marrowsig._arms import Arms
    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

TIME = re.compile(r"(^|[\s._-])(time|hours?|days?|weeks?|months?|visits?)", re.IGNORECASE)
"""Columns of time points; what takes only one value per unit, such as a survival, tells no rows apart."""
DOSE = re.compile(r"dose|conc(entration)?($|[\s._-])", re.IGNORECASE)
REPLICATE = re.compile(r"pair|exp|rep|run|block|match|clone", re.IGNORECASE)
"""Columns of repeated cultures; those of donors are looked for in any design."""


def tells_samples(column: str, *, named: bool) -> bool:
    """Whether a number tells samples of one unit apart: a time does, and a dose that is `named` in at=.

    >>> [tells_samples(name, named=False) for name in ("hours", "dose_nM", "RIN")]
    [True, False, False]
    >>> [tells_samples(name, named=True) for name in ("dose_nM", "RIN")]
    [True, False]
    """
    return bool(TIME.search(column) or (named and DOSE.search(column)))


def is_formula(design: Design | FormulaDesign) -> bool:
    """Whether the design is written as a formula, which has no fields to name columns by."""
    return hasattr(design, "formula")


def asked_factors(design: FormulaDesign) -> list[str]:
    """Columns of the formula of which the contrasts name levels; all that have levels if they name none."""
    parts = {part for key in _keys(design) for part in key}
    named = {column: [own] if isinstance(own, str) else own for column, own in design.levels.items()}
    found = [c for c, own in named.items() if any(level in parts or f"{c}={level}" in parts for level in own)]
    return found or list(named)


def into_formula(design: FormulaDesign, column: str, unit: str, *, nested: bool = False) -> str:
    """Say how to ask with a column that tells the rows of one unit apart."""
    factors = [name for name in asked_factors(design) if name not in (unit, column)]
    if nested:
        return per_level(design, column, unit)
    crossed = " * ".join(map(_term, [*factors, column]))
    return (
        f"put it into the formula, as '~ {crossed} + {_term(unit)}' with the levels of {column!r} in "
        "levels=, and name one of these in a contrast, or none to average over them"
    )


def per_level(design: FormulaDesign, column: str, unit: str) -> str:
    """Say how to compare at each level of `column`, where a unit counts once."""
    lead = f"compare at each level of {column!r} by itself, where a {unit!r} counts once"
    factor = next((name for name in asked_factors(design) if name not in (unit, column)), None)
    if factor is None or not TIME.search(column):
        return lead
    own = design.levels[factor]
    base, known = (own, None) if isinstance(own, str) else (own[0], own)
    named = [part.removeprefix(f"{factor}=") for key in _keys(design) for part in key]
    test = next((v for v in named if v != base and (known is None or v in known)), "LEVEL")
    fields = f"culture={factor!r}, mono={base!r}, co={test!r}, time={column!r}, unit={unit!r}"
    return f"{lead}, with ms.Design({fields})"


def taken_up(design: FormulaDesign, data: pd.DataFrame, unit: str, level: pd.Series) -> tuple[str, bool]:
    """Say what a term for the unit takes up and what to do, and whether that is all that is asked.

    `level` is the unit of every row of `data`. Where a unit stands in one level of a factor and recurs over
    another, as donors who were given one treatment and sampled at several times, its term answers for
    differences within a level of that factor only. Empty where no contrast asks for others.
    """
    factors = [name for name in design.levels if name in data and name != unit]
    per_unit = data[factors].groupby(level.to_numpy(), observed=True).nunique()
    held = per_unit.max().to_dict()
    seen = {name: set(data[name].map(level_text)) for name in factors}
    over = [name for name in factors if held[name] > 1]
    for factor in (name for name in factors if held[name] == 1 and len(over) == 1):
        between = [asked for asked, w in design.wanted.items() if _differs(w, factor, seen)]
        if between:
            every = len(between) == len(design.wanted)
            told = (
                f"every level of {unit!r} stands in one level of {factor!r}, so that '+ {_term(unit)}' takes "
                f"up the difference between these{'' if every else f' ({first(between)})'}: "
                f"{per_level(design, over[0], unit)}"
            )
            return told, every
    return "", False


def _keys(design: FormulaDesign) -> list[tuple[str, ...]]:
    keys = [key for weights in design.wanted.values() for key in weights]
    return [tuple(map(str, key)) if isinstance(key, tuple) else (str(key),) for key in keys]


def _differs(weights: Mapping[Any, float], factor: str, seen: Mapping[str, set[str]]) -> bool:
    """Whether the weights of some level of the factor do not add up to zero."""
    others = set().union(*(own for name, own in seen.items() if name != factor))
    sums: dict[str, float] = {}
    for key, weight in weights.items():
        for part in map(str, key if isinstance(key, tuple) else (key,)):
            column, _, level = part.partition("=")
            if column == factor or (part in seen[factor] and part not in others):
                named = level if column == factor else part
                sums[named] = sums.get(named, 0.0) + weight
    return any(abs(total) > 1e-9 for total in sums.values())


def pooled_times(design: Design | FormulaDesign, obs: pd.DataFrame, arms: Arms) -> list[str]:
    """Tell of a time that the design leaves out, over which replicates recur within arms."""
    if design.unit is not None or design.pair is not None:
        return []
    frame, used = arms.frame, set(design.columns.values())
    free = [str(column) for column in obs.columns if column not in used]
    for time in filter(TIME.search, free):
        at = _levels(obs, time, arms)
        keys = frame[["stratum", "arm"]].assign(at=at)
        given = [_levels(obs, column, arms).astype(str) for column in sorted(used)]
        if at.groupby(given).nunique().max() < 2:  # another column of the design tells it
            continue
        if at.isna().any() or keys.groupby(["stratum", "arm"])["at"].nunique().min() < 2:
            continue
        for column in (c for c in free if c != time and REPLICATE.search(c)):
            own = keys.assign(own=_levels(obs, column, arms))
            recurs = own.drop(columns="at").duplicated().any()
            if own["own"].isna().any() or own.duplicated().any() or not recurs:
                continue
            told = (
                f"Arms pool the levels of {time!r} ({first(in_order(obs[time]))}), and levels of {column!r} "
                f"recur over them in one arm. If these are repeats of one culture over time, they are not "
                f"independent: {_with_time(design, time)}."
            )
            return [told]
    return []


def _with_time(design: Design | FormulaDesign, time: str) -> str:
    if is_formula(design):
        return f"put {time!r} into the formula, or take the rows of one time"
    return f"give time={time!r} to compare at each time by itself"


def _levels(obs: pd.DataFrame, column: str, arms: Arms) -> pd.Series:
    return as_text(obs[column]).iloc[arms.frame["row"]].reset_index(drop=True)


def _term(column: str) -> str:
    return column if column.isidentifier() else f"`{column}`"
