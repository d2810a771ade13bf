"""The family in which a run tests a contrast of one signature: the claims, or the further questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from marrowsig.tl._claims_asked import CLAIMS, FURTHER, IL6_UP, QUESTIONS, STATEMENTS

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from marrowsig.design import Design


class Family(NamedTuple):
    """The family of one contrast, empty where it has none, and how many tests it holds."""

    name: str
    size: int


def family_of(design: Design, inhibitors: tuple[str, ...], *, kind: str, axis: str) -> Family:
    """Find the family of a kind of contrast, of leukaemia cells alone.

    EMT and any list of another axis, which may stand in its place, are asked by the claims.

    >>> from marrowsig.design import Design
    >>> design = Design(culture="culture", line="line")
    >>> [family_of(design, (), kind="interaction", axis=axis) for axis in ("emt", "il6")]
    [Family(name='claims', size=9), Family(name='further questions', size=2)]
    """
    lines = (2 if design.line else 1) if design.culture else 0
    each = {"induction": lines, "interaction": max(lines - 1, 0), "reversal": lines * len(inhibitors)}
    if not each.get(kind):
        return Family("", 0)
    statements = (*STATEMENTS, IL6_UP)
    further = any(one.kind == kind and one.axis == axis for one in FURTHER)
    own = FURTHER if further else statements
    return Family(QUESTIONS if further else CLAIMS, sum(each[one.kind] for one in own))


def axis_of(signature: str | None, data: AnnData | pd.DataFrame | None) -> str:
    """Name the axis of a plan: of the signature, or of the only one of the contrasts of a study.

    >>> axis_of("il6.hallmark", None), axis_of(None, None)
    ('il6', '')
    """
    if signature is None and data is not None and "signature" in getattr(data, "columns", ()):
        names = list(dict.fromkeys(map(str, data["signature"])))
        signature = names[0] if len(names) == 1 else None
    return (signature or "").partition(".")[0]
