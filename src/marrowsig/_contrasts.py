"""The questions of a design, as weights on its arms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from marrowsig._arm_names import arm_name, within
from marrowsig._contrast_kinds import DRUG_ALONE, inhibitor_of
from marrowsig._diagnosis import diagnoses
from marrowsig._other_groups import other_groups
from marrowsig._stimulus import is_plain, stimulated
from marrowsig._vehicle_words import control_of, fall_under

if TYPE_CHECKING:
    from collections.abc import Container

    from marrowsig.design import Design


_OF_LINES = re.compile(
    r"line|clone|parent|resist|sensitiv|tolera|persist|naive|wild.?type|\bwt\b|[-_/ ](?:[IACGV]?R)\d*$",
    re.IGNORECASE,
)
"""What people call cell lines by, and columns of them: one that grew out of the other under a drug."""

KINDS = {
    "coculture": "induction", "stimulus": "induction", "resistant": "resistance", "treated": "resistance",
    "inhibitor": "reversal",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contrast:
    """One question: `weights` (arm to weight) times the arms' means."""

    name: str
    question: str
    weights: dict[str, float]
    factor: str = ""
    """Which entry of a signature's `expect` speaks to it: coculture, resistant, inhibitor; else none does."""
    turned: bool = False
    """Whether it is positive where that entry says "down", as a difference mono - co is."""

    @property
    def kind(self) -> str:
        """What is asked: induction, resistance, interaction, reversal, residual or drug (on cells alone)."""
        return KINDS.get(self.factor, self.name.split("_")[0])

    @property
    def test(self) -> str:
        """The side that is asked about, in words."""
        return self._side(*list(self.weights)[:2]) if len(self.weights) == 4 else next(iter(self.weights))

    @property
    def base(self) -> str:
        """The side it is compared with, in words."""
        return self._side(*list(self.weights)[2:]) if len(self.weights) == 4 else list(self.weights)[1]

    @staticmethod
    def _side(plus: str, minus: str) -> str:
        return f"{plus} - {minus}"

    def half(self, *, test: bool) -> list[str]:
        """Return the arms of the test side, or of the base side."""
        arms = list(self.weights)
        middle = len(arms) // 2
        return arms[:middle] if test else arms[middle:]


def contrasts(
    design: Design, inhibitors: tuple[str, ...], *, of: str = "", seen: Container[str] = ()
) -> list[Contrast]:
    """Every question of the design, in a fixed order; `of` are cells grown with the lines, such as stroma.

    What an inhibitor does to cells grown alone is asked where that arm is among those `seen`.
    """
    if design.culture is None:
        return [_resistance(design, "", of)]
    if design.line is None:
        return [_coculture(design, "", of), *_rescue(design, "", inhibitors, of, seen)]
    found = [_coculture(design, role, of) for role in ("parental", "resistant")]
    found += [_resistance(design, role, of) for role in ("mono", "co")]
    found.append(_interaction(design, of))
    for role in ("parental", "resistant"):
        found += _rescue(design, role, inhibitors, of, seen)
    return found


def _spoken(design: Design) -> dict[str, str]:
    """How to speak of the levels of `culture`; any two-level factor can stand in for a co-culture.

    Those levels are quoted, for any word may be one: 'alone', '+hMSC', 'no drug'.
    """
    if _is_coculture(design):
        return {
            "raise": "Does co-culture raise the score{in}?",
            "more": "Does co-culture raise the score more in {high} than in {low}?",
            "mono": "when grown alone",
            "co": "in co-culture",
            "and": "with",
            "above": "that of cells grown alone",
        }
    low, high = said(design, "mono"), said(design, "co")
    return {
        "raise": f"Is the score{{of}} higher in {high} than in {low}?",
        "more": f"Does {high} raise the score over {low} more in {{high}} than in {{low}}?",
        "mono": f"in {low}",
        "co": f"in {high}",
        "and": "with",
        "above": f"that in {low}",
    }


def _is_coculture(design: Design) -> bool:
    names = ["".join(c for c in level.lower() if c.isalpha()) for level in (design.mono, design.co)]
    return names[0].startswith(("mono", "alone")) and names[1].startswith("co")


def sides(design: object) -> tuple[str, str]:
    """Name what raises the score and what it is compared with: a co-culture and cells alone, or the levels.

    Levels stand for themselves where they name no cells, such as a cytokine.
    """
    column, mono, co = (str(getattr(design, name, "") or "") for name in ("culture", "mono", "co"))
    given = stimulated(column or None, co) or other_groups(column, mono, co)
    return (said(design, "co"), said(design, "mono")) if given else ("co-culture", "cells alone")


FIELDS = {"mono": "culture", "co": "culture", "parental": "line", "resistant": "line"}
"""The field that a level belongs to."""


def says_yes(design: object, *fields: str) -> bool:
    """Whether levels of some of these fields say only yes and no, or how much of what the column names."""
    return any(
        all(is_plain(str(getattr(design, role, ""))) for role, of in FIELDS.items() if of == field)
        for field in fields
        if getattr(design, field, None) is not None
    )


