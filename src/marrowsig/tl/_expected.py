"""The directions that shipped signatures state before anything is scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import SignatureError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marrowsig._contrasts import Contrast

_OPPOSITE = {"up": "down", "down": "up"}


def expected_of(contrast: Contrast, signature: str, stated: dict[tuple[str, str], str]) -> str:
    """Sign that the contrast is expected to have, from what `expectations` found; empty if none is said."""
    direction = stated.get((signature, contrast.factor), "")
    return _OPPOSITE.get(direction, direction) if contrast.turned else direction


def expectations(ids: Iterable[str]) -> dict[tuple[str, str], str]:
    """Map (signature, factor) to the expected sign of the contrast.

    A reversal is positive when the inhibitor takes the score down, so `inhibitor = "down"` reads "up" here.
    """
    from marrowsig.sig import load

    found: dict[tuple[str, str], str] = {}
    for id in ids:
        try:
            stated = load(id)[id].expect
        except (SignatureError, KeyError):
            continue
        for factor, direction in stated.items():
            sign = _OPPOSITE.get(direction, direction) if factor == "inhibitor" else direction
            found[id, factor] = sign
    return found
