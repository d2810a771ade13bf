"""Lanes, pools and batches that are the arms themselves, or a line or culture, of several donors each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._arms import as_text
from marrowsig._errors import first

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._arms import Arms
    from marrowsig.design import Design

_LANE = re.compile(
    r"^(?:(?:10x|seq(?:uencing)?|library|gem|hash(?:ing)?|capture)[\s._-]?)?"
    r"(?:lane|pool|library|plate|batch|run|chip|channel|flow[\s._-]?cell|gem[\s._-]?well)(?:e?s)?"
    r"(?:[\s._-]?(?:id|no|nr|number|name))?$",
    re.IGNORECASE,
)
_OF_CELLS = re.compile(r"^(?:orig\.ident|sample|library)s?(?:[\s._-]?(?:id|name))?$", re.IGNORECASE)
"""Names of lanes where rows are sums of cells; of bulk samples they may name the arm."""
FACTORS = ("culture", "line", "inhibitor")


def lane_is_arm(design: Design, obs: pd.DataFrame, arms: Arms) -> list[str]:
    """Say of one column that each arm of several rows is a level of it by itself; empty if none is so.

    Or each line, culture or drug: then contrasts between these cannot be told from lanes, others can.
    """
    used, frame = set(design.columns.values()), arms.frame
    rows = frame.groupby(["arm", "stratum"]).size().groupby("arm").max()
    if len(rows) < 2 or rows.min() < 2:
        return []
    for column in (str(c) for c in obs.columns if c not in used):
        lane = bool(_LANE.search(column))
        if not (lane or ("n_cells" in obs and _OF_CELLS.search(column))):
            continue
        level = as_text(obs[column]).iloc[frame["row"]].reset_index(drop=True)
        if told := _one_each(frame["arm"], level):
            msg = (
                f"Each arm is one level of {column!r} by itself ({told}): what these differ by, such as "
                "capture or sequencing, cannot be told from what the arms do, and no model can part them."
            )
            return [msg]
        for field in [f for f in FACTORS if lane and f in frame]:
            if told := _one_each(frame[field], level):
                msg = (
                    f"Each level of {design.columns[field]!r} is one level of {column!r} by itself ({told}): "
                    "what these differ by, such as capture or sequencing, cannot be told from what "
                    f"{design.columns[field]!r} does. Contrasts within one of its levels are not touched."
                )
                return [msg]
    return []


def _one_each(of: pd.Series, level: pd.Series) -> str:
    """Say which level of a column each arm, or level of a factor, is; empty unless one is one."""
    if level.isna().any() or of.isna().any() or of.nunique() < 2 or level.nunique() != of.nunique():
        return ""
    if level.groupby(of).nunique().max() > 1:
        return ""
    return first((f"{name} is {lane}" for name, lane in dict(zip(of, level, strict=True)).items()), 3)
