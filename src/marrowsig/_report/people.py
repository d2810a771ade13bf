"""What replicates are called in a paper: patients, donors or mice where their column is named so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._unlike import DONOR

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._report.elements import Given

PLURALS = {"mouse": "mice", "pdx": "PDX"}


def noun(column: object) -> str:
    """Name the levels of a column that is called after whom they are of; empty of any other.

    >>> [noun(column) for column in ("Patient", "donor", "patient_id", "mouse", "pair")]
    ['patients', 'donors', 'patients', 'mice', '']
    """
    found = DONOR.search(str(column)) if column else None
    who = found[2].lower() if found else ""
    return PLURALS.get(who, f"{who}s") if who else ""


def levels(column: object) -> str:
    """Name the levels of a column: "patients", or "levels of 'pair'".

    >>> levels("Patient"), levels("pair")
    ('patients', "levels of 'pair'")
    """
    return noun(column) or f"levels of '{column}'"


def between_people(design: Any, obs: pd.DataFrame | None = None) -> bool:
    """Whether lines are groups of patients: pairs are named after these, and no level spans two lines."""
    line, pair = getattr(design, "line", None), getattr(design, "pair", None)
    if not line or not noun(pair):
        return False
    if obs is None or line not in obs or pair not in obs:
        return False
    own = obs[[line, pair]].dropna().astype(str)
    own = own[own[line].isin([str(design.parental), str(design.resistant)])]
    return bool(len(own)) and int(own.groupby(pair)[line].nunique().max()) == 1


def whose(text: str, design: Any, obs: pd.DataFrame | None) -> str:
    """Write "sensitive patients" for "sensitive cells", where lines are groups of patients."""
    if not between_people(design, obs):
        return text
    levels_ = "|".join(re.escape(str(level)) for level in (design.parental, design.resistant))
    return re.sub(rf"\b({levels_}) cells\b", rf"\1 {noun(design.pair)}", text)


def counted(design: Any, obs: pd.DataFrame | None) -> str:
    """Count patients that stand in the design, in each line where these are groups of them; empty else."""
    pair = getattr(design, "pair", None)
    if obs is None or not noun(pair) or pair not in obs:
        return ""
    own = obs[[c for c in (design.line, pair) if c]].dropna().astype(str)
    total = f"{own[pair].nunique()} {noun(pair)}"
    if not between_people(design, obs):
        return total
    n = own.groupby(design.line)[pair].nunique()
    each = [f"{n[level]} {level}" for level in map(str, (design.parental, design.resistant)) if level in n]
    return f"{total}: {', '.join(each)}"


def people_of(given: Given) -> pd.DataFrame:
    """Return the samples that are in the models of the contrasts."""
    from marrowsig._report.analysed import rows_of

    return given.adata.obs.iloc[sorted(rows_of(given))]
