"""What a claim can hardly be at the share of stroma that its samples hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._rounded import percent
from marrowsig.tl._claims_rules import CANNOT, NOT_SUPPORTED

if TYPE_CHECKING:
    from collections.abc import Mapping

MUCH = 0.01
"""Share of stromal RNA from which on this is said; the simulations of docs/claims.md have 2 %."""
HALLMARK = "emt.hallmark"
NOISE = (
    "the scatter of this share between samples is noise of the score, and in simulated studies with 2 % of "
    "stroma (four pairs) real differences of this kind were supported in 2 to 8 %. A signature that stroma "
    "moves less, such as emt.blast, chosen before the data are seen, asks it better (docs/claims.md)"
)
WHY = {
    ("emt_more_in_resistant", HALLMARK): NOISE,
    ("emt_reversed", HALLMARK): NOISE,
    (
        "il6_up",
        "IL6",
    ): "stroma has so much IL6 that in none of the simulated studies with 2 % of its RNA could "
    "a rise in leukaemia cells be told from carry-over (docs/claims.md)",
}


def rarely(row: Mapping[str, Any]) -> str:
    """Say that a claim would rarely pass at this share, where it ended otherwise; else nothing."""
    share = row.get("largest_share", float("nan"))
    held = row["verdict"] == NOT_SUPPORTED or (row["verdict"] == CANNOT and row["rule"] == "carry-over")
    why = WHY.get((str(row["claim"]), str(row["signature"])), "")
    if not (held and why and share >= MUCH) or row.get("swapped"):
        return ""
    much = f"up to {percent(share)} of the RNA of a co-culture"
    return f"With this much stroma ({much}) this claim would rarely pass: {why}."
