"""A table of `ms.tl.sensitivity` that was worked out before, in place of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError, first
from marrowsig.sig import as_set

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._confounders import Kind

NEEDED = (
    "method", "signature", "axis", "contrast", "stratum", "kind", "estimate", "ci_low", "ci_high",
    "n_removed", "se_inflation", "share_left", "excludes_zero", "holds",
)  # fmt: skip


def given_table(table: pd.DataFrame, kind: Kind, signatures: Any, method: Any, alpha: float) -> pd.DataFrame:
    """Rows of `table` that a verdict needs: as is, without the genes of `kind`, adjusted for its score.

    Raises
    ------
    InputError
        If it is no such table, at another level, or lacks a signature, a method or one of the three rows.
    """
    call = "Give what ms.tl.sensitivity(adata, design) returns, or leave sensitivity= out."
    lost = [name for name in NEEDED if name not in table]
    if lost:
        msg = f"sensitivity= has no column {first(lost)}. {call}"
        raise InputError(msg)
    level = float(table.attrs.get("alpha", alpha))
    if level != alpha:
        msg = f"sensitivity= was worked out at alpha={level:g}, and this is asked at alpha={alpha:g}. {call}"
        raise InputError(msg)
    kinds = ("main", f"{kind} genes", f"{kind} score")
    own = table[table["kind"].isin(kinds)]
    asked = {
        "signature": None if signatures is None else [sig.id for sig in as_set(signatures)],
        "method": [method] if isinstance(method, str) else method,
    }
    for column, names in asked.items():
        if names is None:
            continue
        absent = [str(name) for name in names if name not in set(own[column])]
        if absent:
            msg = f"sensitivity= has no rows of the {column} {first(absent)}. {call}"
            raise InputError(msg)
        own = own[own[column].isin(list(names))]
    rows = own.groupby(["method", "signature", "contrast", "stratum"])["kind"].nunique()
    if own.empty or (rows < len(kinds)).any():
        msg = f"sensitivity= lacks rows of the kinds {first(map(repr, kinds))}. {call}"
        raise InputError(msg)
    return own
