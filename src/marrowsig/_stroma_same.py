"""Stroma that is the very table that is scored: told, with how its rows of stroma are named instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._arms import as_text
from marrowsig._errors import InputError, count, first
from marrowsig._provenance import recall
from marrowsig._unlike import looks_like

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design


def require_other(
    stroma: AnnData | str | None, adata: AnnData, design: Design | FormulaDesign | None = None
) -> None:
    """Raise if `stroma`, which should have been grown alone, holds most samples of the study `adata`.

    Stroma that is in both tables is no fault: the study may have its rows, outside of the design.
    """
    if stroma is None or isinstance(stroma, str):
        return
    both = [name for name in map(str, adata.obs_names) if name in set(map(str, stroma.obs_names))]
    if len(both) <= adata.n_obs / 2 or not adata.obs_names.is_unique or not stroma.obs_names.is_unique:
        return
    if not (adata.var_names.is_unique and stroma.var_names.is_unique):
        return
    genes = adata.var_names.intersection(stroma.var_names)
    if len(genes) < adata.n_vars / 2:
        return
    if not np.allclose(_row(adata, both[0], genes), _row(stroma, both[0], genes)):
        return  # other samples of the same names, such as 1, 2, 3
    file = str(recall(stroma, "input", {}).get("file", "")) or "AnnData"
    msg = (
        f"{file}, given as stroma=, is the table that is scored: it holds {len(both)} of the "
        f"{count(adata.n_obs, 'sample')} of the study ({first(both, 3)}), with the same numbers. "
        f"{_advice(stroma, adata, design)}"
    )
    raise InputError(msg)


def _row(adata: AnnData, name: str, genes: pd.Index) -> NDArray[np.float64]:
    row: Any = adata[name, genes].X
    return np.asarray(row.toarray() if sparse.issparse(row) else row, dtype=np.float64).ravel()


def _advice(stroma: AnnData, adata: AnnData, design: Design | FormulaDesign | None) -> str:
    """Name the rows of stroma by a column of the sheet; those that it does not list have to be there."""
    culture = getattr(design, "culture", None)
    co = as_text(adata.obs[culture]).eq(getattr(design, "co", "")) if culture else None
    for column in adata.obs:
        values = as_text(adata.obs[column])
        for level in values.dropna().unique():
            if looks_like(level) != "stroma" or (column == culture and level == getattr(design, "mono", "")):
                continue
            own = values.eq(level)
            if co is not None and (co[own].all() or own[co].all()):
                continue  # cells on stroma, such as 'on MSC', not stroma grown alone
            return f"Name its rows of stroma by their column of the sample sheet: stroma='{column}={level}'."
    known = set(map(str, adata.obs_names))
    unlisted = [name for name in map(str, stroma.obs_names) if name not in known]
    if unlisted:
        level, place = ("MSC alone", culture) if culture else ("LEVEL", "COLUMN")
        return (
            f"If what the sheet does not list ({first(unlisted, 3)}) is stroma grown alone, add rows for it "
            f"to the sheet, with {level!r} in {place!r}, and give stroma='{place}={level}'; or save it as a "
            "table of its own and give that as stroma=."
        )
    return (
        "Say in a column of the sample sheet which rows are stroma, and give stroma='COLUMN=LEVEL'; "
        "if it has no stroma, leave stroma= out."
    )
