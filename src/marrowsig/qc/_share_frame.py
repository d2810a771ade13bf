"""Shares from reads that are told apart by themselves: of few markers, of a sex, of a species."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig._stats.share import pooled_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

COLUMNS = ("sample", "share", "share_low", "share_high", "reads", "expected", "background", "markers")


def share_frame(
    samples: Sequence[str], found: Array, expected: Array, background: Array, *, markers: str, alpha: float
) -> pd.DataFrame:
    """One row per sample: the share, its interval by counting, and the reads behind it."""
    check_alpha(alpha)
    if not (expected > background).all():
        low = np.asarray(samples, dtype=object)[expected <= background]
        msg = (
            f"Stroma alone would give {first(low)} no more reads of {markers} than the cells have by "
            "themselves: these genes do not tell them apart."
        )
        raise InputError(msg)
    share, low, high = pooled_share(found, expected, background, alpha=alpha)
    return pd.DataFrame(
        {
            "sample": list(samples), "share": share, "share_low": low, "share_high": high, "reads": found,
            "expected": expected, "background": background, "markers": markers,
        }
    )[list(COLUMNS)]  # fmt: skip


def check_alpha(alpha: float) -> None:
    """Refuse what is not one minus the level of an interval."""
    if not 0 < alpha < 1:
        msg = f"alpha is {alpha!r}; it has to lie between 0 and 1, for example 0.05."
        raise InputError(msg)
