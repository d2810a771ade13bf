"""Copies with current gene names, of the study and of stroma that was grown alone."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from marrowsig._errors import InputError, first
from marrowsig._provenance import recall

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

STROMA_FILE = (
    "Give a count table of the stroma grown alone, such as msc_counts.csv: genes in rows, one column for "
    "each sample of stroma, e.g. a first line 'gene,msc1,msc2,msc3', then 'COL1A1,51200,48310,60112'."
)


def mapped(adata: AnnData) -> AnnData:
    """Return a copy with current gene names; repeated names, which anndata tells of, are combined."""
    from marrowsig.pp import map_genes

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Variable names are not unique")
        work = adata.copy()
    map_genes(work)
    return work


def mapped_stroma(stroma: AnnData, samples: Iterable[str] = ()) -> AnnData:
    """Do the same with stroma; its file is named where its rows are no genes, but `samples` of the study."""
    try:
        return mapped(stroma)
    except InputError as error:
        file = recall(stroma, "input", {}).get("file", "") or "The matrix"
        known = [name for name in map(str, stroma.var_names) if name in set(samples)]
        what = f"cannot be used: {error} Is it a sample sheet?"
        if len(known) > stroma.n_vars / 2:
            what = f"looks like the sample sheet: its rows are samples of the study, {first(known, 3)}."
        msg = f"{file}, given as stroma=, {what} {STROMA_FILE}"
        raise InputError(msg) from error
