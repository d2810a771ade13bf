"""Plans of contrasts as a table, and how many samples they use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._contrast_sides import sentence
from marrowsig._stats.ols import residual_df

if TYPE_CHECKING:
    from marrowsig._plan import Plan


def inside(n: int, total: int, found: list[Plan]) -> str:
    """Say how many samples are in the design, and how many of these are in no contrast."""
    models = [plan.model for plan in found if plan.model is not None]
    used = {row for model in models for row in model.frame["row"]}
    idle = n - len(used) if models else 0
    rest = f", {idle} of them in no contrast that can be estimated" if idle else ""
    return f"{n} of {total} samples are in the design{rest}."


def as_frame(found: list[Plan]) -> pd.DataFrame:
    """Write the table that `Design.contrasts` returns."""
    rows = [
        {
            "contrast": plan.contrast.name,
            "question": plan.contrast.question,
            "test": plan.contrast.test,
            "base": plan.contrast.base,
            "estimable": plan.model is not None,
            "reason": plan.reason,
            "n": ", ".join(f"{arm}: {n}" for arm, n in plan.counts.items()),
            "weights": dict(plan.contrast.weights),
            "stratum": plan.stratum,
            "model": plan.model.words if plan.model else "",
            "n_pairs": plan.n_pairs,
            "df": residual_df(plan.model.X) if plan.model else 0,
            "unit": plan.unit,
        }
        for plan in found
    ]
    return pd.DataFrame([{**row, "sentence": sentence(row)} for row in rows])
