"""The permutation p that stands beside the model's, where it can say something."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from marrowsig._stats.ols import estimable, residual_df
from marrowsig._stats.permute import permutation_p, smallest_p
from marrowsig.tl._unpooled import partners, whole_in_batches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._plan import Model, Plan

    Array = NDArray[np.float64]

FEW = 4
"""Rows per arm from which on a permutation that is not exact is given: interactions, and with covariates."""
MOST, LEAST = 9999, 199
WORK = 3_000_000
"""Rows x parameters x draws that the default spends on one contrast."""


class Exchange(NamedTuple):
    """What is permuted: values (rows x scores), their model and contrast, and who may change places."""

    Y: Array
    X: Array
    c: Array
    labels: NDArray[np.str_] | None


def draws(model: Model) -> int:
    """Arrangements that are worth their time: many in a small study, none in one where t needs no check."""
    n = min(MOST, WORK // max(model.X.size, 1))
    return n if n >= LEAST else 0


def permuted(
    plan: Plan, model: Model, Y: Array, *, alpha: float, n: int | None
) -> tuple[dict[str, Array], str]:
    """Return `p_perm` and `p_perm_min`, and "exact", "sampled" or nothing.

    The p is withheld where even the clearest data could not bring it to `alpha`. Both are NaN where nothing
    is permuted: where that would not be exact and an arm has fewer than `FEW` rows, and for two arms in
    pairs with covariates.
    """
    none = np.full(Y.shape[1], np.nan)
    n = draws(model) if n is None else n
    free = _exchange(plan, model, Y) if n else None
    if free is None:
        return {"p_perm": none, "p_perm_min": none}, ""
    p, least, exact = permutation_p(free.Y, free.X, free.c, blocks=free.labels, n=n)
    smallest = np.full(Y.shape[1], least)
    if least > alpha:
        return {"p_perm": none, "p_perm_min": smallest}, ""
    return {"p_perm": p, "p_perm_min": smallest}, "exact" if exact else "sampled"


def smallest(plan: Plan, model: Model, *, n: int = MOST) -> float:
    """Return the smallest p that permuting could give for this contrast, whatever the scores; NaN if none."""
    free = _exchange(plan, model, np.zeros((len(model.X), 1)))
    return np.nan if free is None else smallest_p(free.X, free.c, blocks=free.labels, n=n)


def _exchange(plan: Plan, model: Model, Y: Array) -> Exchange | None:
    labels = model.exchangeable()
    nearly = bool(model.covariates) or (len(plan.contrast.weights) == 4 and not model.block)
    if labels is None or (nearly and min(plan.counts.values()) < FEW):
        return None
    if model.block and len(plan.contrast.weights) == 4:
        return _differences(plan, model, Y)
    if model.block and model.covariates:
        # Turned pairs have other residuals than the model's: level 0.02 to 0.04 at six pairs.
        return None
    if len(plan.contrast.weights) == 2 and not model.covariates:
        labels = _others_fixed(plan, model, labels)
    return Exchange(Y, model.X, model.c(plan.contrast), labels)


def _others_fixed(plan: Plan, model: Model, labels: NDArray[np.str_]) -> NDArray[np.str_]:
    """Give every row of a further arm a label of its own, so that it stays in place.

    Where a block lacks one of the two arms its further arms weigh in the contrast. Exchanged with the two,
    they give many arrangements, of which none is exact; two arms exchanged within whole blocks are exact.
    """
    own = model.frame["arm"].isin(list(plan.contrast.weights)).to_numpy()
    return np.where(own, labels, [f"row {i}" for i in range(len(labels))])


def _differences(plan: Plan, model: Model, Y: Array) -> Exchange | None:
    """One difference per pair, exchanged between the lines: exact, as pairs are alike when lines are.

    To turn the residuals of single pairs round would be too liberal (level 0.061 at four pairs per line):
    they add up to zero, and turned ones do not. None if a pair stands in two batches, or too few are whole.
    """
    if not whole_in_batches(model):
        return None
    lines = partners(plan, model)
    numbers = model.frame[list(model.covariates)].to_numpy(float)
    gains, moved = (np.vstack([a[rows[:, 0]] - a[rows[:, 1]] for rows in lines]) for a in (Y, numbers))
    X = np.hstack([np.repeat(np.eye(2), [*map(len, lines)], axis=0), moved])
    c = np.r_[1.0, -1.0, np.zeros(moved.shape[1])]
    usable = estimable(X, c) and residual_df(X) > 0
    return Exchange(gains, X, c, None) if usable else None
