"""Columns and levels that a design leaves out and that a person may have meant."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from marrowsig._arms import as_text, levels
from marrowsig._errors import InputWarning, first

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._arms import Arms
    from marrowsig.design import Design

_ROLES = {
    "compartment": re.compile(r"^compartments?$", re.IGNORECASE),
    "inhibitor": re.compile(r"^(inhibitor|drug|treatment)s?$", re.IGNORECASE),
}


def warn_of_overlooked(design: Design, obs: pd.DataFrame, arms: Arms) -> None:
    """Warn of arms that mix compartments or treatments, and of levels written otherwise than named."""
    for told in (*_mixed(design, obs, arms), *_misspelt(design, obs)):
        warnings.warn(told, InputWarning, stacklevel=5)


def _mixed(design: Design, obs: pd.DataFrame, arms: Arms) -> list[str]:
    used = set(design.columns.values())
    found = []
    for role, named in _ROLES.items():
        if getattr(design, role) is not None:
            continue
        for column in (c for c in obs.columns if c not in used and named.match(str(c))):
            level = as_text(obs[column]).iloc[arms.frame["row"]].reset_index(drop=True)
            per_arm = level.groupby(arms.frame["stratum"] + "|" + arms.frame["arm"]).nunique()
            if (per_arm > 1).any():
                found.append(
                    f"Arms mix the levels of {str(column)!r} ({first(sorted(set(level.dropna())))}), "
                    f"which the design does not use. Give {role}={str(column)!r}, or leave rows out."
                )
    return found


def _misspelt(design: Design, obs: pd.DataFrame) -> list[str]:
    found = []
    for field, wanted in levels(design).items():
        if field == "inhibitor":
            continue
        column = getattr(design, field)
        seen = as_text(obs[column])
        plain = {level.strip().casefold(): level for level in wanted}
        for level, n in seen[~seen.isin(wanted)].dropna().value_counts().items():
            meant = plain.get(str(level).strip().casefold())
            if meant is not None:
                found.append(
                    f"{n} rows have {level!r} in {column!r}, which is not {meant!r}: they are left out. "
                    "Write the level alike if it is the same."
                )
    return found
