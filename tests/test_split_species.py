"""Human and mouse parted: mixtures of known truth, and a file with two genomes."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

import marrowsig as ms
from marrowsig._stats.binomial import exact_interval
from marrowsig._stats.leakage import doublets, leakage

N_GENES = 300
SYMBOLS = [f"GENE{i}" for i in range(N_GENES)]


def cells(*, n_human=300, n_mouse=200, n_double=40, ambient=0.03, seed=0):
    """Counts (n, 2 x genes) of cells whose reads are in part those of the pool, and who they are."""
    rng = np.random.default_rng(seed)
    profile = rng.gamma(0.5, size=(2, N_GENES))
    profile /= profile.sum(axis=1, keepdims=True)
    who = np.repeat(["human", "mouse", "mixed"], [n_human, n_mouse, n_double])
    depth = rng.lognormal(np.log(3000), 0.4, size=(who.size, 2))
    depth[:, 0] *= who != "mouse"
    depth[:, 1] *= who != "human"
    pool = depth.sum(axis=0) / depth.sum()
    own = depth[:, :, None] * profile[None]
    floating = depth.sum(axis=1)[:, None, None] * (pool[:, None] * profile)[None]
    counts = rng.poisson((1 - ambient) * own + ambient * floating).reshape(who.size, -1)
    return counts.astype(np.float32), who, pool


def combined(counts, human="GRCh38_", mouse="mm10___"):
    names = [human + g for g in SYMBOLS] + [mouse + g.capitalize() for g in SYMBOLS]
    return ad.AnnData(sparse.csr_matrix(counts), var=pd.DataFrame(index=names))


@pytest.fixture(scope="module")
def mixture():
    counts, who, pool = cells()
    return counts, who, pool, ms.pp.split_species(combined(counts))


def test_cells_of_known_species_are_called(mixture):
    _, who, _, split = mixture
    assert (split.human.obs["species"].astype(str).to_numpy() == who).mean() > 0.99
    assert list(split.human.obs["species"].cat.categories) == ["human", "mouse", "mixed", "few reads"]


def test_it_says_in_short_what_it_found(mixture):
    split = mixture[-1]
    told = repr(split).splitlines()
    assert told[0].startswith("<SpeciesSplit: 540 rows, 300 human and 300 mouse genes; ")
    into = split.leakage.set_index("into").loc["human"]
    said = (
        f"{100 * into['share']:.2f} % ({100 * into['low']:.2f} to {100 * into['high']:.2f} %) in human cells"
    )
    assert said in told[2]
    assert len(told) == 4
    shown = split._repr_html_()
    assert "&lt;SpeciesSplit: 540 rows" in shown
    assert f"<td>{into['share']:.3g} [{into['low']:.3g}, {into['high']:.3g}]</td>" in shown


def test_no_read_is_lost_or_moved(mixture):
    counts, _, _, split = mixture
    np.testing.assert_array_equal(split.human.X.toarray(), counts[:, :N_GENES])
    np.testing.assert_array_equal(split.mouse.X.toarray(), counts[:, N_GENES:])
    assert split.human.var_names.tolist() == SYMBOLS
    assert split.mouse.var_names.tolist() == [g.capitalize() for g in SYMBOLS]
    np.testing.assert_allclose(split.human.obs["mouse_reads"], counts[:, N_GENES:].sum(axis=1))


def test_leakage_is_what_was_put_in():
    hits = 0
    for seed in range(20):
        counts, _, pool = cells(seed=seed, n_human=60, n_mouse=60, n_double=0)
        leaks = ms.pp.split_species(combined(counts)).leakage.set_index("into")
        truth = 0.03 * pool[1]
        hits += leaks.loc["human", "low"] <= truth <= leaks.loc["human", "high"]
        assert leaks.loc["human", "ambient"] == pytest.approx(0.03, rel=0.15)
        assert leaks.loc["mouse", "ambient"] == pytest.approx(0.03, rel=0.15)
    assert hits >= 16  # 95 % nominal; 16 of 20 or more has probability 0.997


def test_the_interval_of_leakage_takes_cells_as_units():
    rng = np.random.default_rng(1)
    total = rng.integers(1000, 5000, 200).astype(float)
    foreign = total * rng.beta(2, 98, 200)  # cells differ by far more than reads do
    found = leakage(foreign, total, 0.5)
    boot = []
    for _ in range(2000):
        pick = rng.integers(0, 200, 200)
        boot.append(foreign[pick].sum() / total[pick].sum())
    assert found.low == pytest.approx(np.quantile(boot, 0.025), rel=0.05)
    assert found.high == pytest.approx(np.quantile(boot, 0.975), rel=0.05)
    assert np.isnan(leakage(foreign[:1], total[:1], 0.5).share)


def test_doublets_of_one_species_are_counted_in():
    rng = np.random.default_rng(2)
    p, rate, n = 0.7, 0.08, 20_000
    first, second = rng.random(n) < p, rng.random(n) < p
    double = rng.random(n) < rate
    human = int((first & (~double | second)).sum())
    mouse = int((~first & (~double | ~second)).sum())
    share, low, high = doublets(human, mouse, n - human - mouse)
    assert low < rate < high
    assert share == pytest.approx(rate, rel=0.1)
    assert np.isnan(doublets(10, 0, 0)[0])


def test_the_exact_interval_is_that_of_scipy():
    for k, n in ((0, 7), (3, 7), (7, 7), (150, 173)):
        low, high = exact_interval(np.array(k), np.array(k), n)
        ends = stats.binomtest(k, n).proportion_ci(0.95, method="exact")
        assert (float(low), float(high)) == pytest.approx((ends.low, ends.high), abs=1e-9)


@pytest.mark.parametrize(
    ("human", "mouse", "how"),
    [
        ("GRCh38-", "mm10---", "prefixes of var_names"),
        ("hg19_", "mm10_", "prefixes of var_names"),
        ("ENSG0000", "ENSMUSG0000", "Ensembl ids"),
    ],
)
def test_what_tells_the_species(human, mouse, how):
    counts, *_ = cells(n_human=4, n_mouse=4, n_double=0)
    adata = combined(counts, human, mouse)
    if human.startswith("ENS"):
        adata.var_names = [n.replace("GENE", "").replace("Gene", "") for n in adata.var_names]
    split = ms.pp.split_species(adata)
    note = split.mouse.uns["marrowsig"]["species"]
    assert (note["how"], note["part"], note["untold"]) == (how, "mouse", 0)
    assert (split.human.n_vars, split.mouse.n_vars) == (N_GENES, N_GENES)
    assert split.human.obs["species"].tolist() == ["human"] * 4 + ["mouse"] * 4


def test_case_tells_only_when_asked():
    x = np.full((2, 5), 40.0)
    adata = ad.AnnData(x, var=pd.DataFrame(index=["IL6", "C1orf112", "Il6", "mt-Nd1", "C3"]))
    with pytest.raises(ms.InputError, match=r"Nothing tells which of the 5 genes.*case=True"):
        ms.pp.split_species(adata)
    with pytest.warns(ms.InputWarning, match="1 of 5 genes are of neither species.*C3"):
        split = ms.pp.split_species(adata, case=True)
    assert split.human.var_names.tolist() == ["IL6", "C1orf112"]
    assert split.mouse.var_names.tolist() == ["Il6", "mt-Nd1"]


def test_the_mouse_part_maps_to_human_genes_and_bulk_gets_its_share():
    x = np.array([[900.0, 80, 15, 5], [700, 200, 60, 40]])
    adata = ad.AnnData(x, var=pd.DataFrame(index=["GRCh38_IL6", "GRCh38_VIM", "mm10___Il6", "mm10___Vim"]))
    split = ms.pp.split_species(adata, rows="samples")
    assert "species" not in split.human.obs
    assert len(split.leakage) == 0
    assert "2.00 % of the reads" not in repr(split)
    share = ms.qc.species_share(split.human, mouse="mouse_reads", human="human_reads", misread=0.005)
    assert share["share"].tolist() == pytest.approx([(20 - 5) / 995, (100 - 5) / 995])
    same = ms.qc.species_share(adata, mouse="mm10___", misread=0.005)
    pd.testing.assert_series_equal(share["share"], same["share"])
    ms.pp.map_genes(split.mouse)
    assert split.mouse.var_names.tolist() == ["IL6", "VIM"]


def test_bad_input_is_refused():
    counts, *_ = cells(n_human=3, n_mouse=3, n_double=0)
    adata = combined(counts)
    logged = adata.copy()
    logged.X = np.log1p(adata.X.toarray())
    with pytest.raises(ms.InputError, match="holds log, not counts"):
        ms.pp.split_species(logged)
    with pytest.raises(ms.InputError, match="give both"):
        ms.pp.split_species(adata, human="GRCh38_")
    with pytest.raises(ms.InputError, match="0 genes begin with human='hg38_'"):
        ms.pp.split_species(adata, human="hg38_", mouse="mm10")
    taken = adata.copy()
    taken.obs["species"] = "?"
    with pytest.raises(ms.InputError, match="obs has species already"):
        ms.pp.split_species(taken)
    empty = adata.copy()
    empty.X = sparse.csr_matrix(np.vstack([counts[:-1], np.zeros_like(counts[:1])]))
    with pytest.raises(ms.InputError, match="No reads of either species in 1 rows: 5"):
        ms.pp.split_species(empty)
    with pytest.raises(ms.InputError, match=r"purity=0\.4"):
        ms.pp.split_species(adata, purity=0.4)


def test_much_leakage_warns_and_few_reads_are_not_called():
    counts, *_ = cells(n_human=30, n_mouse=30, n_double=0, ambient=0.15)
    with pytest.warns(ms.InputWarning, match="come near what purity=0.9 allows"):
        ms.pp.split_species(combined(counts))
    thin, *_ = cells(n_human=5, n_mouse=5, n_double=0)
    split = ms.pp.split_species(combined(thin), least=10_000_000)
    assert set(split.human.obs["species"]) == {"few reads"}
    assert split.leakage["share"].isna().all()


@pytest.mark.shared
def test_a_file_of_two_genomes(shared):
    path = shared / "formats/tenx_h5/v1.2.0_multiple_genomes.h5"
    adata = ms.io.read(path, genome="all")
    assert adata.shape == (12, 686)
    for genome, part in adata.var.groupby("genome"):
        alone = ms.io.read(path, genome=genome)
        assert part.index.tolist() == alone.var_names.tolist()
        np.testing.assert_array_equal(
            adata[:, (adata.var["genome"] == genome).to_numpy()].X.toarray(), alone.X.toarray()
        )
    with pytest.raises(ms.InputError, match="Genomes in var: another_genome, hg19_chr21"):
        ms.pp.split_species(adata)
    split = ms.pp.split_species(adata, human="hg19_chr21", mouse="another_genome", least=1)
    assert (split.human.n_vars, split.mouse.n_vars) == (343, 343)
    assert split.human.obs["human_reads"].sum() + split.human.obs["mouse_reads"].sum() == adata.X.sum()
