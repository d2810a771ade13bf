"""A contrast of a formula that is a difference of differences: what differs, and between which levels."""

from __future__ import annotations

import re
from itertools import permutations
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OF_FORMULA = "linear model ~"


class FourArms(NamedTuple):
    """'co - mono', and the levels in which it is compared."""

    difference: str
    high: str
    low: str


def four_arms(row: Mapping[str, Any]) -> FourArms | None:
    """Take the sides of a row apart; None for other contrasts, and for those of a design with fields.

    >>> row = {"test": "linear model ~ arm * drug"}
    >>> row |= {"test_arm": "co:bari - mono:bari", "base_arm": "co:veh - mono:veh"}
    >>> four_arms(row)
    FourArms(difference='co - mono', high='bari', low='veh')
    >>> four_arms(row | {"test_arm": "co:bari + mono:veh", "base_arm": "co:veh + mono:bari"})
    FourArms(difference='bari - veh', high='co', low='mono')
    """
    if OF_FORMULA not in str(row.get("test", "")):
        return None
    for sign in (" - ", " + "):
        sides = [str(row.get(side, "")).split(sign) for side in ("test_arm", "base_arm")]
        if all(len(side) == 2 and not re.search(r" [-+/] ", " ".join(side)) for side in sides):
            cells = [[tuple(arm.split(":")) for arm in side] for side in sides]
            return _read(cells, joined=sign == " + ")
    return None


def _read(sides: Sequence[Sequence[tuple[str, ...]]], *, joined: bool) -> FourArms | None:
    """Read (a - b) - (c - d), or a + d against the two others, which stand in either order."""
    if not joined:
        (a, b), (c, d) = sides
        return _apart(a, b, c, d)
    (a, d), others = sides
    return next((found for b, c in permutations(others) if (found := _apart(a, b, c, d))), None)


def _apart(a: tuple[str, ...], b: tuple[str, ...], c: tuple[str, ...], d: tuple[str, ...]) -> FourArms | None:
    if len({len(a), len(b), len(c), len(d)}) != 1:
        return None
    levels = list(zip(a, b, c, d, strict=True))
    inner = [place for place, (p, q, r, s) in enumerate(levels) if p == r != q == s]
    outer = [place for place, (p, q, r, s) in enumerate(levels) if p == q != r == s]
    same = [place for place, found in enumerate(levels) if len(set(found)) == 1]
    if not inner or not outer or len(inner) + len(outer) + len(same) < len(levels):
        return None

    def at(arm: tuple[str, ...], places: list[int]) -> str:
        return ":".join(arm[place] for place in places)

    where = f" in {at(a, same)}" if same else ""
    return FourArms(f"{at(a, inner)} - {at(b, inner)}{where}", at(a, outer), at(c, outer))
