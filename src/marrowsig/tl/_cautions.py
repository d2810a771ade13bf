"""What moves scores by itself in a comparison: kept with its result, for the sentences about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._provenance import recall
from marrowsig.tl._composition import unlike_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from anndata import AnnData

    from marrowsig._plan import Plan

KEY = "cautions"


def cautions(adata: AnnData, plans: list[Plan]) -> list[list[str]]:
    """List contrast, stratum and sentence of arms of unlike cells, sums of several days, and thinned counts.

    Contrast and stratum are empty where the sentence is about all rows.
    """
    column, told = unlike_cells(adata, plans)
    lead, rest = f"The arms are made of unlike cells (column {column!r}, ", "), which moves scores by itself"
    found = [[*place, f"{lead}{shares}{rest}"] for place, shares in told.items()]
    summed: dict[str, Any] = recall(adata, "pseudobulk", {})
    if summed.get("several"):
        found.append(["", "", f"Sums add up several levels of {summed['several']}"])
    thinned: dict[str, Any] = recall(adata, "thin", {})
    if thinned:
        found.append(["", "", _thinning(thinned)])
    return found


def of_row(row: Mapping[Any, Any], kept: list[list[str]]) -> list[str]:
    """Sentences for a row of the result."""
    place = (str(row["contrast"]), str(row.get("stratum") or ""))
    return [text for contrast, stratum, text in kept if not contrast or (contrast, stratum) == place]


def kept_with(rows: pd.DataFrame | pd.Series) -> list[list[str]]:
    """Give what a result carries; nothing where it was read from a table."""
    found: list[list[str]] = rows.attrs.get(KEY, [])
    return found


def _thinning(made: dict[str, Any]) -> str:
    few, most = int(made.get("least", 0)), int(made.get("most", 0))
    depth = f"{few:,}" if few == most else f"{few:,} to {most:,}"
    lost = f", 1 of {made['fold']:.1f} that were there" if float(made.get("fold", 1.0)) >= 2 else ""
    alone = "" if few == most else ", alike within the groups that were named alone"
    return f"Rows were thinned to {depth} counts each before they were scored{lost}{alone}"
