"""What a run says of a library of few counts that is no failed one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import first

if TYPE_CHECKING:
    from anndata import AnnData

FEW = 0.25
"""Part of the median counts below which a library is named."""


def of_counts(adata: AnnData) -> str:
    """Name samples, not sums of cells, with less than a quarter of the median counts; empty without."""
    from marrowsig._failed import SHALLOW
    from marrowsig.tl._claims_poorest import counts_before

    total = counts_before(adata)
    if total is None or "n_cells" in adata.obs or not len(total):
        return ""
    middle = float(np.median(total))
    few = np.flatnonzero((total < FEW * middle) & (total >= SHALLOW * middle))
    if not few.size:
        return ""
    named = first(f"{adata.obs_names[i]} ({total[i]:,.0f})" for i in few)
    return (
        f"Few counts: {named}; the median is {middle:,.0f}. Fewer counts move ranks and scores a little: see "
        "whether what rests on it holds without it (--leave-out)."
    )
