"""A line on the genes that no arm expresses, where a run kept them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from marrowsig._errors import DesignError, InputError, InputWarning
from marrowsig._provenance import recall

if TYPE_CHECKING:
    from marrowsig._run import Run

FEW = 0.05
"""A smaller share of all genes is not worth a line."""
BY_RANKS = {"singscore", "ucell", "aucell", "ssgsea", "gsva"}


def of_silent(done: Run) -> str:
    """Say how many genes `--expressed` would leave out; nothing for sums of cells, without counts, of few."""
    from marrowsig.pp import expressed

    adata = done.adata
    if done.design is None or recall(adata, "expressed") or not BY_RANKS & set(recall(adata, "scores", {})):
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)
            kept = expressed(adata, done.design, copy=True)
    except (InputError, DesignError):
        return ""
    n = adata.n_vars - (adata.n_vars if kept is None else kept.n_vars)
    if n < FEW * adata.n_vars:
        return ""
    return (
        f"{n:,} of {adata.n_vars:,} genes are expressed in no arm and were kept, which can move scores. "
        "--expressed leaves them out: settle on one way before you look at results, and report which."
    )