def said(design: object, role: str) -> str:
    """Quote a level of a design, after its column where it says only yes or how much.

    >>> from marrowsig.design import Design
    >>> said(Design(culture="arm", mono="Mock", co="IL22"), "co")
    "'IL22'"
    >>> said(Design(culture="il22", mono="no", co="yes"), "co")
    "il22 'yes'"
    """
    level, field = str(getattr(design, role, "")), FIELDS[role]
    return f"{getattr(design, field)} '{level}'" if says_yes(design, field) else f"'{level}'"


def cells_of(design: object, role: str, of: str = "", how: str = "with") -> str:
    """Name the cells of a line, parental or resistant; samples, where its levels say only yes and no.

    `of` are other cells, such as stroma, that were grown `how` these.
    """
    if says_yes(design, "line"):
        return f"samples with {said(design, role)}"
    cells = f"{getattr(design, role)} cells"
    return f"{of} {how} {cells}" if of else cells


def _coculture(design: Design, role: str, of: str) -> Contrast:
    line, cells = (getattr(design, role), cells_of(design, role, of)) if role else ("", of)
    name = f"co_in_{role}" if role else "co_vs_mono"
    weights = {arm_name(design, line, design.co): 1.0, arm_name(design, line, design.mono): -1.0}
    question = _spoken(design)["raise"]
    for word in ("in", "of"):
        question = question.replace(f"{{{word}}}", f" {word} {cells}" if cells else "")
    other = stimulated(design.culture, design.co) or other_groups(design.culture, design.mono, design.co)
    return Contrast(name, question, weights, "stimulus" if other else "coculture")


def _resistance(design: Design, role: str, of: str) -> Contrast:
    culture = getattr(design, role) if role else ""
    name = f"resistance_in_{role}" if role else "resistant_vs_parental"
    where = f" {_spoken(design)[role]}" if role else ""
    weights = {
        arm_name(design, design.resistant, culture): 1.0,
        arm_name(design, design.parental, culture): -1.0,
    }
    how = "for" if role == "mono" else "with"  # such stroma may be listed with a line, and met no cells of it
    high, low = (cells_of(design, side, of, how) for side in ("resistant", "parental"))
    question = f"{'Does' if high.startswith(of or ' ') else 'Do'} {high} score higher than {low}{where}?"
    if column := plain_groups(design):
        question = f"Is the score higher in '{design.resistant}' than in '{design.parental}' ({column})?"
    # A relapse may be what resistance made of a diagnosis; another disease is not.
    groups = diagnoses(design.line, design.parental, design.resistant, states=False)
    other = stimulated(design.line, design.resistant) or groups
    return Contrast(name, question, weights, "treated" if other else "resistant")


def plain_groups(design: object) -> str:
    """Return the column of two groups that are no lines, such as diagnosis and relapse; else nothing.

    >>> from marrowsig.design import Design
    >>> plain_groups(Design(line="time", parental="diagnosis", resistant="relapse"))
    'time'
    >>> plain_groups(Design(line="line"))
    ''
    """
    column = getattr(design, "line", None)
    if not column or getattr(design, "culture", None):
        return ""
    low, high = str(getattr(design, "parental", "")), str(getattr(design, "resistant", ""))
    of_lines = any(map(_OF_LINES.search, (str(column), low, high))) or high.startswith(low)
    return "" if of_lines else str(column)


def line_word(design: object) -> str:
    """Return "line" where the column or its levels speak of lines, else words that hold of any groups.

    >>> from marrowsig.design import Design
    >>> line_word(Design(culture="arm", line="response", parental="sensitive", resistant="refractory"))
    "level of 'response'"
    """
    column = getattr(design, "line", None)
    said = f"{column} {getattr(design, 'parental', '')}"
    lines = not column or re.search("line|clone|parent", said, re.IGNORECASE)
    return "line" if lines else f"level of {column!r}"


def _interaction(design: Design, of: str) -> Contrast:
    weights = {
        arm_name(design, design.resistant, design.co): 1.0,
        arm_name(design, design.resistant, design.mono): -1.0,
        arm_name(design, design.parental, design.co): -1.0,
        arm_name(design, design.parental, design.mono): 1.0,
    }
    high, low = cells_of(design, "resistant", of).removesuffix(" cells"), cells_of(design, "parental", of)
    question = _spoken(design)["more"].replace("{high}", high).replace("{low}", low)
    return Contrast("interaction", question, weights)


