"""How many units the arms of the figure for a paper have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._arm_names import within
from marrowsig._report import words
from marrowsig.pl._arm_words import with_column
from marrowsig.pl._levels import levels_of, unsaid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST = 3  # arms that are named


def counted(n: pd.Series, names: Mapping[str, str]) -> str:
    """Say how many units arms have, and which of them have others than most.

    >>> counted(pd.Series({"a": 4, "b": 3, "c": 4}), {"b": "AML co"})
    'n = 3 in AML co, 4 in the others'
    >>> counted(pd.Series({"a": 4, "b": 4}), {})
    'n = 4 in each'
    """
    own = n.groupby(level=0, sort=False).agg(["min", "max"])
    most = int(n.mode().iloc[-1])
    fewer = own[own["min"].ne(most) | own["max"].ne(most)]
    if fewer.empty:
        return f"n = {most} in each"
    if len(fewer) > MOST or own["min"].ne(own["max"]).any():
        return f"n = {int(n.min())} to {int(n.max())}, as below each"
    told = [
        f"{k} {within(words.listing(names[arm] for arm in group.index))}" for k, group in fewer.groupby("min")
    ]
    return f"n = {', '.join(told)}, {most} in the others"


def spelled(frames: Sequence[pd.DataFrame], design: Any, labels: Mapping[str, str]) -> dict[str, str]:
    """Name the arms by their levels, as the figure does: a plus before the inhibitor, times last."""
    arms = pd.concat(frames).drop_duplicates("arm").to_dict("records")
    parts = [levels_of(arm) for arm in arms]
    found = {}
    for arm, vehicle in zip(arms, unsaid(parts, design, labels), strict=True):
        levels = [level for level in _apart(arm, labels) if level != vehicle]
        at = {level: with_column(level, design) for level in levels if level not in labels}
        at = {level: told for level, told in at.items() if told != level}
        told = [labels.get(level, level) for level in levels if level not in at]
        given = bool(arm.get("inhibitor")) and arm["inhibitor"] != design.vehicle and len(told) > 1
        said = " + ".join([" ".join(told[:-1]), told[-1]]) if given else " ".join(told)
        found[arm["arm"]] = " at ".join(filter(None, [said, " ".join(at.values())]))
    return found


def _apart(arm: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    """Levels of an arm without a stratum that its line names by itself, as MOLM-13 VenR does MOLM-13.

    >>> _apart({"stratum": "MOLM-13, 24", "line": "MOLM-13 VenR", "culture": "co", "inhibitor": ""}, {})
    ['24', 'MOLM-13 VenR', 'co']
    """
    own, line = levels_of(arm), str(arm.get("line") or "")
    whole, strata = labels.get(line, line), len([one for one in str(arm["stratum"]).split(", ") if one])
    return [
        level
        for i, level in enumerate(own)
        if i >= strata or not re.match(rf"{re.escape(labels.get(level, level))}(?!\w)", whole)
    ]
