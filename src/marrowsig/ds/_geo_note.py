"""Keep with the data where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

import pandas as pd

from marrowsig._download import fetched, record

if TYPE_CHECKING:
    from pathlib import Path

    from marrowsig._download import Remote


class Options(TypedDict):
    """What is handed on to `ms.io.read`."""

    kind: str | None
    genome: str | None
    orientation: Literal["genes_by_samples", "samples_by_genes"] | None
    gene_column: str | None
    missing: Literal["refuse", "drop"]


class Sources:
    """Files that a result was made of, in the order in which they were used, and what was decided."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []
        self.decisions: list[str] = []

    def get(self, remote: Remote) -> Path:
        """Fetch a file, or take it from the cache, and note it."""
        path = fetched(remote)
        said = record(remote)
        row = {"file": path.name, "url": remote.url, "bytes": path.stat().st_size}
        row |= {key: str(said.get(key, "")) for key in ("sha256", "retrieved")}
        if row not in self._rows:
            self._rows.append(row)
        return path

    def note(self, **facts: str) -> dict[str, Any]:
        """Return what goes to `uns["marrowsig"]["source"]`."""
        return facts | {"decisions": "; ".join(self.decisions), "files": pd.DataFrame(self._rows)}
