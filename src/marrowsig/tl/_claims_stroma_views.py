"""The stroma of a study as comparisons that a design can make, whether or not stroma alone has a line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from marrowsig._arms import as_text
from marrowsig._errors import DesignError
from marrowsig.tl._claims_asked import levels

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._plan import Plan
    from marrowsig.design import Design

WITH = "grown_with"
"""Column of the cells and drugs that stand beside those of the base."""
NONE = "none"
OF_NONE = "(no line)"
"""Stands for the empty cell of stroma grown alone for both lines."""
KINDS = ("induction", "interaction", "reversal")
WITH_EITHER = "resistance_in_co"
"""Stroma with resistant less stroma with parental cells: with one stroma alone, both rises' difference."""


class Said(NamedTuple):
    """What a contrast asks of stroma, and its name in the words of the whole design."""

    kind: str
    line: str
    inhibitor: str
    name: str


@dataclass
class View:
    """Rows of stroma, a design of them, its plans, and by the name of a contrast what it asks."""

    adata: AnnData
    design: Design
    plans: list[Plan]
    asked: dict[str, Said]


def views(adata: AnnData, design: Design) -> list[View]:
    """Compare by line where stroma alone has lines, else all co-cultures with the same stroma alone.

    All arms are in one model. With stroma alone in common, that with resistant cells less that with parental
    cells is the difference of both rises.

    Raises
    ------
    DesignError
        If stroma does not fit the design, such as a donor that recurs without pairs.
    """
    own = replace(design, compartment=None, inhibitor=design.inhibitor if _treated(adata, design) else None)
    whole = _whole(adata, own)
    if whole is not None or design.line is None:
        return [whole] if whole is not None else []
    found = [_beside(adata, own, role) for role in ("parental", "resistant")]
    if any(view.plans for view in found):
        return [view for view in found if view.plans]
    plain = _whole(adata, replace(own, line=None))  # co-cultures that name no line
    return [] if plain is None else [plain]


def _treated(adata: AnnData, design: Design) -> bool:
    """Whether any row of stroma had a drug, or does not say."""
    return design.inhibitor is not None and bool(
        as_text(adata.obs[design.inhibitor]).ne(design.vehicle).any()
    )


def as_compared(view: View, design: Design) -> dict[str, Plan]:
    """Reversals as `ms.tl.compare` has them, where a view of one line has all arms in its model."""
    if design.line is None or view.design.line is not None:
        return {}
    obs = view.adata.obs
    of = as_text(obs[design.line]).fillna(OF_NONE).to_numpy()
    try:
        plans = replace(design, compartment=None).plans(obs.assign(**{design.line: of}))
    except DesignError:
        return {}
    return {p.contrast.name: p for p in plans if p.contrast.kind == "reversal" and p.model is not None}


def _whole(adata: AnnData, design: Design) -> View | None:
    """Give the view of the design as it is, where each line has a rise that can be estimated."""
    try:
        plans = design.plans(adata.obs)
    except DesignError:
        if design.line is None:
            raise
        return None
    rises = [plan for plan in plans if plan.contrast.kind == "induction"]
    if not rises or any(plan.model is None for plan in rises):
        return None
    asked = {}
    for plan in plans:
        line, drug = levels(design, plan.contrast)
        asked[plan.contrast.name] = Said(plan.contrast.kind, line, drug, plan.contrast.name)
    return View(adata.copy(), design, _answered(plans, asked), asked)


def _beside(adata: AnnData, design: Design, role: str) -> View:
    """View of the stroma with one line, that with the other line beside it as drugs are."""
    base = str(getattr(design, role))
    other = design.parental if role == "resistant" else design.resistant
    culture, line = (as_text(adata.obs[column]) for column in (design.culture, design.line))
    drug = as_text(adata.obs[design.inhibitor]) if design.inhibitor else None
    treated = [d if d not in (None, design.vehicle) else "" for d in drug] if drug is not None else None
    drugs = treated or [""] * adata.n_obs
    grown = (culture == design.co).to_numpy() & line.isin([base, other]).to_numpy()
    alone = (culture == design.mono).to_numpy() & [d == "" for d in drugs]
    own = adata[alone | grown].copy()
    beside = [
        "+".join(filter(None, [other if of == other and on else "", d if on else ""])) or NONE
        for of, on, d in zip(line, grown, drugs, strict=True)
    ]
    own.obs[WITH] = [word for word, here in zip(beside, alone | grown, strict=True) if here]
    plain = replace(design, line=None, inhibitor=WITH if {*beside} - {NONE} else None, vehicle=NONE)
    if not grown.any() or not alone.any():
        return View(own, plain, [], {})
    plans = plain.plans(own.obs)
    asked = {"co_vs_mono": Said("induction", base, "", f"co_in_{role}")}
    if role == "resistant":
        asked[f"reversal_{other}"] = Said("interaction", "", "", WITH_EITHER)
    for d in dict.fromkeys(filter(None, drugs)):
        name = f"reversal_{d}"
        asked[name] = Said("reversal", base, d, f"{name}_in_{role}")
    return View(own, plain, _answered(plans, asked), asked)


def _answered(plans: list[Plan], asked: dict[str, Said]) -> list[Plan]:
    """Leave out what has no sample on one side, and what is not asked."""
    return [
        plan
        for plan in plans
        if plan.contrast.name in asked
        and asked[plan.contrast.name].kind in KINDS
        and (plan.model is not None or 0 not in plan.counts.values())
    ]
