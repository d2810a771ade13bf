"""What else a design may rest on: patients in two states, and cells that have to be summed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._arms import as_text
from marrowsig._stimulus import is_plain, is_stimulus
from marrowsig.ds import _design_words as words
from marrowsig.ds._design_cells import are_cells, donor_of, left_out
from marrowsig.ds._design_proposal import column_of

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.ds._design_guess import Guess

_ARMS = ("culture", "line", "inhibitor", "compartment", "time")
FEW = 12  # levels of a column of states


def hints_of(found: list[Guess], obs: pd.DataFrame, layer: str = "") -> tuple[str, ...]:
    """Sentences for the end of a proposal; states only where nothing was chosen; `layer` holds the counts."""
    donor = donor_of(found, obs)
    arms = [g for g in found if g.chosen and g.role in _ARMS]
    split = list(dict.fromkeys(g.column if g.role == "time" else column_of(g, obs) for g in arms))
    hints = []
    if not arms:
        column, before, after = _states(obs) or ("", "", "")
        given, told = ("", "") if column else _inhibitor(found) or _stimulus(obs, donor)
        split = [name for name in (column, given) if name]
        hints.append(told or _of_states(column, before, after, donor))
    if are_cells(donor, obs):
        by = f", by={split!r}" if split else ", by=[...]"
        by += f", layer={layer!r}" if layer else ""
        culture = next((g for g in found if g.chosen and g.role == "culture"), None)
        told, cells = left_out(obs, [*split, *(g.column for g in found if g.chosen)], culture)
        given = "these and the design" if told else "the design"
        hints.append(
            f"The rows look like cells{told or ': sum them first with'} "
            f"ms.pp.pseudobulk({cells}, unit={donor!r}{by}), or give {given} to ms.tl.compare_cells."
        )
    return tuple(hints)


def _inhibitor(found: list[Guess]) -> tuple[str, str] | None:
    """Name a column of inhibitors and ask for that of the culture, in which no word was known."""
    for guess in (g for g in found if g.role == "inhibitor" and g.confidence != "low"):
        none = [level for level, arm in guess.arms.items() if arm == "none"]
        vehicle = f", vehicle={none[0]!r}" if len(none) == 1 and none != ["none"] else ""
        culture = "culture=<column>, mono=<level alone>, co=<level with stroma>"
        call = f"ms.Design({culture}, inhibitor={guess.column!r}{vehicle})"
        told = f"Nothing is proposed. Column {guess.column!r} names inhibitors"
        return guess.column, f"{told}; if cells were grown with and without stroma, name that column: {call}."
    return None


def _stimulus(obs: pd.DataFrame, donor: str) -> tuple[str, str]:
    """Name a column and say how to ask for a cytokine or a drug that it has beside a control."""
    pair = f", pair={donor!r}" if donor else ""
    for column in map(str, obs.columns):
        levels = list(as_text(obs[column]).dropna().unique())
        given = [level for level in levels if is_stimulus(level)]
        without = [level for level in levels if is_plain(level) and level not in given]
        if len(levels) == 2 and len(given) == len(without) == 1:
            call = f"ms.Design(culture={column!r}, mono={without[0]!r}, co={given[0]!r}{pair})"
            told = f"Column {column!r} says who was given {given[0]}, which is no co-culture."
            return column, f"Nothing is proposed. {told} To ask what it does: {call}."
    return "", ""


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
