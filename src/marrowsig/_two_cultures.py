"""Statements on co-culture where the level given as mono may itself be one, such as a transwell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._arm_names import told
from marrowsig._stimulus import is_plain, is_stimulus
from marrowsig._unlike import looks_like

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHARED = re.compile(r"contact|trans-?\s?well|insert|membrane|conditioned|indirect|adher", re.IGNORECASE)
"""Words for ways to grow cells with others, which stand in none for cells alone."""
_ALONE = re.compile(
    r"alone|solo|single|mono(?!cyt)|liquid|suspension|plastic|baseline|before|diagnosis|control|ctrl|mock|dmso|pbs"
    r"|un-?(?:treated|stim)|sham|placebo|basal"
    r"|(?<![a-z])(?:medi(?:um|a)|normal|day|pre(?![a-su-z])|ctl|veh|only|no[-_\s]|non|without|w/o)",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"(?<![a-z])(?:no|without|w/o|minus)(?![a-z])|(?<![a-z])free(?![a-z])|^\s*[-\u2212]|[-\u2212]\s*$",
    re.IGNORECASE,
)
"""What says that the cells that a level names were not there."""
_ONE = re.compile(r"alone|solo|single|only|mono(?!cyt)", re.IGNORECASE)
_BESIDE = re.compile(r"(?<![a-z])(?:with|on|plus|and)(?![a-z])|[+&]", re.IGNORECASE)


def alone(mono: str, co: str) -> bool:
    """Whether the level given as mono reads as cells alone, or as what the level given as co adds to.

    >>> [alone(*own) for own in (("solo", "contact"), ("DMSO", "MSC"), ("AML", "AML + MSC"), ("no", "yes"))]
    [True, True, True, True]
    >>> [alone(*own) for own in (("transwell", "contact"), ("no contact", "contact"), ("HS5", "MSC"))]
    [False, False, False]
    >>> [alone(*own) for own in (("MSC-free", "MSC"), ("-MSC", "+MSC"), ("AML only", "AML on HS5"))]
    [True, True, True]
    >>> [alone(*own) for own in (("alone with MSC", "contact"), ("normal MSC", "AML MSC"))]
    [False, False]
    """
    if _SHARED.search(mono):
        return False
    if _NONE.search(mono):
        return True
    if looks_like(mono) == "stroma" and (_BESIDE.search(mono) or not _ONE.search(mono)):
        return False
    plain = len(mono) < 3 or is_plain(mono) or is_stimulus(mono)
    return plain or _ALONE.search(mono) is not None or mono.lower() in co.lower()


def of_two(design: Any) -> bool:
    """Whether both levels of the culture of a design may be co-cultures."""
    named = getattr(design, "culture", None) and hasattr(design, "mono")
    return bool(named) and not alone(str(design.mono), str(design.co))


def cells(design: Any) -> str:
    """Name the cells that have no stroma beside them, or those of the level that is called mono."""
    return f"cells of {str(design.mono)!r}" if of_two(design) else "cells alone"


def between(text: str, mono: str, co: str) -> str:
    """Write a statement on co-culture as the difference of two levels.

    >>> between("EMT rises in stroma in co-culture", "transwell", "contact")
    'EMT is higher in stroma in contact than in transwell'
    >>> between("EMT rises more in AraC-R cells", "transwell", "contact")
    'EMT rises more in AraC-R cells, from transwell to contact'
    """
    if " rises more in " in text:
        return f"{text}, from {mono} to {co}"
    found = re.fullmatch(r"(.*?) rises\b(.*) in co-culture", text)
    return f"{found[1]} is higher{found[2]} in {co} than in {mono}" if found else text


def name_cultures(rows: Iterable[dict[str, Any]], design: Any) -> None:
    """Write statements of claims so, where both levels may be co-cultures."""
    if of_two(design):
        mono, co = (told(design, "culture", str(level)) for level in (design.mono, design.co))
        for row in rows:
            if row["compartment"] != "leukaemia":  # stroma is compared with stroma alone
                continue
            row["statement"] = between(str(row["statement"]), mono, co)
