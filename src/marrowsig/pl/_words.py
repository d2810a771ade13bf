"""Words of a known width, broken to fit."""

from __future__ import annotations

import re
from functools import lru_cache
from textwrap import wrap
from typing import TYPE_CHECKING

from marrowsig.pl._style import MM, SMALL, TEXT, inside

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

LETTER = 0.215
"""Width of a letter of DejaVu Sans in millimetres per point; narrower fonts leave more room."""

UNITS = ("log2 CPM", "log expression")
"""Of single genes, where figures of scores draw these."""

EFFECTS = {
    "hedges_g": "Hedges' g",
    "g_z": "g_z (SDs of the paired difference)",
    "g_residual": "g (residual SDs within units)",
}

BLANK = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
"""Behind words that would stand on lines."""


def title(ax: Axes, text: str, *, pad: float = 4.0, place: float | None = None) -> None:
    """Write the title at the left; `place` is the width that it has, if not that of these Axes."""
    fits = 0.55 * (place or inside(ax))
    bold = 1.12 * TEXT  # wider than letters of this size
    lines = [line for part in text.split("\n") for line in filled(part, fits, bold)]
    ax.set_title("\n".join(lines), loc="left", fontsize=TEXT, fontweight="bold", pad=pad)


def below(ax: Axes, what: str, notes: str, *, place: float, new: bool) -> None:
    """Say below an axes what x is, and what the marks are: at the foot of a figure that is all its own."""
    share = 0.54 * place
    if new:
        lines = wrap(notes, letters(0.92 * place, SMALL))
        ax.figure.supxlabel("\n".join(lines), fontsize=SMALL)
    parts = (what,) if new else (what, notes)
    ax.set_xlabel("\n".join(line for part in parts for line in wrap(part, letters(share))))


def filled(text: str, width: float, size: float = SMALL) -> list[str]:
    """Break a text at blanks, and words that are longer than a line after dots and underscores."""
    lines = [""]
    for word in text.split(" "):
        for part in broken(word, width, size).split("\n"):
            longer = f"{lines[-1]} {part}".strip() if part == word or not lines[-1] else ""
            if not longer or (lines[-1] and long([longer], size) > width):
                lines.append(part)
            else:
                lines[-1] = longer
    return lines


def scored_by(method: str) -> str:
    """Name the scores of a method.

    >>> scored_by("singscore"), scored_by("ucell")
    ('singscore', 'ucell score')
    """
    unit = method in UNITS or method.startswith("log2(")
    return method if method.endswith("score") or unit else f"{method} score"


def long(words: Iterable[str], size: float = SMALL) -> float:
    """Width in millimetres of the longest of some words, in the font in use."""
    from matplotlib import rcParams
    from matplotlib.font_manager import FontProperties

    font = FontProperties(size=size)
    faces = (*rcParams["font.sans-serif"], *rcParams["font.serif"], *rcParams["font.monospace"])
    told = [line for text in words for line in str(text).split("\n")]
    return max((_width(line, font, faces) for line in told), default=0.0) / 72 / MM


@lru_cache(maxsize=4096)
def _width(line: str, font: FontProperties, faces: tuple[str, ...]) -> float:
    """Width in points; `faces` are those of families, which may be set anew."""
    from matplotlib.textpath import text_to_path

    return float(text_to_path.get_text_width_height_descent(line, font, ismath=False)[0])


def signed(text: str) -> str:
    """Write the minus of numbers as the axes do, with the sign that is as long as a plus."""
    return re.sub(r"(?<![\w.])-(?=[\d.])", "\N{MINUS SIGN}", text)


def letters(millimetres: float, size: float = TEXT) -> int:
    """Count the letters that fit into a width."""
    return max(6, int(millimetres / (LETTER * size)))


def broken(name: str, width: float, size: float = SMALL) -> str:
    """Break a signature's id after dots and underscores, so that its lines fit into some millimetres."""
    lines = [""]
    for part in re.findall(r"[^._]*[._]|[^._]+", name):
        if lines[-1] and long([lines[-1] + part], size) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)
