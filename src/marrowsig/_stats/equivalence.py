"""Two one-sided tests: whether an estimate is shown to lie within a margin of zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array, Fit


def equivalence(fit: Fit, margin: Array | float, *, alpha: float) -> tuple[Array, Array, Array]:
    """Return p of "beyond the margin", and the ends of the `1 - 2 alpha` interval.

    p is below `alpha` exactly where that interval lies inside (-margin, margin). `alpha` is below one half.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(fit.se > 0, (np.asarray(margin) - np.abs(fit.estimate)) / fit.se, np.nan)
    # The side that is nearer to its margin has the larger of the two p.
    return special.stdtr(fit.df, -room), *fit.interval(2 * alpha)
