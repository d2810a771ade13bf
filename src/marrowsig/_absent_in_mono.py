"""A column that mono-cultures have no entry in by nature, as that of the stroma's donors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import first

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.design import Design


def where(design: Design, levels: pd.Series, culture: pd.Series | None) -> str:
    """Name the level of `culture` whose rows, and no others, have none of `levels`; "" if that is not so."""
    mono = str(getattr(design, "mono", ""))
    if culture is None or not levels.isna().any() or not levels.notna().any():
        return ""
    return mono if levels.isna().to_numpy().tolist() == culture.eq(mono).to_numpy().tolist() else ""


def check_of(column: str, levels: pd.Series) -> str:
    """Say of what the result speaks, and how to see whether one level carries it."""
    known = sorted(levels.dropna().unique())
    if len(known) < 2:
        return f"the result speaks of one level only ({known[0]})."
    return (
        f"the result speaks of these {len(known)} levels only ({first(known)}). To see whether one of them "
        f"carries it, leave out each in turn: keep={f'{column}!={known[0]}'!r}."
    )


def refusal(column: str, field: str, levels: pd.Series, mono: str) -> str:
    """Say that such a column is no part of a model, and what can be done instead."""
    said = (
        f"Column {column!r} ({field}) is empty in all {mono!r} rows and in no other: a model cannot tell its "
        f"levels from the culture. Leave {field}={column!r} out"
    )
    if field in ("pair", "unit"):
        said += f"; {field}= is the column that both cultures have, such as the patient"
    return f"{said}. Then {check_of(column, levels)}"
