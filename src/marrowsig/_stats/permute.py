"""Permutation p of a contrast: Freedman-Lane residuals, within blocks, all of them where they are few."""

from __future__ import annotations

from itertools import combinations
from math import comb, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._stats.ols import estimable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from marrowsig._stats.ols import Array

    Rows = NDArray[np.intp]

_TIE = 1e-10
"""Statistics this near to each other, relatively, are one number computed in two orders."""
_CHUNK = 2**21


def permutation_p(
    Y: Array,
    X: Array,
    c: Array,
    *,
    blocks: ArrayLike | None = None,
    n: int = 9999,
    rng: int | np.random.Generator = 0,
) -> tuple[Array, float, bool]:
    """Permute the residuals of the model without the contrast, and compare |t|.

    Rows without weight in the contrast stay in place, and rows alike in `X` are interchangeable, so only
    arrangements that differ between unlike rows are counted. If there are at most `n` of them, all are
    visited, the observed one included; else `n` are drawn. The result does not depend on the order of rows
    (with `rng` a number). Visiting all makes the test exact only where the arrangements leave the rest of the
    model as it is (two arms, whole or in pairs; rows of other arms that `blocks` keeps in place do not
    matter). Otherwise it holds nearly (docs/calibration.md): 0.045 to 0.055 for an interaction and with
    covariates, but 0.061 for an interaction within four pairs per line, whose differences had better be
    exchanged whole; and within pairs with covariates it is too strict (0.02 to 0.04 at six pairs).

    Parameters
    ----------
    Y
        rows x scores. A column with a NaN gets NaN.
    X
        rows x parameters; may be rank deficient.
    c
        The contrast, one weight per parameter.
    blocks
        Per row, the block that it may not leave. The dummies of the blocks belong in `X` as well.
    n
        Arrangements to draw, and the most that are enumerated.
    rng
        Seed or generator of the draws.

    Returns
    -------
    p, p_min, exact
        Two-sided p per column: the share of all arrangements with |t| as large, or (b + 1) / (n + 1) when
        drawn (Phipson and Smyth 2010); the smallest p that this layout can give; whether all were visited.

    Raises
    ------
    ValueError
        If `c` cannot be estimated, `n` is below 1, or `blocks` has another length than `X`.
    """
    labels, kinds = _layout(X, c, _check(X, c, blocks, n))
    order = np.lexsort((kinds, labels))
    Y, X, labels, kinds = Y[order], X[order], labels[order], kinds[order]
    sizes = _sizes(labels, kinds)
    exact = prod(_arrangements(size) for size in sizes) <= n
    test = _Test(X, c)
    E = _sorted_within(test.residual(Y), labels, kinds)
    draws = _all(sizes) if exact else _some(sizes, n, np.random.default_rng(rng))
    observed = test.r2(E, np.arange(len(X))[None])[0] * (1 - _TIE)
    parts = (test.r2(E, part) >= observed for part in _chunks(draws, E.size))
    count = sum(part.sum(axis=0) for part in parts)
    p = count / len(draws) if exact else (count + 1) / (n + 1)
    p_min = _smallest(test, draws) if exact else 1 / (n + 1)
    return np.where(test.moves(Y), p, np.nan), p_min, exact


def smallest_p(X: Array, c: Array, *, blocks: ArrayLike | None = None, n: int = 9999) -> float:
    """Return the `p_min` of `permutation_p`, which depends on the layout alone."""
    labels, kinds = _layout(X, c, _check(X, c, blocks, n))
    order = np.lexsort((kinds, labels))
    sizes = _sizes(labels[order], kinds[order])
    if prod(_arrangements(size) for size in sizes) > n:
        return 1 / (n + 1)
    return _smallest(_Test(X[order], c), _all(sizes))


def _layout(X: Array, c: Array, labels: Rows) -> tuple[Rows, Rows]:
    """Blocks, those of rows that stay in place by themselves; and which rows are alike."""
    kinds = np.unique(X, axis=0, return_inverse=True)[1].ravel()
    return np.where(_idle(X, c), labels.max() + 1 + kinds, labels), kinds


def _smallest(test: _Test, draws: Rows) -> float:
    """Share of arrangements that tie with the largest |t|, whatever the data: mirror images, as a rule."""
    noise = test.residual(np.random.default_rng(1).normal(size=(draws.shape[1], 1)))
    r2 = np.concatenate([test.r2(noise, part)[:, 0] for part in _chunks(draws, len(noise))])
    return float((r2 >= r2.max() * (1 - _TIE)).mean())


