"""Partial correlation where rows share noise: apart over what they share and what they differ in.

A donor with a pair in each of two lines gives two changes that need not be independent. Where every donor has
all arms in both lines, sums over the lines have one variance and differences another, whatever is shared, and
are independent: each part has an exact correlation. Their mean has an exact null distribution, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma, log, pi
from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy import special

from marrowsig._stats.partial import partial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from marrowsig._stats.ols import Array

_NODES, _WEIGHTS = leggauss(64)
NOISE, FLAT = 1e-8, 1e-12
"""What is smaller than the whole by these is rounding: of columns of numbers, and of scores."""


@dataclass(frozen=True, slots=True)
class MeanCorrelation:
    """Means of correlations of several parts, weighted by their dimensions."""

    r: Array
    dfs: tuple[int, ...]
    """Degrees of freedom of each part."""

    @property
    def df(self) -> int:
        """Degrees of freedom of all parts."""
        return sum(self.dfs)

    @property
    def stat(self) -> Array:
        """The mean over its SD without any link, which is one over the root of all dimensions."""
        return self.r * np.sqrt(self.df + len(self.dfs))

    @property
    def p(self) -> Array:
        """Two-sided p, exact for normal errors that are independent between the two scores."""
        total = self.df + len(self.dfs)
        parts = [((df + 1) / total, df) for df in self.dfs]
        known = np.isfinite(self.r)
        upper = _beyond(np.abs(np.where(known, self.r, 0.0)), parts)
        return np.where(known, np.minimum(2 * upper, 1.0), np.nan)

    def interval(self, alpha: float) -> tuple[Array, Array]:
        """Fisher's z interval on the degrees of freedom of all parts."""
        with np.errstate(divide="ignore"):
            z = np.arctanh(self.r)
        half = special.ndtri(1 - alpha / 2) / np.sqrt(self.df - 1)
        return np.tanh(z - half), np.tanh(z + half)


def parts(X: Array, cell: ArrayLike) -> list[Array]:
    """Orthonormal bases of what `X` leaves of the rows, one per part, that of the differences first.

    Rows of one `cell` (donor and arm, whatever the line) share noise. In the space that `X` leaves, that
    noise has eigenvalues from 0 (differences within cells) over 1 (cells of one row) to 2 (sums of two rows).
    """
    _, number = np.unique(np.asarray(cell), return_inverse=True)
    U, size, _ = np.linalg.svd(X, full_matrices=True)
    rank = int((size > max(X.shape) * np.finfo(float).eps * size[0]).sum())
    left = U[:, rank:]
    member = (number[:, None] == np.arange(number.max() + 1)).astype(float).T @ left
    value, turn = np.linalg.eigh(member.T @ member)
    label = np.digitize(value, [0.5, 1.5])
    return [left @ turn[:, label == one] for one in np.unique(label)]


def partial_in_parts(
    a: Array, b: Array, bases: Sequence[Array], given: Sequence[Array] = (), numbers: Array | None = None
) -> MeanCorrelation:
    """Correlate `a` and `b` in each part beyond `given` scores and columns of `numbers`, and average.

    What is taken out has a slope of its own in each part. A part without a degree of freedom is left out;
    `dfs` is empty where all are.
    """
    found = []
    for basis in bases:
        fixed = np.zeros((basis.shape[1], 1)) if numbers is None else basis.T @ numbers
        if numbers is not None:
            fixed[:, np.linalg.norm(fixed, axis=0) <= NOISE * np.linalg.norm(numbers, axis=0)] = 0.0
        rank = np.linalg.matrix_rank(fixed)
        if basis.shape[1] - rank - 1 - len(given) < 1:
            continue
        one = partial(basis.T @ a, basis.T @ b, fixed, [basis.T @ more for more in given])
        found.append((np.where(_varies(basis, (a, b, *given)), one.r, np.nan), one.df))
    dfs = tuple(df for _, df in found)
    total = sum(dfs) + len(dfs)
    mean = sum((df + 1) / total * r for r, df in found) if found else np.full(np.shape(a)[1], np.nan)
    return MeanCorrelation(np.asarray(mean), dfs)


def _varies(basis: Array, scores: Sequence[Array]) -> NDArray[np.bool_]:
    """Whether every score is more than rounding in this part: two copies of a sample differ by nothing."""
    share = [np.linalg.norm(basis.T @ y, axis=0) > FLAT * np.linalg.norm(y, axis=0) for y in scores]
    return np.asarray(np.all(share, axis=0))


def _beyond(at: Array, among: Sequence[tuple[float, int]]) -> Array:
    """Chance that the weighted sum of null correlations (weight, df) lies above `at`."""
    (weight, df), *rest = among
    if not rest:
        x = np.clip(at / weight, -1.0, 1.0)
        with np.errstate(divide="ignore"):
            return np.asarray(special.stdtr(df, -x * np.sqrt(df / (1 - x**2))))
    most = sum(w for w, _ in rest)
    low, high = (np.arcsin(np.clip((at + side * most) / weight, -1.0, 1.0)) for side in (-1, 1))
    angle = low[..., None] + (high - low)[..., None] * (_NODES + 1) / 2
    # r = sin(angle) has the density cos(angle)^(df - 1) of the angle, up to a constant.
    scale = np.exp(lgamma((df + 1) / 2) - lgamma(df / 2) - log(pi) / 2)
    inner = scale * np.cos(angle) ** (df - 1) * _beyond(at[..., None] - weight * np.sin(angle), rest)
    middle = (high - low) / 2 * (inner @ _WEIGHTS)
    return np.asarray(middle + _beyond(weight * np.sin(high), [(weight, df)]))
