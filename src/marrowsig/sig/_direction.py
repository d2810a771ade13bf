"""The words and signs by which tables say that a gene rises or falls."""

from __future__ import annotations

_UP = (
    "up upregulated upregulation increase increased induced induction activated activation stimulated "
    "stimulation positive pos higher high overexpressed + +1 1 1.0 \N{UPWARDS ARROW}"
)
_DOWN = (
    "down dn downregulated downregulation decrease decreased reduced repressed repression suppressed "
    "suppression inhibited inhibition negative neg lower low underexpressed - -1 -1.0 \N{DOWNWARDS ARROW}"
)
SIGN = dict.fromkeys(_UP.split(), 1.0) | dict.fromkeys(_DOWN.split(), -1.0)
_MINUS = str.maketrans(dict.fromkeys("\N{MINUS SIGN}\N{EN DASH}\N{NON-BREAKING HYPHEN}", "-"))


def read_direction(text: str) -> float | None:
    """Return 1 for a gene that rises, -1 for one that falls, None for anything else.

    >>> [read_direction(word) for word in ("Up", "down-regulated", "+", "unchanged")]
    [1.0, -1.0, 1.0, None]
    """
    word = plain_minus(text.strip().casefold())
    plain = word if not any(c.isalpha() for c in word) else "".join(c for c in word if c not in " -_.")
    return SIGN.get(plain)


def plain_minus(text: str) -> str:
    """Write typeset minus signs as the keyboard has it."""
    return text.translate(_MINUS)
