"""The contrast of each unit by itself, where a formula has a term for units and each unit is whole.

One number per unit makes a t that is exact whatever the rows of a unit share. Where a unit has several rows
in an arm, as a donor in both lines over which is averaged, the model's residuals count them as independent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from marrowsig._errors import first
from marrowsig._stats.ols import fit, residual_df
from marrowsig._unit_weights import alike, averages, groups, unit_weights, with_gaps

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from marrowsig._formula_plan import FormulaModel
    from marrowsig._plan import Model, Plan
    from marrowsig._stats.ols import Fit

    Array = NDArray[np.float64]


def own_contrasts(plan: Plan, model: Model, Y: Array) -> Array | None:
    """Return the contrast of every unit that plays a part (units x scores); their mean is the estimate.

    None unless the rows of all these units weigh alike, and where the model's t is that of these numbers.
    """
    found = _weights(plan, model)
    if found is None or not alike(found[1]):
        return None
    w, table = found
    units = table.index[(table != 0).any(axis=1)]
    if len(units) < 2 or residual_df(model.X) == len(units) - 1:
        return None
    label = cast("FormulaModel", model).laid.data[plan.unit].astype(str).to_numpy()
    return len(units) * np.vstack([w[label == unit] @ Y[label == unit] for unit in units])


def own_by_group(plan: Plan, model: Model, Y: Array) -> tuple[Array, NDArray[np.int64]] | None:
    """Return the part of every unit (units x scores) and its group, where units are nested in groups.

    Units of one group weigh their rows alike; the estimate is the sum of the groups' means. None where a unit
    is not compared within itself, or lost a row, or a group has one unit only.
    """
    found = _weights(plan, model)
    group = None if found is None else groups(found[1])
    if found is None or group is None or not group.any():
        return None
    w, table = found
    units = table.index[(table != 0).any(axis=1)]
    label = cast("FormulaModel", model).laid.data[plan.unit].astype(str).to_numpy()
    parts = [w[label == unit] @ Y[label == unit] for unit in units]
    return np.bincount(group)[group, None] * np.vstack(parts), group


def contrast_fit(plan: Plan, Y: Array) -> Fit:
    """Fit the contrast to `Y` (rows of its model x scores): by its model, or one number per unit.

    The latter where several rows of a unit in an arm are averaged, which the model takes for independent.
    """
    model = plan.model
    if model is None:
        msg = f"{plan.contrast.name} has no model"
        raise ValueError(msg)
    return fit(*own_numbers(plan, model, Y)) if by_units(plan) else fit(Y, model.X, model.c(plan.contrast))


def own_numbers(plan: Plan, model: Model, Y: Array) -> tuple[Array, Array, Array]:
    """Return one difference per unit, the groups of the units as columns, and the contrast of their means.

    Of a plan that is tested `by_units`: units in one group, as donors in both lines, or nested in several.
    """
    own = own_contrasts(plan, model, Y)
    if own is not None:
        return own, np.ones((len(own), 1)), np.ones(1)
    w, label, units, group = weights_of(plan)
    up = np.array([np.maximum(w[label == unit], 0.0).sum() for unit in units])
    own = np.vstack([w[label == unit] @ Y[label == unit] for unit in units]) / up[:, None]
    X, c = np.eye(group.max() + 1)[group], np.bincount(group, weights=up).astype(np.float64)
    return own, X, c


def by_units(plan: Plan) -> bool:
    """Whether the contrast is tested on one number per unit: rows of a unit in an arm are averaged."""
    model = plan.model
    found = None if model is None else _weights(plan, model)
    if model is None or found is None or not averages(found[1]) or (group := groups(found[1])) is None:
        return False
    if group.any() and with_gaps(cast("FormulaModel", model).laid, plan.unit)[0]:
        return False  # units that lack the same row would pass for a group
    df = len(group) - group.max() - 1
    return bool(df > 0 and residual_df(model.X) != df)


def weights_of(plan: Plan) -> tuple[Array, NDArray[np.str_], list[str], NDArray[np.int64]]:
    """Weight and unit of every row of a plan that is tested `by_units`; its units, and their groups."""
    model = plan.model
    found = None if model is None else _weights(plan, model)
    group = None if found is None else groups(found[1])
    if found is None or group is None:
        msg = f"{plan.contrast.name} is not tested on one number per unit"
        raise ValueError(msg)
    w, table = found
    label = cast("FormulaModel", model).laid.data[plan.unit].astype(str).to_numpy()
    return w, label, list(table.index[(table != 0).any(axis=1)]), group


def of_numbers(plan: Plan) -> str:
    """Say of a test that it is `by_units`, and of how many; empty where it is not."""
    return f", {len(weights_of(plan)[2])} numbers, one per {plan.unit!r}" if by_units(plan) else ""


def of_rows(plan: Plan) -> str:
    """Say of a test of genes that it averages over rows of one unit in an arm, and how; empty where not."""
    model = plan.model
    if told := of_numbers(plan):
        return told
    found = None if model is None else _weights(plan, model)
    if model is None or found is None or not averages(found[1]):
        return ""
    group = groups(found[1])
    if group is not None and residual_df(model.X) == len(group) - group.max() - 1:
        return ""
    return f"; takes rows of one {plan.unit!r} that it averages for independent, so that p may be too small"


def averaged_rows(plans: list[Plan]) -> list[list[str]]:
    """Contrast, stratum and sentence of each contrast that averages over rows of one unit in an arm."""
    told = []
    for plan in plans:
        found = None if plan.model is None else _weights(plan, plan.model)
        if found is None or not averages(found[1]) or by_units(plan):
            continue
        lead = (
            f"Several rows of one {plan.unit!r} on each side are averaged, and p takes them for independent: "
            "where they answer alike, it is too small"
        )
        model = cast("FormulaModel", plan.model)
        rest = f"p is of one number per {plan.unit!r} where three or more, and most, have all arms"
        if not model.factors_only:
            rest = f"p is of one number per {plan.unit!r} where the formula has no column of numbers"
        whole = model.whole
        if _has_own(plan) or (whole is not None and _has_own(whole)):
            rest = f"that of one contrast per {plan.unit!r} is not"
        told.append([plan.contrast.name, plan.stratum, f"{lead}; {rest}"])
    return told


def lacking_rows(plans: list[Plan]) -> list[list[str]]:
    """Contrast, stratum and sentence of each contrast whose check leaves units out, or that has none.

    Of contrasts in which units lack a sample that others have, and play a part.
    """
    told = []
    for plan in plans:
        model = cast("FormulaModel", plan.model)
        if plan.model is None or (found := _weights(plan, model)) is None:
            continue
        gaps, n = with_gaps(model.laid, plan.unit)
        if not gaps or _has_own(plan) or (model.whole is None and averages(found[1])):
            continue
        lack = f"{first(gaps)} {'lacks' if len(gaps) == 1 else 'lack'} a sample"
        if model.whole is None:
            text = (
                f"There is no check by one contrast per {plan.unit!r}: {lack}, which leaves {n - len(gaps)}"
            )
        elif _has_own(model.whole):
            text = f"The check by one contrast per {plan.unit!r} is of {n - len(gaps)} of {n}: {lack}"
        else:
            continue
        told.append([plan.contrast.name, plan.stratum, text])
    return told


def _has_own(plan: Plan) -> bool:
    """Whether the contrast of each unit can be taken by itself."""
    if plan.model is None:
        return False
    Y = np.empty((len(plan.model.frame), 0))
    own = own_contrasts(plan, plan.model, Y)
    return own is not None or own_by_group(plan, plan.model, Y) is not None


def _weights(plan: Plan, model: Model) -> tuple[Array, pd.DataFrame] | None:
    """Weight of every row in the estimate, and their sums by unit; None of a model that is no formula's."""
    return unit_weights(cast("FormulaModel", model), plan.unit) if hasattr(model, "within") else None
