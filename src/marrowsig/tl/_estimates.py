"""One contrast, all signatures: from scores to the numbers of the result table."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import first
from marrowsig._stats.effect import standardised
from marrowsig._stats.equivalence import equivalence
from marrowsig._stats.power import detectable
from marrowsig.tl._borrowed import borrowed
from marrowsig.tl._own_contrasts import by_units, contrast_fit, of_numbers, own_numbers
from marrowsig.tl._permuted import permuted
from marrowsig.tl._unpooled import unpooled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._plan import Model, Plan
    from marrowsig._stats.ols import Fit

    Array = NDArray[np.float64]

NUMBERS = (
    "estimate", "ci_low", "ci_high", "se", "df", "stat", "p",
    "effect", "effect_low", "effect_high", "p_welch", "df_welch", "p_perm", "p_perm_min", "se_inflation",
    "detectable", "p_equivalence", "equivalence_low", "equivalence_high",
)  # fmt: skip


def estimates(
    plan: Plan,
    scores: pd.DataFrame,
    alpha: float,
    *,
    permutations: int | None = 0,
    panel: Array | None = None,
    margin: float = nan,
) -> pd.DataFrame:
    """One row per column of `scores`; NaN, with the reason in `test`, where there is no answer.

    With a `panel` (rows of the model x signatures) variances are drawn towards those of its columns. With a
    `margin`, in units of the scores, it is asked whether the estimate is shown to lie within it.
    """
    n, model, perm = scores.shape[1], plan.model, ""
    values = {name: np.full(n, np.nan) for name in NUMBERS}
    if model is None:
        words = [f"not estimable: {plan.reason}"] * n
    else:
        Y = scores.to_numpy(dtype=np.float64)[model.frame["row"].to_numpy()]
        finite = np.isfinite(Y)
        ok = finite.all(axis=0)
        how = f"{model.words}{of_numbers(plan)}"
        words = [how if ok[j] else _not_scored(finite[:, j], model, scores) for j in range(n)]
        if ok.any():
            result = _fitted(plan, model, Y[:, ok], panel)
            extra, perm = permuted(plan, model, Y[:, ok], alpha=alpha, n=permutations)
            numbers = _numbers(plan, model, Y[:, ok], alpha, result) | _within(result, margin, alpha)
            for name, found in (numbers | extra).items():
                values[name][ok] = found
    flat = ~np.isnan(values["estimate"]) & np.isnan(values["stat"])
    told: dict[str, str | list[str]] = {
        "effect_name": _effect_name(plan, model),
        "perm": ["" if isnan(p) else perm for p in values["p_perm"]],
        "test": [
            "not tested: the scores do not vary within the arms" if flat[j] else words[j] for j in range(n)
        ],
    }
    return pd.DataFrame({**values, **told})


def _effect_name(plan: Plan, model: Model | None) -> str:
    if by_units(plan):
        return "g_z"
    return model.effect_name(plan.contrast) if model else "hedges_g"


def _fitted(plan: Plan, model: Model, Y: Array, panel: Array | None) -> Fit:
    result = contrast_fit(plan, Y)
    if panel is None:
        return result
    return borrowed(result, *(own_numbers(plan, model, panel)[:2] if by_units(plan) else (panel, model.X)))


def _within(result: Fit, margin: float, alpha: float) -> dict[str, Array]:
    """Test whether the estimate lies within the margin; nothing without one."""
    if isnan(margin):
        return {}
    p, low, high = equivalence(result, margin, alpha=alpha)
    return {"p_equivalence": p, "equivalence_low": low, "equivalence_high": high}


def _numbers(plan: Plan, model: Model, Y: Array, alpha: float, result: Fit) -> dict[str, Array]:
    low, high = result.interval(alpha)
    paired = model.block != ""
    effect = standardised(result, alpha=alpha, paired=paired)
    able = nan  # in SD, of which one degree of freedom says next to nothing
    if result.df > 1:
        able = detectable(result.df, result.k / (np.sqrt(2) if paired else 1), alpha=alpha)
    _, df_welch, p_welch = unpooled(plan, model, Y)
    return {
        "estimate": result.estimate,
        "ci_low": low,
        "ci_high": high,
        "se": result.se,
        "df": np.full(Y.shape[1], float(result.df)),
        "stat": result.stat,
        "p": result.p,
        "effect": effect[0],
        "effect_low": effect[1],
        "effect_high": effect[2],
        "p_welch": p_welch,
        "df_welch": df_welch,
        "se_inflation": np.full(Y.shape[1], model.inflation(plan.contrast)),
        "detectable": np.full(Y.shape[1], able),
    }


def _not_scored(finite: NDArray[np.bool_], model: Model, scores: pd.DataFrame) -> str:
    if not finite.any():
        return "not scored: too few of its genes were measured (see ms.get.coverage)"
    names = model.frame["name"].to_numpy()[~finite]
    return f"not scored: {len(names)} of {len(finite)} samples have no score ({first(names)})"
