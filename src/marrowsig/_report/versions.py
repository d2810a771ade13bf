"""What all lists of an axis that were scored show of one contrast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import words

if TYPE_CHECKING:
    import pandas as pd

AXES = {"emt": "EMT", "il6": "IL-6", "stat3": "STAT3"}
ORDER = ("up", "lowered by inhibitor", "down", "raised by inhibitor", "not established")
AGAINST = ("down", "raised by inhibitor")


def versions(res: pd.DataFrame) -> dict[tuple[str, str, str], str]:
    """Say what all lists of an axis that were scored show of a contrast, by axis, contrast and stratum."""
    out = {}
    own = res[res["estimate"].notna() & res["signature"].astype(str).str.contains(".", regex=False)]
    axes = own["signature"].astype(str).str.partition(".")[0]
    for (axis, contrast, stratum), rows in own.groupby([axes, "contrast", own["stratum"].fillna("")]):
        if len(rows) < 2:
            continue
        told = [words.verdict(row) for row in rows.to_dict("records")]
        against = rows.loc[[one in AGAINST for one in told], "signature"].astype(str)
        named = f" ({words.listing(against)})" if 0 < len(against) < len(rows) else ""
        counts = ", ".join(
            f"{told.count(one)} {one}{named if one in AGAINST else ''}" for one in ORDER if one in told
        )
        name = AXES.get(str(axis), str(axis))
        out[str(axis), str(contrast), str(stratum)] = f"Of {len(rows)} {name} lists: {counts}."
    return out
