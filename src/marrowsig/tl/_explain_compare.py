"""One row of a comparison in words."""

from __future__ import annotations

import re
from math import isnan, nan
from typing import TYPE_CHECKING, Any

from scipy import special

from marrowsig._contrast_sides import bracketed, is_compound
from marrowsig._errors import count
from marrowsig._p_values import p_equals
from marrowsig._rounded import in_interval, plain
from marrowsig._sizes import one_each
from marrowsig._slope_unit import NONE, per_unit
from marrowsig._unasked import UNASKED
from marrowsig.tl._explain_null import beyond
from marrowsig.tl._genes_measured import few_genes
from marrowsig.tl._permuted import FEW as FEW_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = Mapping[Any, Any]

NEEDED = (
    "signature", "method", "contrast", "test_arm", "base_arm", "estimate", "ci_low", "ci_high", "se", "df",
    "stat", "p", "p_adj", "effect", "effect_name", "test", "family", "family_size", "n_test", "n_base",
    "n_pairs", "verdict",
)  # fmt: skip
EFFECTS = {
    "hedges_g": "Hedges' g",
    "g_z": "g_z (per SD of the within-pair difference)",
    "g_residual": "g (per residual SD within units)",
}
WIDER = 1.05
"""Inflation of the standard error from which on the covariates are mentioned."""
MANY_ARMS = re.compile(r"on ([3-9]|\d\d+) arms")


def told(row: Row, p_null: float | None = None, cautions: Sequence[str] = ()) -> str:
    """Write the finding, then how much it can bear; `p_null` is p against random sets, where asked."""
    where = f" [{row['stratum']}]" if row.get("stratum") else ""
    head = f"{row['signature']} ({row['method']}), {row['contrast']}{where}"
    if isnan(number(row, "p")):
        return f"{head}: not tested; {str(row['test']).removeprefix('not tested: ')}."
    level = f"{100 * (1 - level_of(row)):g} %"
    t = f"t({row['df']:g}) = {row['stat']:.3g}, {p_equals('p', row['p'])}"
    found = [
        f"{head}: {_size(row, level)}, {_verdict(row)}",
        f"{_replicates(row)}; {one_each(row['test'])[0]}; {t}",
        f"{p_equals('adjusted p', row['p_adj'])} ({_family(row)})",
        _effect(row, level),
    ]
    found = [part for part in found if part]
    if few := few_genes(row):
        found.append(f"only {few} genes of the list were measured, and only of these does this tell")
    return f"{'; '.join(found)}.{_unmoved(row)}{_checks(row)}{_caveats(row, p_null, cautions)}"


def number(row: Row, name: str) -> float:
    """Return the value, NaN where an older table lacks it."""
    value = row.get(name, nan)
    return nan if value is None else float(value)


def level_of(row: Row) -> float:
    """Return one minus the level of the interval, from its width."""
    half = (row["ci_high"] - row["ci_low"]) / 2
    return round(float(2 * special.stdtr(row["df"], -half / row["se"])), 6)


def _is_slope(row: Row) -> bool:
    """Whether the row is about coefficients of a formula, which are no arms."""
    return NONE in (row["base_arm"], row["test_arm"]) and "~" in str(row["test"])


def _size(row: Row, level: str) -> str:
    sides = f"{bracketed(row['test_arm'])} less {bracketed(row['base_arm'])}"
    if _is_slope(row):
        up = row["base_arm"] == NONE
        sides = (
            f"the coefficient of {row['test_arm']}" if up else f"minus the coefficient of {row['base_arm']}"
        )
    size = in_interval(row["estimate"], row["ci_low"], row["ci_high"], level)
    return f"{sides} is {size}{per_unit(row)}"


def _verdict(row: Row) -> str:
    words = {
        "up": "higher",
        "down": "lower",
        "not established": "not established, which is no evidence of no difference",
    }
    if _is_slope(row):
        words |= {"up": "above zero", "down": "below zero"}
    said = words.get(row["verdict"], str(row["verdict"]))
    expected = row.get("expected", "")
    return f"{said} (expected: {expected})" if isinstance(expected, str) and expected else said


