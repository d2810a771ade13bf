"""One claim in words: why its verdict, and a sentence with the numbers."""

from __future__ import annotations

from math import isclose, isnan
from typing import TYPE_CHECKING, Any

from marrowsig._carry_over import APART, BLAST_POOR, RULED_OUT, apart, of_stroma
from marrowsig._check_words import NOTHING, STANDS, not_explained
from marrowsig._errors import first
from marrowsig._gene_scale import change
from marrowsig._p_values import p_equals
from marrowsig._rounded import plain
from marrowsig._rows_out import leave_out
from marrowsig._sizes import sizes
from marrowsig.qc._stroma_words import SWAPPED
from marrowsig.tl._claims_asked import BOTH, GENE, without_compartment
from marrowsig.tl._claims_border import least, not_yet_said
from marrowsig.tl._claims_null import as_much
from marrowsig.tl._claims_power import rarely
from marrowsig.tl._claims_rules import CANNOT, NOT_ASKED, NOT_SUPPORTED
from marrowsig.tl._claims_same_words import matured, types_moved
from marrowsig.tl._claims_size import LEFT, kin, no_second_chance, not_alone, rna, sized
from marrowsig.tl._claims_stroma_views import WITH_EITHER
from marrowsig.tl._claims_unpooled import unpooled_says
from marrowsig.tl._explain_compare import number, number_of_both

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = Mapping[str, Any]


LEADS = {
    CANNOT: "the check of carry-over cannot tell",
    NOTHING: "not established in the check of carry-over",
}
"""Verdicts of that check that need to say whose they are."""


ALIKE = not_explained("shares of cell types")
CHECKED = {
    STANDS: STANDS,
    RULED_OUT: "carry-over not asked: said to be impossible (carry_over=False)",
    BLAST_POOR: "carry-over could only lower it",
}
"""Answers about carry-over with which a claim can stand."""

TWO_ARMS = "All arms of stroma are in one model; on these two alone, as ms.tl.compare has them,"
COMPARED = "All arms of stroma are in one model here; in that of ms.tl.compare"
"""Why one difference or reversal has two p, beside that of `ms.tl.compare`."""


def reason(row: Row, *, alpha: float, agreement: float) -> str:
    """Say what made the rule of the row fire."""
    told = {
        "not estimated": f"{row['test']}{_to_leave_out(row)}",
        "not established": f"{_adjusted(row, alpha)}, not below {alpha:g}",
        "versions disagree": _disagree(row, agreement),
        "rise not supported": f"the rise that it builds on is itself '{row['builds_on']}'",
        "carry-over not examined": f"{row['stroma'] or 'this contrast is not in the result on stroma'}, so "
        "carried-over RNA cannot be ruled out",
        "carry-over": _carry_over(row, alpha),
        "cell types": types_moved(row, alpha),
        "maturation": matured(row),
        "opposite": f"established in the direction opposite to the claim; {_checked(row, alpha)}",
        "all hold": f"established; {_checked(row, alpha)}",
    }
    edge = not_yet_said(row)
    left = no_second_chance(row, alpha) if row["rule"] == "not established" else ""
    return f"{told[row['rule']]}{f' ({edge})' if edge else ''}{left}"


def _to_leave_out(row: Row) -> str:
    names = row.get("unscored", ())
    return f"; leave {'it' if len(names) == 1 else 'them'} out: {leave_out(names)}" if names else ""


def _adjusted(row: Row, alpha: float) -> str:
    p = p_equals("adjusted p", row["p_adj"], alpha)
    return f"{p} by Holm over {row['family_size']} {kin(row)}"


def _checked(row: Row, alpha: float) -> str:
    """Say what each check found, how stroma moves the size, and which tests beside it do not establish it."""
    parts = (
        [f"{agreed(row)} ways of scoring{as_counted(row)} have this sign"] if row["n_specifications"] else []
    )
    parts.append(f"{CHECKED.get(str(row['stroma']), '')}{of_first(row)}")
    if row["maturation"]:
        told = str(row["maturation"])
        stands = told.startswith("not explained")
        parts.append(told if stands else f"whether it is maturation: {matured(row)}")
    if row.get("cell_types"):
        parts.append(row["cell_types"] if row["cell_types"] == ALIKE else types_moved(row, alpha))
    said = (", ".join(filter(None, parts)), not_alone(row), _others_hold(row, alpha), _not_by(row, alpha))
    return "; ".join(part for part in said if part)


