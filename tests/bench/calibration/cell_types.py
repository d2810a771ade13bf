"""How often arms of like cells are called unlike, and how often a difference is seen."""

from __future__ import annotations

from functools import partial

import numpy as np

from calibration.case import Aim, Case
from marrowsig._stats.unlike_shares import unlike

TITLE = "Arms of unlike cell types"
NOTE = (
    "Shares of cell types of donors: Dirichlet about the mean of bone marrow of seven patients with AML (van "
    "Galen 2019), as concentrated as those scatter (15 types of normal cells 8.4, 6 types of malignant cells "
    "3.6), 200 cells a sum. `alarm` is the warning of `ms.tl.compare` where arms are alike but for their "
    "donors (n of each arm, or n donors with both arms, of which the second moves about the first as 60 "
    "cells would); `seen` where `moved` of the cells of one arm are of a type that the other lacks."
)
MEANS = {
    "normal": (
        np.array([27, 16, 12, 10, 10, 10, 8, 6, 5, 4, 3, 2, 2, 1, 1]) / 117, 8.4,
    ),
    "malignant": (np.array([29, 21, 17, 17, 14, 2]) / 100, 3.6),
}  # fmt: skip
CELLS, WITHIN = 200, 60


def called(world: str, n: int, paired: bool, moved: float, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([n, len(world), int(paired), int(100 * moved)])
    mean, concentration = MEANS[world]
    alarms, seen = [], []
    for _ in range(runs):
        a, b = _shares(rng, mean, concentration, n, paired)
        alarms.append(unlike(_drawn(rng, a, 0.0), _drawn(rng, b, 0.0)))
        seen.append(unlike(_drawn(rng, a, 0.0), _drawn(rng, b, moved)))
    return {"alarm": np.array(alarms, float), "seen": np.array(seen, float)}


def _shares(rng, mean, concentration, n, paired):
    first = rng.dirichlet(concentration * mean, n)
    if not paired:
        return first, rng.dirichlet(concentration * mean, n)
    return first, np.array([rng.dirichlet(WITHIN * own + 1e-3) for own in first])


def _drawn(rng: np.random.Generator, shares: np.ndarray, moved: float) -> np.ndarray:
    """Shares among the cells of a sum, a part of which are of a further type."""
    whole = np.column_stack([(1 - moved) * shares, np.full(len(shares), moved)])
    return np.array([rng.multinomial(CELLS, own / own.sum()) for own in whole]) / CELLS


def cases() -> list[Case]:
    made = []
    for world in MEANS:
        for paired in (False, True):
            for n in (2, 3, 4, 6, 8):
                words = f"{world} cells, {n} {'pairs' if paired else 'an arm'}, moved 0.5"
                short = 200 if (world, n, paired) == ("malignant", 3, False) else 0
                draw = partial(called, world, n, paired, 0.5)
                made.append(Case("types", words, draw, 4000, {"alarm": Aim("at most", 0.04)}, short))
    return made
