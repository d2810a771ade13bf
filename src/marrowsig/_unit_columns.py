"""Which columns of cells can name independent samples, and which only say what kind a cell is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._arms import as_text
from marrowsig._cell_types import COLUMN
from marrowsig._errors import DesignError, first
from marrowsig._overlooked import DONOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

KIND = re.compile(
    r"(^|[\s._-])(leiden|louvain|phenograph|snn[\s._-]res|clust(er)?s?|metacells?|seacells?|phase|"
    r"majority[\s._-]?voting|"
    r"cell[\s._-]?(type|state|label|class|subtype|annotation)s?|annotations?)"
    r"([\s._-]?([rl]?\d[\d._]*|res[\d._]+|id|no|name|label|coarse|fine|level[\s._-]?\d))?$",
    re.IGNORECASE,
)
"""Columns that sort the cells of every donor: they never name independent samples."""


def require_unit(unit: str, columns: Sequence[object], *, field: str = "unit") -> None:
    """Raise if `unit`, or a part of `a|b`, is a column of clusters or of cell types."""
    kinds = [part for part in unit.split("|") if KIND.search(part) or COLUMN.match(part)]
    if not kinds:
        return
    donors = donors_of(columns)
    named = f"{field}={donors[0]!r}" if donors else f"{field}= the column of donors or independent cultures"
    msg = (
        f"{field}={unit!r}: {kinds[0]!r} says what kind a cell is. Cells of one donor stand in many of its "
        f"levels, so clusters and cell types are no replicates. Give {named}. To compare kinds of cells "
        f"apart, give compartment={kinds[0]!r} (with ms.pp.pseudobulk, name it in by= too)."
    )
    raise DesignError(msg)


def refuse_crossed(obs: pd.DataFrame, unit: str, by: Sequence[str]) -> None:
    """Raise if donors are mixed within units and spread over several units of one arm.

    A unit that is itself named like donors may cross others, as patients do with donors of stroma.
    """
    if any(DONOR.search(part) for part in unit.split("|")):
        return
    for column in donors_of(obs.columns):
        if column in (*unit.split("|"), *by) or (crossed := crossing(obs, unit, by, column)) is None:
            continue
        msg = (
            f"Levels of {unit!r} mix levels of {column!r}, and cells of one {column!r} are in several of "
            f"them ({crossed}): they are no replicates. Give unit={column!r}. If {column!r} does not "
            "name donors, rename it."
        )
        raise DesignError(msg)


def joined(obs: pd.DataFrame, columns: Sequence[str]) -> tuple[pd.DataFrame, str]:
    """Give `obs` with the column that the unit is in, which several columns name together, and its name."""
    name = "|".join(columns)
    if len(columns) == 1:
        return obs, name
    text = [as_text(obs[column]) for column in columns]
    lacking = np.any([level.isna() for level in text], axis=0)
    unit = text[0].astype(str)
    for level in text[1:]:
        unit = unit + "|" + level.astype(str)
    return obs.assign(**{name: unit.where(~lacking, None).to_numpy()}), name


def donors_of(columns: Sequence[object]) -> list[str]:
    """Columns named like donors."""
    return [str(column) for column in columns if DONOR.search(str(column))]


def crossing(obs: pd.DataFrame, unit: str, by: Sequence[str], column: str) -> str | None:
    """Name a few levels of `column` that share a unit with others and recur in another one of the arm."""
    keys = [*by, unit]
    seen = obs[[*keys, column]].dropna().drop_duplicates()
    blank = as_text(seen[column]).isna().to_numpy()
    seen = seen[~blank]
    mixed = seen.groupby(keys, observed=True)[column].transform("size") > 1
    spread = seen.groupby([*by, column], observed=True)[unit].transform("size") > 1
    both = seen.loc[mixed & spread, column]
    n = seen.groupby(column, observed=True)[unit].nunique()
    return first((f"{name} in {n[name]}" for name in both.unique()), 3) if len(both) else None
