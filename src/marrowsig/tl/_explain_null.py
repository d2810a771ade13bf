"""Whether a score that moved moved more than scores of random genes, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig._p_values import p_equals

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS = ("signature", "method", "contrast", "stratum")
ALONE = (
    "The test asks whether the score moved, not whether it moved more than scores of other genes "
    "(ms.qc.null and camera ask that)"
)


def place(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """Return what names a row: signature, method, contrast and stratum."""
    return tuple("" if pd.isna(row.get(key, "")) else str(row.get(key, "")) for key in KEYS)


def against_random(null: pd.DataFrame) -> dict[tuple[str, ...], float]:
    """Return p against random sets, by what names a row.

    Raises
    ------
    InputError
        If the table is not one of contrasts of `ms.qc.null`.
    """
    absent = [name for name in (*KEYS, "p_null") if name not in null]
    if absent:
        msg = (
            f"null= is no table of ms.qc.null(adata, signatures, design=design): {first(absent)} is missing."
        )
        raise InputError(msg)
    return {place(row): float(row["p_null"]) for row in null.to_dict("records")}


def beyond(p: float | None, alpha: float) -> str:
    """Say of an established row what random sets did, or that they were not asked."""
    if p is None or pd.isna(p):
        return ALONE
    told = p_equals("p against them", p, alpha)
    if p < alpha:
        return f"It moved more than random sets of genes that are expressed alike ({told})"
    return (
        f"Random sets of genes that are expressed alike moved as much ({told}): the score "
        "moved, and nothing shows that these genes moved more than any would"
    )
