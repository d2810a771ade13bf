"""Limits of a share from a sample beside its control, on markers chosen without that control."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array


def share_beside(more: Array, stroma: Array, *, alpha: float = 0.05) -> tuple[float, float] | None:
    """Return the ends of {f: |sum(more - f stroma)| <= z sqrt(sum((more - f stroma)^2))} within 0 to 1.

    more    (n_markers,) what the sample has above its control, per million
    stroma  (n_markers,) what stroma has

    Without stroma, sample and control can be exchanged: `more` of each marker is as likely below zero as
    above, however bursts of single cells are spread, and the sum over the root of its squares has at most
    the tails of a normal deviate where few markers have reads. None where so few markers hold most of
    stroma's reads that the set has no end.

    Source: Fieller, J. R. Stat. Soc. B 1954, 16:175-185; Efron, J. Am. Stat. Assoc. 1969, 64:1278-1302
    """
    q = float(special.ndtri(1 - alpha / 2)) ** 2
    total, whole = more.sum(), stroma.sum()
    a = whole**2 - q * (stroma**2).sum()
    if a <= 0:
        return None
    b = total * whole - q * (more * stroma).sum()
    c = total**2 - q * (more**2).sum()
    root = np.sqrt(max(b**2 - a * c, 0.0))
    low, high = np.clip([(b - root) / a, (b + root) / a], 0.0, 1.0)
    return float(low), float(high)
