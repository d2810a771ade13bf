"""The number that a plan comes to: what every effect needs, as a claim where a run makes one of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig.tl._power_needs import Need, largest, needs, to_plan
from marrowsig.tl._power_spread import UNIT
from marrowsig.tl._power_tables import ON_KEPT
from marrowsig.tl._power_words import ONE, asked, percent

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.tl._power_result import Power


ON_THESE = "on the genes that stroma could not move"
NAMED = 3
"""Effects that need alike many, up to which each is named."""


def answer(plan: Power) -> str:
    """Say how many replicates to plan: the most that any effect of the primary family needs.

    Of an effect that is a claim counts its power as one, as scored and, of a plan on fewer genes, on these.
    """
    if plan.primary.empty:
        return ""
    found = needs(plan)
    top, tied = largest(found), _most(found)
    sizes = plan.table["n"]
    goal = f"{percent(plan.params['target'])} %"
    kept = plan.spread.unit == ON_KEPT
    if top.most == float("inf"):
        where = f", {ON_THESE if top.of is plan else 'as scored'}," if kept else ""
        alike = [need for need in tied if need.of is top.of and need.claimed == top.claimed]
        which, as_claim = _named(alike, plan), _as_one({top.claimed})
        return f"{to_plan(plan)}: {int(sizes.max())} find {which}{where}{as_claim} in less than {goal}."
    end = "."
    if kept and plan.scored is None:
        end = f" {ON_THESE}; as scored it may need more."
    elif kept:
        end = f", as scored and {ON_THESE}."
    elif plan.spread.unit == UNIT and plan.params["effects_in"] == "score":
        end = ", as scored."
    names = {need.name for need in found}
    most_of = f" Most is needed by {_named(tied, plan)}." if len(tied) < len(names) else ""
    every = "every effect is" if len(names) > 1 else f"{_named(tied, plan)} is"
    as_claim = _as_one({need.claimed for need in found} if len(names) > 1 else {top.claimed})
    return f"{to_plan(plan)}: {every} found{as_claim} in {goal} of experiments{end}{most_of}"


def _as_one(families: set[str]) -> str:
    """Say of which families effects are one.

    >>> _as_one({"claims", ""}), _as_one({"claims", "further questions"}), _as_one({""})
    (' as a claim', ' as a claim or a further question', '')
    """
    named = [one for family, one in ONE.items() if family in families]
    return f" as {' or '.join(named)}" if named else ""


def _most(found: list[Need]) -> list[Need]:
    """Effects that need as many as the one that needs most, once each."""
    most = largest(found).most
    tied = {need.name: need for need in reversed(found) if need.most == most}
    return [need for need in found if tied.get(need.name) is need]


def _named(tied: list[Need], plan: Power) -> str:
    told = []
    for need in tied:
        row = need.of.table[need.of.table["contrast"] == need.name].to_dict("records")[0]
        told.append(asked(row, plan.design))
    if len(told) > NAMED:
        return f"{', '.join(told[: NAMED - 1])} and {len(told) - NAMED + 1} more"
    return " and ".join([*([", ".join(told[:-1])] if told[1:] else []), told[-1]])


def beyond(fractions: pd.DataFrame) -> str:
    """Say which reversals are larger than the induction that they undo; empty where none is."""
    if fractions.empty or not (more := fractions[fractions["fraction"].gt(1)].drop_duplicates("line")).size:
        return ""
    where = [f" in {line}" for line in more["line"].astype(str) if line]
    return (
        f"A reversal larger than the induction{' and'.join(where)} is asked, so cells would end below those "
        "grown alone: give fraction (below 1), or the reversal of each line by its own name."
    )
