"""What pairs did to the main scores: variance taken away, and degrees of freedom paid for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._full_model import full_models
from marrowsig._stats.ols import residual_df
from marrowsig.design import Design

if TYPE_CHECKING:
    from marrowsig._report.elements import Given

DECIDED = "Whether to pair is decided by which samples belong together, not by the smaller p."


def pairing(given: Given) -> str:
    """Say for each main score which share of the variance within arms the pairs hold; else nothing."""
    design, frame = given.design, given.adata.obsm.get(f"score_{given.method}")
    if not isinstance(design, Design) or design.pair is None or frame is None:
        return ""
    models = [one.model for one in full_models(design, given.adata.obs) if one.model is not None]
    if len(models) != 1 or not models[0].block:
        return ""
    model, told = models[0], []
    arms = model.X[:, : len(model.arms)]
    dfs = residual_df(arms), residual_df(model.X)
    if min(dfs) < 1:
        return ""
    for name in given.named:
        y = frame[name].to_numpy(dtype=np.float64)[model.frame["row"].to_numpy()]
        if not np.isfinite(y).all():
            continue
        within, left = (_residual(y, X) / df for X, df in zip((arms, model.X), dfs, strict=True))
        share = 1 - left / within if within > 0 else 0.0
        told.append(f"{name} {100 * share:.0f} %" if share > 0 else f"{name} none")
    if not told:
        return ""
    nuisance = "Pairs" if len(model.nuisance) == 1 else "Pairs, with what else is held constant,"
    return (
        f"{nuisance} took {dfs[0] - dfs[1]} of {dfs[0]} degrees of freedom, and of the variance within arms: "
        f"{', '.join(told)}. {DECIDED}"
    )


def _residual(y: np.ndarray, X: np.ndarray) -> float:
    fitted = X @ np.linalg.lstsq(X, y, rcond=None)[0]
    return float(((y - fitted) ** 2).sum())
