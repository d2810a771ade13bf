"""One self-contained HTML page from scores, contrasts and figures."""

from __future__ import annotations

from marrowsig._report.page import report

__all__ = ["report"]
