"""Voom against limma's numbers and simulation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from marrowsig._stats.expressed import expressed
from marrowsig._stats.tmm import tmm
from marrowsig._stats.voom import Voom, voom

GOLDEN = Path("reference", "golden", "bulk")


class Study:
    """Kept counts (samples x genes), effective library sizes and limma's tables."""

    def __init__(self, shared: Path) -> None:
        self.tables = shared / GOLDEN / "out_limma"
        counts = pd.read_csv(shared / GOLDEN / "counts.tsv.gz", sep="\t", index_col=0)
        self.samples = pd.read_csv(shared / GOLDEN / "samples.tsv", sep="\t", index_col=0)
        self.X = self.table("design_cellmeans").to_numpy(float)
        keep = expressed(counts.to_numpy(float).T, group=pd.factorize(self.samples["group"])[0])
        self.genes, self.counts = counts.index[keep], counts.to_numpy(float).T[:, keep]
        self.size = self.counts.sum(axis=1) * tmm(self.counts)

    def table(self, name: str) -> pd.DataFrame:
        path = next(self.tables.glob(f"{name}.tsv*"))
        return pd.read_csv(path, sep="\t", index_col=0)

    def same(self, values: np.ndarray, table: str | pd.Series, *, rtol: float) -> None:
        theirs = self.table(table) if isinstance(table, str) else table
        at = self.genes.get_indexer(theirs.index)
        np.testing.assert_allclose(values[..., at].T, theirs, rtol=rtol)


@pytest.fixture(scope="module")
def study(shared: Path) -> Study:
    return Study(shared)


def weighted_sigma(data: Voom, X: np.ndarray, R: np.ndarray) -> np.ndarray:
    """Residual SD of the weighted generalised least squares fit, gene by gene."""
    sigma = []
    for y, w in zip(data.E.T, data.weights.T, strict=True):
        root = np.linalg.cholesky(R / np.sqrt(np.outer(w, w)))
        a, b = np.linalg.solve(root, X), np.linalg.solve(root, y)
        sigma.append(np.sqrt(np.linalg.lstsq(a, b)[1][0] / (len(X) - X.shape[1])))
    return np.array(sigma)


@pytest.mark.shared
def test_values_and_weights_are_those_of_limma(study: Study) -> None:
    data = voom(study.counts, study.X, lib_size=study.size)
    study.same(data.E, "voom_E", rtol=1e-11)
    study.same(data.weights, "voom_weights", rtol=1e-8)
    ours = weighted_sigma(data, study.X, np.eye(24))
    study.same(ours, study.table("voom_basic")["sigma"], rtol=1e-8)


@pytest.mark.shared
def test_voom_with_correlated_pairs_is_that_of_limma(study: Study) -> None:
    first, second = study.table("voom_dupcor")["consensus.correlation"]
    pair = study.samples["pair"].to_numpy()
    same = pair[:, None] == pair
    data = voom(
        study.counts,
        study.X,
        lib_size=study.size,
        covariance=np.where(same, first, 0) + (1 - first) * np.eye(24),
    )
    ours = weighted_sigma(data, study.X, np.where(same, second, 0) + (1 - second) * np.eye(24))
    study.same(ours, study.table("voom_dupcor_pair")["sigma"], rtol=1e-8)
    plain = weighted_sigma(voom(study.counts, study.X, lib_size=study.size), study.X, np.eye(24))
    assert np.abs(ours / plain - 1).max() > 1e-3


def sampled(seed: int, genes: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Overdispersed counts of two arms of four, libraries of unequal depth."""
    rng = np.random.default_rng(seed)
    level = rng.lognormal(4, 1.5, genes) * rng.uniform(0.3, 3, (8, 1))
    return rng.poisson(level * rng.gamma(20, 1 / 20, (8, genes))).astype(float), np.repeat(
        np.eye(2), 4, axis=0
    )


def test_weights_follow_the_true_variance() -> None:
    """The variance of a log2 count is (1 / mean + 1 / 20) / log(2)^2 here."""
    counts, X = sampled(0, genes=4000)
    data = voom(counts, X)
    mean = counts.mean(axis=0)
    loud = mean > 20
    truth = np.log(2) ** 2 / (1 / mean[loud] + 1 / 20)
    found = np.exp(np.log(data.weights[:, loud]).mean(axis=0))
    assert np.corrcoef(np.log(truth), np.log(found))[0, 1] > 0.95
    assert abs(np.log(found / truth).mean()) < 0.25


def test_order_and_coding_do_not_matter() -> None:
    counts, X = sampled(1)
    rng = np.random.default_rng(2)
    samples, genes = rng.permutation(8), rng.permutation(600)
    ours = voom(counts, X)
    moved = voom(counts[np.ix_(samples, genes)], X[samples] @ np.array([[1.0, 2], [1, -1]]))
    np.testing.assert_allclose(moved.weights, ours.weights[np.ix_(samples, genes)], rtol=1e-9)
    np.testing.assert_allclose(moved.E, ours.E[np.ix_(samples, genes)], rtol=1e-12)


def test_genes_without_counts_do_not_bend_the_trend() -> None:
    counts, X = sampled(3)
    padded = voom(np.column_stack([counts, np.zeros((8, 50))]), X)
    ours = voom(counts, X)
    np.testing.assert_allclose(padded.weights[:, :600], ours.weights, rtol=1e-12)
    assert np.isfinite(padded.weights).all()
    assert padded.x.min() == ours.x.min()


def test_bad_input_gives_no_number() -> None:
    counts, X = sampled(4)
    with pytest.raises(ValueError, match="no replicates: 2 samples"):
        voom(counts[:2], np.eye(2))
    with pytest.raises(ValueError, match="expected 8 rows"):
        voom(counts, X[:7])
    with pytest.raises(ValueError, match="1 distinct mean counts"):
        voom(counts[:, :1] + 1, X)
    counts[3] = 0
    with pytest.raises(ValueError, match="1 of 8 samples have no usable library size"):
        voom(counts, X)
