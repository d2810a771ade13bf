"""The arm that a reversal lacks: the drug on cells without co-culture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import pandas as pd

from marrowsig._arms import as_text, order
from marrowsig._repeats import is_formula

if TYPE_CHECKING:
    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design


_NOTE = re.compile(r"no sample of .*? had .*?, which may do the same to such cells(?:; )?")


def without_drug_alone(design: Design | FormulaDesign, obs: pd.DataFrame) -> str:
    """Say which inhibitors no sample without co-culture had; empty where all had, or none is asked about."""
    if is_formula(design) or (own := cast("Design", design)).culture is None or own.inhibitor is None:
        return ""
    frame = _treated(own, obs)
    drugs = order(frame["drug"].unique())
    lines = frame["line"].unique() if own.line else [""]
    lacking = [drug for drug in drugs if any(_lacks(own, frame, drug, line) for line in lines)]
    if not lacking:
        return ""
    had = "an inhibitor" if not (frame["culture"] == own.mono).any() else " or ".join(lacking)
    may = "a reversal may be what the drug does to cells alone"
    return f"No sample of {own.mono!r} had {had}: {may}."


def alone_note(design: Design, obs: pd.DataFrame, *, inhibitor: str, line: str = "") -> str:
    """Say it beside one reversal, of its inhibitor and line; empty where such a sample is there."""
    if not inhibitor or not _lacks(design, _treated(design, obs), inhibitor, line):
        return ""
    return f"no sample of {design.mono!r} had {inhibitor}, which may do the same to such cells"


def without_note(text: str) -> str:
    """Leave it out of the notes of a claim, where it is said once for all.

    >>> without_note("no sample of 'mono' had JAKi, which may do the same to such cells; IL6R not expressed")
    'IL6R not expressed'
    """
    return _NOTE.sub("", text)


def _treated(design: Design, obs: pd.DataFrame) -> pd.DataFrame:
    """Culture, drug and line of the samples that had a drug."""
    columns = {"culture": design.culture, "drug": design.inhibitor, "line": design.line}
    frame = pd.DataFrame({name: as_text(obs[c]) if c else "" for name, c in columns.items()})
    return frame[frame["drug"].notna() & (frame["drug"] != design.vehicle)]


def _lacks(design: Design, frame: pd.DataFrame, drug: str, line: str) -> bool:
    """Whether a drug was given in co-culture, and to no cells alone of that line."""
    own = frame[(frame["drug"] == drug) & (frame["line"].eq(line) if line else True)]
    return bool((own["culture"] == design.co).any() and not (own["culture"] == design.mono).any())
