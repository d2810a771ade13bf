"""AUCell: how early the members of a set are met among the highest genes of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numba import njit

from marrowsig._kernels.gather import divide
from marrowsig._kernels.jit import KERNEL
from marrowsig._kernels.tile import tile_dense

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.ranked import Ranked
    from marrowsig._kernels.sets import Sets


def aucell(
    ranks: Ranked, sets: Sets, *, top: float = 0.05, ties: Literal["average", "first"] = "average"
) -> NDArray[np.float64]:
    """Area under the recovery curve, AUC_up - AUC_down (doi:10.1038/nmeth.4463).

    ranks   every row ranked
    top     share of the genes that count as high; places 1 to T - 1 with T = ceil(top x genes) add T - place
    ties    "average": the expectation over all orders of tied genes, so that nothing is left to chance;
            "first": earlier columns first. For a ranking of your own, give minus the ranking as the values
    out     (n_obs, n_sets) in [-1, 1], [0, 1] for sets of one direction; divided by the best possible area;
            NaN where no member is present, where T is 1, and where a row has no order

    Weights count by their sign. The published method knows no falling genes.
    """
    if not 0 < top <= 1 or ties not in ("average", "first"):
        msg = f"top={top!r}, ties={ties!r}: use a share above 0 and up to 1, and 'average' or 'first'"
        raise ValueError(msg)
    # A hair below the product, so that 0.07 x 100 is 7 places and not 8.
    limit = float(np.ceil(top * ranks.n_genes * (1 - 1e-12)))
    up, down = sets.part(1), sets.part(-1)
    if ties == "first":
        place = ranks.n_genes + 1 - ranks.first()
        areas = [tile_dense(np.maximum(limit - place, 0.0), part) for part in (up, down)]
    else:
        # On a grid fine enough to lose nothing that matters, sums are exact in any order.
        grid = 2.0 ** (52 - np.ceil(np.log2(limit)) - np.ceil(np.log2(max(ranks.n_genes, 2))))
        weight = np.empty(ranks.above.size)
        _expected(ranks.above, ranks.size, limit, grid, weight)
        areas = [ranks.sums(weight, part, halves=True) for part in (up, down)]
    score = _share(areas[0], up, limit)
    if down.idx.size:
        score -= _share(areas[1], down, limit)
    if not sets.found.all():
        score[:, sets.found == 0] = np.nan
    score[ranks.flat] = np.nan
    return score


def _share(area: NDArray[np.float64], sets: Sets, limit: float) -> NDArray[np.float64]:
    """`area` of the best possible one; 0 for a set without members."""
    score = divide(area, _best(sets, limit))
    if not sets.found.all():
        score[:, sets.found == 0] = 0.0
    return score


@njit(**KERNEL)
def _expected(
    above: NDArray[np.float64], size: NDArray[np.float64], limit: float, grid: float, out: NDArray[np.float64]
) -> None:
    """Mean of (limit - place)+ over the places that a class of tied genes takes, in units of 1 / `grid`."""
    for c in range(above.size):
        inside = min(max(limit - 1 - above[c], 0.0), size[c])
        mean = inside * (limit - above[c] - 0.5 * (inside + 1)) / max(size[c], 1.0)
        out[c] = np.rint(mean * grid) / grid


def _best(sets: Sets, limit: float) -> NDArray[np.float64]:
    k = np.minimum(sets.found, limit - 1).astype(np.float64)
    return np.asarray(k * limit - k * (k + 1) / 2)
