"""Stroma without the other cells of its study: rows that need not have every level of the design."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._arms import as_text
from marrowsig._formula import FormulaDesign

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig.design import Design


def stroma_alone(adata: AnnData, design: Design | FormulaDesign) -> tuple[AnnData, bool]:
    """Tell whether all rows are stroma whose controls belong to no line, and give a word for an empty line.

    They are of one compartment, some in co-culture with a line and those grown alone with none. The word
    stands in a copy.
    """
    if isinstance(design, FormulaDesign) or not (design.compartment and design.line and design.culture):
        return adata, False
    columns = (design.compartment, design.culture, design.line)
    if not {*columns} <= {*adata.obs}:
        return adata, False
    held, culture, line = (as_text(adata.obs[column]) for column in columns)
    mono, known = culture.eq(design.mono), line.isin([design.parental, design.resistant])
    grown = culture.eq(design.co) & known
    if held.isna().any() or held.nunique() != 1 or not mono.any() or (mono & known).any() or not grown.any():
        return adata, False
    empty = mono & line.isna()
    if not empty.any():
        return adata, True
    out = adata.copy()
    out.obs[design.line] = line.mask(empty, "none").to_numpy()
    return out, True
