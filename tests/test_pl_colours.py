"""Colours differ for colour-blind readers, and words stand out from what is behind them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from marrowsig.pl import claims, stroma
from marrowsig.pl._colours import AXES, GREY, INK, OKABE_ITO, readable

# Machado, Oliveira and Fernandes, IEEE Transactions on Visualization and Computer Graphics 2009,
# doi:10.1109/TVCG.2009.113, severity 1.0; they act on linear RGB.
SIGHT = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)  # IEC 61966-2-1
WHITE = TO_XYZ.sum(axis=1)
APART = 15.0
"""CIE 1976 distance; 2.3 is just noticeable side by side (Mahy 1994, doi:10.1002/col.5080190205)."""
PALETTES = {
    "lines and arms": OKABE_ITO,
    "axes": tuple(AXES.values()),
    "stroma": tuple(stroma.__globals__["COLOURS"].values()),
    "claims": tuple(claims.__globals__["VERDICTS"].values()),
    "differences of a rescue": (OKABE_ITO[1], OKABE_ITO[0], OKABE_ITO[7]),
    "up and down": (OKABE_ITO[1], OKABE_ITO[0], GREY),
}


def linear(colour: str) -> np.ndarray:
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    ratio = TO_XYZ @ np.clip(rgb, 0, 1) / WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(ink: str, ground: str) -> float:
    """Ratio of WCAG 2.1."""
    bright, dark = sorted((float(TO_XYZ[1] @ linear(c)) for c in (ink, ground)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_the_numbers_of_this_test_are_right() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)  # WebAIM's checker
    np.testing.assert_allclose(lab(linear("#FF0000")), [53.24, 80.09, 67.20], atol=0.02)
    for matrix in SIGHT.values():
        np.testing.assert_allclose(matrix.sum(axis=1), 1.0, atol=1e-5)  # greys stay as they are
    red, green = (SIGHT["deuteranopia"] @ linear(c) for c in ("#A52A2A", "#4C6B00"))
    assert (
        np.linalg.norm(lab(red) - lab(green))
        < np.linalg.norm(lab(linear("#A52A2A")) - lab(linear("#4C6B00"))) / 2
    )


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("palette", PALETTES)
def test_colours_that_mean_something_differ(palette: str, sight: str) -> None:
    seen = {c: lab(SIGHT[sight] @ linear(c)) for c in PALETTES[palette]}
    assert len(seen) == len(PALETTES[palette])
    near = {(a, b): float(np.linalg.norm(seen[a] - seen[b])) for a, b in combinations(seen, 2)}
    assert min(near.values()) > APART, min(near, key=near.get)


@pytest.mark.parametrize("ink", ["#000000", INK, OKABE_ITO[0], *map(readable, OKABE_ITO)])
def test_words_stand_out_from_the_page(ink: str) -> None:
    assert contrast(ink, "#FFFFFF") >= 4.5


def test_the_words_of_a_chip_stand_out() -> None:
    for fill in PALETTES["claims"]:
        assert contrast("#000000", fill) >= 4.5


@pytest.mark.parametrize("colour", [*OKABE_ITO[:4], *AXES.values(), GREY])
def test_marks_stand_out_from_the_page(colour: str) -> None:
    """Three to one is what WCAG 2.1 asks of graphics; Okabe and Ito's lighter colours fill areas only."""
    assert contrast(colour, "#FFFFFF") >= 3.0
