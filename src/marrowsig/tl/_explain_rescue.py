"""One row of a rescue in words: its sentence, with the numbers behind it."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from marrowsig._p_values import p_equals
from marrowsig._rounded import plain
from marrowsig.tl._explain_compare import number, unit, without_pooling

if TYPE_CHECKING:
    from marrowsig.tl._explain_compare import Row


def told(row: Row) -> str:
    """Write the row's sentence, then estimates, tests and caveats."""
    head = f"{row['signature']} ({row['method']}), {row['sentence']}"
    if isnan(number(row, "reversal_p")):
        return head
    parts = [_part(row, part) for part in ("induction", "reversal", "residual")]
    numbers = "; ".join(part for part in parts if part)
    counts = f"n = {int(row['n_mono'])} mono, {int(row['n_co'])} co, {int(row['n_treated'])} treated"
    if row["n_pairs"]:
        counts += f", {int(row['n_pairs'])} complete pairs"
    size = int(row["family_size"])
    family = f"adjusted p by Benjamini-Hochberg over {size} {'signature' if size == 1 else 'signatures'}"
    numbers = numbers[:1].upper() + numbers[1:]
    lead = f"{numbers}; {counts}; {row['test']}; {family}." if numbers else f"{counts}; {row['test']}."
    return f"{head} {lead} {_caveats(row)}"


def _part(row: Row, part: str) -> str:
    value, low, high = (number(row, f"{part}{tail}") for tail in ("", "_low", "_high"))
    if isnan(value):
        return ""
    p = number(row, f"{part}_p_adj")
    tail = "" if isnan(p) else f", {p_equals('adjusted p', p)}"
    return f"{part} {plain(value)} (interval {plain(low)} to {plain(high)}{tail})"


def _caveats(row: Row) -> str:
    p = number(row, "reversal_p_welch")
    other = "" if isnan(p) else f"Check: reversal {without_pooling(row)} {p_equals('p', p)}. "
    return other + (
        "The reversal is what is tested, the fraction describes it. Intervals are not adjusted for the "
        f"number of tests. Estimates are in units of the {row['method']} score; {unit(row)}."
    )
