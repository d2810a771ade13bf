"""Cells without a label in a column that a sum or a design asks for: one rule, left out with the count."""

from __future__ import annotations

import warnings
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._arms import as_text
from marrowsig._errors import InputWarning, first
from marrowsig._unlike import DONOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


NOBODY = ("nan", "<na>", "na", "n/a", "none", "null", "unknown", "unassigned", "not known")
ARM_LEVELS = 4
"""Levels beyond which a column is taken to name units, and not arms."""


def labelled(
    obs: pd.DataFrame, columns: Sequence[str], *, unit: str | None = None, stacklevel: int = 2
) -> NDArray[np.bool_]:
    """Which rows have a value in every column; those that have none (`NaN`, blank) are warned of.

    Levels of the other columns that lose all their rows are named, and combinations of levels where none
    loses all alone: a whole arm may be blank. In `unit`, words such as "unknown" name nobody.
    """
    lacking = pd.DataFrame({c: as_text(obs[c]).isna().to_numpy() for c in dict.fromkeys(columns)})
    nobody = _nobody(obs[unit]) if unit in lacking else pd.Series(dtype=object)
    if unit is not None and len(nobody):
        lacking[unit] |= obs[unit].isin(nobody.index).to_numpy()
    kept = np.asarray(~lacking.any(axis=1), dtype=np.bool_)
    if kept.all():
        return kept
    where = ", ".join(f"{c}: {int(lacking[c].sum())}" for c in lacking if lacking[c].any())
    msg = f"{int((~kept).sum())} of {len(obs)} rows have no value and are left out ({where})."
    if len(nobody):
        words = first(f"{word!r} ({n})" for word, n in nobody.items())
        msg += f" Taken for no value in {unit!r}: {words}; if that is a name, write it otherwise."
    if kept.any() and (gone := _gone(obs, lacking, kept)):
        msg += f" No row is left of {first(gone)}."
    warnings.warn(msg, InputWarning, stacklevel=stacklevel + 1)
    return kept


def _nobody(unit: pd.Series) -> pd.Series:
    """Count the rows of words that say that the unit is not known."""
    text = unit.astype(object)
    return text[text.map(lambda one: isinstance(one, str) and one.strip().lower() in NOBODY)].value_counts()


def _gone(obs: pd.DataFrame, lacking: pd.DataFrame, kept: NDArray[np.bool_]) -> list[str]:
    """Levels of which all rows are left out."""
    found = []
    for column in lacking:
        level = as_text(obs[column])
        lost = sorted(set(level.dropna()) - set(level[kept].dropna()))
        found += [f"{column!r} {name!r}" for name in lost if name.strip().lower() not in NOBODY]
    return found or _arms_gone(obs, lacking, kept)


def _arms_gone(obs: pd.DataFrame, lacking: pd.DataFrame, kept: NDArray[np.bool_]) -> list[str]:
    """Name combinations of two levels of which all rows are left out.

    Columns that are filled throughout say so; those of donors or many levels name units rather than arms.
    """
    full = [c for c in lacking if not lacking[c].any() and not DONOR.search(str(c))]
    text = {c: level for c in full if (level := as_text(obs[c])).nunique() <= ARM_LEVELS}
    found = []
    for one, other in combinations(text, 2):
        arms = pd.DataFrame({one: text[one], other: text[other]})
        left = set(arms[kept].itertuples(index=False, name=None))
        gone = [row for row in arms.drop_duplicates().itertuples(index=False, name=None) if row not in left]
        found += [f"{one!r} {a!r} with {other!r} {b!r}" for a, b in gone]
    return found
