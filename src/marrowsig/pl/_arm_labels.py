"""Labels of arms below an axes: lines side by side while they have room, else upright."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from marrowsig.pl._words import long

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

LINE = 2.7
"""Millimetres that a line of small letters takes."""
APART = 1.2
"""Millimetres between two labels."""
BREAKS = ((" _", 12), (" _-", 12), (" _-", 8))
"""Signs after which a line may end, and letters that it may have; the first that fits is taken."""


@dataclass(frozen=True)
class ArmLabels:
    """Texts, whether they stand upright, and how many millimetres they reach down."""

    texts: list[str]
    upright: bool
    depth: float

    def write(self, ax: Axes, *, size: float) -> None:
        """Write them at 0, 1, 2, ..."""
        ax.set_xticks(range(len(self.texts)), self.texts, fontsize=size, rotation=90 if self.upright else 0)
        if self.upright:
            for label in ax.get_xticklabels():
                label.set_multialignment("right")


def arm_labels(arms: Sequence[Sequence[str]], counts: Sequence[Sequence[str]], *, width: float) -> ArmLabels:
    r"""Lay out the words and the counts of arms that share a width in millimetres.

    >>> arm_labels([["parental", "mono"], ["AraC-resistant", "co"]], [["n = 3"], ["n = 4"]], width=80).texts
    ['parental\nmono\nn = 3', 'AraC-resistant\nco\nn = 4']
    >>> arm_labels([["parental", "mono"], ["AraC-resistant", "co"]], [["n = 3"], ["n = 4"]], width=22).texts
    ['parental\nmono\nn = 3', 'AraC-\nresistant\nco\nn = 4']
    >>> arm_labels([["parental", "mono"], ["AraC-resistant", "co"]], [["n = 3"], ["n = 4"]], width=8).texts
    ['parental mono n = 3', 'AraC-resistant co n = 4']
    """
    slot = width / len(arms)
    for marks, most in BREAKS:
        lines = [
            [line for word in arm for line in _broken(word, marks, most)] + list(n)
            for arm, n in zip(arms, counts, strict=True)
        ]
        wide = [long(own) for own in lines]
        if all((a + b) / 2 + APART <= slot for a, b in pairwise(wide)):
            return ArmLabels(
                ["\n".join(own) for own in lines], upright=False, depth=LINE * max(map(len, lines))
            )
    side_by_side = max(1, int(slot / (LINE + 0.2)))
    texts = ["\n".join(folded([*arm, *n], side_by_side)) for arm, n in zip(arms, counts, strict=True)]
    return ArmLabels(texts, upright=True, depth=long(texts))


def _broken(word: str, marks: str, most: int) -> list[str]:
    """Break a word; names such as HS-5 and OCI-AML3 stay whole, and a plus stays before what it adds.

    >>> _broken("with HS-5", " _-", 8), _broken("AraC-resistant", " _-", 8)
    (['with', 'HS-5'], ['AraC-', 'resistant'])
    >>> _broken("+ ruxolitinib", " _", 12)
    ['+ ruxolitinib']
    """
    whole = re.sub(r"(?<![^\W_]{4})-|-(?![^\W_]{4})", "\N{NON-BREAKING HYPHEN}", word)
    whole = re.sub(r"^\+ ", "+\N{NO-BREAK SPACE}", whole)
    lines = re.findall(rf".{{1,{most}}}(?:[{marks}]|$)|.+", whole)
    told = (line.rstrip().replace("\N{NON-BREAKING HYPHEN}", "-") for line in lines)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in told]


def folded(words: list[str], most: int) -> list[str]:
    """Put words into so many lines that the longest is as short as can be."""
    n = min(most, len(words))
    found = []
    for cuts in combinations(range(1, len(words)), n - 1):
        ends = [0, *cuts, len(words)]
        found.append([" ".join(words[a:b]) for a, b in pairwise(ends)])
    return min(found, key=long)
