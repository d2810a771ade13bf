"""Questions of a design that a test of genes can answer, and a check of its level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._counts_layer import naming_counts
from marrowsig._errors import InputError
from marrowsig._given import require_design
from marrowsig._plan import require_one, warn_unanswered

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._plan import Plan
    from marrowsig.design import Design


def plans_of(adata: AnnData, design: Design | FormulaDesign) -> list[Plan]:
    """Plans of a design of which at least one can be answered; warns of the others for the calling verb."""
    require_design(design)
    with naming_counts(adata):
        plans = design.plans(adata.obs)
    require_one(plans)
    warn_unanswered(plans, stacklevel=4)
    return plans


def check_alpha(alpha: float) -> None:
    """Refuse a level that is none."""
    if not 0 < alpha < 1:
        msg = f"alpha is {alpha!r}; it has to lie between 0 and 1, for example 0.05."
        raise InputError(msg)
