"""What a claim says about carry-over: worded so that yes speaks for the claim."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from marrowsig._check_words import CANNOT, NOTHING, STANDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

RULED_OUT = "not asked: said to be impossible"
NO_REFERENCE = "no reference of stroma"
NOT_EXAMINED = "the leukaemia RNA in stroma is not known"
BLAST_POOR = "carried blasts can only lower it"
SHOWN = 1e-6
"""Lower limit of a share above which there is RNA of stroma; less is rounding."""

AS_SCORED, FILTERED = "estimate", "filtered_estimate"
"""Which size of a contrast may be cited: the column `cite` holds one of these."""

PREFIX = "stroma_"
"""What the name of a question about the programmes of stroma starts with."""


def of_stroma(row: Mapping[str, Any]) -> bool:
    """Whether a row asks about the programmes of stroma, so that carried-over RNA is of leukaemia cells."""
    return str(row.get("claim", "")).startswith(PREFIX)


def said_impossible(claims: pd.DataFrame | None) -> bool:
    """Whether the claims were told that no RNA of stroma can be in the samples, and so did not ask."""
    return claims is not None and "stroma" in claims and bool(claims["stroma"].eq(RULED_OUT).any())


APART = "carry-over ruled out"
ANSWERS = {
    "": "",
    STANDS: "yes",
    RULED_OUT: "said to be impossible",
    BLAST_POOR: "yes: blasts can only lower it",
    CANNOT: "cannot tell",
    NO_REFERENCE: "cannot tell: no reference",
    NOT_EXAMINED: "cannot tell: not known",
    NOTHING: "change not established",
}
"""Short: the figure has two lines of 16 letters for each."""
PART = 0.1
"""Part of an estimate that the shares of stroma may give by themselves, and its size still be cited."""


def moved(row: Mapping[str, Any]) -> str:
    """Say whether stroma makes the size as scored "larger" or "smaller"; empty for up to `PART` of it.

    >>> moved({"estimate": 0.05, "carried": 0.03}), moved({"estimate": 0.05, "carried": -0.03})
    ('larger', 'smaller')
    """
    estimate, carried = float(row.get("estimate", math.nan)), float(row.get("carried", math.nan))
    if not abs(carried) > PART * abs(estimate):
        return ""
    return "larger" if carried * estimate > 0 else "smaller"


def apart(row: Mapping[str, Any]) -> str:
    """Answer `APART` with yes, no or cannot tell, from the verdict of the check in `stroma`.

    Where the size to cite is not that as scored, the direction is the cells' own; stroma moves the size.

    >>> apart({"stroma": STANDS}), apart({"stroma": "may be carry-over"})
    ('yes', 'no: may be carry-over')
    >>> apart({"stroma": STANDS, "cite": "filtered_estimate", "estimate": 0.05, "carried": 0.03})
    'direction yes, size raised'
    """
    stroma = str(row["stroma"])
    change = {"larger": "raised", "smaller": "lowered"}.get(moved(row) if on_kept_genes(row) else "")
    if stroma == STANDS and change:
        return f"direction yes, size {change}"
    return ANSWERS.get(stroma, f"no: {stroma}")


def on_kept_genes(row: Mapping[str, Any]) -> bool:
    """Whether the size to cite is that on the genes that carry-over could not move."""
    return bool(row.get("cite", "") == FILTERED)
