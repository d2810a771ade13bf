"""The permutation p that stands beside the model's, where it can say something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats.permute import permutation_p

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._plan import Model, Plan

    Array = NDArray[np.float64]

FEW = 4
"""Rows per arm from which on an interaction is permuted; two arms need none."""
MOST, LEAST = 9999, 199
WORK = 3_000_000
"""Rows x parameters x draws that the default spends on one contrast."""


def draws(model: Model) -> int:
    """Arrangements that are worth their time: many in a small study, none in one where t needs no check."""
    n = min(MOST, WORK // max(model.X.size, 1))
    return n if n >= LEAST else 0


def permuted(
    plan: Plan, model: Model, Y: Array, *, alpha: float, n: int | None
) -> tuple[dict[str, Array], str]:
    """Return `p_perm` and `p_perm_min`, and "exact", "sampled" or nothing.

    The p is withheld where even the clearest data could not bring it to `alpha`, and for interactions of
    fewer than `FEW` rows in an arm, where it is no check on the model's.
    """
    none = np.full(Y.shape[1], np.nan)
    n = draws(model) if n is None else n
    labels = model.exchangeable() if n else None
    if labels is None:
        return {"p_perm": none, "p_perm_min": none}, ""
    p, least, exact = permutation_p(Y, model.X, model.c(plan.contrast), blocks=labels, n=n)
    smallest = np.full(Y.shape[1], least)
    enough = len(plan.contrast.weights) == 2 or min(plan.counts.values()) >= FEW
    if least > alpha or not enough:
        return {"p_perm": none, "p_perm_min": smallest}, ""
    return {"p_perm": p, "p_perm_min": smallest}, "exact" if exact else "sampled"
