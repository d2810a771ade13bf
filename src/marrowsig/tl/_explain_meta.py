"""One row of a meta-analysis in words."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from marrowsig._p_values import p_equals
from marrowsig._rounded import in_interval, plain
from marrowsig.tl._explain_compare import number

if TYPE_CHECKING:
    from marrowsig.tl._explain_compare import Row

POOLED = ("signature", "method", "contrast", "on", "n_studies", "tau2", "pi_low", "heterogeneity", "reason")
_WORDS = {
    "up": "higher",
    "down": "lower",
    "not established": "not established, which is no evidence of no effect",
}


def told_of_pooled(row: Row) -> str:
    """Write the pooled estimate, how far the studies differ, and what it leans on."""
    where = f" [{row['stratum']}]" if row.get("stratum") else ""
    head = f"{row['signature']} ({row['method']}), {row['contrast']}{where}"
    notes = f" Note: {row['notes']}." if row.get("notes") else ""
    if isnan(number(row, "p")):
        return f"{head}: not pooled, {row['reason']}.{notes}"
    unit = "units of the score" if row["on"] == "score" else str(row["on"])
    size = in_interval(row["estimate"], row["ci_low"], row["ci_high"], "confidence")
    word, *mixed = str(row["verdict"]).partition(" on average")
    verdict = _WORDS.get(word, word) + "".join(mixed)
    return (
        f"{head}: pooled over {int(row['n_studies'])} studies ({row['n_samples']:g} samples), "
        f"{size} in {unit}, {verdict}; random effects, t({row['df']:g}) = {row['stat']:.3g}, "
        f"{p_equals('p', row['p'])}, {p_equals('adjusted p', row['p_adj'])} ({row['adjustment']} over "
        f"{int(row['family_size'])}, family {row['family']!r}). tau2 {plain(row['tau2'])}, "
        f"{row['heterogeneity']} (prediction interval {plain(row['pi_low'])} to {plain(row['pi_high'])}). "
        f"Without one study the estimate lies between {plain(row['without_low'])} and "
        f"{plain(row['without_high'])}, {p_equals('largest p', row['without_p'])}.{notes}"
    )
