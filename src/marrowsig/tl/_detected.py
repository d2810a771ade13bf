"""How many of a signature's genes are not zero in every row: found in the matrix is not expressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._errors import first
from marrowsig._source import in_memory

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets

MOST_ROWS = 2_000
FEWEST, HALF = 5, 0.5  # genes of a list, and the share of them, from which on silence is told


def detected(x: Any, sets: Sets) -> NDArray[np.float64]:
    """Count by signature the genes with a value other than 0 in some row; NaN where that takes too long."""
    if not in_memory(x) or x.shape[0] > MOST_ROWS:
        return np.full(len(sets), np.nan)
    unique, place = np.unique(sets.idx, return_inverse=True)
    own = x[:, unique]
    some = (
        np.asarray((own != 0).sum(axis=0)).ravel() > 0
        if issparse(own)
        else (np.asarray(own) != 0).any(axis=0)
    )
    return np.array(
        [some[place[a:b]].sum() for a, b in zip(sets.ptr[:-1], sets.ptr[1:], strict=True)], dtype=np.float64
    )


def silent(coverage: pd.DataFrame, enough: NDArray[np.bool_], *, sums: bool) -> list[str]:
    """Name scored signatures at least half of whose measured genes are zero in every row.

    In `sums` of few cells genes are zero for want of reads: no filter is advised for them.
    """
    own = coverage[enough & (coverage["found"] >= FEWEST).to_numpy()]
    own = own[own["detected"] <= HALF * own["found"]]
    if own.empty:
        return []
    told = first(
        f"{row['signature']} {row['found'] - row['detected']:.0f} of {row['found']}"
        for row in own.to_dict("records")
    )
    msg = (
        f"Genes that are zero in every row, of those measured: {told}. Such a score says little of its list."
    )
    call = "ms.pp.expressed(adata, design) leaves out what a study does not express."
    return [msg if sums else f"{msg} {call}"]
