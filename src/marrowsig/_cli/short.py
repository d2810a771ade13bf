"""Samples that are in the matrix or in the sheet alone: which arms they leave short, and of how many."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

from marrowsig._errors import DesignError, InputWarning, first
from marrowsig.design import Design

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.io._sheet import LackingError

DROPPED = re.compile(r"\d+ samples? without a row in the sample sheet (?:is|are) dropped: ")


def left_short(error: LackingError, given: Mapping[str, Any]) -> str:
    """Say of samples that the matrix lacks what arms have without them; empty without a design that fits."""
    from marrowsig._cli.design import design_of

    try:
        arms = _arms(design_of(error.sheet, given)[0], error.sheet)
    except DesignError:
        return ""
    full, kept = arms.value_counts(sort=False), arms.drop(error.lacking, errors="ignore").value_counts()
    told = [f"{arm} {kept.get(arm, 0)} of {n}" for arm, n in full.items() if kept.get(arm, 0) < n]
    if not told:
        return " No arm of the design loses a sample by it."
    return f" Left without {'it' if len(error.lacking) == 1 else 'them'}: {first(told)}."


def with_arms(
    notes: Sequence[str], design: Design | FormulaDesign, obs: pd.DataFrame, *, used: Sequence[str] = ()
) -> list[str]:
    """Add to the note on samples without a row how many each arm has left.

    The note is left out if these are the samples `used`, those of the file of stroma alone.
    """
    notes = [
        note for note in notes if not (DROPPED.match(note) and note.endswith(f"dropped: {first(used)}."))
    ]
    if not any(map(DROPPED.match, notes)):
        return list(notes)
    try:
        left = _arms(design, obs).value_counts(sort=False)
    except DesignError:
        return list(notes)
    told = f" Left: {first((f'{arm} {n}' for arm, n in left.items()), 8)}."
    return [f"{note}{told}" if DROPPED.match(note) else note for note in notes]


def _arms(design: Design | FormulaDesign, obs: pd.DataFrame) -> pd.Series:
    """Name the arm of each sample of the design, with its stratum."""
    from marrowsig import _arms as arms

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # given where it is compared
        if not isinstance(design, Design):
            return design.arms(obs).dropna()
        frame = arms.read(design, obs).frame
    return (frame["arm"] + frame["stratum"].map(lambda where: f" [{where}]" if where else "")).set_axis(
        frame["name"]
    )
