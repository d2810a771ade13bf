"""Weighted mean and weighted sum of the members, and the mean against random genes of the same row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._kernels.gather import divide, per_set

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.rows import Rows
    from marrowsig._kernels.sets import Sets


def mean(x: Rows, sets: Sets) -> NDArray[np.float64]:
    """Sum of w x over the present members, divided by the sum of |w|.

    x       (n_obs, n_genes) log expression
    out     (n_obs, n_sets) in the unit of `x`; NaN where no member is present
    """
    return divide(x.sums(sets), per_set(np.abs(sets.weight), sets))


def wsum(x: Rows, sets: Sets) -> NDArray[np.float64]:
    """Sum of w x over the present members.

    x       (n_obs, n_genes) log expression
    out     (n_obs, n_sets) in the unit of `x`; NaN where no member is present
    """
    return np.where(sets.found > 0, x.sums(sets), np.nan)


def wmean_z(x: Rows, sets: Sets) -> NDArray[np.float64]:
    """Put the weighted mean in standard deviations of its permutation distribution, in closed form.

    x       (n_obs, n_genes) log expression
    out     (n_obs, n_sets); NaN where no member is present, where every gene of the matrix has the same
            weight, and where a row is constant

    The distribution is that of the sum of w x when the values of the row are dealt out to genes at random:
    its mean and variance follow from those of the row (doi:10.1093/bioadv/vbac016 draws instead).
    """
    p = x.shape[1]
    centre, square = x.moments()
    total, weights = per_set(sets.weight, sets), per_set(sets.weight**2, sets)
    spread = weights - total**2 / p
    excess = x.sums(sets) - total * centre[:, None]
    # Equal weights on every gene leave nothing to permute; rounding must not make that a number.
    spread = np.where((sets.found > 0) & (spread > 1e-12 * weights), spread, np.nan)
    return divide(excess, np.sqrt(spread * spread_of(square, centre, p)[:, None] / (p - 1)))


def zsample(x: Rows, sets: Sets, *, center: bool = True) -> NDArray[np.float64]:
    """Mean of the members against the mean of the row, in standard errors of the row's values.

    x       (n_obs, n_genes) log expression
    center  subtract the mean of the row from every value; without it, 0 is the reference
    out     (n_obs, n_sets); sum of w (x - mean) / sum of |w|, times sqrt(members) / SD of the row (n - 1);
            NaN where no member is present and where a row is constant
    """
    p = x.shape[1]
    mid, square = x.moments()
    shift = per_set(sets.weight, sets) * mid[:, None] if center else 0.0
    score = divide(x.sums(sets) - shift, per_set(np.abs(sets.weight), sets))
    sd = np.sqrt(spread_of(square, mid, p) / max(p - 1, 1))
    return divide(score * np.sqrt(sets.found), sd[:, None])


def spread_of(square: NDArray[np.float64], centre: NDArray[np.float64], p: int) -> NDArray[np.float64]:
    """Centred sum of squares of a row, exactly zero where it is nothing but rounding."""
    return np.where(square > 1e-24 * p * centre**2, square, 0.0)
