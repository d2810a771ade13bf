"""The noncentral t distribution, integrated directly: no NaN for large arguments."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy import special

if TYPE_CHECKING:
    from marrowsig._stats.ols import Array

_NODES, _WEIGHTS = leggauss(128)
_Z = 9.0  # the normal density beyond nine SD is below 1e-18
_SMOOTH = 12.0
_SECANTS, _HALVES = 16, 60
_NEAR = 1e-14  # of a step, beside one plus the noncentrality


def cdf(t: Array, df: float, nc: Array) -> Array:
    """P(T <= t) for noncentral t with `df` and noncentrality `nc`, elementwise."""
    t, nc = np.broadcast_arrays(np.asarray(t, float), np.asarray(nc, float))
    flip = t < 0
    size, shift = np.abs(t), np.where(flip, -nc, nc)
    low, high = _chi_range(df)
    small = size * (high - low) <= _SMOOTH
    p = np.empty(size.shape)
    p[small] = _over_chi(size[small], df, shift[small])
    p[~small] = _over_normal(size[~small], df, shift[~small])
    return np.where(flip, 1 - p, p)


def noncentrality(t: Array, df: float, p: Array | float) -> Array:
    """Find the noncentrality at which P(T <= t) = `p`, elementwise; NaN where `t` is not finite.

    By secants, as the normal quantile of P is nearly straight in the noncentrality; where they leave what is
    known to hold it, and after some of them, by bisection.
    """
    t, p = np.broadcast_arrays(np.asarray(t, float), np.asarray(p, float))
    t = np.where(np.isfinite(t), t, np.nan)
    reach = np.abs(t) * _chi_range(df)[1] + _Z
    low, high = -reach, reach.copy()
    wanted, slope = special.ndtri(p), -1 / np.sqrt(1 + t**2 / (2 * df))
    at = np.clip(t + wanted / slope, low, high)
    done, before, was = np.isnan(t), at, wanted
    for turn in range(_SECANTS + _HALVES):
        seen = cdf(t, df, at)
        above = seen > p  # P falls as the noncentrality rises
        low, high = np.where(above, at, low), np.where(above, high, at)
        here = special.ndtri(seen)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = (here - was) / (at - before)
        slope = np.where(np.isfinite(found) & (found < 0), found, slope)
        step = (wanted - here) / slope
        done = done | (np.minimum(np.abs(step), high - low) <= _NEAR * (1 + np.abs(at)))
        if done.all():
            break
        straight = (turn < _SECANTS) & (at + step > low) & (at + step < high)
        before, was = at, here
        at = np.where(done, at, np.where(straight, at + step, (low + high) / 2))
    return np.where(np.isnan(t), np.nan, at)


@lru_cache
def _chi_range(df: float) -> tuple[float, float]:
    """Where sqrt(chi2 / df) lives, up to probability 1e-17 on the right."""
    low = special.gammaincinv(df / 2, 1e-17) * 2
    high = special.gammainccinv(df / 2, 1e-17) * 2
    return float(np.sqrt(low / df)), float(np.sqrt(high / df))


def _over_chi(t: Array, df: float, nc: Array) -> Array:
    """Integrate Phi(t s - nc) over the density of s = sqrt(chi2 / df): smooth for small t."""
    s, weight = _chi_rule(df)
    return (special.ndtr(t[..., None] * s - nc[..., None]) * weight).sum(axis=-1)


@lru_cache
def _chi_rule(df: float) -> tuple[Array, Array]:
    """Values of s = sqrt(chi2 / df) and their weights in the integral."""
    low, high = _chi_range(df)
    half = (high - low) / 2
    s = low + half * (_NODES + 1)
    log_density = (
        np.log(2.0) + df / 2 * np.log(df / 2) - special.gammaln(df / 2) + (df - 1) * np.log(s) - df * s**2 / 2
    )
    return s, half * _WEIGHTS * np.exp(log_density)


def _over_normal(t: Array, df: float, nc: Array) -> Array:
    """Phi(-nc) plus the integral of phi(z) P(s >= (z + nc) / t) above z = -nc: smooth for large t."""
    start = np.clip(-nc, -_Z, _Z)
    half = (_Z - start) / 2
    z = start[..., None] + half[..., None] * (_NODES + 1)
    s = np.maximum(z + nc[..., None], 0) / t[..., None]
    tail = special.chdtrc(df, df * s**2)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return special.ndtr(-nc) + half * (density * tail * _WEIGHTS).sum(axis=-1)
