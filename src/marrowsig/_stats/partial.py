"""Correlation of what a linear model leaves of two scores, for many pairs at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from marrowsig._stats.ols import residual_df, two_sided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array


@dataclass(frozen=True, slots=True)
class Correlation:
    """Partial correlations, one per column; NaN where a score does not vary beyond the model."""

    r: Array
    df: int
    """Rows less the rank of the model, less one, less one per score that was taken out."""

    @property
    def stat(self) -> Array:
        """The t statistic; exact for normal errors that are independent between the two scores."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.r * np.sqrt(self.df / (1 - self.r**2))

    @property
    def p(self) -> Array:
        """Two-sided p."""
        return two_sided(self.stat, self.df)

    def interval(self, alpha: float) -> tuple[Array, Array]:
        """Fisher's z interval; NaN with a single degree of freedom."""
        if self.df < 2:
            return np.full_like(self.r, np.nan), np.full_like(self.r, np.nan)
        with np.errstate(divide="ignore"):
            z = np.arctanh(self.r)
        half = special.ndtri(1 - alpha / 2) / np.sqrt(self.df - 1)
        return np.tanh(z - half), np.tanh(z + half)


def partial(a: Array, b: Array, X: Array, given: Sequence[Array] = (), *, flat: float = 1e-12) -> Correlation:
    """Correlate `a` and `b` (rows x pairs) beyond `X` (rows x parameters) and each of `given`.

    `given` are further scores (rows x pairs), one set of which is taken out per pair. What is left of a score
    and smaller than `flat` times the score itself is rounding, not variation. The caller
    has checked that at least one degree of freedom is left.
    """
    basis = _basis(X)
    taken: list[Array] = []
    seen = np.ones(np.shape(a)[1], dtype=bool)
    for score in given:
        unit, varies = _unit(np.asarray(score, float), basis, taken, flat)
        taken.append(unit)
        seen &= varies
    (one, fine), (other, good) = (_unit(np.asarray(y, float), basis, taken, flat) for y in (a, b))
    r = np.clip((one * other).sum(axis=0), -1.0, 1.0)
    return Correlation(np.where(seen & fine & good, r, np.nan), residual_df(X) - 1 - len(given))


def _basis(X: Array) -> Array:
    U, size, _ = np.linalg.svd(X, full_matrices=False)
    return U[:, size > max(X.shape) * np.finfo(float).eps * size[0]]


def _unit(Y: Array, basis: Array, taken: Sequence[Array], flat: float) -> tuple[Array, NDArray[np.bool_]]:
    """Return what is left of each column, at length one, and whether it is more than rounding."""
    least = flat * np.linalg.norm(Y, axis=0)
    left = Y
    for _ in range(2):  # the second time for digits that the first lost
        left = left - basis @ (basis.T @ left)
        for other in taken:
            left = left - other * (other * left).sum(axis=0)
    size = np.linalg.norm(left, axis=0)
    varies = size > least
    return left / np.where(varies, size, 1.0), varies
