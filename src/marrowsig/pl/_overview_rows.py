"""Which signatures and contrasts an overview draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._contrast_kinds import is_secondary
from marrowsig._errors import InputError, first
from marrowsig._signature_ids import signature_ids

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marrowsig.sig import Signature

MOST = 3
"""Signatures that one figure of a study holds."""
ARMS, SLOT = 8, 4.5
"""Arms up to which panels of scores stand side by side, and millimetres of one from which on more do."""


def with_headings(keys: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Put a line without a contrast above those of each stratum, unless the study has none.

    >>> with_headings([("interaction", "A"), ("interaction", "B")])
    [('', 'A'), ('interaction', 'A'), ('', 'B'), ('interaction', 'B')]
    >>> with_headings([("interaction", "")])
    [('interaction', '')]
    """
    strata = list(dict.fromkeys(stratum for _, stratum in keys))
    if strata == [""]:
        return keys
    return [line for s in strata for line in [("", s), *(key for key in keys if key[1] == s)]]


def apart(arms: int, panels: int, width: float) -> bool:
    """Whether panels of so many arms need the whole width each, to tell the arms in words."""
    return panels > 1 and arms > ARMS and width / arms < SLOT


def chosen(rows: pd.DataFrame, signatures: str | Signature | Iterable[str | Signature] | None) -> list[str]:
    """Signatures that were asked for; by default those of the primary family, else the first of each axis."""
    known = list(dict.fromkeys(rows["signature"].astype(str)))
    if signatures is None:
        own = set(rows.loc[rows["adjustment"].ne("BH"), "signature"])
        if own:
            return [i for i in known if i in own][:MOST]
        axes_of = {i.partition(".")[0]: i for i in reversed(known) if not i.startswith("control.")}
        one_each = [i for i in known if i in axes_of.values()]
        return (one_each or known)[:MOST]
    ids = signature_ids(signatures)
    unknown = [i for i in ids if i not in known]
    if unknown:
        msg = f"The table has no rows of {first(unknown)}. It has {first(known, 12)}."
        raise InputError(msg)
    if not 0 < len(ids) <= MOST:
        msg = f"This figure holds one to {MOST} signatures, not {len(ids)}. ms.pl.forest draws all."
        raise InputError(msg)
    return ids


def keys_of(rows: pd.DataFrame) -> tuple[list[tuple[str, str]], list[tuple[str, str]], list[str]]:
    """Contrast and stratum of every line; those, and the strata, that have no estimate at all.

    Contrasts that stand aside have a line only where a further question asks them, or there are no others.
    Asked so, a difference between lines in co-culture stands for an interaction without an estimate.
    """
    strata = _strata(rows)
    every = list(dict.fromkeys(zip(rows["contrast"].astype(str), strata, strict=True)))
    none = pd.Series(data=False, index=rows.index)
    own = rows.get("as_question", none).astype(bool)
    asked = set(zip(rows["contrast"][own].astype(str), strata[own], strict=True))
    keys = [key for key in every if not is_secondary(key[0]) or key in asked] or every
    shown = rows["contrast"].isin([contrast for contrast, _ in keys]) & rows["estimate"].notna()
    known = set(strata[shown])
    empty = list(dict.fromkeys(s for _, s in keys if s not in known)) if known else []
    keys = [key for key in keys if key[1] not in empty]
    there = rows["estimate"].notna()
    any_of = set(zip(rows["contrast"][there].astype(str), strata[there], strict=True))
    drawn = [key for key in keys if key in any_of] or keys
    stands_for = {("interaction", stratum) for contrast, stratum in asked if contrast == "resistance_in_co"}
    lost = [key for key in keys if key not in drawn and key not in stands_for]
    return drawn, lost, empty


def rows_of(rows: pd.DataFrame, keys: list[tuple[str, str]]) -> pd.DataFrame:
    """Keep the rows of these contrasts in these strata."""
    own = zip(rows["contrast"].astype(str), _strata(rows), strict=True)
    return rows[[key in keys for key in own]]


def _strata(rows: pd.DataFrame) -> pd.Series:
    return rows["stratum"].astype(object).where(rows["stratum"].notna(), "").astype(str)
