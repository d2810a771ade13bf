"""Maturation and shares of cell types in the reason of a claim."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from marrowsig._carry_over import FILTERED
from marrowsig._cell_types import SAME
from marrowsig._check_words import CANNOT
from marrowsig._rounded import in_interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = Mapping[str, Any]

WHERE = {FILTERED: " (of the size on the genes left)", SAME: " (at the same shares of cell types)"}


def matured(row: Row) -> str:
    """Say what is found of maturation, and of which size if not of that as scored."""
    return f"{row['maturation']}{WHERE.get(str(row.get('maturation_of', '')), '')}"


def types_moved(row: Row, alpha: float) -> str:
    """Say which shares differ and what is left at the same shares; empty where none do."""
    verdict = str(row.get("cell_types") or "")
    if not verdict:
        return ""
    value, low, high = (float(row[f"same_shares_{name}"]) for name in ("estimate", "ci_low", "ci_high"))
    moved = f"cell types have other shares ({row['types_moved']} points)"
    if isnan(value):
        why = "too few cells of a type in some sums, or sums without layers['same_shares']"
        return f"{moved}, which could not be held the same: {why}"
    on = " on the genes left" if row.get("cite") == FILTERED else ""
    size = in_interval(value, low, high, f"{100 * (1 - alpha):g} %")
    draws = row.get("same_shares_draws")
    n = 0 if draws is None or isnan(draws) else int(draws)
    mean = {0: "", 1: " (one random draw: other seeds give other sizes)"}.get(n, f" (mean of {n} draws)")
    size = f"{moved}; with the same shares{on}{mean} {size}"
    return f"{size}: {verdict}" if verdict != CANNOT else f"{size}: cannot tell"
