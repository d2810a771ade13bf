"""Ordinary least squares with one explicit contrast, for many scores at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """Estimates of one contrast; arrays have one entry per column of `Y`."""

    estimate: Array
    se: Array
    sigma: Array
    k: float
    """`se = k * sigma`: the contrast's standard error in units of the residual SD."""
    df: float

    @property
    def stat(self) -> Array:
        """The t statistic; NaN where the residuals are zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.se > 0, self.estimate / self.se, np.nan)

    @property
    def p(self) -> Array:
        """Two-sided p."""
        return two_sided(self.stat, self.df)

    def interval(self, alpha: float) -> tuple[Array, Array]:
        """Return the `1 - alpha` interval of the estimate; NaN where the residuals are zero."""
        half = special.stdtrit(self.df, 1 - alpha / 2) * np.where(self.se > 0, self.se, np.nan)
        return self.estimate - half, self.estimate + half


def two_sided(t: Array, df: Array | float) -> Array:
    """Two-sided p of a t statistic."""
    return 2 * special.stdtr(df, -np.abs(t))


def estimable(X: Array, c: Array, *, tol: float = 1e-8) -> bool:
    """Whether `c` lies in the row space of `X`: c = c X^+ X."""
    return bool(np.allclose(c @ np.linalg.pinv(X) @ X, c, rtol=0, atol=tol))


def independent(X: Array) -> NDArray[np.int64]:
    """Columns in their order, without those that earlier ones add up to."""
    unit = X / np.maximum(np.linalg.norm(X, axis=0), 1e-300)
    kept: list[int] = []
    for j in range(X.shape[1]):
        if np.linalg.matrix_rank(unit[:, [*kept, j]], tol=1e-10) > len(kept):
            kept.append(j)
    return np.array(kept, dtype=np.int64)


def residual_df(X: Array) -> int:
    """Rows minus rank."""
    return int(X.shape[0] - np.linalg.matrix_rank(X))


def fit(Y: Array, X: Array, c: Array, *, flat: float = 1e-12) -> Fit:
    """Fit `Y` (rows x scores) on `X` (rows x parameters) and read off `c`.

    Residuals smaller than `flat` times the largest score are rounding, not variation: sigma is then 0.
    `c` has to be estimable and the residual df at least 1; the caller has checked both.
    """
    return fit_all(Y, X, [c], flat=flat)[0]


def fit_all(Y: Array, X: Array, contrasts: Sequence[Array], *, flat: float = 1e-12) -> list[Fit]:
    """Fit once, as `fit` does, and read off several contrasts."""
    pseudo = np.linalg.pinv(X)
    beta = pseudo @ Y
    residual = Y - X @ beta
    df = residual_df(X)
    sigma = np.sqrt((residual**2).sum(axis=0) / df)
    sigma = np.where(sigma <= flat * np.abs(Y).max(axis=0), 0.0, sigma)
    size = [float(np.linalg.norm(c @ pseudo)) for c in contrasts]
    return [
        Fit(estimate=c @ beta, se=k * sigma, sigma=sigma, k=k, df=df)
        for c, k in zip(contrasts, size, strict=True)
    ]
