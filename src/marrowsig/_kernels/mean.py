"""Weighted mean of the members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._kernels.gather import divide, member_sums, per_set

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets


def mean(x: NDArray[np.float64], sets: Sets) -> NDArray[np.float64]:
    """Sum of w x over the present members, divided by the sum of |w|.

    x       (n_obs, n_genes) log expression
    out     (n_obs, n_sets) in the unit of `x`; NaN where no member is present
    """
    return divide(member_sums(x, sets), per_set(np.abs(sets.weight), sets))
