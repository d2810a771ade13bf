"""Quality control: what the data can and cannot say about a signature."""

from __future__ import annotations

from marrowsig.qc.agree import agree
from marrowsig.qc.cell_share import cell_share
from marrowsig.qc.coherence import coherence
from marrowsig.qc.coverage import coverage
from marrowsig.qc.cycle import cycle
from marrowsig.qc.maturation import maturation
from marrowsig.qc.null import null
from marrowsig.qc.overlap import overlap
from marrowsig.qc.sex_share import sex_share
from marrowsig.qc.species_share import species_share
from marrowsig.qc.stroma import stroma

__all__ = [
    "agree",
    "cell_share",
    "coherence",
    "coverage",
    "cycle",
    "maturation",
    "null",
    "overlap",
    "sex_share",
    "species_share",
    "stroma",
]


def __dir__() -> list[str]:
    return sorted(__all__)
