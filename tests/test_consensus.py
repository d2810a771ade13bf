"""Correlation within blocks against limma, statsmodels' mixed model and a simulated truth."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from marrowsig._stats.consensus import consensus_correlation
from marrowsig._stats.tmm import tmm
from marrowsig._stats.voom import voom

BULK = Path("reference", "golden", "bulk")
BLOCK = np.repeat(np.arange(8), 3)
X = np.column_stack([np.ones(24), np.tile([0.0, 1, 2], 8)])


def simulated(n: int, rho: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(8, n))[BLOCK]
    return np.sqrt(rho) * shared + np.sqrt(1 - rho) * rng.normal(size=(24, n))


def read(shared: Path, *name: str) -> pd.DataFrame:
    return pd.read_csv(shared.joinpath(BULK, *name), sep="\t", index_col=0)


@pytest.mark.shared
@pytest.mark.parametrize("block", ["pair", "donor"])
def test_limma(shared, block):
    keep = shared.joinpath(BULK, "out_limma", "nonconstant_genes.txt").read_text().split()
    expr = read(shared, "expr.tsv.gz").loc[keep]
    design = read(shared, "out_limma", "design_cellmeans.tsv").to_numpy(float)
    ours = consensus_correlation(expr.to_numpy().T, design, read(shared, "samples.tsv")[block])
    theirs = read(shared, "out_limma", "dupcor.tsv").set_index("block").loc[block, "consensus.correlation"]
    np.testing.assert_allclose(ours.correlation, theirs, rtol=1e-6)
    genewise = read(shared, "out_limma", f"dupcor_genewise_{block}.tsv.gz")["atanh.correlation"]
    at = expr.index.get_indexer(genewise.index)
    np.testing.assert_allclose(np.arctanh(ours.genewise[at]), genewise, atol=1e-6)


@pytest.mark.shared
def test_limma_voom(shared):
    """R stops after 20 steps: with weights, single genes are not at their optimum yet."""
    kept = read(shared, "out_limma", "filterByExpr.tsv.gz")["by_group"]
    counts = read(shared, "counts.tsv.gz").loc[kept.index[kept == 1]].to_numpy().T
    design = read(shared, "out_limma", "design_cellmeans.tsv").to_numpy(float)
    v = voom(counts, design, lib_size=counts.sum(axis=1) * tmm(counts))
    ours = consensus_correlation(v.E, design, read(shared, "samples.tsv")["pair"], weights=v.weights)
    theirs = read(shared, "out_limma", "voom_dupcor.tsv").loc["first", "consensus.correlation"]
    np.testing.assert_allclose(ours.correlation, theirs, rtol=1e-5)


@pytest.mark.parametrize("unbalanced", [False, True])
def test_statsmodels(unbalanced):
    import statsmodels.api as sm

    Y = simulated(6, 0.6)
    if unbalanced:
        Y[[1, 5, 6, 23]] = np.nan
    there = ~np.isnan(Y[:, 0])
    ours = consensus_correlation(Y, X, BLOCK).genewise
    for y, rho in zip(Y.T, np.maximum(ours, 0), strict=True):  # theirs is not below 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = sm.MixedLM(y[there], X[there], BLOCK[there]).fit(reml=True, gtol=1e-10)
        between = float(model.cov_re[0, 0])
        np.testing.assert_allclose(rho, between / (between + model.scale), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.8])
def test_truth(rho):
    """SE of the trimmed mean of 2,000 genes: below 0.006; the estimate has a bias of order 1/blocks."""
    assert abs(consensus_correlation(simulated(2000, rho), X, BLOCK).correlation - rho) < 0.05


def test_equal_weights_and_order_do_not_matter():
    Y = simulated(20, 0.4)
    one = consensus_correlation(Y, X, BLOCK).genewise
    order = np.random.default_rng(1).permutation(24)
    moved = consensus_correlation(
        3 * Y[order], X[order] @ [[1, 2], [0.5, -1]], BLOCK[order].astype(str)
    ).genewise
    np.testing.assert_allclose(moved, one, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        consensus_correlation(Y, X, BLOCK, weights=np.full(24, 5.0)).genewise, one, atol=1e-9
    )
    each = np.full(Y.shape, 5.0)
    each[0, 0] = 1.0  # every gene its own design, the others with equal weights still
    np.testing.assert_allclose(
        consensus_correlation(Y, X, BLOCK, weights=each).genewise[1:], one[1:], atol=1e-9
    )


def test_edges():
    Y = simulated(5, 0.4)
    Y[:, 2] = 1.5
    found = consensus_correlation(Y, X, BLOCK)
    assert np.isnan(found.genewise).tolist() == [False, False, True, False, False]
    with_blocks = np.column_stack([X, np.eye(8)[BLOCK][:, 1:]])
    assert consensus_correlation(Y, with_blocks, BLOCK).correlation == 0
    for block, text in [
        (np.arange(24), "24 blocks"),
        (np.zeros(24), "1 blocks"),
        (BLOCK[:5], "5 block labels"),
    ]:
        with pytest.raises(ValueError, match=text):
            consensus_correlation(Y, X, block)
