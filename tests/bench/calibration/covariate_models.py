"""What a covariate does to level, width and power at three to six samples."""

from __future__ import annotations

from functools import partial

import numpy as np

from calibration.case import IS_LEVEL, Case
from calibration.layouts import fitted, plan_of, samples

TITLE = "Covariates in `ms.tl.compare`"
NOTE = (
    "Two arms. `shift` is how far the arms differ in the covariate, in SD; `share` how much of the "
    "variance within arms it explains. `adjusted` and `plain` are the levels of the t test with and "
    "without the covariate; `noisy` that of the adjustment when half of the variance of the measured "
    "covariate is noise. Power at an effect of 3 SD of what the covariate leaves. `inflation` is "
    "`se_inflation`: how many times the covariate widens the standard error at equal noise (median). "
    "Adjusting holds its level for a covariate measured well, whatever its shift; one measured badly "
    "that the arms shift misleads, as does no adjustment."
)
COLUMNS = 100
"""Scores per drawn covariate."""


def study(layout: str, n: int, shift: float, share: float, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([n, int(shift), int(10 * share), len(layout)])
    obs = samples(layout, n)
    co = (obs["culture"] == "co").to_numpy()
    last = (obs["line"] == obs["line"].iloc[-1]).to_numpy()
    slope = np.sqrt(share / (1 - share))
    plain = plan_of(layout, obs)
    out: dict[str, list[float]] = {}
    for _ in range(max(runs // COLUMNS, 2)):
        true = rng.normal(size=len(obs)) + shift * (co & last)
        plans = {
            "adjusted": plan_of(layout, obs.assign(x=true), covariates="x"),
            "plain": plain,
            "noisy": plan_of(layout, obs.assign(x=true + rng.normal(size=len(obs))), covariates="x"),
        }
        Y = rng.normal(size=(len(obs), COLUMNS)) + slope * true[:, None]
        for name, plan in plans.items():
            out.setdefault(name, []).append((fitted(plan, Y).p < 0.05).mean())
        Y[co & last] += 3
        for name in ("adjusted", "plain"):
            out.setdefault(f"power {name}", []).append((fitted(plans[name], Y).p < 0.05).mean())
        model = plans["adjusted"].model
        out.setdefault("inflation", []).append(model.inflation(plans["adjusted"].contrast))
    found = {name: np.array(values) for name, values in out.items()}
    found["inflation"] = np.full(2, np.median(found["inflation"]))
    return found


def cases() -> list[Case]:
    made = []
    for layout in ("two groups", "interaction"):
        for n in (3, 4, 6):
            for shift, share in ((0, 0), (0, 0.5), (0, 0.8), (1, 0.5), (2, 0), (2, 0.5)):
                if layout == "interaction" and (shift, share) not in ((0, 0.5), (2, 0.5)):
                    continue
                # Where the covariate matters, the plain level varies wildly between drawn covariates: no aim.
                aims = {"adjusted": IS_LEVEL} | ({"plain": IS_LEVEL} if share == 0 else {})
                draw = partial(study, layout, n, float(shift), float(share))
                words = f"{layout}, n = {n}, shift {shift}, share {share:g}"
                short = 1000 if (n, shift, share) == (3, 2, 0.5) and layout == "two groups" else 0
                made.append(Case("covariates", words, draw, 10_000, aims, short))
    return made
