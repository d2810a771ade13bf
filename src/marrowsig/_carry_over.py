"""What a claim says about carry-over: worded so that yes speaks for the claim."""

from __future__ import annotations

RULED_OUT = "ruled out by the design"
NO_REFERENCE = "no reference of stroma"
BLAST_POOR = "carried blasts can only lower it"

APART = "carry-over ruled out"
ANSWERS = {
    "": "",
    "supported": "yes",
    RULED_OUT: "yes, by the design",
    BLAST_POOR: "yes: blasts can only lower it",
    "cannot tell": "cannot tell",
    NO_REFERENCE: "cannot tell: no reference",
    "not established": "change not established",
}
"""Short: the figure has two lines of 16 letters for each."""


def apart(stroma: str) -> str:
    """Answer `APART` with yes, no or cannot tell; `stroma` is the verdict of the check.

    >>> apart("supported"), apart("explained by carry-over")
    ('yes', 'no: explained by carry-over')
    """
    return ANSWERS.get(stroma, f"no: {stroma}")
