"""Camera and the rotation of designs against limma's numbers, scipy and simulation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from marrowsig._stats.camera import camera, camera_preranked, hill
from marrowsig._stats.expressed import expressed
from marrowsig._stats.rotation import rotate
from marrowsig._stats.tmm import tmm
from marrowsig._stats.voom import voom

GOLDEN = Path("reference", "golden", "bulk")
TWO = np.repeat(np.eye(2), 3, axis=0)
CALLS = {
    "camera_cor0.01": {"correlation": 0.01},
    "camera_estimated": {},
    "camera_estimated_allowneg": {"allow_negative": True},
    "camera_trendvar_cor0.01": {"correlation": 0.01, "trend": True},
    "camera_ranks_cor0.01": {"correlation": 0.01, "ranks": True},
    "camera_ranks_estimated": {"ranks": True},
}


class Study:
    """Expression (samples x genes) without constant genes, its sets and limma's tables."""

    def __init__(self, shared: Path) -> None:
        folder = shared / GOLDEN
        self.tables = folder / "out_limma"
        self.genes = pd.Index((self.tables / "nonconstant_genes.txt").read_text().split())
        self.Y = pd.read_csv(folder / "expr.tsv.gz", sep="\t", index_col=0).loc[self.genes].to_numpy().T
        self.counts = pd.read_csv(folder / "counts.tsv.gz", sep="\t", index_col=0).T
        self.X = self.table("design_cellmeans").to_numpy(float)
        self.contrasts = self.table("contrasts")
        listed = json.loads((folder / "genesets.json").read_text())
        self.listed = {name: entry["genes"] for name, entry in listed.items()}
        self.tests = self.table("geneset_tests_long").reset_index().set_index(["method", "contrast", "field"])

    def table(self, name: str) -> pd.DataFrame:
        path = next(p for p in self.tables.glob(f"{name}.tsv*"))
        return pd.read_csv(path, sep="\t", index_col=0)

    def sets(self, genes: pd.Index) -> list[np.ndarray]:
        return [np.flatnonzero(genes.isin(members)) for members in self.listed.values()]

    def theirs(self, method: str, contrast: str, field: str) -> np.ndarray:
        rows = self.tests.sort_index().loc[(method, contrast, field)].set_index("set")["value"]
        return rows.reindex(list(self.listed)).to_numpy()


@pytest.fixture(scope="module")
def study(shared: Path) -> Study:
    return Study(shared)


def same(ours, study: Study, method: str, contrast: str, *, rtol: float) -> None:
    p = study.theirs(method, contrast, "PValue").astype(float)
    np.testing.assert_allclose(ours.p, p, rtol=rtol, err_msg=method)
    np.testing.assert_array_equal(ours.size, study.theirs(method, contrast, "NGenes").astype(int))
    up = study.theirs(method, contrast, "Direction") == "Up"
    np.testing.assert_array_equal(ours.direction, np.where(up, 1, -1))


@pytest.mark.shared
@pytest.mark.parametrize("contrast", ["co_in_parental", "co_in_resistant", "difference"])
@pytest.mark.parametrize("method", CALLS)
def test_camera_is_that_of_limma(study: Study, method: str, contrast: str) -> None:
    c = study.contrasts[contrast].to_numpy(float)
    ours = camera(study.Y, study.X, c, study.sets(study.genes), **CALLS[method])
    # limma's ranks of identical genes differ by rounding, ours are tied: 2e-2 (measured 2e-3)
    same(ours, study, method, contrast, rtol=2e-2 if "ranks" in method else 1e-8)
    if "estimated" in method:
        rho = study.theirs(method, contrast, "Correlation").astype(float)
        np.testing.assert_allclose(ours.correlation, rho, rtol=1e-8)


@pytest.mark.shared
def test_camera_with_voom_weights_is_that_of_limma(study: Study) -> None:
    counts = study.counts.to_numpy(float)
    keep = expressed(counts, design=study.X)
    size = counts[:, keep].sum(axis=1) * tmm(counts[:, keep])
    data = voom(counts[:, keep], study.X, lib_size=size)
    sets = study.sets(study.counts.columns[keep])
    for contrast in study.contrasts:
        c = study.contrasts[contrast].to_numpy(float)
        ours = camera(data.E, study.X, c, sets, correlation=0.01, weights=data.weights)
        same(ours, study, "camera_voom_cor0.01", contrast, rtol=1e-8)


