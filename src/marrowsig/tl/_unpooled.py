"""The contrast by the spread of its own arms or pairs, beside the model's pooled variance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._blocks import in_both
from marrowsig._stats.ols import estimable, fit, residual_df
from marrowsig._stats.welch import welch
from marrowsig.tl._own_contrasts import by_units, own_by_group, own_contrasts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._plan import Model, Plan

    Array = NDArray[np.float64]


def unpooled(plan: Plan, model: Model, Y: Array) -> tuple[Array, Array, Array]:
    """Return t, df and two-sided p, one per column of `Y` (rows of the model x scores).

    Without blocks: Welch's t of the arms, or of the combinations of levels in a formula, in which each that
    plays a part needs two rows; with a term for units, Student's t of the units' own contrasts, and
    of units nested in groups Welch's t of these; units that lack a row stay out, where enough are left. In
    pairs: one difference per pair that holds both arms, and Student's t of these with pairs - 1 df; of an
    interaction, Welch's t of the differences of the two lines, or where pairs stand in both lines, Student's
    t of one difference of differences per pair, whatever covariates and batches are held constant.
    Else NaN with covariates, with batches unless they are constant within pairs, and where the model is this
    test already: of two arms in whole pairs, and of rows of a unit that are averaged.
    """
    none = (np.full(Y.shape[1], np.nan),) * 3
    own = own_contrasts(plan, model, Y)
    if own is not None:
        return none if by_units(plan) else welch(own, np.zeros(len(own), dtype=np.int64), np.ones(1))
    if grouped := own_by_group(plan, model, Y):
        return welch(*grouped, np.ones(grouped[1].max() + 1))
    if whole := getattr(model, "whole", None):
        return unpooled(whole, whole.model, Y[np.isin(model.frame["row"], whole.model.frame["row"])])
    if cells := model.cells(plan.contrast):
        return welch(Y, *cells)
    if model.block and (rows := in_both(model.frame, plan.contrast)):
        return _of_both(plan, model, Y, np.array(rows))
    if not model.block or model.covariates or not whole_in_batches(model):
        return none
    sides = partners(plan, model)
    if len(model.arms) == 2 and 2 * len(sides[0]) == len(model.frame):
        return none
    gains = np.vstack([Y[rows[:, 0]] - Y[rows[:, 1]] for rows in sides])
    line = np.repeat(np.arange(len(sides)), [len(rows) for rows in sides])
    return welch(gains, line, np.array([1.0, -1.0])[: len(sides)])


def _of_both(plan: Plan, model: Model, Y: Array, rows: NDArray[np.int64]) -> tuple[Array, Array, Array]:
    """Test one difference of differences per pair in both lines (`rows`: pairs x four arms).

    Of what is held constant the same differences are taken, so that this is the interaction of the formula
    `~ pair * culture + pair * line + line:culture` with these columns.
    """
    none = (np.full(Y.shape[1], np.nan),) * 3
    weights = np.array(list(plan.contrast.weights.values()))
    held = np.einsum("pak,a->pk", model.X[rows][:, :, len(model.arms) :], weights)
    X = np.column_stack([np.ones(len(rows)), held])
    c = np.eye(X.shape[1])[0]
    if not estimable(X, c) or residual_df(X) < 1:
        return none
    found = fit(np.einsum("pay,a->py", Y[rows], weights), X, c)
    return found.stat, np.full(Y.shape[1], float(found.df)), found.p


def partners(plan: Plan, model: Model) -> list[NDArray[np.int64]]:
    """Rows of the model that make a difference: (pairs, 2) for two arms, and one such per line for four."""
    places = zip(model.frame["block"], model.frame["arm"], strict=True)
    at = {place: row for row, place in enumerate(places)}
    if len(at) < len(model.frame):
        msg = "a block holds an arm twice"
        raise ValueError(msg)
    blocks = sorted({block for block, _ in at})
    arms = list(plan.contrast.weights)
    # An interaction lists resistant co and mono, then parental co and mono.
    couples = [arms] if len(arms) == 2 else [arms[:2], arms[2:]]
    return [
        np.array(
            [rows for b in blocks if len(rows := [at[b, a] for a in couple if (b, a) in at]) == 2], np.int64
        ).reshape(-1, 2)
        for couple in couples
    ]


def whole_in_batches(model: Model) -> bool:
    """Whether no pair stands in two batches, so that batches leave differences within pairs alone."""
    batches = [field for field in model.nuisance if field not in ("block", *model.covariates)]
    blocks = model.frame.groupby("block")
    return not any((blocks[field].nunique() > 1).any() for field in batches)
