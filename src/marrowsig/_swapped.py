"""Levels of a design that look as if they had been given the wrong way round."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._errors import first
from marrowsig._stimulus import control_as_co

if TYPE_CHECKING:
    from marrowsig._arms import Arms
    from marrowsig.design import Design

_A, _Z = r"(?<![a-z0-9])", r"(?![a-z])"
_WITH_STROMA = re.compile(
    rf"{_A}(?:co|co[-_ ]?cultur\w*|(?:h|m|bm|bm-)?mscs?|strom\w+|feeders?|op-?9|ms-?5|hs-?5|hs-?27a?){_Z}",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"{_A}(?:alone|mono|mono[-_ ]?cultur\w*|control|ctrl){_Z}", re.IGNORECASE)
_WITHOUT = re.compile(rf"{_A}(?:no|non|not|without|w/o|free){_Z}|^[-\u2212]", re.IGNORECASE)
_RESISTANT = re.compile(
    r"^(?:R|NR)\d*$|[-_ /](?:R|[A-Z]R)\d*$|[a-z0-9]R\d*$"
    r"|(?i:(?<![a-z])(?:res|resist\w*|adr|refractory|tolerant|relapsed?)(?![a-z]))"
)
_EARLY = re.compile(
    rf"{_A}(?:diagnos\w*|pre|before|baseline|untreated|treatment[-_ ]na[iï]ve|onset){_Z}", re.IGNORECASE
)
_LATE = re.compile(rf"{_A}(?:relaps\w*|post|after|follow[-_ ]?up|remission){_Z}", re.IGNORECASE)
_NOT_RESISTANT = re.compile(r"\b(?:non?|not|without|before|pre)\b|parent|sensitive|na[iï]ve", re.IGNORECASE)


def swapped(design: Design, arms: Arms) -> list[str]:
    """Say where the levels of a design are named as their opposites, or no inhibitor is in co-culture."""
    found = []
    if design.culture is not None:
        named, treated = _named(design), _treated(design, arms)
        if signs := [*named, *treated]:
            turned = f"mono={design.co!r}, co={design.mono!r}"
            told = "; and ".join(signs)
            more = "" if named else f" If not, the arm of {design.co!r} with an inhibitor is missing."
            told = f"{told[:1].upper()}{told[1:]}. Did you swap mono= and co=? Then give {turned}.{more}"
            found.append(told)
    if design.line is not None and _turned(design):
        found.append(
            f"{design.parental!r} is given as parental and {design.resistant!r} as resistant; by their names "
            "it is the other way round. Did you swap parental= and resistant=? Then give "
            f"parental={design.resistant!r}, resistant={design.parental!r}."
        )
    return found


def _turned(design: Design) -> bool:
    first_named, then = design.parental, design.resistant
    if _is_resistant(first_named):
        return not _is_resistant(then)
    return _is_late(first_named) and bool(_EARLY.search(then))


def _named(design: Design) -> list[str]:
    if control_as_co(design.mono, design.co):
        told = f"{design.mono!r}, given as mono (the baseline), names what was given"
        return [f"{told}, and {design.co!r}, given as co, a control"]
    if not (_is_with_stroma(design.mono) and _is_alone(design.co)):
        return []
    told = f"{design.mono!r} is given as mono (cells alone) and {design.co!r} as co (cells with stroma)"
    return [f"{told}; by their names it is the other way round"]


def _treated(design: Design, arms: Arms) -> list[str]:
    if design.inhibitor is None:
        return []
    own = arms.frame[arms.frame["inhibitor"] != design.vehicle]
    if own.empty or (own["culture"] != design.mono).any():
        return []
    if _is_alone(design.mono) or _is_with_stroma(
        design.co
    ):  # the arm is missing, as is told with the contrasts
        return []
    told = f"all {len(own)} samples with an inhibitor ({first(sorted(set(own['inhibitor'])))})"
    told += f" are in {design.mono!r}, given as mono"
    return [f"{told}, and none in {design.co!r}, given as co, where an inhibitor is looked for"]


def _is_with_stroma(level: str) -> bool:
    return bool(_WITH_STROMA.search(level)) and not (_ALONE.search(level) or _WITHOUT.search(level))


def _is_alone(level: str) -> bool:
    if _WITH_STROMA.search(level):
        return bool(_WITHOUT.search(level))
    return bool(_ALONE.search(level))


def _is_late(level: str) -> bool:
    return bool(_LATE.search(level)) and not _EARLY.search(level)


def _is_resistant(level: str) -> bool:
    return _RESISTANT.search(level) is not None and _NOT_RESISTANT.search(level) is None
