"""What a claim says about carry-over: worded so that yes speaks for the claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

RULED_OUT = "ruled out by the design"
NO_REFERENCE = "no reference of stroma"
BLAST_POOR = "carried blasts can only lower it"

AS_SCORED, FILTERED = "estimate", "filtered_estimate"
"""Which size of a contrast may be cited: the column `cite` holds one of these."""

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
DIRECTION = "direction yes, size no"


def apart(stroma: str, *, size: bool = True) -> str:
    """Answer `APART` with yes, no or cannot tell; `stroma` is the verdict of the check.

    Without `size` the direction is the cells' own, while part of the size as scored is stroma's.

    >>> apart("supported"), apart("explained by carry-over")
    ('yes', 'no: explained by carry-over')
    >>> apart("supported", size=False)
    'direction yes, size no'
    """
    if stroma == "supported" and not size:
        return DIRECTION
    return ANSWERS.get(stroma, f"no: {stroma}")


def on_kept_genes(row: Mapping[str, Any]) -> bool:
    """Whether the size to cite is that on the genes that carry-over could not move."""
    return bool(row.get("cite", "") == FILTERED)
