"""What the shares of stroma give of a contrast, against the limit of its interval nearer to zero."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def enough(row: Mapping[str, Any], near: float) -> str:
    """Say what the shares give of the estimate where this reaches the limit `near` of its interval."""
    share, whole = f"{100 * row['share']:.2f} % at most", f"{row['estimate']:.2g} as scored"
    return (
        f"The shares estimated, {share}, by themselves give {row['carried']:.2g} of the {whole}, "
        f"and its interval begins nearer to zero, at {math.copysign(near, row['estimate']):.2g}"
    )


def near_zero(row: Mapping[str, Any], sign: float, prefix: str = "") -> float:
    """End of the interval that is nearer to zero, as a distance towards the contrast's own side."""
    return sign * float(row[f"{prefix}ci_low"] if sign > 0 else row[f"{prefix}ci_high"])
