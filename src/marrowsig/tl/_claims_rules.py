"""From the numbers of a claim to its verdict: the rules, in their order."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from marrowsig._carry_over import BLAST_POOR, NO_REFERENCE, NOT_EXAMINED, RULED_OUT
from marrowsig._check_words import STANDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = Mapping[str, Any]

SUPPORTED = "supported"
NOT_SUPPORTED = "not supported"
CONTRADICTED = "contradicted"
CANNOT = "cannot tell"
NOT_ASKED = "not asked"
VERDICTS = (SUPPORTED, CONTRADICTED, NOT_SUPPORTED, CANNOT, NOT_ASKED)

PASSED = (STANDS, RULED_OUT, BLAST_POOR)
"""Answers about carry-over with which a claim can stand."""


class Rule(NamedTuple):
    """One rule: its name in the column `rule`, the verdict that it gives, and when it does."""

    name: str
    verdict: str
    when: str


RULES = (
    Rule("not asked", NOT_ASKED, "the samples hold no such comparison; `reason` says what would be needed"),
    Rule(
        "not estimated",
        CANNOT,
        "the contrast has no estimate or no p: too few samples, or genes not measured",
    ),
    Rule(
        "not established",
        NOT_SUPPORTED,
        "adjusted p (Holm over all claims) is not below `alpha`, in either direction",
    ),
    Rule(
        "versions disagree",
        CANNOT,
        "less than the share `agreement` of all methods and signature versions has the sign of the estimate "
        "(each as scored), or one of them excludes zero on the other side (not asked of a single gene)",
    ),
    Rule(
        "rise not supported",
        CANNOT,
        "a reversal or 'more in resistant' in the claimed direction, while the rise in this (the resistant) "
        "line is not itself supported",
    ),
    Rule(
        "carry-over not examined",
        CANNOT,
        "there is no reference of stroma, or the result given as `stroma=` lacks this contrast",
    ),
    Rule(
        "carry-over",
        CANNOT,
        "`ms.qc.stroma` says other than 'not explained by carry-over', or the contrast without the genes "
        "that carry-over could move has adjusted p (Holm over all claims) not below `alpha`",
    ),
    Rule(
        "cell types",
        CANNOT,
        "shares of cell types in the sums differ between the arms, and with the same shares the interval "
        "does not exclude zero on the side of the size to cite, and less than half of that is left",
    ),
    Rule(
        "maturation",
        CANNOT,
        "`ms.qc.maturation` says 'may be maturation', or its rule does of the size to cite",
    ),
    Rule("opposite", CONTRADICTED, "none of the above, and the estimate has the other sign than claimed"),
    Rule("all hold", SUPPORTED, "none of the above, and the estimate has the claimed sign"),
)

PARTNERS = (
    Rule("both", SUPPORTED, "'supported' in both partners"),
    Rule("one falls", CONTRADICTED, "'contradicted' in one of them"),
    Rule("one is not told", CANNOT, "'cannot tell' in one of them"),
    Rule("one is not shown", NOT_SUPPORTED, "all else"),
)
"""Rules of a claim about both partners, whose p is the larger of theirs."""

_BY_NAME = {rule.name: rule for rule in (*RULES, *PARTNERS)}


def judge(row: Row, *, alpha: float, agreement: float) -> Rule:
    """Give the first rule that fits.

    Read are `estimate`, `p_adj`, `agreement` (share of the specifications with the sign of the estimate; NaN
    where there are none), `n_against`, `builds_on` (verdict of the rise that the claim needs, or ""),
    `stroma`, `filtered_p_adj` (NaN where nothing was filtered), `cell_types` and `maturation`.
    """
    return _BY_NAME[_first(row, alpha, agreement)]


def _first(row: Row, alpha: float, agreement: float) -> str:
    if isnan(row["estimate"]) or isnan(row["p_adj"]):
        return "not estimated"
    if not row["p_adj"] < alpha:
        return "not established"
    claimed = row["estimate"] > 0
    if row["agreement"] < agreement or row["n_against"] > 0:
        return "versions disagree"
    if claimed and row["builds_on"] not in ("", SUPPORTED):
        return "rise not supported"
    if row["stroma"] in ("", NO_REFERENCE, NOT_EXAMINED):
        return "carry-over not examined"
    if row["stroma"] not in PASSED or row["filtered_p_adj"] >= alpha:
        return "carry-over"
    if str(row.get("cell_types", "")).startswith("may be"):
        return "cell types"
    if str(row["maturation"]).startswith("may be"):
        return "maturation"
    return "all hold" if claimed else "opposite"


def both(verdicts: Sequence[str]) -> Rule:
    """Judge a claim about both partners from the verdicts of each."""
    if all(v == SUPPORTED for v in verdicts):
        name = "both"
    elif CONTRADICTED in verdicts:
        name = "one falls"
    elif CANNOT in verdicts:
        name = "one is not told"
    else:
        name = "one is not shown"
    return _BY_NAME[name]


def claim_rules() -> pd.DataFrame:
    """List the rules of `ms.tl.claims`, in the order in which they are tried.

    Returns
    -------
    DataFrame
        One row per rule: `of` (each claim, or both partners), `rule` (the name in the column of this name),
        `verdict`, `when`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.tl.claim_rules()["verdict"].unique().tolist()
    ['not asked', 'cannot tell', 'not supported', 'contradicted', 'supported']
    """
    rows = [("each claim", *rule) for rule in RULES] + [("both partners", *rule) for rule in PARTNERS]
    return pd.DataFrame(rows, columns=["of", "rule", "verdict", "when"])
