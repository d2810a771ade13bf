"""A grid of powers of two on which sums of numbers are exact in any order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from marrowsig._kernels.jit import INNER

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNSIGNED = np.int64(0x7FFFFFFFFFFFFFFF)


@njit(**INNER)
def powers_of_two(
    x: NDArray[np.float64],
    digits: NDArray[np.int64],
    scale: NDArray[np.float64],
    back: NDArray[np.float64],
) -> None:
    """Fill `scale` with 2^(digits - e), e the exponent of `x` as of `frexp`, and `back` with its inverse.

    Read from the bits, as a call of `frexp` for every set of every row would cost more than the sums. Numbers
    below 2^-1022 count as 0: their sum is.
    """
    bits, up, down = x.view(np.int64), scale.view(np.int64), back.view(np.int64)
    for s in range(x.size):
        e = bits[s] >> 52
        power = digits[s] - (e - 1022 if e > 0 else 0)
        power = max(-1000, min(1000, power))
        up[s], down[s] = (1023 + power) << 52, (1023 - power) << 52


@njit(**INNER)
def grid_of(x: NDArray[np.float64]) -> float:
    """Power of two that makes whole numbers of `x`, times it and rounded, whose sum is exact."""
    most = np.int64(0)
    for b in x.view(np.int64):
        # Without its sign, a float is the larger the larger its bits are, and whole numbers make vector code.
        most = max(most, b & UNSIGNED)
    # The exponent as of `frexp`, also of numbers below 2^-1022.
    e = (most >> 52) - 1022 if most >> 52 else math.frexp(np.float64(most))[1] - 1074
    power = 51 - math.frexp(np.float64(x.size))[1] - (e if most else 0)
    return math.ldexp(1.0, int(max(-1000, min(1000, power))))


@njit(**INNER, fastmath={"reassoc"})
def add_up(x: NDArray[np.float64]) -> float:
    """Sum of numbers that add up exactly."""
    total = 0.0
    for v in x:
        total += v
    return total


@njit(**INNER, fastmath={"reassoc"})
def add_up_on_grid(x: NDArray[np.float64], grid: float) -> float:
    """Sum of `x` in units of 1 / `grid`, each rounded to one."""
    total = 0.0
    for v in x:
        total += np.rint(v * grid)
    return total
