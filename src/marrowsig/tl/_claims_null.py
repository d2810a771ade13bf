"""Beside a claim: whether random sets of genes moved as much, of which `ms.qc.null` gives the p."""

from __future__ import annotations

from math import isclose, nan
from typing import TYPE_CHECKING, Any

from marrowsig._p_values import p_equals
from marrowsig.tl._explain_compare import number
from marrowsig.tl._explain_null import against_random, place

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

HELD = ("all hold", "opposite")
"""Rules of claims that say that something moved."""


def fill_null(rows: list[dict[str, Any]], null: pd.DataFrame | None) -> None:
    """Fill `p_null` of rows whose very estimate was held against random sets; NaN of all others."""
    p = {} if null is None else against_random(null)
    sizes = {} if null is None else {place(r): float(r["estimate"]) for r in null.to_dict("records")}
    for row in rows:
        key = place(row)
        same = key in p and isclose(sizes[key], row["estimate"], rel_tol=1e-6)
        row["p_null"] = p[key] if same else nan


def as_much(row: Mapping[str, Any], alpha: float) -> str:
    """Say that random sets moved as much as what a claim calls moved; else nothing."""
    p = number(row, "p_null")
    if not p >= alpha or row["rule"] not in HELD:
        return ""
    return f"Random sets of genes that are expressed alike moved as much ({p_equals('p', p, alpha)})"
