"""Numbers and verdicts as plain words. Pure functions: values in, text out."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from marrowsig import _p_values
from marrowsig._as_claimed import ASKED, OTHERWISE, SAID
from marrowsig._contrast_kinds import is_fall
from marrowsig._contrast_levels import in_levels
from marrowsig._contrasts import spelled
from marrowsig._four_arms import OF_FORMULA, four_arms
from marrowsig._people import noun
from marrowsig._rounded import decimals
from marrowsig._sizes import one_each, same_donors
from marrowsig._slope_unit import NONE, per_unit
from marrowsig._stromal_level import stroma_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MINUS = "\N{MINUS SIGN}"
NEGATIVE = re.compile(r"(?<![^\s(\[])-(?=\.?\d)")
"""The hyphen of a number; none within a name or a range follows a blank or a bracket."""
MOST = 9
"""Decimals of a number at most; what these show as 0 differs from it by rounding alone."""
LINES = ("resistant", "parental")
NOT_ESTIMATED = _p_values.NOT_ESTIMATED
p_value, p_phrase = _p_values.p_value, _p_values.p_phrase
_KINDS = {
    "counts": "counts",
    "expected_counts": "estimated counts",
    "tpm": "TPM",
    "fpkm": "FPKM",
    "linear": "linear signal",
    "linear_negative": "linear signal with negative values",
    "log": "log expression",
}


def numbers(*values: float, least: int = 0) -> list[str]:
    """Format values that belong together with the same decimals; what would be shown as 0, with its own.

    `least` are the fewest decimals.

    >>> numbers(0.1234, 0.05, 0.19), numbers(0.1234, least=3), numbers(0.033, 0.00005, 0.066)
    (['0.12', '0.05', '0.19'], ['0.123'], ['0.033', '0.00005', '0.066'])
    """
    shown = max(decimals(*values), least)
    return [_one(v, _enough(v, shown)) for v in values]


def _enough(value: float, shown: int) -> int:
    """Give the decimals `shown`, or those of the first digit of a value that these would show as 0."""
    hidden = math.isfinite(value) and round(abs(value), MOST) != 0 and round(abs(value), shown) == 0
    return max(shown, min(decimals(value) - 1, MOST)) if hidden else shown


def level(alpha: float) -> str:
    """Level of the intervals that go with a bound.

    >>> level(0.05)
    '95 %'
    """
    return f"{100 * (1 - alpha):g} %"


def at_level(heading: str, alpha: float) -> str:
    """Write a heading that names 95 % with the level of these intervals."""
    return heading.replace(level(0.05), level(alpha))


def interval(low: float, high: float) -> str:
    """Interval in square brackets, or an empty text where there is none."""
    if math.isnan(low) or math.isnan(high):
        return ""
    a, b = numbers(low, high)
    return f"[{a}, {b}]"


def digits(value: float, low: float, high: float) -> int:
    """Decimals of an estimate and its interval: two digits of the estimate, at most three of the largest."""
    return min(decimals(value), decimals(value, low, high) + 1) if value else 0


def estimate(value: float, low: float, high: float) -> str:
    """Estimate with its interval.

    It has two digits, and the interval as many decimals; three digits of the largest of them are enough.

    >>> estimate(0.12, 0.05, 0.19), estimate(0.0978, 0.0921, 0.1036), estimate(0.046, 0.001, 0.139)
    ('0.12 [0.05, 0.19]', '0.098 [0.092, 0.104]', '0.046 [0.001, 0.139]')
    """
    if math.isnan(value):
        return NOT_ESTIMATED
    if math.isnan(low) or math.isnan(high):
        return numbers(value)[0]
    least = digits(value, low, high)
    v, a, b = numbers(value, low, high, least=least)
    if low < value < high and v in (a, b):  # one digit more, so that it is seen to lie between them
        v, a, b = numbers(value, low, high, least=decimals(value, low, high) + 1)
    return f"{v} [{a}, {b}]"


def count(n: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun: '1 gene', '3 genes', '12,345 genes'."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def replicates(row: Mapping[str, Any]) -> str:
    """How many samples stand behind a row: '4 pairs', '4 against 3 samples' or what is one per unit."""
    _, n, unit = one_each(row.get("test", ""))
    if n:
        return f"{n} numbers, one per {unit}"
    n_test, n_base, n_pairs = int(row["n_test"]), int(row["n_base"]), int(row["n_pairs"])
    of_formula = _of_formula(row)
    joint = four_arms(row) is not None if of_formula else str(row["contrast"]) == "interaction"
    if joint and same_donors(row):
        return f"{count(n_test, 'level')} of {str(row['unit'])!r} with all four arms"
    if joint and not n_pairs:
        return f"{min(n_test, n_base)} samples or more in each arm"
    if joint and not of_formula:
        if n_test == n_base:
            return f"{count(n_pairs, 'pair')} in each line"
        if str(row.get("test", "")).startswith("linear model on 4 arms"):  # whose rows are its pairs
            sides = zip((n_test, n_base), (str(row["test_arm"]), str(row["base_arm"])), strict=True)
            told = [f"{count(n, 'pair')} in {_line(arms)}" for n, arms in sides]
            return " and ".join(told)
        return f"at least {count(n_pairs, 'pair')} in each line"
    if per_unit(row) or NONE in (str(row.get("test_arm", "")), str(row.get("base_arm", ""))):
        return count(n_test, "sample")  # coefficients, of which each is of all rows
    samples = f"{n_test} against {n_base} samples"
    unit, formula = str(row.get("unit", "")), str(row.get("test", "")).partition("linear model ~")[2]
    if unit and unit in map(str.strip, formula.split("+")):
        within = f"{n_pairs} levels of {unit!r}" if n_pairs else repr(unit)
        if all(" - " in str(row.get(side, "")) for side in ("test_arm", "base_arm")):
            return f"{samples} in the smallest arms, each side compared within levels of {unit!r}"
        return f"{samples}, compared within {within}"
    if n_pairs and n_test == n_base == n_pairs:
        return f"{count(n_pairs, 'pair')}{' on either side' if joint else ''}"
    return f"{samples}, {count(n_pairs, 'complete pair')}" if n_pairs else samples


def _of_formula(row: Mapping[str, Any]) -> bool:
    return OF_FORMULA in str(row.get("test", ""))


def _line(arms: str) -> str:
    """Name the line of 'resistant:co - resistant:mono'."""
    return arms.partition(":")[0]


def direction(row: Mapping[str, Any], alpha: float = 0.05) -> str:
    """'up', 'down', 'not established' or 'not estimated', by the adjusted p."""
    if _nan(row["estimate"]) or _nan(row["p_adj"]):
        return NOT_ESTIMATED
    if row["p_adj"] >= alpha:
        return "not established"
    return "up" if row["estimate"] > 0 else "down"


def is_reversal(contrast: object) -> bool:
    """Whether the contrast is positive when the score falls: cells less such with an inhibitor."""
    return is_fall(contrast)


def verdict(row: Mapping[str, Any], alpha: float = 0.05) -> str:
    """Say the direction so that it reads right by itself; of a reversal, what the inhibitor did.

    >>> verdict({"contrast": "reversal_X", "estimate": 0.1, "p_adj": 0.01})
    'lowered by inhibitor'
    """
    return way(row["contrast"], direction(row, alpha))


def way(contrast: object, sign: str) -> str:
    """Say "up" or "down" of a contrast so that it reads right by itself; other words stay.

    >>> way("reversal_X", "up"), way("co_vs_mono", "up"), way("reversal_X", "not established")
    ('lowered by inhibitor', 'up', 'not established')
    """
    fall = {"up": "lowered by inhibitor", "down": "raised by inhibitor"}
    return fall.get(sign, sign) if is_reversal(contrast) else sign


def claim(row: Mapping[str, Any], *, alpha: float = 0.05, why: str = "") -> str:
    """One contrast of one signature in a sentence, without the name of the signature."""
    found = direction(row, alpha)
    if found == NOT_ESTIMATED:
        return f"{NOT_ESTIMATED}{f' ({why})' if why else ''}"
    size = estimate(float(row["estimate"]), float(row["ci_low"]), float(row["ci_high"]))
    family = {True: f" {SAID}", False: f" {OTHERWISE}"}.get(row.get("as_claim"), "")  # type: ignore[arg-type]
    if row.get("as_question") in (True,):  # numpy's own, too; missing in others
        family = f" {ASKED}"
    proof = f"{p_phrase(float(row['p_adj']))}{family}, {replicates(row)}"
    if found == "not established":
        if is_reversal(row["contrast"]):
            size = _fall(row, size)
        turned = is_reversal(row["contrast"]) and row["estimate"] < 0
        return f"not established: {size}{per_unit(row)}, {proof}{_within(row, alpha, turned=turned)}"
    low, high = float(row["ci_low"]), float(row["ci_high"])
    if found == "down":
        size = estimate(-float(row["estimate"]), -high, -low)
    return (
        f"{_verb(row, found)} by {size}{per_unit(row)}, {proof}{_within(row, alpha, turned=found == 'down')}"
    )


def _fall(row: Mapping[str, Any], size: str) -> str:
    """Name a reversal that was not established by the way in which the score went."""
    value, low, high = (float(row[name]) for name in ("estimate", "ci_low", "ci_high"))
    return f"a rise of {estimate(-value, -high, -low)}" if value < 0 else f"a fall of {size}"


def _within(row: Mapping[str, Any], alpha: float, *, turned: bool) -> str:
    """Say that a difference was shown to be less than the margin that was declared, and by which interval.

    The interval that shows it is shorter than the one of the estimate, which may well reach beyond.
    """
    if row.get("equivalent") != "yes":
        return ""
    low, high = (float(row.get(f"equivalence_{side}", math.nan)) for side in ("low", "high"))
    span = interval(-high, -low) if turned else interval(low, high)
    shown = f" ({100 * (1 - 2 * alpha):g} % interval {span})" if span else ""
    return f", within the margin of {row['margin']:g}{shown}"


def against_expectation(row: Mapping[str, Any], alpha: float = 0.05) -> str:
    """Say what the signature's file expected, and whether it was found; empty if nothing was expected."""
    expected = row.get("expected")
    if not isinstance(expected, str) or expected not in {"up", "down", "none"}:
        return ""
    found = direction(row, alpha)
    if found == expected:
        return "as expected"
    if found in {"up", "down"}:
        return "against expectation"
    return f"expected {expected}"


