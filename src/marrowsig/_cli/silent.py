"""A line on the genes that no arm expresses: how many, and what the other way of scoring would have given."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from marrowsig._cli.other_way import told, turned
from marrowsig._errors import DesignError, InputError, InputWarning
from marrowsig._provenance import recall

if TYPE_CHECKING:
    from marrowsig._run import Run

FEW = 0.05
"""A smaller share of all genes is not worth a line, unless it turns something."""
BY_RANKS = {"singscore", "ucell", "aucell", "ssgsea", "gsva"}
SETTLE = "Keep to the way that was settled on before results were seen, and report this beside it."


def of_silent(done: Run, *, every: bool = False) -> str:
    """Say how many genes `--expressed` leaves out, and what changes with the other way.

    Nothing for sums of cells, without counts, and of few genes that turn nothing.
    """
    if done.design is None:
        return ""
    beside = done.beside
    n, most = _counted(done) if beside is None else (abs(beside.genes - beside.others), max(beside[:2]))
    ranked = BY_RANKS & set(recall(done.adata, "scores", {}))
    if not n or ((n < FEW * most or not ranked) and (beside is None or not turned(beside))):
        return ""
    left = recall(done.adata, "expressed") is not None
    head = f"{n:,} of {most:,} genes are expressed in no arm and were "
    head += "left out (--expressed). With them" if left else "kept. Without them (--expressed)"
    said = "" if beside is None else told(beside, every=every)
    return f"{head} {said or 'scores can move.'} {SETTLE}"


def _counted(done: Run) -> tuple[int, int]:
    """Count the genes that would be left out, where nothing was asked among the others."""
    from marrowsig.pp import expressed

    most = done.adata.n_vars
    if done.design is None or recall(done.adata, "expressed"):
        return 0, most
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)
            kept = expressed(done.adata, done.design, copy=True)
    except (InputError, DesignError):
        return 0, most
    return 0 if kept is None else most - kept.n_vars, most
