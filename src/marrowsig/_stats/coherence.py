"""How well the genes of a set hang together: the metrics of sigQC, on arrays, many sets at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._stats.coherence_joint import JOINT, Genes, genes, joint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

METRICS = (
    "sd_median_ratio", "abs_skewness_ratio", "prop_top_10_percent", "prop_top_25_percent",
    "prop_top_50_percent", "coeff_of_var_ratio", "med_prop_na", "med_prop_above_med", *JOINT,
)  # fmt: skip
CELLS = 4_000_000
"""Values that are made dense at a time."""


@dataclass(frozen=True, eq=False)
class Background:
    """What the metrics need to know of all genes.

    x        (n_samples, n_genes), an array or a sparse matrix in columns
    mean, sd (n_genes,), sd exactly 0 where a gene is constant
    cv       (n_genes,) sd / mean, NaN where both are 0
    above    (n_genes,) share of samples at or above the median of the whole matrix
    tops     (3,) quantiles 0.9, 0.75 and 0.5 of cv
    middle   (3,) median sd, absolute skewness of the means, and absolute median cv
    """

    x: Any
    mean: Array
    sd: Array
    cv: Array
    above: Array
    tops: Array
    middle: Array

    @property
    def few(self) -> bool:
        """Whether all genes may be made dense at once."""
        return bool(self.x.shape[0] * self.x.shape[1] <= CELLS)

    @cached_property
    def known(self) -> Genes:
        """All genes, ranked and standardised once."""
        return genes(_dense(self.x), self.mean, self.sd)


def background(x: Any) -> Background:
    """Summarise all genes of x (n_samples, n_genes), an array or sparse, two samples or more."""
    if x.ndim != 2 or x.shape[0] < 2:
        msg = "coherence needs two samples or more"
        raise ValueError(msg)
    x = sparse.csc_array(x) if sparse.issparse(x) else x
    middle = _median(x)
    step = max(2, CELLS // x.shape[0])
    spans = [(a, min(a + step, x.shape[1])) for a in range(0, x.shape[1], step)]
    parts = [_moments(_dense(x[:, a:b]), middle) for a, b in spans]
    mean, sd, above = (np.concatenate(part) for part in zip(*parts, strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        cv = sd / mean
    known = cv[~np.isnan(cv)]
    tops = np.quantile(known, [0.9, 0.75, 0.5]) if known.size else np.full(3, np.nan)
    typical = np.array([np.median(sd), abs(_skewness(mean)), abs(tops[2])])
    return Background(x, mean, sd, cv, above, tops, typical)


def coherence(
    all_genes: Background, columns: NDArray[np.int64], signs: Array, n_listed: int, *, as_published: bool
) -> Array:
    """Metrics in the order of `METRICS`, of one set (n_metrics,) or of several of one size.

    columns       (k,) or (n_sets, k), genes of the set that were measured
    signs         (k,) +1 or -1; genes with -1 are mirrored at their own mean. Not used `as_published`
    n_listed      genes of the set, measured or not
    as_published  as sigQC does: the correlation matrix with its diagonal, constant genes kept, the sign of
                  the first component as it comes, no directions
    """
    sets = np.atleast_2d(columns)
    out = np.empty((len(sets), len(METRICS)))
    out[:, : -len(JOINT)] = _levels(all_genes, sets, n_listed)
    if all_genes.few:
        out[:, -len(JOINT) :] = joint(all_genes.known, sets, signs, published=as_published)
        return out[0] if columns.ndim == 1 else out
    for one, row in zip(sets, out, strict=True):
        used, places = np.unique(one, return_inverse=True)
        known = genes(_dense(all_genes.x[:, used]), all_genes.mean[used], all_genes.sd[used])
        row[-len(JOINT) :] = joint(known, places[None], signs, published=as_published)[0]
    return out[0] if columns.ndim == 1 else out


def n_varying(all_genes: Background, columns: NDArray[np.int64]) -> int:
    """Genes of a set that are not constant."""
    return int((all_genes.sd[columns] > 0).sum())


def _moments(x: Array, middle: float) -> tuple[Array, Array, Array]:
    """Mean, SD, and share at or above `middle`, per column."""
    sd = x.std(axis=0, ddof=1)
    sd[x.max(axis=0) == x.min(axis=0)] = 0.0
    return x.mean(axis=0), sd, (x >= middle).mean(axis=0)


def _dense(x: Any) -> Array:
    return np.asarray(x.toarray() if sparse.issparse(x) else x, dtype=np.float64)


def _median(x: Any) -> float:
    """Median of all values; of a sparse matrix without writing its zeros."""
    if not sparse.issparse(x):
        return float(np.median(x))
    stored, n = np.sort(x.data.astype(np.float64)), x.shape[0] * x.shape[1]
    below = int(np.searchsorted(stored, 0.0))
    zeros = n - stored.size

    def at(i: int) -> float:
        if i < below:
            return float(stored[i])
        return float(stored[i - zeros]) if i >= below + zeros else 0.0

    return (at((n - 1) // 2) + at(n // 2)) / 2


def _levels(b: Background, sets: NDArray[np.int64], n_listed: int) -> Array:
    """Compute the first eight metrics (n_sets, 8)."""
    cv = np.sort(b.cv[sets], axis=1)  # NaN last
    known = (~np.isnan(cv)).sum(axis=1)
    absent = np.zeros((len(sets), n_listed - sets.shape[1]))
    with np.errstate(divide="ignore", invalid="ignore"):
        tops = [np.where(known > 0, (cv >= top).sum(axis=1) / known, np.nan) for top in b.tops]
    rows = np.arange(len(sets))
    middle = (cv[rows, np.maximum(known - 1, 0) // 2] + cv[rows, np.minimum(known // 2, cv.shape[1] - 1)]) / 2
    present = np.ones(sets.shape)
    return np.column_stack(
        [
            _ratio(np.median(b.sd[sets], axis=1), b.middle[0]),
            _ratio(np.abs(_skewness(b.mean[sets])), b.middle[1]),
            *tops,
            _ratio(np.where(known > 0, np.abs(middle), np.nan), b.middle[2]),
            np.median(np.hstack([present, absent]), axis=1),
            np.median(np.hstack([b.above[sets], absent]), axis=1),
        ]
    )


def _ratio(own: Array, other: float) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(own + other > 0, own / (own + other), np.nan)


def _skewness(values: Array) -> Array:
    """Skewness along the last axis, with moments over n; NaN without spread."""
    centred = values - values.mean(axis=-1, keepdims=True)
    spread = (centred**2).mean(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 0, (centred**3).mean(axis=-1) / spread**1.5, np.nan)
