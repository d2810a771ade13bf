"""Level where each donor is in one of two groups, has several rows in an arm, and answers in its own way."""

from __future__ import annotations

import itertools
from functools import cache, partial

import numpy as np
import pandas as pd

import marrowsig as ms
from calibration.case import IS_LEVEL, NO_MORE, Case, below
from marrowsig._stats.ols import fit
from marrowsig.tl._own_contrasts import contrast_fit
from marrowsig.tl._unpooled import unpooled

TITLE = "Donors of two groups at two times"
NOTE = (
    "n donors who respond and n who do not, each with cells alone and in co-culture at two times. Noise "
    "has an SD of one, and each donor answers to co-culture in its own way with the `SD` of the row, alike "
    "at both times. `interaction` is the difference between the groups in the answer by the formula `~ "
    "response * culture + time + donor`, one number per donor, with its `p_welch`; `rows` is by the "
    "residuals of all rows. `power` is where co-culture adds 3 SD of the noise in those who respond; that of "
    "`rows` counts calls that chance makes too. Where one library is lost, its donor stays out of "
    "`interaction`, and not of `rows`."
)
LIFT, LOST = 3, "s1"


@cache
def study(n: int, lost: bool) -> tuple[pd.DataFrame, ms.Design]:
    cells = itertools.product(["no", "yes"], range(n), ["mono", "co"], ["24", "72"])
    obs = pd.DataFrame(cells, columns=["response", "i", "culture", "time"])
    obs["donor"] = obs["response"] + obs["i"].astype(str)
    obs.index = "s" + obs.index.astype(str)
    levels = {"response": ["no", "yes"], "culture": ["mono", "co"], "time": ["24", "72"], "donor": "no0"}
    design = ms.Design.from_formula(
        "~ response * culture + time + donor",
        levels=levels,
        contrasts={"more": "(yes:co - yes:mono) - (no:co - no:mono)"},
        unit="donor",
    )
    return obs.drop([LOST] if lost else []), design


def level(n: int, sd: float, lost: bool, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([n, int(10 * sd), lost])
    obs, design = study(n, lost)
    (plan,) = design.plans(obs)
    donor = obs["donor"].astype("category").cat.codes.to_numpy()
    co, yes, late = (
        (obs[k] == v).to_numpy() for k, v in (("culture", "co"), ("response", "yes"), ("time", "72"))
    )
    X = np.column_stack([np.eye(2 * n)[donor], co, late, co & yes])
    Y = rng.normal(size=(len(obs), runs)) + sd * co[:, None] * rng.normal(size=(2 * n, runs))[donor]
    rows = plan.model.frame["row"].to_numpy()

    def tests() -> tuple[np.ndarray, ...]:
        own, all_rows = contrast_fit(plan, Y[rows]), fit(Y, X, np.eye(X.shape[1])[-1])
        return tuple(map(below, (all_rows.p, own.p, unpooled(plan, plan.model, Y[rows])[2])))

    names = "rows", "interaction", "interaction, p_welch"
    found = dict(zip(names, tests(), strict=True))
    Y[co & yes] += LIFT
    names = "power, rows", "power", "power, p_welch"
    return found | dict(zip(names, tests(), strict=True))


def cases() -> list[Case]:
    aims, made = {"interaction": IS_LEVEL, "interaction, p_welch": NO_MORE}, []
    for n, lost, sd in itertools.product((3, 4, 6), (False, True), (0.0, 0.5, 1.0, 2.0)):
        scenario = f"{n} donors a group, SD {sd:g}{', a library lost' if lost else ''}"
        short = 1000 if (n, sd) == (4, 1.0) else 0
        made.append(Case("nested", scenario, partial(level, n, sd, lost), 20_000, aims, short))
    return made
