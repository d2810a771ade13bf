"""Which genes have enough counts to be tested (Chen, Lun and Smyth 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats.logcpm import cpm, library_sizes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array

LARGE, SHARE = 10.0, 0.7
_TOL = 1e-14  # for the rounding of an effective group size such as 1 / (1/3)


def expressed(
    counts: Array,
    *,
    group: NDArray[np.int64] | None = None,
    design: Array | None = None,
    lib_size: Array | None = None,
    min_count: float = 10.0,
    min_total: float = 15.0,
    large: float = LARGE,
    share: float = SHARE,
) -> NDArray[np.bool_]:
    """Mark genes whose CPM is worth `min_count` reads in as many samples as the smallest group has.

    Parameters
    ----------
    counts
        samples x genes, not normalised.
    group
        Per sample, the group's number. Without `group` and `design` all samples are one group.
    design
        samples x parameters: the group size is then one over the largest leverage.
    lib_size
        Per sample, the effective library size; by default the sample's sum.
    min_count
        Reads in a library of median size.
    min_total
        Reads over all samples.
    large, share
        Of the samples of a group beyond `large`, only this share has to express the gene.

    Source: doi:10.12688/f1000research.8987.2
    """
    counts = np.asarray(counts, float)
    size = library_sizes(counts, lib_size)
    smallest = group_size(len(counts), group=group, design=design, large=large, share=share)
    cut = min_count / np.median(size) * 1e6
    often = (cpm(counts, lib_size=size) >= cut).sum(axis=0) >= smallest - _TOL
    return often & (counts.sum(axis=0) >= min_total - _TOL)


def group_size(
    n: int,
    *,
    group: NDArray[np.int64] | None = None,
    design: Array | None = None,
    large: float = LARGE,
    share: float = SHARE,
) -> float:
    """In how many of `n` samples a gene has to be expressed."""
    smallest = _smallest_group(n, group, design)
    return large + (smallest - large) * share if smallest > large else smallest


def _smallest_group(n: int, group: NDArray[np.int64] | None, design: Array | None) -> float:
    if group is not None and design is not None:
        msg = "give `group` or `design`, not both"
        raise ValueError(msg)
    if group is not None:
        if np.shape(group) != (n,):
            msg = f"`group` has shape {np.shape(group)}, expected ({n},)"
            raise ValueError(msg)
        return float(np.unique(group, return_counts=True)[1].min())
    if design is None:
        return float(n)
    return 1.0 / _leverage(np.asarray(design, float), n).max()


def _leverage(design: Array, n: int) -> Array:
    """Leverage of each sample; the intercept is always part of the model, as in `hat` of R."""
    if design.ndim != 2 or len(design) != n:
        msg = f"`design` has shape {design.shape}, expected {n} rows"
        raise ValueError(msg)
    U, size, _ = np.linalg.svd(np.column_stack([np.ones(n), design]), full_matrices=False)
    return (U[:, size > 1e-10 * size[0]] ** 2).sum(axis=1)
