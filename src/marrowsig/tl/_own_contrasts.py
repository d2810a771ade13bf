"""The contrast of each unit by itself, where a formula has a term for units and each unit is whole.

One number per unit makes a t that is exact whatever the rows of a unit share. Where a unit has several rows
in an arm, as a donor in both lines over which is averaged, the model's residuals count them as independent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._formula_plan import FormulaModel
    from marrowsig._plan import Model, Plan

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
    if len(units) < 2 or len(model.X) - np.linalg.matrix_rank(model.X) == len(units) - 1:
        return None
    label = cast("FormulaModel", model).laid.data[plan.unit].astype(str).to_numpy()
    return len(units) * np.vstack([w[label == unit] @ Y[label == unit] for unit in units])


def averaged_rows(plans: list[Plan]) -> list[list[str]]:
    """Contrast, stratum and sentence of each contrast that averages over rows of one unit in an arm."""
    told = []
    for plan in plans:
        found = None if plan.model is None else _weights(plan, plan.model)
        if found is None or not _averages(found[1]):
            continue
        lead = (
            f"Several rows of one {plan.unit!r} on each side are averaged, and p takes them for independent: "
            "where they answer alike, it is too small"
        )
        own = f"p_welch takes one number per {plan.unit!r}"
        rest = own if _alike(found[1]) else f"{own} if each has all arms"
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
