"""Claims without one donor of other arms, who is not compared and whose scatter the pooled variance holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._carry_over import RULED_OUT
from marrowsig._stats.ols import fit, residual_df
from marrowsig.tl._claims_null import HELD
from marrowsig.tl._claims_numbers import holm_of
from marrowsig.tl._claims_outlying import outlying

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig.qc._stroma_result import Stroma

    Array = NDArray[np.float64]
    Row = dict[str, Any]

NONE = 1e-9


def p_without(plan: Plan, values: Array) -> dict[str, float]:
    """P of one score (rows of the model) without each pair, or sample, that has no part in the estimate.

    None where no degree of freedom would be left.
    """
    model = plan.model
    if model is None or not np.isfinite(values).all():
        return {}
    c = model.c(plan.contrast)
    part = np.abs(c @ np.linalg.pinv(model.X))
    label = model.frame["block" if model.block else "name"].astype(str).to_numpy()
    out = {}
    for unit in dict.fromkeys(label):
        left = label != unit
        if part[~left].max() > NONE * part.max() or residual_df(model.X[left]) < 1:
            continue
        out[unit] = float(fit(values[left, None], model.X[left], c).p[0])
    return out


def others_of(plan: Plan, row: Row, scores: Mapping[str, pd.DataFrame], found: Stroma | None) -> Row:
    """Give the same as scored and on the genes left by the check of carry-over, of the claim in `row`."""
    if plan.model is None or row["signature"] not in scores[row["method"]]:
        return {"without": {}, "filtered_without": {}}
    frame = plan.model.frame
    values = scores[row["method"]][row["signature"]].to_numpy()[frame["row"].to_numpy()]
    own, far = p_without(plan, values), outlying(plan, values)
    if row["stroma"] == RULED_OUT:
        return {"without": own, "filtered_without": own, "outlying": far}
    kept = None if found is None else found.filtered.get(row["method"])
    filtered: dict[str, float] = {}
    if kept is not None and row["signature"] in kept and kept.index.is_unique:
        filtered = p_without(plan, kept[row["signature"]].reindex(frame["name"].astype(str)).to_numpy())
    return {"without": own, "filtered_without": filtered, "outlying": far}


def turned(rows: list[Row], judged: Callable[[list[Row]], list[str]]) -> None:
    """Fill `turned` of claims that hold: verdict without each donor of other arms where it is another."""
    for row in rows:
        row["turned"] = {}
    for unit in dict.fromkeys(unit for row in rows for unit in row.get("without", ())):
        p = [row.get("without", {}).get(unit, row["p"]) for row in rows]
        filtered = [row.get("filtered_without", {}).get(unit, row["filtered_p"]) for row in rows]
        pair = holm_of(rows, np.array(p, dtype=float), np.array(filtered, dtype=float))
        trial = [row | {"p_adj": a, "filtered_p_adj": b} for row, a, b in zip(rows, *pair, strict=True)]
        for row, verdict in zip(rows, judged(trial), strict=True):
            if row["rule"] in HELD and unit in row.get("without", ()) and verdict != row["verdict"]:
                row["turned"][unit] = verdict
