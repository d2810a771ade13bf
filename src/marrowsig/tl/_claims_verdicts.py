"""The verdicts of all claims, what was not asked, and the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._carry_over import BLAST_POOR, NO_REFERENCE, NOT_EXAMINED, RULED_OUT
from marrowsig._check_words import NOTHING
from marrowsig._gene_scale import told
from marrowsig.tl import _claims_words as words
from marrowsig.tl._claims_asked import CLAIMS, FURTHER, IL6_UP, STATEMENTS, Statement
from marrowsig.tl._claims_border import borderline
from marrowsig.tl._claims_poorest import without_poorest
from marrowsig.tl._claims_rules import NOT_ASKED, judge
from marrowsig.tl._claims_stroma import IN_STROMA
from marrowsig.tl._claims_without import turned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = dict[str, Any]

COLUMNS = (
    "claim", "statement", "compartment", "line", "inhibitor", "stratum", "verdict", "rule", "reason",
    "signature", "versions", "method", "contrast", "estimate", "ci_low", "ci_high", "df", "p", "p_adj",
    "agreement", "n_specifications", "n_against", "other_sign", "stroma", "filtered_p_adj", "maturation",
    "maturation_of", "cell_types", "types_moved", "same_shares_estimate", "same_shares_ci_low",
    "same_shares_ci_high", "same_shares_draws", "cite", "cite_for", "carried", "filtered_estimate",
    "filtered_ci_low", "filtered_ci_high", "n_kept", "n_genes", "borderline", "p_welch", "filtered_p_welch",
    "by_method",
    "n_established", "n_methods", "genes_estimate", "genes_unit", "genes_p", "genes_log2_change", "p_null",
    "other_tests", "note", "adjustment", "family_size", "filtered_family_size", "detectable", "n_test",
    "n_base", "n_pairs", "n_both", "unit", "sentence", "family", "scale",
)  # fmt: skip
FLOATS = (
    "estimate", "ci_low", "ci_high", "df", "p", "p_adj", "agreement", "filtered_p_adj", "detectable",
    "carried", "filtered_estimate", "filtered_ci_low", "filtered_ci_high", "p_welch", "filtered_p_welch",
    "genes_estimate", "genes_p", "genes_log2_change", "p_null", "same_shares_estimate", "same_shares_ci_low",
    "same_shares_ci_high",
)  # fmt: skip
COUNTS = (
    "n_specifications", "n_against", "family_size", "n_test", "n_base", "n_pairs", "n_kept", "n_genes",
    "n_established", "n_methods", "filtered_family_size", "n_both", "same_shares_draws",
)  # fmt: skip
UNCHECKED = ("", NO_REFERENCE, NOT_EXAMINED, RULED_OUT, BLAST_POOR)
"""Words about carry-over that say nothing of a size."""
ORDER = [
    *(statement.id for statement in STATEMENTS),
    IL6_UP.id,
    f"{IL6_UP.id}_in_both",
    *(statement.id for statement in (*FURTHER, *IN_STROMA)),
]


def verdicts(
    rows: list[Row],
    *,
    alpha: float,
    agreement: float,
    known: Mapping[tuple[str, str, str], str] | None = None,
) -> None:
    """Fill verdict, rule and reason; rises first, for others build on them and on those that are `known`."""

    def judged(rows: list[Row]) -> list[str]:
        found = dict(rises)
        for row in sorted(rows, key=lambda row: _builds(row) != ""):
            if _builds(row):
                row["builds_on"] = found.get(row["rise"], "not asked")
            rule = judge(row, alpha=alpha, agreement=agreement)
            row["rule"], row["verdict"] = rule.name, rule.verdict
            if row["rule"] == "not estimated" and row["stroma"] not in UNCHECKED:
                row |= {"stroma": NOTHING, "stroma_why": ""}  # what was not tested is not explained either
            found[row["claim"], row["stratum"], row["line"]] = rule.verdict
        return [row["verdict"] for row in rows]

    rises = dict(known or {})
    judged(rows)
    turned(rows, judged)
    without_poorest(rows, judged)
    for row in rows:
        rises[row["claim"], row["stratum"], row["line"]] = row["verdict"]
        row["borderline"] = borderline(row, alpha=alpha, agreement=agreement)
        row["reason"] = words.reason(row, alpha=alpha, agreement=agreement)
    for row in rows:
        other = rises.get(("il6_response_up", row["stratum"], row["line"]), "")
        row["beside"] = other if row["claim"] == "stat3_up" and other != row["verdict"] else ""


def _builds(row: Row) -> str:
    return str(row["rise"][0]) if row["rise"] else ""


def not_asked(
    rows: list[Row], statements: Sequence[Statement] = (*STATEMENTS, IL6_UP), apart: str = ""
) -> list[Row]:
    """Give a row to every statement that these samples cannot be asked about, with what it would need.

    `apart` is what a reversal needs in the place of samples with an inhibitor, which are there.
    """
    seen = {row["claim"] for row in rows}
    out = []
    for statement in statements:
        if statement.id in seen:
            continue
        out.append(
            {
                "claim": statement.id, "statement": statement.words, "verdict": NOT_ASKED, "rule": NOT_ASKED,
                "reason": (apart if statement.kind == "reversal" else "") or statement.needs,
            }
        )  # fmt: skip
    return out


def as_rows(rows: list[Row], *, alpha: float, family: str = CLAIMS) -> pd.DataFrame:
    """Put the rows into a table, in the order of the statements, each with its sentence."""
    blank = {
        **dict.fromkeys(COLUMNS, ""),
        **dict.fromkeys(FLOATS, np.nan),
        **dict.fromkeys(COUNTS, 0),
        "adjustment": "Holm",
        "family": family,
    }
    full = sorted(({**blank, **row} for row in rows), key=lambda row: ORDER.index(row["claim"]))
    for row in full:
        row["other_tests"] = words.other_tests(row, alpha=alpha)
        row["sentence"] = words.sentence(row, alpha=alpha)
        row["scale"] = told([row.get("test")])
    table = pd.DataFrame(full)[list(COLUMNS)]
    table.attrs["alpha"] = float(alpha)
    return table
