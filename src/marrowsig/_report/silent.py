"""A line on the genes that no arm expresses: how many, and what the other way of scoring would have given."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from marrowsig._errors import DesignError, InputError, InputWarning
from marrowsig._provenance import recall
from marrowsig._report.elements import Section, Words
from marrowsig._report.other_way import told, turned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._other_genes import Beside
    from marrowsig._report.elements import Given
    from marrowsig.design import Design

FEW = 0.05
"""A smaller share of all genes is not worth a line, unless it turns something."""
BY_RANKS = {"singscore", "ucell", "aucell", "ssgsea", "gsva"}
SETTLE = "Keep to the way that was settled on before results were seen, and report this beside it."


def section(given: Given) -> Section | None:
    """Say what a run found the other way."""
    beside: Beside | None = given.extras.get("beside")
    said = "" if beside is None else without(given.adata, given.design, beside, every=True)
    return Section("silent", "Do genes that no arm expresses matter?", [Words(said)]) if said else None


def without(
    adata: AnnData, design: Design | FormulaDesign | None, beside: Beside | None, *, every: bool = False
) -> str:
    """Say how many genes `ms.pp.expressed` leaves out, and what changes with the other way.

    Nothing for sums of cells, without counts, and of few genes that turn nothing.
    """
    if design is None:
        return ""
    n, most = (
        _counted(adata, design) if beside is None else (abs(beside.genes - beside.others), max(beside[:2]))
    )
    ranked = BY_RANKS & set(recall(adata, "scores", {}))
    if not n or ((n < FEW * most or not ranked) and (beside is None or not turned(beside))):
        return ""
    head = f"{n:,} of {most:,} genes are expressed in no arm and were "
    made = recall(adata, "expressed")
    left = made is not None
    head += (
        f"left out (ms.pp.expressed{_rule(made)}). With them"
        if left
        else "kept. Without them (ms.pp.expressed)"
    )
    said = "" if beside is None else told(beside, every=every)
    return f"{head} {said or 'scores can move.'} {SETTLE}"


def _rule(made: Mapping[str, Any]) -> str:
    """Say in how many samples a gene had to be expressed, and what asked for that many.

    >>> _rule({"min_count": 10.0, "samples": 8 / 3, "by": "model matrix"})
    ": 10 reads in 2.67 samples or more, by the formula's model matrix"
    """
    if "by" not in made:
        return ""
    by = "as many as the smallest arm has" if made["by"] == "arms" else "by the formula's model matrix"
    return f": {made['min_count']:g} reads in {made['samples']:.3g} samples or more, {by}"


def _counted(adata: AnnData, design: Design | FormulaDesign) -> tuple[int, int]:
    """Count the genes that would be left out, where nothing was asked among the others."""
    from marrowsig.pp import expressed

    most = adata.n_vars
    if recall(adata, "expressed"):
        return 0, most
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)
            kept = expressed(adata, design, copy=True)
    except (InputError, DesignError):
        return 0, most
    return 0 if kept is None else most - kept.n_vars, most
