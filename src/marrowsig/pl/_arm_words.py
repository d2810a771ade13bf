"""Arms in words or as a grid, whichever has room below an axes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from marrowsig._arm_names import told as told_level
from marrowsig._formula import FormulaDesign
from marrowsig._two_cultures import of_two
from marrowsig.pl._arm_grid import ArmGrid, Factor, arm_grid
from marrowsig.pl._arm_labels import arm_labels
from marrowsig.pl._arm_strip import with_lines
from marrowsig.pl._levels import unsaid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marrowsig.design import Design
    from marrowsig.pl._arm_labels import ArmLabels
    from marrowsig.pl._arm_strip import Strip

LEFT = 16.0
"""Millimetres that the labels of y take at the left."""


def arms_told(
    parts: list[list[str]],
    n: list[int],
    alone: list[int],
    design: Design | FormulaDesign,
    labels: Mapping[str, str],
    width: float,
    strip: Strip | None = None,
) -> ArmLabels | ArmGrid:
    """Tell the arms by words side by side, else by a grid, else by words that stand upright.

    Of a `strip`, by a grid where that is possible.
    """
    hidden = unsaid(parts, design, labels)
    spoken = [_spoken(arm, design, labels) for arm in parts]
    counts = [[f"n = {k}", *([f"+{one} unpaired"] if one else [])] for k, one in zip(n, alone, strict=True)]
    kind = [strip.cells] if strip and strip.cells else []

    def in_words(told: list[list[str]]) -> ArmLabels:
        names = [
            [word for level, word in zip(arm, words, strict=True) if level not in ("", vehicle)]
            for arm, words, vehicle in zip(parts, told, hidden, strict=True)
        ]
        return arm_labels([[*kind, *own] for own in names], counts, width=width - LEFT)

    words = in_words([_added(arm, own, design) for arm, own in zip(parts, spoken, strict=True)])
    words = in_words(spoken) if words.upright else words  # without the plus where it has no room
    if (not strip and not words.upright) or len({len(arm) for arm in parts}) > 1:
        return words
    bases = [getattr(design, role, "") for role in ("mono", "vehicle")]
    factors, kinds = [], 0 if isinstance(design, FormulaDesign) else len(parts[0]) - len(_used(design))
    for i, (levels, told) in enumerate(zip(zip(*parts, strict=True), zip(*spoken, strict=True), strict=True)):
        base = next((k for k, level in enumerate(levels) if level in bases), 0)
        groups = len(set(levels)) == 1 or i < len(parts[0]) - _inner(design)
        if i == len(parts[0]) - 1 and not all(hidden) and getattr(design, "inhibitor", None):
            given = (w if own != out else "" for w, own, out in zip(told, levels, hidden, strict=True))
            factors.append(Factor(tuple(given), "", groups=groups))
            continue
        shared = levels[base] == bases[0] and of_two(design)  # minus would read as cells alone
        unnamed = i < kinds and len(set(levels)) > 1  # no kind of cells and no time is the absence of others
        factors.append(Factor(told, "" if shared or unnamed else told[base], groups=groups))
    if strip and strip.alone:
        factors = with_lines(factors, len(parts[0]) - _inner(design))
    cells = {"n": list(map(str, n)), **({"unpaired": list(map(str, alone))} if any(alone) else {})}
    found = arm_grid(factors, cells, width=width, least=LEFT)
    if found is None or not kind:
        return found or words
    return replace(found, brackets=(*found.brackets, ((kind[0], 0, len(parts) - 1),)))


def _added(arm: list[str], words: list[str], design: Design | FormulaDesign) -> list[str]:
    """Put a plus before the inhibitor, the last of the words of an arm, where a culture stands before it."""
    used = getattr(design, "inhibitor", None) and getattr(design, "culture", None)
    given = used and arm[-1] != getattr(design, "vehicle", "") and not words[-1].startswith("+")
    return [*words[:-1], f"+ {words[-1]}"] if given else words


def _inner(design: Design | FormulaDesign) -> int:
    """How many of the last factors are told by plus and minus: culture and inhibitor, or the last one."""
    if isinstance(design, FormulaDesign):
        return 1
    return max(1, bool(design.culture) + bool(design.inhibitor))


def _used(design: Design | FormulaDesign) -> list[str]:
    """Fields of the last levels of an arm."""
    return [field for field in ("line", "culture", "inhibitor") if getattr(design, field, None)]


def _spoken(arm: list[str], design: Design | FormulaDesign, labels: Mapping[str, str]) -> list[str]:
    """Write the levels of an arm, those that say only yes or no after their column."""
    used = _used(design)
    fields = [""] * (len(arm) - len(used)) + used
    return [
        labels[level] if level in labels else _word(_in_field(level, field, design), design, labels)
        for level, field in zip(arm, fields, strict=True)
    ]


def _in_field(level: str, field: str, design: Design | FormulaDesign) -> str:
    return told_level(design, field, level) if field and not isinstance(design, FormulaDesign) else level


def _word(level: str, design: Design | FormulaDesign, labels: Mapping[str, str]) -> str:
    """Write a level, and before a bare number its column, such as "hours 24"."""
    return labels.get(level, with_column(level, design))


def with_column(level: str, design: Design | FormulaDesign) -> str:
    """Put the column of the design before a level that is a bare number, such as "hours 24"."""
    if not re.fullmatch(r"-?\d+(?:\.\d+)?", level):
        return level
    if isinstance(design, FormulaDesign):
        own = ((column, [n] if isinstance(n, str) else n) for column, n in design.levels.items())
        column = next((column for column, levels in own if level in map(str, levels)), "")
    else:
        column = design.time or ""
    return f"{column} {level}".strip()
