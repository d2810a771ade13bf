"""How many replicates the effects of a plan need, and the number to plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from marrowsig.tl._power_lost import start
from marrowsig.tl._power_tables import ON_KEPT
from marrowsig.tl._power_words import replicates, untried

if TYPE_CHECKING:
    from marrowsig.tl._power_result import Power

FEWEST = 4
"""Patients to plan with at least, in pairs or per arm (docs/howto/plan_an_experiment.md)."""


class Need(NamedTuple):
    """What one effect needs: replicates, those to begin with, the family that asks it, and in which plan."""

    most: float
    begin: float
    name: str
    claimed: str
    of: Power


def to_plan(plan: Power) -> str:
    """Say the number alone, such as "Plan 8 pairs, 10 to begin with"; empty where nothing is to be found."""
    if plan.primary.empty:
        return ""
    sizes, need = plan.table["n"], largest(needs(plan))
    if need.most == float("inf"):
        return f"Plan more than {replicates(plan.design, int(sizes.max()))}"
    at_least = "at least " if plan.spread.unit == ON_KEPT else ""
    lost = f", {int(need.begin)} to begin with" if need.begin > need.most else ""
    tried = ", the fewest tried" if need.most == sizes.min() else ""
    if need.most >= FEWEST:
        less = tried.removeprefix(", ") or untried(need.most, sorted(map(int, sizes.unique())))
        few = f" ({less})" if less else ""
        return f"Plan {at_least}{replicates(plan.design, int(need.most))}{few}{lost}"
    begin = start(FEWEST, plan.params["lost"], paired=plan.design.pair is not None)
    few = lost and f"{lost},"
    more = f", {int(begin)} to begin with," if begin > FEWEST else ""
    return (
        f"Plan {at_least}{replicates(plan.design, FEWEST)}{more} of patients ({int(need.most)}{few} of "
        f"cultures of a cell line{tried})"
    )


def planned(plan: Power) -> int:
    """Give the number that `to_plan` says, or of those that were tried the one that is nearest to it."""
    tried = sorted(map(int, plan.table["n"].unique()))
    need = largest(needs(plan)).most if len(plan.primary) else tried[0]
    return next((n for n in tried if n >= max(need, FEWEST)), tried[-1])


def few(plan: Power) -> bool:
    """Whether fewer would find all effects than patients should be planned with."""
    return not plan.primary.empty and largest(needs(plan)).most < FEWEST


def largest(found: list[Need]) -> Need:
    return max(found, key=lambda need: (need.most, need.begin))


def needs(plan: Power) -> list[Need]:
    """List what effects of the primary family need, on fewer genes and as scored where both are planned."""
    both = [plan] if plan.scored is None else [plan, plan.scored]
    return [need for one in both for need in _of_one(one)]


def _of_one(plan: Power) -> list[Need]:
    tested = plan.table.dropna(subset=["power_claims"])
    asked = dict(zip(tested["contrast"], tested["asked_as"], strict=True))
    return [_of(row, plan, claimed=asked.get(row["contrast"], "")) for row in plan.primary.to_dict("records")]


def _of(row: dict, plan: Power, *, claimed: str) -> Need:
    which = "_claims" if claimed else ""
    known = [float(row[f"{name}{which}"]) for name in ("n_needed", "n_start")]
    most, begin = (value if value == value else float("inf") for value in known)
    return Need(most, begin, str(row["contrast"]), claimed, plan)
