"""A drug in the column of the culture: what is said of it where rows are cells, and by the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import warn_once
from marrowsig._joined_levels import joined
from marrowsig._provenance import recall

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from marrowsig.design import Design

JOINED = "joined"
"""Where sums note the column of culture and drug: the rows with the drug are no part of them."""


def warn_of_joined(design: Design, obs: pd.DataFrame, *, stacklevel: int = 3) -> str:
    """Warn of a culture that holds drugs that are left out, and return its column; "" for others."""
    told = joined(design, obs)
    for text in told:
        warn_once(text, of=tuple(obs.index), stacklevel=stacklevel)
    return str(design.culture) if told else ""


def drug_apart(adata: AnnData, design: Design) -> str:
    """Say what a reversal needs where the drug stands in the column of the culture; "" where it does not."""
    column = str(recall(adata, JOINED, "") or (design.culture if joined(design, adata.obs) else ""))
    if not column:
        return ""
    return f"the drug of {column!r} in a column of its own: ms.Design(culture=..., inhibitor=...)"
