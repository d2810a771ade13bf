"""That a difference of co-culture was not checked for RNA of stroma, kept with the result that lacks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from marrowsig._not_of_formula import about_coculture
from marrowsig._provenance import recall
from marrowsig._repeats import is_formula
from marrowsig._stimulus import no_coculture
from marrowsig._stromal_level import STROMAL
from marrowsig._unasked import OF_FORMULA, UNASKED
from marrowsig.tl._claims_whose import stroma_by_sheet

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._formula_plan import FormulaModel
    from marrowsig._plan import Plan
    from marrowsig.design import Design

KINDS = ("induction", "interaction", "reversal")


def unasked(adata: AnnData, design: Design | FormulaDesign, plans: list[Plan]) -> list[list[str]]:
    """List contrast, stratum and sentence of all that co-culture moves; nothing after `ms.qc.stroma`."""
    if is_formula(design):
        return [] if recall(adata, "stroma") or stroma_by_sheet(adata.obs, None) else _of_formula(plans)
    if getattr(design, "culture", None) is None or no_coculture(design):
        return []
    if recall(adata, "stroma") or stroma_by_sheet(adata.obs, None):
        return []
    return [
        [plan.contrast.name, plan.stratum, UNASKED]
        for plan in plans
        if plan.contrast.kind in KINDS and not _of_stroma(plan.stratum)
    ]


def _of_formula(plans: list[Plan]) -> list[list[str]]:
    """List the same of a formula, of whose contrasts words alone say whether they are about co-culture."""
    told = [plan for plan in plans if plan.model is not None]
    return [
        [plan.contrast.name, plan.stratum, OF_FORMULA]
        for plan in told
        if about_coculture(plan.contrast, cast("FormulaModel", plan.model).laid.factors)
    ]


def _of_stroma(stratum: str) -> bool:
    levels = [p.partition("=")[2] for p in stratum.split("; ") if p.startswith("compartment=")]
    return any(STROMAL.fullmatch(level.strip()) for level in levels)
