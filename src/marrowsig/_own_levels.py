"""Co-culture that each compartment names after its partner: `with MSC` of blasts, `with blasts` of stroma."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from marrowsig._arms import as_text, in_order, words
from marrowsig._errors import count
from marrowsig._joined_levels import parts_of
from marrowsig._unlike import ROLES, looks_like, names_cells

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.design import Design

ONE_WORD = "co-culture"
WITH = re.compile(r"(?<![a-z])(?:with|on|plus|co|mit|auf|avec|sur)(?![a-z])|\+|co-?cultur", re.IGNORECASE)


class ByPartner(NamedTuple):
    """Column of the compartments, the levels that each alone has, and the words to write for all."""

    compartment: str
    own: dict[str, list[str]]
    words: dict[str, str]


def own_levels(design: Design, obs: pd.DataFrame) -> dict[str, list[str]]:
    """Compartment without co-culture to the levels of culture that it alone has; empty for others.

    Of `with blasts + ruxolitinib`, the culture counts.
    """
    if design.compartment is None or design.culture is None:
        return {}
    seen, ranked = _cultures(design, obs)
    full = [levels for levels in seen.values() if {design.mono, design.co} <= levels]
    if not full:
        return {}
    known = set.union(*full)
    lacking = {name: levels - known for name, levels in seen.items() if design.co not in levels}
    # Without the level of cells alone, one strange level is stroma as a reference, and not a co-culture.
    asked = {name for name in lacking if design.mono in seen[name] or len(lacking[name]) > 1}
    return {
        name: [level for level in ranked if level in lacking[name]]
        for name in seen
        if name in asked and lacking[name]
    }


def by_partner(design: Design, obs: pd.DataFrame) -> ByPartner:
    """Find cultures that partners name apart, also by a column of compartments that the design leaves out."""
    used = set(design.columns.values())
    others = [
        str(c)
        for c in obs.columns
        if c not in used and (ROLES["compartment"].match(str(c)) or names_cells(obs[c]))
    ]
    if design.compartment is None and len(others) == 1:
        design = replace(design, compartment=others[0])
    return ByPartner(str(design.compartment), own_levels(design, obs), one_word(design, obs))


def told_one_word(apart: ByPartner) -> str:
    """Say of words that stand for the cultures of both partners what they rest on; empty without."""
    if not apart.words:
        return ""
    own = words(level for levels in apart.own.values() for level in levels if level in apart.words)
    return (
        f"One word is written for both partners, taking {own} (only in {words(apart.own)}) for the same "
        "culture seen from the other side. "
    )


def told_own_levels(design: Design, obs: pd.DataFrame) -> list[str]:
    """Say which levels may be the same co-culture under two names, and how to write them as one."""
    from marrowsig._own_co import own_co

    told, understood = [], own_co(design, obs)
    for name, own in own_levels(design, obs).items():
        culture = as_text(obs[design.culture])[as_text(obs[design.compartment]) == name]
        alone = design.mono in set(culture)
        made = one_word(design, obs, only=name)
        said = (
            f"{words(own)} of column {design.culture!r} ({count(int(culture.isin(own).sum()), 'row')}) is "
            f"found in {name!r} only, which has no {design.co!r}"
        )
        stroma = "with" if looks_like(name) == "stroma" else f"where {name!r} is stroma, with"
        said += (
            f": {stroma} stroma={name!r}, claims and further questions take it for the same co-culture, seen "
            "from the partner. To have it in the contrasts, too, write one word for both in the sample sheet"
            if name in understood
            else f", so co-culture is not asked of {name!r}. Where it is the same co-culture, seen from the "
            "partner, write one word for both in the sample sheet"
            if alone
            else f" and no {design.mono!r}, so nothing is asked of {name!r}. Where these are cells alone and "
            "the same co-culture, seen from the partner, write the same two words for both in the sheet"
        )
        if made:
            pairs = "" if alone else f" ({', '.join(f'{a!r} -> {b!r}' for a, b in made.items())})"
            such = f", such as {ONE_WORD!r}," if alone else f"{pairs}"
            said += f"{such} and give co={ONE_WORD!r}"
        told.append(f"{said}.")
        if made and not parts_of(as_text(obs[design.culture]).dropna().unique()):
            column = f"adata.obs[{design.culture!r}]"
            told[-1] += f" In Python: {column} = {column}.astype(str).replace({made!r})."
    return told


def one_word(design: Design, obs: pd.DataFrame, *, only: str | None = None) -> dict[str, str]:
    """Level to the word for all cultures alone, or for all co-cultures, where compartments name theirs apart.

    Empty elsewhere, and where two strange levels do not tell which of them is the co-culture.
    """
    made: dict[str, str] = {}
    found = own_levels(design, obs)
    seen = _cultures(design, obs)[0] if found else {}
    for name, levels in found.items():
        if only not in {None, name}:
            continue
        co = levels if design.mono in seen[name] else [level for level in levels if WITH.search(level)]
        if co is levels or (len(levels) == 2 and len(co) == 1):
            made |= {level: ONE_WORD if level in co else design.mono for level in levels}
    return {design.co: ONE_WORD, **made} if made else {}


def _cultures(design: Design, obs: pd.DataFrame) -> tuple[dict[str, set[str]], list[str]]:
    """Give the cultures of each compartment without their drugs, and all of them in order."""
    where, culture = as_text(obs[design.compartment]), as_text(obs[design.culture])
    parts = parts_of(culture.dropna().unique())
    plain = culture.map(lambda level: parts[level].culture if level in parts else level)
    seen = {
        str(name): set(levels.dropna()) for name, levels in plain.groupby(where, sort=False, observed=True)
    }
    return seen, in_order(plain)
