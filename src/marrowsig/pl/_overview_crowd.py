"""Many kinds of cells in an overview: how many stand in a row, and which contrasts a page has room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marrowsig.pl._overview_labels import told_stratum
from marrowsig.pl._style import SMALL
from marrowsig.pl._words import filled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from marrowsig.pl._overview_kinds import Kind

NO_ROOM = "no room for "
NAMES, TICKS = 20.0, 12.0
"""Millimetres of names and numbers at the left of the first axes of a row, and of numbers of the others."""
LEAST, ARM, NARROWEST = 18.0, 3.2, 3
"""Least millimetres of axes and of one arm, and kinds from which on narrow figures have several in a row."""
ROW, BLOCK, FOOT, BENEATH = 8.0, 17.0, 12.0, 23.0
"""Millimetres beside axes: of a row of panels, of a block with its headings and arms, of the key, of (b)."""
LABEL = 30.0


def in_a_row(arms: Sequence[int], width: float, *, across: bool) -> int:
    """Kinds of cells that stand side by side, as many in every row; `arms` are those of each.

    >>> [in_a_row([3] * n, 174.0, across=True) for n in (2, 5, 6, 8)]
    [2, 5, 3, 4]
    >>> in_a_row([3] * 5, 85.0, across=False), in_a_row([3] * 2, 85.0, across=False)
    (2, 1)
    """
    n = len(arms)
    if n < 2 or (not across and n < NARROWEST):
        return n if across else 1
    if across and n == 2:
        return 2
    need = max(LEAST, ARM * max(arms))
    most = max(1, int((width - NAMES + TICKS) // (need + TICKS)))
    rows = -(-n // most)
    return -(-n // rows)


@dataclass(frozen=True)
class Grid:
    """Rows of panels: signatures of some kinds of cells, then the same of the next kinds.

    Where one kind stands in a row, all kinds of a signature follow each other.
    """

    signatures: int
    kinds: int
    columns: int

    @property
    def blocks(self) -> int:
        """How many times the rows of all signatures stand below each other."""
        return -(-self.kinds // self.columns)

    @property
    def apiece(self) -> bool:
        """Whether several kinds have a row each."""
        return self.columns == 1 < self.kinds

    @property
    def rows(self) -> int:
        """How many rows of panels there are."""
        return self.signatures * self.blocks

    def places(self, k: int) -> list[int]:
        """Places of the kinds of signature `k`, counted along the rows."""
        if self.apiece:
            return [k * self.kinds + j for j in range(self.kinds)]
        c = self.columns
        return [((j // c) * self.signatures + k) * c + j % c for j in range(self.kinds)]

    def empty(self) -> list[int]:
        """Places without a panel."""
        used = {place for k in range(self.signatures) for place in self.places(k)}
        return [place for place in range(self.rows * self.columns) if place not in used]

    def above_others(self, j: int) -> bool:
        """Whether below each kind in the row of kind `j` stands another, which can tell its arms."""
        return j - j % self.columns + 2 * self.columns <= self.kinds

    def leads(self, j: int) -> bool:
        """Whether kind `j` is the first of its row."""
        return j % self.columns == 0


def alike(kinds: Sequence[Kind]) -> bool:
    """Whether several kinds have the same arms and n, so that one axes can tell those of others."""
    told = {(kind.levels - {kind.name}, kind.arms, kind.alone, kind.n) for kind in kinds}
    return len(kinds) > 1 and len(told) == 1


def lines_held(page: float, grid: Grid, low: float, row: float, *, beneath: int) -> int:
    """Lines of contrasts for which a page has room below the panels at their lowest."""
    taken = grid.rows * (low + ROW) + grid.blocks * BLOCK + FOOT + beneath * BENEATH
    return max(0, int((page - taken) / beneath / row))


def by_contrast(
    keys: Sequence[tuple[str, str]], told: Callable[[tuple[str, str]], str], held: int
) -> tuple[list[tuple[str, str]], list[str]]:
    """Order contrasts by what they ask, in place of by kind of cells, with a heading each, while they fit.

    Headings are keys ("", words). Returns the keys, and the words of what no room is left for; the first
    contrast is always there.

    >>> keys = [(one, where) for where in ("A", "B") for one in ("co_vs_mono", "reversal_Rux")]
    >>> by_contrast(keys, lambda key: key[0], 4)
    ([('', 'co_vs_mono'), ('co_vs_mono', 'A'), ('co_vs_mono', 'B')], ['reversal_Rux'])
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for key in keys:
        groups.setdefault(told(key), []).append(key)
    drawn: list[tuple[str, str]] = []
    left = []
    for words, own in groups.items():
        if drawn and len(drawn) + len(own) + 1 > held:
            left.append(words)
        else:
            drawn += [("", words), *own]
    return drawn, left


def label_of_kind(key: tuple[str, str], design: object, labels: Mapping[str, str] | None) -> str:
    """Words of a line below the heading of its contrast: the kind of cells; of the heading, what it says."""
    if not key[0]:
        return "\n".join(filled(key[1], LABEL, 1.12 * SMALL))  # in bold
    return "\n".join(filled(told_stratum(key[1], design, labels), LABEL))
