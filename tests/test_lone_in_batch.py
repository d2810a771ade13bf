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


def of_lines() -> ad.AnnData:
    """Four donors of each line; one sample alone, of the parental, had a lane of its own."""
    rows = [(arm, line, f"{line}{d}") for line in "WR" for d in range(4) for arm in ("mono", "co")]
    obs = pd.DataFrame(rows, columns=["culture", "line", "donor"], index=[f"s{i}" for i in range(16)])
    obs["lane"] = ["L1", "L2", "L2", "L1"] * 4
    obs.loc["s0", "lane"] = "L3"
    x = np.random.default_rng(2).normal(5.0, 1.0, (16, len(GENES)))
    return ad.AnnData(np.abs(x), obs=obs, var=pd.DataFrame(index=GENES))


def test_only_contrasts_that_lose_them_are_named() -> None:
    obs = of_lines().obs
    design = ms.Design(
        culture="culture", line="line", parental="W", resistant="R", pair="donor", batch="lane"
    )
    told = (
        r"2 samples say nothing of co_in_parental \(3 pairs\), interaction \(4 and 3 pairs\): .*\(s0, s1\)\."
    )
    alone = r"1 sample says nothing of resistance_in_mono \(7 samples\): .*\(s0\)"
    with pytest.warns(ms.InputWarning, match=told), pytest.warns(ms.InputWarning, match=alone):
        plans = {plan.contrast.name: plan.lone for plan in design.plans(obs)}
    assert {name: lone for name, lone in plans.items() if lone} == {
        "co_in_parental": ("s0", "s1"),
        "interaction": ("s0", "s1"),
        "resistance_in_mono": ("s0",),
    }
    # Least squares: what every sample weighs in the two differences, without and with the lane.
    arms = pd.get_dummies(obs["line"] + obs["culture"]).to_numpy(float)
    donors = pd.get_dummies(obs["donor"]).to_numpy(float)
    lanes = pd.get_dummies(obs["lane"]).to_numpy(float)
    names = sorted(set(obs["line"] + obs["culture"]))
    for line, contrast in (("W", "co_in_parental"), ("R", "co_in_resistant")):
        c = np.array([(name == f"{line}co") - (name == f"{line}mono") for name in names], dtype=float)
        weigh = [
            np.pad(c, (0, X.shape[1] - 4)) @ np.linalg.pinv(X)
            for X in (np.hstack([arms, donors]), np.hstack([arms, donors, lanes]))
        ]
        first = obs["donor"].eq("W0").to_numpy()
        assert (np.abs(weigh[0][first]) > 0.1).all() == (contrast == "co_in_parental")
        np.testing.assert_allclose(weigh[1][first], 0, atol=1e-12)
