"""`ms.qc.coherence` against R sigQC, scipy and constructed data."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

import marrowsig as ms
from marrowsig._stats.coherence import METRICS, background, coherence

GOLDEN = Path("reference", "golden", "bulk")
PCA = ["rho_pca1_med", "rho_mean_pca1"]


def study(n: int = 12, p: int = 400) -> ad.AnnData:
    rng = np.random.default_rng(3)
    x = rng.normal(6, 1, (n, p)) + np.linspace(-2, 2, p)
    x[:, :5] += np.linspace(-3, 3, n)[:, None]
    x[:, 5:8] -= np.linspace(-3, 3, n)[:, None]
    x[:, 399] = 7.0
    return ad.AnnData(x, var=pd.DataFrame(index=[f"G{i}" for i in range(p)]))


def signed() -> ms.sig.Signature:
    return ms.sig.Signature("il6.signed", axis="il6", genes={f"G{i}": 1 if i < 5 else -1 for i in range(8)})


@pytest.mark.shared
def test_as_published_equals_sigqc(shared):
    expr = pd.read_csv(shared / GOLDEN / "expr.tsv.gz", sep="\t", index_col=0)
    golden = pd.read_csv(shared / GOLDEN / "out" / "sigqc_metrics.tsv", sep="\t", index_col=0)
    sets = json.loads((shared / GOLDEN / "genesets.json").read_text())
    sigs = [ms.sig.Signature(f"control.{k}", axis="control", genes=v["genes"]) for k, v in sets.items()]
    adata = ad.AnnData(expr.T)
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}  # its tails are too heavy for the guess
    table = ms.qc.coherence(adata, sigs, n_null=0, as_published=True)
    got = table.pivot_table(index="signature", columns="metric", values="value", dropna=False)
    got = got.rename(index=lambda s: s.removeprefix("control.")).loc[golden.index, golden.columns]
    assert len(golden) == 8
    got[PCA], golden[PCA] = got[PCA].abs(), golden[PCA].abs()  # the sign of a component is arbitrary
    # R prints 17 digits; the metrics differ by rounding only.
    np.testing.assert_allclose(got, golden, rtol=0, atol=1e-9)


def test_correlations_are_those_of_scipy_without_the_diagonal():
    adata = study()
    values = coherence(background(adata.X), np.arange(8), np.ones(8), 8, as_published=False)
    got = dict(zip(METRICS, values, strict=True))
    pairs = [stats.spearmanr(adata.X[:, i], adata.X[:, j])[0] for i, j in combinations(range(8), 2)]
    mean, median = adata.X[:, :8].mean(axis=1), np.median(adata.X[:, :8], axis=1)
    own, rest = (abs(stats.skew(adata.X[:, :k].mean(axis=0))) for k in (8, 400))
    assert got["autocor_median"] == pytest.approx(np.median(pairs), abs=1e-12)
    assert got["rho_mean_med"] == pytest.approx(stats.spearmanr(mean, median)[0], abs=1e-12)
    assert got["abs_skewness_ratio"] == pytest.approx(own / (own + rest), abs=1e-12)


def test_falling_genes_count_as_rising_ones_mirrored():
    adata = study()
    b = background(adata.X)
    signs = np.repeat([1.0, -1.0], [5, 3])
    turned = adata.X.copy()
    turned[:, 5:8] = 2 * turned[:, 5:8].mean(axis=0) - turned[:, 5:8]
    got = coherence(b, np.arange(8), signs, 8, as_published=False)
    want = coherence(background(turned), np.arange(8), np.ones(8), 8, as_published=False)
    np.testing.assert_allclose(got[-6:], want[-6:], atol=1e-12)
    assert (got[-6:-2] > 0.5).all()  # all eight follow one gradient, and the component points along it
    assert coherence(b, np.arange(8), np.ones(8), 8, as_published=False)[-6] < 0.5


def test_planted_set_lies_above_its_null_and_the_seed_decides():
    adata = study()
    one, again = (ms.qc.coherence(adata, signed(), n_null=40, rng=1) for _ in range(2))
    pd.testing.assert_frame_equal(one, again)
    row = one.set_index("metric").loc["autocor_median"]
    assert row["percentile"] == 100
    assert row["null_low"] < row["null_median"] < row["null_high"] < row["value"]
    other = ms.qc.coherence(adata, signed(), n_null=40, rng=2)
    assert not other["null_median"].equals(one["null_median"])
    assert other["value"].equals(one["value"])


def test_sparse_is_dense_and_nothing_is_written():
    adata = study()
    thin = ad.AnnData(sparse.csr_matrix(adata.X), var=adata.var)
    a, b = (ms.qc.coherence(x, signed(), n_null=3) for x in (adata, thin))
    pd.testing.assert_frame_equal(a, b)
    assert not adata.obsm
    assert not adata.uns


def test_few_varying_genes_give_nan_and_a_warning():
    few = ms.sig.Signature("il6.few", axis="il6", genes=["G0", "G1", "G399", "NOSUCH"])
    with pytest.warns(ms.CoverageWarning, match=r"il6\.few \(2\)"):
        table = ms.qc.coherence(study(), few, n_null=3)
    assert table["value"].isna().all()
    assert (table["n_genes"] == 3).all()


def test_counts_and_one_sample_are_refused():
    toy = ms.ds.toy()
    genes = ms.sig.Signature("il6.a", axis="il6", genes=list(toy.var_names[:5]))
    with pytest.raises(ms.InputError, match=r"log expression, but adata\.X holds counts"):
        ms.qc.coherence(toy, genes)
    with pytest.raises(ms.InputError, match="two samples"):
        ms.qc.coherence(study()[:1].copy(), signed())


def one_by_one(x, columns, signs, *, published: bool) -> list[float]:
    """The joint metrics of one set, gene by gene with scipy and numpy."""
    s = x[:, columns].copy()
    if not published:
        varies = s.std(axis=0) > 0
        s, signs = s[:, varies], signs[varies]
        s = np.where(signs < 0, 2 * s.mean(axis=0) - s, s)
    k, live = s.shape[1], s[:, s.std(axis=0) > 0]
    pairs = [stats.spearmanr(a, b)[0] for a, b in combinations(live.T, 2)]
    pairs = [*pairs, *pairs, *np.ones(k)] if published else pairs
    mean, median = s.mean(axis=1), np.median(s, axis=1)
    u, size, loadings = np.linalg.svd(s - s.mean(axis=0), full_matrices=False)
    first = u[:, 0] if published or loadings[0].sum() >= 0 else -u[:, 0]
    z = np.median((live - live.mean(axis=0)) / live.std(axis=0, ddof=1), axis=1)
    rho = [stats.spearmanr(a, b)[0] for a, b in ((mean, median), (first, median), (mean, first))]
    return [np.median(pairs), *rho, size[0] ** 2 / (size**2).sum(), stats.spearmanr(median, z)[0]]


@pytest.mark.parametrize("published", [False, True])
@pytest.mark.parametrize("n", [6, 70])
def test_many_sets_at_once_equal_sets_one_by_one(n, published):
    rng = np.random.default_rng(8)
    x = rng.normal(6, 1, (n, 60)) + 0.7 * rng.normal(size=(n, 1))
    x[:, ::9] = 3.0  # sets have one or two genes without variation, or none
    sets = np.stack([rng.choice(60, 11, replace=False) for _ in range(30)])
    signs = np.where(np.arange(11) % 4 == 3, -1.0, 1.0)
    got = coherence(background(x), sets, signs, 11, as_published=published)[:, -6:]
    want = np.array([one_by_one(x, c, signs, published=published) for c in sets])
    if published:  # the sign of a component is arbitrary
        got[:, 1:4], want[:, 1:4] = np.abs(got[:, 1:4]), np.abs(want[:, 1:4])
    # Components come from another algorithm here; all else differs by rounding.
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-10)


def test_sets_may_be_given_together_or_alone():
    adata = study()
    b, sets = background(adata.X), np.array([[0, 1, 2, 5], [9, 399, 20, 7]])
    together = coherence(b, sets, np.ones(4), 5, as_published=False)
    alone = [coherence(b, c, np.ones(4), 5, as_published=False) for c in sets]
    np.testing.assert_array_equal(together, alone)


def test_a_matrix_too_large_to_be_dense_gives_the_same(monkeypatch):
    thin = study()
    thin.X[thin.X < 5] = 0
    want = ms.qc.coherence(thin, signed(), n_null=10)
    from marrowsig._stats import coherence as module

    monkeypatch.setattr(module, "CELLS", 500)
    thin.X = sparse.csr_matrix(thin.X)
    rows = []
    dense = module._dense
    monkeypatch.setattr(module, "_dense", lambda x: rows.append(x.shape[1]) or dense(x))
    got = ms.qc.coherence(thin, signed(), n_null=10)
    # Means of blocks of columns may differ in the last bit.
    pd.testing.assert_frame_equal(got, want, rtol=1e-10)
    assert max(rows) < 50
