"""How often arms of like cells are called unlike, and how often a difference is seen."""

from __future__ import annotations

from functools import partial

import numpy as np

from calibration.case import Aim, Case
from marrowsig._stats.unlike_shares import unlike, unlike_in_pairs

TITLE = "Arms of unlike cell types"
NOTE = (
    "The warning of `ms.tl.compare`: unlike arms or, in pairs, unlike within them. Shares of cell "
    "types of donors: Dirichlet about the mean of bone marrow of seven patients with AML (van Galen "
    "2019), as concentrated as those scatter (15 types of normal cells 8.4, 6 types of malignant "
    "cells 3.6). Arms have donors of their own, or the same donors. In the latter case the shares of "
    "the second arm scatter about those of the first as if they were counted in 60, 20 or 10 cells; "
    "with 10 they differ about as much as normal cells of two strangers do. Sums have 50 or 2,000 "
    "cells on average, negative binomial with size 2, and at least 20. `alarm`: arms are alike but "
    "for that; `0.3` and `0.5`: so much of the cells of one arm is of a type that the other lacks."
)
MEANS = {
    "normal": (
        np.array([27, 16, 12, 10, 10, 10, 8, 6, 5, 4, 3, 2, 2, 1, 1]) / 117, 8.4,
    ),
    "malignant": (np.array([29, 21, 17, 17, 14, 2]) / 100, 3.6),
}  # fmt: skip
CELLS, SIZE, FEWEST = (50, 2000), 2, 20
MOVED = {"alarm": 0.0, "0.3": 0.3, "0.5": 0.5}
APART = (0, 60, 20, 10)
"""How far arms of one donor are apart; 0 stands for arms of other donors."""


def called(world: str, n: int, within: int, runs: int) -> dict[str, np.ndarray]:
    found = {}
    for cells in CELLS:
        for name, moved in MOVED.items():
            rng = np.random.default_rng([n, len(world), within, cells, int(100 * moved)])
            told = [_told(rng, world, n, within, cells, moved) for _ in range(runs)]
            found[f"{name}, {cells:,} cells"] = np.array(told, float)
    return found


def _told(rng: np.random.Generator, world: str, n: int, within: int, cells: int, moved: float) -> bool:
    mean, concentration = MEANS[world]
    first = rng.dirichlet(concentration * mean, n)
    if within:
        second = np.array([rng.dirichlet(within * own + 1e-3) for own in first])
    else:
        second = rng.dirichlet(concentration * mean, n)
    a, b = _drawn(rng, first, cells, 0.0), _drawn(rng, second, cells, moved)
    return unlike(a, b) or bool(within and unlike_in_pairs(a, b))


def _drawn(rng: np.random.Generator, shares: np.ndarray, cells: int, moved: float) -> np.ndarray:
    """Shares among the cells of sums, a part of which are of a further type."""
    whole = np.column_stack([(1 - moved) * shares, np.full(len(shares), moved)])
    n = np.maximum(rng.negative_binomial(SIZE, SIZE / (SIZE + cells), len(shares)), FEWEST)
    return np.array([rng.multinomial(k, own / own.sum()) / k for k, own in zip(n, whole, strict=True)])


def cases() -> list[Case]:
    made = []
    for world in MEANS:
        for within in APART:
            for n in (2, 3, 4, 5, 6, 8):
                words = f"{n} pairs, as {within} cells" if within else f"{n} an arm"
                aims = {f"alarm, {cells:,} cells": Aim("at most", 0.05) for cells in CELLS}
                short = 60 if (world, n, within) == ("malignant", 3, 20) else 0
                draw = partial(called, world, n, within)
                made.append(Case("types", f"{world} cells, {words}", draw, 1000, aims, short))
    return made
