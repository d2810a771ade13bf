"""A column that mono-cultures have no entry in by nature, as that of the stroma's donors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._errors import first

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from marrowsig.design import Design


_NO_ENTRY = re.compile(
    r"[^\w+]*|n\W?a\W?|nan|none|null|nil|without|not applicable|no[\s_-]*(?:donor|mscs?|stroma|feeder)s?",
    re.IGNORECASE,
)


def entries(levels: pd.Series) -> pd.Series:
    """Take what stands for no entry, as "-" and "n/a", out of levels as text.

    >>> import pandas as pd
    >>> entries(pd.Series(["BM12", "-", "n/a", "\u2013", "none", "+", "NA-3", None])).dropna().tolist()
    ['BM12', '+', 'NA-3']
    """
    return levels.where(levels.notna() & ~levels.astype(str).str.strip().str.fullmatch(_NO_ENTRY), None)


def where(design: Design, levels: pd.Series, culture: pd.Series | None) -> str:
    """Name the level of `culture` whose rows, and no others, have none of `levels`; "" if that is not so."""
    mono = str(getattr(design, "mono", ""))
    if culture is None or not levels.isna().any() or not levels.notna().any():
        return ""
    return mono if levels.isna().to_numpy().tolist() == culture.eq(mono).to_numpy().tolist() else ""


def check_of(column: str, levels: pd.Series) -> str:
    """Say of what the result speaks, and how to see whether one level carries it."""
    known = sorted(entries(levels).dropna().unique())
    if len(known) < 2:
        return f"the result speaks of one level only ({known[0]})."
    return (
        f"the result speaks of these {len(known)} levels only ({first(known)}). To see whether one of them "
        f"carries it, leave out each in turn: keep={f'{column}!={known[0]}'!r}."
    )


def refusal(column: str, field: str, levels: pd.Series, mono: str, text: pd.DataFrame, held: str) -> str:
    """Say that such a column is no part of a model, and what can be done instead.

    `text` has the arms, and the levels of pairs or units, whose column is `held` ("" where none is named).
    Where no level has two pairs in one arm, the result speaks of others too, and nothing is said of it.
    """
    own = entries(levels)
    signs = sorted(set(levels[own.isna()].dropna()))
    said = (
        f"Column {column!r} ({field}) is {first(map(repr, signs)) or 'empty'} in all {mono!r} rows and in no "
        f"other: a model cannot tell its levels from the culture. Leave {field}={column!r} out"
    )
    if field in ("pair", "unit"):
        said += f"; {field}= is the column that both cultures have, such as the patient"
    blocks = [name for name in ("pair", "unit") if name in text][:1] if held else []
    rows = text.assign(own=own).dropna(subset="own")
    rows = rows.drop_duplicates() if blocks else rows  # technical repeats of a unit
    if blocks and field == "batch" and rows.groupby(blocks[0])["own"].nunique().max() == 1:
        said += f": nothing needs adjusting, since every level of {held!r} has one level of it"
    again = rows.drop(columns=[name for name in ("pair", "unit") if name in rows]).duplicated().any()
    return f"{said}. Then {check_of(column, levels)}" if again else f"{said}."


def in_formula(name: str, empty: NDArray[np.bool_], factors: Mapping[str, pd.Series]) -> str:
    """Say of a column of a formula that it is empty in the rows of one level of a factor, if it is so.

    `empty` says of each row whether the column is, and `factors` have the levels of these rows.
    """
    if empty.all():
        return ""
    for other, levels in factors.items():
        level = levels[empty].iloc[0] if empty.any() and other != name else None
        if level is not None and levels.eq(level).to_numpy().tolist() == empty.tolist():
            rest = factors[name][~empty]
            return (
                f"Column {name!r} is empty in all {level!r} rows of {other!r} and in no other: a model "
                f"cannot tell its levels from {other!r}. Leave it out of the formula; the unit is the column "
                f"that all rows have, such as the patient. Then {check_of(name, rest)}"
            )
    return ""
