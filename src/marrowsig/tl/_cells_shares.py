"""Shares of cells above a threshold that no unit sets for itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError, first

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

QUANTILE = 0.95


def given_thresholds(threshold: Mapping[str, float] | float | None, ids: list[str]) -> dict[str, float]:
    """Thresholds by signature; empty where the rule is to find them."""
    if threshold is None:
        return {}
    given = dict(threshold) if isinstance(threshold, Mapping) else dict.fromkeys(ids, threshold)
    unknown = [name for name in given if name not in ids]
    if unknown:
        msg = f"threshold names {first(unknown)}, which is not scored. Scored: {first(ids, 10)}."
        raise InputError(msg)
    for name, value in given.items():
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float | np.number)
            or not math.isfinite(value)
        ):
            msg = f"threshold of {name} is {value!r}; it has to be a number, in units of the cell's score."
            raise InputError(msg)
    return {name: float(value) for name, value in given.items()}


def thresholds(table: pd.DataFrame, parts: list[Array], reference: str) -> Array:
    """Find thresholds (groups x signatures) for groups of cells.

    For each group: the mean, over the other units of its stratum, of the 95 % quantile among their cells of
    the reference arm. NaN where there is no other unit. Since no unit's cells set their own threshold, two
    arms of one unit are exchangeable under the null hypothesis, and the shares of the reference arm are not
    pulled towards 5 %. In normal scores without an effect, 3 to 8 units an arm, 0.02 to 0.05 of the tests of
    shares then had p below 0.05; with every unit's own quantile, 0.15 to 0.27 where arms were not paired.
    """
    unit, stratum = table["unit"].to_numpy(), table["stratum"].to_numpy()
    is_reference = (table["arm"] == reference).to_numpy()
    quantiles = np.array([np.quantile(part, QUANTILE, axis=0) for part in parts])
    out = np.full(quantiles.shape, np.nan)
    for g in range(len(parts)):
        others = is_reference & (stratum == stratum[g]) & (unit != unit[g])
        if others.any():
            out[g] = quantiles[others].mean(axis=0)
    return out


def shares(parts: list[Array], limits: Array) -> Array:
    """Share of each group's cells above its thresholds; NaN without a score or a threshold."""
    rows = []
    for part, limit in zip(parts, limits, strict=True):
        share = (part > limit).mean(axis=0)
        rows.append(np.where(np.isfinite(part).all(axis=0) & np.isfinite(limit), share, np.nan))
    return np.array(rows)


def arcsine(share: Array) -> Array:
    """Angle whose squared sine is the share, in radians; unlike the logit, finite at a share of 0.

    An empirical logit depends on the number of cells where shares are small: with 40 cells in one arm and 400
    in the other its tests had level 0.06 to 0.07 in pairs, those of the angle 0.04 to 0.05.
    """
    return np.asarray(np.arcsin(np.sqrt(share)), dtype=np.float64)
