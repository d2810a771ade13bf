"""Lines that are groups of patients, donors or mice, where their column is named so: what to call them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._arms import as_text
from marrowsig._carry_over import of_stroma
from marrowsig._stromal_level import stroma_in
from marrowsig._unlike import DONOR

if TYPE_CHECKING:
    from collections.abc import Iterable

PLURALS = {"mouse": "mice", "pdx": "PDX"}
OF_LINE = re.compile(
    r" (?:cells|patients|donors|individuals|subjects|participants|animals|mice|PDX)(?=, |\)$)"
)
"""What follows a line in brackets, and is left out where there is little room."""


def noun(column: object) -> str:
    """Name the levels of a column that is called after whom they are of; empty of any other.

    >>> [noun(column) for column in ("Patient", "donor", "patient_id", "mouse", "pair")]
    ['patients', 'donors', 'patients', 'mice', '']
    """
    found = DONOR.search(str(column)) if column else None
    who = found[2].lower() if found else ""
    return PLURALS.get(who, f"{who}s") if who else ""


def between_people(design: Any, obs: pd.DataFrame | None = None) -> bool:
    """Whether lines are groups of patients: pairs are named after these, and no level spans two lines."""
    line, pair = getattr(design, "line", None), getattr(design, "pair", None)
    if not line or not noun(pair):
        return False
    if obs is None or line not in obs or pair not in obs:
        return False
    own = pd.DataFrame({"line": as_text(obs[line]), "pair": as_text(obs[pair])}).dropna()
    own = own[own["line"].isin([str(design.parental), str(design.resistant)])]
    return bool(len(own)) and int(own.groupby("pair")["line"].nunique().max()) == 1


def whose(text: str, design: Any, obs: pd.DataFrame | None) -> str:
    """Write "sensitive patients" for "sensitive cells", where lines are groups of patients."""
    return whose_each([text], [""], design, obs)[0]


def whose_each(
    texts: Iterable[str], strata: Iterable[str], design: Any, obs: pd.DataFrame | None
) -> list[str]:
    """Write each text so, but not of stroma, which stands with cells."""
    if not between_people(design, obs):
        return list(texts)
    levels_ = "|".join(re.escape(str(level)) for level in (design.parental, design.resistant))
    cells = re.compile(rf"(?<!\w)({levels_}) cells\b")
    told, own = zip(texts, strata, strict=True), rf"\1 {noun(design.pair)}"
    return [text if stroma_in(stratum) else cells.sub(own, text) for text, stratum in told]


def name_people(rows: Iterable[dict[str, Any]], design: Any, obs: pd.DataFrame) -> None:
    """Write statements of claims so, and keep in `whose` what their sentences call a line.

    Stroma stands with cells, and not with patients.
    """
    if not between_people(design, obs):
        return
    for row in rows:
        if not of_stroma(row):
            row["statement"] = whose(str(row["statement"]), design, obs)
            row["whose"] = noun(design.pair)
