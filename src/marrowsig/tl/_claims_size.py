"""The size of a claim in words: how much of it stroma's RNA gives by itself, and which size to cite."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from marrowsig._carry_over import on_kept_genes
from marrowsig.tl._explain_compare import number, p_equals

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Row = Mapping[str, Any]

NUMBERS = ("carried", "filtered_estimate", "filtered_ci_low", "filtered_ci_high")
COUNTS = ("n_kept", "n_genes")
LEFT = "genes that stroma could not move"
NOT_ALONE = "its size as scored is not the blasts' alone"


def given_by_stroma(row: Row) -> str:
    """Say how much of the estimate as scored the shares of stroma give; empty where that is not known."""
    carried = number(row, "carried")
    if isnan(carried) or row["estimate"] == 0:
        return ""
    against = carried * row["estimate"] < 0
    size = f"{carried:.2g}" if abs(carried) >= 5e-5 or carried == 0 else "next to nothing"
    return f"stroma by itself gives {size}{', in the other direction' if against else ''}"


def genes_kept(row: Row) -> str:
    """Count the genes that are left."""
    return f"the {int(row['n_kept'])} of {int(row['n_genes'])} {LEFT}"


def cite(row: Row) -> str:
    """Call for citing a size, where there is a direction to go with it."""
    return "as its size cite " if row["rule"] in ("all hold", "opposite") else ""


def sized(row: Row, level: str) -> str:
    """Say what stroma gives of the estimate, and name the size to cite."""
    told = given_by_stroma(row)
    if not told:
        return ""
    lead = f"Of this, {told}"
    value, low, high = (number(row, f"filtered_{name}") for name in ("estimate", "ci_low", "ci_high"))
    if isnan(value):
        return f"{lead}."
    left = f"({level} interval {low:.3g} to {high:.3g}) on {genes_kept(row)}"
    p = number(row, "filtered_p_adj")
    proof = "" if isnan(p) else f", {p_equals('adjusted p', p)} over the claims so tested"
    if on_kept_genes(row):
        return f"{lead}: {cite(row)}{value:.3g} {left}{proof}."
    return f"{lead}; {value:.3g} {left}{proof}."
