"""Which columns of cells can name independent samples, and which only say what kind a cell is."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._arms import as_text
from marrowsig._cell_types import COLUMN
from marrowsig._errors import DesignError, InputWarning, first
from marrowsig._kind_levels import certain, likely
from marrowsig._unlike import BULK, DONOR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import pandas as pd

KIND = re.compile(
    r"(^|[\s._-])(leiden|louvain|phenograph|snn[\s._-]res|clust(er)?s?|metacells?|seacells?|phase|"
    r"majority[\s._-]?voting|"
    r"cell[\s._-]?(type|state|label|class|subtype|annotation)s?|annotations?)"
    r"([\s._-]?([rl]?\d[\d._]*|res[\d._]+|id|no|name|label|coarse|fine|level[\s._-]?\d))?$",
    re.IGNORECASE,
)
"""Columns that sort the cells of every donor: they never name independent samples."""
_SAMPLE = re.compile(r"^(orig\.ident|sample|library)s?([\s._-]?(id|name))?$", re.IGNORECASE)
MANY = 10
"""Rows of a donor from which on they are cells."""
_NO_DONOR = r"(?i)(?:doublet|multiplet|negative|unassigned|ambiguous|unknown|none|na|nan|unmapped)s?"
"""What hashing and genotypes call cells that are of no one donor."""
MAYBE = "may say what kind a cell is"


def no_unit(obs: pd.DataFrame) -> str:
    """Ask for the unit that was not given, and propose one."""
    donors = _may_be_units(obs)
    asked = "pseudobulk sums the cells of each donor or independent culture: name the column with unit="
    if donors:
        rest = f", or {first(map(repr, donors[1:]), 3)}" if donors[1:] else ""
        return (
            f"{asked}. Here that may be unit={donors[0]!r}{rest}; columns that split a donor further, such "
            "as the arm, go into by=."
        )
    return f"{asked}. adata.obs has: {first(obs.columns, 20) or 'no columns'}."


def maybe_unit(obs: pd.DataFrame) -> str:
    """Write the option with the column that may name the unit, `donor` where none looks like it."""
    return f"unit={next(iter(_may_be_units(obs)), 'donor')!r}"


def _may_be_units(obs: pd.DataFrame) -> list[str]:
    return donors_of(obs.columns) or [str(c) for c in obs.columns if _SAMPLE.search(str(c))]


def require_unit(unit: str, columns: Sequence[object], *, field: str = "unit") -> None:
    """Raise if `unit`, or a part of `a|b`, is a column of clusters or of cell types."""
    kinds = [part for part in unit.split("|") if KIND.search(part) or COLUMN.match(part)]
    if kinds:
        raise DesignError(_refusal(unit, kinds[0], columns, field))


def _refusal(unit: str, kind: str, columns: Sequence[object], field: str, why: str = "") -> str:
    donors = donors_of(columns)
    named = f"{field}={donors[0]!r}" if donors else f"{field}= the column of donors or independent cultures"
    rename = " If its levels are donors, rename it to 'donor'." if why else ""
    told = f": {why}" if why else ""
    return (
        f"{field}={unit!r}: {kind!r} says what kind a cell is{told}. Cells of one donor stand in many of its "
        f"levels, so clusters and cell types are no replicates. Give {named}. To compare kinds of cells "
        f"apart, give compartment={kind!r} (with ms.pp.pseudobulk, name it in by= too).{rename}"
    )


def refuse_kinds(
    obs: pd.DataFrame, unit: str, by: Sequence[str], uns: Mapping[str, Any], *, stacklevel: int = 2
) -> None:
    """Raise if what `unit` holds are kinds of cells, whatever it is called; warn where that is likely.

    Columns named like donors are believed, and where such a column stands beside, the mixing of its levels
    is looked at by `refuse_crossed` instead of a warning.
    """
    parts = [part for part in unit.split("|") if part in obs and not DONOR.search(part)]
    for part in parts:
        if why := certain(obs, part, uns):
            raise DesignError(_refusal(unit, part, obs.columns, "unit", why))
    if donors_of(obs.columns) or len(parts) != 1:
        return
    if why := likely(obs, parts[0], by):
        msg = (
            f"unit={unit!r} {MAYBE}: {why}. Clusters and cell types are no replicates: give the column of "
            f"donors or independent cultures, and {parts[0]!r} in by=. If its levels are donors, rename it "
            "to 'donor'."
        )
        warnings.warn(msg, InputWarning, stacklevel=stacklevel + 1)


def refuse_split(obs: pd.DataFrame, unit: str, by: Sequence[str]) -> None:
    """Raise if units split donors by a column of clusters or cell types, several of a donor to an arm."""
    for column in donors_of(obs.columns):
        if column in (*unit.split("|"), *by):
            continue
        seen = obs[[*by, unit, column]].dropna().drop_duplicates()
        if seen.groupby(unit, observed=True)[column].nunique().max() != 1:
            continue
        several = seen[[*by, column]].value_counts()
        if several.max() < 2 or not (kind := _splitting(obs, unit, column, by)):
            continue
        n, levels = seen[unit].nunique(), seen[column].nunique()
        msg = (
            f"{n} levels of {unit!r} are of {levels} levels of {column!r}, several in one arm: they split "
            f"donors by {kind!r}, which says what kind a cell is. Parts of donors are no replicates. Give "
            f"unit={column!r}; to compare kinds of cells apart, name {kind!r} in by= and as compartment. If "
            f"{column!r} does not name donors, rename it."
        )
        raise DesignError(msg)


def _splitting(obs: pd.DataFrame, unit: str, donor: str, by: Sequence[str]) -> str:
    """Name a column of clusters or types with one level in each unit, and several in a donor."""
    named = [str(c) for c in obs.columns if KIND.search(str(c)) or COLUMN.match(str(c))]
    for kind in (c for c in named if c not in (unit, *by)):
        within = [obs.groupby(of, observed=True)[kind].nunique().max() for of in (unit, donor)]
        if within[0] == 1 and within[1] > 1:
            return kind
    return ""


def refuse_crossed(obs: pd.DataFrame, unit: str, by: Sequence[str]) -> None:
    """Raise if units mix donors that recur in units of one arm, or if an arm is one unit that mixes donors.

    A unit that is itself named like donors may cross others, as patients do with donors of stroma.
    """
    if any(DONOR.search(part) for part in unit.split("|")):
        return
    for column in donors_of(obs.columns):
        if column in (*unit.split("|"), *by):
            continue
        rename = f"Give unit={column!r}. If {column!r} does not name donors, rename it."
        if crossed := crossing(obs, unit, by, column):
            msg = (
                f"Levels of {unit!r} mix levels of {column!r}, and cells of one {column!r} are in several of "
                f"them ({crossed}): they are no replicates. {rename}"
            )
            raise DesignError(msg)
        mixed, alone = pools(obs, unit, by, column)
        if mixed and alone:
            msg = (
                f"Each arm is one level of {unit!r}, which mixes levels of {column!r} ({mixed}): a pool of "
                f"donors is one replicate, and one says nothing of the spread. {rename}"
            )
            raise DesignError(msg)


def pools(obs: pd.DataFrame, unit: str, by: Sequence[str], column: str) -> tuple[str, bool]:
    """Say of the first unit that mixes donors which these are, and whether all mix and each `by` has one."""
    keys = [*by, unit]
    seen = obs[[*keys, column]].dropna().drop_duplicates()
    donor = as_text(seen[column])
    seen = seen[(donor.notna() & ~donor.astype(str).str.fullmatch(_NO_DONOR)).to_numpy()]
    n = seen.groupby(keys, observed=True)[column].nunique()
    if n.empty or n.max() < 2:
        return "", False
    own = seen[seen.groupby(keys, observed=True)[column].transform("nunique") > 1]
    one = own[own[unit] == own[unit].iloc[0]]
    told = f"{one[unit].iloc[0]!r} holds {first(sorted(set(map(str, one[column]))))}"
    per_arm = seen.groupby(list(by), observed=True)[unit].nunique() if by else seen[[unit]].nunique()
    return told, bool(n.min() > 1 and len(per_arm) > 1 and per_arm.max() == 1)


def require_cells(n_cells: Any, unit: str, obs: pd.DataFrame, min_cells: int) -> None:
    """Raise if every unit is one cell, where sums of several are asked for or rows are cells of donors."""
    if not len(n_cells) or max(n_cells) != 1:
        return
    donors = [column for column in donors_of(obs.columns) if column not in unit.split("|")]
    if min_cells < 2 and not (donors and len(obs) >= max(BULK, MANY * obs[donors[0]].nunique())):
        return
    given = (
        f"give unit={donors[0]!r}"
        if donors
        else "name the column of the donor or independent culture with unit="
    )
    msg = f"Each level of {unit!r} holds one cell in an arm, and cells are not replicates: {given}."
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
