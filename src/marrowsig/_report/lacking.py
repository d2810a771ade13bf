"""Who lacks an arm that others of the same line have, as a paper names it: "BM-0450 lacks co+drug"."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig import _arms, _formula_plan
from marrowsig._errors import DesignError, InputWarning
from marrowsig._lines_of_formula import donor_term
from marrowsig._report import words
from marrowsig.design import Design
from marrowsig.pl._overview_labels import told_stratum

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig._report.elements import Given

NAMED = 5
"""Levels that are named; the others are counted."""


def lacking(given: Given, names: Iterable[str]) -> str:
    """Name pairs, or donors, that are in the models of these contrasts and lack an arm; else empty.

    Said where some have all arms: a design that gives nobody all of them lacks nothing of anybody. Of pairs
    that a contrast leaves out for want of a partner `compared.partnerless` says it.
    """
    obs, design = given.adata.obs, given.design
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # given with the comparison
        frame, column = (
            _of_fields(design, obs, names) if isinstance(design, Design) else _of_formula(design, obs)
        )
    if frame is None:
        return ""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    strata = [one for one, _ in frame.groupby("stratum", sort=False)]
    for (stratum, _), part in frame.groupby(["stratum", "group"], sort=False):
        arms = list(dict.fromkeys(part["arm"]))
        for unit, own in part.groupby("unit", sort=False)["arm"]:
            if gone := tuple(arm for arm in arms if arm not in set(own)):
                found.setdefault((str(unit), gone), []).append(str(stratum))
    units = {unit for unit, _ in found}
    if not found or len(units) == frame["unit"].nunique():
        return ""
    return _in_words(found, len(strata), column, design)


def _of_fields(design: Design, obs: pd.DataFrame, names: Iterable[str]) -> tuple[pd.DataFrame | None, str]:
    """Return unit, stratum, arm and line of the rows in paired models, with the column of the units."""
    asked = set(names)
    models = [
        (plan.stratum, plan.model, set(plan.contrast.weights))
        for plan in design.plans(obs)
        if plan.contrast.name in asked and plan.model is not None and plan.model.block
    ]
    said = " ".join(model.words for _, model, _ in models)
    field = next((f for f in ("pair", "unit") if f"by {getattr(design, f)!r}" in said), "")
    if not field:
        return None, ""
    frame = _arms.read(design, obs).frame
    arms = {arm for *_, own in models for arm in own}
    rows, alone = set[int](), set[tuple[str, str]]()
    for stratum, model, own_arms in models:
        asked_of = frame[frame["stratum"].eq(stratum) & frame["arm"].isin(list(own_arms))]
        left = asked_of[~asked_of["row"].isin(model.frame["row"])]
        alone |= {(stratum, unit) for unit in left[field]}
        rows |= set(model.frame["row"])
    told = [key in alone for key in zip(frame["stratum"], frame[field], strict=True)]
    own = frame[frame["row"].isin(rows) & frame["arm"].isin(arms) & ~np.array(told)]
    return _grouped(own.assign(unit=own[field]), ["line"]), str(getattr(design, field))


def _of_formula(design: FormulaDesign, obs: pd.DataFrame) -> tuple[pd.DataFrame | None, str]:
    """Return the same of the donors that are a term of a formula, whose arms are levels of its contrasts."""
    donor = donor_term(design)
    try:
        found = _formula_plan.read(design, obs)
        arms = design.arms(obs).iloc[found.rows]
    except DesignError:
        return None, ""
    if donor is None or donor not in found.data:
        return None, ""
    factors = [name for name in _formula_plan.arm_factors(design, found) if name != donor]
    data = found.data.assign(unit=found.data[donor].astype(str), stratum="", arm=arms.to_numpy())
    return _grouped(data, factors), donor


def _grouped(frame: pd.DataFrame, factors: Iterable[str]) -> pd.DataFrame:
    """Add as `group` the levels of factors of which most units have one alone, as a line or a response."""
    columns = [name for name in factors if name in frame]
    apart = [name for name in columns if frame.groupby("unit")[name].nunique().eq(1).mean() > 1 / 2]
    group: Any = frame[apart].astype(str).agg("|".join, axis=1) if apart else ""
    return frame.assign(group=group)[["unit", "stratum", "arm", "group"]]


def _in_words(
    found: dict[tuple[str, tuple[str, ...]], list[str]], strata: int, column: str, design: object
) -> str:
    """Write who lacks which arms, together where they are the same; of more than five the number."""
    alike: dict[tuple[tuple[str, ...], str], list[str]] = {}

    def told_of(stratum: str) -> str:
        return told_stratum(stratum, design)

    for (unit, arms), where in found.items():
        within = "" if len(where) == strata else f" in {words.listing(map(told_of, where))}"
        alike.setdefault((arms, within), []).append(f"{column} {unit}" if unit.isdigit() else unit)
    said, left = [], NAMED
    for (arms, within), units in alike.items():
        shown, left = units[:left], max(0, left - len(units))
        more = [f"{len(units) - len(shown)} more"] if len(units) > len(shown) else []
        if not shown:
            break
        many = len(units) > 1
        said.append(
            f"{words.listing([*shown, *more])} {'lack' if many else 'lacks'} {words.listing(arms)}{within}"
        )
    told = sum(len(units) for units in list(alike.values())[: len(said)])
    rest = sum(map(len, alike.values())) - told
    return "; ".join([*said, *([f"{rest} more lack other arms"] if rest else [])])
