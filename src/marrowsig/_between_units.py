"""Contrasts of a formula that compare what was found within units between units, as genotypes of patients."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, cast

import pandas as pd

from marrowsig._errors import DesignError, InputWarning
from marrowsig._repeats import is_formula

if TYPE_CHECKING:
    from marrowsig._formula import FormulaDesign
    from marrowsig._formula_contrasts import FormulaContrast
    from marrowsig._formula_plan import FormulaModel
    from marrowsig._plan import Plan
    from marrowsig.design import Design


def between_units(design: Design | FormulaDesign, obs: pd.DataFrame) -> list[str]:
    """Name these contrasts; none of a design with fields."""
    if not is_formula(design):
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # given with the comparison
        try:
            return [plan.contrast.name for plan in design.plans(obs) if _is_between(plan)]
        except DesignError:
            return []


def _is_between(plan: Plan) -> bool:
    """Whether a cell of what changes within units has both signs, by the level of what does not."""
    contrast = cast("FormulaContrast", plan.contrast)
    if plan.model is None or not contrast.weights:
        return False
    data, frame = cast("FormulaModel", plan.model).laid.data, plan.model.frame
    if plan.unit not in data:
        return False
    unit = data[plan.unit].astype(str).to_numpy()
    within = [f for f in contrast.factors if data[f].astype(str).groupby(unit).nunique().gt(1).any()]
    if len(within) == len(contrast.factors):
        return False
    cells = data[within].astype(str).agg(":".join, axis=1) if within else pd.Series("", index=data.index)
    weight = frame["arm"].map(contrast.weights).fillna(0.0).to_numpy()
    signs = pd.DataFrame({"cell": cells.to_numpy(), "up": weight > 0})[weight != 0]
    return bool(signs.groupby("cell")["up"].nunique().gt(1).any())
