"""Lines that join the points of one pair, and which of them pass an arm that it lacks."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

DASHED: Any = (0, (3, 3))
LACKING = "dashed where they pass an arm that a unit lacks"


class Segment(NamedTuple):
    """Line between two arms at `x`, from score to score."""

    x: tuple[float, float]
    y: tuple[float, float]
    dashed: bool


def segments(frame: pd.DataFrame, keys: list[str]) -> list[Segment]:
    """Join what `keys` join of the rows of `by_unit`, with the place `x` of their arms.

    One is dashed where an arm of the same stratum and line stands between its ends: a whole line through
    the points of that arm would look like one of them.

    >>> import pandas as pd
    >>> rows = [("s1", 0, 1.0), ("s1", 1, 2.0), ("s1", 2, 3.0), ("s2", 0, 1.0), ("s2", 2, 4.0)]
    >>> frame = pd.DataFrame(rows, columns=["series", "x", "score"]).assign(stratum="", unpaired=False)
    >>> [(own.x, own.dashed) for own in segments(frame, ["stratum", "series"])]
    [((0.0, 1.0), False), ((1.0, 2.0), False), ((0.0, 2.0), True)]
    """
    rows = frame[~frame["unpaired"]].sort_values("x")
    places = {key: set(own) for key, own in rows.groupby(keys[:-1], sort=False)["x"]}
    found = []
    for key, own in rows.groupby(keys, sort=False):
        means = own.groupby("x")["score"].mean()
        for (x, y), (x2, y2) in pairwise(means.items()):
            passed = any(x < at < x2 for at in places[key[:-1]])
            found.append(Segment((float(x), float(x2)), (float(y), float(y2)), passed))
    return found
