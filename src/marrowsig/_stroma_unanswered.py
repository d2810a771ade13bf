"""One sentence in place of a list of contrasts that stroma, as a compartment of a run, cannot answer."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from marrowsig._arms import as_text, words
from marrowsig._arms import read as read_arms
from marrowsig._errors import InputWarning, count
from marrowsig._plan import unanswered
from marrowsig.design import Design

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from marrowsig._formula import FormulaDesign

SAID = re.compile(r"\d+ of \d+ contrasts cannot be estimated\. ")
OUTSIDE = "The design does not name these levels, and they are left out."


def in_one_sentence(
    notes: Sequence[str],
    design: Design | FormulaDesign,
    obs: pd.DataFrame,
    level: object,
    questions: pd.DataFrame | None,
) -> list[str]:
    """Say once of the compartment `level` what it cannot answer, why, and where it is asked; `notes` else.

    That rows are left out is not said of those that are taken as stroma.
    """
    if not isinstance(design, Design) or not isinstance(level, str):
        return list(notes)
    if design.compartment is None:
        return _without_stroma(notes, design, obs, level)
    stroma = (as_text(obs[design.compartment]) == level).to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # they are among the notes
        plans = design.plans(obs)
    mark = f"compartment={level}"
    own = [plan for plan in plans if plan.stratum == mark or plan.stratum.startswith(f"{mark}; ")]
    silent = [plan for plan in own if plan.model is None]
    if not silent:
        return list(notes)
    kept = [note for note in notes if not SAID.match(note)]
    inside = read_arms(design, obs).arm_series(obs.index).notna().to_numpy()
    if stroma[~inside].all():
        kept = [note for note in kept if not note.endswith(OUTSIDE)]
    if others := unanswered([plan for plan in plans if plan not in own]):
        kept.append(others)
    return [*kept, _told(design, obs[stroma], level, len(silent), questions)]


def _without_stroma(notes: Sequence[str], design: Design, obs: pd.DataFrame, level: str) -> list[str]:
    """Give the notes but that on rows outside the design, where all of these are the stroma."""
    inside = read_arms(design, obs).arm_series(obs.index).notna().to_numpy()
    if design.culture is None or not as_text(obs[design.culture])[~inside].eq(level).all():
        return list(notes)
    return [note for note in notes if not note.endswith(OUTSIDE)]


def _told(design: Design, obs: pd.DataFrame, level: str, n: int, questions: pd.DataFrame | None) -> str:
    what = f"{count(n, 'contrast')} of the stroma ({level}) cannot be estimated as the design has them"
    grown = (as_text(obs[design.culture]) == design.co).to_numpy() if design.culture else None
    if grown is not None and not grown.any():
        return (
            f"{what}: it was measured alone, and is the reference of carry-over. To ask what co-culture does "
            "to stroma, add stroma from the co-cultures."
        )
    why = []
    if design.line is not None and grown is not None:
        alone = as_text(obs[design.line])[~grown]
        none = ~alone.isin([design.parental, design.resistant])
        if none.any():
            seen = [level for level in dict.fromkeys(alone[none]) if level is not None]
            said = f" ({design.line} is {words(seen)})" if seen else ""
            why.append(f"stroma grown alone belongs to no line{said}")
    if design.inhibitor is not None:
        drugs = as_text(obs[design.inhibitor])
        if not (drugs.notna() & (drugs != design.vehicle)).any():
            why.append("no stroma was grown with an inhibitor")
    asked = ""
    if questions is not None and (questions["compartment"].eq("stroma") & questions["p"].notna()).any():
        asked = " The further questions ask what can be asked, with the same stroma alone for each line."
    return f"{what}: {' and '.join(why) or 'too few samples of its arms'} (each in log.txt).{asked}"
