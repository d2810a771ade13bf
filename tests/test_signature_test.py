"""The signature test against limma's trend, scipy and simulation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from marrowsig._stats.expressed import expressed
from marrowsig._stats.logcpm import log_cpm
from marrowsig._stats.signature_test import signature_test, trend_scale
from marrowsig._stats.tmm import tmm

GOLDEN = Path("reference", "golden", "bulk")
TWO, DIFFERENCE = np.repeat(np.eye(2), 3, axis=0), np.array([-1.0, 1])


@pytest.mark.shared
def test_the_scale_is_limmas_trend(shared: Path) -> None:
    tables = shared / GOLDEN / "out_limma"
    frame = pd.read_csv(shared / GOLDEN / "counts.tsv.gz", sep="\t", index_col=0)
    X = pd.read_csv(tables / "design_cellmeans.tsv", sep="\t", index_col=0).to_numpy(float)
    counts = frame.to_numpy(float).T
    keep = expressed(counts, design=X)
    counts = counts[:, keep]
    s = trend_scale(log_cpm(counts, lib_size=counts.sum(axis=1) * tmm(counts)), X)
    theirs = pd.read_csv(tables / "limma_trend_logcpm.tsv.gz", sep="\t", index_col=0)["s2.prior"]
    at = frame.index[keep].get_indexer(theirs.index)
    np.testing.assert_allclose(s[at] ** 2, theirs, rtol=1e-8)


def studies(rho: float, runs: int, seed: int, genes: int = 500) -> np.ndarray:
    """Two arms of three; SDs fall with the mean; 30 genes share a factor: runs x samples x genes."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((runs, 6, genes))
    noise[:, :, :30] = np.sqrt(1 - rho) * noise[:, :, :30] + np.sqrt(rho) * rng.standard_normal((runs, 6, 1))
    mean = rng.uniform(2, 12, genes)
    sd = (0.2 + np.exp(-mean / 3)) * np.sqrt(8 / rng.chisquare(8, genes))
    return mean + sd * noise


def test_with_a_scale_it_is_students_test_of_the_sum() -> None:
    Y = studies(0.1, 1, 0, genes=50)[0]
    rng = np.random.default_rng(1)
    s, w = rng.uniform(0.5, 2, 50), rng.normal(size=12)
    m = rng.permutation(50)[:12]
    ours = signature_test(Y, TWO, DIFFERENCE, [m], gene_weights=[w], scale=s)
    total = sum(w[i] * Y[:, g] / s[g] for i, g in enumerate(m))
    theirs = stats.ttest_ind(total[3:], total[:3])
    np.testing.assert_allclose(ours.stat, theirs.statistic, rtol=1e-10)
    np.testing.assert_allclose(ours.p, theirs.pvalue, rtol=1e-10)
    np.testing.assert_allclose(ours.estimate, total[3:].mean() - total[:3].mean(), rtol=1e-10)


