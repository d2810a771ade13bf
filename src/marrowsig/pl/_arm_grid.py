"""Arms told by a grid below an axes: plus and minus for each level, brackets for groups, and n."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from marrowsig.pl._arm_labels import APART, LINE, folded
from marrowsig.pl._style import from_corner
from marrowsig.pl._words import long

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

PLUS, MINUS = "+", "\N{MINUS SIGN}"
TOP, RULE, SIDE = 1.5, 1.6, 1.5
"""Millimetres above the first row, around the line of a bracket, and between names and axes."""
MOST = 8  # rows of levels; beyond them a grid says less than words


@dataclass(frozen=True)
class Factor:
    """Words for the level that each arm has of one column; the `base` is told by minus in all rows.

    `groups` says that neighbours of one level can share a bracket.
    """

    words: tuple[str, ...]
    base: str
    groups: bool


@dataclass(frozen=True)
class ArmGrid:
    """Rows of cells with their names, and brackets (text, first arm, last arm), innermost first."""

    rows: tuple[tuple[str, tuple[str, ...]], ...]
    brackets: tuple[tuple[tuple[str, int, int], ...], ...]
    left: float
    """Millimetres that the names take."""
    upright = False

    @property
    def depth(self) -> float:
        """Millimetres that the grid reaches down."""
        lines = sum(max(text.count("\n") + 1 for text, _, _ in row) for row in self.brackets)
        return TOP + LINE * (len(self.rows) + lines) + RULE * len(self.brackets)

    def write(self, ax: Axes, *, size: float, named: bool = True) -> None:
        """Write it below 0, 1, 2, ...; with `named`, the names at the left."""
        from matplotlib.lines import Line2D
        from matplotlib.transforms import blended_transform_factory

        corner = from_corner(ax, 0.0, 0.0)
        under = blended_transform_factory(ax.transData, corner)
        ax.set_xticks(range(len(self.rows[0][1])), [])
        y = -TOP
        for name, cells in self.rows:
            middle = y - LINE / 2
            if named:
                ax.text(-SIDE, middle, name, transform=corner, ha="right", va="center", fontsize=size)
            for x, cell in enumerate(cells):
                ax.text(x, middle, cell, transform=under, ha="center", va="center", fontsize=size)
            y -= LINE
        for row in self.brackets:
            y -= RULE / 2
            for text, first, last in row:
                ends = [first - 0.35, last + 0.35]
                ax.add_artist(Line2D(ends, [y, y], transform=under, color="black", lw=0.6, clip_on=False))
                at = (first + last) / 2
                ax.text(at, y - RULE / 2, text, transform=under, ha="center", va="top", fontsize=size)
            y -= RULE / 2 + LINE * max(text.count("\n") + 1 for text, _, _ in row)


def arm_grid(
    factors: Sequence[Factor], counts: Mapping[str, Sequence[str]], *, width: float, least: float
) -> ArmGrid | None:
    """Lay out arms that share a width with at least so many millimetres of names; None where that fails.

    >>> of_lines = Factor(("par", "par", "res", "res"), "par", groups=True)
    >>> cultures = Factor(("mono", "MSC", "mono", "MSC"), "mono", groups=False)
    >>> grid = arm_grid([of_lines, cultures], {"n": ["4", "4", "3", "4"]}, width=60, least=16)
    >>> [name + ": " + "".join(cells) for name, cells in grid.rows], grid.brackets
    (['MSC: \u2212+\u2212+', 'n: 4434'], ((('par', 0, 1), ('res', 2, 3)),))

    Where the words of an inner group have no room, it stands in rows below the outer one's brackets.

    >>> hours = Factor(("3 h",) * 4 + ("6 h",) * 4, "3 h", groups=True)
    >>> lines = Factor(("parental", "resistant") * 4, "parental", groups=True)
    >>> grid = arm_grid([hours, lines], {"n": ["4"] * 8}, width=60, least=16)
    >>> [name + ": " + "".join(cells) for name, cells in grid.rows], grid.brackets
    (['resistant: \u2212+\u2212+\u2212+\u2212+', 'n: 44444444'], ((('3 h', 0, 3), ('6 h', 4, 7)),))
    """
    groups = [f for f in factors if f.groups]  # outermost first
    for bracketed in range(len(groups), -1, -1):
        outer = groups[:bracketed]
        inner = [f for f in factors if f not in outer]
        rows = [row for f in inner for row in _rows(f)]
        told = [*rows, *((name, tuple(cells)) for name, cells in counts.items())]
        left = max(least, long(name for name, _ in told) + SIDE + 0.5)
        slot = (width - left) / len(factors[0].words)
        if len(rows) > MOST or any(long(cells) + APART / 2 > slot for _, cells in told):
            continue
        runs = [_runs(outer[: k + 1], slot) for k in range(len(outer))]
        if all(runs):
            return ArmGrid(tuple(told), tuple(reversed(runs)), left)
    return None


def _rows(factor: Factor) -> list[tuple[str, tuple[str, ...]]]:
    blank = "" in factor.words  # arms of no level, which minus in the rows of others would give the base
    levels = [level for level in dict.fromkeys(factor.words) if level and (blank or level != factor.base)]
    return [(level, tuple(PLUS if word == level else MINUS for word in factor.words)) for level in levels]


def _runs(factors: Sequence[Factor], slot: float) -> tuple[tuple[str, int, int], ...]:
    """Neighbours that share a level, and those of all groups around it; nothing where words have no room."""
    found, at = [], 0
    for key, run in groupby(zip(*(f.words for f in factors), strict=True)):
        n = len(list(run))
        fits = (
            text
            for most in (1, 2, 3)
            if long([text := "\n".join(folded(key[-1].split(" "), most))]) + APART <= n * slot
        )
        text = next(fits, "")
        if not text:
            return ()
        found.append((text, at, at + n - 1))
        at += n
    return tuple(found)
