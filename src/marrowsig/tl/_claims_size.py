"""The size of a claim in words: how much of it stroma's RNA gives by itself, and which size to cite."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from marrowsig._carry_over import moved, of_stroma, on_kept_genes
from marrowsig._p_values import p_equals
from marrowsig._rounded import in_interval
from marrowsig.tl._claims_asked import CLAIMS
from marrowsig.tl._explain_compare import number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Row = Mapping[str, Any]

NUMBERS = ("carried", "filtered_estimate", "filtered_ci_low", "filtered_ci_high")
COUNTS = ("n_kept", "n_genes")
LITTLE = 5e-5
"""Size in units of a score below which it is next to nothing."""
LEFT = "genes that {rna} could not move"


def rna(row: Row) -> str:
    """Name whose RNA the samples of a row may carry: stroma's, or in stroma that of leukaemia cells."""
    return "leukaemia RNA" if of_stroma(row) else "stroma"


def kin(row: Row) -> str:
    """Name what p is adjusted over."""
    return str(row.get("family") or CLAIMS)


def given_by_stroma(row: Row) -> str:
    """Say how much of the estimate as scored the shares of stroma give; empty where that is not known."""
    carried = number(row, "carried")
    if isnan(carried) or row["estimate"] == 0:
        return ""
    size = f"{carried:.2g}" if abs(carried) >= LITTLE or carried == 0 else "next to nothing"
    told = f"{rna(row)} by itself gives {size}"
    if carried * row["estimate"] >= 0 or abs(carried) < LITTLE:
        return told
    larger = f": without it the {row['estimate']:.2g} would be farther from 0" if moved(row) else ""
    return f"{told}, in the other direction{larger}"


def hidden(row: Row) -> bool:
    """Whether stroma makes the size as scored smaller, by more than next to nothing.

    Where without it there would be no rise either, which all claims are of, it hides none.
    """
    carried = number(row, "carried")
    return abs(carried) >= LITTLE and moved(row) == "smaller" and row["estimate"] > carried


def not_alone(row: Row) -> str:
    """Say in which way stroma moves the size as scored, where another is cited; else nothing."""
    way, size = moved(row) if on_kept_genes(row) else "", f"{abs(number(row, 'carried')):.2g}"
    whose = "of leukaemia RNA" if of_stroma(row) else "stroma's"
    said = {
        "larger": f"{size} of {row['estimate']:.2g} ({_percent(row)} %), its size as scored, is {whose}"
        f"{no_part(row)}",
        "smaller": f"{rna(row)} makes its size as scored smaller, by {size}",
    }
    return said.get(way, "")


def no_part(row: Row) -> str:
    """Say that the size to cite is none of that as scored, where it is more than stroma leaves of this."""
    kept, left = number(row, "filtered_estimate"), abs(row["estimate"] - number(row, "carried"))
    return "; the size to cite is a score of fewer genes" if abs(kept) > left else ""


SAME_GENES = "as all contrasts of this signature with {rna} in an arm"
ALONE = "; those of {cells} alone are cited on all genes"


def switched(row: Row) -> str:
    """Name the contrast because of which a size that stroma hardly moves is cited on fewer genes, too."""
    other = on_kept_genes(row) and not moved(row) and row.get("cite_for")
    if not other:
        return ""
    share, of, contrast = str(row["cite_for"]).partition(" % of ")
    named = f"'{contrast}'" if " " in contrast else contrast
    alone = ALONE.format(cells="stroma" if of_stroma(row) else "cells")
    return f"{SAME_GENES.format(rna=rna(row))}, since it gives {share}{of}{named} as scored{alone}"


def _percent(row: Row) -> str:
    return f"{100 * number(row, 'carried') / row['estimate']:.0f}"


def genes_kept(row: Row) -> str:
    """Count the genes that are left."""
    return f"the {int(row['n_kept'])} of {int(row['n_genes'])} {LEFT.format(rna=rna(row))}"


def on_these_genes(row: Row) -> bool:
    """Whether the size to show is that on the genes that are left, as for all rows of its signature."""
    return on_kept_genes(row) and not isnan(number(row, "filtered_estimate"))


def to_cite(row: Row) -> bool:
    """Whether the size on the genes that are left is to be cited: the claim has both p, and a direction."""
    return on_these_genes(row) and row["rule"] in ("all hold", "opposite")


def no_second_chance(row: Row, alpha: float) -> str:
    """Say that the test as scored decides, where that on the genes that are left would be established."""
    value, p = (number(row, f"filtered_{name}") for name in ("estimate", "p_adj"))
    if isnan(value) or row["p_adj"] < alpha or not p < alpha:
        return ""
    return (
        f": the test as scored decides; on the genes left alone it would be {value:.2g}, "
        f"{p_equals('adjusted p', p)}, which does not count"
    )


def sized(row: Row, level: str) -> str:
    """Say what stroma gives of the estimate, and name the size to cite."""
    told = given_by_stroma(row)
    if not told:
        return ""
    lead = f"{told[:1].upper()}{told[1:]}."
    value, low, high = (number(row, f"filtered_{name}") for name in ("estimate", "ci_low", "ci_high"))
    if isnan(value):
        return lead
    p = number(row, "filtered_p_adj")
    over = f"{int(row['filtered_family_size'])} {kin(row)} on such genes"
    proof = "" if isnan(p) else f", {p_equals('adjusted p', p)} by Holm over {over}"
    cite = ""
    if on_these_genes(row):
        cite = "; compare this size with sizes on these genes only"
    if to_cite(row):
        cite = "; cite this size, and compare it with sizes on these genes only"
    cite += f" ({switched(row)})" if cite and switched(row) else ""
    return f"{lead} On {genes_kept(row)}: {in_interval(value, low, high, level)}{proof}{cite}."
