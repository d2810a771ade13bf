"""Rows of a sensitivity table: the same contrast under one specification, beside the main one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._stats.ols import fit
from marrowsig.tl._own_contrasts import contrast_fit
from marrowsig.tl._sensitivity_words import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marrowsig._plan import Plan
    from marrowsig.tl._sensitivity_specs import Specification

COLUMNS = (
    "signature", "axis", "method", "contrast", "stratum", "specification", "kind", "estimate", "ci_low",
    "ci_high", "se", "df", "p", "change", "share_left", "se_inflation", "df_lost", "n_genes", "n_removed",
    "removed", "same_sign", "excludes_zero", "holds", "note", "sentence",
)  # fmt: skip
KEYS = ["signature", "contrast", "stratum"]


def rows(
    main: Specification, others: Iterable[Specification], method: str, n_genes: dict[str, int], alpha: float
) -> pd.DataFrame:
    """One row per signature, contrast, stratum and specification; the main one first."""
    whole = _of(main, alpha)
    parts = [whole, *(_of(other, alpha, like=main.plans) for other in others)]
    table = pd.concat(parts, ignore_index=True)
    base = whole.set_index(KEYS)
    at = base.loc[pd.MultiIndex.from_frame(table[KEYS])].reset_index(drop=True)
    table["method"] = method
    table["axis"] = [s.partition(".")[0] if "." in s else "" for s in table["signature"]]
    table["n_genes"] = table["signature"].map(n_genes).astype(int)
    table["change"] = table["estimate"] - at["estimate"]
    with np.errstate(divide="ignore", invalid="ignore"):
        table["share_left"] = table["estimate"] / at["estimate"]
        table["se_inflation"] = table["k"] / at["k"]
    table["df_lost"] = at["df"] - table["df"]
    known = table["estimate"].notna() & at["estimate"].notna()
    table["same_sign"] = _where(known, np.sign(table["estimate"]) == np.sign(at["estimate"]))
    table["excludes_zero"] = _where(table["p"].notna(), table["p"] < alpha)
    both = known & table["p"].notna() & at["p"].notna()
    same = (np.sign(table["estimate"]) == np.sign(at["estimate"])) & (
        (table["p"] < alpha) == (at["p"] < alpha)
    )
    table["holds"] = _where(both, same)
    beside = zip(table.to_dict("records"), at.to_dict("records"), strict=True)
    table["sentence"] = [sentence(row, ref, alpha) for row, ref in beside]
    order = {id: i for i, id in enumerate(main.scores.columns)}
    place = [table["signature"].map(order), _first_seen(table, ["contrast", "stratum"]), table.index]
    return table.iloc[np.lexsort([np.asarray(p) for p in place[::-1]])][list(COLUMNS)].reset_index(drop=True)


def _where(known: pd.Series, value: pd.Series) -> pd.Series:
    """Truth values, missing where they are not known."""
    return value.astype("boolean").where(known)


def _first_seen(table: pd.DataFrame, keys: list[str]) -> np.ndarray:
    return table.groupby(keys, sort=False).ngroup().to_numpy()


def _of(spec: Specification, alpha: float, like: list[Plan] | None = None) -> pd.DataFrame:
    """Numbers of one specification; where it has no plans, those of `like` say which rows are empty."""
    plans = {(plan.contrast.name, plan.stratum): plan for plan in spec.plans}
    parts = []
    for own in like if like is not None else spec.plans:
        plan = plans.get((own.contrast.name, own.stratum))
        part = _numbers(plan, spec, alpha)
        part["contrast"], part["stratum"] = own.contrast.name, own.stratum
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    table["specification"], table["kind"], table["path"] = spec.name, spec.kind, spec.path
    gone = [spec.gone.get(id, ()) for id in table["signature"]]
    table["n_removed"], table["removed"] = [len(g) for g in gone], [", ".join(g) for g in gone]
    return table


def _numbers(plan: Plan | None, spec: Specification, alpha: float) -> pd.DataFrame:
    columns = ["estimate", "ci_low", "ci_high", "se", "df", "p", "k"]
    ids = list(map(str, spec.scores.columns))
    values = np.full((len(ids), len(columns)), np.nan)
    if plan is None or plan.model is None:
        note = spec.note or (plan.reason if plan is not None else "not asked by this design")
        return _table(ids, values, columns, [note] * len(ids))
    Y = spec.scores.to_numpy(dtype=np.float64)[plan.model.frame["row"].to_numpy()]
    ok = np.isfinite(Y).all(axis=0)
    notes = [
        "" if good else spec.notes.get(id, "some samples have no score")
        for id, good in zip(ids, ok, strict=True)
    ]
    if ok.any():
        result = contrast_fit(plan, Y[:, ok])
        k = fit(Y[:, ok], plan.model.X, plan.model.c(plan.contrast)).k
        low, high = result.interval(alpha)
        size = (int(ok.sum()), 1)
        spent = np.broadcast_to([float(result.df)], size), np.broadcast_to([k], size)
        numbers = [result.estimate, low, high, result.se, spent[0][:, 0], result.p, spent[1][:, 0]]
        values[ok] = np.column_stack(numbers)
    return _table(ids, values, columns, notes)


def _table(ids: list[str], values: np.ndarray, columns: list[str], notes: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(values, columns=columns)
    table.insert(0, "signature", ids)
    table["note"] = notes
    return table
