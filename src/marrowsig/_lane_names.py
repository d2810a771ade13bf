"""Samples whose names differ by a lane alone: `a_L001` and `a_L002`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LANE = re.compile(r"[_. -](?:L|lane)[_. -]?0*\d{1,2}$", re.IGNORECASE)


def named_as_lanes(names: Sequence[str], arms: Sequence[str | float]) -> list[list[int]]:
    """Rows of one arm with the same name but for the lane; `arms` holds the arm of each, NaN for none.

    >>> named_as_lanes(["a_L1", "b_L1", "a_L2"], ["co", "co", "co"])
    [[0, 2]]
    """
    found: dict[tuple[str, str], list[int]] = {}
    for row, (name, arm) in enumerate(zip(names, arms, strict=True)):
        library = LANE.sub("", name)
        if isinstance(arm, str) and library and library != name:
            found.setdefault((arm, library), []).append(row)
    return [rows for rows in found.values() if len(rows) > 1]
