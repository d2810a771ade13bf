"""Pairs that are experiments of a few cell lines: whom n speaks of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from marrowsig._arms import as_text, read
from marrowsig._errors import first
from marrowsig._repeats import is_formula

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

LINES = re.compile(
    r"(^|[\s._-])(cell[\s._-]?)?(lines?|models?|clones?|cells?)([\s._-]?(id|name))?$", re.IGNORECASE
)
"""Names of columns of cell lines; those named after donors are looked for by the check of replicates."""


def nested(design: Design | FormulaDesign, obs: pd.DataFrame) -> str:
    """Say which column of lines holds several pairs, or units, in each of fewer levels; empty without."""
    field = "pair" if getattr(design, "pair", None) is not None else "unit"
    if is_formula(design) or getattr(design, field, None) is None:
        return ""
    column, levels, n = within(cast("Design", design), obs, field)
    if not column:
        return ""
    own = str(getattr(design, field))
    return (
        f"Levels of {own!r} are nested in {column!r} ({len(levels)} levels: {first(levels)}): n = {n} speaks "
        f"of these {len(levels)} alone. To speak of others too, sum and compare by {column!r} "
        f"(unit={column!r}, pair={column!r}), n = {len(levels)}."
    )


def within(design: Design, obs: pd.DataFrame, field: str) -> tuple[str, list[str], int]:
    """Return the column of lines that hold several pairs each, its levels, and n; "" without."""
    frame, used = read(design, obs).frame, set(design.columns.values())
    unit = frame[field]
    for column in (str(c) for c in obs.columns if c not in used and LINES.search(str(c))):
        level = as_text(obs[column]).iloc[frame["row"]].reset_index(drop=True)
        there = level.notna() & unit.notna()
        if level[there].groupby(unit[there]).nunique().max() != 1:
            continue
        pairs = unit[there].groupby(level[there]).nunique()
        arms = frame.loc[there, "arm"].groupby(level[there]).nunique()
        if len(pairs) > 1 and pairs.max() > 1 and arms.min() > 1:
            return column, sorted(pairs.index), int(pairs.sum())
    return "", [], 0
