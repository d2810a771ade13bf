"""Verbs that rewrite a matrix, and so cannot be run on one that stays in its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import InputError

if TYPE_CHECKING:
    from anndata import AnnData


def refuse_file(adata: AnnData, verb: str) -> None:
    """Raise if the matrix is on disk (backed), and say what goes without `verb`, and what with."""
    if adata.isbacked:
        msg = (
            f"The matrix is on disk (backed), and {verb} would rewrite it. ms.pp.pseudobulk reads a file by "
            f"rounds of rows: sum first, then {verb} the sums; scores of cells by ranks (ucell, aucell, "
            f"singscore) need no {verb}. Otherwise use adata = adata.to_memory()."
        )
        raise InputError(msg)
