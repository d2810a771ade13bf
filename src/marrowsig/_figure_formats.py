"""Formats of the figures in the folder of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection

FORMATS = ("png", "pdf", "svg")
"""Formats of the figures of a run, as they are asked for."""


def endings(asked: Collection[str]) -> list[str]:
    """Check the formats of figures, and give the endings of their files.

    Raises
    ------
    InputError
        If one is none of `FORMATS`, or none is asked for.
    """
    unknown = [name for name in asked if name not in FORMATS]
    if unknown or not asked or isinstance(asked, str):
        msg = (
            f"figures= is {asked!r}; it takes a list of {', '.join(map(repr, FORMATS))}, "
            "e.g. figures=['png', 'pdf']."
        )
        raise InputError(msg)
    return [f".{name}" for name in FORMATS if name in asked]
