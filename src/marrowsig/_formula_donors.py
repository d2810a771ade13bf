"""How many donors of a formula hold the arms of a contrast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from marrowsig._contrasts import Contrast


def in_both_sides(donors: pd.Series, frame: pd.DataFrame, contrast: Contrast) -> int:
    """Count the donors that hold both sides, in the arm that has fewest of them."""
    held = _held(donors, frame)
    above, below = ([a for a, w in contrast.weights.items() if s * w > 0] for s in (1, -1))
    both = held[above].any(axis=1) & held[below].any(axis=1)
    return min((int((held[arm] & both).sum()) for arm in contrast.weights), default=0)


def in_four_arms(donors: pd.Series, frame: pd.DataFrame, contrast: Contrast) -> int:
    """Count the donors that hold all arms of a contrast of four; 0 of another."""
    arms = list(contrast.weights)
    return int(_held(donors, frame)[arms].all(axis=1).sum()) if len(arms) == 4 else 0


def _held(donors: pd.Series, frame: pd.DataFrame) -> pd.DataFrame:
    """Tell which donors (rows) hold which arms."""
    return pd.crosstab(donors.to_numpy(), frame["arm"].to_numpy()) > 0
