"""Reads of one species in cells of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import special

from marrowsig._stats.binomial import exact_interval

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array


class Leakage(NamedTuple):
    """`share` of foreign reads in cells, with its interval, and the `ambient` that would give it."""

    n: int
    share: float
    low: float
    high: float
    pool: float
    ambient: float


def leakage(foreign: Array, total: Array, pool: float, *, alpha: float = 0.05) -> Leakage:
    """Pooled share of foreign reads over cells of one species.

    foreign, total  (n_cells,) reads
    pool            share of the foreign species in all reads, which is what floats between the cells

    The interval takes cells, not reads, as independent (linearised ratio, t quantile).
    """
    n = total.size
    if n < 2 or total.sum() <= 0:
        return Leakage(n, np.nan, np.nan, np.nan, pool, np.nan)
    share = float(foreign.sum() / total.sum())
    rest = foreign - share * total
    error = float(np.sqrt(n / (n - 1) * (rest**2).sum()) / total.sum())
    reach = float(special.stdtrit(n - 1, 1 - alpha / 2)) * error
    ambient = share / pool if pool > 0 else np.nan
    return Leakage(n, share, max(share - reach, 0.0), min(share + reach, 1.0), pool, ambient)


def doublets(human: int, mouse: int, mixed: int, *, alpha: float = 0.05) -> tuple[float, float, float]:
    """Share of all droplets with two cells, those of one species included, and its exact interval.

    Of two cells that meet at random, 2 p (1 - p) are of different species, with p the share of human cells.
    """
    n = human + mouse + mixed
    if n == 0:
        return np.nan, np.nan, np.nan
    p = (human + mixed / 2) / n
    seen = 2 * p * (1 - p)
    if seen <= 0:
        return np.nan, np.nan, np.nan
    low, high = exact_interval(np.array(mixed), np.array(mixed), n, alpha=alpha)
    return min(mixed / n / seen, 1.0), min(float(low) / seen, 1.0), min(float(high) / seen, 1.0)
