"""What the numbers of a chain allow to be said, and no more; the rules stand in docs/chain.md."""

from __future__ import annotations

from math import isnan
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from marrowsig._check_words import CANNOT, CARRY_OVER, DOUBTS
from marrowsig._link_counts import counted
from marrowsig._p_values import p_phrase
from marrowsig._rounded import plain
from marrowsig._stromal_level import in_cells

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = Mapping[str, Any]

NOT_TESTED, OPEN = "not tested", "not established"
ASSOCIATED, AGAINST = "associated", "associated inversely"

WITH_STAT3 = "EMT reversed by {}, and STAT3 with it"
EMT_ONLY = "EMT reversed by {}, STAT3 not shown to be"
THROUGH = "EMT reversed by {}: through STAT3 not established"
STAT3_ONLY = "STAT3 reversed by {}, EMT not shown to be"

CONSISTENT = "consistent with the chain"
COMPATIBLE = "compatible with STAT3 lying on the path"
NOT_BEYOND = "associated, not established beyond the {}"
NO_RECEPTOR = "associated, but {}"

ALONGSIDE = "associated within arms, which has no direction"

CAUTIONS = (
    "Samples of one arm are associated by anything that varies among them: RNA quality, purity, cycling.",
    "Association is no mediation, and more samples do not make it one.",
    "RNA shows neither phosphorylated STAT3 nor soluble IL-6 receptor.",
)
OF_INHIBITORS = (
    "JAK inhibitors block other cytokines, too: only anti-IL-6, anti-IL-6R or a knock-down speaks of IL-6.",
    "A drug that harms cells moves scores, too: compare viability, and see ms.qc.cycle.",
)


def link_verdict(p_adj: float, r: float, alpha: float) -> str:
    """Say of one link (or of both, `r` being the lower) whether it is associated, and which way."""
    if isnan(p_adj):
        return NOT_TESTED
    if not p_adj < alpha:
        return OPEN
    return ASSOCIATED if r > 0 else AGAINST


def chain_of_links(rows: Sequence[Row], competence: str, alpha: float, *, ordered: bool = True) -> str:
    """Say of both links of a stratum, as they are and beyond each adjuster (`rows`, as they are first).

    "Consistent with the chain" needs both links positive and established, lost in none of the adjusted
    models, the receptors not shown to be absent, and a co-culture (`ordered`), without which there is no
    chain.
    """
    main, *others = rows
    if main["verdict"] != ASSOCIATED:
        return str(main["verdict"])
    lost = [row["adjusted_for"] for row in others if not isnan(row["p"]) and not _holds(row, alpha)]
    single = [name for name in lost if " and " not in name]
    if lost:
        return NOT_BEYOND.format(" and the ".join(single) or lost[0])
    if not ordered:
        return ALONGSIDE
    return NO_RECEPTOR.format(competence) if competence.endswith("not expressed") else CONSISTENT


def _holds(row: Row, alpha: float) -> bool:
    return bool(row["p"] < alpha and row["verdict"] != AGAINST)


def reversed_by(row: Row, step: str, alpha: float) -> bool:
    """Whether the inhibitor of a row reversed a step, among the steps and among the inhibitors (Holm)."""
    moved = str(row[f"{step}_verdict"]).startswith("reversed")
    return moved and bool(row[f"{step}_reversal_p_holm"] < alpha)


def inhibitor_verdict(row: Row, alpha: float) -> str:
    """Say what an inhibitor reversed in a line; "reversed by" only of what `reversed_by` grants."""
    stat3, emt = (reversed_by(row, step, alpha) for step in ("stat3", "emt"))
    if stat3 or emt:
        form = STAT3_ONLY if not emt else WITH_STAT3 if stat3 else EMT_ONLY
        return "; ".join([form.format(row["inhibitor"]), *_doubts([row], alpha)])
    tested = [not isnan(row[f"{step}_reversal_p"]) for step in ("stat3", "emt")]
    return OPEN if any(tested) else NOT_TESTED


def _doubts(rows: Sequence[Row], alpha: float) -> list[str]:
    """Name once the steps reversed of which carry-over is not ruled out, as its check says.

    >>> row = {"emt_verdict": "reversed in part", "emt_reversal_p_holm": 0.01, "stat3_verdict": ""}
    >>> _doubts([row], 0.05), _doubts([row | {"emt_carry_over": "may be carry-over"}] * 2, 0.05)
    ([], ['EMT may be carry-over'])
    """
    found = [
        f"whether {word} is {CARRY_OVER}: {CANNOT}" if said == CANNOT else f"{word} {said}"
        for row in rows
        for step, word in (("emt", "EMT"), ("stat3", "STAT3"))
        if (said := row.get(f"{step}_carry_over", "")) in DOUBTS and reversed_by(row, step, alpha)
    ]
    return list(dict.fromkeys(found))


def _why(row: Row, alpha: float) -> str:
    """Give the reasons of these doubts."""
    return "".join(
        f" The {row[f'{step}_carry_over_of']}: {row[f'{step}_carry_over']}"
        f"{f': {why}' if (why := row[f'{step}_carry_over_why']) else ''}."
        for step in ("emt", "stat3")
        if row.get(f"{step}_carry_over", "") in DOUBTS and reversed_by(row, step, alpha)
    )


