"""Gaussian kernel distribution function of one gene at its own values, by a short Fourier series.

Every sample is a normal distribution of standard deviation h around its value, so the function that is wanted
is a sum of smooth steps. Made periodic with a margin at both ends, it needs few frequencies, and one gene
costs O(samples) instead of O(samples^2).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from marrowsig._kernels.jit import INNER, KERNEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

MARGIN = 7.3  # Phi(-MARGIN) = 1.4e-13: what leaks from one period to the next
HIGHEST = 7.7  # frequencies above this have exp(-HIGHEST^2 / 2) = 1.3e-13 or less
FAST = {"reassoc", "contract", "nsz", "arcp"}  # vector code; a gene's sums depend on its samples only
TAU = 2.0 * math.pi


@njit(**KERNEL)
def fourier_rows(x: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Fill `out` (n_genes, n) with mean_i Phi((x_gj - x_gi) / h_g), h = sd / 4, to 1e-12.

    x    (n_genes, n) finite, contiguous; no row is constant
    """
    n = x.shape[1]
    work = np.empty((5, n))
    for g in range(x.shape[0]):
        frequency = _angles(x[g], work[0])
        _sincos(work[0], work[1], work[2], n)
        terms = 2 * (int(HIGHEST / frequency) // 2 + 1)
        re = np.empty(terms)
        im = np.empty(terms)
        level = _coefficients(work, frequency, re, im)
        _evaluate(work, re, im, level, out[g])


@njit(**INNER)
def _angles(x: NDArray[np.float64], t: NDArray[np.float64]) -> float:
    # The middle of the range goes to 0, the ends of the period to -pi and pi; returns 2 pi / period.
    n = x.size
    low = x.min()
    span = x.max() - low
    mean = 0.0
    for i in range(n):
        t[i] = (x[i] - low) / span - 0.5
        mean += t[i]
    mean /= n
    square = 0.0
    for i in range(n):
        square += (t[i] - mean) ** 2
    h = math.sqrt(square / (n - 1)) / 4.0
    frequency = TAU / (1.0 / h + 2.0 * MARGIN)
    for i in range(n):
        t[i] *= frequency / h
    return frequency


@njit(**INNER, fastmath=FAST)
def _sincos(t: NDArray[np.float64], c: NDArray[np.float64], s: NDArray[np.float64], n: int) -> None:
    # Taylor series at a quarter of the angle, then two double angles: no branch, so vector code.
    for i in range(n):
        y = 0.25 * t[i]
        z = y * y
        sn = 1.0 / 6227020800.0 - z / 1307674368000.0
        sn = 1.0 / 362880.0 + z * (-1.0 / 39916800.0 + z * sn)
        sn = y * (1.0 + z * (-1.0 / 6.0 + z * (1.0 / 120.0 + z * (-1.0 / 5040.0 + z * sn))))
        cs = -1.0 / 87178291200.0 + z / 20922789888000.0
        cs = 1.0 / 40320.0 + z * (-1.0 / 3628800.0 + z * (1.0 / 479001600.0 + z * cs))
        cs = 1.0 + z * (-0.5 + z * (1.0 / 24.0 + z * (-1.0 / 720.0 + z * cs)))
        c2 = cs * cs - sn * sn
        s2 = 2.0 * sn * cs
        c[i] = c2 * c2 - s2 * s2
        s[i] = 2.0 * s2 * c2


@njit(**INNER)
def _coefficients(
    work: NDArray[np.float64], frequency: float, re: NDArray[np.float64], im: NDArray[np.float64]
) -> float:
    # f(t) = t / 2 pi + level + sum_k re[k] sin((k + 1) t) + im[k] cos((k + 1) t), and f(-pi) = 0
    n = work.shape[1]
    work[3] = 1.0
    work[4] = 0.0
    for k in range(0, re.size, 2):
        re[k], im[k], re[k + 1], im[k + 1] = _power_sums(work[1], work[2], work[3], work[4], n)
    level = 0.5
    for k in range(re.size):
        w = (k + 1) * frequency
        damped = frequency / math.pi / n * math.exp(-0.5 * w * w) / w
        re[k] *= damped
        im[k] *= -damped
        level += im[k] if k % 2 == 0 else -im[k]
    return level


@njit(**INNER, fastmath=FAST)
def _power_sums(
    c: NDArray[np.float64],
    s: NDArray[np.float64],
    pr: NDArray[np.float64],
    pi: NDArray[np.float64],
    n: int,
) -> tuple[float, float, float, float]:
    # The next two powers of c + i s, summed over the samples: two per sweep, for the sake of memory.
    a = 0.0
    b = 0.0
    a2 = 0.0
    b2 = 0.0
    for i in range(n):
        x = pr[i] * c[i] - pi[i] * s[i]
        y = pr[i] * s[i] + pi[i] * c[i]
        x2 = x * c[i] - y * s[i]
        y2 = x * s[i] + y * c[i]
        pr[i] = x2
        pi[i] = y2
        a += x
        b += y
        a2 += x2
        b2 += y2
    return a, b, a2, b2


@njit(**INNER)
def _evaluate(
    work: NDArray[np.float64],
    re: NDArray[np.float64],
    im: NDArray[np.float64],
    level: float,
    f: NDArray[np.float64],
) -> None:
    work[3] = 1.0
    work[4] = 0.0
    for i in range(f.size):
        f[i] = work[0, i] / TAU + level
    for k in range(0, re.size, 2):
        _add_powers(work, f, (im[k], re[k], im[k + 1], re[k + 1]), f.size)


@njit(**INNER, fastmath=FAST)
def _add_powers(
    work: NDArray[np.float64], f: NDArray[np.float64], ab: tuple[float, float, float, float], n: int
) -> None:
    c, s, pr, pi = work[1], work[2], work[3], work[4]
    a, b, a2, b2 = ab
    for i in range(n):
        x = pr[i] * c[i] - pi[i] * s[i]
        y = pr[i] * s[i] + pi[i] * c[i]
        x2 = x * c[i] - y * s[i]
        y2 = x * s[i] + y * c[i]
        pr[i] = x2
        pi[i] = y2
        f[i] += (a * x + b * y) + (a2 * x2 + b2 * y2)
