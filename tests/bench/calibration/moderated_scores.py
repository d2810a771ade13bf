"""Level and power of scores whose variances are moderated from a panel of signatures."""

from __future__ import annotations

from functools import partial

import numpy as np

from calibration.case import IS_LEVEL, NO_MORE, Case, below
from calibration.layouts import plan_of, samples
from marrowsig._stats.ols import fit
from marrowsig.tl._borrowed import borrowed

TITLE = "Variances moderated from a panel"
NOTE = (
    "`ms.tl.compare(..., moderate=True)` with 60 signatures of correlation rho, whose variances are "
    "spread as 8 / chi-squared with 8 df; a run is the share of calls among six of them. Power at a "
    "shift of 2 SD of the test arms. `moderated` has no aim where signatures are correlated: the "
    "variances of one run then err alike."
)
PANEL, SHOWN = 60, 6


def level(layout: str, n: int, rho: float, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([n, int(10 * rho)])
    plan = plan_of(layout, samples(layout, n))
    model, c = plan.model, plan.model.c(plan.contrast)
    names = ("t", "moderated", "power t", "power moderated")
    out: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(runs):
        spread = np.sqrt(8 / rng.chisquare(8, PANEL))
        Y = np.sqrt(1 - rho) * rng.normal(size=(len(model.X), PANEL))
        Y = (Y + np.sqrt(rho) * rng.normal(size=(len(Y), 1))) * spread
        moved = Y + 2 * spread * (model.X @ (c > 0))[:, None]
        for tail, values in (("", Y), ("power ", moved)):
            own = fit(values[:, :SHOWN], model.X, c)
            out[f"{tail}t"].append(below(own.p).mean())
            out[f"{tail}moderated"].append(below(borrowed(own, Y, model.X).p).mean())
    return {name: np.array(values) for name, values in out.items()}


def cases() -> list[Case]:
    made = []
    for layout in ("two groups", "pairs", "interaction"):
        for n in (3, 4, 6):
            for rho in (0.0, 0.3):
                aims = {"t": IS_LEVEL} | ({} if rho else {"moderated": NO_MORE})
                draw = partial(level, layout, n, rho)
                short = 60 if (layout, n, rho) == ("pairs", 4, 0.0) else 0
                made.append(Case("moderation", f"{layout}, n = {n}, rho {rho:g}", draw, 1000, aims, short))
    return made
