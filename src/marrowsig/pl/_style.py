"""Print sizes, and colours that colour-blind people can tell apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from marrowsig._errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

# Okabe and Ito's palette, black last: https://jfly.uni-koeln.de/color/
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
AXES = {"emt": "#D55E00", "il6": "#0072B2", "stat3": "#009E73", "stat1": "#CC79A7", "control": "#4D4D4D"}
MARKERS = {"emt": "o", "il6": "s", "stat3": "D", "stat1": "^", "control": "v"}
GREY = "#767676"
INK = "#595959"  # of words that are not the matter
MISSING = "#D9D9D9"

NARROW, WIDE = 85.0, 180.0
"""Widths in millimetres: one and two columns of a journal's page."""
BREAK = 120.0
"""Width below which two panels, or long words beside one, do not fit."""
TEXT, SMALL = 7.0, 6.0
"""Sizes of letters in points at these widths; nothing is smaller."""
LETTER = 0.215
"""Width of a letter of DejaVu Sans in millimetres per point; narrower fonts leave more room."""
MM = 1 / 25.4
LEAST = 60.0
EXTRA = 60.0  # millimetres for words above and below axes whose figure is fitted to them
DPI = 200  # of a figure on the screen


def colours(names: Sequence[str]) -> dict[str, str]:
    """Give each name a colour, in order; they repeat after eight."""
    return {name: OKABE_ITO[i % len(OKABE_ITO)] for i, name in enumerate(names)}


def axis_colour(axis: str) -> str:
    """Colour of a signature's axis."""
    return AXES.get(axis, OKABE_ITO[3])


def axes(ax: Axes | None, width: float | None, *, usual: float, height: float) -> Axes:
    """Return the given Axes, or those of a new figure; all sizes are in millimetres."""
    if ax is not None:
        if width is not None:
            msg = "Give ax= or width=, not both: these Axes have their width already."
            raise InputError(msg)
        dress(ax)
        return ax
    import matplotlib.pyplot as plt
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    size = (given_width(width, usual) * MM, height * MM)
    pad = 1.5 * MM
    new = plt.subplots(figsize=size, layout=ConstrainedLayoutEngine(w_pad=pad, h_pad=pad), dpi=DPI)[1]
    dress(new)
    return new


def fit(ax: Axes, height: float, *, new: bool, stacked: int = 1) -> None:
    """Make a new figure as tall as its words need, with one or more Axes of this height in millimetres."""
    if not new:
        return
    figure: Any = ax.figure
    figure.draw_without_rendering()  # lays it out
    short = height * MM - ax.get_position().height * figure.get_figheight()
    figure.set_figheight(figure.get_figheight() + stacked * short)


def given_width(width: float | None, usual: float) -> float:
    """Check a width in millimetres."""
    if width is None:
        return usual
    if isinstance(width, bool) or not LEAST <= width <= 1000:
        msg = f"width is {width!r}; it has to lie between {LEAST:g} and 1000 millimetres, e.g. 85 or 180."
        raise InputError(msg)
    return float(width)


def room(ax: Axes) -> float:
    """Width in millimetres of the place that the figure has for these Axes, labels included."""
    figure: Any = ax.figure
    spec = ax.get_subplotspec()
    box = ax.get_position() if spec is None else spec.get_position(figure)
    return float(box.width * figure.bbox.width / figure.dpi / MM)


def dress(ax: Axes) -> None:
    """Give ticks, labels and frame their print size."""
    ax.tick_params(labelsize=TEXT, width=0.6, length=2.5, pad=2)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_fontsize(TEXT)
        axis.labelpad = 2.0
        axis.get_offset_text().set_fontsize(SMALL)
    for spine in ax.spines.values():
        spine.set_linewidth(0.6)


def title(ax: Axes, text: str, *, pad: float = 4.0, place: float | None = None) -> None:
    """Write the title at the left; `place` is the width that it has, if not that of these Axes."""
    fits = 0.55 * (place or room(ax))
    lines = [line for part in text.split("\n") for line in _filled(part, fits)]
    ax.set_title("\n".join(lines), loc="left", fontsize=TEXT, fontweight="bold", pad=pad)


def _filled(text: str, width: float) -> list[str]:
    """Break a text at blanks, and words that are longer than a line after dots and underscores."""
    bold = 1.12 * TEXT  # wider than letters of this size
    lines = [""]
    for word in text.split(" "):
        for part in broken(word, width, bold).split("\n"):
            longer = f"{lines[-1]} {part}".strip() if part == word or not lines[-1] else ""
            if not longer or (lines[-1] and long([longer], bold) > width):
                lines.append(part)
            else:
                lines[-1] = longer
    return lines


def bare(ax: Axes) -> None:
    """Take away the frame's top and right side."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def long(words: Iterable[str], size: float = SMALL) -> float:
    """Width in millimetres of the longest of some words, in the font in use."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=size)
    told = [line for text in words for line in str(text).split("\n")]
    widths = [text_to_path.get_text_width_height_descent(line, font, ismath=False)[0] for line in told]
    return float(max(widths, default=0.0)) / 72 / MM


def from_corner(ax: Axes, x: float, y: float) -> Transform:
    """Coordinates in millimetres from a corner, such as (0, 1), of these Axes."""
    from matplotlib.transforms import Affine2D, ScaledTranslation

    corner: Any = ScaledTranslation(x, y, cast("Any", ax.transAxes))
    return Affine2D().scale(MM) + ax.figure.dpi_scale_trans + corner


def letters(millimetres: float, size: float = TEXT) -> int:
    """Count the letters that fit into a width."""
    return max(6, int(millimetres / (LETTER * size)))


def readable(colour: str) -> str:
    """Darken a colour as far as letters on white need, 4.5 to 1 by WCAG 2.1."""
    from matplotlib.colors import to_hex, to_rgb

    shade = to_rgb(colour)
    while _brightness(shade) > 1.05 / 4.5 - 0.05:
        shade = (0.95 * shade[0], 0.95 * shade[1], 0.95 * shade[2])
    return to_hex(shade)


def _brightness(rgb: tuple[float, float, float]) -> float:
    parts = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def broken(name: str, width: float, size: float = SMALL) -> str:
    """Break a signature's id after dots and underscores, so that its lines fit into some millimetres."""
    lines = [""]
    for part in re.findall(r"[^._]*[._]|[^._]+", name):
        if lines[-1] and long([lines[-1] + part], size) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)
