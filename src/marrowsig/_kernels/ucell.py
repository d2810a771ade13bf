"""UCell: the Mann-Whitney U of a set among the highest ranks of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from marrowsig._kernels.gather import divide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.ranked import Ranked
    from marrowsig._kernels.sets import Sets

CHOICES = {"missing": ("impute", "skip"), "ties": ("average", "min"), "zeros": ("rank", "max_rank")}


def ucell(
    ranks: Ranked,
    sets: Sets,
    *,
    max_rank: float = 1500,
    w_neg: float = 1.0,
    missing: Literal["impute", "skip"] = "impute",
    ties: Literal["average", "min"] = "average",
    zeros: Literal["rank", "max_rank"] = "rank",
) -> NDArray[np.float64]:
    """UCell score, max(U_up - w_neg U_down, 0) (doi:10.1016/j.csbj.2021.06.043).

    ranks     every row ranked; UCell counts from the top
    max_rank  genes below this place count as being at it; capped at the number of genes
    missing   "impute": a listed gene that was not measured counts as being at `max_rank`; "skip": left out
    ties      "average"; "min" repeats an option of the R package, whose scores can pass 1
    zeros     "rank": zeros share the average of their places, which small panels put above `max_rank`;
              "max_rank": zeros count as being at `max_rank`
    out       (n_obs, n_sets) in [0, 1]; NaN where no rising gene is present (the score would be 0 whatever
              the data), where a set lists more genes than `max_rank`, and where a row has no order:
              its genes share one place, and what U makes of it depends on `max_rank` alone

    Weights count by their sign.
    """
    if max_rank < 1:
        msg = f"max_rank={max_rank!r} is not at least 1"
        raise ValueError(msg)
    for name, value in (("missing", missing), ("ties", ties), ("zeros", zeros)):
        if value not in CHOICES[name]:
            msg = f"{name}={value!r} is not {CHOICES[name][0]!r} or {CHOICES[name][1]!r}"
            raise ValueError(msg)
    limit = float(min(max_rank, sets.n_genes))
    place = ranks.above + (1.0 if ties == "min" else 0.5 * (ranks.size + 1))
    place = np.minimum(place, limit)
    if zeros == "max_rank":
        place[ranks.ptr[:-1]] = limit
    up, down = sets.part(1), sets.part(-1)
    whole = (2 * limit).is_integer()
    has_down = down.listed > 0 if missing == "impute" else down.found > 0
    score = _u(ranks.sums(place, up, halves=whole), up, limit, missing)
    if has_down.any():
        lost = w_neg * _u(ranks.sums(place, down, halves=whole), down, limit, missing)
        score -= np.where(has_down, lost, 0.0)
    np.maximum(score, 0.0, out=score)
    score[:, up.found == 0] = np.nan
    score[ranks.flat] = np.nan
    return score


def _u(total: NDArray[np.float64], sets: Sets, limit: float, missing: str) -> NDArray[np.float64]:
    absent = sets.listed - sets.found if missing == "impute" else np.zeros_like(sets.found)
    size = (sets.found + absent).astype(np.float64)
    best = size * (size + 1) / 2
    u = 1.0 - divide(total + absent * limit - best, size * limit - best)
    # The best places of a larger set would lie beyond the limit itself.
    u[:, size > limit] = np.nan
    return u
