"""What a run says of the cell types in its sums: other shares in co-culture, and lymphoid cells."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from marrowsig._errors import InputWarning
from marrowsig._rounded import percent

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

FEW = 0.01
"""Share of the cells of the sums below which types are not told of."""


def told_of_types(adata: AnnData, design: Design | FormulaDesign | None) -> list[str]:
    """Say both of the sums of a run."""
    moved = "" if design is None else of_types(adata, design)
    return [said for said in (moved, of_other_cells(adata)) if said]


def of_types(adata: AnnData, design: Design | FormulaDesign) -> str:
    """Say which types are more or fewer in co-culture, by contrast, and how to ask within types."""
    from marrowsig.tl._composition import moved_cells

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # told when rows are compared
        column, found = moved_cells(adata, design.plans(adata.obs))
    told = dict.fromkeys(text for (name, _), text in found.items() if name.startswith("co_"))
    if not told:
        return ""
    return (
        f"Cell types have other shares in co-culture: {'; '.join(told)}. A score of the sums may move "
        f"by that alone: claims are asked with the same shares, too; within types, ask with --compartment "
        f"{column}."
    )


def of_other_cells(adata: AnnData) -> str:
    """Say which types of the sums are no myeloid leukaemia, where claims are about leukaemia cells."""
    import numpy as np

    from marrowsig._cell_types import LYMPHOID, kept

    found = kept(adata)
    if found is None:
        return ""
    column, types, shares = found
    mean = np.nanmean(shares, axis=0) if np.isfinite(shares).any() else np.zeros(len(types))
    told = {
        name: share for name, share in zip(types, mean, strict=True) if LYMPHOID.match(name) and share >= FEW
    }
    if not told:
        return ""
    each = ", ".join(f"{name} {percent(share)}" for name, share in told.items())
    return (
        f"The sums hold cells that are no myeloid leukaemia by their name in {column!r}: {each} on average. "
        f"Leave them out: --keep '{column}!={','.join(told)}' (the words of the column)."
    )
