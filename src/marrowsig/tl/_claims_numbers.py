"""Numbers of the claims: the signature that answers, its versions beside it, and Holm over all claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._carry_over import NO_REFERENCE, NOT_EXAMINED
from marrowsig._p_values import p_phrase
from marrowsig._stats.holm import holm
from marrowsig._stats.power import detectable
from marrowsig.tl._claims_ways import named, turned
from marrowsig.tl._estimates import estimates
from marrowsig.tl._own_contrasts import contrast_fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig.tl._claims_asked import Asked

    Array = NDArray[np.float64]
    Row = dict[str, Any]

NUMBERS = ("estimate", "ci_low", "ci_high", "se", "df", "p", "test", "p_welch")


def plan_part(plan: Plan) -> Row:
    """Columns that say which samples a claim compares."""
    return {
        "contrast": plan.contrast.name,
        "stratum": plan.stratum,
        "n_test": plan.n(test=True),
        "n_base": plan.n(test=False),
        "n_pairs": plan.n_pairs,
        "n_both": plan.n_both,
        "unit": plan.unit,
    }


def scored(
    claim: Asked, ids: Sequence[str], scores: Mapping[str, pd.DataFrame], method: str, alpha: float
) -> Row:
    """Estimate a claim from the first of `ids` by `method`, and how many of all specifications agree."""
    main = estimates(claim.plan, scores[method][[ids[0]]], alpha).iloc[0]
    every = np.column_stack([table[list(ids)].to_numpy(dtype=np.float64) for table in scores.values()])
    estimate, p = fitted(claim.plan, every)
    ways = [(id, name) for name in scores for id in ids]
    numbers = {name: main[name] for name in NUMBERS}
    own = {name: estimates(claim.plan, table[[ids[0]]], alpha).iloc[0] for name, table in scores.items()}
    by_method = {
        "p_of": {name: float(row["p"]) for name, row in own.items()},
        "estimate_of": {name: float(row["estimate"]) for name, row in own.items()},
    }
    first = float(main["estimate"])
    against = np.flatnonzero(opposed(first, estimate, p, alpha))
    told = {"against": [f"{id} by {name}" for id, name in (ways[i] for i in against)]}
    other = {"other_sign": named(sorted(ways[i] for i in turned(first, estimate)), list(scores))}
    lost = {"unscored": unscored(claim.plan, scores[method][ids[0]])}
    return numbers | agreement(first, estimate, p, alpha) | told | other | by_method | lost


def unscored(plan: Plan, score: pd.Series) -> list[str]:
    """Name the samples of a contrast that have no score, where others have one."""
    if plan.model is None:
        return []
    lost = ~np.isfinite(score.to_numpy(dtype=np.float64)[plan.model.frame["row"].to_numpy()])
    return [] if lost.all() else plan.model.frame["name"].astype(str)[lost].to_list()


def fitted(plan: Plan, values: Array) -> tuple[Array, Array]:
    """Estimate and p of every column; NaN where it was not scored in all rows of the model."""
    estimate, p = np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
    if plan.model is None:
        return estimate, p
    Y = values[plan.model.frame["row"].to_numpy()]
    seen = np.isfinite(Y).all(axis=0)
    if seen.any():
        result = contrast_fit(plan, Y[:, seen])
        estimate[seen], p[seen] = result.estimate, result.p
    return estimate, p


def opposed(main: float, estimate: Array, p: Array, alpha: float) -> NDArray[np.bool_]:
    """Which estimates exclude zero on the other side of `main`."""
    return np.asarray((estimate * np.sign(main) < 0) & (p < alpha))


def agreement(main: float, estimate: Array, p: Array, alpha: float) -> dict[str, Any]:
    """Share of estimates with the sign of `main`, their number, and how many contradict it (p < alpha)."""
    seen = np.isfinite(estimate)
    n = int(seen.sum())
    if not n or not np.isfinite(main):
        return {"agreement": np.nan, "n_specifications": 0, "n_against": 0}
    same = np.sign(estimate[seen]) == np.sign(main)
    against = opposed(main, estimate, p, alpha)
    return {"agreement": float(same.mean()), "n_specifications": n, "n_against": int(against.sum())}


def adjust(rows: list[Row], *, alpha: float) -> None:
    """Fill p adjusted over all rows, the sizes of both families and `detectable`.

    A contrast whose filtered version could not be tested, while others could, has not passed: p of 1.
    `p_welch_adj`, `filtered_p_welch_adj` are as if the test without pooled variances had been that of all
    rows that have it.
    """
    p = np.array([row["p"] for row in rows], dtype=float)
    filtered = np.array([row["filtered_p"] for row in rows], dtype=float)
    own_p, other_p = holm_of(rows, p, filtered)
    lone, lone_kept = (
        np.array([row.get(name, np.nan) for row in rows], dtype=float)
        for name in ("p_welch", "filtered_p_welch")
    )
    alone = holm_of(
        rows, np.where(np.isnan(lone), p, lone), np.where(np.isnan(lone_kept), filtered, lone_kept)
    )
    size, kept = int(np.isfinite(p).sum()), int(np.isfinite(other_p).sum())
    row_p = zip(rows, own_p, other_p, *alone, lone, lone_kept, strict=True)
    for row, own, other, one, two, has_one, has_two in row_p:
        row["p_welch_adj"] = np.nan if np.isnan(has_one) else one
        row["filtered_p_welch_adj"] = np.nan if np.isnan(has_two) else two
        row["p_adj"], row["filtered_p_adj"] = own, other
        row["family_size"], row["filtered_family_size"] = size, kept
        row["detectable"] = np.nan
        if np.isfinite(row["se"]) and row["se"] > 0:
            row["detectable"] = detectable(row["df"], row["se"], alpha=alpha / max(size, 1))


def holm_of(rows: list[Row], p: Array, filtered: Array) -> tuple[Array, Array]:
    """Adjust p as scored, and p on the genes left, over all rows; one not tested counts as 1."""
    examined = [row["stroma"] not in ("", NO_REFERENCE, NOT_EXAMINED) for row in rows]
    lost = np.isnan(filtered) & np.isfinite(p) & np.array(examined, dtype=bool)
    return holm(p), holm(np.where(lost, 1.0, filtered))


def by_method(rows: list[Row], methods: Sequence[str], *, alpha: float) -> None:
    """Fill `by_method`: adjusted p of each signature, had this method been the first in all claims.

    A method whose estimate has the other sign says so.
    """
    p = {name: holm(np.array([row.get("p_of", {}).get(name, row["p"]) for row in rows])) for name in methods}
    for i, row in enumerate(rows):
        own = {name: found[i] for name, found in p.items()} if "p_of" in row else {}
        row["by_method"] = ", ".join(
            p_phrase(value, name, alpha) + (" the other way" if _turned(row, name) else "")
            for name, value in own.items()
            if value == value
        )
        row["established_by"] = [
            name for name, value in own.items() if value < alpha and not _turned(row, name)
        ]
        row["n_established"] = len(row["established_by"])
        row["n_methods"] = sum(value == value for value in own.values())


def _turned(row: Row, method: str) -> bool:
    """Whether the estimate by this method has another sign than the claim's."""
    return bool(row["estimate_of"][method] * row["estimate"] < 0)
