"""PLAGE: the first singular vector of the standardised genes of a set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets

EQUAL = 1e-9  # relative: singular values, loadings and correlations that rounding could have parted


def plage(x: Any, sets: Sets) -> NDArray[np.float64]:
    """Pathway activity of PLAGE (doi:10.1186/1471-2105-6-225), turned to point where the set rises.

    x       (n_obs, n_genes) log expression of the whole cohort, an array or a sparse matrix, whose zeros
            are values like any other
    out     (n_obs, n_sets), every set with mean 0 and unit length over the rows; genes that are constant over
            the cohort are left out; NaN where none is left

    A falling gene enters as -z; weights count by their sign. This turns the vector and does not change it:
    among the vectors of the largest singular value the one that goes best with the mean of the signed z,
    so their correlation is not negative. Where it is zero, the first gene of those with the largest loading
    has a positive one; NaN if the vector is not unique even then. One gene: z / |z|.
    """
    if x.shape[0] < 2:
        msg = f"PLAGE compares samples with each other: it needs at least 2, there is {x.shape[0]}"
        raise ValueError(msg)
    columns, small = sets.compact()
    part = x[:, columns]
    # One memory layout, so that the sums are the same to the last bit.
    z = _standardise(np.ascontiguousarray(part.toarray() if issparse(part) else part, dtype=np.float64))
    out = np.full((x.shape[0], len(sets)), np.nan)
    for s in range(len(sets)):
        member = slice(small.ptr[s], small.ptr[s + 1])
        signed = z[:, small.idx[member]] * np.sign(small.weight[member])
        signed = signed[:, signed.any(axis=0)]
        if signed.size:
            out[:, s] = _first_vector(signed)
    return out


def _standardise(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn columns into z-scores, constant ones into 0."""
    low, span = x.min(axis=0), np.ptp(x, axis=0)
    if not np.isfinite(span).all():
        bad = int((~np.isfinite(span)).sum())
        msg = f"{bad} genes have values that are not finite or too large to subtract"
        raise ValueError(msg)
    unit = (x - low) / np.where(span > 0, span, 1.0)
    unit -= unit.mean(axis=0)
    sd = np.sqrt((unit**2).sum(axis=0) / (x.shape[0] - 1))
    return np.where(span > 0, unit / np.where(span > 0, sd, 1.0), 0.0)


def _first_vector(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Find the unit vector (n_obs,) of the largest singular value of `z` (n_obs, k)."""
    vectors, values, loadings = np.linalg.svd(z, full_matrices=False)
    top = values >= values[0] * (1 - EQUAL)
    mean = z.mean(axis=1)
    along = mean @ vectors[:, top]
    if np.linalg.norm(along) > EQUAL * np.sqrt(len(z) - 1):
        vector = vectors[:, top] @ along
        return np.asarray(vector / np.linalg.norm(vector))
    if top.sum() > 1:
        return np.full(len(z), np.nan)
    size = np.abs(loadings[0])
    first = np.flatnonzero(size >= size.max() * (1 - EQUAL))[0]
    return np.asarray(vectors[:, 0] * np.sign(loadings[0, first]))
