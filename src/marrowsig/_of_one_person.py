"""Sex, age and the like that differ within one patient: a sheet that contradicts itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._arms import as_text, read
from marrowsig._errors import count, first
from marrowsig._unlike import DONOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from marrowsig.design import Design

AT_ONCE = re.compile(r"(^|[\s._-])(age|karyotype|fab|eln)([\s._-]|$)", re.IGNORECASE)
"""What a person has one value of at a time: leukaemia changes its karyotype from diagnosis to relapse."""
FIXED = re.compile(r"(^|[\s._-])(sex|gender|race|ethnicity)([\s._-]|$)", re.IGNORECASE)
_OF_CELLS = re.compile(r"cultur|cells?([\s._-]|$)|passage|sample|librar", re.IGNORECASE)


def contradictions(design: Design, obs: pd.DataFrame) -> list[str]:
    """Name used columns of what a person has one value of, where a patient has several.

    An age or a karyotype may differ between two stages, or times, of one patient.

    >>> import pandas as pd
    >>> from marrowsig.design import Design
    >>> who, culture = ["P1", "P1", "P2", "P2"], ["mono", "co"] * 2
    >>> obs = pd.DataFrame({"patient": who, "culture": culture, "sex": ["F", "M", "F", "F"]})
    >>> contradictions(Design(culture="culture", pair="patient", batch="sex"), obs)
    ["Patient P1 has 2 values of 'sex' (F, M): check the sheet, since the design uses this column."]
    >>> contradictions(Design(culture="culture", pair="patient"), obs)
    []
    """
    who = next((c for c in (design.pair, design.unit) if c is not None and DONOR.search(str(c))), None)
    if who is None:
        return []
    inside = obs.iloc[read(design, obs).frame["row"].to_numpy()]
    told = []
    for column in [*_listed(design.batch), *_listed(design.covariates)]:
        known = None if _OF_CELLS.search(column) else AT_ONCE.search(column) or FIXED.search(column)
        if known is None:
            continue
        changes = known.re is AT_ONCE
        apart = [c for c in (design.line, design.time) if c is not None] if changes else []
        keys = [as_text(inside[c]) for c in (who, *apart)]
        values = as_text(inside[column]).groupby(keys, observed=True, sort=False).unique()
        odd = {(key[0] if apart else key): list(found) for key, found in values.items() if len(found) > 1}
        if odd:
            name, found = next(iter(odd.items()))
            others = f", and {count(len(odd) - 1, 'more has', 'more have')} several" if len(odd) > 1 else ""
            whose = f"{str(who)[:1].upper()}{str(who)[1:]} {name}"
            told.append(
                f"{whose} has {len(found)} values of {column!r} ({first(found)})"
                f"{others}: check the sheet, since the design uses this column."
            )
    return told


def _listed(named: str | Sequence[str] | None) -> list[str]:
    return [named] if isinstance(named, str) else list(named or ())
