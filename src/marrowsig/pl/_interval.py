"""Mean and 95 % interval of a few numbers, without a statistics library."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEAST = 3
"""Values from which on there is an interval to draw."""
Z = 1.959963984540054
# 97.5 % quantiles of Student's t at 1 to 10 degrees of freedom; the expansion below is close enough above.
T = (12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139)


def t_quantile(df: int) -> float:
    """97.5 % quantile of Student's t, to four decimals."""
    if df <= len(T):
        return T[df - 1]
    g1 = (Z**3 + Z) / 4
    g2 = (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96
    g3 = (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384
    g4 = (79 * Z**9 + 776 * Z**7 + 1482 * Z**5 - 1920 * Z**3 - 945 * Z) / 92160
    return Z + g1 / df + g2 / df**2 + g3 / df**3 + g4 / df**4


def mean_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Mean, and half the width of its 95 % t interval; NaN for fewer than three values.

    Of two, t with one degree of freedom spans 12.7 standard errors, which says nothing of the arm.
    """
    mean = float(np.mean(values))
    n = len(values)
    if n < LEAST:
        return mean, float("nan")
    return mean, t_quantile(n - 1) * float(np.std(values, ddof=1)) / sqrt(n)


def told(n: Sequence[int], *more: str) -> list[str]:
    """Say what bars are, for arms of so many values, and more.

    >>> told([4, 2]), told([2, 2])
    (['bar: mean, 95 % CI', 'none of n < 3'], [])
    """
    barred = [k for k in n if k >= LEAST]
    few = [f"none of n < {LEAST}"] if barred and len(barred) < len(n) else []
    return [*(["bar: mean, 95 % CI"] if barred else []), *few, *more]
