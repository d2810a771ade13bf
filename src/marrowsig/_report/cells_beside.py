"""Sums of cells beside the rest of a page: which family their p is of, and whose sign is another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from marrowsig._provenance import recall
from marrowsig._report import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marrowsig._report.elements import Given
    from marrowsig.tl.compare_cells import CellComparison

FAMILIES = (
    "Adjusted p of this section are over the tests of one route alone, in the family that the table names; "
    "those of The answer may be over another family, so one contrast can have two."
)


def family(row: Mapping[str, Any]) -> str:
    """Name the family of an adjusted p, and how it was adjusted."""
    if not math.isfinite(row["p_adj"]):
        return ""
    of = "of the primary family" if "primary" in str(row["family"]) else "of this contrast"
    return f"{row['adjustment']} over {words.count(int(row['family_size']), 'test')} {of}"


def turned_signs(found: CellComparison, given: Given) -> str:
    """Say which contrasts have another sign here, where sums were thinned, than on the rest of the page."""
    units = found.units[~found.units["dropped"].astype(bool)]
    if recall(given.adata, "thin") is not None or not (units["thinned_to"] < units["n_counts"]).any():
        return ""
    keys = ["signature", "contrast", "stratum", "method"]
    here = found.table[found.table["route"] == "pseudobulk"]
    both = here.merge(given.res, on=keys, suffixes=("", "_whole"))
    both = both[both["estimate"] * both["estimate_whole"] < 0]
    told = [
        f"{row['signature']}, {row['contrast']}{' in ' + row['stratum'] if row['stratum'] else ''}: "
        f"{' here and '.join(words.numbers(row['estimate'], row['estimate_whole']))} there "
        f"({row['verdict']}; {row['verdict_whole']})"
        for row in both.to_dict("records")
        if {row["verdict"], row["verdict_whole"]} != {"not established"}
    ]
    if not told:
        return ""
    return (
        "The sums of this section were thinned to one depth, those of the rest of the page were not, and "
        f"they differ in sign: {'; '.join(told)}. Depth alone can do that: thin the sums with ms.pp.thin "
        "before they are scored, or go by this section."
    )
