"""Power of the t test against the exact noncentral t."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy import stats

from calibration.case import Aim, Case
from calibration.layouts import fitted, plan_of, samples

TITLE = "Power of `ms.tl.compare`"
NOTE = (
    "delta in SD (of pairs: SD of the difference). `t` has to be what the noncentral t distribution "
    "says, printed as `exact`."
)
TABLE = [
    ("two groups", 3, 2.0), ("two groups", 3, 3.0), ("two groups", 4, 2.0), ("two groups", 6, 2.0),
    ("pairs", 3, 2.0), ("pairs", 4, 2.0), ("pairs", 6, 2.0),
    ("interaction", 3, 2.0), ("interaction", 3, 3.0), ("interaction", 6, 2.0),
    ("interaction of pairs", 3, 2.0), ("interaction of pairs", 4, 2.0), ("interaction of pairs", 6, 2.0),
]  # fmt: skip


def exact(layout: str, n: int, delta: float) -> float:
    """By scipy: degrees of freedom and standard error per SD are those of the textbook."""
    df, k = {
        "two groups": (2 * n - 2, np.sqrt(2 / n)),
        "pairs": (n - 1, np.sqrt(1 / n)),
        "interaction": (4 * n - 4, np.sqrt(4 / n)),
        "interaction of pairs": (2 * n - 2, np.sqrt(2 / n)),
    }[layout]
    q = stats.t.ppf(0.975, df)
    return float(stats.nct.sf(q, df, delta / k) + stats.nct.cdf(-q, df, delta / k))


def power(layout: str, n: int, delta: float, runs: int) -> dict[str, np.ndarray]:
    obs = samples(layout, n)
    plan = plan_of(layout, obs)
    noise = np.sqrt(0.5) if plan.model.block else 1.0
    Y = np.random.default_rng([n, int(delta)]).normal(0, noise, size=(len(obs), runs))
    Y[(obs["culture"] == "co") & (obs["line"] == obs["line"].iloc[-1])] += delta
    wanted = np.array([exact(layout, n, delta)] * 2)
    return {"t": (fitted(plan, Y).p < 0.05).astype(float), "exact": wanted}


def cases() -> list[Case]:
    return [
        Case(
            "power", f"{layout}, n = {n}, delta {delta:g}", partial(power, layout, n, delta), 40_000,
            {"t": Aim("is", exact(layout, n, delta))}, 40_000,
        )
        for layout, n, delta in TABLE
    ]  # fmt: skip
