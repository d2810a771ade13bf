"""What the shares of stroma give of a contrast, and whether there is stroma in its co-cultures at all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from marrowsig._errors import first
from marrowsig._rounded import percent

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


def grown_without(row: Mapping[str, Any]) -> bool:
    """Whether no arm of a contrast holds stroma, so that its score cannot be stroma's RNA."""
    return bool(row["share_up"] == 0 and row["carried"] == 0)


def share_limits(found: Found, study: Study, plan: Plan) -> tuple[float, float, float]:
    """Largest share of the co-cultures of a contrast, lower limit of most of an arm, largest upper limit.

    The lower limit is 0 where stroma is shown in half of the co-cultures of every arm or in fewer: of few
    reads, one sample of four often has a limit above 0 without any stroma, and three hardly ever.
    """
    if math.isnan(found.upper[plan.stratum]):
        return math.nan, math.nan, math.nan
    own = found.table[found.table["arm"].isin(plan.contrast.weights)]
    own = own[(own["stratum"] == plan.stratum) & own["arm"].isin(study.arm_bases(plan.stratum))]
    if own.empty:
        return 0.0, 0.0, 0.0
    low = own.groupby("arm")["share_low"].quantile(0.5, interpolation="lower").max()
    return float(own["share"].max()), float(low), float(own["share_high"].max())


def enough(row: Mapping[str, Any]) -> str:
    """Say what the shares give of the estimate where this reaches the smallest change of its interval.

    >>> row = {"carried": 0.0094, "estimate": 0.0087, "ci_low": 0.004, "ci_high": 0.0134}
    >>> enough({**row, "share": 0.035, "share_low": 0.03})[78:123]
    'by itself gives 0.0094, all of the 0.0087 as '
    """
    most = f"{100 * row['share']:.2f} % of the RNA in the co-culture with most of it"
    whole = ", all" if abs(row["carried"]) >= abs(row["estimate"]) else ""
    told = (
        f"arry-over as estimated ({most}) by itself gives {row['carried']:.2g}{whole} of the "
        f"{row['estimate']:.2g} as scored: as much as {smallest(row)}, or more"
    )
    if row["share_low"] > 0:
        return f"C{told}"
    up = f"{100 * row['share_up']:.2f} %"
    return f"No stroma is shown in most of the co-cultures, but one may hold up to {up}: c{told}"


def smallest(row: Mapping[str, Any], prefix: str = "") -> str:
    """Name the end of the interval that is nearer to zero.

    >>> smallest({"estimate": -0.1, "ci_low": -0.17, "ci_high": -0.03})
    'the smallest change that its interval allows (-0.03)'
    """
    near = near_zero(row, 1.0 if row["estimate"] >= 0 else -1.0, prefix)
    return f"the smallest change that its interval allows ({math.copysign(near, row['estimate']):.2g})"


def in_one_arm(row: Mapping[str, Any]) -> str:
    """Say that carry-over as estimated cannot explain it, and which share would in one arm alone."""
    against = " (it works in the other direction)" if row["carried"] * row["estimate"] < 0 else ""
    return f"carry-over as estimated cannot explain it{against}, but {one_arm(row)}"


def one_arm(row: Mapping[str, Any]) -> str:
    """Say which share in one arm would be enough, beside what its co-cultures may hold.

    >>> row = {"estimate": 0.1, "ci_low": 0.05, "tipping": 0.00081, "share_up": 0.014}
    >>> one_arm(row).partition(" would ")[0]
    '0.081 % of carried-over RNA in one arm and none in the other'
    >>> one_arm(row | {"tipping": 0.0214, "tipping_from": 0.0212}).partition(" would ")[0]
    '2.14 % of carried-over RNA in one arm, where 2.12 % is estimated, and in the other as estimated,'
    >>> one_arm(row).partition(", and ")[2]
    'one of its co-cultures may hold up to 1.4 %'
    """
    up = percent(row["share_up"])
    told = f"{_shares(row)} would give {smallest(row)}, and"
    if row["tipping"] > row["share_up"]:
        return f"{told} that is less than three times the {up} that one of its co-cultures may hold"
    return f"{told} one of its co-cultures may hold up to {up}"


def _shares(row: Mapping[str, Any]) -> str:
    """Name the share that is enough and, where the other arm holds stroma, too, from which it is reckoned."""
    share, held = float(row["tipping"]), float(row.get("tipping_from", 0.0))
    if not held > 0:
        return f"{percent(share)} of carried-over RNA in one arm and none in the other"
    digits = next((n for n in range(2, 5) if percent(share, n) != percent(held, n)), 5)
    return (
        f"{percent(share, digits)} of carried-over RNA in one arm, where {percent(held, digits)} is "
        "estimated, and in the other as estimated,"
    )


def near_zero(row: Mapping[str, Any], sign: float, prefix: str = "") -> float:
    """End of the interval that is nearer to zero, as a distance towards the contrast's own side."""
    return sign * float(row[f"{prefix}ci_low"] if sign > 0 else row[f"{prefix}ci_high"])
