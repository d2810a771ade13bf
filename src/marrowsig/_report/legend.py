"""The legend of the figure for a paper: what a journal wants to stand below it, ready to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._report import words
from marrowsig._report.carried import guard_of
from marrowsig._report.lead import families
from marrowsig.tl._claims_size import genes_kept, on_these_genes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from marrowsig._report.elements import Given


def legend(given: Given, shown: pd.DataFrame, named: Sequence[str], ids: list[str], look: str) -> str:
    """Say what is drawn: units, n, bars, model, marks, what levels are called, and families of adjusted p."""
    design, alpha, tables = given.design, given.alpha, (guard_of(given.extras.get("stroma")), given.judged)
    paired = f"; grey lines join pairs{pairs(shown)}" if design.pair else ""
    return (
        f"{words.listing(named)}. (a) {given.method} score of each unit, by arm{_n(shown)}{paired}; bars are "
        "means with 95 % confidence intervals of each arm by itself, from three units on. (b) Contrasts with "
        f"{words.level(alpha)} confidence intervals of the model{_model(shown)}; "
        f"{_filled(shown, alpha)}; open ones are not established, which is no evidence of no change. "
        f"{_cited(tables, ids, alpha)}{_carried(tables, ids)}{look}{_adjusted(shown) or families(given)}"
    )


def _n(rows: pd.DataFrame) -> str:
    """Count the units of an arm, from the fewest to the most."""
    sides = [rows[side].dropna() for side in ("n_test", "n_base") if side in rows]
    known = {int(n) for side in sides for n in side if n > 0}
    return f" (n = {_span(known)} in each)" if known else ""


def pairs(rows: pd.DataFrame) -> str:
    """Count the pairs that a contrast was tested in, where any was."""
    own = rows.loc[rows["estimate"].notna(), "n_pairs"].astype(int)
    if not own.any():
        return ""
    return f", {_span(own[own > 0])} in each {'' if own.all() else 'paired '}contrast"


def _span(known: Iterable[int]) -> str:
    low, high = min(known), max(known)
    return f"{low} to {high}" if high > low else f"{low}"


def _model(rows: pd.DataFrame) -> str:
    """Name model and residual degrees of freedom of each stratum, where its rows have the same."""
    if not {"test", "df"} <= set(rows):
        return ""
    strata = rows["stratum"].astype(object).where(rows["stratum"].notna(), "").astype(str)
    told = []
    for stratum, own in rows[rows["estimate"].notna()].groupby(strata, sort=False):
        tests, known = (
            own["test"].dropna().unique(),
            sorted({round(float(df), 1) for df in own["df"].dropna()}),
        )
        parts = [str(tests[0])] if len(tests) == 1 and tests[0] else []
        parts += [f"{known[0]:g} residual degrees of freedom"] if len(known) == 1 else []
        where = ", ".join(part.partition("=")[2] for part in str(stratum).split("; "))
        told += (
            [f"{where}: {', '.join(parts)}" if len(set(strata)) > 1 else ", ".join(parts)] if parts else []
        )
    return f" ({'; '.join(told)})" if told else ""


def _carried(tables: Sequence[pd.DataFrame | None], ids: list[str]) -> str:
    there = any(
        t is not None and "carried" in t and t.loc[t["signature"].isin(ids), "carried"].notna().any()
        for t in tables
    )
    return "Vertical ticks are what the RNA of stroma gives by itself. " if there else ""


def _filled(rows: pd.DataFrame, alpha: float) -> str:
    by_p = f"an adjusted p below {alpha:g}"
    claimed = rows["claimed"].astype(bool) if "claimed" in rows else pd.Series(dtype=bool)
    if not claimed.any():
        return f"filled points have {by_p}"
    told = "filled points are of supported claims"
    if "as_question" in rows and rows["as_question"].astype(bool).any():
        told += " and further questions"
    return told if claimed.all() else f"{told} or, where none asks, have {by_p}"


def _cited(tables: Sequence[pd.DataFrame | None], ids: list[str], alpha: float) -> str:
    """Say what the triangles are that stand below contrasts, on genes that stroma could not move."""
    known = [t for t in tables if t is not None and {"cite", "filtered_estimate"} <= set(t)]
    own = [row for t in known for row in t[t["signature"].isin(ids)].to_dict("records")]
    kept = {row["signature"]: genes_kept(row) for row in own if on_these_genes(row)}
    if not kept:
        return ""
    on = words.listing(f"{genes} ({sig})" for sig, genes in kept.items())
    return (
        f"Circles are contrasts as scored, of which the p are; triangles, on {on}, the sizes of "
        f"their signature, filled where the circle is and p on these genes is below {alpha:g} too. "
    )


def _adjusted(rows: pd.DataFrame) -> str:
    """Say how p values are adjusted, where those of all rows are adjusted together."""
    none = pd.Series(data=False, index=rows.index)
    asked, further = (rows.get(name, none) for name in ("as_claim", "as_question"))
    others = rows[~asked & ~further]
    n, m = (int(rows.loc[own, "family_size"].max()) if own.any() else 0 for own in (asked, further))
    if n and others.empty:
        apart = f" and, by themselves, over {words.count(m, 'further question')} (‡)" if m else ""
        return f"P values are adjusted by Holm over {words.count(n, 'claim')} (†){apart}."
    how = others["adjustment"].unique() if "adjustment" in rows else []
    if len(how) != 1 or how[0] == "BH":
        return ""
    text = f"P values are adjusted by {how[0]} over {words.count(int(others['family_size'].max()), 'test')}"
    return f"{text}, those with a dagger (†) over {words.count(n, 'claim')}." if n else f"{text}."