def _replicates(row: Row) -> str:
    _, own, unit = one_each(row["test"])
    if own:
        return f"n = {own}, one number per {unit} (of {_samples({**row, 'n_pairs': 0})})"
    return f"n = {_samples(row)}"


def _samples(row: Row) -> str:
    n, base, pairs = int(row["n_test"]), int(row["n_base"]), int(row["n_pairs"])
    if _is_slope(row):
        return f"{n} samples"
    several = is_compound(row["test_arm"])
    if pairs and {n, base} == {pairs}:
        return f"{count(pairs, 'pair')}" + (" on either side" if several else "")
    counts = f"{n} and {base} samples" + (" in the smallest arm of either side" if several else "")
    if several and pairs and n != base:
        return f"{counts}, {pairs} complete pairs on the smaller side"
    return f"{counts}, {pairs} complete pairs" if pairs else counts


def _family(row: Row) -> str:
    size = int(row["family_size"])
    how = row.get("adjustment", "BH")
    name = {"BH": "Benjamini-Hochberg", "Holm": "Holm"}.get(how, how)
    return f"{name} over {size} {'test' if size == 1 else 'tests'}, family {row['family']!r}"


def _effect(row: Row, level: str) -> str:
    if isnan(number(row, "effect")):
        return "no size in SD is given at one degree of freedom" if number(row, "df") < 2 else ""
    name = str(EFFECTS.get(row["effect_name"], row["effect_name"]))
    name += (per_unit(row) or " per unit of the coefficient") if _is_slope(row) else ""
    low, high = number(row, "effect_low"), number(row, "effect_high")
    return f"{name} = {row['effect']:.2g} ({level} interval {low:.2g} to {high:.2g})"


def _unmoved(row: Row) -> str:
    """Say whether the difference was shown to lie within the margin that was declared; empty without one."""
    answer, alpha = row.get("equivalent"), level_of(row)
    if answer not in ("yes", "no", "not shown"):
        return ""
    low, high = number(row, "equivalence_low"), number(row, "equivalence_high")
    inner = f"{100 * (1 - 2 * alpha):g} % interval {plain(low)} to {plain(high)}"
    p = f"two one-sided t tests, {p_equals('p', row['p_equivalence'])}, not adjusted"
    moved, margin = row["verdict"] != "not established", f"a margin of {row['margin']:.3g}"
    if answer == "yes":
        lead = "Different, yet equivalent" if moved else "Equivalent"
        return f" {lead} within {margin} ({inner}; {p}): of the score, its genes may move apart."
    if answer == "no":
        return f" The {100 * (1 - alpha):g} % interval lies beyond {margin}."
    if moved:
        return f" That it is less than {margin}, or more, is not shown ({inner}; {p})."
    return f" Neither moved nor shown to be unmoved within {margin} ({inner}; {p})."


def _checks(row: Row) -> str:
    """Give the other p values of the same contrast."""
    found = []
    if not isnan(number(row, "p_welch")):
        both = is_compound(row["test_arm"])
        p = p_equals("p", row["p_welch"])
        found.append(f"{without_pooling(row, lines=both)} {p}{'' if both else _without_incomplete(row)}")
    if row.get("perm"):
        found.append(f"by {row['perm']} permutation {p_equals('p', row['p_perm'])}")
    elif number(row, "p_perm_min") > level_of(row):
        found.append(f"a permutation test could reach {p_equals('p', row['p_perm_min'])} at best")
    elif "p_perm_min" in row and _too_few_to_permute(row):
        found.append("no permutation test, which is not exact here and needs four rows per arm")
    return f" Checks: {', '.join(found)}." if found else ""


def _without_incomplete(row: Row) -> str:
    """Say which rows of the estimate are not in the pairs' own differences: of pairs that lack one arm."""
    arms = MANY_ARMS.search(str(row["test"]))
    lost = max(int(row["n_test"]), int(row["n_base"])) - int(row["n_pairs"])
    if not row["n_pairs"] or lost < 1 or arms is None:
        return ""
    whose = "a pair that lacks an arm enters" if lost == 1 else "pairs that lack an arm enter"
    return f" (of whole pairs; {whose} the estimate by the others)"


