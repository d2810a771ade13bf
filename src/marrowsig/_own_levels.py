"""Co-culture that each compartment names after its partner: `with MSC` of blasts, `with blasts` of stroma."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._arms import as_text, in_order, words
from marrowsig._errors import count
from marrowsig._joined_levels import parts_of

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.design import Design

ONE_WORD = "co-culture"


def own_levels(design: Design, obs: pd.DataFrame) -> dict[str, list[str]]:
    """Compartment without co-culture to the levels of culture that it alone has; empty for others.

    Of `with blasts + ruxolitinib`, the culture counts.
    """
    if design.compartment is None or design.culture is None:
        return {}
    where, culture = as_text(obs[design.compartment]), as_text(obs[design.culture])
    parts = parts_of(culture.dropna().unique())
    plain = culture.map(lambda level: parts[level].culture if level in parts else level)
    seen = {
        str(name): set(levels.dropna()) for name, levels in plain.groupby(where, sort=False, observed=True)
    }
    full = [levels for levels in seen.values() if {design.mono, design.co} <= levels]
    if not full:
        return {}
    known = set.union(*full)
    lacking = {name: levels - known for name, levels in seen.items() if design.co not in levels}
    # Without the level of cells alone, one strange level is stroma as a reference, and not a co-culture.
    asked = {name for name in lacking if design.mono in seen[name] or len(lacking[name]) > 1}
    ranked = in_order(plain)
    return {
        name: [level for level in ranked if level in lacking[name]]
        for name in seen
        if name in asked and lacking[name]
    }


def told_own_levels(design: Design, obs: pd.DataFrame) -> list[str]:
    """Say which levels may be the same co-culture under two names, and how to write them as one."""
    told = []
    for name, own in own_levels(design, obs).items():
        culture = as_text(obs[design.culture])[as_text(obs[design.compartment]) == name]
        start = (
            f"{words(own)} of column {design.culture!r} ({count(int(culture.isin(own).sum()), 'row')}) is "
            f"found in {name!r} only, which has no {design.co!r}"
        )
        if design.mono not in set(culture):
            told.append(
                f"{start} and no {design.mono!r}, so nothing is asked of {name!r}. Where these are cells "
                "alone and the same co-culture, seen from the partner, write the same two words for both "
                "in the sample sheet."
            )
            continue
        told.append(
            f"{start}, so co-culture is not asked of {name!r}. Where it is the same co-culture, seen from "
            f"the partner, write one word for both in the sample sheet, such as {ONE_WORD!r}, and give "
            f"co={ONE_WORD!r}."
        )
        if not parts_of(as_text(obs[design.culture]).dropna().unique()):
            column = f"adata.obs[{design.culture!r}]"
            made = one_word(design, obs, only=name)
            told[-1] += f" In Python: {column} = {column}.astype(str).replace({made!r})."
    return told


def one_word(design: Design, obs: pd.DataFrame, *, only: str | None = None) -> dict[str, str]:
    """Level to the word for all co-cultures, where compartments name theirs apart; empty elsewhere."""
    found = own_levels(design, obs)
    if not found:
        return {}
    where, culture = as_text(obs[design.compartment]), as_text(obs[design.culture])
    own = [
        level
        for name, levels in found.items()
        if only in {None, name} and design.mono in set(culture[where == name])
        for level in levels
    ]
    return dict.fromkeys([design.co, *own], ONE_WORD) if own else {}
