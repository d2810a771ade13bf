"""What covariates may do to the claims: take part of the effect, widen intervals, and turn verdicts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._contrast_kinds import is_secondary
from marrowsig._contrasts import spelled
from marrowsig._errors import first
from marrowsig._formula_nuisance import numbers_left
from marrowsig._lines_of_formula import pairs_of
from marrowsig._repeats import is_formula
from marrowsig._report import frames, words
from marrowsig._report.other_way import became, turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from marrowsig._report.elements import Given

NOTABLE = 1.5
"""From how many times on a wider standard error is told above the claims."""
CLAIM = ("claim", "compartment", "line", "inhibitor", "stratum")


def columns(design: object) -> list[str]:
    """Names of the covariates of a design."""
    named = getattr(design, "covariates", None)
    return [named] if isinstance(named, str) else list(named or ())


def used(rows: pd.DataFrame, column: str) -> pd.Series:
    """Which contrasts have this covariate in their model."""
    return rows["test"].str.contains(f"with the covariates? [^;]*{re.escape(repr(column))}")


def costs(main: pd.DataFrame, design: Any) -> str:
    """Say which covariates change within pairs, and of which contrasts they widen the standard error much."""
    rows = main.drop_duplicates(["contrast", "stratum"])
    asked = columns(design)
    within = [c for c in asked if (used(rows, c) & rows["n_pairs"].gt(0)).any()]
    told = []
    if within:
        told.append(_within(within))
    if asked and "se_inflation" in rows:
        own = rows[[not is_secondary(str(c)) for c in rows["contrast"]]]
        wide = own[own["se_inflation"].gt(NOTABLE)]
        times = [f"{row['se_inflation']:.2g} times" for row in wide.to_dict("records")]
        where = [spelled(str(c), design) for c in wide["contrast"]]
        if times:
            each = first([f"{t} ({w})" for t, w in zip(times, where, strict=True)], 3)
            widen = "widens" if len(asked) == 1 else "widen"
            told.append(f"{first(asked)} {widen} the standard error {each} at equal noise.")
    return " ".join(told)


def _within(columns: list[str]) -> str:
    return (
        f"Within pairs {first(columns)} {'changes' if len(columns) == 1 else 'change'}: measured after "
        "culture this may be what the culture did, and adjusting then takes part of the effect away."
    )


def of_numbers(design: Any, obs: pd.DataFrame) -> str:
    """Say the same of the numbers of a formula that change within its pairs; empty where none does."""
    if not is_formula(design):
        return ""
    asked = numbers_left(design, obs)
    pair = pairs_of(design, obs)
    own = [c for c in asked if pair is not None and obs.groupby(pair, observed=True)[c].nunique().gt(1).any()]
    return f"Adjusted, as the formula asks, for {words.listing(asked)}. {_within(own)}" if own else ""


def line(given: Given) -> str:
    """Say above the claims what they are adjusted for, where that may be why one is not supported."""
    told = costs(given.main, given.design)
    return f"Adjusted for {words.listing(columns(given.design))}. {told}" if told else ""


def of_claim(row: Mapping[str, Any], given: Given) -> tuple[str, dict[str, str]]:
    """Say of a claim that would have another verdict without a column so, and its numbers without each."""
    turned, numbers = [], {}
    for found in given.extras.get("without", ()):
        if not {*CLAIM, "verdict_other"} <= set(found.table):
            continue
        own = [r for r in found.table.to_dict("records") if all(str(r[k]) == str(row[k]) for k in CLAIM)]
        if not own or own[0]["estimate_other"] != own[0]["estimate_other"]:
            continue
        name = f"without {found.name}"
        size, p = words.numbers(own[0]["estimate_other"])[0], frames.value("p_adj", own[0]["p_other"])
        same = abs(own[0]["estimate_other"] - own[0]["estimate"]) <= 1e-9 * abs(own[0]["estimate"])
        if not same:  # the column is in its model
            numbers[name] = f"{size} as scored, adj. p {p}"
        if turns(own[0]):
            turned.append(f"{name[0].upper()}{name[1:]}: {became(own[0])}.")
    return " ".join(turned), numbers
