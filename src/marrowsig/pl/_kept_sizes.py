"""Sizes on the genes that stroma could not move, and what stroma gives, beside contrasts as scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._as_claimed import KEYS
from marrowsig._carry_over import on_kept_genes

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

OF_STROMA = (
    "carried", "cite", "filtered_estimate", "filtered_ci_low", "filtered_ci_high", "filtered_p_adj",
)  # fmt: skip


def with_stroma(rows: pd.DataFrame, *tables: pd.DataFrame | None) -> pd.DataFrame:
    """Add to the contrasts what stroma gives by itself, and the size to cite; the last table comes first."""
    own = {"filtered_p_bh": "filtered_p_adj"}  # the check's own, where no claims adjust it
    given = [t.rename(columns=own) for t in tables if t is not None and "carried" in t]
    if not given:
        return rows
    known = {tuple(str(row[k]) for k in KEYS): row for table in given for row in table.to_dict("records")}
    keys = list(zip(*(rows[k].fillna("").astype(str) for k in KEYS), strict=True))
    kept = [name for name in OF_STROMA if name in given[-1]]
    return rows.assign(**{name: [known.get(key, {}).get(name) for key in keys] for name in kept})


def on_kept(row: Mapping[str, Any]) -> bool:
    """Whether the size to show is that on the genes that stroma could not move, and there is one."""
    value = row.get("filtered_estimate")
    return on_kept_genes(row) and value is not None and value == value
