"""How far the cells of two arms lie apart: Cliff's delta within units, averaged over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._plan import Plan

    Array = NDArray[np.float64]

WITHIN = "cells of one unit against each other, mean over units; no test"
ACROSS = "cells of each unit against those of each other unit, mean over these; no test"


def deltas(plan: Plan, parts: list[Array]) -> Array:
    """Cliff's delta of a contrast (signatures,); of an interaction, the difference of the two deltas.

    `parts` are the scores of cells (n_cells, signatures) of each row of the plan's samples.
    """
    arms = list(plan.contrast.weights)
    first = _delta_of_arms(plan, parts, arms[0], arms[1])
    if len(arms) == 2:
        return first
    # An interaction lists one line's two arms, then those of the other, whose signs are turned.
    return first + np.sign(plan.contrast.weights[arms[2]]) * _delta_of_arms(plan, parts, arms[2], arms[3])


def _delta_of_arms(plan: Plan, parts: list[Array], plus: str, minus: str) -> Array:
    model = plan.model
    if model is None:
        return np.full(parts[0].shape[1], np.nan)
    test, base = (model.frame[model.frame["arm"] == arm] for arm in (plus, minus))
    if not model.block:
        return cliffs_delta([parts[row] for row in test["row"]], [parts[row] for row in base["row"]])
    partner = dict(zip(base["block"], base["row"], strict=True))
    pairs = zip(test["block"], test["row"], strict=True)
    within = [cliffs_delta([parts[row]], [parts[partner[b]]]) for b, row in pairs if b in partner]
    return np.asarray(np.mean(within, axis=0))


def cliffs_delta(test: list[Array], base: list[Array]) -> Array:
    """P(test > base) - P(test < base) for cells drawn from a random unit of each side; 2 AUROC - 1."""
    n = test[0].shape[1]
    out = np.full(n, np.nan)
    weight = np.concatenate([np.full(len(part), 1 / (len(part) * len(base))) for part in base])
    for j in range(n):
        pooled = np.concatenate([part[:, j] for part in base])
        if not all(np.isfinite(part[:, j]).all() for part in (*test, *base)):
            continue
        order = np.argsort(pooled, kind="stable")
        pooled, below = pooled[order], np.concatenate([[0.0], np.cumsum(weight[order])])
        sides = [below[np.searchsorted(pooled, part[:, j], side="left")] for part in test]
        tied = [below[np.searchsorted(pooled, part[:, j], side="right")] for part in test]
        out[j] = np.mean([(low + high).mean() for low, high in zip(sides, tied, strict=True)]) - below[-1]
    return out
