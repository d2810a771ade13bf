"""What the upper half of the figure for a paper holds: points of units, open ones, lines of pairs, bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._lines_of_formula import donor_term
from marrowsig._repeats import is_formula
from marrowsig._report import words
from marrowsig._report.legend_counts import counted, spelled
from marrowsig._report.look import look_of
from marrowsig._unlike import DONOR
from marrowsig.pl._coloured import factor, of_one_factor
from marrowsig.pl._interval import LEAST
from marrowsig.pl._levels import asked, levels_of
from marrowsig.pl._pair_lines import LACKING, segments
from marrowsig.pl._read import arm_order, by_unit, joined, stratum_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from marrowsig._report.elements import Given

OPEN = "open points have no partner in another arm, and are no part of bars and n"


def of_arms(given: Given, ids: Sequence[str], empty: Sequence[str], pairs: str) -> str:
    """Count the units of each arm and name the marks that `ms.pl.overview` draws, without `empty` strata.

    `pairs` says how many pairs lines join.
    """
    design: Any = given.design
    adata = given.adata[~np.isin(stratum_of(given.adata.obs, design), empty)] if empty else given.adata
    frames = [by_unit(adata, sig, design=design, method=given.method, lineless=True) for sig in ids]
    n = [_n(frame) for frame in frames]
    told = [_alone(frames[0], design, look_of(given).labels)] if getattr(design, "line", None) else []
    told += [OPEN] if any(frame["unpaired"].any() for frame in frames) else []
    joins = _strata_with_lines(frames, joined(design))
    if joins:
        order = arm_order(frames[0], asked(look_of(given).order or None, design))
        at = frames[0].assign(x=frames[0]["arm"].map({arm: i for i, arm in enumerate(order)}))
        passed = any(own.dashed for own in segments(at, joined(design)))
        of = f"pairs{_where(joins, frames)}{pairs}"
        what = of if not is_formula(design) else f"the samples of one {_donor(design)}, from arm to arm"
        told.append(f"grey lines join {what}{f', {LACKING}' if passed else ''}")
    told += [_bars(pd.concat(n)), _colours(frames[0], design, look_of(given).palette)]
    units = counted(pd.concat(n), spelled(frames, design, look_of(given).labels))
    return f" ({units}){''.join(f'; {one}' for one in told if one)}"


def _donor(design: Any) -> str:
    """Name one donor after the column that holds them."""
    column = donor_term(design)
    found = DONOR.search(str(column))
    return found[2].lower() if found else f"level of '{column}'"


def _alone(frame: pd.DataFrame, design: Any, labels: Mapping[str, str]) -> str:
    """Say what stands for both lines, or for the one whose co-culture holds the same cells."""
    if not design.culture:
        return ""
    own = frame[frame["line"].eq("")]
    grown = own.loc[own["culture"].ne(design.mono), "stratum"]  # of its own co-culture, which has no line
    strata = own.loc[~own["stratum"].isin(set(grown)), "stratum"].unique()
    lines = frame.loc[frame["stratum"].isin(strata) & frame["line"].ne(""), "line"].unique()
    of = f"its co-culture with {labels.get(lines[0], lines[0])}" if len(lines) == 1 else "both lines"
    return f"{words.listing(strata)} alone is the control for {of}" if len(strata) else ""


def _colours(frame: pd.DataFrame, design: Any, palette: Mapping[str, str]) -> str:
    """Say what colours show, where they were chosen."""
    columns = [c for f in ("line", "culture", "inhibitor") if (c := getattr(design, f, None))]
    arms = [levels_of(arm) for arm in frame.drop_duplicates("arm").to_dict("records")]
    parts = [arm for arm in arms if len(arm) == max(map(len, arms))]
    own = of_one_factor(parts, design, palette)
    at = factor(parts, design, own) - len(parts[0]) if own else 0
    return f"colours show {columns[at]}" if -len(columns) <= at < 0 else ""


def _strata_with_lines(frames: Sequence[pd.DataFrame], keys: list[str]) -> list[str]:
    """Strata in which lines join points."""
    if not keys:
        return []
    found: dict[str, None] = {}
    for frame in frames:
        arms = frame[~frame["unpaired"]].groupby(keys, sort=False)["arm"].nunique()
        found |= dict.fromkeys(arms[arms.gt(1)].index.get_level_values("stratum").astype(str))
    return list(found)


def where_joined(given: Given, sig: str) -> str:
    """Name the strata in which lines join points, where others have none; the same for any score."""
    design: Any = given.design
    frame = by_unit(given.adata, sig, design=design, method=given.method, lineless=True)
    return _where(_strata_with_lines([frame], joined(design)), [frame])


def _where(strata: Sequence[str], frames: Sequence[pd.DataFrame]) -> str:
    """Name the strata with lines where others have none, as stroma grown alone for both lines."""
    every = dict.fromkeys(stratum for frame in frames for stratum in frame["stratum"].astype(str))
    return f" in {words.listing(strata)}" if len(every) > len(strata) else ""


def _n(frame: pd.DataFrame) -> pd.Series:
    """Units of each arm that its bar is of."""
    return (~frame["unpaired"]).groupby(frame["arm"]).sum()


def _bars(n: pd.Series) -> str:
    """Say what bars are; nothing where no arm has one.

    >>> _bars(pd.Series([4, 4])), _bars(pd.Series([2, 2]))
    ('bars are means with 95 % confidence intervals of the arm', '')
    """
    if not n.ge(LEAST).any():
        return ""
    some = "" if n.ge(LEAST).all() else ", from three units on"
    return f"bars are means with 95 % confidence intervals of the arm{some}"
