"""How many genes of each signature the scores of a result rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._provenance import recall

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from anndata import AnnData

HALF = 0.5  # of a list: below it, a sentence names the genes


def with_genes(adata: AnnData, result: pd.DataFrame) -> pd.DataFrame:
    """Add `genes_found` and `genes_listed`, NaN for scores without a record."""
    known: dict[tuple[str, str], tuple[float, float]] = {}
    for method, entry in recall(adata, "scores", {}).items():
        rows: pd.DataFrame | None = entry.get("coverage")
        if rows is None:
            continue  # a table of scores alone
        known |= {
            (str(method), str(id)): (float(found), float(listed))
            for id, found, listed in zip(rows["signature"], rows["found"], rows["listed"], strict=True)
        }
    keys = zip(result["method"], result["signature"], strict=True)
    numbers = [known.get((str(method), str(id)), (np.nan, np.nan)) for method, id in keys]
    result[["genes_found", "genes_listed"]] = np.array(numbers).reshape(-1, 2)
    return result


def few_genes(row: Mapping[Any, Any]) -> str:
    """Write the genes measured, where they are less than half of the list; else an empty text."""
    found, listed = (float(row.get(name, np.nan)) for name in ("genes_found", "genes_listed"))
    return f"{found:.0f} of {listed:.0f}" if found < HALF * listed else ""
