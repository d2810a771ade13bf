"""Culture and drug in one column, as `on MSC` and `on MSC + ruxolitinib`, and what to make of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from marrowsig._arms import as_text, in_order
from marrowsig._unlike import VEHICLE, looks_like

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from marrowsig.design import Design

_JOIN = re.compile(r"^\s*(?:(?P<sure>\+|,|;|&|(?:plus|and|with)\b)|[_/-]|\s)\s*(?P<rest>.+)$", re.IGNORECASE)
_DRUG = re.compile(
    r"(nib|clax|mab|rubicin|rabine|stattic|inhibitor|dmso|vehicle)\b|^(rux|tofa|fedra|inh|drug|dmso|veh)|"
    r"anti[- ]?il|^(ag-?490|wp-?1066|azd)",
    re.IGNORECASE,
)
_NO_DRUG = re.compile(
    r"^(\d+\s*(h|hours?|d|days?)\b|.*(cells?|cultures?|contact|transwell|medium|serum)$)", re.I
)


class Part(NamedTuple):
    """What one level says of the culture, and of the drug ("" where none is named)."""

    culture: str
    drug: str


def parts_of(levels: Iterable[str]) -> dict[str, Part]:
    """Split levels that are another level and a drug; empty where none is.

    >>> parts_of(["alone", "on MSC", "on MSC + ruxolitinib"])["on MSC + ruxolitinib"]
    Part(culture='on MSC', drug='ruxolitinib')
    >>> parts_of(["mono", "mono + MSC"]), parts_of(["KG1a", "KG1a-VenR"])
    ({}, {})
    """
    known = sorted(map(str, levels), key=len, reverse=True)
    found = {level: Part(level, "") for level in known}
    for level in known:
        for base in (other for other in known if other != level and level.lower().startswith(other.lower())):
            join = _JOIN.match(level[len(base) :])
            if join is not None and _is_drug(join["rest"], sure=join["sure"] is not None):
                found[level] = Part(base, join["rest"].strip(" ()"))
                break
    return found if any(part.drug for part in found.values()) else {}


def _is_drug(rest: str, *, sure: bool) -> bool:
    if looks_like(rest) or _NO_DRUG.match(rest):
        return False
    return sure or _DRUG.search(rest) is not None


def told_joined(
    column: str,
    values: pd.Series,
    *,
    mono: str = "mono",
    co: str = "co",
    same: Mapping[str, str] | None = None,
) -> str:
    """Name the two columns to make of one that holds culture and drug, with the call; empty for others.

    `same` has another word for cultures that are to be written alike.
    """
    parts = parts_of(as_text(values).dropna().unique())
    if not parts:
        return ""
    cultures = {part.culture: (same or {}).get(part.culture, part.culture) for part in parts.values()}
    drugs = {level: part.drug for level, part in parts.items() if part.drug}
    vehicle = next((drug for drug in drugs.values() if VEHICLE.match(drug)), "none")
    rows = ", ".join(
        f"{level!r} -> {cultures[parts[level].culture]!r} and {parts[level].drug or vehicle!r}"
        for level in in_order(values)
    )
    co = (same or {}).get(co, co)
    given = f"culture='culture', mono={mono!r}, co={co!r}, inhibitor='drug', vehicle={vehicle!r}"
    return (
        f"Column {column!r} holds culture and drug in one. Make two columns of it, culture and drug: {rows}. "
        f"Then give ms.Design({given})."
    )


def joined(design: Design, obs: pd.DataFrame, same: Mapping[str, str]) -> list[str]:
    """Say of the culture of a design that it holds drugs too, where these are left out."""
    if design.culture is None or design.inhibitor is not None:
        return []
    parts = parts_of(as_text(obs[design.culture]).dropna().unique())
    mono, co = parts.get(design.mono), parts.get(design.co)
    if mono is None or co is None or mono.drug or co.drug:
        return []  # a drug against none is what is asked
    told = told_joined(design.culture, obs[design.culture], mono=design.mono, co=design.co, same=same)
    return [told] if told else []
