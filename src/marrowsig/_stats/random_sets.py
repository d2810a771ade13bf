"""Whether a signature moved more than random sets of its kind did."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from marrowsig._stats.ols import fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class Beyond(NamedTuple):
    """What a score did beyond random ones: `null` is theirs, `low` and `high` the interval of `excess`."""

    null: float
    excess: float
    low: float
    high: float
    p: float
    n: int


def beyond_random(y: Array, random: Array, X: Array, c: Array, *, alpha: float = 0.05) -> Beyond:
    """Compare the contrast of a score with those of its random sets, each less what random sets do.

    From every row its median random score is taken first. A shift that all genes of a sample share, such as
    one of its depth, would else stand in the standard error of every set though the sets agree in it: the
    distances of random sets would be small beside those of a signature whose genes vary together (level 0.1
    to 0.3 where such shifts differ between pairs).

    y       (rows,) scores of the signature
    random  (rows, n_sets) scores of its random sets
    X, c    the model and its contrast
    """
    middle = np.median(random, axis=1, keepdims=True)
    own, null = fit(y[:, None] - middle, X, c), fit(random - middle, X, c)
    left, p, n = against_random(own.estimate[0], own.se[0], null.estimate, null.se)
    low, high = (float(end[0] - left) for end in own.interval(alpha))
    shared = fit(middle, X, c).estimate[0] + left
    return Beyond(float(shared), float(own.estimate[0] - left), low, high, float(p), int(n))


def against_random(
    estimate: Array, se: Array, null_estimate: Array, null_se: Array
) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return the median of the random estimates, a two-sided p, and the number of random sets, each (...,).

    Each set's distance from that median is divided by its own standard error. Genes of a signature are
    correlated and those of a random set are not, so a signature without any effect lies far out among raw
    estimates (level 0.30 to 0.45); in standard errors it does not. The median takes out a shift that all
    genes of that expression share.

    estimate, se            (...,) of the signature
    null_estimate, null_se  (..., n_sets) of its random sets; those without a standard error are left out

    p is (b + 1) / (n_sets + 1), b being the random sets at least as far out; NaN where the signature has no
    standard error or no random set is left.
    """
    known = np.isfinite(null_estimate) & (null_se > 0)
    n = known.sum(axis=-1)
    middle = _median(np.where(known, null_estimate, np.nan), n)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.abs(estimate - middle) / np.where(se > 0, se, np.nan)
        other = np.where(known, np.abs(null_estimate - middle[..., None]) / null_se, -np.inf)
    p = ((other >= own[..., None]).sum(axis=-1) + 1) / (n + 1)
    return middle, np.where(np.isnan(own), np.nan, p), n


def _median(values: Array, n: NDArray[np.int64]) -> Array:
    """Median of the first `n` of the sorted values, NaN being last."""
    ordered = np.sort(values, axis=-1)
    last = values.shape[-1] - 1
    low, high = (np.clip(at, 0, last)[..., None] for at in ((n - 1) // 2, n // 2))
    middle = (np.take_along_axis(ordered, low, axis=-1) + np.take_along_axis(ordered, high, axis=-1)) / 2
    return np.where(n > 0, middle[..., 0], np.nan)
