"""Level of permutation where it is not exact, and what is exchanged in its place."""

from __future__ import annotations

from functools import partial

import numpy as np

from calibration.case import IS_LEVEL, NO_MORE, Case, below
from calibration.layouts import fitted, plan_of, samples
from marrowsig._stats.permute import permutation_p
from marrowsig.tl._permuted import permuted

TITLE = "Permutation"
NOTE = (
    "`p_perm` is what `ms.tl.compare` gives (empty where it gives none) and may not exceed 0.05. "
    "`residuals` permutes the residuals of the model without the contrast (Freedman and Lane), "
    "within pairs where there are pairs, whether it is offered or not. For an interaction of pairs "
    "these residuals are differences that add up to zero. Exchanging the residuals of single pairs "
    "does not keep that sum, so that the arrangement seen is not comparable with the others, and the "
    "test is too liberal. Exchanging whole pairs between the lines is exact, and is what is offered. "
    "Within pairs, with a covariate, permutation is too strict and is not offered. `shift` is that "
    "of the covariate between the arms, in SD."
)
COLUMNS = 50
"""Scores per set of draws, and per drawn covariate."""


def level(layout: str, n: int, errors: str, shift: float | None, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([n, len(layout), len(errors), 0 if shift is None else int(shift) + 1])
    obs = samples(layout, n)
    co = (obs["culture"] == "co").to_numpy()
    pair = obs["pair"].astype("category").cat.codes.to_numpy()
    out: dict[str, list[float]] = {"t": [], "residuals": [], "p_perm": []}
    plan = plan_of(layout, obs)
    for draw in range(max(runs // COLUMNS, 2)):
        Y = getattr(rng, errors)(size=(len(obs), COLUMNS))
        Y += rng.normal(0, 2, (pair.max() + 1, COLUMNS))[pair] if plan.model.block else 0
        if shift is not None:
            x = rng.normal(size=len(obs)) + shift * co
            plan = plan_of(layout, obs.assign(x=x), covariates="x")
            Y += x[:, None]
        rows, c = plan.model.frame["row"].to_numpy(), plan.model.c(plan.contrast)
        labels = plan.model.exchangeable()
        out["t"].append((fitted(plan, Y).p <= 0.05).mean())
        p, _, _ = permutation_p(Y[rows], plan.model.X, c, blocks=labels, n=999, rng=draw)
        out["residuals"].append(below(p).mean())
        ours, perm = permuted(plan, plan.model, Y[rows], alpha=0.05, n=999 + draw)
        if perm:
            out["p_perm"].append(below(ours["p_perm"]).mean())
    return {name: np.array(values) for name, values in out.items() if values}


def cases() -> list[Case]:
    worlds = [("interaction of pairs", n, None) for n in (3, 4, 6)] + [
        ("interaction", n, None) for n in (3, 4, 6)
    ]
    worlds += [
        (layout, n, shift) for layout in ("two groups", "interaction") for n in (3, 4, 6) for shift in (0, 2)
    ]
    worlds += [("interaction of pairs", n, 2) for n in (4, 6)] + [("pairs", 6, shift) for shift in (0, 2)]
    made = []
    for layout, n, shift in worlds:
        for errors in ("normal", "exponential"):
            words = f"{layout}, n = {n}" + ("" if shift is None else f", covariate, shift {shift}")
            draw = partial(level, layout, n, errors, shift)
            aims = {"p_perm": NO_MORE} | ({"t": IS_LEVEL} if errors == "normal" else {})
            short = 1000 if (layout, n, shift, errors) == ("interaction of pairs", 4, None, "normal") else 0
            made.append(Case("permutation", f"{words}, {errors}", draw, 4000, aims, short))
    return made
