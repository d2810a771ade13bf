"""Counts per million and their logarithm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array


def library_sizes(counts: Array, lib_size: Array | None) -> Array:
    """Return `lib_size` (by default the sums of `counts`), refusing what cannot be divided by."""
    if counts.ndim != 2:
        msg = f"counts have {counts.ndim} dimensions, expected samples x genes"
        raise ValueError(msg)
    bad = int(counts.size - np.count_nonzero((counts >= 0) & (counts < np.inf)))
    if bad:
        msg = f"{bad} entries of the counts are negative, infinite or missing"
        raise ValueError(msg)
    size = counts.sum(axis=1) if lib_size is None else np.asarray(lib_size, float)
    if size.shape != (len(counts),):
        msg = f"`lib_size` has shape {size.shape}, expected ({len(counts)},)"
        raise ValueError(msg)
    empty = np.flatnonzero(~((size > 0) & (size < np.inf)))
    if len(empty):
        msg = (
            f"{len(empty)} of {len(size)} samples have no usable library size"
            f" (rows {', '.join(map(str, empty[:5]))}): drop samples without counts"
        )
        raise ValueError(msg)
    return size


def cpm(counts: Array, *, lib_size: Array | None = None) -> Array:
    """Divide by the (effective) library size in millions: samples x genes."""
    counts = np.asarray(counts, float)
    return counts / library_sizes(counts, lib_size)[:, None] * 1e6


def log_cpm(counts: Array, *, lib_size: Array | None = None, prior: float = 2.0) -> Array:
    """Log2 counts per million with a prior count.

    Parameters
    ----------
    counts
        samples x genes.
    lib_size
        Per sample, the effective library size (sum times normalisation factor); by default the sum.
    prior
        Reads added to every gene of a library of mean size; in proportion to the library elsewhere, so that
        a gene without reads has the same value in every sample.
    """
    if prior <= 0:
        msg = f"`prior` is {prior}, expected a positive count"
        raise ValueError(msg)
    counts = np.asarray(counts, float)
    size = library_sizes(counts, lib_size)
    extra = prior * size / size.mean()
    return np.log2((counts + extra[:, None]) / (size + 2 * extra)[:, None] * 1e6)
