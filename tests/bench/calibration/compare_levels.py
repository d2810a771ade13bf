"""Level of the t test, Welch's and the permutation p of `ms.tl.compare`."""

from __future__ import annotations

from functools import partial

import numpy as np

from calibration.case import IS_LEVEL, NO_MORE, Case, below
from calibration.layouts import BOTH, LAYOUTS, TREATED, fitted, plan_of, samples
from marrowsig.tl._permuted import permuted
from marrowsig.tl._unpooled import unpooled

TITLE = "Level of `ms.tl.compare`"
NOTE = (
    "Normal errors and a pair effect of two SD unless the row says otherwise. `t` has to be 0.05; the "
    "permutation, which is coarse in small studies, not above it. `Welch` is `p_welch`: of the arms, or in "
    "pairs the t of the contrast's own differences, and may not exceed 0.05 there. `one arm SD 3`: the "
    "errors of the contrast's last co-cultured arm, treated if there is one that it asks about, are three "
    "times those of the others. Rows with unequal variances and skewed errors carry no aim for the tests "
    "that they break. Permutations are of the first 4,000 runs, and set the `error` of rows that have them."
)


def draws(rng: np.random.Generator, errors: str, size: tuple[int, int]) -> np.ndarray:
    return rng.exponential(size=size) if errors == "exponential" else rng.normal(size=size)


def level(layout: str, n: int, errors: str, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(n)
    obs = samples(layout, n)
    plan = plan_of(layout, obs)
    Y = draws(rng, errors, (len(obs), runs))
    if errors == "one arm SD 3":
        drug = "drug" if "reversal" in layout else "none"
        wide = (obs["culture"] == "co") & (obs["line"] == obs["line"].iloc[-1]) & (obs["inhibitor"] == drug)
        Y[wide] *= 3
    if errors == "skewed differences":
        Y[obs["culture"] == "co"] = rng.exponential(size=(int((obs["culture"] == "co").sum()), runs)) - 1
        Y[obs["culture"] == "mono"] *= 0.1
    pair = obs["pair"].astype("category").cat.codes.to_numpy()
    Y += 2 * rng.normal(size=(pair.max() + 1, runs))[pair] if "pair" in BOTH[layout][0] else 0
    found = {"t": below(fitted(plan, Y).p)}
    rows = plan.model.frame["row"].to_numpy()
    own = unpooled(plan, plan.model, Y[rows])[2]
    if np.isfinite(own).all():
        found["Welch"] = below(own)
    p, perm = permuted(plan, plan.model, Y[rows][:, : min(runs, 4000)], alpha=0.05, n=999)
    if perm == "exact":
        found["permutation"] = below(p["p_perm"])
    elif perm:  # runs share their draws, so that each batch of 50 counts once
        parts = [
            permuted(plan, plan.model, Y[rows][:, i : i + 50], alpha=0.05, n=999 + i)[0]["p_perm"]
            for i in range(0, min(runs, 4000), 50)
        ]
        found["permutation"] = np.array([below(p).mean() for p in parts])
    return found


def cases() -> list[Case]:
    aims = {"t": IS_LEVEL, "permutation": NO_MORE}
    made = [
        Case("compare", f"{layout}, n = {n}", partial(level, layout, n, "normal"), 40_000, aims, 1000)
        for layout in LAYOUTS
        for n in (3, 4, 6)
    ]
    for layout, errors in (
        ("two groups", "one arm SD 3"), ("interaction", "one arm SD 3"), ("pairs", "skewed differences"),
    ):  # fmt: skip
        made += [
            Case("compare", f"{layout}, n = {n}, {errors}", partial(level, layout, n, errors), 40_000)
            for n in (3, 6)
        ]
    for layout in ("interaction of pairs", *TREATED):
        for n in (3, 4, 6):
            if layout in TREATED:
                normal = partial(level, layout, n, "normal")
                made.append(Case("compare", f"{layout}, n = {n}", normal, 40_000, aims | {"Welch": NO_MORE}))
            wide = partial(level, layout, n, "one arm SD 3")
            scenario, short = f"{layout}, n = {n}, one arm SD 3", 1000 if n == 4 else 0
            made.append(Case("compare", scenario, wide, 40_000, {"Welch": NO_MORE}, short))
    return made
