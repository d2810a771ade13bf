"""The number that a plan comes to: what every effect needs, as a claim where a run makes one of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig.tl._power_tables import ON_KEPT
from marrowsig.tl._power_words import asked, percent, replicates

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.tl._power_result import Power


def answer(plan: Power) -> str:
    """Say how many replicates to plan: the most that any effect of the primary family needs.

    Of an effect that is a claim counts its power as one, as scored and, of a plan on fewer genes, on these.
    """
    if plan.primary.empty:
        return ""
    both = [plan] if plan.scored is None else [plan, plan.scored]
    found = [row for one in both for row in _numbers(one)]
    most, begin, name, claimed = max(found, key=lambda row: (row[0], row[1]))
    sizes = plan.table["n"]
    least, goal = int(sizes.min()), f"{percent(plan.params['target'])} %"
    which = asked(plan.table[plan.table["contrast"] == name].to_dict("records")[0], plan.design)
    as_claim = " as a claim" if claimed else ""
    if most == float("inf"):
        n = replicates(plan.design, int(sizes.max()))
        return f"Plan more than {n}: {int(sizes.max())} find {which}{as_claim} in less than {goal}."
    few = " (the fewest tried)" if most == least else ""
    lost = f", {int(begin)} to begin with" if begin > most else ""
    kept = plan.spread.unit == ON_KEPT
    if kept and plan.scored is None:
        end = " on the genes that stroma could not move; as scored it may need more."
    else:
        end = ", as scored and on the genes that stroma could not move." if kept else "."
    at_least = "at least " if kept else ""
    alone = len({row[2] for row in found}) == 1 or most == least
    most_of = "" if alone else f" Most is needed by {which}."
    every = "every effect is" if len({row[2] for row in found}) > 1 else f"{which} is"
    return (
        f"Plan {at_least}{replicates(plan.design, int(most))}{few}{lost}: {every} found{as_claim} "
        f"in {goal} of experiments{end}{most_of}"
    )


def _numbers(plan: Power) -> list[tuple[float, float, str, bool]]:
    """Replicates that effects need, those to begin with, the contrast, and whether it is a claim."""
    claims = plan.table.dropna(subset=["power_claims"])["contrast"].unique()
    return [_of(row, claimed=row["contrast"] in claims) for row in plan.primary.to_dict("records")]


def _of(row: dict, *, claimed: bool) -> tuple[float, float, str, bool]:
    which = "_claims" if claimed else ""
    known = [float(row[f"{name}{which}"]) for name in ("n_needed", "n_start")]
    most, begin = (value if value == value else float("inf") for value in known)
    return most, begin, str(row["contrast"]), claimed


def beyond(fractions: pd.DataFrame) -> str:
    """Say which reversals are larger than the induction that they undo; empty where none is."""
    if fractions.empty or not (more := fractions[fractions["fraction"].gt(1)].drop_duplicates("line")).size:
        return ""
    where = [f" in {line}" for line in more["line"].astype(str) if line]
    return (
        f"A reversal larger than the induction{' and'.join(where)} is asked, so cells would end below those "
        "grown alone: give fraction (below 1), or the reversal of each line by its own name."
    )