@pytest.mark.shared
@pytest.mark.parametrize("ranks", [False, True])
def test_preranked_is_that_of_limma(study: Study, *, ranks: bool) -> None:
    t = study.table("genewise_t_12digits").loc[study.genes]
    method = "cameraPR_ranks_cor0.01" if ranks else "cameraPR_cor0.01"
    for contrast in t:
        ours = camera_preranked(t[contrast], study.sets(study.genes), correlation=0.01, ranks=ranks)
        same(ours, study, method, contrast, rtol=1e-10)


@pytest.mark.shared
def test_the_correlated_rank_sum_is_that_of_limma(study: Study) -> None:
    t = study.table("genewise_t_12digits").loc[study.genes, "difference"]
    ours = camera_preranked(t, study.sets(study.genes), correlation=0.05, ranks=True)
    for field, p in [("less", ours.down), ("greater", ours.up)]:
        theirs = study.theirs("rankSumTestWithCorrelation_0.05", "difference", field).astype(float)
        np.testing.assert_allclose(p, theirs, rtol=1e-10)


def test_without_correlation_it_is_students_or_wilcoxons_test() -> None:
    rng = np.random.default_rng(0)
    t = np.round(rng.standard_t(6, 300), 1)  # rounded: ties
    m = np.arange(25)
    t[m] += 0.4
    plain = camera_preranked(t, [m], correlation=0.0)
    np.testing.assert_allclose(plain.p, stats.ttest_ind(t[m], t[25:]).pvalue, rtol=1e-10)
    ranked = camera_preranked(t, [m], correlation=0.0, ranks=True)
    for ours, side in [(ranked.up, "greater"), (ranked.down, "less")]:
        theirs = stats.mannwhitneyu(t[m], t[25:], method="asymptotic", alternative=side).pvalue
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)


@pytest.mark.parametrize("df", [4.0, 10.0, 23.3, 400.0])
def test_hills_series_is_close_to_the_exact_score(df: float) -> None:
    t = np.linspace(-6, 6, 41)
    np.testing.assert_allclose(hill(t, df), stats.norm.ppf(stats.t.cdf(t, df)), rtol=0, atol=0.03 / df**2)


def random_study(seed: int, genes: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(9), np.arange(9) % 3 == 0, rng.normal(size=9)])
    return rng.normal(5, rng.uniform(0.5, 2, genes), (9, genes)), X, np.array([0.0, 1, 0])


@pytest.mark.parametrize("weighted", [False, True])
def test_rotation_equals_least_squares_gene_by_gene(*, weighted: bool) -> None:
    import statsmodels.api as sm

    Y, X, c = random_study(1)
    weights = np.random.default_rng(2).uniform(0.3, 3, Y.shape) if weighted else None
    view = rotate(Y, X, c, weights=weights)
    assert view.df == 6
    for g in range(0, 60, 7):
        theirs = sm.WLS(Y[:, g], X, weights=1 if weights is None else weights[:, g]).fit()
        np.testing.assert_allclose(view.effect[g] / np.sqrt(view.s2[g]), theirs.tvalues[1], rtol=1e-10)
        np.testing.assert_allclose(view.s2[g], theirs.scale, rtol=1e-10)


