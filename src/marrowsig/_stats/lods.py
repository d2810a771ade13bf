"""B statistic: log odds that a gene differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special
from scipy.stats import rankdata

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array


def lods(
    t: Array,
    df: Array,
    unscaled: Array,
    *,
    proportion: float,
    limits: tuple[float, float],
    normal: NDArray[np.bool_],
) -> tuple[Array, float]:
    """Return B per gene and the prior variance of effects (over the residual variance).

    Parameters
    ----------
    t, df, unscaled
        Moderated t, its df, and standard error over sigma; one per gene.
    proportion
        Prior share of genes that differ.
    limits
        Least and largest prior variance.
    normal
        Where the prior df are as good as infinite, so t is normal.

    Source: Smyth 2004, doi:10.2202/1544-6115.1027
    """
    v0 = effect_variance(t, df, unscaled, proportion=proportion, limits=limits)
    r = (unscaled**2 + v0) / unscaled**2
    with np.errstate(invalid="ignore"):
        gain = (1 + df) / 2 * np.log((t**2 + df) / (t**2 / r + df))
    gain = np.where(normal, t**2 * (1 - 1 / r) / 2, gain)
    return special.logit(proportion) - np.log(r) / 2 + gain, v0


def effect_variance(
    t: Array, df: Array, unscaled: Array, *, proportion: float, limits: tuple[float, float]
) -> float:
    """Mean of the variances that put the largest |t| where a mixture of null and true effects would."""
    known = np.flatnonzero(~np.isnan(t))
    if len(known) == 0:
        return float("nan")
    size, u, most = np.abs(t[known]), unscaled[known], float(df[known].max())
    size = np.where(df[known] < most, _same_tail(size, df[known], most), size)
    n = len(known)
    top = np.argsort(-size, kind="stable")[: int(np.ceil(proportion / 2 * n))]
    share = max(len(top) / n, proportion)
    null = 2 * special.stdtr(most, -size[top])
    target = ((rankdata(-size[top], method="ordinal") - 0.5) / n - (1 - share) * null) / share
    above = target > null
    quantile = -special.stdtrit(most, np.where(above, target, 1.0) / 2)
    with np.errstate(divide="ignore"):
        v0 = np.where(above, u[top] ** 2 * ((size[top] / quantile) ** 2 - 1), 0.0)
    return float(np.clip(v0, *limits).mean())


def _same_tail(size: Array, df: Array, most: float) -> Array:
    """Return the t with `most` df that has the same tail probability."""
    return -special.stdtrit(most, special.stdtr(df, -size))
