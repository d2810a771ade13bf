"""Level of the routes from cells to a p, at equal and unlike depth."""

from __future__ import annotations

from functools import partial

import anndata as ad
import numpy as np
import pandas as pd
from scipy import stats

import marrowsig as ms
from calibration.case import IS_LEVEL, Aim, Case, below

TITLE = "Level from cells"
NOTE = (
    "`ms.tl.compare_cells` with singscore: donors in pairs of arms, 40 cells each, negative binomial "
    "counts, the programme varying between donors (SD 0.3, ln) and between donor and arm (0.3). Sums "
    "(pseudobulk) have to hold 0.05 at any depth. Means of cell scores hold it at equal depth only. The "
    "Wilcoxon test over cells is not offered, and has to lie above 0.5. Paired t tests; `depth 2` "
    "doubles the reads of one arm."
)
GENES, CELLS = 60, 40
SIG = ms.sig.Signature("emt.simulated", axis="emt", genes=[f"G{i}" for i in range(30, 60, 2)])


def counts(rng: np.random.Generator, donors: int, depth: float, runs: int) -> np.ndarray:
    """Run, donor, arm, cell, gene."""
    level = np.sort(rng.lognormal(-0.3, 1.2, GENES))
    effect = rng.normal(0, 0.3, (runs, donors, 1, GENES)) + rng.normal(0, 0.1, (runs, donors, 2, GENES))
    programme = rng.normal(0, 0.3, (runs, donors, 1)) + rng.normal(0, 0.3, (runs, donors, 2))
    effect[..., 30:60:2] += programme[..., None]
    size = rng.lognormal(0, 0.3, (runs, donors, 2, CELLS))
    size[:, :, 1] *= depth
    share = level * np.exp(effect)
    share /= share.sum(-1, keepdims=True)
    mean = 120 * size[..., None] * share[:, :, :, None]
    x = rng.poisson(mean * rng.gamma(2.0, 0.5, mean.shape)).astype(np.float32)
    x[..., 0] += x.sum(-1) == 0
    return x


def scores(x: np.ndarray) -> np.ndarray:
    """Scores of any rows at once: those of a row ignore the others."""
    rows = x.reshape(-1, GENES)
    obs = pd.DataFrame(index=[f"r{i}" for i in range(len(rows))])
    adata = ad.AnnData(rows, obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(GENES)]))
    ms.pp.lognorm(adata, kind="counts")
    ms.tl.score(adata, SIG, method="singscore")
    return adata.obsm["score_singscore"].to_numpy()[:, 0].reshape(x.shape[:-1])


def level(donors: int, depth: float, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([donors, int(depth)])
    parts = [_level(rng, donors, depth, min(100, runs - at)) for at in range(0, runs, 100)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _level(rng: np.random.Generator, donors: int, depth: float, runs: int) -> dict[str, np.ndarray]:
    x = counts(rng, donors, depth, runs)
    sums, cells = scores(x.sum(-2)), scores(x)
    means = cells.mean(-1)
    flat = [cells[:, :, arm].reshape(runs, -1) for arm in (1, 0)]
    return {
        "sums": below(stats.ttest_rel(sums[..., 1], sums[..., 0], axis=1).pvalue),
        "means of cells": below(stats.ttest_rel(means[..., 1], means[..., 0], axis=1).pvalue),
        "Wilcoxon": below(stats.mannwhitneyu(*flat, axis=1).pvalue),
    }


def cases() -> list[Case]:
    made = []
    for depth in (1.0, 2.0):
        for donors in (3, 4, 6):
            aims = {"sums": IS_LEVEL, "Wilcoxon": Aim("above", 0.5)}
            if depth == 1:
                aims["means of cells"] = IS_LEVEL
            scenario = f"{donors} donors{', depth 2' if depth > 1 else ''}"
            short = 100 if donors == 4 else 0
            made.append(Case("cells", scenario, partial(level, donors, depth), 1000, aims, short))
    return made
