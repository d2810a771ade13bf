"""What a run says of the cell types in its sums: other shares in co-culture, and lymphoid cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

LYMPHOID = re.compile(r"(?:CD[48]\+?[ _-]?)?(?:T|NK|B|CTL|plasma)(?:[ _-]?cells?)?$", re.IGNORECASE)
FEW = 0.01
"""Share of the cells of the sums below which types are not told of."""

_HELD = re.compile(r"\(column '(?P<column>.*?)', (?P<shares>.*)\), and the score")


def of_types(res: pd.DataFrame) -> str:
    """Say which types are more or fewer in co-culture, by contrast, and how to ask within types."""
    from marrowsig.tl._cautions import SHARES_DIFFER, kept_with

    found: dict[str, str] = {}
    column = ""
    for contrast, _, text, *of in kept_with(res):
        held = _HELD.search(text) if not of and text.startswith(SHARES_DIFFER) else None
        if held is not None and contrast.startswith("co_"):
            column = held["column"]
            found[held["shares"]] = contrast
    if not found:
        return ""
    return (
        f"Cell types have other shares in co-culture: {'; '.join(found)}. A score of the sums may move "
        f"by that alone: ask within types, too (--compartment {column})."
    )


def of_other_cells(adata: AnnData) -> str:
    """Say which types of the sums are no myeloid leukaemia, where claims are about leukaemia cells."""
    import numpy as np

    from marrowsig._cell_types import kept

    found = kept(adata)
    if found is None:
        return ""
    column, types, shares = found
    mean = np.nanmean(shares, axis=0) if np.isfinite(shares).any() else np.zeros(len(types))
    told = {
        name: share for name, share in zip(types, mean, strict=True) if LYMPHOID.match(name) and share >= FEW
    }
    if not told:
        return ""
    each = ", ".join(f"{name} {100 * share:.2g} %" for name, share in told.items())
    return (
        f"The sums hold cells that are no myeloid leukaemia by their name in {column!r}: {each} on average. "
        f"Leave them out: --keep '{column}!={','.join(told)}' (the words of the column)."
    )
