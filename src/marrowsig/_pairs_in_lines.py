"""Pairs that lie in every cell line, under a formula that gives them one level for all: the missing term."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from marrowsig._errors import DesignError, InputWarning, first
from marrowsig._formula_matrix import terms
from marrowsig._formula_plan import plans, read
from marrowsig._lines_of_formula import lines_of, pairs_of, term
from marrowsig._repeats import is_formula
from marrowsig._unit_weights import averages, unit_weights

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig._formula_plan import FormulaModel
    from marrowsig._plan import Plan
    from marrowsig.design import Design

SMALL = 1e-9


def missing_term(design: Design | FormulaDesign, obs: pd.DataFrame) -> str:
    """Say that every pair lies in both lines and the formula lacks `line:pair`; empty where all is well.

    It is said of contrasts within lines, such as the interaction, that this model can answer: those between
    lines, and those tested on one number per pair, are not meant.
    """
    if not is_formula(design):
        return ""
    formula = cast("FormulaDesign", design)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # given with the comparison
        try:
            return _missing(formula, read(formula, obs).data, obs)
        except DesignError:
            return ""


def _missing(design: FormulaDesign, data: pd.DataFrame, obs: pd.DataFrame) -> str:
    pair = pairs_of(design, data)
    joined = [{name.strip("`") for name in own} for own in terms(design.formula)]
    if pair is None or {pair} not in joined:
        return ""
    for line in lines_of(data, pair):
        if any({line, pair} <= own for own in joined) or not _in_each(data, line, pair):
            continue
        fuller = f"{design.formula} + {term(line)}:{term(pair)}"
        now, then = plans(design, obs), plans(replace(design, formula=fuller), obs)
        names = [a.contrast.name for a, b in zip(now, then, strict=True) if _within(a, b, line, pair)]
        if names:
            return (
                f"Every level of {pair!r} has samples in {_all(data[line].nunique())} levels of {line!r}: "
                f"'+ {term(pair)}' alone leaves how each differs between them in the noise of "
                f"{first(names)}. To pair within each of them, as a design with fields does, add "
                f"{term(line)}:{term(pair)}: ms.Design.from_formula({fuller!r})."
            )
    return ""


def _all(n: int) -> str:
    return "both" if n == 2 else f"all {n}"


def _in_each(data: pd.DataFrame, line: str, pair: str) -> bool:
    seen = data.groupby(pair, observed=True)[line].nunique()
    return len(seen) > 1 and bool((seen == data[line].nunique()).all() and seen.min() > 1)


def _within(now: Plan, then: Plan, line: str, pair: str) -> bool:
    """Whether a contrast lies within each pair in each line, and is no average over a pair's lines."""
    if now.model is None or then.model is None:
        return False
    model, fuller = cast("FormulaModel", now.model), cast("FormulaModel", then.model)
    weighed = unit_weights(replace(model, within=True), pair)
    if (weighed is not None and averages(weighed[1])) or len(model.X) != len(fuller.X):
        return False
    w = fuller.vector @ np.linalg.pinv(fuller.X)
    data = fuller.laid.data
    keys = [data[line].to_numpy().astype(str), data[pair].to_numpy().astype(str)]
    sums = data.assign(_weight=w).groupby(keys)["_weight"].sum()
    return bool(sums.abs().max() < SMALL * np.abs(w).max())
