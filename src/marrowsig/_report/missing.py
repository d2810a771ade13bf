"""What a run did not do, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report.elements import Facts, Section

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._report.elements import Given

NAMES = {
    "carry-over": "RNA carried over from stroma",
    "claims": "The claims of the co-culture study",
    "rescue": "Fraction reversed by an inhibitor",
    "chain": "IL-6, STAT3 and EMT as one chain",
    "genes": "Gene level and tests of genes",
    "null": "Comparison with random signatures",
    "sensitivity": "Cell cycle and maturation",
    "cells": "Means and shares of cells",
    "multiverse": "Other methods and versions",
}


def unasked(claims: pd.DataFrame) -> str:
    """Say what the samples would have to hold for the claims, of which none was asked."""
    needed = list(dict.fromkeys(claims["reason"].astype(str)))
    return f"none can be asked of these samples; the first would need {needed[0]}"


def section(given: Given) -> Section | None:
    """Name every part that is not on the page, with its reason."""
    reasons: dict[str, str] = dict(given.extras.get("missing", {}))
    if "claims" in given.extras and given.claims is None:
        reasons["claims"] = unasked(given.extras["claims"])
    if not reasons:
        return None
    return Section("missing", "Not done", [Facts([(NAMES.get(k, k), why) for k, why in reasons.items()])])