def _check(X: Array, c: Array, blocks: ArrayLike | None, n: int) -> Rows:
    if n < 1:
        msg = f"n is {n}; at least one arrangement is needed."
        raise ValueError(msg)
    if not estimable(X, c):
        msg = "The contrast cannot be estimated in this model, so it has no permutation p."
        raise ValueError(msg)
    if blocks is None:
        return np.zeros(len(X), dtype=np.intp)
    labels = np.unique(np.asarray(blocks), return_inverse=True)[1].ravel()
    if len(labels) != len(X):
        msg = f"blocks has {len(labels)} entries for {len(X)} rows."
        raise ValueError(msg)
    return labels


def _idle(X: Array, c: Array) -> NDArray[np.bool_]:
    """Rows that the contrast does not weigh, such as those of another line: they stay where they are.

    Their residuals are at right angles to their own arms' means, permuted ones are not: to move them would
    make the observed t small among the others (level 0.00 for one line of a split plot at n = 4).
    """
    a = np.abs(c @ np.linalg.pinv(X))
    return a < 1e-9 * a.max()


class _Test:
    """The model without the contrast, and the share of what it leaves that the contrast explains."""

    def __init__(self, X: Array, c: Array) -> None:
        a = c @ np.linalg.pinv(X)  # c'b = a'y, and a lies in the columns of X
        self.a = a / np.linalg.norm(a)
        rest = X - np.outer(self.a, self.a @ X)
        left, size, _ = np.linalg.svd(rest, full_matrices=False)
        self.reduced = left[:, size > 1e-9 * max(float(np.linalg.norm(X)), 1e-300)]

    def residual(self, Y: Array) -> Array:
        """Return what the reduced model leaves of `Y`."""
        return Y - self.reduced @ (self.reduced.T @ Y)

    def moves(self, Y: Array) -> NDArray[np.bool_]:
        """Whether a column varies beyond what the full model explains; False with NaN."""
        left = self.residual(Y)
        left = left - np.outer(self.a, self.a @ left)
        return np.linalg.norm(left, axis=0) > 1e-12 * np.abs(Y).max(axis=0) * np.sqrt(len(Y))

    def r2(self, E: Array, perms: Rows) -> Array:
        """Partial R^2 of the contrast per arrangement and column; t^2 rises with it."""
        basis = np.column_stack([self.a, self.reduced])
        on = np.square(np.matmul(basis.T, E[perms]))
        total = (E**2).sum(axis=0) - on[:, 1:].sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(total > 0, on[:, 0] / total, 0.0)


def _sizes(labels: Rows, kinds: Rows) -> list[tuple[int, ...]]:
    """Per block, how many rows of each kind; blocks and kinds in the order of the sorted rows."""
    blocks = [kinds[labels == label] for label in np.unique(labels)]
    return [tuple(int(k) for k in np.unique(block, return_counts=True)[1]) for block in blocks]


def _arrangements(sizes: tuple[int, ...]) -> int:
    return prod(comb(sum(sizes[: i + 1]), size) for i, size in enumerate(sizes))


def _sorted_within(E: Array, labels: Rows, kinds: Rows) -> Array:
    """Sort each column among interchangeable rows, so that draws meet the same values in any order."""
    E = E.copy()
    for cell in np.unique(np.column_stack([labels, kinds]), axis=0):
        rows = (labels == cell[0]) & (kinds == cell[1])
        E[rows] = np.sort(E[rows], axis=0)
    return E


def _all(sizes: list[tuple[int, ...]]) -> Rows:
    """Every arrangement that differs between kinds, rows of a block side by side; the identity first."""
    found: Any = np.zeros((1, 0), dtype=np.intp)
    for size in sizes:
        start = found.shape[1]
        block = start + np.array(list(_grow(tuple(range(sum(size))), size)), dtype=np.intp)
        found = np.hstack([np.repeat(found, len(block), axis=0), np.tile(block, (len(found), 1))])
    return found


def _grow(left: tuple[int, ...], sizes: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if not sizes:
        yield ()
        return
    for chosen in combinations(left, sizes[0]):
        rest = tuple(i for i in left if i not in chosen)
        for tail in _grow(rest, sizes[1:]):
            yield chosen + tail


def _some(sizes: list[tuple[int, ...]], n: int, rng: np.random.Generator) -> Rows:
    parts, start = [], 0
    for size in sizes:
        rows = np.tile(np.arange(start, start + sum(size)), (n, 1))
        parts.append(rng.permuted(rows, axis=1))
        start += sum(size)
    return np.hstack(parts)


def _chunks(draws: Rows, cost: int) -> Iterator[Rows]:
    step = max(_CHUNK // max(cost, 1), 1)
    for start in range(0, len(draws), step):
        yield draws[start : start + step]
