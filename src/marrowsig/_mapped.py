"""Copies with current gene names, of the study and of stroma that was grown alone."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from marrowsig._errors import InputError
from marrowsig._provenance import recall

if TYPE_CHECKING:
    from anndata import AnnData


def mapped(adata: AnnData) -> AnnData:
    """Return a copy with current gene names; repeated names, which anndata tells of, are combined."""
    from marrowsig.pp import map_genes

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Variable names are not unique")
        work = adata.copy()
    map_genes(work)
    return work


def mapped_stroma(stroma: AnnData) -> AnnData:
    """Do the same with stroma; its file is named where its rows are no genes."""
    try:
        return mapped(stroma)
    except InputError as error:
        file = recall(stroma, "input", {}).get("file", "")
        msg = (
            f"{file or 'The matrix'}, given as --stroma, cannot be used: {error} Is it a sample sheet? "
            "Give a count table of the stroma grown alone, such as msc_counts.csv."
        )
        raise InputError(msg) from error
