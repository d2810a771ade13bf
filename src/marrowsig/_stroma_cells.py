"""Stroma whose rows are single cells: refused before anything is computed, with what to type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._arms import as_text

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design


def require_sums(stroma: AnnData | str | None, adata: AnnData, design: Design | FormulaDesign) -> None:
    """Raise if the rows of `stroma` look like single cells; where `adata` has them, say what names them.

    Raises
    ------
    InputError
        As `ms.qc.stroma` raises it, late, when all claims would be lost to it.
    """
    from marrowsig.design import Design
    from marrowsig.qc._stroma_reference import refuse_cells

    if stroma is None or isinstance(stroma, str) or not isinstance(design, Design) or not stroma.n_vars:
        return
    x: Any = stroma.X
    seen = x.getnnz(axis=1) if sparse.issparse(x) else (np.asarray(x) > 0).sum(axis=1)
    refuse_cells(stroma, float(np.median(seen)) / stroma.n_vars, design, instead=_name_of(stroma, adata))


def _name_of(stroma: AnnData, adata: AnnData) -> str:
    """Advice that names the level of a column that has these rows alone; in general, where none has."""
    here = adata.obs_names.isin(stroma.obs_names)
    for column in adata.obs if here.any() else ():
        levels = as_text(adata.obs.loc[here, column]).unique()
        if len(levels) == 1 and ((as_text(adata.obs[column]) == levels[0]).to_numpy() == here).all():
            return f"Or, as they are in the matrix, too, give stroma='{column}={levels[0]}', which sums them."
    return "Or, if the matrix has them, too, give stroma='COLUMN=LEVEL', which sums them."
