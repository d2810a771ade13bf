"""Cells are not replicates: the rows of one donor may not be counted as if they were independent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._arms import as_text
from marrowsig._errors import DesignError, first
from marrowsig._log import logger

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._arms import Arms
    from marrowsig.design import Design

MANY = 200
"""Rows without unit= and pair= from which on they are taken for cells."""

_DONOR = re.compile(
    r"(^|[\s._-])(donor|patient|individual|subject|participant)s?([\s._-]?(id|no|nr|number|name|code))?$",
    re.IGNORECASE,
)


def require_replicates(design: Design, obs: pd.DataFrame, arms: Arms) -> None:
    """Raise if rows of one pair, unit or donor share an arm, or if the rows can only be cells."""
    declared = {f: getattr(design, f) for f in ("unit", "pair") if getattr(design, f) is not None}
    for field, column in declared.items():
        if _shared(arms.frame, arms.frame[field]):
            raise DesignError(_shared_message(design, arms.frame[field], column, field))
    if declared:
        return
    _require_undeclared(design, obs, arms)
    if len(arms.frame) >= MANY:
        msg = (
            f"{len(arms.frame)} rows and neither unit= nor pair=: these look like cells, not replicates. "
            f"Name the donor column with unit=, then run {_pseudobulk(design, 'your donor column')}. "
            "For a cohort of that many independent samples, name the column that identifies them with unit=."
        )
        raise DesignError(msg)


def _require_undeclared(design: Design, obs: pd.DataFrame, arms: Arms) -> None:
    used = set(design.columns.values())
    for column in obs.columns:
        if column in used or not _DONOR.search(str(column)):
            continue
        donor = as_text(obs[column]).iloc[arms.frame["row"]].reset_index(drop=True)
        if _shared(arms.frame, donor):
            raise DesignError(_shared_message(design, donor, str(column), "unit"))
        if donor.dropna().duplicated().any():
            logger.info("Column %r repeats over the arms: pass pair=%r to compare within it.", column, column)


def _shared(frame: pd.DataFrame, unit: pd.Series) -> bool:
    """Whether some unit has several rows in one arm of one stratum."""
    keys = frame[["stratum", "arm"]].assign(unit=unit)
    return bool(keys.dropna().duplicated().any())


def _shared_message(design: Design, unit: pd.Series, column: str, field: str) -> str:
    counts = unit.value_counts(sort=False).sort_index()
    listed = first((f"{name} ({n})" for name, n in counts.items()), 5)
    told = (
        ""
        if getattr(design, field) == column
        else f"If they are independent samples all the same, rename {column!r}. "
    )
    return (
        f"{int(counts.sum())} rows share {len(counts)} levels of {column!r}, some in the same arm: {listed}. "
        f"Cells and technical repeats are not replicates. {told}"
        f"Sum them first: run {_pseudobulk(design, column)}, "
        f"score the result, and compare it with {field}={column!r}."
    )


def _pseudobulk(design: Design, unit: str) -> str:
    by = [
        c for f, c in design.columns.items() if f in ("culture", "line", "inhibitor", "compartment", "time")
    ]
    return f"ms.pp.pseudobulk(adata, unit={unit!r}, by={by!r})"
