"""One self-contained HTML page from scores, contrasts and figures."""

from __future__ import annotations

from marrowsig._report.page import report
from marrowsig._report.paper import methods_text

__all__ = ["methods_text", "report"]
