"""Family-wise error of Holm and of maxT, with and without effects among the tests."""

from __future__ import annotations

from functools import partial

import numpy as np

from calibration.case import NO_MORE, Aim, Case
from marrowsig._stats.holm import holm
from marrowsig._stats.maxt import maxt
from marrowsig._stats.ols import fit

TITLE = "Any false call in a family"
NOTE = (
    "Induction in two lines and the interaction of three scores with correlation rho: nine tests. Holm "
    "and maxT (199 rotations) may not exceed 0.05; `none` is the share of families with a false call "
    "when nothing is adjusted, and has to lie above 0.1. One effect: a score moves by five SD in one "
    "arm, and the seven other tests count."
)
C = np.array([[-1.0, 1, 0, 0], [0, 0, -1, 1], [1, -1, -1, 1]])


def errors(n: int, rho: float, effect: float, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([n, int(10 * rho), int(effect)])
    X = np.repeat(np.eye(4), n, axis=0)
    out = {name: np.empty(runs) for name in ("Holm", "maxT", "none")}
    null = np.ones((3, 3), bool)
    null[[1, 2], 0] = effect == 0
    for i in range(runs):
        Y = np.sqrt(rho) * rng.normal(size=(4 * n, 1)) + np.sqrt(1 - rho) * rng.normal(size=(4 * n, 3))
        Y[:, 0] += effect * X[:, 3]
        p = np.array([fit(Y, X, c).p for c in C])
        adjusted = {"Holm": holm(p.ravel()).reshape(3, 3), "maxT": maxt(Y, X, C, n=199, rng=i), "none": p}
        for name, values in adjusted.items():
            out[name][i] = values[null].min() <= 0.05
    return out


def cases() -> list[Case]:
    aims = {"Holm": NO_MORE, "maxT": NO_MORE, "none": Aim("above", 0.1)}
    made = []
    for n in (3, 4, 6):
        for rho in (0.0, 0.6):
            for effect, word in ((0.0, ""), (5.0, ", one effect")):
                short = 150 if n == 3 and rho else 0
                draw = partial(errors, n, rho, effect)
                made.append(Case("family", f"n = {n}, rho {rho:g}{word}", draw, 1000, aims, short))
    return made
