"""Single cells: the sums are the result; means and shares of cells stand beside them, with their depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import frames, words
from marrowsig._report.cells_beside import FAMILIES, family, turned_signs
from marrowsig._report.elements import Caution, Fold, Section, Sentences, Words
from marrowsig.pl._overview_labels import in_levels

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._report.elements import Given, Part
    from marrowsig.tl.compare_cells import CellComparison

READING = (
    "The result is that of the sums: counts of all cells of a unit and arm, added up, thinned to one depth "
    "where arms differ in it, then scored and compared. The mean score of a unit's cells and the share "
    "of cells above a threshold check it; both move with the depth of cells alone, and are not judged where "
    "arms differ more than 1.25 times in counts per cell. The unit is the replicate in all of them, and no p "
    "comes from cells. Cliff's delta describes how far single cells of two arms lie apart, from -1 to 1."
)
ROUTES = {
    "pseudobulk": "sum of cells (the result)",
    "cell_mean": "mean of cell scores",
    "cell_share": "share of cells, arcsine",
    "cell_effect": "Cliff's delta of cells",
}
SAID = {"pseudobulk": "the sums", "cell_mean": "the means"}
COLUMNS = {
    "signature": "signature",
    "contrast": "contrast",
    "stratum": "stratum",
    "by": lambda row: ROUTES.get(row["route"], row["route"]),
    "verdict": "verdict",
    "estimate [95 % CI]": frames.span("estimate"),
    "effect": lambda row: frames.value("effect", row["effect"]),
    "effect is": "effect_name",
    "p": "p",
    "adj. p": "p_adj",
    "adjusted by": family,
    "depth ratio": "depth_ratio",
    "agreement": "agree",
}
UNITS = {
    "unit": "unit",
    "arm": "arm",
    "stratum": "stratum",
    "cells": "n_cells",
    "counts": "n_counts",
    "median counts per cell": "median_depth",
    "scored on counts": "thinned_to",
    "left out": "reason",
}


def section(given: Given) -> Section | None:
    """Sentences on agreement, then routes, then units with their cells and depth."""
    found: CellComparison | None = given.extras.get("cells")
    if found is None:
        return None
    units = found.units
    thin = units[units["dropped"].astype(bool)]
    lead = (
        f"{words.count(int(units['n_cells'].sum()), 'cell')} in {len(units)} sums of a unit and arm; "
        f"{len(units) - len(thin)} are used."
    )
    parts: list[Part] = [Words(lead), Words(READING, soft=True)]
    if len(thin):
        parts.append(Caution(f"Left out: {'; '.join(_left_out(thin))}."))
    if told := turned_signs(found, given):
        parts.append(Caution(told))
    parts.append(Words("Sums of cells beside the means of cells:"))
    parts.append(Sentences(_agreement(found.table, given)))
    parts.append(Words(FAMILIES, soft=True))
    routes = "Sums, means and shares of cells side by side"
    beside = found.table.sort_values(["stratum", "contrast", "signature"], kind="stable")
    parts.append(Fold(routes, [frames.table(routes, beside, COLUMNS)]))
    caption = "Cells and depth of every unit"
    parts.append(Fold(caption, [frames.table(caption, units, UNITS)]))
    return Section("cells", "Sums of cells, and single cells", parts)


def _left_out(thin: pd.DataFrame) -> list[str]:
    """Name the sums that are left out, with their kind of cells, and why.

    >>> import pandas as pd
    >>> row = {"unit": "d4", "arm": "MSC", "stratum": "cells=T", "n_cells": 18}
    >>> _left_out(pd.DataFrame([{**row, "reason": "18 cells, fewer than min_cells=20"}]))
    ['d4 MSC T (18 cells, fewer than min_cells=20)']
    """
    found = []
    for row in thin.to_dict("records"):
        what = " ".join(filter(None, [str(row["unit"]), str(row["arm"]), in_levels(str(row["stratum"]))]))
        n, why = f"{int(row['n_cells']):,} cells", str(row["reason"])
        found.append(f"{what} ({why if why.startswith(n) else f'{n}: {why}'})")
    return found


def _agreement(table: pd.DataFrame, given: Given) -> list[str]:
    """Say per main signature and contrast whether sums and means of cells agree."""
    own = table[
        (table["route"] == "pseudobulk") & table["signature"].isin(given.named) & table["agree"].ne("")
    ]
    at = own["contrast"].astype(str) + [f" in {s}" if s else "" for s in own["stratum"].astype(str)]
    said = own["agree"].replace({f"only {route}": f"only {word}" for route, word in SAID.items()}, regex=True)
    together = own["signature"].astype(str).groupby([at, said], sort=False).agg(list)
    return [f"{words.listing(sigs)}, {where}: {text}." for (where, text), sigs in together.items()]
