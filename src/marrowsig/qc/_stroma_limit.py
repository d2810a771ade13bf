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
    """Answer both questions: what the shares as estimated give, and what would if one arm alone had any.

    >>> row = {"estimate": 0.1, "carried": -0.01, "tipping": 0.03, "tipping_ratio": 2.0}
    >>> in_one_arm(row).partition(", but ")[0]
    'as estimated, carry-over works in the other direction'
    """
    against = row["carried"] * row["estimate"] < 0
    lead = "works in the other direction" if against else "does not suffice"
    share = f"{100 * row['tipping']:.2g} % of carried RNA in one arm alone"
    times = f"{row['tipping_ratio']:.2g} times the largest share that samples may hold"
    return f"as estimated, carry-over {lead}, but {share} would give the limit nearer to zero, {times}"


def near_zero(row: Mapping[str, Any], sign: float, prefix: str = "") -> float:
    """End of the interval that is nearer to zero, as a distance towards the contrast's own side."""
    return sign * float(row[f"{prefix}ci_low"] if sign > 0 else row[f"{prefix}ci_high"])