def test_equal_weights_are_no_weights() -> None:
    Y, X, c = random_study(3, genes=1500)  # more than one block
    plain, weighted = rotate(Y, X, c), rotate(Y, X, c, weights=np.full(Y.shape, 4.0))
    np.testing.assert_allclose(weighted.effect, 2 * plain.effect, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(weighted.residual, 2 * plain.residual, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ranks", [False, True])
def test_order_and_coding_do_not_matter(*, ranks: bool, weighted: bool) -> None:
    Y, X, c = random_study(4)
    rng = np.random.default_rng(5)
    Y[:, 31] = Y[:, 30]  # identical genes are ties, in whatever order
    weights = rng.uniform(0.3, 3, Y.shape) if weighted else None
    sets = [np.arange(8), np.arange(20, 45)]
    ours = camera(Y, X, c, sets, ranks=ranks, weights=weights)
    samples, genes = rng.permutation(9), rng.permutation(60)
    code = np.array([[1.0, 2, 0], [0, 1, 3], [1, 0, -1]])  # other columns, same model
    grid = np.ix_(samples, genes)
    moved = camera(
        Y[grid], X[samples] @ code, code.T @ c,
        [np.argsort(genes)[m] for m in sets], ranks=ranks, weights=None if weights is None else weights[grid],
    )  # fmt: skip
    np.testing.assert_allclose(moved.p, ours.p, rtol=1e-10)
    np.testing.assert_allclose(moved.correlation, ours.correlation, rtol=1e-9)


def null_studies(rho: float, runs: int, seed: int) -> np.ndarray:
    """Two arms of three, 400 genes of which the first 30 share a factor: runs x samples x genes."""
    rng = np.random.default_rng(seed)
    Y = rng.standard_normal((runs, 6, 400))
    Y[:, :, :30] = np.sqrt(1 - rho) * Y[:, :, :30] + np.sqrt(rho) * rng.standard_normal((runs, 6, 1))
    return Y


@pytest.mark.parametrize("rho", [0.0, 0.1])
def test_level_with_the_estimated_correlation(rho: float) -> None:
    p = [camera(Y, TWO, np.array([-1.0, 1]), [np.arange(30)]).p[0] for Y in null_studies(rho, 400, 11)]
    assert np.mean(np.array(p) < 0.05) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_the_fixed_correlation_calls_a_coregulated_set_that_does_not_change() -> None:
    """Why 0.01 is no default: the level at an in-set correlation of 0.1 is 0.23."""
    fixed = {"correlation": 0.01}
    runs = null_studies(0.1, 300, 12)
    p = [camera(Y, TWO, np.array([-1.0, 1]), [np.arange(30)], **fixed).p[0] for Y in runs]
    assert np.mean(np.array(p) < 0.05) > 0.15


def test_a_set_that_moves_is_found_on_its_side() -> None:
    Y = null_studies(0.0, 1, 13)[0]
    Y[3:, :30] -= 2
    found = camera(Y, TWO, np.array([-1.0, 1]), [np.arange(30), np.arange(200, 230)])
    assert found.p[0] < 0.01 < found.p[1]
    assert found.direction[0] == -1
    assert found.down[0] < found.up[0]


def test_sets_of_none_one_and_all_genes() -> None:
    Y, X, c = random_study(6)
    for ranks in (False, True):
        got = camera(Y, X, c, [np.array([], int), np.array([4]), np.arange(60)], ranks=ranks)
        assert np.isnan(got.p[[0, 2]]).all()
        assert 0 < got.p[1] <= 1
        assert np.isnan(got.correlation[1])


def test_bad_input_gives_no_number() -> None:
    Y, X, c = random_study(7)
    sets = [np.arange(5)]
    with pytest.raises(ValueError, match="column 60"):
        camera(Y, X, c, [np.array([60])])
    mostly_flat = np.where(np.arange(60) < 25, Y, 0.1)
    with pytest.raises(ValueError, match="35 of 60 genes have no residual variation"):
        camera(mostly_flat, X, c, sets)
    with pytest.raises(ValueError, match="35 of 60 genes have no residual variation"):
        camera(mostly_flat, X, c, sets, weights=np.random.default_rng(0).uniform(1, 2, Y.shape))
    with pytest.raises(ValueError, match="1 of 1 genes have no variance"):
        camera(np.zeros((9, 1)), X, c, [np.array([0])])
    with pytest.raises(ValueError, match="cannot be estimated"):
        camera(Y, np.column_stack([X, X[:, 1]]), np.array([0.0, 1, 0, 0]), sets)
    with pytest.raises(ValueError, match="zero everywhere"):
        camera(Y, X, c * 0, sets)
    with pytest.raises(ValueError, match="no residual degrees of freedom"):
        camera(Y[:3], np.eye(3), np.array([1.0, -1, 0]), sets)
    with pytest.raises(ValueError, match="shapes do not fit"):
        camera(Y, X[:5], c, sets)
    with pytest.raises(ValueError, match="positive numbers"):
        camera(Y, X, c, sets, weights=np.zeros_like(Y))
    with pytest.raises(ValueError, match="finite number per gene"):
        camera_preranked(np.array([1.0, np.nan]), sets, correlation=0.1)
    Y[0, 0] = np.nan
    with pytest.raises(ValueError, match="1 values are missing"):
        camera(Y, X, c, sets)
