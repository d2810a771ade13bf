"""Coverage of the interval of the standardised effect, and its bias."""

from __future__ import annotations

from functools import partial

import numpy as np

from calibration.case import COVERS, Aim, Case
from calibration.layouts import fitted, plan_of, samples
from marrowsig._stats.effect import hedges_j, standardised

TITLE = "Coverage of the standardised effect"
NOTE = (
    "The 0.95 interval of Hedges' g or g_z (of pairs), from the noncentral t; delta is the true effect. "
    "`bias` is the mean of the estimate less delta, which has to be 0 (three pairs have no aim: at 2 df its "
    "variance is infinite). `times J` is what the interval would cover multiplied by Hedges' factor, as "
    "`effectsize::hedges_g` does it: told, and not offered."
)


def coverage(layout: str, n: int, delta: float, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([n, int(delta)])
    obs = samples(layout, n)
    plan = plan_of(layout, obs)
    paired = plan.model.block != ""
    Y = rng.normal(0, np.sqrt(0.5) if paired else 1, size=(len(obs), runs))
    moved = (obs["culture"] == "co") & (obs["line"] == obs["line"].iloc[-1])
    Y[moved] += delta
    found = fitted(plan, Y)
    g, low, high = standardised(found, alpha=0.05, paired=paired)
    j = hedges_j(found.df)
    covered = {"covers": within(low, delta, high), "times J": within(j * low, delta, j * high)}
    return covered | {"bias": g - delta}


def within(low: np.ndarray, delta: float, high: np.ndarray) -> np.ndarray:
    return ((low <= delta) & (delta <= high)).astype(float)


def cases() -> list[Case]:
    return [
        Case(
            "effect", f"{layout}, n = {n}, delta {delta:g}", partial(coverage, layout, n, delta), 4000,
            {"covers": COVERS} | ({} if (layout, n) == ("pairs", 3) else {"bias": Aim("is", 0.0)}),
            150 if n == 3 else 0,
        )
        for layout in ("two groups", "pairs", "interaction")
        for n in (3, 4, 6)
        for delta in (0.0, 2.0)
    ]  # fmt: skip
