"""Claims without the compared sample of the fewest counts, where it has far fewer than the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._carry_over import RULED_OUT
from marrowsig._stats.ols import estimable, fit, residual_df
from marrowsig.pp._draws import DEPTH
from marrowsig.tl._claims_null import HELD
from marrowsig.tl._claims_numbers import holm_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig.qc._stroma_result import Stroma

    Array = NDArray[np.float64]
    Row = dict[str, Any]

POOR = 0.5
"""Part of the median counts of the model's samples below which the poorest is left out on trial."""


def counts_before(adata: AnnData) -> Array | None:
    """Count every row before rows were thinned; None where no counts are kept."""
    if "counts" not in adata.layers:
        return None
    total = np.ravel(adata.layers["counts"].sum(axis=1)).astype(np.float64)
    if DEPTH in adata.obs:
        total = np.maximum(total, adata.obs[DEPTH].to_numpy(dtype=float))
    return total


def poorest_of(
    plan: Plan, row: Row, scores: Mapping[str, pd.DataFrame], found: Stroma | None, counts: Array | None
) -> Row:
    """Give p without the poorest sample compared, as scored and on the genes left; nothing if none is poor.

    1 where the estimate then has another sign.
    """
    model = plan.model
    if model is None or counts is None or row["signature"] not in scores[row["method"]]:
        return {}
    frame = model.frame
    own = counts[frame["row"].to_numpy()]
    compared = frame["arm"].isin(list(plan.contrast.weights)).to_numpy()
    at = int(np.argmin(np.where(compared, own, np.inf)))
    if not compared.any() or not own[at] < POOR * np.median(own):
        return {}
    rest = np.arange(len(own)) != at
    X, c = model.X[rest], model.c(plan.contrast)
    if residual_df(X) < 1 or not estimable(X, c):
        return {}
    whole = scores[row["method"]][row["signature"]].to_numpy()[frame["row"].to_numpy()]
    told: Row = {"poor": str(frame["name"].iloc[at]), "poor_counts": (float(own[at]), float(np.median(own)))}
    told["poor_p"] = told["poor_filtered_p"] = _p(whole, model.X, c, rest)
    kept = None if found is None else found.filtered.get(row["method"])
    if row["stroma"] != RULED_OUT and kept is not None and row["signature"] in kept and kept.index.is_unique:
        values = kept[row["signature"]].reindex(frame["name"].astype(str)).to_numpy()
        told["poor_filtered_p"] = _p(values, model.X, c, rest)
    return told


def _p(values: Array, X: Array, c: Array, rest: NDArray[np.bool_]) -> float:
    if not np.isfinite(values).all():
        return float("nan")
    every, some = fit(values[:, None], X, c), fit(values[rest, None], X[rest], c)
    return float(some.p[0]) if every.estimate[0] * some.estimate[0] > 0 else 1.0


def without_poorest(rows: list[Row], judged: Callable[[list[Row]], list[str]]) -> None:
    """Fill `poorly` of claims that hold: their verdict without the poorest sample, where it is another."""
    for row in rows:
        row["poorly"] = ""
    for name in dict.fromkeys(row["poor"] for row in rows if row.get("poor")):
        own = [row.get("poor") == name for row in rows]
        p = [row["poor_p"] if here else row["p"] for row, here in zip(rows, own, strict=True)]
        left = [
            row["poor_filtered_p"] if here else row["filtered_p"] for row, here in zip(rows, own, strict=True)
        ]
        pair = holm_of(rows, np.array(p, dtype=float), np.array(left, dtype=float))
        trial = [row | {"p_adj": a, "filtered_p_adj": b} for row, a, b in zip(rows, *pair, strict=True)]
        for row, here, verdict in zip(rows, own, judged(trial), strict=True):
            if here and row["rule"] in HELD and verdict != row["verdict"]:
                row["poorly"] = verdict
