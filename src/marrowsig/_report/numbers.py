"""Every contrast in numbers, one folded table per contrast, stratum and method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import tables
from marrowsig._report.elements import Fold, Section, Words

if TYPE_CHECKING:
    from marrowsig._report.elements import Given


def section(given: Given) -> Section:
    """List the tables behind the answer."""
    keys = [k for k in ("method", "contrast", "stratum") if k in given.res]
    empty = given.res["estimate"].isna().groupby([given.res[k].astype(str) for k in keys]).transform("all")
    folds = [
        Fold(table.caption.split(":")[0], [table])
        for table in tables.numbers(given.res[~empty], alpha=given.alpha)
    ]
    none = tables.numbers(given.res[empty], alpha=given.alpha)
    folds += [Fold(f"Without an estimate: {len(none)}", none)] if none else []
    lead = Words(
        "One table per contrast and method, with every signature. Open those you need. The effect is Hedges' "
        "g, or g_z (per SD of the within-pair difference) where it says so; the interval is that of the true "
        "effect, without Hedges' factor, and not placed around the estimate. Detectable is the effect that "
        f"the design finds with power 0.8 at an unadjusted {given.alpha:g}. A permutation p stands where its "
        f"smallest possible value is {given.alpha:g} or less, else that value. n are the rows of the model "
        "on either side, in pairs only those that have a partner.",
        soft=True,
    )
    return Section("numbers", "Every contrast in numbers", [lead, *folds])
