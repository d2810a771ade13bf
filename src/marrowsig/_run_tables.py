"""Tables in the folder of a run, read back to the last digit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

TEXT = frozenset((
    "signature", "title", "axis", "method", "contrast", "stratum", "line", "inhibitor", "compartment",
    "sample", "verdict", "family", "adjustment", "effect_name", "test", "test_arm", "base_arm", "arm",
    "reason", "note", "cite", "cite_for", "stroma", "maturation", "maturation_of", "cell_types",
    "types_moved", "claim", "statement", "sentence", "rule", "borderline", "other_tests", "disagreeing",
    "asked_as", "p_adj_as", "scale",
))  # fmt: skip
"""Columns of words, which may look like numbers, or hold none."""
TRUTH = {"True": True, "False": False}


def read_table(path: Path) -> pd.DataFrame:
    """Read a table with numbers as they were: text stays text, and an empty cell of numbers is NaN."""
    told = pd.read_csv(path, dtype=str, keep_default_na=False)
    return pd.DataFrame({name: _column(told[name], name) for name in told}, columns=told.columns)


def _column(texts: pd.Series, name: str) -> pd.Series:
    """Give numbers where all cells that are not empty hold one; whole ones where none is empty.

    >>> import pandas as pd
    >>> _column(pd.Series(["0.1", ""]), "p").tolist(), _column(pd.Series(["24", ""]), "stratum").tolist()
    ([0.1, nan], ['24', ''])
    """
    plain = texts.astype(object)
    if name in TEXT:
        return plain
    if len(plain) and set(plain) <= set(TRUTH):
        return plain.map(TRUTH).astype(bool)
    if len(plain) and plain.str.fullmatch(r"-?\d{1,15}").all():
        return plain.astype("int64")
    try:
        return pd.Series([float(text) if text else float("nan") for text in plain], index=texts.index)
    except ValueError:
        return plain
