"""Shares of cell types in sums of cells, which a formula does not ask about and claims of fields do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._carry_over_apart import by_fields
from marrowsig._cell_types import SAME, at_same_shares, kept
from marrowsig._repeats import is_formula

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

IN_METHODS = (
    "Whether other shares of cell types in the sums of cells made a change was not asked of these contrasts."
)


def types_unasked(adata: AnnData, design: Design | FormulaDesign | None) -> str:
    """Say that a formula left it out, where shares differ between sums, and what asks it; else nothing."""
    if design is None or not is_formula(design) or SAME not in adata.layers or at_same_shares(adata):
        return ""
    column = (kept(adata) or ("",))[0]
    of = f" of {column!r}" if column else ""
    told, _ = by_fields(design, adata.obs)
    fields = "" if "culture=..." in told else f"by fields in the place of the formula, {told}; or "
    return (
        f"Not asked: shares of cell types{of}, which differ between these sums and can move a score by "
        f"themselves. A formula has no test with the same shares; ask {fields}of one type alone."
    )
