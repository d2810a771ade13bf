"""Levels of one arm of which some say more than the arm: a drug beside co-culture, or an unknown word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._stimulus import is_stimulus
from marrowsig.ds import _design_words as words
from marrowsig.ds._design_guess import FREE_TEXT

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.ds._design_guess import Guess

_NUMBER = re.compile(r"(?:rep(?:licate)?|[nr])?[-_\s]*\d*", re.IGNORECASE)
_RESISTED = re.compile(
    r"[a-z0-9-]+?[-\s/_](?:(?:resistan|tolera|refracto)[a-z]*|(?-i:R))(?![a-z0-9])"
    r"|(?:resistan[a-z]*|refractory)[\s_]+to[\s_]+[\w-]+",
    re.IGNORECASE,
)
"""Words by which a drug is what cells resist, and was not given."""
_DRUG = (*words.INHIBITOR, *words.OTHER_DRUG)


def part_from_treated(guess: Guess, inhibitor: Guess | None, obs: pd.DataFrame) -> None:
    """Leave a drug that no inhibitor column tells out of an arm that is there without it.

    Another word that some levels of an arm hold and one does not lowers the confidence: nobody knows it.
    """
    lead = {level: _beside(level, guess) for level, arm in guess.arms.items() if arm}
    drugs = {level: _drugs(level, rest) for level, rest in lead.items()}
    plain = {guess.arms[level] for level, rest in lead.items() if not rest}
    without = {guess.arms[level] for level, found in drugs.items() if not found}
    untold = []
    for level, rest in lead.items():
        arm = guess.arms[level]
        if not rest or _told(level, guess, inhibitor, obs):
            continue
        if drugs[level] and arm in without:
            guess.arms[level] = ""
            guess.hits[level] += drugs[level]
        elif not drugs[level] and arm in plain and guess.column not in FREE_TEXT:
            untold.append(f"{level!r} is taken for {arm}, and what {rest!r} means no word tells")
    if untold and guess.confidence == "high":
        guess.confidence = "medium"
    guess.why = "; ".join([part for part in (guess.why, *untold[:1]) if part])


def _drugs(level: str, rest: str) -> list[str]:
    given = _RESISTED.sub(" ", level)
    return words.seen(_DRUG, given) or ([rest] if is_stimulus(_RESISTED.sub(" ", rest)) else [])


def _beside(level: str, guess: Guess) -> str:
    """Give what a level says beside the words that told its arm and its vehicle; numbers say nothing."""
    rest = words.DONOR_IN_TITLE.sub(" ", level)
    for hit in sorted([*guess.hits[level], *words.seen(words.VEHICLE, rest)], key=len, reverse=True):
        rest = rest.replace(hit, " ")
    rest = re.sub(r"[\s,;:+/&_-]+", " ", rest).strip()
    return "" if _NUMBER.fullmatch(rest) else rest


def _told(level: str, guess: Guess, inhibitor: Guess | None, obs: pd.DataFrame) -> bool:
    """Whether all rows of a level have a drug by the column of the inhibitor."""
    if inhibitor is None:
        return False
    own = obs[guess.column].astype(str).str.strip() == level
    arms = obs.loc[own, inhibitor.column].astype(str).str.strip().map(inhibitor.arms).fillna("")
    return bool(len(arms)) and not arms.isin(["", "none"]).any()
