"""Names of arms: levels joined, after their columns where a level alone does not say what it is of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from marrowsig.design import Design

_BARE = re.compile(
    r"y|yes|n|no|t|true|f|false|0|1|[+-]|pos(itive)?|neg(ative)?|with(out)?|on|off", re.IGNORECASE
)
_PLACE = re.compile(r"(?:on|in|with|without|at|under|over)[ -]", re.IGNORECASE)
FIELDS = {"line": ("parental", "resistant"), "culture": ("mono", "co")}
"""The fields of a design that name two levels, in the order in which arms are written."""


def unclear(levels: Mapping[str, Iterable[str]]) -> set[str]:
    """Columns whose levels need the column beside them: they say yes and no, or stand in another one too.

    >>> sorted(unclear({"il22": ["no", "yes"], "line": ["wt", "mut"], "second": ["wt", "b"]}))
    ['il22', 'line', 'second']
    >>> unclear({"line": ["parental", "resistant"], "hours": ["0", "24"]})
    set()
    """
    own = {column: set(map(str, found)) for column, found in levels.items()}
    return {
        column
        for column, found in own.items()
        if all(map(_BARE.fullmatch, found))
        or any(found & other for name, other in own.items() if name != column)
    }


def shown(column: str, level: str, columns: Iterable[str]) -> str:
    """Write a level as contrasts of a formula take it: `column=level` where `columns` has its column."""
    return f"{column}={level}" if column in columns else level


def within(level: str) -> str:
    """Write where something is: "in" and a level, unless the level says by itself how cells were kept.

    >>> within("MSC"), within("on HS-5"), within("insulin")
    ('in MSC', 'on HS-5', 'in insulin')
    """
    return level if _PLACE.match(level) else f"in {level}"


def arm_name(design: Design, line: str, culture: str, inhibitor: str = "") -> str:
    """Label an arm, such as `"resistant:co+ruxolitinib"`, or `"ifnl=no:il22=yes"`.

    >>> from marrowsig.design import Design
    >>> arm_name(Design(culture="culture", line="line"), "resistant", "co", "ruxolitinib")
    'resistant:co+ruxolitinib'
    >>> arm_name(Design(culture="il22", mono="no", co="yes", line="line"), "resistant", "yes")
    'resistant:il22=yes'
    """
    return join(told(design, "line", line), told(design, "culture", culture), inhibitor)


def told(design: Design, field: str, level: str) -> str:
    """Write a level of a field of the design, after its column where it is not clear without."""
    column = getattr(design, field, None)
    return shown(str(column), level, unclear(of_design(design))) if level and column else level


def of_design(design: Design) -> dict[str, Sequence[str]]:
    """Columns of a design with the two levels that it names."""
    return {
        column: [str(getattr(design, role)) for role in roles]
        for field, roles in FIELDS.items()
        if (column := getattr(design, field, None))
    }


def join(line: str, culture: str, inhibitor: str) -> str:
    """Join what an arm is made of."""
    return ":".join(part for part in (line, culture) if part) + (f"+{inhibitor}" if inhibitor else "")
