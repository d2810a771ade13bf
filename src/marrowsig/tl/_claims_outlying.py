"""One sample of another arm, far from what the model expects, that widens the variance of a contrast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from marrowsig._stats.ols import estimable, fit, residual_df

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._plan import Plan

    Array = NDArray[np.float64]

LEVEL = 0.05
"""Of the outlier test, over all samples of the model."""


def outlying(plan: Plan, values: Array) -> tuple[str, float, float]:
    """Name, distance in SD and p of the contrast without the sample that the model fits worst.

    `values` are of the rows of the model. The sample is of an arm that the contrast does not compare, and its
    studentised residual, of the variance without it, is too large for any of so many samples (Bonferroni).
    The name is empty where there is none.

    References
    ----------
    Cook RD, Weisberg S (1982). Residuals and Influence in Regression. Chapman and Hall.
    """
    none = ("", float("nan"), float("nan"))
    model = plan.model
    if model is None or not np.isfinite(values).all():
        return none
    X, c, df = model.X, model.c(plan.contrast), residual_df(model.X)
    if df < 2:
        return none
    hat = X @ np.linalg.pinv(X)
    left = values - hat @ values
    free = 1 - np.diag(hat)
    spread = left @ left / df
    if spread <= 0 or (free < 1e-9).any():
        return none
    inner = np.square(left) / (spread * free)
    outer = np.sqrt(inner * (df - 1) / np.maximum(df - inner, 1e-12))
    worst = int(np.argmax(outer))
    if 2 * stats.t.sf(outer[worst], df - 1) * len(values) >= LEVEL:
        return none
    if model.frame["arm"].iloc[worst] in plan.contrast.weights:
        return none
    rest = np.arange(len(values)) != worst
    if not estimable(X[rest], c):
        return none
    p = float(fit(values[rest, None], X[rest], c).p[0])
    row = model.frame.iloc[worst]
    return f"{row['name']} ({row['arm']})", float(outer[worst]), p
