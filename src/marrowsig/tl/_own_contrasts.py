"""The contrast of each unit by itself, where a formula has a term for units and each unit is whole.

One number per unit makes a t that is exact whatever the rows of a unit share. Where a unit has several rows
in an arm, as a donor in both lines over which is averaged, the model's residuals count them as independent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from marrowsig._stats.ols import fit, residual_df

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._formula_plan import FormulaModel
    from marrowsig._plan import Model, Plan
    from marrowsig._stats.ols import Fit

    Array = NDArray[np.float64]

NOISE = 1e-9


def own_contrasts(plan: Plan, model: Model, Y: Array) -> Array | None:
    """Return the contrast of every unit that plays a part (units x scores); their mean is the estimate.

    None unless the rows of all these units weigh alike, and where the model's t is that of these numbers.
    """
    found = _weights(plan, model)
    if found is None or not _alike(found[1]):
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
    if found is None:
        return None
    w, table = found
    used = table[(table != 0).any(axis=1)]
    most = np.abs(used.to_numpy()).max()
    if np.abs(used.sum(axis=1)).max() > NOISE * most:
        return None
    _, group = np.unique(np.round(used / most, 6), axis=0, return_inverse=True)
    n = np.bincount(group.ravel())
    if len(n) < 2 or n.min() < 2:
        return None
    label = cast("FormulaModel", model).laid.data[plan.unit].astype(str).to_numpy()
    parts = [w[label == unit] @ Y[label == unit] for unit in used.index]
    return n[group.ravel(), None] * np.vstack(parts), group.ravel()


def contrast_fit(plan: Plan, Y: Array) -> Fit:
    """Fit the contrast to `Y` (rows of its model x scores): by its model, or one number per unit.

    The latter where several rows of a unit in an arm are averaged, which the model takes for independent.
    """
    model = plan.model
    if model is None:
        msg = f"{plan.contrast.name} has no model"
        raise ValueError(msg)
    if by_units(plan) and (own := own_contrasts(plan, model, Y)) is not None:
        return fit(own, np.ones((len(own), 1)), np.ones(1))
    return fit(Y, model.X, model.c(plan.contrast))


def by_units(plan: Plan) -> bool:
    """Whether the contrast is tested on one number per unit: rows of a unit in an arm are averaged."""
    model = plan.model
    found = None if model is None else _weights(plan, model)
    if model is None or found is None or not _averages(found[1]) or not _alike(found[1]):
        return False
    n = int((found[1] != 0).any(axis=1).sum())
    return n > 1 and residual_df(model.X) != n - 1


def weights_of(plan: Plan) -> tuple[Array, NDArray[np.str_]]:
    """Weight and unit of every row of a plan that is tested `by_units`."""
    model = plan.model
    found = None if model is None else _weights(plan, model)
    if model is None or found is None:
        msg = f"{plan.contrast.name} is not tested on one number per unit"
        raise ValueError(msg)
    return found[0], cast("FormulaModel", model).laid.data[plan.unit].astype(str).to_numpy()


def of_rows(plan: Plan) -> str:
    """Say of a test of genes that it averages over rows of one unit in an arm, and how; empty where not."""
    model = plan.model
    if by_units(plan):
        return f", one number per {plan.unit!r}"
    found = None if model is None else _weights(plan, model)
    if model is None or found is None or not _averages(found[1]):
        return ""
    if residual_df(model.X) == int((found[1] != 0).any(axis=1).sum()) - 1:
        return ""
    return f"; takes rows of one {plan.unit!r} that it averages for independent, so that p may be too small"


def averaged_rows(plans: list[Plan]) -> list[list[str]]:
    """Contrast, stratum and sentence of each contrast that averages over rows of one unit in an arm."""
    told = []
    for plan in plans:
        found = None if plan.model is None else _weights(plan, plan.model)
        if found is None or not _averages(found[1]) or by_units(plan):
            continue
        lead = (
            f"Several rows of one {plan.unit!r} on each side are averaged, and p takes them for independent: "
            "where they answer alike, it is too small"
        )
        rest = f"p is of one number per {plan.unit!r} where each has all arms"
        told.append([plan.contrast.name, plan.stratum, f"{lead}; {rest}"])
    return told


def _weights(plan: Plan, model: Model) -> tuple[Array, pd.DataFrame] | None:
    """Weight of every row in the estimate, and their sums by unit and combination of the other factors."""
    if not getattr(model, "within", False) or not getattr(model, "factors_only", False):
        return None
    formula = cast("FormulaModel", model)
    data = formula.laid.data
    w = formula.vector @ np.linalg.pinv(model.X)
    w = np.where(np.abs(w) > NOISE * np.abs(w).max(), w, 0.0)
    others = [name for name in data if name != plan.unit]
    if not others:
        return None
    keys = [pd.Series(data[name].astype(str).to_numpy(), name=name) for name in (plan.unit, *others)]
    rows = pd.concat([*keys, pd.Series(w, name="w")], axis=1)
    return w, rows.pivot_table(index=plan.unit, columns=others, values="w", aggfunc="sum", fill_value=0.0)


def _alike(table: pd.DataFrame) -> bool:
    """Whether all units that play a part weigh their rows alike, and within the unit."""
    used = table.to_numpy()[(table != 0).any(axis=1)]
    most = np.abs(used).max()
    return bool(np.abs(used - used[0]).max() < NOISE * most and np.abs(used.sum(axis=1)).max() < NOISE * most)


def _averages(table: pd.DataFrame) -> bool:
    """Whether some unit has several rows a side, all in one level of a factor, and the sides in two."""
    for w in table.to_numpy():
        least = np.abs(w).max() / 2  # a lost sample leaves small weights in other arms
        sides = [table.columns[w > least].to_frame(), table.columns[w < -least].to_frame()]
        if min(map(len, sides)) < 2:
            continue
        for factor in sides[0]:
            up, down = (set(side[factor]) for side in sides)
            if len(up) == len(down) == 1 and up != down:
                return True
    return False
