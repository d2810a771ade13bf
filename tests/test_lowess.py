"""Lowess against statsmodels with the same delta, and what must hold for any smoother."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.nonparametric.smoothers_lowess import lowess as reference

from marrowsig._stats.lowess import lowess

RTOL = 1e-9  # sums in another order
ROUND = 1e-6  # statsmodels does not round robustness weights near 0 and 1, at 0.1 % and 99.9 % of the reach


def points(n: int, kind: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    x = {
        "uniform": rng.uniform(0, 10, n), "skewed": rng.gamma(0.5, 3, n), "tied": rng.integers(0, 12, n) / 3,
        "grid": np.arange(n) / 8, "clumps": np.round(rng.normal(size=n), 1) + 10 * (np.arange(n) % 2),
    }[kind]  # fmt: skip
    y = np.sin(x) + rng.standard_t(2, n) / 3
    return x, y


def apart(x: np.ndarray) -> np.ndarray:
    """Move the last point out of reach: at the end statsmodels stops skipping points one too early."""
    x[np.argmax(x)] += 0.05 * np.ptp(x)
    return x


def by_definition(x, y, span, iterations, delta):
    """Cleveland's definition, point by point, with `polyfit` for the lines; `x` ascending."""
    n_near = int(span * len(x) + 1e-7)
    fitted, i = [0], 0
    while x[i] < x[-1]:
        later = np.flatnonzero(x > x[i])
        within = later[x[later] <= x[i] + delta]
        i = int(within[-1] if len(within) else later[0])
        fitted.append(i)
    robust = np.ones(len(x))
    for _ in range(iterations + 1):
        values = []
        for i in fitted:
            distance = np.abs(x - x[i])
            h = np.sort(distance)[n_near - 1]
            near = distance <= 0.999 * h
            weight = (
                np.where(near, np.where(distance <= 0.001 * h, 1, (1 - (distance / h) ** 3) ** 3), 0) * robust
            )
            spread = np.average((x - np.average(x, weights=weight)) ** 2, weights=weight)
            line = np.polyfit(x, y, int(spread > (1e-3 * np.ptp(x)) ** 2), w=np.sqrt(weight))
            values.append(np.polyval(line, x[i]))
        smooth = np.interp(x, x[fitted], values)
        size = np.abs(y - smooth)
        reach = 6 * np.median(size)
        bisquare = (1 - (size / reach) ** 2) ** 2
        robust = np.where(size <= 0.001 * reach, 1, np.where(size <= 0.999 * reach, bisquare, 0))
    return smooth


@pytest.mark.parametrize("kind", ["uniform", "grid"])
@pytest.mark.parametrize(
    ("n", "span", "iterations"), [(30, 0.4, 3), (400, 0.5, 3), (2000, 0.4, 0), (999, 0.1, 2)]
)
def test_statsmodels(kind, n, span, iterations):
    x, y = points(n, kind)
    x = apart(x)
    theirs = reference(y, x, frac=span, it=iterations, delta=0.01 * np.ptp(x), return_sorted=False)
    ours = lowess(x, y, span=span, iterations=iterations)
    tolerance = ROUND if iterations else RTOL
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("delta", [0.0, 0.3])
def test_statsmodels_with_delta(delta):
    x, y = points(300, "uniform")
    x = apart(x)
    theirs = reference(y, x, frac=0.3, it=2, delta=delta, return_sorted=False)
    np.testing.assert_allclose(
        lowess(x, y, span=0.3, iterations=2, delta=delta), theirs, rtol=ROUND, atol=ROUND
    )


@pytest.mark.parametrize("kind", ["uniform", "skewed", "grid", "clumps", "tied"])
@pytest.mark.parametrize(("span", "iterations", "share"), [(0.4, 3, 0.01), (0.6, 1, 0.0), (0.5, 3, 0.2)])
def test_definition(kind, span, iterations, share):
    x, y = points(150, kind)
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    theirs = by_definition(x, y, span, iterations, share * np.ptp(x))
    ours = lowess(x, y, span=span, iterations=iterations, delta=share * np.ptp(x))
    np.testing.assert_allclose(ours, theirs, rtol=RTOL, atol=RTOL * np.ptp(y))


def test_a_line_stays_a_line_and_outliers_are_ignored():
    x = np.linspace(0, 1, 200)
    y = 3 * x - 1
    np.testing.assert_allclose(lowess(x, y), y, atol=1e-12)
    y += np.random.default_rng(1).normal(scale=0.01, size=200)
    clean = lowess(x, y, span=0.3)
    y[50] += 100
    np.testing.assert_allclose(lowess(x, y, span=0.3), clean, atol=0.005)
    assert np.abs(lowess(x, y, span=0.3, iterations=0) - clean).max() > 1


def test_order_scale_and_equal_x():
    x, y = points(500, "tied")
    smooth = lowess(x, y, span=0.5)
    assert len({round(s, 12) for s in smooth}) <= len(np.unique(x))
    order = np.random.default_rng(0).permutation(500)
    np.testing.assert_allclose(lowess(x[order], y[order], span=0.5), smooth[order], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(lowess(4 * x, 8 * y, span=0.5), 8 * smooth, rtol=1e-12, atol=1e-12)


def test_all_x_equal_gives_a_robust_mean():
    y = np.array([1.0, 2, 3, 4, 1000])
    np.testing.assert_allclose(lowess(np.ones(5), y, span=1, iterations=0), y.mean())


@pytest.mark.parametrize(
    ("x", "y", "span", "text"),
    [
        ([1.0], [1.0], 0.5, "two or more"),
        ([1.0, 2], [1.0, 2, 3], 0.5, "shape"),
        ([1.0, np.nan], [1.0, 2], 0.5, "finite"),
        ([1.0, 2], [1.0, 2], 1.5, "span"),
    ],
)
def test_refusals(x, y, span, text):
    with pytest.raises(ValueError, match=text):
        lowess(x, y, span=span)
