"""What the marks of an overview mean, and which of them are filled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._check_words import CANNOT, STANDS
from marrowsig.pl._by_stroma import stands
from marrowsig.pl._colours import GREY
from marrowsig.pl._kept_sizes import drawn_on_kept, p_to_cite
from marrowsig.pl._key import Entry

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

YES = "supported"
OPEN = {"not supported": "not supported", CANNOT: "cannot be told", "contradicted": "contradicted"}
"""Verdicts of claims whose marks are open, and what the key says of them."""
CITED = "▲"
"""What stands behind a p on the genes that stroma could not move."""


def established(row: Mapping[str, Any], p: float, alpha: float) -> bool:
    """Whether the mark of a contrast is filled: as the claim says that asks it, else by p and carry-over.

    >>> established({}, 0.03, 0.05), established({"claimed": "cannot tell"}, 0.03, 0.05)
    (True, False)
    >>> established({"stroma": "may be carry-over"}, 0.03, 0.05), established({"unasked": True}, 0.03, 0.05)
    (False, False)
    """
    claimed = row.get("claimed")
    return p < alpha and (claimed == YES if claimed else stands(row) and not row.get("unasked"))


def marks(row: Mapping[str, Any], alpha: float) -> list[bool]:
    """Whether the marks of a contrast are filled: the circle, and the triangle where it has one.

    >>> marks({"p_adj": 0.03}, 0.05), marks({"p_adj": 0.03, "claimed": "cannot tell"}, 0.05)
    ([True], [False])
    """
    own = float(row["p_adj"])  # p on fewer genes is no second chance
    p = [own, max(float(row["filtered_p_adj"]), own)] if drawn_on_kept(row) else [own]
    return [established(row, one, alpha) for one in p]


def worded(row: Mapping[str, Any]) -> str:
    """Word below the p of a contrast whose claim is not supported.

    >>> worded({"claimed": "cannot tell"}), worded({"claimed": "supported"}), worded({})
    ('cannot tell', '', '')
    """
    word = str(row.get("claimed") or "")
    return "" if word == YES else word


def left_open(records: Sequence[Mapping[str, Any]], alpha: float = 0.05) -> str:
    """Say what is left open, of what there is: as claims call it, and where none asks, by p and carry-over.

    >>> none, claimed = {"p_adj": 0.3}, {"p_adj": 0.3, "claimed": "not supported"}
    >>> left_open([none]), left_open([claimed]), left_open([claimed, none])
    ('not established', 'not supported', 'not supported or not established')
    >>> left_open([claimed, {"p_adj": 0.01, "claimed": "cannot tell"}, none])
    'not supported, cannot be told or not established'
    >>> left_open([{"p_adj": 0.01, "stroma": "may be carry-over"}])
    'carry-over not ruled out'
    >>> left_open([{"p_adj": 0.01, "unasked": True}, none])
    'not established or carry-over not asked'
    """
    claimed = {str(row.get("claimed") or "") for row in records}
    told = [word for verdict, word in OPEN.items() if verdict in claimed]
    others = [row for row in records if not row.get("claimed") and not all(marks(row, alpha))]
    doubt = [not stands(row) and row["p_adj"] < alpha for row in others]
    unasked = [bool(row.get("unasked")) and row["p_adj"] < alpha for row in others]
    told += ["not established"] if not all(map(any, zip(doubt, unasked, strict=True))) else []
    told += ["carry-over not ruled out"] if any(doubt) else []
    told += ["carry-over not asked"] if any(unasked) else []
    return " or ".join([*([", ".join(told[:-1])] if told[1:] else []), *told[-1:]])


def where_asked(records: Sequence[Mapping[str, Any]]) -> str:
    """Add to p what fills marks besides, where the check of carry-over was asked of what no claim asks.

    Of a formula, that they are of no contrast about co-culture, where others are.

    >>> where_asked([{"stroma": "cannot tell"}]), where_asked([{}, {"stroma": "", "claimed": "supported"}])
    (', not explained by carry-over where asked', '')
    >>> where_asked([{"unasked": True}, {"unasked": False}]), where_asked([{"unasked": True}])
    (', not about co-culture', '')
    """
    if len({bool(row.get("unasked")) for row in records}) > 1:
        return ", not about co-culture"
    asked = any(isinstance(row.get("stroma"), str) and not row.get("claimed") for row in records)
    return f", {STANDS} where asked" if asked else ""


def entries(
    rows: pd.DataFrame, alpha: float, *, asked: bool, cut: bool, stroma: Collection[str] = ()
) -> list[Entry]:
    """Say what the marks of these contrasts mean, of those that are drawn.

    `stroma` names the strata that are stroma. `asked` is whether carry-over from stroma was, `cut` whether an
    interval goes on beyond its axis. What bars, intervals and p are stands in the legend of the figure, not
    in it.
    """
    records = rows[rows["estimate"].notna()].to_dict("records")
    sides = {str(row.get("stratum")) in stroma for row in records}
    rna = "leukaemia RNA" if sides == {True} else "RNA of the other cells" if True in sides else "stroma"
    drawn = [marks(row, alpha) for row in records]
    circles, triangles = [own[0] for own in drawn], [own[1] for own in drawn if own[1:]]
    cited = bool(triangles)
    claimed = [bool(row.get("claimed")) for row in records]
    by_p = f"adj. p < {alpha:g}{where_asked(records)}"
    signs = [("†", any(row.get("as_claim") for row in records))]
    signs.append(("‡", any(row.get("as_question") is True for row in records)))
    seen = " or ".join(sign for sign, there in signs if there)
    filled = f"{YES}{'' if all(claimed) else f', or without {seen} {by_p}'}" if any(claimed) else by_p
    told = [Entry(f"filled: {filled}", "o")] if any(circles) else []
    if not all([*circles, *triangles]):
        told.append(Entry(f"open: {left_open(records, alpha)}", "^" if all(circles) else "o", "white"))
    if cited and told:
        told[0] = replace(told[0], words=f"as scored; {told[0].words}")
    if cited:
        own = f", and p with {CITED}" if any(p_to_cite(r, alpha) is not None for r in records) else ""
        told.append(
            Entry(f"on genes that {rna} could not move{own}", "^", "black" if any(triangles) else "white")
        )
    if any(row.get("carried", np.nan) == row.get("carried", np.nan) for row in records):
        told.append(Entry(f"what {rna} gives by itself", "|", edge=GREY))
    words = {"†": "among the claims", "‡": "among the further questions"}
    told += [Entry("the interval goes on", ">")] if cut else []
    told += [Entry(f"{sign}: {words[sign]}") for sign, there in signs if there]
    if not asked:
        told.append(Entry("carry-over from stroma not asked"))
    return told


def too_tall(signatures: int, height: float) -> str:
    """Say what to type for a figure of several signatures below each other that no page holds."""
    return (
        f"{signatures} signatures below each other make this figure {height:.0f} mm tall, more than a "
        "journal's page. Draw one at a time, or give width=174."
    )
