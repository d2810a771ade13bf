"""Tools: score signatures, compare groups, judge what an inhibitor undoes."""

from __future__ import annotations

from marrowsig.tl._claims_rules import claim_rules
from marrowsig.tl.chain import chain
from marrowsig.tl.claims import claims
from marrowsig.tl.compare import compare
from marrowsig.tl.compare_cells import compare_cells
from marrowsig.tl.contributions import contributions
from marrowsig.tl.explain import explain
from marrowsig.tl.gene_sets import gene_sets
from marrowsig.tl.genes import genes
from marrowsig.tl.meta import meta
from marrowsig.tl.multiverse import multiverse
from marrowsig.tl.percentile import percentile
from marrowsig.tl.power import power
from marrowsig.tl.questions import questions
from marrowsig.tl.reference import reference
from marrowsig.tl.rescue import rescue
from marrowsig.tl.score import score
from marrowsig.tl.sensitivity import sensitivity

__all__ = [
    "chain",
    "claim_rules",
    "claims",
    "compare",
    "compare_cells",
    "contributions",
    "explain",
    "gene_sets",
    "genes",
    "meta",
    "multiverse",
    "percentile",
    "power",
    "questions",
    "reference",
    "rescue",
    "score",
    "sensitivity",
]


def __dir__() -> list[str]:
    return sorted(__all__)
