"""What a run did not do, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report.elements import Facts, Section

if TYPE_CHECKING:
    from marrowsig._report.elements import Given

NAMES = {
    "claims": "The claims of the co-culture study",
    "rescue": "Fraction reversed by an inhibitor",
    "chain": "IL-6, STAT3 and EMT as one chain",
    "genes": "Gene level and tests of genes",
    "null": "Comparison with random signatures",
    "sensitivity": "Cell cycle and maturation",
    "cells": "Means and shares of cells",
    "multiverse": "Other methods and versions",
}


def section(given: Given) -> Section | None:
    """Name every part that is not on the page, with its reason."""
    reasons: dict[str, str] = given.extras.get("missing", {})
    if not reasons:
        return None
    return Section("missing", "Not done", [Facts([(NAMES.get(k, k), why) for k, why in reasons.items()])])
