"""Choose among guesses, and see whether donors recur in the arms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig.ds import _design_guess, _design_units
from marrowsig.ds._design_apart import part_from_treated
from marrowsig.ds._design_guess import CONFIDENCE, FREE_TEXT

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.ds._design_guess import Guess

GUESSERS = (
    _design_guess.culture, _design_guess.line, _design_guess.inhibitor, _design_guess.compartment,
    _design_units.pair, _design_units.donor, _design_units.cell_line, _design_units.time,
)  # fmt: skip
_MOST_LEVELS = 2000  # barcodes of cells say nothing, and every level is read
_NEVER = {"geo_accession", "organism", "platform", "sample"}


def guesses(obs: pd.DataFrame) -> list[Guess]:
    """All guesses over all text columns; of each role the best one is marked as chosen.

    Nothing is chosen unless a culture or a line was found: a donor alone makes no design. An inhibitor is
    read against co-culture, so it needs a culture too.
    """
    found: list[Guess] = []
    for column in [str(c) for c in obs.columns if str(c) not in _NEVER]:
        values = obs[column].astype(str).replace({"nan": "", "None": ""}).str.strip()
        if not 2 <= values.nunique() <= _MOST_LEVELS:
            continue
        found += [guess for guesser in GUESSERS if (guess := guesser(column, values)) is not None]
    if any(g.role == "donor" for g in found):  # a donor says more than the line of its cells
        found = [g for g in found if g.why != _design_units.BY_CELL_LINE]
    donors = [g for g in found if g.role in ("donor", "pair")]
    found = [g for g in found if g.role != "inhibitor" or not any(_of_one_each(g, d, obs) for d in donors)]
    best = {role: _best([g for g in found if g.role == role], obs) for role in {g.role for g in found}}
    if best.get("culture") is not None and best.get("line") is None:
        _states_as_lines(found, best, obs)
    arms = [best[role] for role in ("culture", "line") if best.get(role) is not None]
    if not arms:
        return found
    line = best.get("line")
    for role, guess in best.items():
        if role == "pair" and guess is not None and line is not None and guess.column == line.column:
            continue  # parental and resistant line are the question, not the pair
        if guess is not None and (role != "inhibitor" or best.get("culture") is not None):
            guess.chosen = True
    for role in ("culture", "line"):
        if (guess := best.get(role)) is not None:
            part_from_treated(guess, best.get("inhibitor"), obs)
    return found


def _states_as_lines(found: list[Guess], best: dict[str, Guess | None], obs: pd.DataFrame) -> None:
    """Take diagnosis and relapse for the lines where nothing else names them; then they are no time."""
    for column in map(str, obs.columns):
        values = obs[column].astype(str).replace({"nan": "", "None": ""}).str.strip()
        guess = _design_guess.diagnosis_and_relapse(column, values)
        if guess is not None and guess.column != getattr(best["culture"], "column", ""):
            found.append(guess)
            best["line"] = guess
            if (time := best.get("time")) is not None and time.column == column:
                best["time"] = None
            found[:] = [g for g in found if (g.role, g.column) != ("time", column)]
            return


def crosses(donor: Guess, arm: Guess, obs: pd.DataFrame) -> bool:
    """Whether some donor has samples in two arms."""
    who = obs[donor.column].astype(str).str.strip().map(donor.arms)
    which = obs[arm.column].astype(str).str.strip().map(arm.arms)
    known = who.notna() & (which.fillna("") != "")
    arms_of = which[known].groupby(who[known]).agg(set)
    return any(len(arms) > 1 for arms in arms_of)


def _of_one_each(inhibitor: Guess, donor: Guess, obs: pd.DataFrame) -> bool:
    """Whether each of several drugs has one donor, and they several: libraries (`P1|MSC+toci`), no drugs."""
    if donor.column == inhibitor.column:
        return False
    who = obs[donor.column].astype(str).str.strip().map(donor.arms)
    which = obs[inhibitor.column].astype(str).str.strip().map(inhibitor.arms).fillna("")
    treated = ~which.isin(["", "none"]) & who.notna()
    n = who[treated].groupby(which[treated]).nunique()
    return len(n) > 1 and bool((n == 1).all()) and len(set(who[treated])) > 1


def _best(candidates: list[Guess], obs: pd.DataFrame) -> Guess | None:
    """Return the most certain, then the one that tells most samples, then the first; never one of low."""
    fit = [g for g in candidates if g.confidence != "low"]
    if not fit:
        return None
    order = {str(column): i for i, column in enumerate(obs.columns)}
    return min(
        fit,
        key=lambda g: (CONFIDENCE.index(g.confidence), -g.told, g.column in FREE_TEXT, order[g.column]),
    )
