"""ULM: the slope of a row's values on the weights of one set, as a t statistic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from marrowsig._kernels.gather import divide, per_set
from marrowsig._kernels.mean import spread_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.rows import Rows
    from marrowsig._kernels.sets import Sets


def ulm(x: Rows, sets: Sets) -> NDArray[np.float64]:
    """Univariate linear model: t of the correlation of the row with the weights (doi:10.1093/bioadv/vbac016).

    x       (n_obs, n_genes) log expression; all genes are observations, weight 0 outside the set
    out     (n_obs, n_sets), t with n_genes - 2 degrees of freedom; NaN where no member is present, where all
            genes have the same weight, and where a row is constant or differs in nothing but the set
    """
    p = x.shape[1]
    centre, square = x.moments()
    total, weights = per_set(sets.weight, sets), per_set(sets.weight**2, sets)
    spread = weights - total**2 / p
    spread = np.where((sets.found > 0) & (spread > 1e-12 * weights), spread, np.nan)
    excess = x.sums(sets) - total * centre[:, None]
    r = divide(excess, np.sqrt(spread * spread_of(square, centre, p)[:, None]))
    left = (1 - r) * (1 + r)
    # A rest of 1e-12 is rounding, and t would be made of it.
    return r * np.sqrt(divide(np.full_like(r, p - 2.0), np.where(left > 1e-12, left, 0.0)))


def ulm_p(x: Rows, sets: Sets) -> NDArray[np.float64]:
    """Two-sided p of `ulm` (n_obs, n_sets); the genes are taken to be independent, which they are not."""
    return np.asarray(2 * special.stdtr(x.shape[1] - 2, -np.abs(ulm(x, sets))))
