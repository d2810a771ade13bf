"""`ms.qc.null` with a design: the numbers by hand, the level by simulation, and the demonstration study."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig._stats.ols import fit
from marrowsig._stats.random_sets import against_random, beyond_random
from marrowsig.qc._matched import matched_sets

RUNS, SETS, SIZE, P = 300, 199, 30, 2000
BOUND = 0.05 + 3 * np.sqrt(0.05 * 0.95 / RUNS)
X = np.repeat(np.eye(2), 3, axis=0)
C = np.array([-1.0, 1.0])


def simulated(rho: float, *, low: float = 0.0, effect: float = 0.0, seed: int = 1):
    """Estimates and their SE, of a signature (RUNS,) and of random sets (RUNS, SETS), three samples an arm.

    The genes of the signature have correlation `rho`; genes of the lowest quarter of expression rise by `low`
    in the second arm, all others stay; the signature's rise by `effect`.
    """
    rng = np.random.default_rng(seed)
    members = np.r_[np.arange(0, 500, 23), np.arange(600, 2000, 175)]
    assert members.size == SIZE
    drawn = matched_sets(np.arange(P, dtype=float), members, n_sets=SETS, rng=rng)
    y = rng.normal(size=(RUNS, 6, P))
    y[..., members] *= np.sqrt(1 - rho)
    y[..., members] += np.sqrt(rho) * rng.normal(size=(RUNS, 6, 1))
    y[:, 3:, :500] += low
    y[:, 3:, members] += effect
    sets = np.vstack([members, drawn])
    scores = sum(y[..., column] for column in sets.T) / SIZE
    scores = scores.transpose(1, 0, 2).reshape(6, -1)
    result = fit(scores, X, C)
    estimate, se = (a.reshape(RUNS, SETS + 1) for a in (result.estimate, result.se))
    return estimate[:, 0], se[:, 0], estimate[:, 1:], se[:, 1:]


def level(p) -> float:
    return float((p <= 0.05).mean())


@pytest.mark.parametrize("rho", [0.1, 0.2])
def test_level_with_correlated_genes(rho):
    estimate, se, null, null_se = simulated(rho)
    _, p, n = against_random(estimate, se, null, null_se)
    assert level(p) <= BOUND
    assert (n == SETS).all()
    # Ranking the estimates as they are has to fail here, or the scenario would show nothing.
    raw = ((np.abs(null) >= np.abs(estimate)[:, None]).sum(axis=1) + 1) / (SETS + 1)
    assert level(raw) > 0.2


@pytest.mark.parametrize("rho", [0.1, 0.2])
def test_level_under_a_bias_of_weakly_expressed_genes(rho):
    estimate, se, null, null_se = simulated(rho, low=0.6)
    _, p, _ = against_random(estimate, se, null, null_se)
    assert level(p) <= BOUND
    assert level(2 * stats.t.sf(np.abs(estimate / se), 4)) > 0.1  # the model alone takes it for an effect


def test_level_where_samples_shift_as_a_whole():
    """Depth or composition moves all genes of a sample, and pairs differ in it."""
    rng, runs, pairs = np.random.default_rng(4), 200, 5
    design = np.column_stack([np.tile([0.0, 1.0], pairs), np.repeat(np.eye(pairs), 2, axis=0)])
    contrast = np.r_[1.0, np.zeros(pairs)]
    members = np.arange(0, P, P // SIZE)[:SIZE]
    drawn = matched_sets(np.arange(P, dtype=float), members, n_sets=SETS, rng=rng)
    beyond, apart = np.empty(runs), np.empty(runs)
    for i in range(runs):
        y = rng.normal(size=(2 * pairs, P))
        y[:, members] = np.sqrt(0.8) * y[:, members] + np.sqrt(0.2) * rng.normal(size=(2 * pairs, 1))
        y += 0.4 * rng.normal(size=(2 * pairs, 1))
        own, random = y[:, members].mean(axis=1), y[:, drawn].mean(axis=2)
        beyond[i] = beyond_random(own, random, design, contrast).p
        one, sets = fit(own[:, None], design, contrast), fit(random, design, contrast)
        apart[i] = against_random(one.estimate[0], one.se[0], sets.estimate, sets.se)[1]
    assert level(beyond) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    assert level(apart) > 0.15  # or the scenario would show nothing


def test_an_effect_is_found():
    _, p, _ = against_random(*simulated(0.1, effect=1.5))
    assert level(p) > 0.6


def test_p_by_hand_and_sets_without_a_standard_error():
    null, null_se = np.array([0.0, 1.0, 2.0, -5.0, np.nan]), np.array([1.0, 1.0, 0.5, 0.0, 1.0])
    median, p, n = against_random(np.array(3.0), np.array(1.0), null, null_se)
    # Without the last two: median 1, own distance 2, random ones 1, 0 and 2.
    assert (median, p, n) == (1.0, 0.5, 3)
    assert np.isnan(against_random(np.array(3.0), np.array(0.0), null, null_se)[1])
    empty = against_random(np.array(3.0), np.array(1.0), null, np.zeros(5))
    assert np.isnan(empty[0])
    assert np.isnan(empty[1])
    assert empty[2] == 0


def study() -> tuple[ad.AnnData, ms.sig.Signature]:
    x = np.random.default_rng(5).normal(6, 1, (8, 600)) + np.linspace(-3, 3, 600)
    genes = {f"G{i}": 1.0 if i % 3 else -2.0 for i in range(0, 600, 55)}
    obs = pd.DataFrame({"culture": ["mono", "co"] * 4}, index=[f"s{i}" for i in range(8)])
    adata = ad.AnnData(x, obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(600)]))
    return adata, ms.sig.Signature("il6.mine", axis="il6", genes=genes)


def test_contrasts_of_random_sets_by_hand():
    adata, mine = study()
    design = ms.Design(culture="culture")
    row = ms.qc.null(adata, mine, design=design, method="mean", rng=3).iloc[0]
    members = np.array([int(g[1:]) for g in mine.genes])
    weight = np.array(list(mine.genes.values()))
    drawn = matched_sets(adata.X.mean(axis=0), members, n_sets=999, rng=np.random.default_rng(3))
    scores = (adata.X[:, np.vstack([members, drawn])] * weight).sum(axis=2) / np.abs(weight).sum()
    middle = np.median(scores[:, 1:], axis=1, keepdims=True)
    mono, co = (scores - middle)[::2], (scores - middle)[1::2]
    d = co.mean(axis=0) - mono.mean(axis=0)
    se = np.sqrt((co.var(axis=0, ddof=1) + mono.var(axis=0, ddof=1)) / 2 / 2)
    left = np.median(d[1:])
    far = np.abs(d - left) / se
    interval = stats.ttest_ind(co[:, 0], mono[:, 0]).confidence_interval()
    whole = scores[1::2, 0].mean() - scores[::2, 0].mean()
    np.testing.assert_allclose(row["estimate"], whole, rtol=1e-10)
    np.testing.assert_allclose(row["excess"], d[0] - left, rtol=1e-10)
    np.testing.assert_allclose(row["null_median"], whole - row["excess"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(row["excess_low"], interval.low - left, rtol=1e-9)
    np.testing.assert_allclose(row["excess_high"], interval.high - left, rtol=1e-9)
    assert row["p_null"] == ((far[1:] >= far[0]).sum() + 1) / 1000
    assert row["p"] == pytest.approx(stats.ttest_ind(scores[1::2, 0], scores[::2, 0]).pvalue, rel=1e-10)
    assert row["n_sets"] == 999


@pytest.mark.parametrize("method", ["singscore", "ucell"])
def test_demo_responders_beat_random_sets_and_steady_controls_do_not(method):
    adata = ms.ds.demo()
    adata = adata[adata.obs["inhibitor"] == "none"].copy()
    ms.pp.lognorm(adata)
    moved, steady = ["emt.hallmark", "il6.hallmark"], ["control.ng2016_lsc17", "control.progeny_jak_stat"]
    design = ms.Design(culture="culture", line="line", pair="pair")
    table = ms.qc.null(adata, [*moved, *steady], design=design, method=method)
    rows = table.set_index(["contrast", "signature"]).loc["co_in_resistant"]
    assert (rows.loc[moved, "p_null"] < 0.01).all()
    assert (rows.loc[moved, "excess_low"] > 0).all()
    assert (rows.loc[steady, "p_null"] > 0.05).all()
    assert set(table["contrast"]) >= {"co_in_parental", "co_in_resistant", "interaction"}


def test_genes_can_be_kept_out_and_exhausted_bins_are_told():
    adata, mine = study()
    design = ms.Design(culture="culture")
    # All but the thirty most expressed genes are kept out: a signature there can be drawn, others cannot.
    top = ms.sig.Signature("il6.top", axis="il6", genes=["G599", "G598", "G597", "G596", "G595"])
    order = adata.var_names[np.argsort(adata.X.mean(axis=0))]
    top = ms.sig.Signature("il6.top", axis="il6", genes=list(order[-5:]))
    with pytest.warns(ms.InputWarning, match=r"No random sets .* il6\.mine"):
        table = ms.qc.null(adata, [mine, top], design=design, exclude=list(order[:-30]))
    rows = table.set_index("signature")
    assert rows.loc["il6.mine", ["null_median", "excess", "p_null"]].isna().all()
    assert rows.loc["il6.mine", "p"] > 0
    assert rows["n_sets"].tolist() == [0, 999]
    with pytest.raises(ms.InputError, match="None of the genes of exclude="):
        ms.qc.null(adata, mine, exclude=["NOSUCH"])


def test_too_few_sets_are_refused():
    adata, mine = study()
    with pytest.raises(ms.InputError, match="n_sets=200 is too few to give a small p"):
        ms.qc.null(adata, mine, design=ms.Design(culture="culture"), n_sets=200)
