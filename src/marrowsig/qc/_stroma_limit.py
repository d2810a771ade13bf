"""What the shares of stroma give of a contrast, and whether there is stroma in its co-cultures at all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from marrowsig._errors import first

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from marrowsig._plan import Plan
    from marrowsig.qc._stroma_shares import Found
    from marrowsig.qc._stroma_study import Study

LONE = "cannot tell: one sample alone"
"""Reading of a share of few counts whose line has one sample alone, by which the markers were chosen."""


def lone_told(table: pd.DataFrame) -> str:
    """Say in which samples stroma cannot be shown, and what to do; nothing where there are none."""
    names = table.loc[table["reading"] == LONE, "sample"].tolist()
    if not names:
        return ""
    return (
        f"Stroma cannot be shown in {len(names)} of {len(table)} samples ({first(names)}): they have "
        "few counts, and the markers were chosen by the one sample grown alone beside them. Grow two or more "
        "alone, or name genes with markers=."
    )


def share_limits(found: Found, study: Study, plan: Plan) -> tuple[float, float, float]:
    """Largest share of the co-cultures of a contrast, lower limit of most of an arm, largest upper limit.

    The lower limit is 0 where stroma is shown in half of the co-cultures of every arm or in fewer: of few
    reads, one sample of four often has a limit above 0 without any stroma, and three hardly ever.
    """
    own = found.table[found.table["arm"].isin(plan.contrast.weights)]
    own = own[(own["stratum"] == plan.stratum) & own["arm"].isin(study.arm_bases(plan.stratum))]
    if own.empty:
        return 0.0, 0.0, 0.0
    low = own.groupby("arm")["share_low"].quantile(0.5, interpolation="lower").max()
    return float(own["share"].max()), float(low), float(own["share_high"].max())


def enough(row: Mapping[str, Any], near: float) -> str:
    """Say what the shares give of the estimate where this reaches the limit `near` of its interval."""
    share, whole = f"{100 * row['share']:.2f} % at most", f"{row['estimate']:.2g} as scored"
    told = (
        f"he shares estimated, {share}, by themselves give {row['carried']:.2g} of the {whole}, "
        f"and its interval begins nearer to zero, at {math.copysign(near, row['estimate']):.2g}"
    )
    if row["share_low"] > 0:
        return f"T{told}"
    up = f"{100 * row['share_up']:.2f} %"
    return f"No stroma is shown in most of the co-cultures, but up to {up} may be there: t{told}"


def in_one_arm(row: Mapping[str, Any]) -> str:
    """Say that the shares estimated cannot explain it, and which share would in one arm alone.

    >>> row = {"estimate": 0.1, "carried": -0.01, "tipping": 0.00081, "share_up": 0.014}
    >>> in_one_arm(row).partition(", but ")[2]
    'its co-cultures may hold up to 1.4 %, and 0.081 % in one arm alone would be enough'
    """
    against = row["carried"] * row["estimate"] < 0
    lead = "the shares estimated cannot explain it"
    lead += " (they work in the other direction)" if against else ""
    share, up = (f"{100 * row[name]:.2g} %" for name in ("tipping", "share_up"))
    if row["tipping"] > row["share_up"]:
        less = f"less than three times the {up} that its co-cultures may hold"
        return f"{lead}, but {share} in one arm alone would, {less}"
    return f"{lead}, but its co-cultures may hold up to {up}, and {share} in one arm alone would be enough"


def near_zero(row: Mapping[str, Any], sign: float, prefix: str = "") -> float:
    """End of the interval that is nearer to zero, as a distance towards the contrast's own side."""
    return sign * float(row[f"{prefix}ci_low"] if sign > 0 else row[f"{prefix}ci_high"])
