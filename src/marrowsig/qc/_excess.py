"""Contrasts of signatures beside those of random sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._plan import require_one
from marrowsig._stats.ols import fit
from marrowsig._stats.random_sets import against_random
from marrowsig.tl._estimates import estimates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from marrowsig._plan import Plan

    Array = NDArray[np.float64]

ALPHA = 0.05
COLUMNS = (
    "signature", "method", "contrast", "stratum", "estimate", "null_median", "excess", "excess_low",
    "excess_high", "p_null", "p", "n_sets",
)  # fmt: skip


def excess(plans: list[Plan], own: pd.DataFrame, random: Mapping[str, Array]) -> pd.DataFrame:
    """One row per contrast, stratum and signature.

    own     scores (n_obs x signatures)
    random  scores (n_obs, n_sets) of each signature's random sets; a signature without them gets NaN
    """
    require_one(plans)
    return pd.concat([_of_plan(plan, own, random) for plan in plans], ignore_index=True)


def _of_plan(plan: Plan, own: pd.DataFrame, random: Mapping[str, Array]) -> pd.DataFrame:
    table = estimates(plan, own, ALPHA)
    numbers = table[["estimate", "se"]].to_numpy(dtype=np.float64)
    null = [_against(plan, random.get(name), *row) for name, row in zip(own, numbers, strict=True)]
    median, p, n = (np.array(column) for column in zip(*null, strict=True))
    return pd.DataFrame(
        {
            "signature": list(own.columns),
            "contrast": plan.contrast.name,
            "stratum": plan.stratum,
            "estimate": table["estimate"],
            "null_median": median,
            "excess": table["estimate"] - median,
            "excess_low": table["ci_low"] - median,
            "excess_high": table["ci_high"] - median,
            "p_null": p,
            "p": table["p"],
            "n_sets": n,
        }
    )


def _against(plan: Plan, random: Array | None, estimate: Array, se: Array) -> tuple[float, float, int]:
    """Median, p and number of one signature's random sets."""
    if plan.model is None or random is None:
        return np.nan, np.nan, 0
    Y = random[plan.model.frame["row"].to_numpy()]
    Y = Y[:, np.isfinite(Y).all(axis=0)]
    if not Y.shape[1]:
        return np.nan, np.nan, 0
    null = fit(Y, plan.model.X, plan.model.c(plan.contrast))
    median, p, n = against_random(estimate, se, null.estimate, null.se)
    return float(median), float(p), int(n)
