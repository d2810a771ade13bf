"""How often a difference is called equivalent: one as large as the margin, and none at all."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
from scipy import optimize, special

from calibration.case import IS_LEVEL, NO_MORE, Aim, Case, below
from calibration.layouts import fitted, plan_of, samples
from marrowsig._stats.equivalence import equivalence

TITLE = "Equivalence within a margin"
NOTE = (
    "`margin=` of `ms.tl.compare`, in SD (of pairs: SD of the difference). `level`: the true difference is "
    "as large as the margin; 20 SD leave the noise no room, at 1 SD the test is strict. `unlike` is the same "
    "where the arm that is asked about has three times the SD of the others. `shown`: nothing moves, and "
    "the margin is the smallest that is to be shown with probability 0.8, over all SDs that could be found."
)
LAYOUTS = ("two groups", "pairs", "interaction", "interaction of pairs")


@cache
def smallest(layout: str, n: int) -> float:
    """Margin that is shown with probability 0.8 where nothing moves, for df and error of the textbook."""
    df, k = {
        "two groups": (2 * n - 2, np.sqrt(2 / n)),
        "pairs": (n - 1, np.sqrt(1 / n)),
        "interaction": (4 * n - 4, np.sqrt(4 / n)),
        "interaction of pairs": (2 * n - 2, np.sqrt(2 / n)),
    }[layout]
    at = (np.arange(20_000) + 0.5) / 20_000
    wide = special.stdtrit(df, 0.95) * np.sqrt(
        special.chdtri(df, 1 - at) / df
    )  # t times the SD that is found

    def short(margin: float) -> float:
        return float((2 * special.ndtr(np.maximum(margin / k - wide, 0)) - 1).mean()) - 0.8

    return float(optimize.brentq(short, 0.1, 60))


def called(layout: str, n: int, margin: float, moved: float, runs: int) -> dict[str, np.ndarray]:
    obs = samples(layout, n)
    plan = plan_of(layout, obs)
    noise = np.sqrt(0.5) if plan.model.block else 1.0
    Y = np.random.default_rng([n, int(10 * margin)]).normal(0, noise, size=(len(obs), runs))
    asked = (obs["culture"] == "co").to_numpy() & (obs["line"] == obs["line"].iloc[-1]).to_numpy()
    shift = np.where(asked, moved, 0.0)[:, None]
    wide = np.where(asked, 3.0, 1.0)[:, None]
    p, unlike = (equivalence(fitted(plan, y + shift), margin, alpha=0.05)[0] for y in (Y, Y * wide))
    return {"level": below(p), "unlike": below(unlike)} if moved else {"shown": below(p)}


def cases() -> list[Case]:
    found = []
    for layout in LAYOUTS:
        for n in (3, 4, 6):
            for margin, aim, short in ((20.0, IS_LEVEL, 8000 if n == 3 else 0), (1.0, NO_MORE, 0)):
                draw = partial(called, layout, n, margin, margin)
                text = f"{layout}, n = {n}, margin {margin:g}"
                found.append(Case("equivalence", text, draw, 40_000, {"level": aim}, short))
            margin = smallest(layout, n)
            draw = partial(called, layout, n, margin, 0.0)
            text = f"{layout}, n = {n}, nothing moves, margin {margin:.2f}"
            found.append(
                Case("equivalence", text, draw, 40_000, {"shown": Aim("is", 0.8)}, 8000 if n == 3 else 0)
            )
    return found
