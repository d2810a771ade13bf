"""Which sums of cells hold several levels of a column: those among some rows, and how many they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from marrowsig._provenance import recall

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

SAID = "Sums add up several levels of"


class Mixed(NamedTuple):
    """Columns with the most levels of a sum, empty for none; how many sums are mixed, of how many.

    The numbers are 0 where the record does not say which sums are mixed.
    """

    several: str
    n: int = 0
    of: int = 0

    @property
    def some(self) -> bool:
        """Whether a part of the sums is mixed, and not all."""
        return 0 < self.n < self.of


def mixed_among(adata: AnnData, rows: Iterable[int] | None = None) -> Mixed:
    """Look up the sums of these rows, or of all, that hold several levels of a column.

    Older records, and rows that have other names by now, give what was said of all sums.

    >>> import anndata as ad, numpy as np, pandas as pd
    >>> made = {"several": "'day' (up to 3)", "sums": '["a", "b"]', "mixed": '{"day": {"b": 3}}'}
    >>> sums = ad.AnnData(np.zeros((2, 1)), obs=pd.DataFrame(index=["a", "b"]))
    >>> sums.uns["marrowsig"] = {"pseudobulk": made}
    >>> mixed_among(sums)
    Mixed(several="'day' (up to 3)", n=1, of=2)
    >>> mixed_among(sums, [0])
    Mixed(several='', n=0, of=1)
    """
    made: dict[str, Any] = recall(adata, "pseudobulk", {})
    several = str(made.get("several", ""))
    names = list(adata.obs_names if rows is None else adata.obs_names[sorted(set(rows))])
    known = set(json.loads(str(made.get("sums", "[]"))))
    if not several or "mixed" not in made or not known.issuperset(names):
        return Mixed(several)
    levels: dict[str, dict[str, int]] = json.loads(str(made["mixed"]))
    columns = sorted(levels, key=lambda column: several.find(repr(column)))  # JSON has sorted them
    own = {column: [levels[column][name] for name in names if name in levels[column]] for column in columns}
    told = ", ".join(f"{column!r} (up to {max(counts)})" for column, counts in own.items() if counts)
    return Mixed(told, sum(any(name in of for of in levels.values()) for name in names), len(names))