@pytest.mark.parametrize("runs", [300, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("rho", [0.0, 0.1])
def test_level(rho: float, runs: int) -> None:
    p = [signature_test(Y, TWO, DIFFERENCE, [np.arange(30)]).p[0] for Y in studies(rho, runs, 100)]
    assert abs(np.mean(np.array(p) < 0.05) - 0.05) < 3 * np.sqrt(0.05 * 0.95 / runs)


def test_a_scale_of_the_genes_own_residuals_is_too_liberal() -> None:
    """Why the scale is a trend: with the genes' own SDs the level is about 0.10."""
    found = []
    for Y in studies(0.0, 800, 4, genes=30):
        own = np.sqrt((Y[:3].var(axis=0, ddof=1) + Y[3:].var(axis=0, ddof=1)) / 2)
        found.append(signature_test(Y, TWO, DIFFERENCE, [np.arange(30)], scale=own).p[0] < 0.05)
    assert np.mean(found) > 0.05 + 3 * np.sqrt(0.05 * 0.95 / 800)


def test_noisy_genes_do_not_drown_the_others() -> None:
    """Five genes with ten times the SD: in plain log units they hide what 25 genes do."""
    rng = np.random.default_rng(5)
    mean = np.r_[np.full(5, 2.0), np.full(25, 10.0), rng.uniform(2, 12, 570)]
    sd = np.where(mean < 3, 3.0, 0.3)
    plain, scaled = [], []
    for _ in range(60):
        Y = mean + sd * rng.standard_normal((6, 600))
        Y[3:, :30] += 0.3
        plain.append(signature_test(Y, TWO, DIFFERENCE, [np.arange(30)], scale=np.ones(600)).p[0])
        scaled.append(signature_test(Y, TWO, DIFFERENCE, [np.arange(30)]).p[0])
    assert np.mean(np.array(scaled) < 0.05) > np.mean(np.array(plain) < 0.05) + 0.4


def test_order_and_coding_do_not_matter() -> None:
    Y = studies(0.1, 1, 6)[0]
    rng = np.random.default_rng(7)
    samples, genes = rng.permutation(6), rng.permutation(500)
    sets, w = [np.arange(30), np.array([77, 3])], [rng.normal(size=30), np.array([1.0, -1])]
    code = np.array([[1.0, 2], [1, -1]])
    ours = signature_test(Y, TWO, DIFFERENCE, sets, gene_weights=w)
    moved = signature_test(
        Y[np.ix_(samples, genes)], TWO[samples] @ code, code.T @ DIFFERENCE,
        [np.argsort(genes)[m] for m in sets], gene_weights=w,
    )  # fmt: skip
    np.testing.assert_allclose(moved.stat, ours.stat, rtol=1e-9)
    np.testing.assert_allclose(moved.estimate, ours.estimate, rtol=1e-9)
    signs = signature_test(Y, TWO, DIFFERENCE, sets, gene_weights=[-x for x in w])
    np.testing.assert_allclose(signs.stat, -ours.stat, rtol=1e-12)


def test_constant_genes_have_no_say() -> None:
    Y = studies(0.0, 1, 8)[0]
    padded = np.column_stack([Y, np.full((6, 40), 7.3), np.zeros((6, 40))])
    np.testing.assert_allclose(trend_scale(padded, TWO)[:500], trend_scale(Y, TWO), rtol=1e-12)
    sets = [np.arange(30), np.r_[np.arange(30), 510, 570], np.arange(505, 510), np.array([], int)]
    with_constant = signature_test(padded, TWO, DIFFERENCE, sets)
    np.testing.assert_allclose(
        with_constant.stat[:2], signature_test(Y, TWO, DIFFERENCE, sets[:1]).stat[0], rtol=1e-9
    )
    assert np.isnan(with_constant.p[2:]).all()


def test_bad_input_gives_no_number() -> None:
    Y = studies(0.0, 1, 9)[0]
    ask = [np.arange(5)]
    with pytest.raises(ValueError, match="400 genes vary, a trend of the SD needs 500: give `scale`"):
        signature_test(Y[:, :400], TWO, DIFFERENCE, ask)
    with pytest.raises(ValueError, match="names a gene twice"):
        signature_test(Y, TWO, DIFFERENCE, [np.array([1, 1])])
    with pytest.raises(ValueError, match="not one of 500"):
        signature_test(Y, TWO, DIFFERENCE, [np.array([500])])
    with pytest.raises(ValueError, match="weights of shape"):
        signature_test(Y, TWO, DIFFERENCE, ask, gene_weights=[np.ones(4)])
    with pytest.raises(ValueError, match="`scale` has shape"):
        signature_test(Y, TWO, DIFFERENCE, ask, scale=np.ones(3))
    with pytest.raises(ValueError, match="cannot be estimated"):
        signature_test(Y, np.column_stack([TWO, TWO]), np.array([1.0, -1, 0, 0]), ask)
    with pytest.raises(ValueError, match="no residual degrees of freedom"):
        signature_test(Y[:2], np.eye(2), DIFFERENCE, ask)
    with pytest.raises(ValueError, match="shapes do not fit"):
        signature_test(Y[:5], TWO, DIFFERENCE, ask)
    Y[2, 2] = np.nan
    with pytest.raises(ValueError, match="1 values are missing"):
        signature_test(Y, TWO, DIFFERENCE, ask)