def _not_by(row: Row, alpha: float) -> str:
    """Name the tests of the same question that do not establish it; `other_tests` has their numbers."""
    said = ["the differences of pairs alone" if row["n_pairs"] else "Welch's test"]
    said = ["one number per pair in both lines"] if number_of_both(row) else said
    if not number(row, "p_welch") >= alpha:
        left = number(row, "filtered_p_welch") >= alpha and row["filtered_p_adj"] < alpha
        said = [f"{said[0]} on the genes left"] if left else []
    found = row.get("established_by", ())
    said += [name for name in row.get("p_of", ()) if name not in found]
    if _genes_say(row, alpha):
        said.append("the test of its genes")
    return f"not established by {' and by '.join(said)}" if said else ""


def agreed(row: Row) -> str:
    """Count the specifications with the sign of the estimate."""
    n = int(row["n_specifications"])
    return f"{round(row['agreement'] * n)} of {n}" if n else ""


def as_counted(row: Row) -> str:
    """Say that ways are counted with stroma's RNA in them, where versions beside the first are counted."""
    return ", as scored," if of_first(row) else ""


def of_first(row: Row) -> str:
    """Name the list that the check of carry-over was asked of, where others are counted too."""
    return f" (asked of {row['signature']} only)" if row.get("versions") and row["stroma"] == STANDS else ""


def _others_hold(row: Row, alpha: float) -> str:
    """Say how many of the other lists keep the sign on the genes that stroma could not move, not adjusted."""
    n, names = row.get("n_others", 0), row.get("others_hold", ())
    if not n or not of_first(row):
        return ""
    named = f" ({first(names)})" if 0 < len(names) < n else ""
    held = f"{len(names) or 'none'} of {n} other lists{named} {'has' if len(names) < 2 else 'have'} this sign"
    if n == 1:
        held = f"the other list {'has this sign, too,' if names else 'does not have this sign'}"
    return f"on genes that stroma could not move, {held} at p < {alpha:g}"


def _disagree(row: Row, agreement: float) -> str:
    if isnan(row["agreement"]):
        return ""
    asked = f"; the rule needs at least {least(row, agreement)}" if row["agreement"] < agreement else ""
    n, named = row["n_against"], first(row.get("against", ()))
    who = f" ({named})" if named else ""
    against = f"; {n} {'excludes' if n == 1 else 'exclude'} zero on the other side{who}" if n else ""
    other = f", not {row['other_sign']}" if asked and row.get("other_sign") else ""
    return f"{agreed(row)} ways of scoring have the sign of the estimate{other}{asked}{against}"


def _carry_over(row: Row, alpha: float) -> str:
    if row.get("swapped"):
        return SWAPPED
    if row["stroma"] != STANDS:
        lead = LEADS.get(str(row["stroma"]), str(row["stroma"]))
        return f"{lead}: {row['stroma_why']}" if row.get("stroma_why") else lead
    p = p_equals("adjusted p", row["filtered_p_adj"], alpha)
    over = f"by Holm over {row['filtered_family_size']} {kin(row)} on such genes"
    return f"on the {LEFT.format(rna=rna(row))}, {p} {over}, not below {alpha:g}"


def sentence(row: Row, *, alpha: float) -> str:
    """Write claim, verdict, reason and numbers."""
    where = ", ".join(part for part in _where(row) if part)
    head = f"{row['statement'][:1].upper()}{row['statement'][1:]}{f' ({where})' if where else ''}"
    if row["verdict"] == NOT_ASKED:
        return f"{head}: not asked of these samples. Needed: {str(row['reason']).rstrip('.')}."
    lead = f"{head}: {row['verdict']}; {row['reason']}{'' if str(row['reason']).endswith('?') else '.'}"
    if isnan(row["estimate"]):
        return lead
    size = sized(row, f"{100 * (1 - alpha):g} %")
    told = (
        lead,
        _numbers(row, alpha),
        size,
        "" if row["rule"] in ("all hold", "opposite") else checks(row, alpha),
        row.get("other_tests", ""),
        f"{row['note']}." if row.get("note") else "",
        _caveat(row),
        rarely(row),
    )
    return " ".join(part for part in told if part)


def _where(row: Row) -> tuple[str, ...]:
    cells = f"{'with ' * of_stroma(row)}{row['line']} {row.get('whose', 'cells')}" if row["line"] else ""
    whose = str(row["compartment"])
    named = row["signature"] != GENE or whose == BOTH or f" in {whose} " in row["statement"]
    partner = "" if named else f"in {whose}"
    return cells, row["inhibitor"], partner, without_compartment(row["stratum"])


def _numbers(row: Row, alpha: float) -> str:
    of_gene = f"as {change([row.get('test')])}"
    unit = of_gene if row["method"] == "log2" else f"units of the {row['method']} score"
    ends = f"{100 * (1 - alpha):g} % interval {plain(row['ci_low'])} to {plain(row['ci_high'])}"
    return (
        f"{row['signature']}, {row['contrast']}{_scored(row)}: {plain(row['estimate'])} {unit} ({ends}), "
        f"{_adjusted(row, alpha)}; "
        f"n = {sizes(row)}."
    )


