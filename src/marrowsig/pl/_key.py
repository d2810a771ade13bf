"""The key of a figure: marks and what they mean, in lines across its foot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from marrowsig.pl._style import MM, SMALL
from marrowsig.pl._words import long

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LINE, SIDE, GAP, MARK = 3.0, 3.0, 4.0, 3.4
"""Millimetres of a line, at both sides of it, between two entries, and of a mark before its words."""
GID, MORE = "key", "key, continued"
"""What the texts of an entry are called: its words, and those that had no room in the line above."""


@dataclass(frozen=True)
class Entry:
    """Words, and the mark before them: a marker of matplotlib with its face, or a letter such as "†"."""

    words: str
    marker: str = ""
    face: str = "black"
    edge: str = "black"
    gid: str = GID

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
    for entry in (part for one in entries for part in _parts(one, width - 2 * SIDE)):
        if lines[-1] and at + entry.wide > width - SIDE:
            lines.append([])
            at = SIDE
        lines[-1].append((at, entry))
        at += entry.wide + GAP
    return lines


def _parts(entry: Entry, width: float) -> Iterator[Entry]:
    """Break an entry that is wider than a line.

    >>> [part.words for part in _parts(Entry("no room for what stands here"), 20.0)]
    ['no room for what', 'stands here']
    """
    mark, lines = MARK if entry.marker else 0.0, [""]
    for word in entry.words.split(" "):
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and mark + long([longer]) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    yield replace(entry, words=lines[0])
    for line in lines[1:]:
        yield Entry(line, gid=MORE)


def write(figure: Any, lines: Sequence[Sequence[tuple[float, Entry]]]) -> None:
    """Write the lines at the foot of a figure, with `LINE` millimetres for each and one more.

    Their place follows the corner of the figure, which notebooks move as they cut off its margins.
    """
    from matplotlib.lines import Line2D
    from matplotlib.transforms import Affine2D, ScaledTranslation

    foot = Affine2D().scale(MM) + figure.dpi_scale_trans + ScaledTranslation(0.0, 0.0, figure.transFigure)
    for k, line in enumerate(lines):
        y = LINE * (len(lines) - k - 0.2)
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
            words.set_gid(entry.gid)
