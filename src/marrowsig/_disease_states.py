"""Columns that hold states of patients or of their cells: diagnosis and relapse, sensitive and resistant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._arms import as_text
from marrowsig._cell_types import COLUMN
from marrowsig._unit_columns import KIND

if TYPE_CHECKING:
    from collections.abc import Iterable

_A, _Z = r"(?<![A-Za-z0-9])", r"(?![A-Za-z])"
_NOT = r"(?<!\bno[-_ ])(?<!\bnon[-_ ])(?<!\bnot[-_ ])(?<!\bpre[-_ ])(?<!\bnever[-_ ])(?<!\bwithout[-_ ])"
"""Before a word: "no relapse" and "pre-relapse" are none."""
EARLY = re.compile(rf"{_A}(?:diagnos\w*|(?:de[-_ ]?novo[-_ ]?)?dx|de[-_ ]?novo)\d*{_Z}", re.IGNORECASE)
LATE = re.compile(
    rf"{_A}{_NOT}(?:(?:relaps\w*|rel|refractory|rel?[-_/ ]?ref|r[-_/ ]r)\d*{_Z}|(?-i:R)\d+$)", re.IGNORECASE
)
_BEFORE = re.compile(
    rf"{_A}{_NOT}(?:(?:drug[-_ ]?|chemo[-_ ]?)?sensitive|baseline"
    rf"|pre[-_ ]?(?:treatment|therapy|chemo\w*)|treatment[-_ ]na[iï]ve){_Z}",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"{_A}{_NOT}(?:(?:drug[-_ ]?|chemo[-_ ]?)?resistan\w*|remission|mrd|persist\w*|progress\w*"
    rf"|(?:post|on)[-_ ]?(?:treatment|therapy|chemo\w*)){_Z}",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"^(?:experimental[\s._-]?)?conditions?$|^visits?$|^(?:disease|clinical|patient|tumou?r)?[\s._-]?stages?$"
    r"|^(?:disease|clinical|patient|tumou?r|leuka?emia)[\s._-]?(?:status|states?)$|^sample[\s._-]?types?$",
    re.IGNORECASE,
)
FEW = 4
"""Levels of a factor of a design; a column of more that is called a condition sorts something else."""
MOST = 12


def early_and_late(values: pd.Series) -> tuple[str, str] | None:
    """Give the level that says diagnosis, and the one that says relapse, where there is one of each.

    >>> early_and_late(pd.Series(["Dx", "Rel", "Dx"])), early_and_late(pd.Series(["R1", "S1", "G1"]))
    (('Dx', 'Rel'), None)
    """
    levels = _levels(values)
    late = [level for level in levels if LATE.search(level)]
    early = [level for level in levels if EARLY.search(level) and level not in late]
    return (early[0], late[0]) if len(early) == len(late) == 1 else None


def as_lines(column: str, values: pd.Series) -> str:
    """Write the fields of a design in which diagnosis and relapse stand for the lines; empty without them.

    >>> as_lines("visit", pd.Series(["Rel", "Dx"]))
    "line='visit', parental='Dx', resistant='Rel'"
    """
    found = early_and_late(values)
    return f"line={column!r}, parental={found[0]!r}, resistant={found[1]!r}" if found else ""


def sorts_samples(column: str, values: pd.Series) -> bool:
    """Whether a column of cells says in which state or condition their sample was, by its levels or its name.

    Kinds of cells, clusters, phases and what quality control calls them sort the cells of one sample.

    >>> [sorts_samples(*of) for of in (("x", pd.Series(["Dx", "Rel"])), ("phase", pd.Series(["G1", "S"])))]
    [True, False]
    """
    if pd.api.types.is_numeric_dtype(values) or KIND.search(column) or COLUMN.match(column):
        return False
    levels = _levels(values)
    if not 2 <= len(levels) <= MOST:
        return False
    early = _of(levels, EARLY, _BEFORE)
    late = _of(levels, LATE, _AFTER)
    return bool(early and late - early) or (len(levels) <= FEW and bool(_NAMED.search(column)))


def _of(levels: Iterable[str], *words: re.Pattern[str]) -> set[str]:
    return {level for level in levels if any(word.search(level) for word in words)}


def _levels(values: pd.Series) -> list[str]:
    return list(as_text(pd.Series(values.dropna().unique())).dropna())
