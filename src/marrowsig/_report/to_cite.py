"""Which number to cite: said once, at the top of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import words
from marrowsig._report.elements import Link, Words

if TYPE_CHECKING:
    from marrowsig._report.elements import Given

LINE = "estimate with its interval, adjusted p and n, as the line of the answer has them"
OF_CLAIM = (
    "of a claim, its verdict, estimate with its interval and adjusted p, as the table of the claims has them"
)
KEPT = " (on the genes that stroma could not move, where that size is named as the one to cite)"
OPEN = "also where it says 'not established'"


def to_cite(given: Given) -> Words:
    """Name the numbers of the page that a paper states, and what the other sections are for."""
    links = [Link("the answer", ["answer"]), Link("methods", ["methods"])]
    if given.claims is None:
        what = f"of every main signature and contrast, {LINE}, {OPEN}"
    else:
        kept = KEPT if "stroma" in given.extras else ""
        what = f"{OF_CLAIM}{kept}; of any other contrast, {LINE}, {OPEN}"
        links = [Link("the claims", ["claims"]), *links]
    checks = [name for key, name in CHECKS.items() if key in given.extras]
    who = f"The other sections, on {words.listing(checks)}," if checks else "The other tables"
    beside = "check these results or ask something else: their p and sizes do not stand in place of these."
    return Words(f"Which numbers to cite: {what}. {who} {beside}", links=links)


CHECKS = {
    "stroma": "stroma",
    "rescue": "inhibitors",
    "chain": "the chain",
    "genes": "genes",
    "null": "random sets",
    "sensitivity": "cell cycle and maturation",
    "cells": "single cells",
    "multiverse": "other methods",
}
"""What the further results are called here, by the name of their argument of `ms.report`."""
