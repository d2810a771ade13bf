"""Whether an effect can be put down to a confounder: the rule, and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._check_words import CANNOT, NOTHING, may_be, not_explained
from marrowsig._confounders import GENES, WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marrowsig._confounders import Kind

HALF = 0.5
"""An adjusted effect below this share of the unadjusted one has mostly gone."""
WIDE = 3.0
"""Where it widens the standard error so many times, adjusting says little: it goes along with the arms."""
KEPT = 0.75
"""A score without the genes of the confounder that keeps this share of the estimate moves as before."""


def explained(kind: Kind) -> tuple[str, str]:
    """Words for an effect that stands, and for one that may be the confounder's."""
    return not_explained(WORDS[kind]), may_be(WORDS[kind])


def verdict(
    kind: Kind,
    *,
    main: Mapping[Any, Any],
    without: Mapping[Any, Any],
    adjusted: Mapping[Any, Any],
    moved: bool | None,
    shown: bool = False,
) -> str:
    """Judge one contrast of one signature from rows of `ms.tl.sensitivity`.

    main      as is
    without   scored without the genes of the confounder
    adjusted  with the score of the confounder as a covariate
    moved     whether the confounder itself differs between the arms (interval without zero); None if unknown
    shown     a loss without its genes counts only where the interval excludes the estimate as is: of a few
              genes an effect is lost by their number alone
    """
    stands, may_be_it = explained(kind)
    if not _true(main["excludes_zero"]):
        return NOTHING
    if _stands(without) and _stands(adjusted):
        return stands
    gone = not _unknown(without["holds"]) and not _stands(without)
    gone = gone and (not shown or not _holds_in(without, float(main["estimate"])))
    shrunk = not _unknown(adjusted["share_left"]) and adjusted["share_left"] < HALF
    unseen = blind(adjusted, float(main["estimate"]))
    if unseen and (_stands(without) or without["share_left"] >= KEPT):
        return CANNOT
    lost = gone and not against(without["share_left"], None if unseen else adjusted["share_left"])
    if moved and (lost or shrunk):
        return may_be_it
    return CANNOT


def blind(adjusted: Mapping[Any, Any], main: float) -> bool:
    """Whether adjusting cannot tell: a standard error far wider, and the unadjusted within the interval."""
    wider = adjusted.get("se_inflation", float("nan"))
    return bool(wider >= WIDE and adjusted["ci_low"] <= main <= adjusted["ci_high"])


def against(without: float, adjusted: float | None) -> bool:
    """Whether more is left than there was without its genes, or adjusted: it pushed the other way.

    What adjusting takes away is the shift of the confounder times the slope of the score on it, and the sign
    of that has to be the effect's; None where adjusting says too little for a sign.
    """
    return without > 1 or (adjusted is not None and adjusted > 1)


def trivial(kind: Kind, told: str, n_removed: int) -> str:
    """Add to a verdict that there was nothing to leave out, so that it rests on the adjustment alone."""
    return (
        f"{told}, by adjusting alone: none of its genes is a {GENES[kind]} gene"
        if not n_removed and told in explained(kind)
        else told
    )


def _holds_in(row: Mapping[Any, Any], value: float) -> bool:
    return bool(row["ci_low"] <= value <= row["ci_high"])


def _stands(row: Mapping[Any, Any]) -> bool:
    return _true(row["holds"]) and _true(row["excludes_zero"])


def _true(value: Any) -> bool:
    return not _unknown(value) and bool(value)


def _unknown(value: Any) -> bool:
    return bool(pd.isna(value))


def why(kind: Kind, told: str, row: Mapping[Any, Any]) -> str:
    """Write what a verdict rests on, from a row of `verdicts`."""
    where = f" [{row['stratum']}]" if row["stratum"] else ""
    head = f"{row['signature']} ({row['method']}), {row['contrast']}{where}: {told}"
    if told == NOTHING:
        return (
            f"{head}; none could be explained by {WORDS[kind]}. That does not "
            f"say that {WORDS[kind]} plays no part: see correlations, and ms.tl.sensitivity for the estimate "
            "adjusted for it."
        )
    n = int(row["n_removed"])
    parts = [
        _moved(kind, row),
        f"without {n} {GENES[kind]} gene{'s' * (n != 1)} {_became(row, 'without')}" if n else _none(kind),
        f"adjusted for {WORDS[kind]} {_became(row, 'adjusted')}",
    ]
    own = {name: row[f"adjusted_{name}"] for name in ("low", "high")}
    given = {"se_inflation": row["se_inflation"], "ci_low": own["low"], "ci_high": own["high"]}
    if told == CANNOT and blind(given, float(row["estimate"])):
        parts.append(_blind(kind, row, n))
    elif told == CANNOT and against(row["without"] / row["estimate"], row["adjusted"] / row["estimate"]):
        parts.append(f"where more is left than there was, {WORDS[kind]} pushed the other way")
    return f"{head}; {'; '.join(parts)}."


def _blind(kind: Kind, row: Mapping[Any, Any], n: int) -> str:
    """Say why the adjustment says nothing here, and what is left to go by."""
    wider = (
        f"adjusting cannot tell here, for {WORDS[kind]} goes along with the arms so closely that the "
        f"standard error is {row['se_inflation']:.2g} times as wide"
    )
    left = row["without"] / row["estimate"]
    if not n or not left >= KEPT:
        return wider
    clear = row["without_low"] > 0 or row["without_high"] < 0
    doubt = "" if clear else ", though less certainly"
    return f"{wider}; without these genes the score moves as before{doubt}"


def _moved(kind: Kind, row: Mapping[Any, Any]) -> str:
    if _unknown(row["shift"]):
        return f"whether {WORDS[kind]} differs between the arms is not known"
    size = f"{row['shift']:+.3g} ({row['shift_low']:.3g} to {row['shift_high']:.3g})"
    if row["shift_low"] > 0 or row["shift_high"] < 0:
        return f"the score of {WORDS[kind]} itself shifts by {size}"
    return f"a shift of the score of {WORDS[kind]} itself is not established, {size}"


def _none(kind: Kind) -> str:
    return f"it holds no {GENES[kind]} genes"


def _became(row: Mapping[Any, Any], what: str) -> str:
    value, low, high = (row[f"{what}{end}"] for end in ("", "_low", "_high"))
    if _unknown(value):
        return "there is no estimate"
    return f"the estimate is {value:.3g} ({low:.3g} to {high:.3g}) against {row['estimate']:.3g}"
