"""Which claims a design can ask, and what the others would need."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marrowsig._contrasts import Contrast
    from marrowsig._plan import Plan
    from marrowsig.design import Design

GENE = "IL6"
BLASTS, STROMA, BOTH = "leukaemia", "stroma", "both"


class Statement(NamedTuple):
    """One statement of the study: a kind of contrast, and the axis whose signature answers it."""

    id: str
    words: str
    kind: str
    axis: str
    builds_on: str
    needs: str


CO = "samples grown alone and in co-culture: ms.Design(culture=...)"
STATEMENTS = (
    Statement("emt_up", "EMT rises in co-culture", "induction", "emt", "", CO),
    Statement(
        "emt_more_in_resistant",
        "EMT rises more in resistant cells",
        "interaction",
        "emt",
        "emt_up",
        "a parental and a resistant line, each alone and in co-culture: ms.Design(culture=..., line=...)",
    ),
    Statement("il6_response_up", "the IL-6 response rises in co-culture", "induction", "il6", "", CO),
    Statement("stat3_up", "JAK/STAT3 activity rises in co-culture", "induction", "stat3", "", CO),
    Statement(
        "emt_reversed",
        "the inhibitor reverses EMT",
        "reversal",
        "emt",
        "emt_up",
        "a co-culture with an inhibitor: ms.Design(culture=..., inhibitor=...)",
    ),
)
LINES = "both lines, alone and in co-culture"
TREATED = "a co-culture with an inhibitor"
FURTHER = (
    Statement(
        "il6_response_more_in_resistant",
        "the IL-6 response rises more in resistant cells",
        "interaction",
        "il6",
        "il6_response_up",
        LINES,
    ),
    Statement(
        "stat3_more_in_resistant",
        "JAK/STAT3 activity rises more in resistant cells",
        "interaction",
        "stat3",
        "stat3_up",
        LINES,
    ),
    Statement(
        "il6_response_reversed",
        "the inhibitor reverses the IL-6 response",
        "reversal",
        "il6",
        "il6_response_up",
        TREATED,
    ),
    Statement(
        "stat3_reversed",
        "the inhibitor reverses JAK/STAT3 activity",
        "reversal",
        "stat3",
        "stat3_up",
        TREATED,
    ),
)
"""What the study claims of EMT alone, asked of the other two axes: no claims."""
CLAIMS, QUESTIONS = "claims", "further questions"
"""The families over which p is adjusted."""
IL6_UP = Statement("il6_up", "IL6 rises in co-culture", "induction", "", "", CO)
PARTNER_NEEDS = (
    "samples of stroma alone and of stroma from the co-culture, with its level of the compartment column as "
    "partner= (or stroma=)"
)


class Asked(NamedTuple):
    """One claim in one stratum, line and inhibitor, with the plan of its contrast."""

    statement: Statement
    plan: Plan
    line: str
    inhibitor: str


def asked(design: Design, plans: Sequence[Plan], statements: Sequence[Statement] = STATEMENTS) -> list[Asked]:
    """Every statement with every contrast that answers it."""
    return [
        Asked(statement, plan, *levels(design, plan.contrast))
        for statement in statements
        for plan in plans
        if plan.contrast.kind == statement.kind
    ]


WORDS = {"emt": "EMT", "il6": "the IL-6 response", "stat3": "JAK/STAT3 activity"}
"""What statements call each axis."""


def said_of(statement: Statement, *, resistant: str, state: str = "") -> str:
    """Write a statement with the name of the resistant line and, where several are asked, of the cells.

    >>> said_of(STATEMENTS[1], resistant="refractory", state="AML_GMP")
    'EMT in AML_GMP rises more in refractory cells'
    """
    words, what = statement.words.replace("resistant", resistant), WORDS.get(statement.axis, GENE)
    return words.replace(what, f"{what} in {state}", 1) if state else words


def inductions(plans: Sequence[Plan]) -> list[Plan]:
    """Plans of co-culture against cells alone."""
    return [plan for plan in plans if plan.contrast.kind == IL6_UP.kind]


def levels(design: Design, contrast: Contrast) -> tuple[str, str]:
    """Line and inhibitor that a contrast is about; empty where there is none, or several."""
    role = contrast.name.rsplit("_in_", 1)[-1] if "_in_" in contrast.name else ""
    line = {"parental": design.parental, "resistant": design.resistant}.get(role, "")
    if contrast.kind != "reversal":
        return line, ""
    co, treated = list(contrast.weights)
    return line, treated.removeprefix(f"{co}+")


def rise_of(design: Design, claim: Asked) -> tuple[str, str, str]:
    """Statement, stratum and line of the rise that a claim builds on; an empty statement if on none."""
    line = design.resistant if claim.statement.kind == "interaction" else claim.line
    return claim.statement.builds_on, claim.plan.stratum, line


def without_compartment(stratum: str) -> str:
    """Give the time of a stratum, in which the partners meet."""
    return "; ".join(part for part in stratum.split("; ") if not part.startswith("compartment="))
