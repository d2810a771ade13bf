"""Culture and drug in one column, as `on MSC` and `on MSC + ruxolitinib`, and what to make of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from marrowsig._arms import as_text, in_order
from marrowsig._errors import DesignError, first
from marrowsig._stimulus import is_cytokine, is_stimulus
from marrowsig._unlike import VEHICLE, looks_like

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign
    from marrowsig._own_levels import ByPartner
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

_MONO = re.compile(r"(?<![a-z])(?:only|alone|mono(?:[\s-]?cultures?)?|by itself)(?![a-z])", re.IGNORECASE)

_ON = re.compile(r"^\s*(?:(?:on|with)\b|\+)", re.IGNORECASE)
MOST_LEFT_OUT = 1 / 3
"""Share of the rows that levels with a drug may take out of a design unasked."""


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
            if join is None or (is_stimulus(base) and is_cytokine(join["rest"])):
                continue  # two stimuli, of which neither inhibits the other
            if _is_drug(join["rest"], sure=join["sure"] is not None):
                found[level] = Part(base, join["rest"].strip(" ()"))
                break
    return found if any(part.drug for part in found.values()) else {}


def without_drug(values: pd.Series) -> pd.Series:
    """Text of each row without the drug that a level names beside another; None where a row is empty."""
    text = as_text(values)
    return text.replace({level: part.culture for level, part in parts_of(text.dropna().unique()).items()})


def grown_alone(values: pd.Series, design: Design) -> NDArray[np.bool_]:
    """Rows of stroma of the level of cells alone or, where none has it, of one that says so, as "MSC only".

    >>> import pandas as pd
    >>> from marrowsig import Design
    >>> design = Design(culture="culture", mono="alone", co="MSC")
    >>> grown_alone(pd.Series(["MSC only", "MSC", "MSC+toci"]), design).tolist()
    [True, False, False]
    """
    culture = without_drug(values)
    alone = culture == design.mono
    if not alone.any():
        alone = culture.map(lambda level: _MONO.search(level) is not None, na_action="ignore").eq(other=True)
        alone &= culture != design.co
    return np.asarray(alone, dtype=bool)


def _is_drug(rest: str, *, sure: bool) -> bool:
    if looks_like(rest) or _NO_DRUG.match(rest):
        return False
    return sure or _DRUG.search(rest) is not None


def arms_of(parts: Mapping[str, Part]) -> tuple[str, str] | None:
    """Guess which of the cultures is grown alone and which with stroma, of `parts`; None if that is open.

    >>> arms_of(parts_of(["alone", "MSC", "MSC only", "MSC+Rux"]))
    ('alone', 'MSC')
    """
    plain = [level for level, part in parts.items() if not part.drug]
    treated = {part.culture for part in parts.values() if part.drug}
    co = [level for level in plain if level in treated and not _MONO.search(level)]
    if len(co) != 1:
        return None
    mono = [level for level in plain if level not in co and not stroma_alone(level, co[0])]
    return (mono[0], co[0]) if len(mono) == 1 else None


def stroma_alone(level: str, co: str) -> bool:
    """Whether a level names stroma grown alone, where `co` is the level of co-culture.

    >>> stroma_alone("MSC only", "MSC"), stroma_alone("alone", "MSC"), stroma_alone("MSC", "MSC")
    (True, False, False)
    """
    rest = _MONO.sub(" ", level).strip(" ()_-,+").casefold()
    named = looks_like(rest) == "stroma" or rest == _ON.sub("", co).strip().casefold()
    return level != co and rest != level.casefold() and named


class Split(NamedTuple):
    """Levels to their two parts, to the word of the culture to write, and the word of no drug."""

    parts: dict[str, Part]
    cultures: dict[str, str]
    vehicle: str
    apart: ByPartner
    stroma: list[str]

    def columns(self) -> dict[str, tuple[str, str]]:
        """Level to culture and drug."""
        return {
            level: (self.cultures[level], part.drug or self.vehicle) for level, part in self.parts.items()
        }


def split(design: Design, obs: pd.DataFrame) -> Split | None:
    """Split a culture that holds the drug too; None for others.

    Cultures that each compartment names after its partner get one word.
    """
    from marrowsig._own_levels import by_partner

    parts = parts_of(as_text(obs[design.culture]).dropna().unique())
    if design.mono not in parts or design.co not in parts:
        return None
    mono, co = parts[design.mono].culture, parts[design.co].culture
    if mono == co:
        return None
    apart = by_partner(replace(design, mono=mono, co=co), obs)
    cultures = {level: apart.words.get(part.culture, part.culture) for level, part in parts.items()}
    stroma = [
        level for level in parts if stroma_alone(level, co) and level not in apart.words and level != mono
    ]
    if design.compartment is not None:
        cultures |= dict.fromkeys(stroma, mono)
    drugs = [part.drug for part in parts.values() if part.drug]
    vehicle = next((drug for drug in drugs if VEHICLE.match(drug)), "none")
    return Split(parts, cultures, vehicle, apart, stroma)


def told_joined(design: Design, obs: pd.DataFrame) -> str:
    """Name the two columns to make of a culture that holds the drug too, with the call; empty for others."""
    from marrowsig._own_levels import told_one_word

    found = split(design, obs)
    if found is None:
        return ""
    column, (parts, cultures, vehicle, apart, stroma) = str(design.culture), found
    mono, co = parts[design.mono].culture, parts[design.co].culture
    given = f"mono={mono!r}, co={apart.words.get(co, co)!r}"
    where = f", compartment={apart.compartment!r}" if apart.words else ""
    told = told_one_word(apart)
    if design.inhibitor is not None:
        rows = ", ".join(
            f"{old!r} -> {cultures[old]!r}" for old in in_order(obs[column]) if cultures[old] != old
        )
        return (
            f"Column {column!r} names the drug beside the culture, and {design.inhibitor!r} has it, too. "
            f"Write the culture alone: {rows}. {told}Then give {given}{where}."
        )
    columns = found.columns()
    rows = ", ".join(
        f"{level!r} -> {columns[level][0]!r} and {columns[level][1]!r}" for level in in_order(obs[column])
    )
    given = f"culture='culture', {given}, inhibitor='drug', vehicle={vehicle!r}{where}"
    return (
        f"Column {column!r} holds culture and drug in one. Make two columns of it, culture and drug: {rows}. "
        f"{told}Then give ms.Design({given}).{_as_reference(stroma, design, obs)}"
    )


def _as_reference(stroma: list[str], design: Design, obs: pd.DataFrame) -> str:
    """Say how a level of stroma that was grown alone is named as what co-cultures may carry."""
    if len(stroma) != 1:
        return ""
    name = stroma[0]
    if design.compartment is not None:
        here = set(as_text(obs[design.compartment])[as_text(obs[design.culture]) == name].dropna())
        if len(here) != 1:
            return ""
        name = here.pop()
    return f" Stroma grown alone is named by stroma={name!r}."


def recoded(design: Design, obs: pd.DataFrame) -> str:
    """Name the two columns to make where the levels of culture were not named, and can be guessed."""
    if design.inhibitor is not None:
        return ""
    arms = arms_of(parts_of(as_text(obs[design.culture]).dropna().unique()))
    return "" if arms is None else told_joined(replace(design, mono=arms[0], co=arms[1]), obs)


def may_hold_drug(design: Design, obs: pd.DataFrame) -> str:
    """Say of levels that begin with the co-culture what to do if the rest is a drug; empty without such.

    >>> import pandas as pd
    >>> from marrowsig.design import Design
    >>> obs = pd.DataFrame({"arm": ["mono", "MSC", "MSC_cpd7", "MSC_transwell"]})
    >>> may_hold_drug(Design(culture="arm", mono="mono", co="MSC"), obs)[:42]
    " If 'MSC_cpd7' is 'MSC' with a drug, make "
    """
    if design.culture is None or design.inhibitor is not None:
        return ""
    levels = in_order(obs[design.culture])
    if parts_of(levels):
        return ""  # told by name
    rests = {level: _JOIN.match(level[len(design.co) :]) for level in levels if level.startswith(design.co)}
    found = {
        level: rest["rest"].strip(" ()")
        for level, rest in rests.items()
        if rest and level != design.mono and _may_be_drug(rest["rest"])
    }
    if not found:
        return ""
    level, drug = next(iter(found.items()))
    one = f"{level!r} is {design.co!r} with a drug"
    are = one if len(found) == 1 else f"{first(map(repr, found))} hold drugs"
    return (
        f" If {are}, make two columns of it, such as {level!r} -> {design.co!r} and {drug!r}, {design.co!r} "
        f"-> {design.co!r} and 'none'. Then give ms.Design(culture='culture', mono={design.mono!r}, "
        f"co={design.co!r}, inhibitor='drug', vehicle='none')."
    )


def _may_be_drug(rest: str) -> bool:
    return not (
        is_cytokine(rest) or looks_like(rest) or _NO_DRUG.match(rest) or re.fullmatch(r"[\W\d_]*\w?\d*", rest)
    )


def require_apart(design: Design | FormulaDesign, obs: pd.DataFrame) -> None:
    """Raise where more than a third of the rows would be left out since their culture names a drug, too."""
    column = getattr(design, "culture", None)
    if column is None or not {*design.columns.values()} <= set(obs.columns):
        return
    told = joined(cast("Design", design), obs)
    culture = as_text(obs[column])
    parts = parts_of(culture.dropna().unique())
    out = culture.map({level: bool(part.drug) for level, part in parts.items()}).eq(True)  # noqa: FBT003
    if not told or out.mean() <= MOST_LEFT_OUT:
        return
    kept = ",".join(level for level in in_order(obs[column]) if not parts[level].drug)
    msg = (
        f"{told[0]} As it is, {int(out.sum())} of {len(obs)} rows would be left out for the drug in their "
        f"culture. Is that meant? Give keep={f'{column}={kept}'!r}."
    )
    raise DesignError(msg)


def joined(design: Design, obs: pd.DataFrame) -> list[str]:
    """Say of the culture of a design that it holds drugs too, where these are left out."""
    if design.culture is None:
        return []
    parts = parts_of(as_text(obs[design.culture]).dropna().unique())
    mono, co = parts.get(design.mono), parts.get(design.co)
    if mono is None or co is None or mono.drug or co.drug:
        return []  # a drug against none is what is asked
    if design.inhibitor is not None:
        own = as_text(obs[design.culture]).map({level: part.drug for level, part in parts.items()}).fillna("")
        if as_text(obs[design.inhibitor])[own != ""].isin([design.vehicle, None]).any():
            return []  # a drug of another kind, which the column of the inhibitor does not have
    told = told_joined(design, obs)
    return [told] if told else []
