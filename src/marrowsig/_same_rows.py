"""Samples that are the same, value by value, under two names: one was copied over the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._errors import first
from marrowsig._source import in_memory

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ROWS, FEWEST_GENES, FEWEST_VALUES = 2_000, 1_000, 50
"""Samples, not cells, and enough genes with enough different values that chance does not make two alike."""


def same_rows(x: Any, names: Sequence[str]) -> list[str]:
    """Say which rows are equal in every gene; nothing of files and of very many rows."""
    if not in_memory(x) or x.shape[0] > MOST_ROWS or x.shape[1] < FEWEST_GENES:
        return []
    sums = np.asarray(x.sum(axis=1, dtype=np.float64)).ravel()
    _, group, size = np.unique(sums, return_inverse=True, return_counts=True)
    alike: dict[bytes, list[str]] = {}
    for i in map(int, np.flatnonzero(size[group] > 1)):
        row = x[[i]].toarray().ravel() if issparse(x) else np.asarray(x[i])
        if np.unique(row).size >= FEWEST_VALUES:
            alike.setdefault(row.tobytes(), []).append(str(names[i]))
    told = [" = ".join(group) for group in alike.values() if len(group) > 1]
    if not told:
        return []
    msg = (
        f"Samples that are the same in every gene under two names: {first(told)}. One was copied over the "
        "other, or is listed twice; it is no replicate. Find the right column, or leave one out."
    )
    return [msg]
