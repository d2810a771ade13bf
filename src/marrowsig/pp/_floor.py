"""The floor of array signal with negative values: how many values lie on it, and what that does."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

MANY = 0.05
"""Share of values on a floor that nobody chose from which it is told."""


def at_floor(values: Any, floor: float) -> float:
    """Share of values (n_obs, n_vars) that are no larger than the floor."""
    stored = values.data if sparse.issparse(values) else np.asarray(values)
    low = int((stored <= floor).sum())
    size = values.shape[0] * values.shape[1]
    return (low + size - stored.size) / size  # zeros that are not stored are below any floor


def told_floor(share: float, floor: float) -> str:
    """Say what a floor that nobody chose did to many values; empty where they are few."""
    if share <= MANY:
        return ""
    return (
        f"{share:.0%} of the values are not above {floor:g} and were raised to it, the default floor of "
        "array signal with negative values. Noise between the floor and 100 then makes changes of several "
        "log2 units, and changes and p values depend on the floor. Of MAS5-like signal 20 or 100 is usual: "
        "choose one before you look at results, ms.pp.lognorm(adata, floor=20), and see whether another "
        "one changes them."
    )
