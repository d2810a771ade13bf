"""What replicates are called in a paper: patients, donors or mice where their column is named so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._lines_of_formula import donor_term
from marrowsig._people import between_people, noun
from marrowsig._repeats import is_formula

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._report.elements import Given


def levels(column: object) -> str:
    """Name the levels of a column: "patients", or "levels of 'pair'".

    >>> levels("Patient"), levels("pair")
    ('patients', "levels of 'pair'")
    """
    return noun(column) or f"levels of '{column}'"


def paired_by(design: Any) -> str | None:
    """Return the column of pairs; of a formula, the donors that it has a term for."""
    return donor_term(design) if is_formula(design) else getattr(design, "pair", None)


def counted(design: Any, obs: pd.DataFrame | None) -> str:
    """Count patients that stand in the design, in each line where these are groups of them; empty else."""
    pair = paired_by(design)
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
