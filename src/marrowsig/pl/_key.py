"""The key of a figure: marks and what they mean, in lines across its foot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marrowsig.pl._style import MM, SMALL
from marrowsig.pl._words import long

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE, SIDE, GAP, MARK = 3.0, 3.0, 4.0, 3.4
"""Millimetres of a line, at both sides of it, between two entries, and of a mark before its words."""


@dataclass(frozen=True)
class Entry:
    """Words, and the mark before them: a marker of matplotlib with its face, or a letter such as "†"."""

    words: str
    marker: str = ""
    face: str = "black"
    edge: str = "black"

    @property
    def said(self) -> str:
        """The entry in words alone."""
        marks = {"^": "triangle: ", "|": "tick: ", ">": "arrow: "}
        return f"{marks.get(self.marker, '')}{self.words}"

    @property
    def wide(self) -> float:
        """Millimetres that it takes."""
        return long([self.words]) + (MARK if self.marker else 0.0)


def lines_of(entries: Sequence[Entry], width: float) -> list[list[tuple[float, Entry]]]:
    """Break entries into lines that fit into the width of a figure, each with the left end of its entries."""
    lines: list[list[tuple[float, Entry]]] = [[]]
    at = SIDE
    for entry in entries:
        if lines[-1] and at + entry.wide > width - SIDE:
            lines.append([])
            at = SIDE
        lines[-1].append((at, entry))
        at += entry.wide + GAP
    return lines


def write(figure: Any, lines: Sequence[Sequence[tuple[float, Entry]]]) -> None:
    """Write the lines at the foot of a figure, with `LINE` millimetres for each and one more.

    Their place follows the corner of the figure, which notebooks move as they cut off its margins.
    """
    from matplotlib.lines import Line2D
    from matplotlib.transforms import Affine2D, ScaledTranslation

    foot = Affine2D().scale(MM) + figure.dpi_scale_trans + ScaledTranslation(0.0, 0.0, figure.transFigure)
    for k, line in enumerate(reversed(lines)):
        y = LINE * (k + 0.8)
        for x, entry in line:
            if entry.marker:
                size, edge = (5.0, 1.2) if entry.marker == "|" else (3.5, 1.0)
                mark = Line2D(
                    [x + 1.0], [y], marker=entry.marker, ls="", ms=size, mew=edge, mfc=entry.face,
                    mec=entry.edge, transform=foot,
                )  # fmt: skip
                figure.add_artist(mark)
            words = figure.text(
                x + (MARK if entry.marker else 0.0), y, entry.words, transform=foot, va="center",
                fontsize=SMALL,
            )  # fmt: skip
            words.set_gid("key")