def _scored(row: Row) -> str:
    """Name the genes of the estimate where another stands beside it."""
    return "" if isnan(number(row, "filtered_estimate")) else ", as scored"


def checks(row: Row, alpha: float) -> str:
    """Say what each check of a claim found."""
    parts = []
    if row["n_specifications"]:
        of = "methods and versions of the signature" if row.get("versions", "x") else "methods"
        parts.append(f"{agreed(row)} {of} have this sign")
    if row["stroma"]:
        why = "" if row["stroma"] == STANDS or row["rule"] == "carry-over" else row.get("stroma_why", "")
        parts.append(f"{APART}: {apart(row)}{f' ({why})' if why else ''}")
    if row["maturation"]:
        parts.append(f"maturation: {matured(row)}")
    if row.get("cell_types") and row["rule"] != "cell types":
        parts.append(types_moved(row, alpha))
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def other_tests(row: Row, *, alpha: float) -> str:
    """Name tests of the same question that say otherwise, or come close to it; empty where none does."""
    told = [as_much(row, alpha)] if as_much(row, alpha) else []
    held, p = row["p_adj"] < alpha, number(row, "p_welch")
    if of_stroma(row) and row["contrast"] == WITH_EITHER and row["n_pairs"] and p == p:
        found = ": not established" if held and p >= alpha else ""
        told.append(f"{TWO_ARMS} {p_equals('p', p, alpha)}, not adjusted{found}")
    elif not isclose(other := number(row, "p_compared"), row["p"]) and other == other:
        found = ": not established" if held and other >= alpha else ""
        told.append(f"{COMPARED} {p_equals('p', other, alpha)}, not adjusted{found}")
    elif differs := unpooled_says(row, alpha):
        told.append(differs)
    told += [differs] if (differs := unpooled_says(row, alpha, kept=True)) else []
    name, far, without = row.get("outlying") or ("", 0.0, 1.0)
    if name and not held and without < alpha:
        told.append(
            f"Without {name}, an arm not compared here, {far:.1f} SD from what the model expects: "
            f"{p_equals('p', without, alpha)}, not adjusted "
            "(a check: one SD is shared by all arms, so its scatter widens the claim)"
        )
    k, n = row.get("n_established", 0), row.get("n_methods", 0)
    if 0 < k < n:
        signs = "" if "the other way" in row["by_method"] else ", all with this sign"
        by = f"established by {' and '.join(row['established_by'])} only"
        told.append(f"By each method, adjusted p over the {kin(row)}: {row['by_method']}{signs}; {by}")
    if says := _genes_say(row, alpha):
        told.append(says)
    if row.get("beside"):
        told.append(
            f"{row['signature']} is not the list that MSigDB calls IL6_JAK_STAT3_SIGNALING: that is "
            f"il6.hallmark, and answers for the IL-6 response ({row['beside']} here)"
        )
    return " ".join(f"{text}." for text in told)


def _genes_say(row: Row, alpha: float) -> str:
    """Give the test of the genes where it is established and the score is not, or the other way about."""
    p, change = number(row, "genes_p"), number(row, "genes_estimate")
    held, turned = row["p_adj"] < alpha, change * row["estimate"] < 0
    if isnan(p) or isnan(change) or not (held != (p < alpha) or (turned and p < alpha)):
        return ""
    found = "not established" if not p < alpha else "established" + (", the other way" if turned else "")
    size = f"{genes_moved(row)}, {p_equals('p', p, alpha)}, not adjusted"
    return f"By the test of its genes {found}: {size}"


def genes_moved(row: Row) -> str:
    """Write the mean change that the test of the genes is of, in its unit.

    >>> genes_moved({"genes_estimate": 0.548, "genes_unit": "SD of genes of such expression, not log2"})
    'mean change 0.55 SD of genes of such expression, not log2'
    >>> genes_moved({"genes_estimate": -0.5, "genes_unit": "log2"})
    'mean log2 change -0.5'
    """
    change, unit = f"{number(row, 'genes_estimate'):.2g}", str(row["genes_unit"])
    return f"mean log2 change {change}" if unit == "log2" else f"mean change {change} {unit}"


def _caveat(row: Row) -> str:
    if row["verdict"] == NOT_SUPPORTED:
        return (
            "That is no evidence of no change: this design finds a difference of "
            f"{plain(row['detectable'])} with power 0.8 after adjustment, and mostly misses smaller ones."
        )
    return ""
