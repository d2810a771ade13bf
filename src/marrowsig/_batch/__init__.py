"""Several studies: each scored and compared by itself, then pooled and reported on one page."""

from __future__ import annotations

from marrowsig._batch.job import batch

__all__ = ["batch"]
