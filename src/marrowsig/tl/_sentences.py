"""Sentences as a Series that is shown as text."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 60  # sentences that are shown


class Sentences(pd.Series):
    """A pandas Series of texts, shown in full: a paragraph each, where pandas would cut them off."""

    @property
    def _constructor(self) -> Callable[..., pd.Series]:
        return _as_before

    def __repr__(self) -> str:
        return "\n\n".join([*self.iloc[:ROWS], *self._rest()])

    def _repr_html_(self) -> str:
        return "".join(f"<p>{html.escape(text)}</p>" for text in [*self.iloc[:ROWS], *self._rest()])

    def _rest(self) -> list[str]:
        more = len(self) - ROWS
        return [f"... {more} more; .tolist() gives all."] if more > 0 else []


def _as_before(*args: object, **options: object) -> pd.Series:
    """Make what pandas derives from sentences: sentences again (`head`), or else a plain Series."""
    made = pd.Series(*args, **options)
    texts = made.dtype == object and all(isinstance(value, str) for value in made)
    return Sentences(made) if texts else made
