"""Permutation p where a donor lacks an arm: whole pairs are exchanged, and nothing else."""

from __future__ import annotations

import itertools

import anndata as ad
import numpy as np
import pandas as pd

import marrowsig as ms
from marrowsig.tl._permuted import permuted

ARMS = [("mono", "none"), ("co", "none"), ("co", "rux"), ("co", "fed")]
DESIGN = ms.Design(culture="culture", inhibitor="drug", pair="donor")


def study(donors: int, runs: int = 1) -> ad.AnnData:
    """Donors x arms, but of the first donor no co-culture without an inhibitor."""
    rows = [(f"d{i}", *arm) for i in range(donors) for arm in ARMS if (i, arm) != (0, ("co", "none"))]
    names = [f"s{i}" for i in range(len(rows))]
    obs = pd.DataFrame(rows, columns=["donor", "culture", "drug"], index=names)
    y = np.random.default_rng(5).normal(size=(len(obs), runs))
    adata = ad.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    ids = [f"null.n{i}" for i in range(runs)]
    adata.obsm["score_mean"] = pd.DataFrame(y, index=obs.index, columns=ids)
    return adata


def test_three_donors_of_whom_one_is_incomplete_cannot_reach_a_small_p() -> None:
    table = ms.tl.compare(study(3), DESIGN)
    assert table["p"].notna().all()
    assert table["p_perm"].isna().all()
    assert (table["p_perm_min"] >= 0.25).all()


def test_every_exchange_of_whole_pairs_as_by_statsmodels() -> None:
    import statsmodels.formula.api as smf

    adata = study(7)
    line = ms.tl.compare(adata, DESIGN).query("contrast == 'co_vs_mono'").iloc[0]
    data = adata.obs.assign(
        y=adata.obsm["score_mean"].iloc[:, 0], arm=adata.obs["culture"] + adata.obs["drug"]
    )
    pairs = [data.index[(data["donor"] == f"d{i}") & (data["drug"] == "none")] for i in range(1, 7)]

    def t(turned: tuple[bool, ...]) -> float:
        now = data.copy()
        for rows, turn in zip(pairs, turned, strict=True):
            if turn:
                now.loc[rows, "y"] = data.loc[rows[::-1], "y"].to_numpy()
        fit = smf.ols("y ~ C(arm, Treatment('mononone')) + donor", now).fit()
        return abs(fit.tvalues["C(arm, Treatment('mononone'))[T.conone]"])

    every = np.array([t(turned) for turned in itertools.product([False, True], repeat=6)])
    np.testing.assert_allclose(every[0], abs(line["stat"]), rtol=1e-9)
    np.testing.assert_allclose(line["p_perm"], (every >= every[0] * (1 - 1e-9)).mean(), rtol=1e-9)
    assert line["perm"] == "exact"


def test_level_is_what_the_number_of_arrangements_allows() -> None:
    runs = 4000
    adata = study(7, runs)
    plan = DESIGN.plans(adata.obs)[0]
    Y = adata.obsm["score_mean"].to_numpy()[plan.model.frame["row"].to_numpy()]
    found, perm = permuted(plan, plan.model, Y, alpha=0.05, n=999)
    level = 3 / 64  # six whole pairs, and no arrangement mirrors another: the largest level up to 0.05
    assert (plan.contrast.name, perm) == ("co_vs_mono", "exact")
    np.testing.assert_allclose(found["p_perm_min"], 1 / 64, rtol=1e-9)
    assert abs((found["p_perm"] <= 0.05).mean() - level) < 3 * np.sqrt(level * (1 - level) / runs)
