"""Levels that differ in capitals or blanks only, as `Ruxolitinib` and `ruxolitinib`: one in two spellings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._errors import DesignError, count, first

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

_BLANKS = re.compile(r"(?<!\d)\s+|\s+(?!\d)")
"""Blanks, but for one between two numbers, which would become a third."""


def spelt(level: str) -> str:
    """Write a level without capitals and blanks.

    >>> [spelt(level) for level in ("Ruxolitinib", "vehicle ", "THP-1  VenR", "1 1", "11")]
    ['ruxolitinib', 'vehicle', 'thp-1venr', '1 1', '11']
    """
    return _BLANKS.sub("", level).casefold()


def require_one_spelling(
    column: str,
    values: pd.Series,
    *,
    field: str = "",
    named: Collection[str] = (),
    named_only: bool = False,
) -> None:
    """Raise if levels of a column, as text, are the same but for capitals and blanks.

    `named` are those that the design names. With `named_only` no others are looked at: they are left out.
    """
    seen = values.value_counts()
    groups: dict[str, list[str]] = {}
    for level in map(str, seen.index):
        groups.setdefault(spelt(level), []).append(level)
    known = set(map(spelt, named)) if named_only else set(groups)
    found = [own for plain, own in groups.items() if len(own) > 1 and plain in known]
    if not found:
        return
    ranked = [sorted(own, key=lambda level: level not in named) for own in found]
    told = first(" and ".join(f"{level!r} ({count(int(seen[level]), 'row')})" for level in o) for o in ranked)
    joined = {level: own[0] for own in ranked for level in own[1:]}
    role = f" ({re.sub(r'[ ]?[0-9]+$', '', field)})" if field else ""
    msg = (
        f"Column {column!r}{role} has levels that differ in capitals or blanks only, and each would count as "
        f"a level of its own: {told}. Write them alike in the sample sheet{_without(column, joined)}. If "
        f"they are not the same, let more than that tell them apart. In Python: adata.obs[{column!r}] = "
        f"adata.obs[{column!r}].astype(object).replace({joined!r})."
    )
    raise DesignError(msg)


def _without(column: str, joined: dict[str, str]) -> str:
    """Say how the rows of the rarer spelling are left out, where keep= can name it."""
    rare = list(joined)
    if any(level != level.strip() for level in rare) or (len(rare) > 1 and any("," in r for r in rare)):
        return ""
    others = f"{column}!={','.join(rare)}"
    return f", or leave the rows of one spelling out: keep={others!r}"
