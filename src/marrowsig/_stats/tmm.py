"""Normalisation factors of libraries: TMM, RLE and upper quartile.

Effective library size = library size times factor. The factors multiply to one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from marrowsig._stats.logcpm import library_sizes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array

_SAME = 1e-6  # libraries whose log-ratios are all below this are the same but for rounding


def tmm(
    counts: Array,
    *,
    lib_size: Array | None = None,
    reference: int | None = None,
    trim_ratio: float = 0.3,
    trim_level: float = 0.05,
) -> Array:
    """Trimmed mean of M values, one factor per sample.

    Parameters
    ----------
    counts
        samples x genes.
    lib_size
        Per sample, the library size; by default the sample's sum.
    reference
        Row to compare with; by default the one whose upper quartile is nearest to the mean of these.
    trim_ratio, trim_level
        Share of genes left out at each end of the log-ratio and of the mean log level.

    Source: Robinson and Oshlack 2010, doi:10.1186/gb-2010-11-3-r25
    """
    Y, size = _used(counts, lib_size)
    if Y.shape[1] == 0 or len(Y) == 1:
        return np.ones(len(Y))
    if reference is None:
        reference = _reference(Y, size)
    elif not 0 <= reference < len(Y):
        msg = f"`reference` is {reference}, expected a row from 0 to {len(Y) - 1}"
        raise ValueError(msg)
    log_factor = [_log_ratio(Y, size, i, reference, trim_ratio, trim_level) for i in range(len(Y))]
    return _centred(2.0 ** np.array(log_factor))


def rle(counts: Array, *, lib_size: Array | None = None) -> Array:
    """Relative log expression: the median ratio to the geometric mean over samples.

    Source: Anders and Huber 2010, doi:10.1186/gb-2010-11-10-r106
    """
    Y, size = _used(counts, lib_size)
    everywhere = (Y > 0).all(axis=0)
    if not everywhere.any():
        msg = "no gene has counts in every sample: RLE is not defined, use TMM"
        raise ValueError(msg)
    typical = np.exp(np.log(Y[:, everywhere]).mean(axis=0))
    return _centred(np.median(Y[:, everywhere] / typical, axis=1) / size)


def upper_quartile(counts: Array, *, lib_size: Array | None = None, q: float = 0.75) -> Array:
    """Quantile `q` of the genes that any sample expresses.

    Source: Bullard et al. 2010, doi:10.1186/1471-2105-11-94
    """
    Y, size = _used(counts, lib_size)
    level = np.quantile(Y, q, axis=1) if Y.shape[1] else np.zeros(len(Y))
    if (level == 0).any():
        msg = f"{(level == 0).sum()} of {len(Y)} samples have an upper quartile of 0: use TMM"
        raise ValueError(msg)
    return _centred(level / size)


def _used(counts: Array, lib_size: Array | None) -> tuple[Array, Array]:
    """Genes with a count anywhere, and the library sizes."""
    counts = np.asarray(counts, float)
    size = library_sizes(counts, lib_size)
    return counts[:, (counts > 0).any(axis=0)], size


def _centred(factor: Array) -> Array:
    return factor / np.exp(np.log(factor).mean())


def _reference(Y: Array, size: Array) -> int:
    """First of the samples nearest to the mean upper quartile."""
    quartile = np.quantile(Y, 0.75, axis=1) / size
    if np.median(quartile) < 1e-20:  # sparse counts: quartiles of 0 say nothing, take the richest sample
        return int(np.sqrt(Y).sum(axis=1).argmax())
    return int(np.abs(quartile - quartile.mean()).argmin())


def _log_ratio(Y: Array, size: Array, i: int, reference: int, trim_ratio: float, trim_level: float) -> float:
    """Trimmed, precision-weighted mean log2 ratio of sample `i` to the reference."""
    both = (Y[i] > 0) & (Y[reference] > 0)
    y, r, n, m = Y[i, both], Y[reference, both], size[i], size[reference]
    ratio = np.log2((y / n) / (r / m))
    if len(y) == 0 or np.abs(ratio).max() < _SAME:
        return 0.0
    level = (np.log2(y / n) + np.log2(r / m)) / 2
    keep = _middle(ratio, trim_ratio) & _middle(level, trim_level)
    variance = (n - y) / n / y + (m - r) / m / r
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (ratio / variance)[keep].sum() / (1 / variance)[keep].sum()
    return float(mean) if np.isfinite(mean) else 0.0


def _middle(x: Array, trim: float) -> NDArray[np.bool_]:
    """Entries whose average rank is inside the trimmed ends."""
    out = np.floor(len(x) * trim)
    rank = rankdata(x)
    return (rank >= out + 1) & (rank <= len(x) - out)
