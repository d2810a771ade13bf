"""Samples that are alone in their batch are fitted exactly, and do not count as pairs."""

from __future__ import annotations

import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

GENES = [f"G{i}" for i in range(40)]
MINE = ms.sig.Signature("emt.mine", axis="emt", genes=GENES[:10])


def study() -> ad.AnnData:
    """Six donors, alone and in co-culture; of two, the sample alone had a lane of its own."""
    rows = [(arm, f"d{d}") for d in range(6) for arm in ("mono", "co")]
    obs = pd.DataFrame(rows, columns=["culture", "donor"], index=[f"s{i}" for i in range(12)])
    obs["lane"] = ["L1", "L2"] * 2 + ["L2", "L1"] * 2 + ["L1", "L2"] * 2
    obs.loc["s0", "lane"], obs.loc["s2", "lane"] = "L3", "L4"
    x = np.random.default_rng(2).normal(5.0, 1.0, (12, len(GENES)))
    return ad.AnnData(np.abs(x), obs=obs, var=pd.DataFrame(index=GENES))


def result(adata: ad.AnnData) -> pd.Series:
    ms.tl.score(adata, MINE)
    return ms.tl.compare(adata, ms.Design(culture="culture", pair="donor", batch="lane")).iloc[0]


def test_they_are_named_and_not_counted_and_the_numbers_are_those_without_them() -> None:
    told = r"4 samples say nothing of co_vs_mono \(4 pairs\): alone in a batch, .* \(s0, s1, s2, s3\)"
    with pytest.warns(ms.InputWarning, match=told):
        whole = result(study())
    adata = study()
    with warnings.catch_warnings():
        warnings.simplefilter("error", ms.InputWarning)
        less = result(adata[~adata.obs["donor"].isin(["d0", "d1"])].copy())
    assert whole["n_pairs"] == less["n_pairs"] == 4
    for name in ("estimate", "ci_low", "ci_high", "p", "df"):
        assert whole[name] == pytest.approx(less[name], rel=1e-9)


def test_least_squares_with_all_samples_says_the_same() -> None:
    adata = study()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)
        whole = result(adata)
    y = adata.obsm["score_singscore"]["emt.mine"].to_numpy()
    X = pd.get_dummies(adata.obs[["donor", "lane"]], drop_first=True).to_numpy(float)
    X = np.column_stack([np.ones(12), adata.obs["culture"] == "co", X])
    beta, *_ = np.linalg.lstsq(X, y, rcond=None)
    assert whole["estimate"] == pytest.approx(beta[1], rel=1e-9)
    rest = y - X @ beta
    df = 12 - np.linalg.matrix_rank(X)
    assert whole["df"] == df
    se = np.sqrt(rest @ rest / df * np.linalg.pinv(X.T @ X)[1, 1])
    assert whole["se"] == pytest.approx(se, rel=1e-7)
