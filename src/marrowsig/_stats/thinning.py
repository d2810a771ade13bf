"""Counts drawn down to fewer, without replacement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]

MOST = 10**9
"""Counts of one row that numpy can draw from."""


def thinned(counts: Counts, place: NDArray[np.int64], depth: int, rng: np.random.Generator) -> Counts:
    """Draw `depth` of the counts of one row: a multivariate hypergeometric.

    Counts of a multinomial that are thinned are counts of the same multinomial with fewer draws, so that rows
    thinned to one depth differ by chance and by their profiles alone. Genes are drawn in the order of their
    place, so that the order of the columns does not matter; genes without counts take no part.

    Parameters
    ----------
    counts
        Per gene; `depth` is at most their sum, which is below `MOST`.
    place
        Per gene: that of its name in the alphabet.
    """
    out = np.zeros_like(counts)
    seen = np.flatnonzero(counts)
    seen = seen[np.lexsort((counts[seen], place[seen]))]
    out[seen] = rng.multivariate_hypergeometric(counts[seen], depth, method="marginals")
    return out
