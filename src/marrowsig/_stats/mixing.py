"""Blasts with a share of stroma among them: what mixing does to expression on a linear scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array

PSEUDO = 1.0
"""Added before logs are taken. Raising it makes the lever of carry-over look smaller, so it is fixed."""
FOLD = 1.1
"""Genes that mixing moves by more than this do not count as the blasts' own."""
MARKER_LEVEL, MARKER_RATIO, MARKER_FLOOR, MARKER_MOST = 50.0, 100.0, 0.1, 100


def mixed(base: Array, stroma: Array, share: Array | float) -> Array:
    """Profiles (..., n_genes) of which `share` (...) is stroma: (1 - f) a + f s, in the unit of both."""
    f = np.asarray(share, float)[..., None]
    return (1.0 - f) * base + f * stroma


def unmixed(values: Array, stroma: Array, share: Array) -> Array:
    """Subtract `share` (n,) of stroma from `values` (n, n_genes), not below zero."""
    f = np.asarray(share, float)[:, None]
    return np.maximum(values - f * np.nan_to_num(stroma), 0.0) / (1.0 - f)


def moved(base: Array, stroma: Array, share: float, *, pseudo: float = PSEUDO) -> Array:
    """Log2 change of each gene when `share` of the RNA is stroma's; NaN where its level is not known."""
    return np.log2(mixed(base, stroma, share) + pseudo) - np.log2(base + pseudo)


def movable(bases: Array, stroma: Array, share: float, *, pseudo: float = PSEUDO) -> NDArray[np.bool_]:
    """Genes that `share` could move by more than log2 1.1 in any of `bases` (n_bases, n_genes).

    Genes whose level in stroma is NaN count as movable, unless nothing is carried over.
    """
    if share <= 0:
        return np.zeros(bases.shape[1], dtype=bool)
    size = np.abs(moved(bases, stroma, share, pseudo=pseudo))
    return ~(size <= np.log2(FOLD)).all(axis=0)


def markers(background: Array, stroma: Array, allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Columns of genes high in stroma and absent in blood, the highest in stroma first.

    background  (n_genes,) highest level among the lines grown alone, per million
    allowed     (n_genes,) outside the tested signatures and outside what IL-6 and TGF-beta drive
    """
    s = np.nan_to_num(stroma)
    fit = allowed & (s >= MARKER_LEVEL) & (s >= MARKER_RATIO * (background + MARKER_FLOOR))
    found = np.flatnonzero(fit)
    return found[np.argsort(-s[found], kind="stable")][:MARKER_MOST]
