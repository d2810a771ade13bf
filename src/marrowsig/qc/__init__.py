"""Quality control: what the data can and cannot say about a signature."""

from __future__ import annotations

from marrowsig.qc.coverage import coverage

__all__ = ["coverage"]
