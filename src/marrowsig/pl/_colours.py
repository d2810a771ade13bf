"""Colours that colour-blind people can tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Okabe and Ito's palette, black last: https://jfly.uni-koeln.de/color/
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
AXES = {
    "emt": "#D55E00", "il6": "#0072B2", "stat3": "#009E73", "stat1": "#CC79A7", "control": "#4D4D4D",
    "other": "#332288",
}  # fmt: skip
MARKERS = {"emt": "o", "il6": "s", "stat3": "D", "stat1": "^", "control": "v", "other": ">"}
GREY = "#767676"
INK = "#595959"  # of words that are not the matter
MISSING = "#D9D9D9"


def colours(names: Sequence[str]) -> dict[str, str]:
    """Give each name a colour, in order; they repeat after eight."""
    return {name: OKABE_ITO[i % len(OKABE_ITO)] for i, name in enumerate(names)}


def axis_colour(axis: str) -> str:
    """Colour of a signature's axis."""
    return AXES.get(axis, OKABE_ITO[3])


def readable(colour: str) -> str:
    """Darken a colour as far as letters on white need, 4.5 to 1 by WCAG 2.1."""
    from matplotlib.colors import to_hex, to_rgb

    shade = to_rgb(colour)
    while _brightness(shade) > 1.05 / 4.5 - 0.05:
        shade = (0.95 * shade[0], 0.95 * shade[1], 0.95 * shade[2])
    return to_hex(shade)


def ink_on(colour: Sequence[float]) -> str:
    """Say whether black or white letters stand out more from a colour."""
    bright = _brightness((colour[0], colour[1], colour[2])) + 0.05
    return "black" if bright / 0.05 >= 1.05 / bright else "white"


def _brightness(rgb: tuple[float, float, float]) -> float:
    parts = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))
