"""GSVA: a random walk over genes that are ranked by how high the sample stands in the cohort."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._kernels.gsva_cdf import Kcdf, cdf, varying
from marrowsig._kernels.gsva_walk import walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets


def gsva(
    x: Any,
    sets: Sets,
    *,
    kcdf: Kcdf = "gaussian",
    tau: float = 1.0,
    max_diff: bool = True,
    abs_ranking: bool = False,
    parity: bool = False,
) -> NDArray[np.float64]:
    """Score of gene set variation analysis, ES_up - ES_down (doi:10.1186/1471-2105-14-7).

    x            (n_obs, n_genes) of the whole cohort, an array or a sparse matrix, whose zeros are values
                 like any other: log expression, or counts for `kcdf="poisson"`
    kcdf         kernel of a gene's distribution over the cohort: "gaussian" (bandwidth sd / 4), "poisson"
                 (rate count + 0.5), "none" (share of samples that are as low or lower)
    tau          power of a member's weight, its distance from the middle rank
    max_diff     True: highest plus lowest point of the walk; False: the point farthest from 0
    abs_ranking  with `max_diff`: highest minus lowest point, so that both ends of the ranking count as high
    parity       False: tied genes are a block, which the walk crosses in one straight step with the mean
                 weight of its places, so the order of the columns does not matter; genes are tied when their
                 statistics are neighbours within 1e-11. The normal cdf is exact to 1e-12.
                 True: as GSVA 2.1.4 for R on a dense matrix, where the score depends on the order of the
                 columns and, by rounding, of the rows: normal cdf from a table of 10,001 entries, sums in
                 the order of the rows, the earlier of tied columns higher
    out          (n_obs, n_sets); genes that are constant over the cohort are left out of everything; NaN
                 where no member is left, where a part covers all genes or has only the middle rank, and,
                 without `parity`, where a row has one value or all its genes are tied

    Weights count by their sign. Every score depends on all rows: adding a row changes them all.
    """
    _check(x, kcdf, tau)
    kept = varying(x)
    if kcdf == "poisson":
        _check_counts(x)
    small = _only(sets, kept)
    both = _parts(small)
    score = np.full((x.shape[0], len(sets)), np.nan)
    if not both.idx.size:
        return score
    high, low = walk(cdf(x, kept, kcdf=kcdf, parity=parity), both, tau=tau, ties=not parity)
    es = _score(high, low, max_diff=max_diff, abs_ranking=abs_ranking)
    es[:, both.found == 0] = 0.0
    found = small.found > 0
    score[:, found] = (es[:, : len(sets)] - es[:, len(sets) :])[:, found]
    if not parity:
        score[_flat(x)] = np.nan
    return score


def _flat(x: Any) -> NDArray[np.bool_]:
    """Rows with the same value in every gene."""
    low, high = x.min(axis=1), x.max(axis=1)
    low, high = (np.asarray(v.toarray() if issparse(v) else v).ravel() for v in (low, high))
    return np.asarray(low == high)


def _score(
    high: NDArray[np.float64], low: NDArray[np.float64], *, max_diff: bool, abs_ranking: bool
) -> NDArray[np.float64]:
    if not max_diff:
        return np.where(high > -low, high, low)
    return high - low if abs_ranking else high + low


def _check(x: Any, kcdf: str, tau: float) -> None:
    if kcdf not in ("gaussian", "poisson", "none"):
        msg = f"kcdf={kcdf!r}: use 'gaussian', 'poisson' or 'none'"
        raise ValueError(msg)
    if not 0 <= tau < np.inf:
        msg = f"tau={tau!r}: use a number that is not negative, such as 1"
        raise ValueError(msg)
    if x.shape[0] < 2:
        msg = f"GSVA compares samples with each other: it needs at least 2, there is {x.shape[0]}"
        raise ValueError(msg)


def _check_counts(x: Any) -> None:
    values = x.data if issparse(x) else np.asarray(x)
    if values.size and (values.min() < 0 or not np.array_equal(values, np.floor(values))):
        msg = "kcdf='poisson' is for counts: whole numbers, none negative. Use 'gaussian' for log expression"
        raise ValueError(msg)


def _only(sets: Sets, kept: NDArray[np.bool_]) -> Sets:
    member = kept[sets.idx] & (sets.weight != 0)
    return replace(
        sets,
        ptr=np.concatenate([[0], np.cumsum(member)])[sets.ptr],
        idx=(np.cumsum(kept) - 1)[sets.idx[member]],
        weight=sets.weight[member],
        n_genes=int(kept.sum()),
    )


def _parts(sets: Sets) -> Sets:
    # Rising parts first, then falling ones: 2 n_sets walks in one pass.
    up, down = sets.part(1), sets.part(-1)
    return replace(
        up,
        names=up.names + down.names,
        ptr=np.concatenate([up.ptr, up.ptr[-1] + down.ptr[1:]]),
        idx=np.concatenate([up.idx, down.idx]),
        weight=np.concatenate([up.weight, down.weight]),
        listed=np.concatenate([up.listed, down.listed]),
        listed_down=np.concatenate([up.listed_down, down.listed_down]),
    )
