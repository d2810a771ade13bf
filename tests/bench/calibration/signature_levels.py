"""Level of the signature test, and of the scale that it does without."""

from __future__ import annotations

from functools import partial

import numpy as np

from calibration.case import IS_LEVEL, Aim, Case, below
from calibration.layouts import plan_of, samples
from marrowsig._stats.signature_test import signature_test

TITLE = "Level of the signature test"
NOTE = (
    "`ms.tl.gene_sets`, 30 of 600 genes with correlation rho; SDs fall with the mean. `trend` has to be "
    "0.05. `known` takes the curve that the SDs were drawn around, with which the test is exactly "
    "Student's; `difference`, the level of `trend` less that of `known` in the same runs, has to be 0, "
    "which is far sharper than either level. `own SD` scales each gene by its own residual SD, which is "
    "not offered: its level has to lie above 0.09 where the row says so, or the simulation could not "
    "tell right from wrong. Rows have seeds of their own. An earlier table of 600 runs a row had `known` at "
    "0.061 over its nine rows of pairs, 3.4 errors from what is exact: that was chance. With 20,000 further "
    "runs a row, error 0.0005 over nine, `known` lies at 0.0500 in pairs, 0.0502 between two groups and "
    "0.0507 for the interaction."
)
SIZE = 30


def level(layout: str, n: int, rho: float, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([2, n, len(layout), int(100 * rho)])
    obs = samples(layout, n)
    plan = plan_of(layout, obs)
    rows, X, c = plan.model.frame["row"].to_numpy(), plan.model.X, plan.model.c(plan.contrast)
    left = np.eye(len(X)) - X @ np.linalg.pinv(X)
    trend, own, known = np.empty(runs), np.empty(runs), np.empty(runs)
    for i in range(runs):
        mean = rng.uniform(2, 12, 600)
        noise = rng.normal(size=(len(obs), 600))
        noise[:, :SIZE] = np.sqrt(1 - rho) * noise[:, :SIZE] + np.sqrt(rho) * rng.normal(size=(len(obs), 1))
        curve = 0.2 + np.exp(-mean / 3)
        Y = mean + curve * np.sqrt(8 / rng.chisquare(8, 600)) * noise
        trend[i] = signature_test(Y[rows], X, c, [np.arange(SIZE)]).p[0]
        scale = np.sqrt(((left @ Y[rows]) ** 2).sum(axis=0))
        own[i] = signature_test(Y[rows], X, c, [np.arange(SIZE)], scale=scale).p[0]
        known[i] = signature_test(Y[rows], X, c, [np.arange(SIZE)], scale=curve).p[0]
    less = below(trend) - below(known)
    return {"trend": below(trend), "known": below(known), "difference": less, "own SD": below(own)}


def cases() -> list[Case]:
    made = []
    for layout in ("two groups", "pairs", "interaction"):
        for n in (3, 4, 6):
            for rho in (0.0, 0.1, 0.2):
                aims = {"trend": IS_LEVEL, "difference": Aim("is", 0.0)}
                if layout == "pairs" and n == 3:
                    aims["own SD"] = Aim("above", 0.09)
                short = 150 if (layout, n) in (("pairs", 3), ("interaction", 4)) and rho == 0.1 else 0
                scenario = f"{layout}, n = {n}, rho {rho:g}"
                made.append(
                    Case("signature test", scenario, partial(level, layout, n, rho), 2000, aims, short)
                )
    return made
