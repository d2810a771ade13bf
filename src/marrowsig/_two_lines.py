"""Donors that stand in both lines, where all others stand in one: a level that was mistyped in one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import count, first, warn_once

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.design import Design

MOST = 1 / 3
"""Share of donors in both lines up to which they are odd ones; of crossed designs all are."""
ONE_EACH = "one level each"


def warn_of_two_lines(design: Design, frame: pd.DataFrame) -> None:
    """Name donors in both lines with a single row in one of them, where most donors have one line."""
    field = "pair" if design.pair is not None else "unit"
    if design.line is None or getattr(design, field) is None:
        return
    lines = frame.groupby(field)["line"].nunique()
    odd = [donor for donor in lines.index[lines > 1] if _single(frame[frame[field] == donor])]
    if not odd or (lines > 1).sum() > MOST * len(lines):
        return
    column, names = str(getattr(design, field)), frame["name"]
    told = []
    for donor in odd:
        own = frame[frame[field] == donor]
        rows = own.groupby("line", sort=False)["name"].agg(list).sort_values(key=lambda n: -n.map(len))
        parts = [f"{line!r} in {count(len(n), 'row')} ({first(n, 3)})" for line, n in rows.items()]
        told.append(f"{donor} is {' and '.join(parts)}")
    others = int((lines == 1).sum())
    msg = (
        f"{first(told, 3)}, where the other {others} levels of {column!r} have {ONE_EACH} in "
        f"{design.line!r}. If that is a slip, correct {design.line!r} in the sample sheet and run again: as "
        "it is, rows of one donor count for both lines, or have no partner."
    )
    warn_once(msg, of=(column, tuple(names)), stacklevel=5)


def _single(own: pd.DataFrame) -> bool:
    return int(own.groupby(["stratum", "line"]).size().min()) == 1
