"""Permutation p against brute force, scipy, and its own level."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from marrowsig._stats.ols import fit
from marrowsig._stats.permute import permutation_p

TWO = np.array([1.0, -1.0])


def groups(*sizes: int) -> np.ndarray:
    return np.repeat(np.eye(len(sizes)), sizes, axis=0)


def split_plot(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return X (4 cell means, 2n blocks) and the blocks: n replicates per line, alone and with stroma."""
    blocks = np.tile(np.arange(2 * n), 2)
    resistant, co = (blocks >= n).astype(int), np.repeat([0, 1], 2 * n)
    return np.hstack([np.eye(4)[2 * resistant + co], np.eye(2 * n)[blocks]]), blocks


def brute(y: np.ndarray, X: np.ndarray, c: np.ndarray, blocks: np.ndarray) -> float:
    """Freedman and Lane by the book: refit the full model to fitted + permuted residuals, every time.

    Rows with an entry below zero in `blocks` stay in place.
    """
    basis = np.linalg.svd(c[None])[2][1:]  # parameters with c'b = 0
    reduced = X @ basis.T
    fitted = reduced @ np.linalg.lstsq(reduced, y, rcond=None)[0]
    left = y - fitted
    rows = [np.flatnonzero(blocks == b) for b in np.unique(blocks[blocks >= 0])]
    every = []
    for orders in itertools.product(*(list(itertools.permutations(r)) for r in rows)):
        moved = left.copy()
        for old, new in zip(rows, orders, strict=True):
            moved[old] = left[list(new)]
        every.append(moved + fitted)
    t = np.abs(fit(np.column_stack(every), X, c).stat)
    return float((t >= t[0] * (1 - 1e-9)).mean())


CASES = {
    "two groups": (groups(3, 4), TWO, None),
    "three arms": (groups(2, 3, 2), np.array([1.0, 0, -1]), None, [0, 0, -1, -1, -1, 0, 0]),
    "interaction": (groups(2, 1, 2, 2), np.array([1.0, -1, -1, 1]), None),
    "three arms in blocks": (
        np.hstack([np.tile(np.eye(3), (4, 1)), np.repeat(np.eye(4), 3, axis=0)]),
        np.array([0, 1.0, -1, 0, 0, 0, 0]),
        np.repeat(np.arange(4), 3),
        [-1, 0, 0, -1, 1, 1, -1, 2, 2, -1, 3, 3],
    ),
    "three arms in blocks, one row lost": (
        np.delete(np.hstack([np.tile(np.eye(3), (3, 1)), np.repeat(np.eye(3), 3, axis=0)]), 7, axis=0),
        np.array([0, 1.0, -1, 0, 0, 0]),
        np.array([0, 0, 0, 1, 1, 1, 2, 2]),
    ),
    "split plot": (split_plot(3)[0], np.r_[1.0, -1, -1, 1, np.zeros(6)], split_plot(3)[1]),
    "one line of a split plot": (
        split_plot(3)[0],
        np.r_[0, 0, -1.0, 1, np.zeros(6)],
        split_plot(3)[1],
        [-1, -1, -1, 3, 4, 5] * 2,
    ),
    "blocks left out of the model": (groups(3, 3), TWO, np.array([0, 1, 1, 0, 0, 1])),
    "covariate": (np.column_stack([groups(3, 3), [0.1, 0.9, 0.3, 0.2, 0.8, 0.4]]), np.r_[TWO, 0], None),
}


@pytest.mark.parametrize("case", CASES)
def test_enumeration_equals_brute_force(case: str) -> None:
    X, c, blocks, *moving = CASES[case]
    Y = np.random.default_rng(1).normal(size=(len(X), 3))
    p, p_min, exact = permutation_p(Y, X, c, blocks=blocks)
    assert exact
    labels = np.array(moving[0]) if moving else np.zeros(len(X)) if blocks is None else blocks
    np.testing.assert_allclose(p, [brute(y, X, c, labels) for y in Y.T], rtol=1e-12)
    assert (p >= p_min - 1e-12).all()


