"""What to do with three levels of a culture, of which a design compares two."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

HOWTO = "docs/howto/design_names.md, 'Three cultures: alone, transwell, contact'"


def one_at_a_time(level: str, seen: Collection[str]) -> str:
    """Say of several levels given as one that each is a run of its own; empty where it is no such thing.

    >>> one_at_a_time("contact,transwell", ["mono", "contact", "transwell"])[:48]
    " Give one level at a time ('contact', then 'tran"
    >>> one_at_a_time("contact,else", ["mono", "contact"]), one_at_a_time("a", ["a, b"])
    ('', '')
    """
    parts = [part.strip() for part in re.split(r"[,;|]", level)]
    if len(parts) < 2 or not set(parts) <= set(seen):
        return ""
    each = ", then ".join(map(repr, parts))
    return f" Give one level at a time ({each}), in runs of their own, or all in a formula: {HOWTO}."


def left_out(notes: Sequence[str]) -> str:
    """Point to that page where rows that lie outside the design are another co-culture.

    >>> left_out(["6 rows lie outside the design: 'arm' is 'transwell' (6)"])[:40]
    ' A third culture is a run of its own, or'
    >>> left_out(["2 rows lie outside the design: 'line' is 'HL60' (2)"])
    ''
    """
    from marrowsig._shared_culture import grown_with

    levels = [level for note in notes for level in re.findall(r"'([^']*)' \(\d+\)", note)]
    found = grown_with([*levels, "mono"])
    return f" A third culture is a run of its own, or a formula: {HOWTO}." if found else ""
