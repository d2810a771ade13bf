"""Verdicts about carry-over, from stated rules, and what to do about it next time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from marrowsig._check_words import CANNOT, EXPLAINED, MAY_BE, NOTHING, STANDS
from marrowsig._p_values import p_phrase
from marrowsig._rounded import plain
from marrowsig.qc._check_family import OWN, deciding
from marrowsig.qc._stroma_limit import enough, grown_without, in_one_arm, near_zero, smallest

if TYPE_CHECKING:
    from collections.abc import Mapping

ROBUST = 3.0
HALF = 0.5
"""Part of an estimate that the shares of stroma have to give by themselves to explain it."""
HOLDS = "it holds:"
NEITHER = "neither as estimated nor with up to three times the most that one of its co-cultures may hold"
SMALL = "if all of them changed by so little at once, that could move the score by"
"""What `left` is of: each gene that is kept may still be moved a little, and a score adds that up."""
GOES_WITH = "What is adjusted for takes this away, or widens its interval; carry-over does not."
SWAPPED = "stroma's RNA is in the arm called mono: are mono and co swapped?"
"""Reason of every verdict where the cells called alone hold clearly more RNA of stroma."""
NONE_ALONE = "stroma's RNA is in the arm called mono, and no arm is called cells grown alone"
"""The same where mono and co are, say, two drugs."""

NO_STROMA = "There is no stroma in any of its arms, so that none of it can be stroma's RNA."

ADVICE = (
    "Mix cells grown alone with stroma grown alone at harvest, at known shares: this arm shows carry-over.",
    "Grow one arm across a transwell membrane: what needs no contact brings no stroma along.",
    "Use stroma of the other sex or of mouse; ms.qc.sex_share and ms.qc.species_share then read the share.",
    "Sort the blasts (CD45+, stroma marker negative) before RNA is taken, and report their purity by flow.",
)


def verdict(row: Mapping[str, Any], alpha: float) -> tuple[str, str]:
    """Verdict of one contrast, and the sentence that gives its reason.

    With the sign of the contrast as scored turned upwards, in this order:

    1. not asked: no effect established: its adjusted p is not below alpha, neither in this check nor, where
       a claim or a further question asks the same, there (`deciding`; so is the filtered p).
       Of the rest, those between arms without stroma are "not explained by carry-over".
    2. not explained by carry-over: the filtered contrast has adjusted p below alpha and the same sign, its
       lower limit lies above what carry-over could still do to the genes that are left, and enough are left.
    3. cannot tell: the filtered contrast would hold without the covariates of the design (`covaried`).
    4. explained by carry-over: stroma is shown in most co-cultures of an arm (lower limit of the share above
       0), and what the shares estimated give by themselves reaches the lower limit of the contrast as
       scored, and is half of its estimate or more.
    5. may be carry-over: it reaches the lower limit, or less than three times the largest share would
       suffice for that.
    6. cannot tell: all others.

    Without a reference of stroma an established contrast is "cannot tell" where it holds on the genes that
    are left, and "may be carry-over" where it does not. Scores that depend on other samples: "cannot tell".
    """
    sign = 1.0 if row["estimate"] >= 0 else -1.0
    if math.isnan(row["estimate"]) or math.isnan(row["p_bh"]):
        return CANNOT, "The contrast could not be estimated."
    if not deciding(row, alpha)[0] < alpha:
        p = p_phrase(row["p_bh"], "adj. p", alpha)
        return NOTHING, f"As scored it is not established here ({p} in this check, BH over its signatures)."
    if grown_without(row):
        return STANDS, NO_STROMA
    holds, told = _filtered(row, sign, alpha)
    if (asked := deciding(row, alpha))[1] != OWN:
        own = p_phrase(row["p_bh"], "in this check", alpha)
        lead = f"As scored it is established: {p_phrase(asked[0], asked[1], alpha)}"
        told = f"{lead} ({own}, BH over its signatures). {told}"
    if math.isnan(row["share_up"]):
        return _without_reference(row, holds=holds, told=told)
    if math.isnan(row["carried"]):
        why = "scores depend on the other samples, so what carry-over could still do to them is not known"
        return CANNOT, f"{told} {row['method']} {why}. Use 'singscore' or 'mean'."
    if holds and near_zero(row, sign, "filtered_") > row["left"]:
        return (
            STANDS,
            f"{told} And {SMALL} {plain(row['left'])}: less than {smallest(row, 'filtered_')}.",
        )
    if holds:  # for the words too, only what lies beyond carry-over 'holds'
        told = told.replace(HOLDS, "it is")
        told += f" But {SMALL} {plain(row['left'])}: as much as {smallest(row, 'filtered_')}, or more."
    if not holds and row.get("covaried"):
        return CANNOT, f"{told} Without {row['covaried']}. {GOES_WITH}"
    near = near_zero(row, sign)
    if sign * row["carried"] >= near:
        most = row["share_low"] > 0 and sign * row["carried"] >= HALF * sign * row["estimate"]
        return (EXPLAINED if most else MAY_BE), f"{told} {enough(row)}."
    if row["tipping_ratio"] < ROBUST:
        alone = in_one_arm(row)
        return MAY_BE, f"{told} {alone[:1].upper()}{alone[1:]}."
    if math.isnan(row["tipping"]):
        return CANNOT, f"{told} Which share would be enough was not asked for (tipping=False)."
    return CANNOT, f"{told} Nor would carry-over give {smallest(row)}, {NEITHER}."


def _filtered(row: Mapping[str, Any], sign: float, alpha: float) -> tuple[bool, str]:
    kept = f"{row['n_kept']} of {row['n_genes']} genes"
    if math.isnan(row["filtered_estimate"]):
        return False, f"Carry-over could move all but {kept}: too few are left to test."
    value, name = deciding(row, alpha, "filtered_")
    holds = value < alpha and sign * row["filtered_estimate"] > 0
    ends = f"[{plain(row['filtered_ci_low'])}, {plain(row['filtered_ci_high'])}]"
    p = p_phrase(value, name, alpha)
    size = f"{plain(row['filtered_estimate'])} {ends}, {p}"
    word = HOLDS if holds else "it is not established:"
    moved = f"carry-over of {100 * row['filter_share']:.2f} %"
    if math.isnan(row["share_up"]):
        moved += " cannot move"
    else:
        of = f" of {row['stratum']}" if row.get("stratum") else ""
        moved += f" (the most that any co-culture{of} may hold) moves by 1.1-fold at most"
    return holds, f"On the {kept} that {moved}, {word} {size}."


def _without_reference(row: Mapping[str, Any], *, holds: bool, told: str) -> tuple[str, str]:
    why = "The share of stromal RNA is not known, and 1 % was assumed."
    if holds:
        return CANNOT, f"{why} {told} Genes were dropped by what is known of them elsewhere: no proof."
    return MAY_BE, f"{why} {told}"
