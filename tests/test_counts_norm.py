"""Filter, library factors and log counts against edgeR's numbers and closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from marrowsig._stats.expressed import expressed
from marrowsig._stats.logcpm import cpm, log_cpm
from marrowsig._stats.tmm import rle, tmm, upper_quartile

GOLDEN = Path("reference", "golden", "bulk")
FACTORS = {"TMM": tmm, "RLE": rle, "upperquartile": upper_quartile}


class Study:
    """Counts (samples x genes), their design and edgeR's tables."""

    def __init__(self, shared: Path) -> None:
        self.folder = shared / GOLDEN
        frame = pd.read_csv(self.folder / "counts.tsv.gz", sep="\t", index_col=0)
        self.genes, self.counts = frame.index, frame.to_numpy(float).T
        self.samples = pd.read_csv(self.folder / "samples.tsv", sep="\t", index_col=0)
        assert list(frame.columns) == list(self.samples.index)
        self.group = pd.factorize(self.samples["group"])[0]
        self.keep = self.table("filterByExpr")["by_group"].to_numpy(bool)

    def table(self, name: str) -> pd.DataFrame:
        path = next((self.folder / "out_limma").glob(f"{name}.tsv*"))
        return pd.read_csv(path, sep="\t", index_col=0)


@pytest.fixture(scope="module")
def study(shared: Path) -> Study:
    return Study(shared)


@pytest.mark.shared
def test_the_filter_is_that_of_edger(study: Study) -> None:
    theirs = study.table("filterByExpr").astype(bool)
    line, culture = (
        study.samples[name] == level for name, level in [("line", "resistant"), ("culture", "co")]
    )
    cells = study.table("design_cellmeans").to_numpy(float)
    factorial = np.column_stack([np.ones(24), line, culture, line & culture])
    ours = {
        "by_group": expressed(study.counts, group=study.group),
        "by_design": expressed(study.counts, design=cells),
        "by_factorial_design": expressed(study.counts, design=factorial),
        "by_group_min100": expressed(study.counts, group=study.group, min_count=100, min_total=500),
    }
    for name, keep in ours.items():
        np.testing.assert_array_equal(keep, theirs[name], err_msg=name)
    assert not theirs["by_group"].equals(theirs["by_group_min100"])


@pytest.mark.shared
@pytest.mark.parametrize("method", FACTORS)
@pytest.mark.parametrize("genes", ["all", "filtered"])
def test_factors_are_those_of_edger(study: Study, method: str, genes: str) -> None:
    counts = study.counts[:, study.keep] if genes == "filtered" else study.counts
    theirs = study.table("norm_factors")[f"{method}.{genes}"]
    np.testing.assert_allclose(FACTORS[method](counts), theirs, rtol=1e-12)  # same sums, other order


@pytest.mark.shared
def test_log_counts_are_those_of_edger(study: Study) -> None:
    kept = study.counts[:, study.keep]
    size = kept.sum(axis=1) * tmm(kept)
    ours = {
        "logcpm_tmm_prior2": (log_cpm(kept, lib_size=size), study.genes[study.keep]),
        "logcpm_tmm_prior0.5": (log_cpm(kept, lib_size=size, prior=0.5), study.genes[study.keep]),
        "cpm_tmm": (cpm(kept, lib_size=size), study.genes[study.keep]),
        "logcpm_nonorm_prior2": (log_cpm(study.counts), study.genes),
    }
    for name, (values, genes) in ours.items():
        theirs = study.table(name)
        at = genes.get_indexer(theirs.index)
        np.testing.assert_allclose(values[:, at].T, theirs, rtol=1e-11, err_msg=name)


def sampled(seed: int = 0, n: int = 7, genes: int = 400) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.lognormal(3, 1.5, genes) * rng.uniform(0.5, 2, (n, 1))).astype(float)


def test_the_smallest_group_decides() -> None:
    counts = np.full((5, 3), 1000.0)
    counts[:, 0] = [20, 20, 0, 0, 0]
    counts[:, 1] = [20, 0, 0, 0, 0]
    counts[:, 2] = 2e6 - counts[:, :2].sum(axis=1)
    pairs = np.array([0, 0, 1, 1, 1])
    np.testing.assert_array_equal(expressed(counts, group=pairs), [True, False, True])
    np.testing.assert_array_equal(expressed(counts, design=np.eye(2)[pairs]), [True, False, True])
    np.testing.assert_array_equal(expressed(counts), [False, False, True])  # one group of five


def test_beyond_ten_samples_seventy_per_cent_are_enough() -> None:
    counts = np.zeros((20, 3))
    counts[:17, 0] = counts[:16, 1] = 20
    counts[:, 2] = 1e6
    np.testing.assert_array_equal(expressed(counts), [True, False, True])  # 10 + 0.7 * 10 = 17


def test_a_total_below_fifteen_is_never_enough() -> None:
    counts = np.array([[7.0, 8.0, 100.0], [7.0, 7.0, 100.0]])
    np.testing.assert_array_equal(expressed(counts, min_count=1), [False, True, True])


