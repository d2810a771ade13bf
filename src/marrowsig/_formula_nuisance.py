"""Terms of a formula that no contrast is about, such as numbers and batches, and the formula without one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._arms import as_text
from marrowsig._formula_matrix import columns_of_terms, variables, without_column
from marrowsig._formula_plan import arms
from marrowsig._lines_of_formula import donor_term, pairs_of
from marrowsig._unused_batch import BATCH

if TYPE_CHECKING:
    from marrowsig._formula import FormulaDesign


def nuisances(design: FormulaDesign, obs: pd.DataFrame) -> list[tuple[str, str]]:
    """Give each such column with its role: "batch" (by its name), "factor" or "covariate".

    No column of donors, pairs or blocks, by name or because no arm has one of its levels twice: the model
    without it takes repeats for replicates. No factor that a contrast is averaged over, as it is joined to
    one that the contrast names.
    """
    numbers = [("covariate", name) for name in numbers_left(design, obs)]
    own = {design.unit, pairs_of(design, obs), donor_term(design)}
    asked = _asked(design)
    named = [n for n in design.levels if asked & {n, *map(str, obs[n].dropna().unique())}]
    left = [n for n in variables(design.formula) if n in design.levels and n not in own and n not in named]
    batches = [name for name in left if BATCH.fullmatch(name)]
    joined = {n for each in columns_of_terms(design.formula) if each & {*named} for n in each}
    blocks = {n for n in left if not named or _is_block(design, obs, n)}
    factors = [name for name in left if name not in {*batches, *joined, *blocks}]
    return [*(("batch", n) for n in batches), *(("factor", n) for n in factors), *numbers]


def numbers_left(design: FormulaDesign, obs: pd.DataFrame) -> list[str]:
    """Give the numbers of a formula that no contrast is about."""
    about = [key for weights in design.wanted.values() for key in weights if isinstance(key, str)]
    return [
        name
        for name in design.columns.values()
        if name not in design.levels
        and name in obs
        and pd.api.types.is_numeric_dtype(obs[name])
        and not any(_names(key, name) for key in about)
    ]


def takes_rows_out(design: FormulaDesign, obs: pd.DataFrame, column: str) -> bool:
    """Whether the levels of a factor leave rows out, which a model without it would take in."""
    given = design.levels.get(column, "")
    return not isinstance(given, str) and not as_text(obs[column]).dropna().isin(list(given)).all()


def without(design: FormulaDesign, column: str) -> FormulaDesign:
    """Leave out every term with this column, and what is said of it.

    >>> from marrowsig.design import Design
    >>> levels = {"my arm": ["mono", "co"]}
    >>> full = Design.from_formula("~ `my arm` * RIN", levels=levels, contrasts=["co - mono"])
    >>> without(full, "RIN").formula
    '~ `my arm`'
    """
    levels = {name: given for name, given in design.levels.items() if name != column}
    at = {name: value for name, value in design.at.items() if name != column}
    formula = without_column(design.formula, column, factors=levels)
    return replace(design, formula=formula, levels=levels, at=at)


def _asked(design: FormulaDesign) -> set[str]:
    """Words of the contrasts: columns, levels and coefficients."""
    keys = [key for weights in design.wanted.values() for key in weights]
    return {part for key in keys for part in _parts(key)}


def _parts(key: Any) -> list[str]:
    if isinstance(key, tuple):
        return [part for text in key for part in [str(text), *str(text).split("=", 1)]]
    return re.split(r"[:=\]]|\[T\.", str(key))


def _names(coefficient: str, column: str) -> bool:
    """Whether a coefficient is of a column, also in an interaction, and not of one whose name holds its name.

    >>> _names("arm[T.co]:age", "age"), _names("dosage", "age")
    (True, False)
    """
    return re.search(rf"(?<![\w.]){re.escape(column)}(?![\w.])", coefficient) is not None


def _is_block(design: FormulaDesign, obs: pd.DataFrame, column: str) -> bool:
    """Whether no arm has a level of this factor twice."""
    arm = arms(design, obs).to_numpy()
    inside = pd.notna(arm)
    both = pd.crosstab(arm[inside], as_text(obs[column]).to_numpy()[inside])
    return int(np.max(both.to_numpy(), initial=0)) < 2
