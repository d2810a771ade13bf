"""What is asked of stroma: each programme up, more with resistant cells, and reversed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._arms import as_text
from marrowsig._carry_over import PREFIX
from marrowsig._joined_levels import grown_alone, without_drug
from marrowsig.tl._claims_asked import WORDS, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from marrowsig.design import Design

IDS = {"emt": "emt", "il6": "il6_response", "stat3": "stat3"}
SLOT = "..."
"""Where the name of a programme stood in a statement."""
RISE = "stroma alone and from the co-culture, as partner="
LINES = "stroma alone, and from the co-culture of both lines"
TREATED = "stroma from the co-culture with and without the inhibitor"


def _of(axis: str) -> tuple[Statement, ...]:
    id, what = f"{PREFIX}{IDS[axis]}", WORDS[axis]
    rise = f"{id}_up"
    return (
        Statement(rise, f"{what} rises in stroma in co-culture", "induction", axis, "", RISE),
        Statement(
            f"{id}_more_in_resistant",
            f"{what} rises more in stroma with resistant cells",
            "interaction",
            axis,
            rise,
            LINES,
        ),
        Statement(
            f"{id}_reversed", f"the inhibitor reverses {what} in stroma", "reversal", axis, rise, TREATED
        ),
    )


IN_STROMA = tuple(statement for axis in WORDS for statement in _of(axis))
"""Questions about the stroma of the co-cultures; only IL6 itself is asked of it as a claim."""


NO_STROMA = "Nothing was asked of stroma itself. Needed: {needs}."
ALONE_ONLY = "stroma in co-culture: it was grown alone only"
CO_ONLY = "stroma grown alone: all of it was in co-culture"
APART = (
    "a column that says of each row leukaemia or stroma, as compartment=, and its level of stroma as stroma= "
    "(stroma that is given apart is a reference only, though some of it was in co-culture)"
)
"""What is needed where nothing of stroma can be asked."""
_ALONE = re.compile(r"\d+ samples? of stroma alone")
_BOTH = re.compile(r"of stroma alone\b.* co-cultures? counts? for the filter")
_REFERENCE = re.compile(r"\d+ samples? of stroma in co-culture\b")


def grown_alone_only(obs: pd.DataFrame, design: Design) -> bool:
    """Whether no row of `obs`, of stroma, was in co-culture: all are alone, or of one level of stroma."""
    cultures = set(as_text(obs[design.culture]).dropna())
    return cultures == {design.mono} or (
        design.compartment is None and len(cultures) == 1 and design.co not in cultures
    )


def alone_given(stroma: Any, design: Design) -> bool:
    """Whether stroma was given apart from the study, samples or what was asked of them, and grown alone."""
    obs = getattr(stroma, "obs", None)
    if obs is None:
        return _ALONE.match(str(getattr(stroma, "params", {}).get("reference", ""))) is not None
    return design.culture not in obs or grown_alone_only(obs, design)


def needed_of(stroma: Any, design: Design, otherwise: str) -> str:
    """Say what is needed to ask of stroma itself, where it was given apart from the study or not at all."""
    if co_only(stroma, design):
        return CO_ONLY
    if _both_given(stroma, design):
        return APART
    return ALONE_ONLY if alone_given(stroma, design) else otherwise


def _both_given(stroma: Any, design: Design) -> bool:
    """Whether stroma that was given apart, samples or what was asked of them, is alone and in co-culture."""
    obs = getattr(stroma, "obs", None)
    if obs is None:
        return _BOTH.search(str(getattr(stroma, "params", {}).get("reference", ""))) is not None
    if design.culture not in obs:
        return False
    alone = grown_alone(obs[design.culture], design)
    return bool(alone.any() and not alone.all())


def co_only(stroma: Any, design: Design) -> bool:
    """Whether stroma that was given, samples or what was asked of them, was in co-culture throughout."""
    obs = getattr(stroma, "obs", None)
    if obs is None:
        return _REFERENCE.match(str(getattr(stroma, "params", {}).get("reference", ""))) is not None
    return design.culture in obs and bool((without_drug(obs[design.culture]) == design.co).all())


def in_short(questions: pd.DataFrame) -> list[str]:
    """Say which further questions were not asked and what they need, those of one need in one sentence."""
    rest = questions[questions["verdict"].eq("not asked")]
    stromal = rest["claim"].astype(str).str.startswith(PREFIX)
    told = []
    if stromal.sum() == len(IN_STROMA):
        needs = dict.fromkeys(rest.loc[stromal, "reason"])
        told, rest = [_no_stroma(str(next(iter(needs))))], rest[~stromal]
    for reason, rows in rest.groupby("reason", sort=False):
        asked = "; ".join(of_programmes(dict.fromkeys(map(str, rows["statement"]), "")))
        told.append(f"Not asked: {asked}. Needed: {reason.rstrip('.')}.")
    return told


def of_programmes(statements: Mapping[str, str]) -> Iterator[str]:
    """Name in one what is asked of several programmes; of each statement what stands behind it.

    >>> list(of_programmes({"EMT rises": " (a)", "the IL-6 response rises": " (a)", "IL6 rises": ""}))
    ['EMT and the IL-6 response rise (a)', 'IL6 rises']
    >>> list(of_programmes({f"{what} rises in stroma": "" for what in WORDS.values()}))
    ['each programme rises in stroma']
    """
    alike: dict[tuple[str, str], list[str]] = {}
    for statement, of in statements.items():
        what = next((word for word in WORDS.values() if word in statement), "")
        alike.setdefault((statement.replace(what, SLOT) if what else statement, of), []).append(what)
    for (form, of), whats in alike.items():
        names = " and ".join(filter(None, [", ".join(whats[:-1]), whats[-1]]))
        every = len(whats) == len(WORDS)
        said = form.replace(SLOT, "each programme" if every else names)
        yield f"{said.replace('rises', 'rise', 1) if len(whats) > 1 and not every else said}{of}"


def _no_stroma(needs: str) -> str:
    if needs == ALONE_ONLY:
        return "Nothing was asked of stroma itself: it was grown alone only."
    if needs == CO_ONLY:
        return "Nothing was asked of stroma itself: none was grown alone."
    return NO_STROMA.format(needs=needs.rstrip("."))
