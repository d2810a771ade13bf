"""What an inhibitor may take back is called: an induction, or of two groups a difference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._other_groups import compares_groups

if TYPE_CHECKING:
    import pandas as pd

RISE = "rise"
"""What a result notes of it in its `attrs`."""
WORDS = {"induction": "difference", "Induction": "Difference"}


def rise(design: object) -> str:
    """Name it for a design.

    >>> from marrowsig.design import Design
    >>> rise(Design(culture="arm")), rise(Design(culture="cells", mono="THP-1", co="THP-1 VenR"))
    ('induction', 'difference')
    """
    return WORDS["induction"] if compares_groups(design) else "induction"


def noted(result: pd.DataFrame) -> str:
    """Name it as a result notes it."""
    return str(result.attrs.get(RISE, "induction"))


def called(text: str, word: str) -> str:
    """Put this word where a text has 'induction'.

    >>> called("Induction 0.2; 40 % of the induction", "difference")
    'Difference 0.2; 40 % of the difference'
    >>> called("induction not established", "induction")
    'induction not established'
    """
    if word == "induction":
        return text
    return re.sub(r"\b[Ii]nduction\b", lambda found: WORDS[found[0]], text)
