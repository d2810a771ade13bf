"""What the numbers of a rescue allow to be said, and no more."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from marrowsig._p_values import p_phrase
from marrowsig._rounded import in_interval
from marrowsig._stromal_level import in_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = Mapping[str, Any]

NOT_TESTED = "not tested"


def fully_reversed(row: Row, alpha: float) -> str:
    """Judge equivalence with cells grown alone; "yes" needs a margin, an induction and a reversal."""
    if isnan(row["margin"]):
        return "no margin declared"
    if isnan(row["equivalence_p"]) or isnan(row["induction_p"]):
        return NOT_TESTED
    if not row["induction_p_adj"] < alpha:
        return "induction not established"
    if abs(row["induction"]) <= row["margin"]:
        return "margin not below the induction"
    if row["residual_low"] > row["margin"] or row["residual_high"] < -row["margin"]:
        return "no"
    if row["equivalence_p"] < alpha and _reversed(row, alpha):
        return "yes"
    return "not shown"


def line_verdict(row: Row, alpha: float) -> str:
    """Say what the inhibitor did to the induction in one line."""
    if isnan(row["reversal_p_adj"]):
        return NOT_TESTED
    moved = row["reversal_p_adj"] < alpha
    if not row["induction_p_adj"] < alpha:
        return f"{_did(row)} by inhibitor, {_no_induction(row)}" if moved else _no_induction(row)
    if not moved:
        zero = row["reversal_low"] <= 0 <= row["reversal_high"]
        return "no evidence of reversal" if zero else "reversal not established"
    if not _reversed(row, alpha):
        return f"{_did(row)} further by inhibitor"
    if row["fully_reversed"] == "yes":
        return "reversed to within the margin"
    if row["fraction_high"] < 1:
        return "reversed in part"
    return "reversed beyond the start" if row["fraction_low"] > 1 else "reversed"


def line_sentence(row: Row, start: str, level: str) -> str:
    """Write the verdict with its numbers; `start` names the arm without stroma."""
    who, verdict = _who(row), row["verdict"]
    if verdict == NOT_TESTED:
        return f"{who}: {row['test']}."
    if "further" in verdict:
        return f"{who}: {verdict}, by {_amount(row, level)}."
    if "induction not" in verdict:
        return f"{who}: {_without_induction(row, level)}."
    share = f"{_percent(row, level)} of the {'induction' if row['induction'] > 0 else 'fall'}"
    if verdict == "no evidence of reversal":
        return f"{who}: {verdict} (interval includes 0): {share}."
    if verdict == "reversal not established":
        return f"{who}: {verdict} after adjustment for {row['family_size']} signatures: {share}."
    return f"{who}: reversed: {share}; {_how_far(row, start)}.{_of_two(row)}"


def _of_two(row: Row) -> str:
    """Caution where an arm is too small to show a variance of its own."""
    if row["n_pairs"]:
        return ""
    few = [name for name in ("mono", "co", "treated") if row[f"n_{name}"] == 2]
    if not few:
        return ""
    arms = " and ".join(few)
    return (
        f" Of 2 samples ({arms}): that they scatter as the other arms do is assumed, and cannot be checked."
    )


def between_verdict(row: Row, alpha: float) -> str:
    """Say in which line the inhibitor took the score further down; either may have risen."""
    if isnan(row["reversal_p_adj"]):
        return NOT_TESTED
    if not row["reversal_p_adj"] < alpha:
        return "not established"
    return f"{'more' if row['reversal'] > 0 else 'less'} downward in {row['line'].split(' - ')[0]}"


def between_sentence(row: Row, level: str) -> str:
    """Write the difference between the lines with its interval."""
    where = in_cells("", row["stratum"]) + (f" [{row['stratum']}]" if row["stratum"] else "")
    if row["verdict"] == NOT_TESTED:
        return f"{row['inhibitor']}, {row['line']}{where}: {row['test']}."
    found = "" if row["verdict"] == "not established" else f"{row['verdict']}: "
    lead = f"{row['inhibitor']}{where}: {found}difference of the fall under the inhibitor, {row['line']}"
    tail = "" if found else ", not established"
    return f"{lead}, {_size(row, level)}{tail}."


def together_verdict(joint: Row, own: list[Row], alpha: float) -> str:
    """Say whether each inhibitor of a line did the same."""
    if isnan(joint["reversal_p_adj"]):
        return NOT_TESTED
    if joint["reversal_p_adj"] < alpha:
        if not joint["induction_p_adj"] < alpha:
            return f"{_did(own[0])} by each, {_no_induction(joint)}"
        return "reversed by each" if _toward(own[0]) else f"{_did(own[0])} further by each"
    some = _established(own, alpha)
    if not some:
        return "not established for any"
    if len(some) < len(own):
        return f"established for {' and '.join(row['inhibitor'] for row in some)} only"
    alike = len({row["reversal"] > 0 for row in some}) == 1
    return "not established for each" if alike else "opposite directions"


def together_sentence(joint: Row, own: list[Row], alpha: float) -> str:
    """Write what each inhibitor was found to do, and p of all doing the same."""
    who, verdict = _who(joint), joint["verdict"]
    if verdict == NOT_TESTED:
        told = next(row for row in own if isnan(row["reversal_p"]))
        return f"{who}: not tested together; {told['inhibitor']}: {told['test']}."
    some = _established(own, alpha)
    if some and not joint["reversal_p_adj"] < alpha:
        verdict += f": {', '.join(f'{_did(row)} by ' + row['inhibitor'] for row in some)}"
    return f"{who}: {verdict} ({p_phrase(joint['reversal_p_adj'], 'adjusted p of each doing the same')})."


def _who(row: Row) -> str:
    where = f" [{row['stratum']}]" if row["stratum"] else ""
    return f"{row['inhibitor']}{in_cells(row['line'], row['stratum'])}{where}"


def _established(own: list[Row], alpha: float) -> list[Row]:
    """Inhibitors that hold both among the signatures and, by Holm, among the inhibitors."""
    return [row for row in own if row["reversal_p_adj"] < alpha and row["reversal_p_holm"] < alpha]


def _toward(row: Row) -> bool:
    return bool((row["reversal"] > 0) == (row["induction"] > 0))


def _reversed(row: Row, alpha: float) -> bool:
    return bool(row["reversal_p_adj"] < alpha and row["induction_p_adj"] < alpha) and _toward(row)


def _did(row: Row) -> str:
    return "lowered" if row["reversal"] > 0 else "raised"


def _no_induction(row: Row) -> str:
    return "induction not tested" if isnan(row["induction_p"]) else "induction not established"


def _without_induction(row: Row, level: str) -> str:
    why = _no_induction(row)
    if row["fraction_kind"] == "interval":
        why += f" after adjustment for {row['family_size']} signatures"
    else:
        why += ", fraction not determined"
    if "by inhibitor" not in row["verdict"]:
        return why
    return f"{_did(row)} by {_amount(row, level)}; {why}"


def _how_far(row: Row, start: str) -> str:
    above = ("above", "below") if row["induction"] > 0 else ("below", "above")
    if row["fully_reversed"] == "yes":
        return f"equivalent to {start} within a margin of {row['margin']:.3g}"
    if row["fraction_high"] < 1:
        return f"still {above[0]} {start}"
    return f"now {above[1]} {start}" if row["fraction_low"] > 1 else "full reversal not shown"


def _percent(row: Row, level: str) -> str:
    value, low, high = (100 * row[name] for name in ("fraction", "fraction_low", "fraction_high"))
    return f"{value:.0f} % ({level} interval {low:.0f} to {high:.0f} %)"


def _size(row: Row, level: str, *, sign: int = 1) -> str:
    ends = sorted(sign * row[f"reversal{tail}"] for tail in ("_low", "_high"))
    return in_interval(sign * row["reversal"], ends[0], ends[1], level)


def _amount(row: Row, level: str) -> str:
    """Size of a move whose direction is told in words."""
    return _size(row, level, sign=1 if row["reversal"] > 0 else -1)
