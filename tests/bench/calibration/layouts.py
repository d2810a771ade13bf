"""Tables of samples, designs, and the p of all scores from the models that `ms.tl.compare` fits."""

from __future__ import annotations

import itertools

import pandas as pd

import marrowsig as ms
from marrowsig._stats.ols import fit

LAYOUTS = {  # name: fields of the design besides culture, contrast
    "two groups": ((), "co_vs_mono"),
    "pairs": (("pair",), "co_vs_mono"),
    "interaction": (("line",), "interaction"),
    "interaction of pairs": (("line", "pair"), "interaction"),
}
TREATED = {  # with a treated co-culture in every line
    "reversal, pairs of 3 arms": (("inhibitor", "pair"), "reversal_drug"),
    "reversal, pairs of 3 arms in 2 lines": (("inhibitor", "line", "pair"), "reversal_drug_in_resistant"),
    "interaction, pairs of 3 arms": (("inhibitor", "line", "pair"), "interaction"),
}
BOTH = LAYOUTS | TREATED


def samples(layout: str, n: int) -> pd.DataFrame:
    """Rows of `obs`, `n` per arm; pairs are nested in lines."""
    lines = ["parental", "resistant"] if "line" in BOTH[layout][0] else ["parental"]
    arms = [("mono", "none"), ("co", "none"), *([("co", "drug")] if layout in TREATED else [])]
    cells = itertools.product(lines, arms, range(n))
    rows = [
        {"line": line, "culture": culture, "inhibitor": drug, "pair": f"{line[0]}{i}"}
        for line, (culture, drug), i in cells
    ]
    return pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])


def plan_of(layout: str, obs: pd.DataFrame, **more):
    """Plan of the contrast that the layout is about."""
    fields, contrast = BOTH[layout]
    design = ms.Design(culture="culture", **{f: f for f in fields}, **more)
    return next(p for p in design.plans(obs) if p.contrast.name == contrast)


def fitted(plan, Y):
    """`Fit` of every column of `Y` (rows of obs x runs)."""
    rows = plan.model.frame["row"].to_numpy()
    return fit(Y[rows], plan.model.X, plan.model.c(plan.contrast))
