"""Cells are not replicates: the rows of one donor may not be counted as if they were independent."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from marrowsig._arms import as_text
from marrowsig._errors import DesignError, InputWarning, first

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from marrowsig._arms import Arms
    from marrowsig.design import Design

MANY = 100
"""Rows without unit= and pair= from which on they are taken for cells."""

_DONOR = re.compile(
    r"(^|[\s._-])(donor|patient|individual|subject|participant|animal|mouse|pdx)s?"
    r"([\s._-]?(id|no|nr|number|name|code))?$",
    re.IGNORECASE,
)
_LIBRARY = re.compile(r"^(orig\.ident|sample|library|channel|batch)s?([\s._-]?(id|name))?$", re.IGNORECASE)
_OF_CELLS = (
    "n_genes", "n_genes_by_counts", "total_counts", "nCount_RNA", "nFeature_RNA", "leiden", "louvain",
    "seurat_clusters", "pct_counts_mt", "percent.mt", "cell_type",
)  # fmt: skip


def require_replicates(design: Design, obs: pd.DataFrame, arms: Arms) -> None:
    """Raise if rows of one pair, unit or donor share an arm, or if the rows can only be cells."""
    declared = {f: getattr(design, f) for f in ("unit", "pair") if getattr(design, f) is not None}
    for field, column in declared.items():
        if _shared(arms.frame, arms.frame[field]):
            raise DesignError(_shared_message(design, arms.frame[field], column, field))
    if design.unit is None:
        _look_for_donors(design, obs, arms)
    if declared:
        return
    _look_for_cells(design, obs, arms)


def _look_for_donors(design: Design, obs: pd.DataFrame, arms: Arms) -> None:
    for column, donor in _unused(design, obs, arms, _DONOR):
        shared = _shared(arms.frame, donor)
        if shared and design.pair is None:
            raise DesignError(_shared_message(design, donor, column, "unit"))
        if shared:
            # Cultures of one donor may be what is meant: then the claim is about these donors.
            msg = (
                f"Pairs of {design.pair!r} share levels of {column!r} within an arm: they count as "
                f"replicates, so the result speaks of these {donor.nunique()} levels only. "
                f"Sum or average over {column!r} and give pair={column!r} to speak of others."
            )
            warnings.warn(msg, InputWarning, stacklevel=5)
        if design.pair is None and donor.dropna().duplicated().any():
            msg = (
                f"Levels of {column!r} recur over the arms, and the comparison does not pair them. "
                f"Give pair={column!r} to compare within them."
            )
            warnings.warn(msg, InputWarning, stacklevel=5)


def _look_for_cells(design: Design, obs: pd.DataFrame, arms: Arms) -> None:
    traces = [column for column in _OF_CELLS if column in obs.columns]
    libraries = [
        column
        for column, level in _unused(design, obs, arms, _LIBRARY)
        if len(arms.frame) >= 10 * max(level.nunique(), 1)
    ]
    if len(arms.frame) < MANY and not (libraries and traces):
        return
    seen = f" (columns {first([*libraries, *traces])})" if libraries or traces else ""
    donor = libraries[0] if libraries else "your donor column"
    msg = (
        f"{len(arms.frame)} rows and neither unit= nor pair=: these look like cells{seen}; "
        f"cells are not replicates. Name the donor column with unit=, then run {_pseudobulk(design, donor)}. "
        "For a cohort of that many independent samples, name the column that identifies them with unit=."
    )
    raise DesignError(msg)


def _unused(
    design: Design, obs: pd.DataFrame, arms: Arms, named: re.Pattern[str]
) -> Iterator[tuple[str, pd.Series]]:
    """Give the columns that the design does not use and whose name fits, with their levels in the design."""
    used = set(design.columns.values())
    for column in obs.columns:
        if column not in used and named.search(str(column)):
            yield str(column), as_text(obs[column]).iloc[arms.frame["row"]].reset_index(drop=True)


def _shared(frame: pd.DataFrame, unit: pd.Series) -> bool:
    """Whether some unit has several rows in one arm of one stratum."""
    keys = frame[["stratum", "arm"]].assign(unit=unit)
    return bool(keys.dropna().duplicated().any())


def _shared_message(design: Design, unit: pd.Series, column: str, field: str) -> str:
    counts = unit.value_counts(sort=False).sort_index()
    listed = first((f"{name} ({n})" for name, n in counts.items()), 5)
    return (
        f"{int(counts.sum())} rows share {len(counts)} levels of {column!r}, some in the same arm: {listed}. "
        "Cells and technical repeats are not replicates. "
        f"Sum them first: run {_pseudobulk(design, column)}, "
        f"score the result, and compare it with {field}={column!r}."
    )


def _pseudobulk(design: Design, unit: str) -> str:
    fields = ("culture", "line", "inhibitor", "compartment", "time")
    by = [column for field, column in design.columns.items() if field in fields]
    return f"ms.pp.pseudobulk(adata, unit={unit!r}, by={by!r})"
