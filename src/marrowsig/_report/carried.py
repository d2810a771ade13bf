"""What has to be said beside a signature that rises in co-culture: could stroma have made it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._check_words import NOTHING, OF_CARRY_OVER, STANDS
from marrowsig._errors import first
from marrowsig._report import words
from marrowsig._stimulus import no_coculture
from marrowsig._unasked import OF_ARMS, sentences

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from marrowsig._formula import FormulaDesign
    from marrowsig._report.answer import Block
    from marrowsig._report.elements import Given
    from marrowsig.design import Design
    from marrowsig.qc._stroma_result import Stroma

STROMA = ("control.hay2018_stroma", "control.mcpcounter_fibroblasts")
FIRST = "emt.hallmark"
ADVICE = (
    "Stromal RNA carried over into these samples may explain it. Look at sorting purity, stroma-only samples "
    "or species-specific reads before you believe an EMT programme of the leukaemia cells."
)


def guard_of(stroma: Stroma | None) -> pd.DataFrame | None:
    """Verdicts of the stroma guard, if it had a reference to judge by."""
    return None if stroma is None else guarded(stroma.verdicts, stroma.shares)


def with_claimed(guard: pd.DataFrame | None, claims: pd.DataFrame | None) -> pd.DataFrame | None:
    """Add verdicts that claims have of signatures which the guard was not asked of, on the same cells."""
    if guard is None or claims is None or not {"stroma", "stratum"} <= set(claims):
        return guard
    own = claims[claims["stroma"].isin(OF_CARRY_OVER) & ~claims["signature"].isin(guard["signature"])]
    own = own[own["stratum"].fillna("").isin(guard["stratum"].fillna(""))]
    return pd.concat([guard, own.assign(verdict=own["stroma"])]) if len(own) else guard


def guard_drawn(given: Given) -> pd.DataFrame | None:
    """Verdicts of the guard for figures: none where carry-over was said to be impossible."""
    from marrowsig._carry_over import said_impossible

    return None if said_impossible(given.judged) else guard_of(given.extras.get("stroma"))


def guarded(verdicts: pd.DataFrame | None, shares: pd.DataFrame | None) -> pd.DataFrame | None:
    """Keep the verdicts only where a share of stroma is known."""
    return verdicts if shares is not None and shares["share"].notna().any() else None


def ruled_out(claims: pd.DataFrame | None, shares: pd.DataFrame | None = None) -> bool:
    """Whether stroma was said to be impossible in these samples, and none was shown in them all the same."""
    from marrowsig._carry_over import SHOWN, said_impossible

    if not said_impossible(claims):
        return False
    return shares is None or not bool((shares["share_low"] > SHOWN).any())


def out_of_reach(
    design: Design | FormulaDesign | None,
    res: pd.DataFrame,
    claims: pd.DataFrame | None,
    shares: pd.DataFrame | None,
) -> bool:
    """Whether stroma is no question: ruled out, not given for these arms, or what the samples are."""
    if ruled_out(claims, shares) or _are_stroma(claims):
        return True
    return design is not None and bool(no_coculture(design)) and OF_ARMS not in sentences(res).values()


def _are_stroma(claims: pd.DataFrame | None) -> bool:
    from marrowsig._carry_over import NOT_EXAMINED

    told = [] if claims is None else [word for word in claims["stroma"].fillna("") if word]
    return bool(told) and set(told) == {NOT_EXAMINED}


def carry_over(
    rows: pd.DataFrame, *, alpha: float = 0.05, guard: pd.DataFrame | None = None, apart: bool = False,
    asked: bool = False, unasked: Sequence[str] = (),
) -> list[str]:  # fmt: skip
    """Say of the rises in one contrast what is known about stroma.

    With the verdicts of the `guard`, what they are where carry-over may explain a rise, and of main
    signatures `unasked` that they are none; without, of EMT, whether stroma controls rise too, or were not
    scored.
    `apart` samples, which stroma cannot have reached, need no caution. A contrast is of co-culture by its
    name, or `asked` says so of one that a formula names. A control counts as rising at its unadjusted p: a
    caution should be given too often, not too seldom.
    """
    contrast = str(rows["contrast"].iloc[0])
    if apart or not (asked or contrast.startswith(("co_", "interaction"))):
        return []
    if guard is not None:
        return _judged(rows, alpha, guard, unasked)
    emt = _rising(rows, alpha)
    return _controls(rows, emt, alpha) if emt else []


def said_once(blocks: Sequence[Block]) -> list[Block]:
    """Give the advice with the first caution that has it."""
    found, given = [], False
    for block in blocks:
        told = [c.removesuffix(f" {ADVICE}") if given else c for c in block.cautions]
        given = given or any(c.endswith(ADVICE) for c in told)
        found.append(replace(block, cautions=told))
    return found


def _rising(rows: pd.DataFrame, alpha: float, *, of: str = "emt.") -> list[str]:
    own = rows[rows["signature"].astype(str).str.startswith(of)].to_dict("records")
    found = [str(row["signature"]) for row in own if words.direction(row, alpha) == "up"]
    return sorted(found, key=lambda name: name != FIRST)


def _judged(rows: pd.DataFrame, alpha: float, guard: pd.DataFrame, unasked: Sequence[str]) -> list[str]:
    verdicts = _verdicts(rows, guard) | dict.fromkeys(unasked, "not asked")
    risen = [name for name in _rising(rows, alpha, of="") if not name.startswith("control.")]
    doubtful = [f"{name}: {_told(verdicts[name])}" for name in risen if verdicts.get(name, STANDS) != STANDS]
    if not doubtful:
        return []
    text = (
        f"Caution: stroma carried along is not ruled out for what rises here ({'; '.join(doubtful)}). "
        "See 'Is it the blasts at all?'."
    )
    return [text]


def _told(verdict: str) -> str:
    """Give a verdict, and of one that the check did not ask the family over which its p is not enough."""
    return f"{verdict} in that check (adj. p over its signatures)" if verdict == NOTHING else verdict


def unjudged(
    res: pd.DataFrame, guard: pd.DataFrame | None, *, alpha: float = 0.05, told: Collection[str] = ()
) -> str:
    """Name EMT signatures that rise in co-culture and of which the guard was not asked.

    But for those of which that is `told` already, main signatures that it was not asked of either.
    """
    if guard is None:
        return ""
    found: dict[str, None] = {}
    for _, rows in res[res["contrast"].astype(str).str.startswith(("co_", "interaction"))].groupby(
        ["contrast", "stratum"], sort=False
    ):
        known = _verdicts(rows, guard)
        found |= dict.fromkeys(name for name in _rising(rows, alpha) if name not in {*known, *told})
    if not found:
        return ""
    n = words.count(len(found), "further EMT signature rises", "further EMT signatures rise")
    asked = "the main signatures and lists of your own"
    asked = first(guard["signature"].unique(), 3) if told else asked
    which = "it" if len(found) == 1 else "them"
    return (
        f"{n} in co-culture ({first(found, 3)}). The check of carry-over ('Is it the blasts at all?') was "
        f"not asked of {which}, but of {asked} only."
    )


def _verdicts(rows: pd.DataFrame, guard: pd.DataFrame) -> dict[str, str]:
    one, own = rows.iloc[0], guard
    for name in ("contrast", "stratum", "method"):
        own = own[own[name].astype(str) == str(one.get(name, ""))]
    return dict(zip(own["signature"].astype(str), own["verdict"].astype(str), strict=True))


def _controls(rows: pd.DataFrame, emt: list[str], alpha: float) -> list[str]:
    controls = rows[rows["signature"].astype(str).isin(STROMA)].to_dict("records")
    measured = [row for row in controls if pd.notna(row["estimate"])]
    rising = [str(row["signature"]) for row in controls if row["estimate"] > 0 and row["p"] < alpha]
    rise = "signature rises" if len(emt) == 1 else "signatures rise"
    said = f"Caution: {len(emt)} EMT {rise} ({first(emt, 3)})"
    if rising:
        also = "controls rise" if len(rising) > 1 else "control rises"
        text = f"{said}, but the stroma {also} too ({words.listing(rising)}). {ADVICE}"
        return [text]
    if not measured:
        text = (
            f"{said}, and no stroma control was scored ({words.listing(STROMA)}), so RNA carried over from "
            "stroma cannot be told from an EMT programme of the leukaemia cells."
        )
        return [text]
    return []
