"""Quality control: what the data can and cannot say about a signature."""

from __future__ import annotations

from marrowsig.qc.agree import agree
from marrowsig.qc.coherence import coherence
from marrowsig.qc.coverage import coverage
from marrowsig.qc.cycle import cycle
from marrowsig.qc.maturation import maturation
from marrowsig.qc.null import null
from marrowsig.qc.overlap import overlap

__all__ = ["agree", "coherence", "coverage", "cycle", "maturation", "null", "overlap"]
