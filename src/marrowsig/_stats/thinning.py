"""Counts drawn down to fewer, without replacement."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]

MOST = 10**9
"""Counts of one row that numpy can draw from."""


def balanced(
    counts: Counts, place: NDArray[np.int64], depth: int, n: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw `depth` of the counts of one row, `n` times: each a multivariate hypergeometric.

    Counts of a multinomial that are thinned are counts of the same multinomial with fewer draws, so that rows
    thinned to one depth differ by chance and by their profiles alone. The draws are arcs of all counts in one
    random order on a circle, evenly spaced, so that every count is in as many of them as every other, to one:
    what differs between draws nearly cancels in a mean over them, unlike with draws apart from each other.
    Genes are taken in the order of their place, so that the order of the columns does not matter; genes
    without counts take no part.

    Parameters
    ----------
    counts
        Per gene; `depth` is at most their sum, which is below `MOST`.
    place
        Per gene: that of its name in the alphabet.

    Returns
    -------
    array
        Draws x genes.
    """
    out, total = np.tile(counts, (n, 1)), int(counts.sum())
    if depth == total:
        return out
    seen = np.flatnonzero(counts)
    seen = seen[np.lexsort((counts[seen], place[seen]))]
    start = np.arange(n) * total // n
    end = start + depth
    cuts = np.unique(np.concatenate([start, end % total, [total]]))
    below, left = {0: np.zeros(len(seen), dtype=np.int64)}, counts[seen]
    for a, b in pairwise(cuts.tolist()):
        part = rng.multivariate_hypergeometric(left, b - a, method="marginals")
        below[b], left = below[a] + part, left - part
    for k, (a, b) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        over = below[b] if b <= total else below[total] + below[b - total]
        out[k, seen] = over - below[a]
    return out
