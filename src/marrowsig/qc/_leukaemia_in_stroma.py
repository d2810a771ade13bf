"""What further questions found of leukaemia RNA in the samples of stroma, read from their table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "leukaemia_in_stroma"
"""Name in `attrs` of the table of further questions."""


def kept(questions: pd.DataFrame | None) -> Mapping[str, pd.DataFrame]:
    """Give the tables by name: "shares", "dropped" and "levels"; none from a file, or if not asked."""
    held = None if questions is None else questions.attrs.get(KEY)
    return getattr(held, "how", {})


def leukaemia_shares(questions: pd.DataFrame | None) -> pd.DataFrame:
    """Share of leukaemia RNA, one row per sample of stroma; without rows where it is not known."""
    return kept(questions).get("shares", pd.DataFrame())
