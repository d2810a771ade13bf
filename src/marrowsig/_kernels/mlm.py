"""MLM: the values of a row regressed on the weights of all sets at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy import special

from marrowsig._kernels.gather import divide, per_set
from marrowsig._kernels.jit import KERNEL
from marrowsig._kernels.mean import spread_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.rows import Rows
    from marrowsig._kernels.sets import Sets


def mlm(x: Rows, sets: Sets) -> NDArray[np.float64]:
    """Multivariate linear model: t of each set's coefficient, all sets and an intercept in one regression.

    x       (n_obs, n_genes) log expression; every gene of the matrix is an observation
    out     (n_obs, n_sets), t with n_genes - n_sets - 1 degrees of freedom (doi:10.1093/bioadv/vbac016);
            NaN where no member is present, and where a row is constant or differs in nothing but the sets

    Sets that share genes explain each other away: a score depends on the other sets of the call. Raises
    ValueError if the sets are collinear, or more than the genes can tell apart.
    """
    out = np.full((x.shape[0], len(sets)), np.nan)
    if "found" not in sets.known:
        sets.known["found"] = sets.take(sets.found > 0)
    kept: Sets = sets.known["found"]
    if len(kept):
        out[:, sets.found > 0] = _fit(x, kept)
    return out


def mlm_p(x: Rows, sets: Sets) -> NDArray[np.float64]:
    """Two-sided p of `mlm` (n_obs, n_sets)."""
    df = x.shape[1] - (sets.found > 0).sum() - 1
    return np.asarray(2 * special.stdtr(df, -np.abs(mlm(x, sets))))


def _fit(x: Rows, sets: Sets) -> NDArray[np.float64]:
    p, q = x.shape[1], len(sets)
    df = p - q - 1
    if df < 1:
        msg = f"{q} sets need at least {q + 2} genes, there are {p}"
        raise ValueError(msg)
    if ("inverse", p) not in sets.known:
        sets.known["inverse", p] = _inverse(sets, p)
    inverse: NDArray[np.float64] = sets.known["inverse", p]
    centre, square = x.moments()
    total = per_set(sets.weight, sets)
    cross = x.sums(sets) - total * centre[:, None]
    beta, explained = np.zeros_like(cross), np.zeros(x.shape[0])
    _coefficients(cross, inverse, beta, explained)
    left = spread_of(square, centre, p) - explained
    # A rest of 1e-12 is rounding, and t would be made of it.
    left = np.where(left > 1e-12 * square, left, 0.0)
    return divide(beta, np.sqrt(left[:, None] / df * np.diag(inverse)))


@njit(**KERNEL)
def _coefficients(
    cross: NDArray[np.float64],
    inverse: NDArray[np.float64],
    beta: NDArray[np.float64],
    explained: NDArray[np.float64],
) -> None:
    # Plain sums in a fixed order: a matrix product may add in another order for another number of rows.
    for r in range(cross.shape[0]):
        row, total = cross[r], beta[r]
        for j in range(row.size):
            c, column = row[j], inverse[j]
            for s in range(total.size):
                total[s] += c * column[s]
        for j in range(row.size):
            explained[r] += total[j] * row[j]


def _inverse(sets: Sets, p: int) -> NDArray[np.float64]:
    columns, small = sets.compact()
    w = np.zeros((columns.size, len(sets)))
    w[small.idx, np.repeat(np.arange(len(sets)), sets.found)] = small.weight
    total = w.sum(axis=0)
    gram = w.T @ w - np.outer(total, total) / p
    scale = np.sqrt(np.diag(gram))
    if (scale <= 0).any() or np.linalg.cond(gram / np.outer(scale, scale)) > 1e12:
        msg = f"the weights of the {len(sets)} sets are collinear; leave out sets that repeat others"
        raise ValueError(msg)
    return np.asarray(np.linalg.inv(gram), dtype=np.float64)
