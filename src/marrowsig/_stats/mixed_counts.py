"""Counts of blasts with a share of stroma among them, as few as a row has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array

    Counts = NDArray[np.int64]


def at_depth(counts: Counts, depth: float, level: Array, rng: np.random.Generator) -> Counts:
    """Bring the counts (n_genes,) of one row to `depth`.

    Those of a deeper row are thinned; to those of a shallower one, Poisson counts of its `level` (n_genes,),
    per million, are added.
    """
    total = float(counts.sum())
    if total >= depth:
        return rng.binomial(counts, depth / total)
    return np.asarray(counts + rng.poisson((depth - total) * level / 1e6))


def mixed_counts(counts: Counts, stroma: Array, share: float, rng: np.random.Generator) -> Counts:
    """Replace `share` of the counts (n_genes,) by Poisson counts of `stroma` (n_genes,), per million."""
    come = rng.poisson(share * counts.sum() * stroma / 1e6)
    return np.asarray(rng.binomial(counts, 1.0 - share) + come)
