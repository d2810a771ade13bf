"""Which number to cite: said once, at the top of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report.elements import Link, Words

if TYPE_CHECKING:
    from marrowsig._report.elements import Given

LINE = "estimate with its interval, adjusted p and n, as the line of the answer has them"
OF_CLAIM = "of a claim, its verdict, estimate with its interval and adjusted p, as in the table of the claims"
KEPT = " (of two sizes, the one called 'size to cite')"
OPEN = "also where it says 'not established'"
REST = "All other sections check these results or ask something else; their p and sizes do not replace these."


def to_cite(given: Given) -> Words:
    """Name the numbers of the page that a paper states, and what the other sections are for."""
    links = [Link("the answer", ["answer"]), Link("methods", ["methods"])]
    if given.claims is None:
        what = f"of every main signature and contrast, {LINE}, {OPEN}"
    else:
        kept = KEPT if "stroma" in given.extras else ""
        what = f"{OF_CLAIM}{kept}; of any other contrast, the line of the answer, {OPEN}"
        links = [Link("the claims", ["claims"]), *links]
    return Words(f"Which numbers to cite: {what}. {REST}", links=links)
