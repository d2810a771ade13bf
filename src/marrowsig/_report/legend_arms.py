"""What the upper half of the figure for a paper holds: points of units, open ones, lines of pairs, bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig.pl._interval import LEAST
from marrowsig.pl._read import by_unit, joined, stratum_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marrowsig._report.elements import Given

OPEN = "open points are units without a partner in another arm, no part of bars and n"


def of_arms(given: Given, ids: Sequence[str], empty: Sequence[str], pairs: str) -> str:
    """Name the marks that `ms.pl.overview` draws of these signatures, without those of `empty` strata.

    `pairs` says how many pairs lines join.
    """
    design: Any = given.design
    adata = given.adata[~np.isin(stratum_of(given.adata.obs, design), empty)] if empty else given.adata
    frames = [by_unit(adata, sig, design=design, method=given.method, lineless=True) for sig in ids]
    told = [OPEN] if any(frame["unpaired"].any() for frame in frames) else []
    if any(_lines(frame, joined(design)) for frame in frames):
        told.append(f"grey lines join pairs{pairs}")
    if said := _bars(pd.concat([_n(frame) for frame in frames])):
        told.append(said)
    return "".join(f"; {one}" for one in told)


def _lines(frame: pd.DataFrame, keys: list[str]) -> bool:
    own = frame[~frame["unpaired"]]
    return bool(keys) and bool(own.groupby(keys, sort=False)["arm"].nunique().gt(1).any())


def _n(frame: pd.DataFrame) -> pd.Series:
    """Units of each arm that its bar is of."""
    return (~frame["unpaired"]).groupby(frame["arm"]).sum()


def _bars(n: pd.Series) -> str:
    """Say what bars are; nothing where no arm has one.

    >>> _bars(pd.Series([4, 4])), _bars(pd.Series([2, 2]))
    ('bars are means with 95 % confidence intervals of each arm by itself', '')
    """
    if not n.ge(LEAST).any():
        return ""
    some = "" if n.ge(LEAST).all() else ", from three units on"
    return f"bars are means with 95 % confidence intervals of each arm by itself{some}"
