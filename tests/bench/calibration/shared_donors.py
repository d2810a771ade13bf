"""Level where each donor has cultures in both lines, and answers to co-culture and drug in its own way."""

from __future__ import annotations

import itertools
from functools import cache, partial

import numpy as np
import pandas as pd

import marrowsig as ms
from calibration.case import IS_LEVEL, NO_MORE, Case, below
from calibration.layouts import fitted
from marrowsig._stats.equivalence import equivalence
from marrowsig.tl._own_contrasts import contrast_fit
from marrowsig.tl._unpooled import unpooled

TITLE = "Donors in both lines"
NOTE = (
    "n donors, each in the parental and the resistant line and in every arm: cells alone, co-culture "
    "and, with three arms, co-culture with a drug. Noise has an SD of one. Each donor answers to "
    "co-culture, and to the drug, in its own way with the `SD` of the row, of which variance the "
    'lines have `shared` in common. `ms.Design(pair="donor", line=...)`: `one line`, co-culture in '
    "the resistant line, with its `p_welch`; `interaction`; `reversal` by the drug in the resistant "
    "line, and the `residual` there, of the drug over cells alone, with its `p_welch`, power at 3 "
    "SD, and share called `within` a margin of 3 SD where it is 3. `average`: co-culture over both "
    'lines by the formula `"~ donor + line * culture"`, one number per donor, and `average, rows`, '
    "by the residuals of all rows. `interaction, p_welch` is of that formula too. `power` is that of "
    "`interaction`, `power, p_welch` of `interaction, p_welch`, where co-culture adds 3 SD in the "
    "resistant line. What donors add to all samples of a line drops out of everything but `average, "
    "rows`; it would make that one strict where the lines do not share it, and is 0 here. One of 216 "
    "aims lies 3.2 errors off, by chance: that `p_welch` is the t test of one sample, which is "
    "exact."
)
LINES = ["parental", "resistant"]
ARMS = [("mono", "none"), ("co", "none"), ("co", "drug")]
LIFT = 3
MORE = "resistant:co - resistant:mono - parental:co + parental:mono"


def samples(n: int, arms: int) -> pd.DataFrame:
    """Rows of `obs`: line, arm, donor; `arm` is culture and drug in one column."""
    cells = itertools.product(LINES, ARMS[:arms], range(n))
    rows = [
        {"line": line, "culture": c, "inhibitor": d, "arm": c if d == "none" else d, "donor": f"d{i}"}
        for line, (c, d), i in cells
    ]
    return pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])


@cache
def plans(n: int, arms: int) -> tuple[pd.DataFrame, dict]:
    """Samples, and the plans of a design and of a formula by contrast."""
    obs = samples(n, arms)
    drug = {"inhibitor": "inhibitor"} if arms == 3 else {}
    design = ms.Design(culture="culture", line="line", pair="donor", **drug)
    levels = {"line": LINES, "arm": ["mono", "co", "drug"][:arms], "donor": "d0"}
    asked = {"average": "co - mono", "more": MORE}
    formula = ms.Design.from_formula("~ donor + line * arm", levels=levels, contrasts=asked, unit="donor")
    return obs, {p.contrast.name: p for p in [*design.plans(obs), *formula.plans(obs)]}


def answers(obs: pd.DataFrame, sd: float, shared: float, runs: int, rng: np.random.Generator) -> np.ndarray:
    """Noise, and answers of the donors, rows x runs; nothing moves on average."""
    donor = obs["donor"].astype("category").cat.codes.to_numpy()
    own = 2 * donor + (obs["line"] == "resistant").to_numpy()
    Y = rng.normal(size=(len(obs), runs))
    for treated in (obs["culture"] == "co", obs["inhibitor"] == "drug"):
        both, each = rng.normal(size=(own.max() + 1, runs)), rng.normal(size=(own.max() + 1, runs))
        answer = np.sqrt(shared) * both[donor] + np.sqrt(1 - shared) * each[own]
        Y += sd * treated.to_numpy()[:, None] * answer
    return Y


def level(n: int, arms: int, sd: float, shared: float, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([n, arms, int(10 * sd), int(10 * shared)])
    obs, plan = plans(n, arms)
    Y = answers(obs, sd, shared, runs, rng)

    def t(name: str) -> np.ndarray:
        return below(fitted(plan[name], Y).p)

    def welch(name: str) -> np.ndarray:
        model = plan[name].model
        return below(unpooled(plan[name], model, Y[model.frame["row"].to_numpy()])[2])

    def units(name: str) -> np.ndarray:
        return below(contrast_fit(plan[name], Y[plan[name].model.frame["row"].to_numpy()]).p)

    found = {
        "one line": t("co_in_resistant"), "one line, p_welch": welch("co_in_resistant"),
        "average, rows": t("average"), "average": units("average"),
        "interaction": t("interaction"), "interaction, p_welch": welch("more"),
    }  # fmt: skip
    left = "residual_drug_in_resistant"
    if arms == 3:
        found["reversal"] = t("reversal_drug_in_resistant")
        found["residual"], found["residual, p_welch"] = t(left), welch(left)
    Y[((obs["culture"] == "co") & (obs["line"] == "resistant")).to_numpy()] += LIFT
    found |= {"power": t("interaction"), "power, p_welch": welch("more")}
    if arms == 3:
        found["residual, power"], found["residual, power, p_welch"] = t(left), welch(left)
        found["residual, within"] = below(equivalence(fitted(plan[left], Y), LIFT, alpha=0.05)[0])
    return found


def cases() -> list[Case]:
    exact = ("one line, p_welch", "average", "interaction, p_welch", "residual, p_welch")
    aims = dict.fromkeys(exact, IS_LEVEL) | {"interaction": NO_MORE}
    rows = [
        (n, arms, sd, shared)
        for n, arms in itertools.product((3, 4, 6), (2, 3))
        for sd, shared in ((0.0, 0.0), *itertools.product((0.5, 1.0), (0.0, 0.5, 1.0)), (2.0, 1.0))
    ]
    made = []
    for n, arms, sd, shared in rows:
        scenario = f"{n} donors, {arms} arms, SD {sd:g}" + (f", shared {shared:g}" if sd else "")
        short = 1000 if (n, arms, sd, shared) == (4, 2, 1.0, 1.0) else 0
        made.append(Case("shared", scenario, partial(level, n, arms, sd, shared), 20_000, aims, short))
    return made
