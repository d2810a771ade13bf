"""What else a design may rest on: patients in two states, and cells that have to be summed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._arms import as_text
from marrowsig._unlike import DONOR
from marrowsig.ds import _design_words as words

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.ds._design_guess import Guess

CELLS = 100  # fewer rows than this are taken for samples
PER_DONOR = 10  # rows of a donor from which on they are cells
FEW = 12  # levels of a column of states


def hints_of(found: list[Guess], obs: pd.DataFrame) -> tuple[str, ...]:
    """Sentences for the end of a proposal; states only where nothing was chosen."""
    donor = _donor(found, obs)
    chosen = [
        guess.column for guess in found if guess.chosen and guess.role in ("culture", "line", "inhibitor")
    ]
    hints, split = [], list(dict.fromkeys(chosen))
    if not chosen:
        column, before, after = _states(obs) or ("", "", "")
        split = [column] if column else []
        hints.append(_of_states(column, before, after, donor))
    if donor and len(obs) >= max(CELLS, PER_DONOR * obs[donor].nunique()):
        by = f", by={split!r}" if split else ", by=[...]"
        hints.append(
            f"The rows look like cells: sum them first with ms.pp.pseudobulk(adata, unit={donor!r}{by}), or "
            "give the design to ms.tl.compare_cells."
        )
    return tuple(hints)


def _of_states(column: str, before: str, after: str, donor: str) -> str:
    pair = f", pair={donor!r}" if donor else ""
    if column:
        call = f"ms.Design(line={column!r}, parental={before!r}, resistant={after!r}{pair})"
        return (
            f"Column {column!r} holds two states, before and after treatment, which may take the place of "
            f"the lines: {call}."
        )
    call = f"ms.Design(line=<column>, parental=<level before>, resistant=<level after>{pair})"
    asked = "Two states of patients, before and after treatment, would take the place of the lines"
    return f"Nothing is proposed. {asked}: {call}."


def _donor(found: list[Guess], obs: pd.DataFrame) -> str:
    """Name the pair or donor that was chosen, or a column called after donors, of several rows each."""
    named = [guess.column for guess in found if guess.chosen and guess.role in ("pair", "donor")]
    named += [str(column) for column in obs.columns if DONOR.search(str(column))]
    return next((column for column in named if 1 < obs[column].nunique() < len(obs)), "")


def _states(obs: pd.DataFrame) -> tuple[str, str, str] | None:
    """Find a column with one level that says before, and one that says after."""
    for column in obs.columns:
        levels = as_text(obs[column]).dropna().unique()
        if not 2 <= len(levels) <= FEW:
            continue
        after = [level for level in levels if words.AS_AFTER.search(level)]
        before = [level for level in levels if words.AS_BEFORE.search(level) and level not in after]
        if len(before) == len(after) == 1:
            return str(column), before[0], after[0]
    return None
