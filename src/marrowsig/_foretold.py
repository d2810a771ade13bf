"""Warnings of the design that a run gives before it computes, where its verbs would give them on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig import _arms
from marrowsig._joined_levels import may_hold_drug
from marrowsig._plan import warn_outside
from marrowsig.design import Design

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign


def foretell(adata: AnnData, design: Design | FormulaDesign, stroma: AnnData | str | None) -> None:
    """Lay out the contrasts of samples once, which warns of levels left out, swapped or joined.

    Of levels that a compartment of `stroma` alone has, a run says something better at its end.
    """
    design.plans(adata.obs)
    if isinstance(design, Design) and not isinstance(stroma, str):
        warn_outside(_arms.read(design, adata.obs), more=may_hold_drug(design, adata.obs))
