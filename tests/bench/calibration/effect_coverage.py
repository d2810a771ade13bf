"""Coverage of the interval of the standardised effect, and its bias."""

from __future__ import annotations

from functools import partial

import numpy as np

from calibration.case import COVERS, Case
from calibration.layouts import fitted, plan_of, samples
from marrowsig._stats.effect import standardised

TITLE = "Coverage of the standardised effect"
NOTE = (
    "The 0.95 interval of Hedges' g or d_z (of pairs), from the noncentral t; delta is the true effect. "
    "`bias` is the mean of the estimate less delta, told without an aim: g has none, d_z is what the "
    "literature calls by that name and is too large in small studies."
)


def coverage(layout: str, n: int, delta: float, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([n, int(delta)])
    obs = samples(layout, n)
    plan = plan_of(layout, obs)
    paired = plan.model.block != ""
    Y = rng.normal(0, np.sqrt(0.5) if paired else 1, size=(len(obs), runs))
    moved = (obs["culture"] == "co") & (obs["line"] == obs["line"].iloc[-1])
    Y[moved] += delta
    correct = plan.model.effect_name(plan.contrast) != "d_z"
    g, low, high = standardised(fitted(plan, Y), alpha=0.05, paired=paired, correct=correct)
    return {"covers": ((low <= delta) & (delta <= high)).astype(float), "bias": g - delta}


def cases() -> list[Case]:
    return [
        Case(
            "effect", f"{layout}, n = {n}, delta {delta:g}", partial(coverage, layout, n, delta), 4000,
            {"covers": COVERS}, 150 if n == 3 else 0,
        )
        for layout in ("two groups", "pairs", "interaction")
        for n in (3, 4, 6)
        for delta in (0.0, 2.0)
    ]  # fmt: skip
