"""Read expression files.

`read` takes any of the usual shapes of a matrix and its sample sheet and returns AnnData.
"""

from __future__ import annotations

from marrowsig.io._read import read

__all__ = ["read"]


def __dir__() -> list[str]:
    return sorted(__all__)
