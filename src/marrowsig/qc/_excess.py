"""Contrasts of signatures beside those of random sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._plan import require_one
from marrowsig._stats.random_sets import Beyond, beyond_random
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
BESIDE = ("null_median", "excess", "excess_low", "excess_high", "p_null", "n_sets")


def excess(plans: list[Plan], own: pd.DataFrame, random: Mapping[str, Array]) -> pd.DataFrame:
    """One row per contrast, stratum and signature.

    own     scores (n_obs x signatures)
    random  scores (n_obs, n_sets) of each signature's random sets; a signature without them gets NaN
    """
    require_one(plans)
    return pd.concat([_of_plan(plan, own, random) for plan in plans], ignore_index=True)


def _of_plan(plan: Plan, own: pd.DataFrame, random: Mapping[str, Array]) -> pd.DataFrame:
    table = estimates(plan, own, ALPHA)
    beside = [_against(plan, own[name], random.get(name)) for name in own]
    null = pd.DataFrame(beside, columns=list(BESIDE))
    null.insert(0, "signature", list(own.columns))
    return null.assign(
        contrast=plan.contrast.name, stratum=plan.stratum, estimate=table["estimate"], p=table["p"]
    )


def _against(plan: Plan, own: pd.Series, random: Array | None) -> Beyond:
    """Put one signature beside its random sets."""
    none = Beyond(np.nan, np.nan, np.nan, np.nan, np.nan, 0)
    if plan.model is None or random is None:
        return none
    rows = plan.model.frame["row"].to_numpy()
    Y, y = random[rows], own.to_numpy(dtype=np.float64)[rows]
    Y = Y[:, np.isfinite(Y).all(axis=0)]
    if not Y.shape[1] or not np.isfinite(y).all():
        return none
    return beyond_random(y, Y, plan.model.X, plan.model.c(plan.contrast), alpha=ALPHA)
