"""Rows of `ms.tl.gene_sets` and `ms.tl.genes` in words."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from marrowsig._gene_scale import CPM, VOOM, told
from marrowsig._p_values import p_equals
from marrowsig._rounded import in_interval
from marrowsig._sizes import one_each, sizes
from marrowsig.tl._explain_compare import level_of, number

if TYPE_CHECKING:
    from marrowsig.tl._explain_compare import Row

SETS = ("signature", "contrast", "n_genes", "scale", "roast_p_adj", "camera_stat", "camera_p_adj", "test")
GENES = ("gene", "contrast", "estimate", "ave_expr", "p_adj", "test")
OPEN = "not established, which is no evidence of no change"


def told_of_set(row: Row) -> str:
    """Say whether the genes of a signature change, and whether more than others do."""
    head = f"{row['signature']} on its genes, {_where(row)}"
    if isnan(number(row, "p")):
        return f"{head}: not tested; {_reason(row)}."
    unit = "log2 units" if row["scale"] == "log2 units" else "SD that genes of their expression have"
    moved = _verdict(row, {"up": "higher", "down": "lower"})
    found = [
        f"{head}: the mean change of {int(row['n_genes'])} genes is {_size(row)}, {moved}",
        _tested(row),
        f"{p_equals('adjusted p', row['p_adj'])} (Benjamini-Hochberg over the signatures, controls apart)",
        f"by rotations (roast) {p_equals('adjusted p', row['roast_p_adj'])}",
        _against_others(row),
    ]
    if isinstance(row.get("agree"), str) and row["agree"]:
        found.append(f"beside the scores ({row['score_method']}): {row['agree']}")
    return (
        f"{'; '.join(filter(None, found))}. Changes are in {unit}; genes that should fall count with changed "
        "sign. Intervals are not adjusted for the number of tests."
    )


def told_of_gene(row: Row) -> str:
    """Say how a gene changes."""
    head = f"{row['gene']}, {_where(row)}"
    if isnan(number(row, "p")):
        return f"{head}: not tested; {_reason(row)}."
    return (
        f"{head}: the {_change(row)} is {_size(row)}, {_verdict(row, {'up': 'higher', 'down': 'lower'})}; "
        f"{_tested(row)}; {p_equals('adjusted p', row['p_adj'])} (Benjamini-Hochberg over the genes of the "
        "contrast). Intervals are not adjusted for the number of tests."
    )


def _change(row: Row) -> str:
    scale = told([row["test"]])
    return f"difference of {scale}" if scale and scale not in (CPM, VOOM) else "log2 fold change"


def _where(row: Row) -> str:
    return f"{row['contrast']} [{row['stratum']}]" if row.get("stratum") else str(row["contrast"])


def _reason(row: Row) -> str:
    return str(row["test"]).removeprefix("not tested: ")


def _size(row: Row) -> str:
    level = f"{100 * (1 - level_of(row)):g} %"
    return in_interval(row["estimate"], row["ci_low"], row["ci_high"], level)


def _tested(row: Row) -> str:
    model, own, unit = one_each(row["test"])
    counts = f"n = {own}, one number per {unit} (of {sizes(row)} samples)" if own else f"n = {sizes(row)}"
    return f"{counts}; {model}; t({row['df']:.3g}) = {row['stat']:.3g}, {p_equals('p', row['p'])}"


def _verdict(row: Row, words: dict[str, str]) -> str:
    if not row["p_adj"] < level_of(row):
        return OPEN
    return words["up" if row["estimate"] > 0 else "down"]


def _against_others(row: Row) -> str:
    """Say whether these genes change more than the others (camera); nothing where that was not tested."""
    p = number(row, "camera_p_adj")
    if isnan(p):
        return ""
    told = p_equals("adjusted p", p)
    if not p < level_of(row):
        return f"that they change otherwise than the other genes is not established (camera, {told})"
    way = "more" if row["camera_stat"] > 0 else "less"
    return f"they rise {way} than the other genes do (camera, {told})"
