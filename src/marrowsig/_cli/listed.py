"""Lines of the claims: one each, or where compartments make them too wide, below what they ask."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

from marrowsig._cli.lines import columns
from marrowsig._cli.together import Cells, aligned
from marrowsig._in_brackets import parted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STROMA = ", in stroma"
"""Ends what is said of rows of the stroma, whose level no other row has."""


def listed(asked: Sequence[Mapping[str, Any]], cells: Sequence[Cells]) -> tuple[list[str], str]:
    """Give a line for each claim; where compartments make them too wide, what they ask above them, once.

    A level that all rows have but those of stroma is left out of them, and comes back with the lines.
    """
    lines = list(aligned(cells))
    levels = list(map(level_of, asked))
    if not all(levels) or max(map(len, lines)) <= columns():
        return lines, ""
    asks = [parted_from(one.what, level) for one, level in zip(cells, levels, strict=True)]
    own = {level for (_, where), level in zip(asks, levels, strict=True) if not f", {where}".endswith(STROMA)}
    common = own.pop() if len(own) == 1 else ""
    pairs = zip(asks, levels, strict=True)
    told = [(what, _where(where, level, common=common)) for (what, where), level in pairs]
    both = list(zip(cells, told, strict=True))
    whole = [one._replace(what=f"{what} ({where})" if where else what) for one, (what, where) in both]
    single, rows = list(aligned(whole)), aligned([one._replace(what=where) for one, (_, where) in both])
    if max(map(len, single)) <= columns():
        return single, common
    out = []
    for what, group in groupby(zip(told, single, rows, strict=True), key=lambda one: one[0][0]):
        of = list(group)
        out += [of[0][1]] if len(of) == 1 else [f"{what}:", *(row for _, _, row in of)]
    return out, common


def level_of(row: Mapping[str, Any]) -> str:
    """Return the compartment of a claim; empty without one."""
    return str(row.get("stratum") or "").partition("compartment=")[2].partition("; ")[0]


def parted_from(what: str, level: str) -> tuple[str, str]:
    """Part what is asked, without the level, from the cells that it is asked of.

    >>> parted_from("EMT in T cell rises in co-culture (time=24)", "T cell")
    ('EMT rises in co-culture', 'time=24')
    """
    asks, where = parted(what)
    # not of `in K R`
    return re.sub(rf" in {re.escape(level)}(?=$| rises?\b|[,;)])", "", asks, count=1), where


def _where(where: str, level: str, *, common: str) -> str:
    """Name the cells, with their level where it is not that of all, or said by them."""
    if level == common:
        return where.removesuffix(f", in {level}")
    return ", ".join(filter(None, [level, where]))
