"""UCell: the Mann-Whitney U of a set among the highest ranks of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from marrowsig._kernels.gather import divide, member_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.rank import Ranks
    from marrowsig._kernels.sets import Sets

Missing = Literal["impute", "skip"]


def ucell(
    ranks: Ranks,
    sets: Sets,
    *,
    max_rank: int = 1500,
    w_neg: float = 1.0,
    missing: Missing = "impute",
) -> NDArray[np.float64]:
    """UCell score, max(U_up - w_neg U_down, 0) (doi:10.1016/j.csbj.2021.06.043).

    ranks     ascending ranks within a row; UCell counts from the top, zeros included, ties averaged
    max_rank  genes below this place count as being at it; capped at the number of genes
    missing   "impute": a listed gene that was not measured counts as being at `max_rank`; "skip": left out
    out       (n_obs, n_sets) in [0, 1]; NaN where no rising gene is present (the score would be 0 whatever
              the data), where a set lists more genes than `max_rank`, and where a row has no order:
              its genes share one place, and what U makes of it depends on `max_rank` alone

    Weights count by their sign.
    """
    if max_rank < 1:
        msg = f"max_rank={max_rank!r} is not at least 1"
        raise ValueError(msg)
    if missing not in ("impute", "skip"):
        msg = f"missing={missing!r} is not 'impute' or 'skip'"
        raise ValueError(msg)
    columns, small = sets.compact()
    limit = float(min(max_rank, sets.n_genes))
    place = np.minimum(sets.n_genes + 1 - ranks.mean[:, columns], limit)
    up = _u(place, small.part(1), limit, missing)
    down = _u(place, small.part(-1), limit, missing)
    has_down = small.part(-1).listed > 0 if missing == "impute" else small.part(-1).found > 0
    score = np.maximum(up - np.where(has_down, w_neg * down, 0.0), 0.0)
    score[:, small.part(1).found == 0] = np.nan
    score[ranks.flat] = np.nan
    return score


def _u(place: NDArray[np.float64], sets: Sets, limit: float, missing: str) -> NDArray[np.float64]:
    absent = sets.listed - sets.found if missing == "impute" else np.zeros_like(sets.found)
    size = (sets.found + absent).astype(np.float64)
    best = size * (size + 1) / 2
    u = 1.0 - divide(member_sums(place, sets) + absent * limit - best, size * limit - best)
    # The best places of a larger set would lie beyond the limit itself.
    u[:, size > limit] = np.nan
    return u
