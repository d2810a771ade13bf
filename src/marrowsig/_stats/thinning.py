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


ARCS = 10
"""Draws from one order of the counts: more of them share too many pairs of counts to add much."""


def balanced(
    counts: Counts, place: NDArray[np.int64], depth: int, n: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw `depth` of the counts of one row, `n` times: each a multivariate hypergeometric.

    Counts of a multinomial that are thinned are counts of the same multinomial with fewer draws, so that rows
    thinned to one depth differ by chance and by their profiles alone. Up to `ARCS` draws are arcs of all
    counts in one random order on a circle, evenly spaced, so that every count is in as many of them as every
    other, to one: what differs between draws nearly cancels in their mean, unlike with draws apart from each
    other. Genes are taken in the order of their place, so that the order of the columns does not matter;
    genes without counts take no part.

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
    out = np.tile(counts, (n, 1))
    if depth == counts.sum():
        return out
    seen = np.flatnonzero(counts)
    seen = seen[np.lexsort((counts[seen], place[seen]))]
    for one in np.array_split(np.arange(n), -(-n // ARCS)):
        out[np.ix_(one, seen)] = _arcs(counts[seen], depth, len(one), rng)
    return out


def _arcs(counts: Counts, depth: int, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return arcs of one circle, arcs x genes, from the counts between all their ends."""
    total = int(counts.sum())
    start = np.arange(n) * total // n
    end = start + depth
    cuts = np.unique(np.concatenate([start, end % total, [total]])).tolist()
    below, left = {0: np.zeros_like(counts)}, counts
    for a, b in pairwise(cuts):
        part = rng.multivariate_hypergeometric(left, b - a, method="marginals")
        below[b], left = below[a] + part, left - part
    over = [below[b] if b <= total else counts + below[b - total] for b in end.tolist()]
    return np.array(over) - np.array([below[a] for a in start.tolist()])