@pytest.mark.parametrize("factors", FACTORS.values(), ids=FACTORS)
def test_factors_follow_samples_and_do_not_see_the_order_of_genes(factors) -> None:
    counts = sampled()
    rng = np.random.default_rng(1)
    samples, genes = rng.permutation(len(counts)), rng.permutation(counts.shape[1])
    ours = factors(counts)
    np.testing.assert_allclose(factors(counts[np.ix_(samples, genes)]), ours[samples], rtol=1e-12)
    np.testing.assert_allclose(np.prod(ours), 1, rtol=1e-12)
    padded = np.column_stack([counts, np.zeros((len(counts), 3))])
    np.testing.assert_array_equal(factors(padded), ours)  # genes without counts have no say


@pytest.mark.parametrize("factors", FACTORS.values(), ids=FACTORS)
def test_deeper_sequencing_alone_changes_nothing(factors) -> None:
    one = sampled(n=1)
    np.testing.assert_allclose(factors(one * np.array([[1], [2], [5]])), 1, rtol=1e-12)


def test_tmm_finds_what_a_few_loud_genes_take_away() -> None:
    """Genes 0-19 take half of sample 1: the others need a factor of 1/2, up to the centring."""
    base = np.random.default_rng(2).integers(500, 1500, 1000).astype(float)
    loud = base.copy()
    loud[:20] += base.sum() / 20
    factor = tmm(np.vstack([base, loud]))
    np.testing.assert_allclose(factor[1] / factor[0], 0.5, rtol=1e-6)


def test_tmm_equals_its_definition_gene_by_gene() -> None:
    counts = sampled(4, n=2, genes=60)
    (y, r), (n, m) = counts, counts.sum(axis=1)
    genes = [g for g in range(60) if y[g] > 0 and r[g] > 0]
    M = {g: np.log2(y[g] / n) - np.log2(r[g] / m) for g in genes}
    A = {g: (np.log2(y[g] / n) + np.log2(r[g] / m)) / 2 for g in genes}

    def inside(value: dict[int, float], g: int, trim: float) -> bool:
        below = sum(value[h] < value[g] - 1e-12 for h in genes)
        ties = sum(abs(value[h] - value[g]) <= 1e-12 for h in genes)
        rank, out = below + (ties + 1) / 2, int(trim * len(genes))
        return out + 1 <= rank <= len(genes) - out

    kept = [g for g in genes if inside(M, g, 0.3) and inside(A, g, 0.05)]
    weight = [1 / ((n - y[g]) / (n * y[g]) + (m - r[g]) / (m * r[g])) for g in kept]
    log_factor = sum(w * M[g] for w, g in zip(weight, kept, strict=True)) / sum(weight)
    ours = tmm(counts, reference=1)
    np.testing.assert_allclose(np.log2(ours[0] / ours[1]), log_factor, rtol=1e-10)


def test_of_equally_good_references_the_first_is_taken() -> None:
    """Samples 0 and 1 have the same upper quartile, but differ in genes; 2 is further away."""
    rng = np.random.default_rng(3)
    first = rng.integers(10, 100, 200).astype(float)
    far = first.copy()
    far[np.argsort(first)[-60:]] *= 3
    counts = np.vstack([first, first[::-1], far])
    np.testing.assert_array_equal(tmm(counts), tmm(counts, reference=0))
    assert not np.allclose(tmm(counts), tmm(counts, reference=1), rtol=1e-6)


def test_libraries_that_share_no_gene_keep_their_size() -> None:
    apart = np.array([[5.0, 3, 0, 0], [0, 0, 5, 3]])
    np.testing.assert_array_equal(tmm(apart), [1, 1])
    np.testing.assert_array_equal(tmm(np.array([[4.0, 5.0]])), [1])


def test_a_gene_without_reads_is_flat_in_log_counts() -> None:
    counts = sampled(5)
    counts[:, 0] = 0
    values = log_cpm(counts)
    np.testing.assert_allclose(values[:, 0], values[0, 0], rtol=1e-13)
    np.testing.assert_allclose(cpm(counts).sum(axis=1), 1e6, rtol=1e-12)


@pytest.mark.parametrize("ask", [expressed, cpm, log_cpm, *FACTORS.values()])
def test_bad_counts_give_no_number(ask) -> None:
    counts = sampled(6)
    counts[2] = 0
    with pytest.raises(ValueError, match=r"1 of 7 samples have no usable library size \(rows 2\)"):
        ask(counts)
    counts[2, :4] = [-1, 50, np.nan, np.inf]
    with pytest.raises(ValueError, match="3 entries of the counts are negative, infinite or missing"):
        ask(counts)
    with pytest.raises(ValueError, match="shape"):
        ask(sampled(6), lib_size=np.ones(3))


def test_methods_that_need_dense_counts_say_so() -> None:
    sparse = np.eye(5) * 9
    with pytest.raises(ValueError, match="no gene has counts in every sample"):
        rle(sparse)
    with pytest.raises(ValueError, match="5 of 5 samples have an upper quartile of 0"):
        upper_quartile(sparse)
    with pytest.raises(ValueError, match="`reference` is 9"):
        tmm(sparse, reference=9)
    with pytest.raises(ValueError, match="not both"):
        expressed(sparse, group=np.zeros(5, int), design=np.ones((5, 1)))
    with pytest.raises(ValueError, match="`prior` is 0"):
        log_cpm(sparse, prior=0)