def kind(name: str) -> str:
    """Kind of the numbers in words."""
    return _KINDS.get(name, name or "unknown")


def listing(items: Iterable[str], *, word: str = "and") -> str:
    """Join as in a sentence: 'a, b and c'."""
    found = list(items)
    return f" {word} ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)


def asked(contrast: str, design: object) -> str:
    """Name a contrast in a caption: its code, after the user's levels where these are others.

    >>> from marrowsig.design import Design
    >>> design = Design(culture="culture", line="line")
    >>> asked("interaction", design), asked("co_in_parental", design)
    ('more in resistant than in parental (interaction)', 'co_in_parental')
    """
    told = spelled(contrast, design) if contrast == "interaction" else in_levels(contrast, design)
    return told if told == contrast else f"{told} ({contrast})"


def _verb(row: Mapping[str, Any], found: str) -> str:
    contrast = str(row["contrast"])
    if own := four_arms(row):
        way = "higher" if found == "up" else "lower"
        return f"difference {own.difference} {way} in {own.high} than in {own.low},"
    if contrast.startswith("interaction") and not _of_formula(row):
        arms = [str(row[side]).partition(":") for side in ("test_arm", "base_arm")]
        high, low = (line if colon else name for (line, colon, _), name in zip(arms, LINES, strict=True))
        of = stroma_in(str(row.get("stratum") or ""))
        named = "=" in low or (noun(row.get("unit")) and not of)  # a column and its level, or patients
        cells = "" if named else " cells"
        high, low = (f"{of} with {high}", f"with {low}") if of else (high, f"in {low}")
        return f"response {'higher' if found == 'up' else 'lower'} in {high} than {low}{cells},"
    if contrast.startswith("reversal"):
        return "taken down" if found == "up" else "raised further"
    if is_fall(contrast):
        return "lowered" if found == "up" else "raised"
    return found


def signed(text: Any) -> Any:
    """Write the hyphen before a number of a sentence as the minus sign that tables have.

    >>> signed("IL-6: 63 % (95 % interval -44 to 230 %)").replace(MINUS, "minus ")
    'IL-6: 63 % (95 % interval minus 44 to 230 %)'
    """
    return text if hasattr(text, "__html__") else NEGATIVE.sub(MINUS, str(text))


def _one(value: float, digits: int) -> str:
    if not math.isfinite(value):
        return "?"
    text = f"{abs(value):,.{digits}f}"
    return f"{MINUS}{text}" if value < 0 and float(text.replace(",", "")) != 0 else text


def _nan(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
