"""singscore: the mean rank of a set between its lowest and its highest possible value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from marrowsig._kernels.gather import divide
from marrowsig._kernels.singscore_modes import distance_from_median, stable_places
from marrowsig._kernels.tile import tile_dense

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from marrowsig._kernels.ranked import Ranked
    from marrowsig._kernels.sets import Sets

Ties = Literal["min", "average"]
Direction = Literal["known", "unknown", "unknown_as_published"]
DIRECTIONS = ("known", "unknown", "unknown_as_published")


def singscore(
    ranks: Ranked,
    sets: Sets,
    *,
    ties: Ties = "min",
    center: bool = True,
    direction: Direction = "known",
    stable: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """TotalScore of singscore (doi:10.1186/s12859-018-2435-4).

    ranks      every row ranked
    ties       "min" as published; "average" is the fairer choice where most values are zero
    center     subtract 0.5 from each part: one direction in [-0.5, 0.5], two directions in [-1, 1]
    direction  "known"; "unknown": every gene counts by its distance from the middle rank, not centred;
               "unknown_as_published": the same, but the falling part keeps the limits of a known direction
    stable     columns of genes whose ranks hardly change (doi:10.1093/nar/gkaa802): a member's rank is then
               its place among these alone
    out        (n_obs, n_sets); NaN where no member is present, where a part covers all genes (its mean
               rank cannot vary) and where a row has no order because all its values are equal

    Weights count by their sign. "min" ties can pass the lower limit when zeros abound.
    """
    _check(ties, direction, stable)
    up, down = sets.part(1), sets.part(-1)
    shift = 0.5 if center and direction == "known" else 0.0
    sums = _sums(ranks, ties, direction, stable)
    score = np.zeros((ranks.flat.size, len(sets)))
    known = (direction == "known", direction != "unknown")
    for part, is_known in zip((up, down), known, strict=True):
        if part.idx.size:
            low, high = _limits(part, known=is_known, stable=stable is not None)
            value = divide(divide(sums(part), part.found.astype(np.float64)) - low, high - low)
            score += np.where(part.found > 0, (value if part is up else 1.0 - value) - shift, 0.0)
    score[:, sets.found == 0] = np.nan
    score[ranks.flat] = np.nan
    return score


def _check(ties: str, direction: str, stable: NDArray[np.int64] | None) -> None:
    if ties not in ("min", "average") or direction not in DIRECTIONS:
        msg = f"ties={ties!r}, direction={direction!r}: use 'min' or 'average', and one of {DIRECTIONS}"
        raise ValueError(msg)
    if stable is not None and direction != "known":
        msg = f"stable genes need direction='known', not {direction!r}"
        raise ValueError(msg)


def _sums(
    ranks: Ranked, ties: str, direction: str, stable: NDArray[np.int64] | None
) -> Callable[[Sets], NDArray[np.float64]]:
    if stable is not None:
        dense = stable_places(ranks.rows, stable)
    elif direction != "known":
        dense = distance_from_median(ranks, ties)
    else:
        weight = ranks.low if ties == "min" else ranks.mean
        return lambda part: ranks.sums(weight, part, halves=True)
    return lambda part: tile_dense(dense, part)


def _limits(sets: Sets, *, known: bool, stable: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    k, p = sets.found.astype(np.float64), float(sets.n_genes)
    if stable:
        return np.zeros_like(k), np.ones_like(k)
    if not known:
        k, p = np.floor(k / 2), np.ceil(p / 2)
    return (k + 1) / 2, (2 * p - k + 1) / 2


def dispersion(
    ranks: Ranked,
    sets: Sets,
    *,
    ties: Ties = "min",
    direction: Direction = "known",
    stable: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Spread of the members' ranks: 1.4826 x median absolute deviation, in units of the ranks that count.

    out     (n_obs, n_sets); the mean over the two parts of a set with two directions
    """
    _check(ties, direction, stable)
    if stable is not None:
        chosen = stable_places(ranks.rows, stable)
    elif direction != "known":
        chosen = distance_from_median(ranks, ties)
    else:
        chosen = ranks.spread(ranks.low if ties == "min" else ranks.mean)
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
