"""ssGSEA: the running sum of a set over the ranked genes of one row, in closed form."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from marrowsig._kernels.gather import divide
from marrowsig._kernels.ssgsea_full import is_full, sums_of_full_rows
from marrowsig._kernels.tile import tile_dense

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from marrowsig._kernels.ranked import Ranked
    from marrowsig._kernels.sets import Sets

    Three = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]

NORMALIZE = ("genes", "none", "range")


def ssgsea(
    ranks: Ranked,
    sets: Sets,
    *,
    alpha: float = 0.25,
    ties: Literal["average", "first"] = "average",
    normalize: Literal["genes", "none", "range"] = "genes",
) -> NDArray[np.float64]:
    """Enrichment score of ssGSEA, ES_up - ES_down (doi:10.1038/nature08460).

    ranks      every row ranked
    alpha      power of the ranks that weigh the steps
    ties       "average": the expectation over all orders of tied genes, so that the order of the columns does
               not matter; "first": earlier columns first and ranks cut to integers, as GSVA for R does
    normalize  "genes": divided by the number of genes, in [-2, 2] (one direction: [-1, 1]); "none": the sum
               itself; "range": divided by the range over all rows and sets, as GSVA does by default, which
               couples the rows (`divide_by_range` does it, once all rows are there)
    out        (n_obs, n_sets); NaN where no member is present, where a part covers all genes, and where
               a row has no order

    Weights count by their sign.
    """
    if ties not in ("average", "first") or normalize not in NORMALIZE:
        msg = f"ties={ties!r}, normalize={normalize!r}: use 'average' or 'first', and one of {NORMALIZE}"
        raise ValueError(msg)
    three = _three_sums(ranks, alpha, ties)
    score = np.zeros((ranks.flat.size, len(sets)))
    for sign in (1, -1):
        part = sets.part(sign)
        if part.idx.size:
            score += sign * np.where(part.found > 0, _es(*three(part), part), 0.0)
    score[:, sets.found == 0] = np.nan
    score[ranks.flat] = np.nan
    return score / sets.n_genes if normalize == "genes" else score


def _three_sums(ranks: Ranked, alpha: float, ties: str) -> Callable[[Sets], Three]:
    """How to sum, over the members of every set: rank x power of the rank, that power, the rank."""
    if ties == "first":
        place, step = ranks.first(), np.floor(ranks.spread(ranks.mean)) ** alpha
        return lambda part: (tile_dense(place * step, part), tile_dense(step, part), tile_dense(place, part))
    powers = _powers(ranks.n_genes, alpha)
    if is_full(ranks):
        return lambda part: sums_of_full_rows(ranks, powers, part)
    place, step = ranks.mean, powers.take((2 * ranks.mean).astype(np.int64), mode="clip")
    product = place * step
    return lambda part: (
        ranks.sums(product, part),
        ranks.sums(step, part),
        ranks.sums(place, part, halves=True),
    )


@lru_cache(maxsize=4)
def _powers(p: int, alpha: float) -> NDArray[np.float64]:
    """Powers of 0, 0.5, 1, ... p: ranks are halves, and a power costs more than all else."""
    with np.errstate(divide="ignore"):
        return np.asarray((np.arange(2 * p + 2) / 2) ** alpha, dtype=np.float64)


def _es(
    steps: NDArray[np.float64], total: NDArray[np.float64], places: NDArray[np.float64], sets: Sets
) -> NDArray[np.float64]:
    p, k = sets.n_genes, sets.found.astype(np.float64)
    return divide(steps, total) - divide(p * (p + 1) / 2 - places, p - k)


def divide_by_range(score: NDArray[np.float64], *, normalize: str = "genes") -> NDArray[np.float64]:
    """Scores of all rows, divided by their range where `normalize` is "range"."""
    if normalize != "range" or not np.isfinite(score).any():
        return score
    span = np.nanmax(score) - np.nanmin(score)
    return divide(score, np.full_like(score, span))
