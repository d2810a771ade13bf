"""Whether two groups of units are made of unlike parts: shares of cell types in donors of two arms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist, pdist
from scipy.stats import rankdata

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

BOUNDS = {2: (0.6, 0.9), 3: (0.3, 0.8), 4: (0.3, 0.75)}
"""By the units of the smaller group (4 and more): part of the cells that has to be of other types, and share
of comparisons in which units of two groups have to differ more than units of one (docs/calibration.md).
"""
FEWEST_PAIRS, MOST_PAIRS = 3, 0.75
"""Pairs that are needed, and the share of them that has to differ."""
NEARLY_ALL, CLEARLY = 0.8, 0.35
"""Where fewer of the pairs than the first differ, as three of four, the mean shares have to by the second."""


def unlike(a: Array, b: Array) -> bool:
    """Whether shares (units x parts, each row summing to 1) differ clearly between two groups.

    Asked for are two units in each group; mean shares between which a large part of the cells would have to
    change its type (half the sum of absolute differences); and distances (of the same kind) between units of
    different groups that mostly exceed those within a group, so that donors who differ among each other are
    no alarm. The last is the statistic of ANOSIM as an AUC. `BOUNDS` has the bounds.

    Source: Clarke, Australian Journal of Ecology 1993, doi:10.1111/j.1442-9993.1993.tb00438.x
    """
    fewest = min(len(a), len(b))
    if fewest < 2:
        return False
    moved = float(np.abs(a.mean(axis=0) - b.mean(axis=0)).sum() / 2)
    least, clear = BOUNDS[min(fewest, max(BOUNDS))]
    return bool(moved >= least and apart(a, b) >= clear)


def unlike_in_pairs(a: Array, b: Array) -> bool:
    """Whether shares differ clearly within pairs; row i of `a` and of `b` are of one pair.

    Asked for are three pairs; mean shares that differ as `BOUNDS` asks for; and three quarters of the pairs
    in which as large a part of the cells differs, and in which the type that differs most moves one way; of
    fewer than four fifths, mean shares that differ by `CLEARLY`.
    Donors who differ among each other hide such a difference from `unlike`.
    """
    n = len(a)
    if n < FEWEST_PAIRS:
        return False
    change = a - b
    mean = change.mean(axis=0)
    moved = np.abs(mean).sum() / 2
    least = BOUNDS[max(BOUNDS)][0]
    most = int(np.argmax(np.abs(mean)))
    same = np.sign(change[:, most]) == np.sign(mean[most])
    large = np.abs(change).sum(axis=1) / 2 >= least
    agree = min(same.mean(), large.mean())
    return bool(agree >= MOST_PAIRS and moved >= (least if agree >= NEARLY_ALL else CLEARLY))


def apart(a: Array, b: Array) -> float:
    """Share of comparisons of a distance between groups with one within, in which the former is larger."""
    between = cdist(a, b, "cityblock").ravel()
    within = np.concatenate([pdist(a, "cityblock"), pdist(b, "cityblock")])
    ranks = rankdata(np.round(np.concatenate([between, within]), 12))[: len(between)]
    return float((ranks.sum() - len(between) * (len(between) + 1) / 2) / (len(between) * len(within)))
