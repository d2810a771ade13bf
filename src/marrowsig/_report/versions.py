"""What all lists of an axis that were scored show of one contrast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import words

if TYPE_CHECKING:
    import pandas as pd

AXES = {"emt": "EMT", "il6": "IL-6", "stat3": "STAT3"}
ORDER = ("up", "lowered by inhibitor", "down", "raised by inhibitor", "not established")
OPEN = ORDER[-1]
NAMED = 3  # lists that are written out


def versions(res: pd.DataFrame) -> dict[tuple[str, str, str], str]:
    """Say what all lists of an axis that were scored show of a contrast, by axis, contrast and stratum."""
    out = {}
    own = res[res["estimate"].notna() & res["signature"].astype(str).str.contains(".", regex=False)]
    axes = own["signature"].astype(str).str.split(".", n=1).str[0]
    for (axis, contrast, stratum), rows in own.groupby([axes, "contrast", own["stratum"].fillna("")]):
        if len(rows) < 2:
            continue
        records = rows.to_dict("records")
        told = [(words.verdict(row), str(row["signature"]), row["estimate"]) for row in records]
        counts = [_counted(one, [row for row in told if row[0] == one]) for one in ORDER]
        lists = f"{len(rows)} {AXES.get(str(axis), str(axis))} lists"
        said = ", ".join(filter(None, counts))
        out[str(axis), str(contrast), str(stratum)] = f"Of {lists}, by adj. p as a contrast: {said}."
    return out


def _counted(one: str, found: list[tuple[str, str, float]]) -> str:
    """Count the lists of one verdict, name a few, and say where those that are open tend to."""
    if not found:
        return ""
    said = f"{len(found)} {one}"
    if one == OPEN:
        up = sum(estimate > 0 for _, _, estimate in found)
        return f"{said} ({up} above zero, {len(found) - up} below)"
    return f"{said} ({words.listing(name for _, name, _ in found)})" if len(found) <= NAMED else said
