"""Random gene sets that are expressed like a given one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from marrowsig._errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 20


class ExhaustedError(InputError):
    """An expression bin has too few genes to draw from."""


def expression_bins(mean: NDArray[np.float64], n: int = BINS) -> NDArray[np.int64]:
    """Bin of every gene, `n` bins of about equal size by mean; equal means share a bin."""
    place = (rankdata(mean) - 0.5) / mean.size
    return np.minimum((place * n).astype(np.int64), n - 1)


def matched_sets(
    mean: NDArray[np.float64],
    members: NDArray[np.int64],
    *,
    n_sets: int,
    rng: np.random.Generator,
    exclude: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """Draw sets without replacement, gene j of each from the expression bin of `members[j]`.

    mean     (n_genes,) mean expression, which makes the bins
    members  (k,) columns of the set; never drawn
    exclude  (n_genes,) further genes that may not be drawn

    Returns columns (n_sets, k). Gene j takes the sign and weight of `members[j]`.
    Raises ExhaustedError, an InputError, if a bin has fewer genes than are to be drawn from it.
    """
    bins = expression_bins(mean)
    free = np.ones(mean.size, dtype=bool) if exclude is None else ~exclude
    free[members] = False
    drawn = np.empty((n_sets, members.size), np.int64)
    for b in np.unique(bins[members]):
        places = np.flatnonzero(bins[members] == b)
        pool = np.flatnonzero(free & (bins == b))
        if pool.size < places.size:
            msg = (
                f"Expression bin {b + 1} of {BINS} has {pool.size} genes to draw from, but the signature has "
                f"{places.size} in it. Use data with more genes, or a shorter signature."
            )
            raise ExhaustedError(msg)
        drawn[:, places] = pool[_first(rng.random((n_sets, pool.size)), places.size)]
    return drawn


def _first(keys: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """Places of the `n` smallest keys of every row, the smallest first: a random order, too."""
    some = np.argpartition(keys, n - 1, axis=1)[:, :n] if n < keys.shape[1] else None
    if some is None:
        return np.argsort(keys, axis=1)
    return np.take_along_axis(some, np.argsort(np.take_along_axis(keys, some, axis=1), axis=1), axis=1)


def percentile(value: NDArray[np.float64], null: NDArray[np.float64]) -> NDArray[np.float64]:
    """Per cent of `null` (n_sets, ...) below `value` (...), ties counted half; NaN in `null` left out."""
    known = (~np.isnan(null)).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = ((null < value).sum(axis=0) + 0.5 * (null == value).sum(axis=0)) / known
    return np.where(np.isnan(value), np.nan, 100 * share)
