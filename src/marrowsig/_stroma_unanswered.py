"""One sentence in place of a list of contrasts that stroma, as a compartment of a run, cannot answer."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from marrowsig._arms import as_text, words
from marrowsig._arms import read as read_arms
from marrowsig._errors import InputWarning, count, first
from marrowsig._plan import unanswered
from marrowsig.design import Design

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

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

    That rows are left out is not said of those that are taken as stroma, and these are not counted.
    """
    if not isinstance(design, Design) or not isinstance(level, str):
        return list(notes)
    if design.compartment is None:
        taken = None if design.culture is None else (as_text(obs[design.culture]) == level).to_numpy()
        return _but_stroma(notes, design, obs, taken)
    stroma = (as_text(obs[design.compartment]) == level).to_numpy()
    notes = _but_stroma(notes, design, obs, stroma)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # they are among the notes
        plans = design.plans(obs)
    mark = f"compartment={level}"
    own = [plan for plan in plans if plan.stratum == mark or plan.stratum.startswith(f"{mark}; ")]
    silent = [plan for plan in own if plan.model is None]
    if not silent:
        return list(notes)
    kept = [note for note in notes if not SAID.match(note)]
    if others := unanswered([plan for plan in plans if plan not in own]):
        kept.append(others)
    return [*kept, _told(design, obs[stroma], level, len(silent), questions)]


def _but_stroma(
    notes: Sequence[str], design: Design, obs: pd.DataFrame, stroma: NDArray[np.bool_] | None
) -> list[str]:
    """Give the notes, that on rows outside the design without those that are taken as `stroma`."""
    if stroma is None or stroma.all():
        return list(notes)
    left = read_arms(design, obs[~stroma]).notes
    said = [f"{first(left)}. {OUTSIDE}"] if left else []
    return [one for note in notes for one in (said if note.endswith(OUTSIDE) else [note])]


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
    if lines := lines_asked(questions):
        same = "the same stroma alone for each line" if len(lines) > 1 else "stroma that was grown alone"
        asked = f" The further questions ask what can be asked, with {same}."
    return f"{what}: {' and '.join(why) or 'too few samples of its arms'} (each in log.txt).{asked}"


def lines_asked(questions: pd.DataFrame | None) -> list[str]:
    """Lines whose stroma was asked of in the further questions; an empty one where the design has none.

    >>> import pandas as pd
    >>> asked = {"line": ["A", "B", "A"], "p": [0.1, 0.1, None]}
    >>> lines_asked(pd.DataFrame({"compartment": ["leukaemia", "stroma", "stroma"], **asked}))
    ['B']
    """
    if questions is None:
        return []
    own = questions["compartment"].eq("stroma") & questions["p"].notna()
    return list(dict.fromkeys(questions.loc[own, "line"]))