def absolute_t(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.abs(stats.ttest_ind(x, y, axis=axis).statistic)


def test_two_groups_equal_scipy() -> None:
    Y = np.random.default_rng(2).normal(size=(9, 4))
    p, p_min, exact = permutation_p(Y, groups(4, 5), TWO)
    for j in range(4):
        theirs = stats.permutation_test(
            (Y[:4, j], Y[4:, j]), absolute_t, alternative="greater", vectorized=True, n_resamples=np.inf
        )
        np.testing.assert_allclose(p[j], theirs.pvalue, rtol=1e-12)
    assert exact
    # 4 of 9 cannot be mirrored into 5 of 9, so one arrangement alone is the most extreme.
    np.testing.assert_allclose(p_min, 1 / 126)


def test_pairs_equal_scipy() -> None:
    Y = np.random.default_rng(3).normal(size=(12, 4))
    X = np.hstack([groups(6, 6), np.tile(np.eye(6), (2, 1))])
    p, p_min, exact = permutation_p(Y, X, np.r_[TWO, np.zeros(6)], blocks=np.tile(range(6), 2))
    for j in range(4):
        theirs = stats.permutation_test(
            (Y[:6, j], Y[6:, j]),
            lambda x, y, axis: np.abs(stats.ttest_rel(x, y, axis=axis).statistic),
            permutation_type="samples",
            alternative="greater",
            vectorized=True,
            n_resamples=np.inf,
        )
        np.testing.assert_allclose(p[j], theirs.pvalue, rtol=1e-12)
    assert exact
    assert p_min == 2 / 64


@pytest.mark.parametrize(
    ("sizes", "smallest"), [((3, 3), 2 / 20), ((4, 4), 2 / 70), ((3, 4), 1 / 35), ((6, 6), 2 / 924)]
)
def test_smallest_p_is_reached_by_the_clearest_data(sizes: tuple[int, int], smallest: float) -> None:
    apart = np.r_[np.arange(sizes[0]), 100 + np.arange(sizes[1])][:, None].astype(float)
    p, p_min, exact = permutation_p(apart, groups(*sizes), TWO)
    assert exact
    np.testing.assert_allclose([p[0], p_min], smallest)


def test_draws_approach_the_enumeration() -> None:
    Y = np.random.default_rng(4).normal(size=(12, 6))
    Y[:6] += 0.8
    every, _, exact = permutation_p(Y, groups(6, 6), TWO)
    drawn, p_min, drawn_exact = permutation_p(Y, groups(6, 6), TWO, n=900, rng=7)
    assert exact
    assert not drawn_exact
    assert p_min == 1 / 901
    # Four standard errors of a share of 900 draws, six columns.
    assert (np.abs(drawn - every) < 4 * np.sqrt(every * (1 - every) / 900) + 1 / 901).all()


def test_drawn_p_is_never_zero_and_repeats() -> None:
    Y = np.r_[np.zeros(10), np.ones(10)][:, None] + np.linspace(0, 0.01, 20)[:, None]
    first = permutation_p(Y, groups(10, 10), TWO, n=99, rng=1)
    again = permutation_p(Y, groups(10, 10), TWO, n=99, rng=1)
    assert first == again == (np.array([0.01]), 0.01, False)


def test_draws_stay_in_their_blocks() -> None:
    """Rows of a block are all alike, so no arrangement within blocks can change anything."""
    Y = np.random.default_rng(5).normal(size=(16, 2))
    p, _, exact = permutation_p(Y, groups(8, 8), TWO, blocks=np.repeat([0, 1], 8))
    assert exact
    np.testing.assert_array_equal(p, 1)
    # With 30 pairs, draws can only turn pairs round; a shift of the pairs is invisible to them.
    pair = np.tile(np.arange(30), 2)
    X = np.hstack([groups(30, 30), np.eye(30)[pair]])
    c = np.r_[TWO, np.zeros(30)]
    Z = np.random.default_rng(6).normal(size=(60, 2))
    shifted = Z + np.random.default_rng(7).normal(0, 50, size=30)[pair][:, None]
    drawn = permutation_p(Z, X, c, blocks=pair, n=199)
    assert not drawn[2]
    np.testing.assert_array_equal(drawn[0], permutation_p(shifted, X, c, blocks=pair, n=199)[0])


@pytest.mark.parametrize("n", [50, 9999])
def test_order_of_rows_does_not_matter(n: int) -> None:
    rng = np.random.default_rng(8)
    X, blocks = split_plot(4)
    c = np.r_[1.0, -1, -1, 1, np.zeros(8)]
    Y = rng.normal(size=(16, 5))
    order = rng.permutation(16)
    one = permutation_p(Y, X, c, blocks=blocks, n=n)
    other = permutation_p(Y[order], X[order], c, blocks=blocks[order], n=n)
    np.testing.assert_array_equal(one[0], other[0])
    order = rng.permutation(16)
    plain = permutation_p(Y, groups(4, 4, 4, 4), c[:4], n=50)
    shuffled = permutation_p(Y[order], groups(4, 4, 4, 4)[order], c[:4], n=50)
    np.testing.assert_array_equal(plain[0], shuffled[0])


def test_no_p_for_missing_or_flat_scores_or_without_a_contrast() -> None:
    Y = np.random.default_rng(9).normal(size=(8, 3))
    Y[2, 0], Y[:, 1] = np.nan, 0.3
    for n in (10, 9999):
        p, _, _ = permutation_p(Y, groups(4, 4), TWO, n=n)
        np.testing.assert_array_equal(np.isnan(p), [True, True, False])
    confounded = np.hstack([groups(4, 4)] * 2)
    with pytest.raises(ValueError, match="cannot be estimated"):
        permutation_p(Y, confounded, np.r_[TWO, 0, 0])
    with pytest.raises(ValueError, match="7 entries for 8 rows"):
        permutation_p(Y, groups(4, 4), TWO, blocks=range(7))
    with pytest.raises(ValueError, match="n is 0"):
        permutation_p(Y, groups(4, 4), TWO, n=0)


def level(p: np.ndarray, expected: float) -> None:
    error = np.sqrt(expected * (1 - expected) / len(p))
    assert abs((p <= 0.05).mean() - expected) < 3 * error


@pytest.mark.parametrize("errors", ["normal", "exponential"])
def test_level_where_the_arrangements_are_exact(errors: str) -> None:
    """The share of p <= 0.05 is the lattice's: 2 of 70 splits of 4 and 4, 2 of 64 turns of six pairs."""
    rng = np.random.default_rng(10)
    draw, runs = getattr(rng, errors), 4000
    p, _, _ = permutation_p(draw(size=(12, runs)), groups(4, 4, 4), np.array([1.0, -1, 0]))
    level(p, 2 / 70)
    pair = np.tile(np.arange(12), 2)
    X, blocks = split_plot(6)
    Y = draw(size=(24, runs)) + rng.normal(0, 3, size=(12, runs))[pair]
    p, p_min, _ = permutation_p(Y, X, np.r_[-1.0, 1, 0, 0, np.zeros(12)], blocks=blocks)
    assert p_min == 2 / 64
    level(p, 2 / 64)


def test_level_of_an_interaction_at_four_replicates() -> None:
    """Nearly held: 0.061 in blocks (20,000 runs), which is why `compare` exchanges whole pairs there."""
    rng, runs = np.random.default_rng(11), 3000
    c = np.array([1.0, -1, -1, 1])
    X, blocks = split_plot(4)
    Y = rng.normal(size=(16, runs)) + rng.normal(0, 3, size=(8, runs))[blocks]
    p, p_min, exact = permutation_p(Y, X, np.r_[c, np.zeros(8)], blocks=blocks)
    error = np.sqrt(0.05 * 0.95 / runs)
    assert exact
    assert p_min == 2 / 256
    assert abs((p <= 0.05).mean() - 0.05) < 3 * error + 0.011
    p, _, exact = permutation_p(rng.normal(size=(16, 1500)), groups(4, 4, 4, 4), c, n=999)
    assert not exact
    # All columns share their draws, so the draws' own error does not average out.
    error = np.sqrt(0.05 * 0.95 * (1 / 1500 + 1 / 999))
    assert abs((p <= 0.05).mean() - 0.05) < 3 * error