def named(verdict: str, names: Mapping[str, str]) -> str:
    """Add to a verdict that starts with what was reversed which signatures stood for it.

    >>> named("EMT reversed by A, STAT3 not shown to be", {"emt": "emt.blast"})
    'EMT (emt.blast) reversed by A, STAT3 not shown to be'
    """
    first, found, rest = verdict.partition(" reversed by ")
    if not found:
        return verdict
    for step, word in (("emt", "EMT"), ("stat3", "STAT3")):
        first = first.replace(word, _step(word, step, names))
    return f"{first}{found}{rest}"


def _step(word: str, step: str, names: Mapping[str, str]) -> str:
    return f"{word} ({names[step]})" if step in names else word


def inhibitor_sentence(
    row: Row, alpha: float, names: Mapping[str, str] = MappingProxyType({}), competence: str = ""
) -> str:
    """Write what an inhibitor did to STAT3 and EMT in a line, with numbers; `names` are the signatures."""
    verdict = inhibitor_verdict(row, alpha)
    parts = [
        _part(row, step, _step(word, step, names), alpha)
        for step, word in (("stat3", "STAT3"), ("emt", "EMT"))
    ]
    both = reversed_by(row, "stat3", alpha) and reversed_by(row, "emt", alpha)
    if doubt := _why(row, alpha):
        return f"{_who(row)}: {named(verdict, names)}. {'; '.join(parts)}.{doubt}"
    able = f"But {competence}" if competence.endswith("not expressed") else f"This is {COMPATIBLE}"
    tail = f" {able}." if both else ""
    return f"{_who(row)}: {named(verdict, names)}. {'; '.join(parts)}.{tail}"


def _who(row: Row) -> str:
    where = f" [{row['stratum']}]" if row["stratum"] else ""
    return f"{row['inhibitor']}{in_cells(row['line'], row['stratum'])}{where}"


def _part(row: Row, step: str, name: str, alpha: float) -> str:
    value, low, high = (row[f"{step}_reversal{end}"] for end in ("", "_low", "_high"))
    if isnan(value):
        return f"{name}: no reversal could be estimated"
    text = (
        f"{name} reversal {plain(value)} [{plain(low)}, {plain(high)}], "
        f"{p_phrase(row[f'{step}_reversal_p_adj'], 'adjusted p', alpha)}"
    )
    if row[f"{step}_fraction_kind"] != "interval":
        return f"{text}, fraction of the induction not determined"
    value, low, high = (100 * row[f"{step}_fraction{end}"] for end in ("", "_low", "_high"))
    text += f", {value:.0f} % [{low:.0f}, {high:.0f}] of the induction"
    held = row.get(f"{step}_carry_over_rise", "")
    return f"{text} as scored ({held} is stroma's RNA)" if held else text


def verdict(links: str, drugs: Sequence[Row], alpha: float, competence: str = "") -> str:
    """Say of a stratum what its strongest evidence allows: inhibitors first, then both links."""
    emt = [row for row in drugs if reversed_by(row, "emt", alpha)]
    both = [row for row in emt if reversed_by(row, "stat3", alpha)]
    if clear := [row for row in both if not _doubts([row], alpha)]:
        told = f", but {competence}" if competence.endswith("not expressed") else f": {COMPATIBLE}"
        told = f"EMT and STAT3 reversed by {_drugs(clear)}{told}"
        if rest := [row for row in both if _doubts([row], alpha)]:
            told = f"{told}; by {_drugs(rest)} as scored ({', '.join(_doubts(rest, alpha))})"
    elif both:
        told = "; ".join([f"EMT and STAT3 reversed by {_drugs(both)} as scored", *_doubts(both, alpha)])
    else:
        told = "; ".join([THROUGH.format(_drugs(emt)), *_doubts(emt, alpha)]) if emt else ""
    if links == ALONGSIDE:
        return told or links
    if links == CONSISTENT:
        return f"{told}; samples within arms {CONSISTENT}" if told else CONSISTENT
    tested = links != NOT_TESTED or any(row["verdict"] != NOT_TESTED for row in drugs)
    return told or (OPEN if tested else NOT_TESTED)


def _drugs(rows: Sequence[Row]) -> str:
    lines: dict[str, list[str]] = {}
    for row in rows:
        lines.setdefault(row["inhibitor"], []).append(row["line"])
    named = (f"{drug} ({', '.join(own)})" if any(own) else drug for drug, own in lines.items())
    return " and by ".join(named)


def links_sentence(rows: Sequence[Row], links: str, alpha: float) -> str:
    """Write both links of a stratum as they are (`rows`: link, link, both), and what could be found."""
    *own, joint = rows
    told = []
    for row in own:
        if isnan(row["r"]):
            told.append(f"{row['link']}: {NOT_TESTED} ({row['note']})")
            continue
        given = f" given {row['given']}" if row["given"] else ""
        numbers = f"r = {row['r']:.2f} [{row['r_low']:.2f}, {row['r_high']:.2f}], {row['df']:.0f} df"
        told.append(f"{row['link']}{given}: {numbers}, {p_phrase(row['p_adj'], 'adjusted p', alpha)}")
    within = "arms and pairs" if joint["n_pairs"] else "arms"
    text = f"Within the {within} ({counted(joint)}), {'; '.join(told)}"
    if isnan(joint["p"]):
        return f"{text}."
    text += f"; both links, {p_phrase(joint['p_adj'], 'p', alpha)}: {links}"
    return f"{text}. With 80 % power this design finds correlations of {own[0]['detectable']:.2f} and more."
