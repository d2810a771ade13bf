"""The number that a plan comes to: what every effect needs, as a claim where a run makes one of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig.tl._power_needs import largest, needs, to_plan
from marrowsig.tl._power_spread import UNIT
from marrowsig.tl._power_tables import ON_KEPT
from marrowsig.tl._power_words import asked, percent

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.tl._power_result import Power


ON_THESE = "on the genes that stroma could not move"


def answer(plan: Power) -> str:
    """Say how many replicates to plan: the most that any effect of the primary family needs.

    Of an effect that is a claim counts its power as one, as scored and, of a plan on fewer genes, on these.
    """
    if plan.primary.empty:
        return ""
    found = needs(plan)
    top = largest(found)
    sizes = plan.table["n"]
    goal = f"{percent(plan.params['target'])} %"
    row = top.of.table[top.of.table["contrast"] == top.name].to_dict("records")[0]
    which, as_claim = asked(row, plan.design), " as a claim" if top.claimed else ""
    kept = plan.spread.unit == ON_KEPT
    if top.most == float("inf"):
        where = f", {ON_THESE if top.of is plan else 'as scored'}," if kept else ""
        return f"{to_plan(plan)}: {int(sizes.max())} find {which}{where}{as_claim} in less than {goal}."
    end = "."
    if kept and plan.scored is None:
        end = f" {ON_THESE}; as scored it may need more."
    elif kept:
        end = f", as scored and {ON_THESE}."
    elif plan.spread.unit == UNIT and plan.params["effects_in"] == "score":
        end = ", as scored."
    alone = len({need.name for need in found}) == 1 or top.most == int(sizes.min())
    most_of = "" if alone else f" Most is needed by {which}."
    every = "every effect is" if len({need.name for need in found}) > 1 else f"{which} is"
    return f"{to_plan(plan)}: {every} found{as_claim} in {goal} of experiments{end}{most_of}"


def beyond(fractions: pd.DataFrame) -> str:
    """Say which reversals are larger than the induction that they undo; empty where none is."""
    if fractions.empty or not (more := fractions[fractions["fraction"].gt(1)].drop_duplicates("line")).size:
        return ""
    where = [f" in {line}" for line in more["line"].astype(str) if line]
    return (
        f"A reversal larger than the induction{' and'.join(where)} is asked, so cells would end below those "
        "grown alone: give fraction (below 1), or the reversal of each line by its own name."
    )
