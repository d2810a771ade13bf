"""Which inhibitor was given to which line, and the one model that judges all three of its contrasts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._arm_names import arm_name
from marrowsig._contrasts import Contrast
from marrowsig._matrix import design_matrix

if TYPE_CHECKING:
    from marrowsig._plan import Model, Plan
    from marrowsig.design import Design

PARTS = ("induction", "reversal", "residual")
LINE, BETWEEN, TOGETHER = "line", "between lines", "inhibitors together"


@dataclass(frozen=True)
class Case:
    """One line (or two of them, subtracted) and one inhibitor; `parts` maps each of PARTS to its plan."""

    kind: str
    line: str
    inhibitor: str
    start: str
    """The arm to which a full reversal would lead back."""
    parts: dict[str, Plan]

    @property
    def stratum(self) -> str:
        """Compartment and time; empty without."""
        return self.parts["reversal"].stratum

    @property
    def counts(self) -> tuple[int, int, int]:
        """Rows alone, in co-culture, and with the inhibitor; of two lines, the smaller."""
        held = {**self.parts["induction"].counts, **self.parts["residual"].counts}
        n = list(held.values())
        k = len(self.parts["reversal"].contrast.weights) // 2
        # A contrast lists co, mono of each line; the residual adds the treated arms.
        return min(n[1 : 2 * k : 2]), min(n[0 : 2 * k : 2]), min(n[2 * k :])


def cases(design: Design, plans: list[Plan]) -> list[Case]:
    """Every line and inhibitor per stratum, then the differences between the lines."""
    found: list[Case] = []
    asked = {(plan.stratum, *plan.contrast.weights): plan for plan in plans}
    lines = [""] if design.line is None else [design.parental, design.resistant]
    for stratum in dict.fromkeys(plan.stratum for plan in plans):
        for inhibitor in _inhibitors(plans, arm_name(design, lines[0], design.co)):
            own = [_case(design, asked, stratum, line, inhibitor) for line in lines]
            found += own
            if len(own) == 2:
                found.append(_difference(*own))
    order = {LINE: 0, BETWEEN: 1}
    return sorted(found, key=lambda case: order[case.kind])


def _inhibitors(plans: list[Plan], co: str) -> list[str]:
    reversals = [plan.contrast for plan in plans if plan.contrast.factor == "inhibitor"]
    named = (contrast.base.removeprefix(f"{co}+") for contrast in reversals if contrast.test == co)
    return list(dict.fromkeys(named))


def _case(
    design: Design, asked: dict[tuple[str, ...], Plan], stratum: str, line: str, inhibitor: str
) -> Case:
    mono, co = arm_name(design, line, design.mono), arm_name(design, line, design.co)
    treated = arm_name(design, line, design.co, inhibitor)
    pairs = {"induction": (co, mono), "reversal": (co, treated), "residual": (treated, mono)}
    parts = {part: asked[stratum, *arms] for part, arms in pairs.items()}
    return Case(LINE, line, inhibitor, mono, _share(parts))


def _difference(parental: Case, resistant: Case) -> Case:
    parts = {part: _subtract(parental.parts[part], resistant.parts[part]) for part in PARTS}
    line = f"{resistant.line} - {parental.line}"
    return Case(BETWEEN, line, parental.inhibitor, "", _share(parts))


def _subtract(parental: Plan, resistant: Plan) -> Plan:
    """Ask for the same contrast in resistant less that in parental cells."""
    less = {arm: -weight for arm, weight in parental.contrast.weights.items()}
    contrast = Contrast(
        f"{resistant.contrast.name} - {parental.contrast.name}",
        resistant.contrast.question,
        {**resistant.contrast.weights, **less},
    )
    counts = {**resistant.counts, **parental.counts}
    reason = "; ".join(dict.fromkeys(p.reason for p in (parental, resistant) if p.reason))
    model = None if reason else _joint([parental, resistant])
    return replace(parental, contrast=contrast, counts=counts, model=model, reason=reason)


def _share(parts: dict[str, Plan]) -> dict[str, Plan]:
    """Give the parts that can be estimated one model, so that their covariances are known."""
    model = _joint(list(parts.values()))
    return {part: plan if plan.model is None else replace(plan, model=model) for part, plan in parts.items()}


def _joint(plans: list[Plan]) -> Model | None:
    """Model the rows of all plans at once: mostly the model that they have already."""
    models = [plan.model for plan in plans if plan.model is not None]
    if not models:
        return None
    frame = pd.concat([model.frame for model in models]).drop_duplicates("row").sort_values("row")
    first = models[0]
    if len(frame) == len(first.frame):
        return first
    X, arms = design_matrix(frame, first.nuisance)
    words = first.words.replace(" and ".join(first.arms), " and ".join(arms))
    return replace(first, frame=frame, X=X, arms=arms, words=words)
