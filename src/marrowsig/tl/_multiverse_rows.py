"""Specifications of one contrast: effects, intervals and p of every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from marrowsig.tl._estimates import estimates
from marrowsig.tl._unpooled import unpooled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marrowsig._plan import Plan

TESTS = ("ols", "welch", "perm")
COLUMNS = (
    "signature", "axis", "method", "normalisation", "test", "contrast", "stratum", "estimate", "effect",
    "effect_name", "effect_low", "effect_high", "p", "sign", "excludes_zero",
)  # fmt: skip
KEYS = ["contrast", "stratum"]


def specifications(
    plan: Plan, scores: pd.DataFrame, tests: Sequence[str], *, alpha: float, permutations: int
) -> pd.DataFrame:
    """One row per column of `scores` (signature, method, normalisation) and test that can be made."""
    draws = permutations if "perm" in tests else 0
    table = estimates(plan, scores, alpha, permutations=draws)
    labels = pd.DataFrame(list(scores.columns), columns=["signature", "method", "normalisation"])
    made = {"ols": table["p"], "welch": table["p_welch"], "perm": table["p_perm"]}
    parts = [_of_test(test, made[test], plan, table, labels, scores, alpha) for test in tests]
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    rows["contrast"], rows["stratum"] = plan.contrast.name, plan.stratum
    rows["axis"] = rows["signature"].str.partition(".")[0]
    return rows[list(COLUMNS)]


def _of_test(
    test: str,
    p: pd.Series,
    plan: Plan,
    table: pd.DataFrame,
    labels: pd.DataFrame,
    scores: pd.DataFrame,
    alpha: float,
) -> pd.DataFrame:
    known = p.notna().to_numpy()
    rows = labels.join(table[["estimate", "effect", "effect_name", "effect_low", "effect_high"]])
    if test == "perm":
        rows[["effect_low", "effect_high"]] = np.nan
    elif test == "welch" and known.any():
        rows[["effect_low", "effect_high"]] = _welch_interval(plan, table, scores, alpha)
    rows["test"], rows["p"] = test, p
    rows["sign"] = np.sign(rows["estimate"])
    rows["excludes_zero"] = p < alpha
    return rows[known]


def _welch_interval(plan: Plan, table: pd.DataFrame, scores: pd.DataFrame, alpha: float) -> np.ndarray:
    """Interval of the t without pooled variance, in the unit of the effect (n, 2)."""
    model = plan.model
    if model is None:
        return np.full((len(table), 2), np.nan)
    Y = scores.to_numpy(dtype=np.float64)[model.frame["row"].to_numpy()]
    t, df, _ = unpooled(plan, model, Y)
    effect = table["effect"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = special.stdtrit(df, 1 - alpha / 2) * np.abs(effect / t)
    return np.column_stack([effect - half, effect + half])


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Count agreement over each axis, then over each signature."""
    whole = [
        (axis, "", *at, *_shares(part)) for (axis, *at), part in table.groupby(["axis", *KEYS], sort=False)
    ]
    each = [
        (axis, signature, *at, *_shares(part))
        for (axis, signature, *at), part in table.groupby(["axis", "signature", *KEYS], sort=False)
    ]
    columns = [
        "axis", "signature", *KEYS, "n_specifications", "sign", "share_same_sign", "share_excludes_zero",
        "median_effect", "lowest", "highest",
    ]  # fmt: skip
    return pd.DataFrame([*whole, *each], columns=columns)


def _shares(part: pd.DataFrame) -> tuple[int, int, float, float, float, float, float]:
    sign = part["sign"].to_numpy(dtype=float)
    effect = part["effect"].to_numpy(dtype=float)
    most = 1 if (sign > 0).sum() >= (sign < 0).sum() else -1
    return (
        len(part), most, float((sign == most).mean()), float(part["excludes_zero"].mean()),
        float(np.median(effect)), float(effect.min()), float(effect.max()),
    )  # fmt: skip
