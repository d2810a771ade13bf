"""Words at the left of the contrasts of an overview."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from marrowsig.pl._contrast_title import named
from marrowsig.pl._style import SMALL
from marrowsig.pl._words import letters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

LABEL, BROAD = 30.0, 48.0
"""Millimetres of the labels of contrasts, the latter where lines are many."""


def label_of(
    key: tuple[str, str],
    design: Design | FormulaDesign,
    labels: Mapping[str, str] | None,
    *,
    headed: bool,
    wide: bool,
) -> str:
    """Levels of the contrast, and of its stratum where no heading tells it, in lines of a label's width."""
    contrast, where = key[0], in_levels(key[1])
    told = f"{named(contrast, design, labels)}{f' [{where}]' if where and not headed else ''}"
    told = told if contrast else where
    return "\n".join(wrap(told, letters(BROAD if wide else LABEL, SMALL), break_long_words=False))


def in_levels(stratum: str) -> str:
    return ", ".join(part.partition("=")[2] or part for part in stratum.split("; ") if part)