def _rescue(
    design: Design, role: str, inhibitors: tuple[str, ...], of: str, seen: Container[str]
) -> list[Contrast]:
    line = getattr(design, role) if role else ""
    tail = f"_in_{role}" if role else ""
    cells = cells_of(design, role, of) if role else of or "cells"
    spoken = _spoken(design)
    above = spoken["above"].replace("cells", of or "cells")
    found = []
    mono, co = arm_name(design, line, design.mono), arm_name(design, line, design.co)
    for drug in inhibitors:
        treated = arm_name(design, line, design.co, drug)
        down = f"Does {drug} lower the score of {cells} {spoken['co']}?"
        left = f"Is the score of {cells} {spoken['co']} {spoken['and']} {drug} still above {above}?"
        found.append(Contrast(f"reversal_{drug}{tail}", down, {co: 1.0, treated: -1.0}, "inhibitor"))
        found.append(Contrast(f"residual_{drug}{tail}", left, {treated: 1.0, mono: -1.0}))
        if (alone := arm_name(design, line, design.mono, drug)) in seen:
            plain = f"Does {drug} lower the score of {cells} {spoken['mono']}?"
            found.append(Contrast(f"{DRUG_ALONE}{drug}{tail}", plain, {mono: 1.0, alone: -1.0}, "drug"))
    return found


def in_own_words(name: str, design: object) -> str:
    """Name a contrast of a `Design` with its levels in place of their roles; others stay as they are.

    Levels that say only yes or how much name nothing: 'yes_in_no' is left as 'co_in_parental'.
    """
    if says_yes(design, "culture", "line"):
        return name
    roles = {role: str(getattr(design, role, role)) for role in ("mono", "co", "parental", "resistant")}
    if name in ("co_vs_mono", "resistant_vs_parental"):
        return "_vs_".join(roles[role] for role in name.split("_vs_"))
    what, _, role = name.rpartition("_in_")
    if not what or role not in roles:
        return name
    return f"{roles.get(what, what)}_in_{roles[role]}"


def spelled(name: str, design: object) -> str:
    """Write a contrast of a `Design` as its two sides, in the user's own levels; others stay as they are.

    >>> from marrowsig.design import Design
    >>> design = Design(culture="arm", mono="alone", co="MSC", line="line", inhibitor="drug")
    >>> spelled("co_in_parental", design), spelled("reversal_JAKi_in_resistant", design)
    ('MSC vs alone in parental', 'fall under JAKi in resistant')
    >>> spelled("reversal_aIL6R", Design(culture="arm", inhibitor="antibody", vehicle="IgG"))
    'fall under aIL6R against IgG'
    >>> spelled("drug_alone_JAKi_in_resistant", design)
    'fall under JAKi in alone, resistant'
    >>> spelled("resistance_in_co", Design(culture="arm", mono="alone", co="on HS-5", line="line"))
    'resistant vs parental on HS-5'
    """
    if not hasattr(design, "mono"):
        return name
    roles = {role: str(getattr(design, role)) for role in ("mono", "co", "parental", "resistant")}
    cultures, lines = f"{roles['co']} vs {roles['mono']}", f"{roles['resistant']} vs {roles['parental']}"
    for field in ("culture", "line"):
        if says_yes(design, field):  # 'yes vs no in yes' needs the columns
            column = getattr(design, field)
            cultures, lines = (
                f"{column} {sides}" if of == field else sides
                for of, sides in (("culture", cultures), ("line", lines))
            )
            roles |= {role: f"{column} {roles[role]}" for role, of in FIELDS.items() if of == field}
    what, _, role = name.rpartition("_in_")
    if role not in roles:
        what, role = name, ""
    where = f" {within(roles[role])}" if role else ""
    kind, drug = inhibitor_of(what)
    if drug:
        fall = fall_under(drug, getattr(design, "control", control_of(design)))
        if kind == DRUG_ALONE:
            return f"{fall} {within(', '.join(filter(None, (roles['mono'], roles.get(role)))))}"
        sides = fall if kind == "reversal_" else f"{roles['co']} + {drug} vs {roles['mono']}"
        return f"{sides}{where}"
    if name == "interaction":
        return f"more in {roles['resistant']} than in {roles['parental']}"
    known = {"co": cultures, "co_vs_mono": cultures, "resistance": lines, "resistant_vs_parental": lines}
    return f"{known[what]}{where}" if what in known else name


def named_in_words(name: str, design: object) -> str:
    """Put the user's levels before the name of a contrast, where the name speaks of roles.

    >>> from marrowsig.design import Design
    >>> named_in_words("co_vs_mono", Design(culture="arm", mono="alone", co="MSC"))
    'MSC vs alone (co_vs_mono)'
    >>> named_in_words("co_vs_mono", Design(culture="culture"))
    'co_vs_mono'
    >>> lines = Design(culture="culture", line="line", parental="K562", resistant="KR")
    >>> named_in_words("resistance_in_mono", lines)
    'KR vs K562 in mono (resistance_in_mono)'
    """
    usual = in_own_words(name, design) == name and not says_yes(design, "culture", "line")
    if name.startswith("resistance_in_"):  # it is of both lines, and names neither
        usual &= in_own_words("resistant_vs_parental", design) == "resistant_vs_parental"
    words = spelled(name, design)
    return name if usual or words == name or name == "interaction" else f"{words} ({name})"
