"""How a contrast of a formula weighs the rows of each unit, and which units lack a row that others have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._formula_matrix import Matrix
    from marrowsig._formula_plan import FormulaModel

    Array = NDArray[np.float64]

NOISE = 1e-9
FEWEST = 3
"""Units without a gap from which on a test on these alone is made; they have to be more than half, too."""


def unit_weights(model: FormulaModel, unit: str) -> tuple[Array, pd.DataFrame] | None:
    """Weight of every row in the estimate, and their sums by unit and combination of the other factors.

    None where the unit is no term of the formula, there is no other factor, or a column is a number. Where
    rows of a unit are averaged, numbers count as levels.
    """
    if not model.within:
        return None
    w = model.vector @ np.linalg.pinv(model.X)
    w = np.where(np.abs(w) > NOISE * np.abs(w).max(), w, 0.0)
    table = _by_unit(model.laid, unit, w)
    if table is None or not (model.factors_only or averages(table)):
        return None
    return w, table


def alike(table: pd.DataFrame) -> bool:
    """Whether all units that play a part weigh their rows alike, and within the unit."""
    used = table.to_numpy()[(table != 0).any(axis=1)]
    most = np.abs(used).max()
    return bool(np.abs(used - used[0]).max() < NOISE * most and np.abs(used.sum(axis=1)).max() < NOISE * most)


def groups(table: pd.DataFrame) -> NDArray[np.int64] | None:
    """Group of every unit that plays a part; units of one weigh their rows alike.

    None where a unit is not compared within itself, or one of several groups has one unit only.
    """
    used = table.to_numpy()[(table != 0).any(axis=1)]
    if alike(table):
        return np.zeros(len(used), dtype=np.int64)
    most = np.abs(used).max()
    if np.abs(used.sum(axis=1)).max() > NOISE * most:
        return None
    _, group = np.unique(np.round(used / most, 6), axis=0, return_inverse=True)
    n = np.bincount(group.ravel())
    return None if n.min() < 2 else group.ravel().astype(np.int64)


def averages(table: pd.DataFrame) -> bool:
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


def redundant(laid: Matrix, unit: str | None) -> list[str]:
    """Columns of the formula of which a unit has one level, in no term with one that changes within units.

    The term of the unit holds all that these could tell, as that of patients holds their batch or sex.
    """
    data = laid.data
    if unit is None or unit not in data:
        return []
    label = data[unit].astype(str).to_numpy()
    still = {str(name) for name in data if data[name].astype(str).groupby(label).nunique().max() == 1}
    moving = {name for term in laid.terms if not term <= still for name in term}
    return [str(name) for name in data if name != unit and str(name) in still - moving]


def with_gaps(laid: Matrix, unit: str) -> tuple[list[str], int]:
    """Units that have some of the combinations of another unit and no others, and the number of units."""
    table = _by_unit(laid, unit, np.ones(len(laid.data)))
    if table is None:
        return [], laid.data[unit].nunique()
    n = table.to_numpy()
    fewer = [bool(((one <= n).all(axis=1) & (one < n).any(axis=1)).any()) for one in n]
    return [str(name) for name in table.index[fewer]], len(n)


def enough(gaps: list[str], n: int) -> bool:
    """Whether the units without a gap serve for a test on these alone."""
    whole = n - len(gaps)
    return bool(gaps) and whole >= FEWEST and 2 * whole > n


def _by_unit(laid: Matrix, unit: str, values: Array) -> pd.DataFrame | None:
    data = laid.data
    others = [name for name in data if name not in (unit, *redundant(laid, unit))]
    if not others:
        return None
    keys = [pd.Series(data[name].astype(str).to_numpy(), name=name) for name in (unit, *others)]
    rows = pd.concat([*keys, pd.Series(values, name="w")], axis=1)
    return rows.pivot_table(index=unit, columns=others, values="w", aggfunc="sum", fill_value=0.0)
