"""ssGSEA: the running sum of a set over the ranked genes of one row, in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from marrowsig._kernels.gather import divide, member_sums
from marrowsig._kernels.rank import Ranks, rank_first

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets

SsgseaTies = Literal["average", "first"]
Normalize = Literal["genes", "none"]


def ssgsea(
    ranks: Ranks,
    sets: Sets,
    *,
    alpha: float = 0.25,
    ties: SsgseaTies = "average",
    normalize: Normalize = "genes",
) -> NDArray[np.float64]:
    """Enrichment score of ssGSEA, ES_up - ES_down (doi:10.1038/nature08460).

    ranks      ascending ranks within a row
    alpha      power of the ranks that weigh the steps
    ties       "average": the expectation over all orders of tied genes, so that the order of the columns does
               not matter; "first": earlier columns first and ranks cut to integers, as GSVA for R does
    normalize  "genes": divided by the number of genes, in [-2, 2] (one direction: [-1, 1]); "none": the sum
               itself. Dividing by the range over all rows, as GSVA does by default, would couple the rows
    out        (n_obs, n_sets); NaN where no member is present, where a part covers all genes, and where
               a row has no order

    Weights count by their sign.
    """
    if ties not in ("average", "first") or normalize not in ("genes", "none"):
        msg = f"ties={ties!r}, normalize={normalize!r}: use 'average' or 'first', and 'genes' or 'none'"
        raise ValueError(msg)
    columns, small = sets.compact()
    mean = ranks.mean[:, columns]
    place = rank_first(ranks)[:, columns] if ties == "first" else mean
    step = (np.floor(mean) if ties == "first" else mean) ** alpha
    up, down = small.part(1), small.part(-1)
    score = np.zeros((mean.shape[0], len(sets)))
    score += np.where(up.found > 0, _es(place, step, up), 0.0)
    score -= np.where(down.found > 0, _es(place, step, down), 0.0)
    score[:, sets.found == 0] = np.nan
    score[ranks.flat] = np.nan
    return score / sets.n_genes if normalize == "genes" else score


def _es(place: NDArray[np.float64], step: NDArray[np.float64], sets: Sets) -> NDArray[np.float64]:
    p, k = sets.n_genes, sets.found.astype(np.float64)
    hit = divide(member_sums(place * step, sets), member_sums(step, sets))
    miss = divide(p * (p + 1) / 2 - member_sums(place, sets), p - k)
    return hit - miss
