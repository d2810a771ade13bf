"""Metrics of how the genes of a set move together, many sets at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import stats

from marrowsig._kernels import threads
from marrowsig._stats.small_matrices import leading, pair_products

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

JOINT = (
    "autocor_median", "rho_mean_med", "rho_pca1_med", "rho_mean_pca1", "prop_pca1_var",
    "standardization_comp",
)  # fmt: skip
CACHED = 600_000
"""Values of one batch of sets: more do not fit into the cache."""


class Genes(NamedTuple):
    """What is computed once per gene, each (n_genes, n_samples): values, z, and ranks of length 1."""

    values: Array
    z: Array
    ranks: Array
    mean: Array
    varies: NDArray[np.bool_]


def genes(x: Array, mean: Array, sd: Array) -> Genes:
    """Standardise the columns of x (n_samples, n_genes), whose mean and SD these are."""
    values, varies = np.ascontiguousarray(x.T), sd > 0
    z = (values - mean[:, None]) / np.where(varies, sd, 1.0)[:, None]
    ranks = _ranked(values)
    length = np.sqrt((ranks**2).sum(axis=1))
    ranks /= np.where(length > 0, length, 1.0)[:, None]
    return Genes(values, z, ranks, mean, varies)


def joint(known: Genes, sets: NDArray[np.int64], signs: Array, *, published: bool) -> Array:
    """Metrics of JOINT (n_sets, 6); sets (n_sets, k) are places in `known`.

    Unless `published`, genes without variation are left out, and those of which `signs` (k,) is negative are
    mirrored at their mean.
    """
    n = known.values.shape[1]
    none = np.full(len(sets), np.nan)
    found = _Found(none, none.copy(), np.full((4, len(sets), n), np.nan))
    live = known.varies[sets]
    n_live, k = live.sum(axis=1), sets.shape[1]
    step = max(1, CACHED // max(k * max(n, k), 1))
    signs = np.broadcast_to(np.where(published | (signs >= 0), 1.0, -1.0), sets.shape)
    for v in np.unique(n_live):
        same = np.flatnonzero(n_live == v)
        work = partial(_into, found, same, known, sets, live, signs, published=published)
        threads.over(same.size, step, work)
    m, d, f, z = _ranked(found.lines)
    return np.column_stack([found.pairs, _rho(m, d), _rho(f, d), _rho(m, f), found.share, _rho(d, z)])


class _Found(NamedTuple):
    """Per set: median correlation, share of the first component, and four numbers per sample.

    lines  (4, n_sets, n_samples) mean, median, first component, and median z
    """

    pairs: Array
    share: Array
    lines: Array


def _into(
    found: _Found,
    same: NDArray[np.int64],
    known: Genes,
    sets: NDArray[np.int64],
    live: NDArray[np.bool_],
    signs: Array,
    start: int,
    stop: int,
    *,
    published: bool,
) -> None:
    """Fill in the sets `same[start:stop]`, in which as many genes vary."""
    here = same[start:stop]
    shape = (here.size, -1)
    varying, sign = sets[here][live[here]].reshape(shape), signs[here][live[here]].reshape(shape)[..., None]
    used = sets[here] if published else varying
    if used.shape[1] < 2:
        return
    values = known.values[used]
    if (sign < 0).any():
        values = np.where(sign < 0, 2 * known.mean[used][..., None] - values, values)
    s = np.ascontiguousarray(values.transpose(0, 2, 1))
    found.lines[0, here], found.lines[1, here] = s.mean(axis=2), _median(s)
    s -= s.mean(axis=1, keepdims=True)
    found.lines[2, here], found.share[here] = _component(s, published=published)
    found.lines[3, here] = _median((known.z[varying] * sign).transpose(0, 2, 1))
    ranks = (known.ranks[varying] * sign).transpose(0, 2, 1)
    found.pairs[here] = _autocorrelation(ranks, diagonal=used.shape[1] if published else 0)


def _component(s: Array, *, published: bool) -> tuple[Array, Array]:
    """First principal component of centred sets (n_sets, n_samples), and its share of the variance."""
    if published:
        u, size, _ = np.linalg.svd(s, full_matrices=False)
        first, variance = u[:, :, 0], size[:, 0] ** 2
    else:
        wide = s.shape[2] >= s.shape[1]
        turned = s.transpose(0, 2, 1)
        variance, first = leading(s @ turned if wide else turned @ s)
        first = first if wide else (s @ first[..., None])[..., 0]
        up = (first * s.sum(axis=2)).sum(axis=1) >= 0
        first = np.where(up[:, None], first, -first)
    total = (s**2).sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return first, np.where(total > 0, variance / total, np.nan)


def _autocorrelation(ranks: Array, *, diagonal: int) -> Array:
    """Median Spearman correlation of all pairs, of ranks (n_sets, n_samples, k).

    `diagonal` counts the ones to add; then every pair counts twice, as in a full matrix.
    """
    pairs = pair_products(np.ascontiguousarray(ranks))
    if diagonal:
        pairs = np.hstack([pairs, pairs, np.ones((len(pairs), diagonal))])
    half = pairs.shape[1] // 2
    if not pairs.shape[1]:
        return np.full(len(pairs), np.nan)
    part = np.partition(pairs, half, axis=1)
    # One place to select is much cheaper than two.
    return part[:, half] if pairs.shape[1] % 2 else (part[:, half] + part[:, :half].max(axis=1)) / 2


def _median(s: Array) -> Array:
    """Median along the last axis, NaN where that is empty; sorting short rows is faster than selecting."""
    k = s.shape[-1]
    if not k:
        return np.full(s.shape[:-1], np.nan)
    ordered = np.sort(s, axis=-1)
    return (ordered[..., (k - 1) // 2] + ordered[..., k // 2]) / 2


def _ranked(rows: Array) -> Array:
    """Centred ranks along the last axis; NaN where a row has one."""
    ranks = stats.rankdata(rows, axis=-1)
    return ranks - ranks.mean(axis=-1, keepdims=True)


def _rho(a: Array, b: Array) -> Array:
    """Correlation of centred ranks, set by set."""
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(scale > 0, (a * b).sum(axis=1) / scale, np.nan)
