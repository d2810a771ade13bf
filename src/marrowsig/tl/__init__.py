"""Tools: score signatures, compare groups."""

from __future__ import annotations

from marrowsig.tl.compare import compare
from marrowsig.tl.score import score

__all__ = ["compare", "score"]
