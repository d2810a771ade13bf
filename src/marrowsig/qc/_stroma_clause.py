"""Why a contrast is not shown to be the blasts' own, in one clause: for claims, which cite the check."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from marrowsig._check_words import CANNOT, EXPLAINED, MAY_BE, NOTHING
from marrowsig._p_values import p_equals
from marrowsig._rounded import percent
from marrowsig.qc._check_family import deciding
from marrowsig.qc._stroma_limit import enough, in_one_arm, near_zero, smallest

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN = "the share of stroma is not known"


def clause(row: Mapping[str, Any], *, alpha: float, unknown: str = "") -> str:
    """Give the reason of a row of `verdicts` or `genes` of `ms.qc.stroma`; empty where it stands.

    `unknown` says why no share was estimated, where that is known.
    """
    if "gene" in row:
        return _of_gene(row, unknown or UNKNOWN)
    return _of_signature(row, alpha, unknown or UNKNOWN)


def _of_signature(row: Mapping[str, Any], alpha: float, unknown: str) -> str:
    if math.isnan(row["estimate"]) or math.isnan(row["p_bh"]):
        return "the contrast could not be estimated"
    if row["verdict"] == NOTHING:
        return f"{p_equals('adjusted p', row['p_bh'], alpha)} over the signatures of that check"
    if math.isnan(row["share_up"]):
        return unknown
    if row["verdict"] == EXPLAINED:
        return _enough(row)
    if row["verdict"] == MAY_BE:
        sign = 1.0 if row["estimate"] >= 0 else -1.0
        if sign * row["carried"] >= near_zero(row, sign):
            return _enough(row)
        return _of_small_changes(row) if _holds_filtered(row, alpha) else in_one_arm(row)
    return _cannot(row, alpha) if row["verdict"] == CANNOT else ""


def _enough(row: Mapping[str, Any]) -> str:
    text = enough(row)
    return f"{text[:1].lower()}{text[1:]}"


def _cannot(row: Mapping[str, Any], alpha: float) -> str:
    if math.isnan(row["filtered_estimate"]):
        return f"it could move all but {row['n_kept']} of {row['n_genes']} genes, and so few cannot be tested"
    if math.isnan(row["carried"]):
        return f"{row['method']} scores depend on the other samples, and what it does to them is not known"
    if _holds_filtered(row, alpha):
        return _of_small_changes(row)
    if named := str(row.get("covaried") or "").partition(" it is: ")[0]:
        kept = f"on the {row['n_kept']} of {row['n_genes']} genes that it cannot move"
        return f"{kept} it holds without {named}, not with: not carry-over, but this takes it"
    return "not established on the genes that it cannot move, and as estimated it is too little to explain it"


def _holds_filtered(row: Mapping[str, Any], alpha: float) -> bool:
    """Whether the contrast is established on the genes that are left, so that only `left` decides."""
    return bool(
        deciding(row, alpha, "filtered_")[0] < alpha and row["filtered_estimate"] * row["estimate"] > 0
    )


def _of_small_changes(row: Mapping[str, Any]) -> str:
    much = f"small changes of all the genes that are left could move the score by {row['left']:.2g}"
    return f"{much}: as much as {smallest(row, 'filtered_')} on these genes, or more"


def _of_gene(row: Mapping[str, Any], unknown: str) -> str:
    if row["verdict"] == NOTHING:
        return f"{p_equals('p', row['p'])} in that check"
    if row["verdict"] == EXPLAINED:
        return f"{percent(row['tipping'])} of stroma's RNA would give all of it, and {_may_hold(row)}"
    if row["verdict"] == MAY_BE:
        least = f"the smallest difference per million that its interval allows{_at_least(row)}"
        told = f"{percent(row['tipping_low'])} of stroma's RNA would give {least}, and"
        if row["ratio"] > 1:
            times = f"less than three times the {percent(row['share_up'])}"
            return f"{told} that is {times} that {_one(row)} may hold"
        return f"{told} {_may_hold(row)}"
    if row["verdict"] != CANNOT:
        return ""
    if math.isnan(row["p"]):
        return "the contrast could not be estimated"
    return unknown if math.isnan(row["share_up"]) else "how much of this gene stroma has is not known"


def _at_least(row: Mapping[str, Any]) -> str:
    """Give that difference: its interval is not that of the size, which is of logs."""
    least = float(row.get("difference_low", math.nan))
    return "" if math.isnan(least) else f" ({max(least, 0.0):.2g})"


def _may_hold(row: Mapping[str, Any]) -> str:
    return f"{_one(row)} may hold up to {percent(row['share_up'])}"


def _one(row: Mapping[str, Any]) -> str:
    return f"one of the co-cultures of {row['stratum']}" if row.get("stratum") else "one of the co-cultures"
