"""Claims as a table to read: the size and p to cite, on which genes, and why a verdict is open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._carry_over import AS_SCORED
from marrowsig._size_to_cite import HELD, NEEDED, texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

OPEN = ("not supported", "cannot tell")
LEFT_OUT = (
    (re.compile(r" \(borderline[^()]*\)"), ""),
    (re.compile(r" by Holm over \d+ [a-z ]+?(?=,|;|$)"), ""),
    (re.compile("adjusted p = "), "adj. p "),
)
LONG = 90  # letters of a reason that are shown


def answers_first(claims: pd.DataFrame) -> pd.DataFrame:
    """Put claims that were not asked or not tested below the others, each in their order.

    >>> import pandas as pd
    >>> claims = pd.DataFrame({"verdict": ["not asked", "cannot tell", "supported"], "p": [None, None, 0.01]})
    >>> answers_first(claims)["verdict"].tolist()
    ['supported', 'cannot tell', 'not asked']
    """
    if not {"verdict", "p"} <= set(claims):
        return claims
    last = claims["verdict"].map({"not asked": 2, "cannot tell": 1}).where(claims["p"].isna(), 0).fillna(0)
    return claims.loc[last.sort_values(kind="stable").index].reset_index(drop=True)


def with_sizes(told: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Add to texts of claims the reason of open verdicts, and the size to cite where stroma was checked.

    `told` has a row per claim, `estimate` and `p_adj` as texts. Of a claim that was checked for carry-over
    these become `size_to_cite`, `genes_to_cite` and `p_adj_to_cite`, as in `table.csv` of a run, with
    `carry_over`, and `as_scored` beside them.
    """
    rows = [{str(k): v for k, v in row.items()} for row in claims.to_dict("records")]
    if not {"reason", "verdict"} <= set(claims) or not {"estimate", "p_adj"} <= set(told):
        return told
    out = told.assign(reason=[_reason(row) for row in rows])
    if not {*NEEDED, "stroma"} <= set(claims) or not claims["n_kept"].gt(0).any():
        return out
    sizes, p = told["estimate"].tolist(), told["p_adj"].tolist()
    # A gene has no list that could be cut: what holds is cited as measured.
    rows = [{**row, "cite": _text(row["cite"]) or AS_SCORED, "stroma": _text(row["stroma"])} for row in rows]
    cited: list[Mapping[str, Any]] = [row if row["verdict"] in HELD else {} for row in rows]
    columns: dict[str, list[str]] = texts_of(cited, sizes, p)
    ones = zip(columns["genes_to_cite"], rows, strict=True)
    columns["genes_to_cite"] = [text if row["n_genes"] else "" for text, row in ones]
    columns["carry_over"] = ["" if row["verdict"] == "not asked" else row["stroma"] for row in rows]
    return out.drop(columns=["estimate", "p_adj"]).assign(**columns, as_scored=sizes)


def shortened(reason: str) -> str:
    """Give a reason of a line's length: its head before a colon, or as many whole words as there is room for.

    >>> shortened("explained by carry-over: " + "word " * 20)
    'explained by carry-over'
    >>> len(shortened("word " * 20)), shortened("word " * 20)[-8:]
    (88, 'word ...')
    """
    head = reason if len(reason) <= LONG else reason.partition(": ")[0]
    return head if len(head) <= LONG else f"{head[: LONG - 3].rpartition(' ')[0].rstrip(',;')} ..."


def _reason(row: Mapping[str, Any]) -> str:
    """Give the reason of a verdict that is open, without what other columns say.

    >>> why = "adjusted p = 0.2 by Holm over 7 claims, not below 0.05"
    >>> _reason({"verdict": "not supported", "reason": why})
    'adj. p 0.2, not below 0.05'
    """
    if row["verdict"] not in OPEN:
        return ""
    text = " ".join(str(row["reason"]).split())
    for long, short in LEFT_OUT:
        text = long.sub(short, text)
    return text


def _text(value: object) -> str:
    """Write a word; of a table that was read from a file what is empty is no text."""
    return value if isinstance(value, str) else ""
