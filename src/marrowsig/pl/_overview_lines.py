"""Lines of contrasts of an overview: by kind of cells, or, where a page has no room, by what they ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from marrowsig.pl._contrast_title import named
from marrowsig.pl._kept_sizes import drawn_on_kept
from marrowsig.pl._overview_crowd import by_contrast, label_of_kind, lines_held
from marrowsig.pl._overview_key import worded
from marrowsig.pl._overview_labels import label_of, with_lines
from marrowsig.pl._overview_rows import with_headings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.pl._overview_crowd import Grid

    Key = tuple[str, str]

LINE = 2.6  # millimetres of a line of a label
MANY = 3
"""Kinds of cells from which on contrasts may be left out for want of room."""
PAGE, USUAL = 226.0, 180.0
"""Millimetres: height of a page, and height that is aimed at, with room for a legend below the figure."""
LOW, LOWEST, CLOSER = 18.0, 14.0, 0.8
"""Millimetres of axes of scores that share a page, of those of many kinds of cells; and how much closer lines
may stand than they would."""
BESIDE = 75.0
"""Millimetres of a panel from which on the word of a verdict has room beside p."""


@dataclass(frozen=True)
class Lines:
    """Contrasts with their words, and headings (contrast ""); millimetres of one line.

    `left` are words of contrasts without a line, `beside` that the verdict stands beside p and not below.
    """

    keys: list[Key]
    labels: list[str]
    row: float
    left: list[str] = field(default_factory=list)
    beside: bool = False


def lines_of_contrasts(
    keys: list[Key],
    rows: pd.DataFrame,
    grid: Grid,
    design: Design | FormulaDesign,
    labels: Mapping[str, str] | None,
    *,
    stroma: Collection[str],
    panel: float,
    across: bool,
    page: bool,
) -> Lines:
    """Lay out contrasts; those of many kinds of cells so that a `page` holds them, if that is to be.

    `panel` is the width of one, `stroma` the strata that are stroma.
    """
    own = with_headings(keys)
    headed = not own[0][0]
    told = [
        label_of(key, design, labels, stroma=stroma, headed=headed, wide=across and headed) for key in own
    ]
    records = rows.to_dict("records")
    cited, verdicts = any(map(drawn_on_kept, records)), any(map(worded, records))

    def height(words: Sequence[str], *, below: bool) -> float:
        most = max([*(word.count("\n") for word in words), int(below)])
        return max(LINE * (most + 1) + 1.9, 5.6 if cited else 0.0)

    usual = Lines(own, told, height(told, below=verdicts))
    beneath = 1 if across else grid.signatures
    held = lines_held(PAGE, grid, LOW, CLOSER * usual.row, beneath=beneath)
    if not page or grid.kinds < MANY or len(own) <= held:
        return usual
    beside = panel >= BESIDE
    below = verdicts and not beside
    held = lines_held(PAGE, grid, LOWEST, CLOSER * height([""], below=below), beneath=beneath)

    def said(key: Key) -> str:
        return (with_lines if key[1] in stroma else named)(key[0], design, labels)

    drawn, left = by_contrast(keys, said, held)
    told = [label_of_kind(key, design, labels) for key in drawn]
    return Lines(drawn, told, height(told, below=below), left, beside)
