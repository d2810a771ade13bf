"""Combined z-score: every gene in standard deviations of the cohort, then summed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._kernels.gather import divide, per_set
from marrowsig._kernels.tile import tile_dense

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.moments import Genes
    from marrowsig._kernels.rows import Rows
    from marrowsig._kernels.sets import Sets


def zscore(x: Rows, sets: Sets, *, genes: Genes) -> NDArray[np.float64]:
    """Sum of w z over the members, divided by sqrt(sum w^2) (doi:10.1371/journal.pcbi.1000217).

    x       (n_obs, n_genes) log expression, zeros are values like any other
    genes   mean and standard deviation (n - 1) of every gene over all rows
    out     (n_obs, n_sets); genes that are constant over the cohort are left out; NaN where none is left

    The moments come from all rows: adding a row changes every score.
    """
    sd = genes.sd
    weight = np.where(sd[sets.idx] > 0, sets.weight, 0.0)
    used = replace(sets, weight=weight)
    # Centred before it is scaled: a gene that hardly varies would lose its digits in a difference of sums.
    # In place, because each thread would hold two more arrays of its rows.
    z = x.dense_members()
    z -= genes.mean[x.columns]
    z /= np.where(sd > 0, sd, 1.0)
    return divide(tile_dense(z, used), np.sqrt(per_set(weight**2, sets)))
