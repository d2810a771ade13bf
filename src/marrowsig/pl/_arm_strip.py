"""How arms are told that share their levels with other axes: kind of cells, line, culture, drug."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from marrowsig.pl._arm_grid import Factor


@dataclass(frozen=True)
class Strip:
    """How arms are told that share their levels with other axes.

    `cells` is the kind of cells of all, in one more bracket; `alone` that its controls are of no line, as
    stroma's, which is told with the lines that it was grown with; `written` that no other axes tells it.
    """

    cells: str = ""
    alone: bool = False
    written: bool = True


def with_lines(factors: list[Factor], culture: int) -> list[Factor]:
    """Tell stroma by the lines that it was grown with, and no culture beside, whose place is `culture`.

    >>> from marrowsig.pl._arm_grid import Factor
    >>> lines = Factor(("", "par", "res"), "par", groups=True)
    >>> cultures = Factor(("mono", "co", "co"), "mono", groups=False)
    >>> [factor.words for factor in with_lines([lines, cultures], 1)]
    [('alone', 'with par', 'with res')]
    """
    lines = factors[culture - 1]
    told = tuple(f"with {word}" if word else "alone" for word in lines.words)
    return [*factors[: culture - 1], replace(lines, words=told, base="alone"), *factors[culture + 1 :]]