def _too_few_to_permute(row: Row) -> bool:
    """Whether a permutation is not exact (interactions without pairs, covariates) and rows are too few."""
    several, paired = is_compound(row["test_arm"]), bool(row["n_pairs"])
    covariates, formula = "covariate" in str(row["test"]), "~" in str(row["test"])
    nearly = (several or covariates) and not (paired and several != covariates)
    return nearly and not formula and min(int(row["n_test"]), int(row["n_base"])) < FEW_ROWS


def without_pooling(row: Row, *, lines: bool = False) -> str:
    """Name the test that lets every arm, or the differences within pairs, vary in their own way."""
    df = number(row, "df_welch")
    t = "" if isnan(df) else f", t({df:.3g})"
    if row.get("effect_name") == "g_residual":
        return f"by one contrast per {row['unit']!r} alone (without equal variances{t})"
    if n := number_of_both(row):
        return f"by one number for each of the {n} pairs in both lines{t and f' (t({df:.3g}))'}"
    if not row["n_pairs"] or "~" in str(row.get("test", "")):
        return f"without equal variances (Welch{t})"
    both = " of the two lines, Welch" if lines else ""
    return f"by the pairs' own differences alone (without equal variances{both}{t})"


def number_of_both(row: Row) -> int:
    """Count the pairs in both lines of which the check takes one number each; 0 where it does not."""
    n = number(row, "n_both")
    return 0 if isnan(n) or isnan(number(row, "p_welch")) or "~" in str(row.get("test", "")) else int(n)


def _caveats(row: Row, p_null: float | None, cautions: Sequence[str]) -> str:
    held = row["verdict"] not in ("not established", "not tested")
    found = [caution for caution in cautions if not caution.startswith(UNASKED)]
    if held and not _is_slope(row):
        found.append(beyond(p_null, level_of(row)))
    able = number(row, "detectable")
    if not isnan(able) and row["verdict"] == "not established":
        found.append(
            f"A design of {row['df']:g} residual degree{'' if row['df'] == 1 else 's'} of freedom finds "
            f"an effect of {able:.2g} {_yardstick(row)} with power 0.8 before adjustment; "
            "smaller ones are mostly missed"
        )
    elif number(row, "df") < 2:
        found.append("At one residual degree of freedom hardly any difference can be established")
    if not row["n_pairs"] and not _is_slope(row) and min(row["n_test"], row["n_base"]) == 2:
        found.append(
            "An arm of 2 samples hardly shows its own spread: that it is as in the others is assumed"
        )
    if (held or row.get("equivalent") == "yes") and _of_two_answers(row):
        found.append(
            "Where donors differ in how they answer to co-culture and drug, p and interval of a residual are "
            "too small, as they pool the spread of all arms; p by the pairs' own differences is not"
        )
    if number(row, "se_inflation") > WIDER:
        found.append(
            f"The covariates widen the standard error {row['se_inflation']:.2g} times at equal noise, and "
            "where arms differ in them, noise in a covariate leaves part of its influence unadjusted"
        )
    found.append("Intervals are not adjusted for the number of tests")
    found.append(f"The estimate is in units of the {row['method']} score; {unit(row)}")
    found += [c for c in cautions if held and c.startswith(UNASKED)]
    return f" {'. '.join(found)}."


def _of_two_answers(row: Row) -> bool:
    """Whether pairs' differences hold two answers of a donor, and others in the model one."""
    return (
        row["contrast"].startswith("residual_") and not isnan(number(row, "p_welch")) and row["n_pairs"] > 0
    )


def _yardstick(row: Row) -> str:
    if row["effect_name"] == "g_residual":
        return "residual SD within units"
    paired = row["n_pairs"] or row["effect_name"] == "g_z"
    return "SD of the within-pair difference" if paired else "residual SD"


def unit(row: Row) -> str:
    """Say what counts as a replicate."""
    named = row.get("unit", "row")
    return "every row counts as a replicate" if named == "row" else f"the replicate is a level of {named!r}"
