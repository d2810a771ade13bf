"""What a point of the figures of scores is: a sample, a sum of cells, or what the design calls a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._provenance import recall
from marrowsig._repeats import is_formula
from marrowsig._report.cells_summed import per
from marrowsig._report.people import counted, people_of

if TYPE_CHECKING:
    from marrowsig._report.elements import Given


def point(given: Given) -> str:
    """Name what one point is, with how many patients there are where pairs are called after them."""
    total = counted(given.design, people_of(given))
    if recall(given.adata, "pseudobulk", {}):
        of = ", ".join(filter(None, [f"per {per(given.adata, given.design)}", total]))
        return f"sum of cells ({of})"
    if total or is_formula(given.design):
        return f"sample ({total})" if total else "sample"
    return f"level of {given.design.unit!r}" if given.design.unit else "sample"
