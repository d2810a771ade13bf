"""What points of samples are not adjusted for, or need not be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def unadjusted(design: Any, obs: pd.DataFrame) -> list[str]:
    """Name what the design adjusts for and points do not; a batch that pairs hold constant alarms nobody."""
    batch, pair = getattr(design, "batch", None), getattr(design, "pair", None)
    columns = [batch] if isinstance(batch, str) else list(batch or ())
    held = bool(columns and pair) and bool(
        obs.groupby(pair, observed=True)[columns].nunique().le(1).all(axis=None)
    )
    if columns and not held:
        return ["not adjusted for batch"]
    if getattr(design, "covariates", None):
        return ["not adjusted for covariates"]
    return ["pairs hold batch constant"] if held else []


def in_short_lines(label: str) -> str:
    r"""Break the label of y where axes are low, so that it does not reach to those above and below.

    >>> in_short_lines("score\n(bar: mean, 95 % CI;\nnot adjusted for batch)")
    'score\n(bar: mean,\n95 % CI;\nnot adjusted\nfor batch)'
    """
    return label.replace("mean, 95", "mean,\n95").replace("adjusted for", "adjusted\nfor")
