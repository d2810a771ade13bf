"""Words at the left of the contrasts of an overview; of stroma, with the line that it was grown with."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from marrowsig._carry_over import of_stroma
from marrowsig._errors import first
from marrowsig._stromal_level import stroma_in
from marrowsig._vehicle_words import control_of, fall_under
from marrowsig.pl._contrast_title import named
from marrowsig.pl._forest_rows import stratum_words
from marrowsig.pl._style import SMALL
from marrowsig.pl._words import letters

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

NAMED = 3
"""Contrasts of a key that are named; of the rest it says how many they are."""
LABEL, BROAD = 30.0, 48.0
"""Millimetres of the labels of contrasts, the latter where lines are many."""


def label_of(
    key: tuple[str, str],
    design: Design | FormulaDesign,
    labels: Mapping[str, str] | None,
    *,
    stroma: Collection[str],
    headed: bool,
    wide: bool,
) -> str:
    """Levels of the contrast, and of its stratum where no heading tells it, in lines of a label's width."""
    contrast, where = key[0], told_stratum(key[1], design, labels)
    own = with_lines if key[1] in stroma else named
    told = f"{own(contrast, design, labels)}{f' [{where}]' if where and not headed else ''}"
    told = told if contrast else where
    most = letters(BROAD if wide else LABEL, SMALL)
    return "\n".join(wrap(told, most, break_long_words=False, break_on_hyphens=False))


def named_of(
    keys: Sequence[tuple[str, str]], design: Design | FormulaDesign, labels: Mapping[str, str] | None
) -> str:
    """Name contrasts in one line, as many as a key holds, and count the rest."""
    each = (label_of(key, design, labels, stroma=(), headed=False, wide=True) for key in keys)
    return first((one.replace("\n", " ") for one in each), NAMED)


def with_lines(contrast: str, design: object, labels: Mapping[str, str] | None = None) -> str:
    """Write a contrast of stroma by the lines that it was grown with; words for cultures are of their cells.

    >>> from marrowsig.design import Design
    >>> design = Design(culture="arm", line="line", inhibitor="drug")
    >>> with_lines("co_in_resistant", design, {"co": "with HS-5", "resistant": "AraC-R"})
    'with AraC-R vs alone'
    >>> with_lines("resistance_in_co", design), with_lines("interaction", design)
    ('with resistant vs with parental', 'more with resistant than with parental')
    >>> with_lines("reversal_Rux_in_parental", design), with_lines("co_vs_mono", Design(culture="arm"))
    ('fall under Rux with parental', 'co vs mono')
    """
    own = labels or {}
    if contrast in own or not getattr(design, "line", None):
        return named(contrast, design, {k: w for k, w in own.items() if k not in _cultures(design)})
    lines = {role: own.get(level := str(getattr(design, role)), level) for role in ("parental", "resistant")}
    parental, resistant = (f"with {line}" for line in lines.values())
    what, _, role = contrast.rpartition("_in_")
    kind, _, drug = what.partition("_")
    said, partner = own.get(drug, drug), f"with {lines.get(role, '')}"
    if role in lines and kind in ("reversal", "residual") and drug:
        fall = fall_under(said, control_of(design, own))
        return f"{fall} {partner}" if kind == "reversal" else f"{partner} + {said} vs alone"
    if role in lines and what == "co":
        return f"{partner} vs alone"
    known = {
        "interaction": f"more {resistant} than {parental}", "resistance_in_co": f"{resistant} vs {parental}",
    }  # fmt: skip
    return known.get(contrast) or named(contrast, design, labels)


def strata_of_stroma(
    strata: Iterable[str], frame: pd.DataFrame, claims: pd.DataFrame | None, design: object
) -> list[str]:
    """Strata that are stroma: called so, asked as such by a claim, or grown alone with neither line.

    `frame` has the arms, as `by_unit` gives them with those of no line.
    """
    alone = set(frame.loc[frame["line"].eq(""), "stratum"]) - {""} if getattr(design, "line", None) else set()
    asked = [] if claims is None else claims.to_dict("records")
    known = {str(row["stratum"]) for row in asked if of_stroma(row)}
    return [
        s
        for s in strata
        if (s and s in known)
        or stroma_in(s)
        or any(f"{in_levels(s)}, ".startswith(f"{own}, ") for own in alone)
    ]


def told_stratum(stratum: str, design: object, labels: Mapping[str, str] | None = None) -> str:
    """Levels of a stratum as the axes above tell them: a bare number after its column."""
    own = labels or {}
    return own.get(in_levels(stratum)) or (stratum_words(stratum, own, design) if stratum else "")


def in_levels(stratum: str) -> str:
    """Levels of a stratum, without their columns."""
    return ", ".join(part.partition("=")[2] or part for part in stratum.split("; ") if part)


def _cultures(design: object) -> set[str]:
    return {str(getattr(design, role, "")) for role in ("mono", "co")}
