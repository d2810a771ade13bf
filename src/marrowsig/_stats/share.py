"""Share of one profile in others, from genes that only this profile has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array

TRIM = 0.1


class Shares(NamedTuple):
    """One entry per sample.

    share, low, high  estimate, not below 0, and the ends of its interval
    spread            SD of the log2 ratios of the markers (from their MAD), of ratios above 0
    positive          part of the markers whose ratio is above 0
    """

    share: Array
    low: Array
    high: Array
    spread: Array
    positive: Array


def marker_shares(
    values: Array,
    background: Array,
    stroma: Array,
    *,
    rng: np.random.Generator,
    draws: int = 999,
    alpha: float = 0.05,
) -> Shares:
    """Weighted mean of the middle 80 % of markers of (x - a) / (s - a), with a bootstrap over markers.

    values, background  (n_samples, n_markers), per million; stroma (n_markers,)

    Each marker counts as much as it is expressed in stroma: of few reads the median lies below the mean, and
    an unweighted median comes out too low where most markers have few. For the same reason the interval holds
    what the bootstrap gives for the median and, where that is above zero, for the mean of the middle 80 %.
    Where it is not, noise is all there is, whose mean is above zero more often: the estimate is the median.
    """
    weight = stroma - background
    ratio = (values - background) / weight
    n, m = ratio.shape
    times = rng.multinomial(m, np.full(m, 1.0 / m), size=draws).astype(np.float64)
    share, low, high = np.empty((3, n))
    for i in range(n):
        order = np.argsort(ratio[i], kind="stable")
        values_i, weight_i = ratio[i][order], times[:, order] * weight[i][order]
        both = [_from_sorted(values_i, weight_i), _middle_mean(values_i, weight_i)]
        ends = np.quantile(both, [alpha / 2, 1 - alpha / 2], axis=1)
        shown = ends[0, 0] > 0
        ends = ends if shown else ends[:, :1]
        low[i], high[i] = ends[0].min(), ends[1].max()
        middle = _middle_mean if shown else _from_sorted
        share[i] = middle(values_i, weight[i][order][None])[0]
    spread = np.array([log_spread(r, w) for r, w in zip(ratio, weight, strict=True)])
    return Shares(
        np.maximum(share, 0.0),
        np.maximum(low, 0.0),
        np.clip(high, 0.0, 1.0),
        spread,
        (ratio > 0).mean(axis=1),
    )


def weighted_median(values: Array, weight: Array) -> float:
    """Middle of `values` (n,) when each counts as often as its `weight`; between two where they tie."""
    order = np.argsort(values, kind="stable")
    return float(_from_sorted(values[order], weight[order][None])[0])


def _from_sorted(values: Array, weight: Array) -> Array:
    """Weighted medians of sorted `values` (n,), one per row of `weight` (m, n)."""
    total = np.cumsum(weight, axis=1)
    half = total[:, -1:] / 2
    last = values.size - 1
    low = np.minimum((total < half * (1 - 1e-12)).sum(axis=1), last)
    high = np.minimum((total <= half * (1 + 1e-12)).sum(axis=1), last)
    return (values[low] + values[high]) / 2


def _middle_mean(values: Array, weight: Array) -> Array:
    """Weighted means of sorted `values` (n,) without a tenth of the weight at either end."""
    total = np.cumsum(weight, axis=1)
    inside = np.clip(total, TRIM * total[:, -1:], (1 - TRIM) * total[:, -1:])
    kept = np.diff(inside, axis=1, prepend=TRIM * total[:, -1:])
    return (kept @ values) / kept.sum(axis=1)


def log_spread(ratio: Array, weight: Array) -> float:
    """SD of log2 ratios (n,), by their weighted MAD; NaN where those above zero are less than half."""
    up = ratio > 0
    if not weight[up].sum() > weight.sum() / 2:
        return float("nan")
    logs = np.log2(ratio[up])
    far = np.abs(logs - weighted_median(logs, weight[up]))
    return 1.4826 * weighted_median(far, weight[up])


def pooled_share(
    found: Array, expected: Array, background: Array, *, alpha: float = 0.05
) -> tuple[Array, Array, Array]:
    """Share from few markers, or few reads: reads found less background, over reads of stroma alone.

    found       (n,) reads of all markers together
    expected    (n,) reads that as deep a library of stroma alone would have
    background  (n,) reads that blasts alone would have

    Returns the share and the ends of its interval, from those of a Poisson count.
    """
    low = np.where(found > 0, special.gammaincinv(np.maximum(found, 1e-12), alpha / 2), 0.0)
    high = special.gammaincinv(found + 1.0, 1 - alpha / 2)
    own = expected - background
    parts = [np.clip((count - background) / own, 0.0, 1.0) for count in (found, low, high)]
    return parts[0], parts[1], parts[2]
