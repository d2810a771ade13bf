"""Read a column as it is written: a gene called NA stays NA, and an empty name stays empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# No word that pandas takes for a missing value starts with it, and pandas looks after the converter as well.
_MARK = "="


def guard(cell: str) -> str:
    """Mark a cell, as a converter of `pandas.read_csv`."""
    return _MARK + cell


def unguard(column: pd.Series) -> pd.Series:
    """Take the marks off again."""
    return column.str.removeprefix(_MARK)
