"""Whether the share of stroma's RNA differs between co-cultures: of lines, with and without a drug."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._matrix import design_matrix
from marrowsig._stats.holm import holm
from marrowsig._stats.ols import residual_df
from marrowsig.tl._estimates import estimates

if TYPE_CHECKING:
    from marrowsig._plan import Plan
    from marrowsig.qc._stroma_study import Study

COLUMNS = (
    "contrast",
    "stratum",
    "arm",
    "against",
    "estimate",
    "ci_low",
    "ci_high",
    "p",
    "p_adj",
    "n",
    "test",
)
PERCENT = 100.0


def share_contrasts(study: Study, shares: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """One row per pair of arms that were grown with stroma and that the design compares.

    `estimate` is the share of `arm` less that of `against`, in points of per cent. The model is that of the
    design on these two arms alone: cells grown alone hold no stroma, and would make the noise look smaller.
    """
    place = study.frame["row"].to_numpy()
    values = np.full((int(place.max()) + 1, 1), np.nan)
    values[place, 0] = PERCENT * shares["share"].to_numpy(dtype=np.float64)
    scores = pd.DataFrame(values, columns=["share"])
    told = [_row(plan, scores, alpha) for plan in study.plans if _of_two(plan, study)]
    table = pd.DataFrame(told, columns=[c for c in COLUMNS if c != "p_adj"])
    table = table[table["estimate"].notna()].reset_index(drop=True)  # no share is known of the others
    p = table["p"].to_numpy(dtype=np.float64)
    return table.assign(p_adj=holm(p) if p.size else p)[list(COLUMNS)]


def _of_two(plan: Plan, study: Study) -> bool:
    arms, grown = plan.contrast.weights, study.arm_bases(plan.stratum)
    return plan.model is not None and len(arms) == 2 and set(arms) <= set(grown)


def _row(plan: Plan, scores: pd.DataFrame, alpha: float) -> dict[str, Any]:
    arms = sorted(plan.contrast.weights, key=lambda arm: -plan.contrast.weights[arm])
    own = _on_own_arms(plan)
    found = estimates(own, scores, alpha, permutations=0).iloc[0]
    numbers = {name: float(found[name]) for name in ("estimate", "ci_low", "ci_high", "p")}
    return {
        "contrast": plan.contrast.name, "stratum": plan.stratum, "arm": arms[0], "against": arms[1],
        **numbers, "n": own.n_pairs or own.n(test=True), "test": found["test"],
    }  # fmt: skip


def _on_own_arms(plan: Plan) -> Plan:
    """Fit the same model to the rows of the contrast alone."""
    model = plan.model
    if model is None:
        return plan
    frame = model.frame[model.frame["arm"].isin(list(plan.contrast.weights))]
    X, arms = design_matrix(frame, model.nuisance)
    words = re.sub(
        r"^linear model on \d+ arms", f"linear model on the arms {' and '.join(arms)}", model.words
    )
    own = replace(model, frame=frame, X=X, arms=arms, words=words)
    if not own.answers(plan.contrast) or residual_df(X) < 1:
        return replace(plan, model=None, reason="too few samples of these two arms")
    return replace(plan, model=own)
