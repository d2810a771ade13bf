"""What a run left of some compartments, such as of the cells without their stroma."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from marrowsig._arms import as_text
from marrowsig._errors import DesignError, InputError, first, near

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from marrowsig._run_kept import RunFolder

STRATUM = "compartment="


def only(run: RunFolder, levels: Sequence[str]) -> RunFolder:
    """Keep samples and contrasts of these compartments; numbers, and over what p is adjusted, stay."""
    column = getattr(run.design, "compartment", None)
    if not column:
        msg = "compartment= names a level, and this run has no compartment. Leave it out."
        raise InputError(msg)
    own = as_text(run.adata.obs[column])
    known = list(dict.fromkeys(str(level) for level in own.dropna()))
    if lacking := [level for level in levels if level not in known]:
        meant = near(lacking[0], known)
        msg = f"compartment= names {first(map(repr, lacking))}, which is no level of {column!r}.{meant} "
        msg += f"Levels: {first(known, 20)}."
        raise InputError(msg)

    def part(table: pd.DataFrame) -> pd.DataFrame:
        strata = table["stratum"].astype(str).str.partition("; ")[0]
        return table[strata.isin([f"{STRATUM}{level}" for level in levels])]

    told = {k: part(t) if k in ("claims", "questions") else t for k, t in run.tables.items()}
    inside = own.isin(levels).to_numpy()
    try:
        run.design.contrasts(run.adata.obs[inside])
    except DesignError as error:
        msg = f"The design cannot be asked of {first(map(repr, levels))} alone. Name other levels beside."
        raise InputError(msg) from error
    adata = run.adata[inside].copy()
    return replace(run, adata=adata, res=part(run.res), tables=told)
