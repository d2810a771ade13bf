"""Whether a verdict stands on a knife edge: a little other data would have turned it."""

from __future__ import annotations

from math import ceil, isnan
from typing import TYPE_CHECKING

from marrowsig._check_words import STANDS
from marrowsig._errors import first
from marrowsig._p_values import p_equals
from marrowsig.tl._explain_compare import number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Row = Mapping[str, Any]

MARK = "borderline"
UNCOMPARED = ", whose scatter counts though it is not compared"
SAID = {"not established": "adjusted p = ", "versions disagree": " ways of scoring"}
SAID["carry-over"] = " without the genes that carry-over could move"
"""Rules whose reason gives a number of the mark before it."""
AND = " and "
SQUARE = str.maketrans("()", "[]")
NEAR = (0.6, 1.4)
"""Adjusted p, as a multiple of alpha, between which a verdict is called borderline: 0.03 to 0.07 at 0.05."""
LAST = {
    "not established": 0,
    "versions disagree": 1,
    "rise not supported": 1,
    "carry-over not examined": 1,
    "carry-over": 2,
    "cell types": 2,
    "maturation": 2,
    "opposite": 2,
    "all hold": 2,
}
"""How many of the three thresholds a rule has come to: adjusted p, versions, p without genes of stroma."""


def least(row: Row, agreement: float) -> int:
    """Count the specifications that have to have the sign of the estimate."""
    return ceil(agreement * row["n_specifications"] - 1e-9)


def near(p: float, alpha: float) -> bool:
    """Whether p is about as large as the bound."""
    return NEAR[0] * alpha <= p <= NEAR[1] * alpha


def borderline(row: Row, *, alpha: float, agreement: float) -> str:
    """Say which threshold a claim came close to, of those that its rule looked at; empty for none."""
    come = LAST.get(str(row["rule"]), -1)
    told = []
    if come >= 0 and near(row["p_adj"], alpha):
        told.append(p_equals("adjusted p", row["p_adj"]))
    if come >= 1 and row["n_specifications"] and not isnan(row["agreement"]):
        same, needed = round(row["agreement"] * row["n_specifications"]), least(row, agreement)
        if same in (needed - 1, needed) and same < row["n_specifications"]:
            told.append(f"{same} of {row['n_specifications']} ways of scoring, where {needed} are needed")
    other = number(row, "filtered_p_adj")
    if come >= 2 and near(other, alpha) and row["stroma"] == STANDS:
        told.append(f"{p_equals('adjusted p', other)} without the genes that carry-over could move")
    if poorly := row.get("poorly"):
        few, middle = row["poor_counts"]
        name = str(row["poor"]).replace(" | ", " ").translate(SQUARE)
        fewest = f"which has the fewest counts [{few:,.0f}, median {middle:,.0f}]"
        told.append(f"{poorly!r} without {name}, {fewest}")
    if not told and (turned := row.get("turned")):
        verdict = next(iter(turned.values()))
        names = [name.replace(" | ", " ") for name, other in turned.items() if other == verdict]
        who = f"{'' if len(names) == 1 else 'one of '}{first(names).translate(SQUARE)}"
        told.append(f"{verdict!r} without {who}{UNCOMPARED}")
    return f"{MARK}: {AND.join(told)}" if told else ""


def not_yet_said(row: Row) -> str:
    """Give the mark with what the reason of the rule does not say before it; empty without a mark.

    >>> not_yet_said({"rule": "not established", "borderline": "borderline: adjusted p = 0.06"})
    'borderline'
    >>> not_yet_said({"rule": "not established", "borderline": "borderline: 'supported' without a P1"})
    "borderline: 'supported' without a P1"
    """
    edge, said = str(row.get("borderline") or ""), SAID.get(str(row["rule"]))
    if not edge or said is None:
        return edge
    left = [part for part in edge.removeprefix(f"{MARK}: ").split(AND) if said not in part]
    return f"{MARK}: {AND.join(left)}" if left else MARK
