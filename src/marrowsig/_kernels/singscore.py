"""singscore: the mean rank of a set between its lowest and its highest possible value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from marrowsig._kernels.gather import divide, member_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.rank import Ranks
    from marrowsig._kernels.sets import Sets

Ties = Literal["min", "average"]


def singscore(ranks: Ranks, sets: Sets, *, ties: Ties = "min", center: bool = True) -> NDArray[np.float64]:
    """TotalScore of singscore, for sets of known direction (doi:10.1186/s12859-018-2435-4).

    ranks   ascending ranks within a row
    ties    "min" as published; "average" is the fairer choice where most values are zero
    center  subtract 0.5 from each part: one direction in [-0.5, 0.5], two directions in [-1, 1]
    out     (n_obs, n_sets); NaN where no member is present, where a part covers all genes (its mean
            rank cannot vary) and where a row has no order because all its values are equal

    Weights count by their sign. "min" ties can pass the lower limit when zeros abound.
    """
    chosen = _chosen(ranks, ties)
    up, down = sets.part(1), sets.part(-1)
    shift = 0.5 if center else 0.0
    score = np.zeros((chosen.shape[0], len(sets)))
    score += np.where(up.found > 0, _part(chosen, up) - shift, 0.0)
    score += np.where(down.found > 0, 1.0 - _part(chosen, down) - shift, 0.0)
    score[:, sets.found == 0] = np.nan
    score[ranks.flat] = np.nan
    return score


def _part(chosen: NDArray[np.float64], sets: Sets) -> NDArray[np.float64]:
    k, p = sets.found.astype(np.float64), sets.n_genes
    mean = divide(member_sums(chosen, sets), k)
    return divide(mean - (k + 1) / 2, p - k)


def _chosen(ranks: Ranks, ties: str) -> NDArray[np.float64]:
    if ties not in ("min", "average"):
        msg = f"ties={ties!r} is not 'min' or 'average'"
        raise ValueError(msg)
    return ranks.low if ties == "min" else ranks.mean


def dispersion(ranks: Ranks, sets: Sets, *, ties: Ties = "min") -> NDArray[np.float64]:
    """Spread of the members' ranks: 1.4826 x median absolute deviation, in ranks.

    out     (n_obs, n_sets); the mean over the two parts of a set with two directions
    """
    chosen = _chosen(ranks, ties)
    parts = [_spread(chosen, sets.part(sign)) for sign in (1, -1)]
    count = np.sum([~np.isnan(p) for p in parts], axis=0)
    out = divide(np.nansum(parts, axis=0), count)
    out[ranks.flat] = np.nan
    return out


def _spread(chosen: NDArray[np.float64], sets: Sets) -> NDArray[np.float64]:
    out = np.full((chosen.shape[0], len(sets)), np.nan)
    for s in np.flatnonzero(sets.found):
        members = chosen[:, sets.idx[sets.ptr[s] : sets.ptr[s + 1]]]
        centre = np.median(members, axis=1, keepdims=True)
        out[:, s] = 1.4826 * np.median(np.abs(members - centre), axis=1)
    return out
