"""What to type where samples of one donor stand for replicates."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig import _absent_in_mono
from marrowsig._arms import as_text
from marrowsig._errors import DesignError, InputWarning, count, first
from marrowsig._overlooked import other_pair
from marrowsig._repeats import REPLICATE, TIME, is_formula
from marrowsig._unit_columns import crossing, donors_of
from marrowsig._unlike import DONOR, telling_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marrowsig._arms import Arms
    from marrowsig.design import Design


_BY = ("culture", "line", "inhibitor", "compartment", "time")


SOME_DONOR = "your donor column"
FEW = 4
"""Rows of one unit and arm up to which they are samples by name; cells are more."""


def answers(design: Design, obs: pd.DataFrame) -> bool:
    """Whether some contrast can be estimated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        try:
            return any(plan.model is not None for plan in design.plans(obs))
        except DesignError:
            return False


def pseudobulk(design: Design, unit: str, others: Sequence[str] = ()) -> str:
    by = [column for field, column in design.columns.items() if field in _BY]
    if is_formula(design):  # whose columns have no roles; what it compares is never summed
        by = [column for column in design.columns.values() if column != unit]
    by += others
    return f"ms.pp.pseudobulk(adata, unit={unit!r}, by={by!r})"


def remedy(design: Design, column: str, field: str = "unit", others: Sequence[str] = ()) -> str:
    told = repr(column) if column != SOME_DONOR else "that column"
    call = pseudobulk(design, column, others)
    return f"Sum them first: run {call}, score the result, and compare it with {field}={told}."


def counted(levels: pd.Series) -> str:
    counts = levels.value_counts(sort=False).sort_index()
    return first((f"{name} ({n})" for name, n in counts.items()), 5)


def _sums(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Give the rows that sums by these columns would have."""
    own = rows[columns].dropna().astype(str).drop_duplicates()
    return own.set_axis([f"s{i}" for i in range(len(own))])


def _over_times(
    design: Design, obs: pd.DataFrame, arms: Arms, unit: str, field: str, others: Sequence[str]
) -> str:
    """Say that only sums over times can be compared, where `others` is a time and that is so."""
    (time, *more) = others
    if more or is_formula(design) or design.time is not None or not TIME.search(time):
        return ""
    by = [column for role, column in design.columns.items() if role in _BY and column != unit]
    rows, alone = obs.iloc[arms.frame["row"]], replace(design, pair=None, unit=None)
    pooled = replace(alone, pair=unit) if field == "pair" else replace(alone, unit=unit)
    if answers(replace(pooled, time=time), _sums(rows, [unit, *by, time])):
        return ""
    if not answers(pooled, _sums(rows, [unit, *by])):
        return ""
    return f"They differ in {time!r}, but apart for each level of it nothing can be tested; over all it can."


def _crossing_donors(obs: pd.DataFrame, arms: Arms, unit: pd.Series, column: str) -> str:
    """Name the donors that are mixed within units and recur in others, which a sum by unit would mix."""
    if DONOR.search(column):
        return ""
    keys = {"stratum": arms.frame["stratum"], "arm": arms.frame["arm"], "unit": unit}
    for donor in donors_of(obs.columns):
        level = as_text(obs[donor]).iloc[arms.frame["row"]].reset_index(drop=True)
        if crossing(pd.DataFrame({**keys, donor: level}), "unit", ["stratum", "arm"], donor):
            return donor
    return ""


def shared_message(
    design: Design, obs: pd.DataFrame, arms: Arms, unit: pd.Series, column: str, field: str
) -> str:
    said = (
        f"{int(unit.notna().sum())} rows share {count(unit.nunique(), 'level')} of {column!r}, some in "
        f"the same arm: {_in_one_arm(arms, unit)}. "
    )
    donors = _crossing_donors(obs, arms, unit, column)
    others, told, no_sum = telling_apart(design, obs, arms, unit.rename(column), known_only=bool(donors))
    if others and not donors and (pooled := _over_times(design, obs, arms, column, field, others)):
        told, others, no_sum = pooled, [], False
    if no_sum:
        return said + told
    if field == "pair" and not told and (instead := other_pair(design, obs, arms, unit)):
        return said + instead
    told = f"{told} " if told else _samples(design) if _together(arms, unit).max() <= FEW else ""
    if not donors and _absent_in_mono.where(design, unit, arms.frame.get("culture")):
        donors = _of_all(design, obs, arms, unit) or SOME_DONOR
    steps = remedy(design, donors or column, field, others)
    if donors in getattr(design, "batches", ()):
        steps += f" Leave batch={donors!r} out then: a column has one role, and units are held constant."
    return f"{said}Cells and technical repeats are not replicates. {told}{steps}"


def _of_all(design: Design, obs: pd.DataFrame, arms: Arms, unit: pd.Series) -> str:
    """Name the column that groups the same rows within arms as units that mono-cultures lack, and has all.

    One that was named as a batch comes first.
    """
    batches = getattr(design, "batches", ())
    keys, used = arms.frame[["stratum", "arm"]], {*design.columns.values()} - {*batches}
    again = keys.assign(unit=unit).duplicated(keep=False) & unit.notna()
    found = []
    for column in (str(c) for c in obs.columns if c not in used and not DONOR.search(str(c))):
        level = as_text(obs[column]).iloc[arms.frame["row"]].reset_index(drop=True)
        same = keys.assign(level=level).duplicated(keep=False).equals(again)
        if same and level.notna().all() and level.groupby(arms.frame["arm"]).nunique().min() > 1:
            found.append(column)
    return min(found, key=lambda c: (c not in batches, REPLICATE.search(c) is None), default="")


def _together(arms: Arms, unit: pd.Series) -> pd.Series:
    """Count the rows of the same unit and arm, for each row that has a unit."""
    keys = arms.frame[["stratum", "arm"]].assign(unit=unit).dropna()
    return keys.groupby(["stratum", "arm", "unit"])["unit"].transform("size")


def _in_one_arm(arms: Arms, unit: pd.Series) -> str:
    """Name the units with several rows in an arm: with these samples where they are few, else counted."""
    n = _together(arms, unit)
    shared = unit[n.index[n > 1]]
    if n.max() > FEW:
        return counted(shared)
    names = arms.frame["name"].groupby([shared, arms.frame["arm"]], sort=False).agg(list)
    return first((f"{own} ({first(rows, FEW)})" for (own, _), rows in names.sort_index().items()), 3)


def _samples(design: Design) -> str:
    """Say what is to be done about samples of one unit and arm that no column tells apart."""
    free = [f"{role}=" for role in ("inhibitor", "time") if getattr(design, role, None) is None]
    where = "in the formula" if is_formula(design) else f"in the design ({', '.join(free)})"
    return (
        "If a drug, a dose or a time tells these samples apart, never sum them: write it into a column of "
        f"the sheet, and name that {where if free or is_formula(design) else 'in the design'}. If one is a "
        "copy of another, leave it out. Are they technical replicates of one culture (lanes, repeated runs), "
        "and nothing else? "
    )
