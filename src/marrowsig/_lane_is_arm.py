"""Lanes, pools and batches that are the arms themselves, though every arm has several donors."""

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


def lane_is_arm(design: Design, obs: pd.DataFrame, arms: Arms) -> list[str]:
    """Say of one column that each arm of several rows is a level of it by itself; empty if none is so."""
    used, frame = set(design.columns.values()), arms.frame
    rows = frame.groupby(["arm", "stratum"]).size().groupby("arm").max()
    if len(rows) < 2 or rows.min() < 2:
        return []
    for column in (str(c) for c in obs.columns if c not in used):
        if not (_LANE.search(column) or ("n_cells" in obs and _OF_CELLS.search(column))):
            continue
        level = as_text(obs[column]).iloc[frame["row"]].reset_index(drop=True)
        each = level.groupby(frame["arm"]).nunique()
        if level.isna().any() or each.max() > 1 or level.nunique() != len(each):
            continue
        seen = dict(zip(frame["arm"], level, strict=True))
        told = first((f"{arm} is {lane}" for arm, lane in seen.items()), 3)
        msg = (
            f"Each arm is one level of {column!r} by itself ({told}): what these differ by, such as capture "
            "or sequencing, cannot be told from what the arms do, and no model can part them."
        )
        return [msg]
    return []
