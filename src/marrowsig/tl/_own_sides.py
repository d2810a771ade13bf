"""Rows averaged to one per unit and side of a contrast, for tests of genes on one number per unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from marrowsig.tl._own_contrasts import by_units, weights_of

if TYPE_CHECKING:
    from marrowsig._plan import Plan
    from marrowsig._stats.ols import Array


class Sides(NamedTuple):
    """How rows of a model are averaged, and the model of what comes out: units, sides of groups."""

    average: Array
    """(2 units, rows): weights that add to one in each row."""
    X: Array
    """(2 units, units + groups)"""
    c: Array
    """(units + groups,): the contrast."""

    def precision(self, weights: Array) -> Array:
        """Give the weights of the averages, of weights (rows x genes) that are one over a variance."""
        return np.asarray(1 / (self.average**2 @ (1 / weights)))


def own_sides(plan: Plan) -> Sides | None:
    """Return the averages of a contrast that `ms.tl.compare` tests on one number per unit; else None."""
    if not by_units(plan):
        return None
    w, label, units, group = weights_of(plan)
    of_unit = label == np.array(units)[:, None]
    up, down = np.maximum(w, 0.0) * of_unit, np.maximum(-w, 0.0) * of_unit
    average = np.vstack([side / side.sum(axis=1, keepdims=True) for side in (up, down)])
    n, one = len(units), np.eye(group.max() + 1)[group]
    X = np.column_stack([np.tile(np.eye(n), (2, 1)), np.vstack([one, np.zeros_like(one)])])
    return Sides(average, X, np.r_[np.zeros(n), np.bincount(group, weights=up.sum(axis=1))])
