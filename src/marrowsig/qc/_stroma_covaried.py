"""What holds on the genes left but for the covariates: these, and not carry-over, are what takes it away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import first
from marrowsig._p_values import p_phrase
from marrowsig._rounded import plain
from marrowsig._stats.fdr import bh_apart
from marrowsig.qc._check_family import OWN
from marrowsig.tl._families import is_control
from marrowsig.tl._own_contrasts import contrast_fit

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._plan import Plan


def covaried(plan: Plan, row: pd.DataFrame, filtered: pd.DataFrame, alpha: float) -> list[str]:
    """Name the covariates, with the numbers without them, where the contrast on the genes left then holds.

    `row` has what the verdicts are from, one line per signature, and `filtered` the scores of all samples on
    the genes left. Empty where there are no covariates, or nothing holds without them.
    """
    out = [""] * len(row)
    model = plan.model
    if model is None or not (n := len(model.covariates)):
        return out
    rest = tuple(field for field in model.nuisance if field not in model.covariates)
    bare = replace(plan, model=replace(model, X=model.X[:, :-n], nuisance=rest))
    Y = filtered.to_numpy()[model.frame["row"].to_numpy()]
    ok = np.flatnonzero(np.isfinite(Y).all(axis=0))
    if not ok.size:
        return out
    found = contrast_fit(bare, Y[:, ok])
    p = np.full(len(row), np.nan)
    p[ok] = found.p
    p = bh_apart(p, is_control(row["signature"]))
    noun = "covariate" if n == 1 else "covariates"
    named = first(repr(model.called.get(field, field)) for field in model.covariates)
    for at, size, low, high in zip(ok, found.estimate, *found.interval(alpha), strict=True):
        scored, left = float(row["estimate"].iloc[at]), float(row["left"].iloc[at])
        near = low if scored >= 0 else -high
        if p[at] < alpha and near > left:
            ends = f"{plain(size)} [{plain(low)}, {plain(high)}]"
            out[at] = f"the {noun} {named} it is: {ends}, {p_phrase(p[at], OWN, alpha)}"
    return out
