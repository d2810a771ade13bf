"""Whether a column sorts cells by kind, told by what it holds and not by its name.

Certain: what a clustering left in `uns`, levels that are cell types or phases of the cycle. Likely: numbers
in a row whose sizes fall, as clusterings give them, and levels that are each of one cell type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._arms import as_text
from marrowsig._cell_types import column_of
from marrowsig._errors import first
from marrowsig._type_words import typed_levels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PHASES = frozenset(("g1", "s", "g2m", "g2/m", "g0"))
LEAST = 3
"""How many levels clusters have, and types that they are compared with."""
MANY, SORTED, SORTED_FROM_1 = 8, 5, 6
"""Numbers from 0 on that are taken for clusters in any case, and where their sizes fall; those from 1 on."""
PURE, MIXED = 0.9, 0.6
"""Share of the cells of a level that are of one type, where no type has more of all cells than the second."""


def certain(obs: pd.DataFrame, column: str, uns: Mapping[str, Any]) -> str:
    """Say why `column` can only hold kinds of cells; empty where it may not."""
    made = uns.get(column)
    if isinstance(made, dict) and "resolution" in (made.get("params") or {}):
        return f"uns[{column!r}] says that a clustering made it"
    levels = [str(level) for level in as_text(obs[column]).dropna().unique()]
    if {level.lower() for level in levels} <= PHASES and len(levels) > 1:
        return f"its levels are phases of the cell cycle ({first(levels)})"
    if typed := typed_levels(levels):
        return f"its levels are types of cells ({first(typed)})"
    return ""


def likely(obs: pd.DataFrame, column: str, by: Sequence[str]) -> str:
    """Say why `column` may well hold clusters; empty where nothing speaks for it."""
    level = as_text(obs[column])
    sizes = level.value_counts()
    if _numbered(sizes):
        names = sorted(map(int, sizes.index))
        return f"its levels are the numbers {names[0]} to {names[-1]}, as those of clusters"
    types = column_of(obs.drop(columns=[column]), by)
    if not types or len(sizes) < LEAST:
        return ""
    table = pd.crosstab(level.to_numpy(), as_text(obs[types]).to_numpy()).to_numpy()
    total = table.sum()
    if not total or table.sum(axis=0).max() > MIXED * total or table.shape[1] < LEAST:
        return ""
    pure = table.max(axis=1).sum() / total
    return f"{100 * pure:.0f} % of the cells of a level are of one {types!r}" if pure >= PURE else ""


def _numbered(sizes: pd.Series) -> bool:
    """Whether levels are numbers in a row, from 0 or 1, so many or ever smaller that they count no people."""
    if not sizes.index.str.fullmatch(r"\d{1,3}").all() or len(sizes) < SORTED:
        return False
    own = sizes.rename(index=int).sort_index()
    begin = int(own.index[0])
    if begin > 1 or list(own.index) != list(range(begin, begin + len(own))):
        return False
    steps = np.diff(own.to_numpy())
    falling = bool((steps <= 0).all() and (steps < 0).mean() > 0.5)
    if begin == 1:
        return falling and len(own) >= SORTED_FROM_1
    return len(own) >= MANY or falling
