"""Share of one profile in rows of few counts, from all of its markers together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats.share import pooled_share, weighted_median

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array

ENOUGH = 5.0
"""Reads of the middle marker from which its ratio tells more than that it was read or not."""


def share_of_few(
    values: Array,
    background: Array,
    stroma: Array,
    depth: float,
    *,
    rng: np.random.Generator,
    draws: int = 999,
    alpha: float = 0.05,
) -> tuple[float, float, float] | None:
    """Share of one row, and the ends of its interval; None where its markers have reads `ENOUGH`.

    values, background  (n_markers,), per million; stroma (n_markers,); depth: counts of the row

    Most markers of few reads have none, so that the median of their ratios is 0 whatever the share is. Reads
    of all markers are added up; the interval holds that of a Poisson count and that of a bootstrap over
    markers.
    """
    weight, reads = stroma - background, depth / 1e6
    if weighted_median(values * reads, weight) >= ENOUGH:
        return None
    totals = [np.array([(x * reads).sum()]) for x in (values, stroma, background)]
    share, low, high = (float(x[0]) for x in pooled_share(*totals, alpha=alpha))
    times = rng.multinomial(stroma.size, np.full(stroma.size, 1.0 / stroma.size), size=draws)
    means = (times @ (values - background)) / np.maximum(times @ weight, 1e-12)
    ends = np.quantile(means, [alpha / 2, 1 - alpha / 2])
    return share, max(min(low, float(ends[0])), 0.0), min(max(high, float(ends[1])), 1.0)
