"""One line and inhibitor, all signatures: from scores to the numbers of the rescue table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import first
from marrowsig._stats.equivalence import equivalence
from marrowsig._stats.fdr import bh_apart
from marrowsig._stats.fieller import covariance, fieller
from marrowsig._stats.holm import holm
from marrowsig._stats.ols import fit_all
from marrowsig.tl._families import is_control
from marrowsig.tl._rescue_cases import LINE, PARTS
from marrowsig.tl._unpooled import unpooled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._plan import Model
    from marrowsig._stats.ols import Fit
    from marrowsig.tl._rescue_cases import Case

NUMBERS = (
    *(f"{part}{tail}" for part in PARTS for tail in ("", "_low", "_high", "_p", "_p_adj")),
    "reversal_p_holm", "reversal_p_welch", "fraction", "fraction_low", "fraction_high",
    "margin", "equivalence_low", "equivalence_high", "equivalence_p", "df",
)  # fmt: skip


def numbers(case: Case, scores: pd.DataFrame, *, alpha: float, margin: float) -> pd.DataFrame:
    """One row per column of `scores`; NaN, with the reason in `test`, where there is no answer."""
    table = pd.DataFrame(np.nan, index=range(scores.shape[1]), columns=list(NUMBERS))
    table["fraction_kind"], table["margin"] = "", margin
    models = [plan.model for plan in case.parts.values() if plan.model is not None]
    if not models:
        table["test"] = f"not estimable: {case.parts['reversal'].reason}"
        return table
    model = models[0]
    Y = scores.to_numpy(dtype=np.float64)[model.frame["row"].to_numpy()]
    finite = np.isfinite(Y)
    ok = finite.all(axis=0)
    told = _told(case, model)
    table["test"] = [
        told if good else _not_scored(seen, model) for good, seen in zip(ok, finite.T, strict=True)
    ]
    if ok.any():
        _fill(table, ok, case, model, _fits(case, model, Y[:, ok]), alpha)
        if case.parts["reversal"].model is not None:
            table.loc[ok, "reversal_p_welch"] = unpooled(case.parts["reversal"], model, Y[:, ok])[2]
    flat = table["reversal"].notna() & table["reversal_p"].isna()
    table.loc[flat, "test"] = "not tested: the scores do not vary within the arms"
    aside = is_control(scores.columns)
    for part in PARTS:
        table[f"{part}_p_adj"] = bh_apart(table[f"{part}_p"].to_numpy(), aside)
    return table


def together(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Ask of the inhibitors of one line whether each moved the score, and all the same way.

    Holm over the inhibitors is written into `tables`. The p of "each" is the largest of theirs, and 1 where
    they point apart.
    """
    joint = tables[0].copy()
    p = np.array([table["reversal_p"] for table in tables])
    adjusted = np.column_stack([holm(column) for column in p.T])
    for table, row in zip(tables, adjusted, strict=True):
        table["reversal_p_holm"] = row
    signs = np.sign([table["reversal"] for table in tables])
    apart = (signs != signs[0]).any(axis=0) & ~np.isnan(p).any(axis=0)
    own = [name for name in NUMBERS if not name.startswith(("induction", "df"))]
    joint[own] = np.nan
    joint["fraction_kind"] = ""
    joint["reversal_p"] = np.where(apart, 1.0, p.max(axis=0))
    joint["reversal_p_adj"] = bh_apart(joint["reversal_p"].to_numpy(), is_control(joint["signature"]))
    joint["reversal_p_holm"] = np.fmin.reduce(adjusted)
    return joint


def _fits(case: Case, model: Model, Y: NDArray[np.float64]) -> dict[str, Fit]:
    plans = {part: plan for part, plan in case.parts.items() if plan.model is not None}
    found = fit_all(Y, model.X, [model.c(plan.contrast) for plan in plans.values()])
    return dict(zip(plans, found, strict=True))


def _fill(
    table: pd.DataFrame,
    ok: NDArray[np.bool_],
    case: Case,
    model: Model,
    fits: dict[str, Fit],
    alpha: float,
) -> None:
    for part, result in fits.items():
        low, high = result.interval(alpha)
        values = np.column_stack([result.estimate, low, high, result.p])
        table.loc[ok, [part, f"{part}_low", f"{part}_high", f"{part}_p"]] = values
    table.loc[ok, "df"] = float(next(iter(fits.values())).df)
    if case.kind != LINE:
        table["margin"] = np.nan
        return
    if "residual" in fits:
        p, low, high = equivalence(fits["residual"], table.loc[ok, "margin"].to_numpy(), alpha=alpha)
        columns = ["equivalence_p", "equivalence_low", "equivalence_high"]
        table.loc[ok, columns] = np.column_stack([p, low, high])
    if {"induction", "reversal"} <= fits.keys():
        _fill_fraction(table, ok, case, model, fits, alpha)


def _fill_fraction(
    table: pd.DataFrame,
    ok: NDArray[np.bool_],
    case: Case,
    model: Model,
    fits: dict[str, Fit],
    alpha: float,
) -> None:
    c, d = (model.c(case.parts[part].contrast) for part in ("reversal", "induction"))
    ratio = fieller(fits["reversal"], fits["induction"], covariance(model.X, c, d), alpha=alpha)
    # Outside "interval" the set reaches both ways without end, whatever gap it has.
    open_ended = (ratio.kind != "interval") & (ratio.kind != "")
    table.loc[ok, "fraction"] = ratio.value
    table.loc[ok, "fraction_low"] = np.where(open_ended, -np.inf, ratio.low)
    table.loc[ok, "fraction_high"] = np.where(open_ended, np.inf, ratio.high)
    table.loc[ok, "fraction_kind"] = ratio.kind


def _told(case: Case, model: Model) -> str:
    missing = [f"{part} not estimable: {plan.reason}" for part, plan in case.parts.items() if not plan.model]
    return "; ".join([model.words, *missing])


def _not_scored(finite: NDArray[np.bool_], model: Model) -> str:
    if not finite.any():
        return "not scored: too few of its genes were measured (see ms.get.coverage)"
    names = model.frame["name"].to_numpy()[~finite]
    return f"not scored: {len(names)} of {len(finite)} samples have no score ({first(names)})"
