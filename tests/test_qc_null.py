"""Random sets that match, and the scores of `ms.qc.null` against scores one by one."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.stats import percentileofscore

import marrowsig as ms
from marrowsig.qc._matched import expression_bins, matched_sets


def study(p: int = 600) -> ad.AnnData:
    x = np.random.default_rng(5).normal(6, 1, (6, p)) + np.linspace(-3, 3, p)
    return ad.AnnData(x, var=pd.DataFrame(index=[f"G{i}" for i in range(p)]))


GENES = {f"G{i}": 1.0 if i % 3 else -2.0 for i in range(0, 600, 60)}
MINE = ms.sig.Signature("il6.mine", axis="il6", genes=GENES)


def test_sets_match_bin_by_bin():
    mean = np.random.default_rng(0).gamma(2, size=500)
    members = np.arange(0, 500, 10)
    exclude = np.zeros(500, bool)
    exclude[1::10] = True
    drawn = matched_sets(mean, members, n_sets=50, rng=np.random.default_rng(1), exclude=exclude)
    bins = expression_bins(mean)
    assert np.bincount(bins).tolist() == [25] * 20
    assert drawn.shape == (50, 50)
    assert (bins[drawn] == bins[members]).all()
    assert all(np.unique(row).size == 50 for row in drawn)
    assert not np.isin(drawn, np.r_[members, np.flatnonzero(exclude)]).any()
    again = matched_sets(mean, members, n_sets=50, rng=np.random.default_rng(1), exclude=exclude)
    assert (again == drawn).all()


def test_every_gene_of_a_bin_is_as_likely():
    mean = np.arange(200.0)
    drawn = matched_sets(mean, np.array([0, 1, 2]), n_sets=7000, rng=np.random.default_rng(2))
    # Ten genes a bin, three taken: seven left, each in each place 1000 times, SD 29.
    for place in drawn.T:
        assert np.unique(place).tolist() == [3, 4, 5, 6, 7, 8, 9]
        assert abs(np.bincount(place)[3:] - 1000).max() < 5 * 29


def test_equal_means_share_a_bin():
    bins = expression_bins(np.r_[np.zeros(50), np.arange(1, 51)])
    assert np.unique(bins[:50]).size == 1
    assert bins.max() == 19


def test_an_exhausted_bin_is_named():
    with pytest.raises(ms.InputError, match=r"bin 1 of 20 has 4 genes .* has 6"):
        matched_sets(np.arange(200.0), np.arange(6), n_sets=2, rng=np.random.default_rng(0))


@pytest.mark.filterwarnings("ignore:.*was scored before from another list")
@pytest.mark.parametrize("method", ["singscore", "mean", "zscore"])
def test_null_equals_sets_scored_one_by_one(method):
    adata = study()
    table = ms.qc.null(adata, MINE, method=method, n_sets=8, rng=4)
    members = np.array([int(g[1:]) for g in GENES])
    drawn = matched_sets(adata.X.mean(axis=0), members, n_sets=8, rng=np.random.default_rng(4))
    scores = []
    for row in drawn:
        genes = {f"G{c}": w for c, w in zip(row, GENES.values(), strict=True)}
        ms.tl.score(adata, ms.sig.Signature("control.one", axis="control", genes=genes), method=method)
        scores.append(adata.obsm[f"score_{method}"]["control.one"].to_numpy())
    ms.tl.score(adata, MINE, method=method)
    own = adata.obsm[f"score_{method}"]["il6.mine"].to_numpy()
    mean, sd = np.mean(scores, axis=0), np.std(scores, axis=0, ddof=1)
    np.testing.assert_allclose(table["score"], own, rtol=1e-12)
    np.testing.assert_allclose(table["z"], (own - mean) / sd, rtol=1e-9)
    want = [percentileofscore(s, o, kind="mean") for s, o in zip(np.transpose(scores), own, strict=True)]
    np.testing.assert_allclose(table["percentile"], want, atol=1e-12)


@pytest.mark.filterwarnings("ignore:.*was scored before from another list")
def test_genes_that_were_not_measured_weigh_on_random_sets_too():
    adata = study()
    measured = dict.fromkeys(GENES, 1.0)
    genes = measured | dict.fromkeys(["NOSUCH1", "NOSUCH2", "NOSUCH3"], 1.0)
    mine = ms.sig.Signature("il6.mine", axis="il6", genes=genes)
    table = ms.qc.null(adata, mine, method="ucell", n_sets=3)
    drawn = matched_sets(
        adata.X.mean(axis=0), np.array([int(g[1:]) for g in GENES]), n_sets=3, rng=np.random.default_rng(0)
    )
    scores = []
    for row in drawn:
        random = {f"G{c}": w for c, w in zip(row, measured.values(), strict=True)}
        random |= {g: w for g, w in genes.items() if g.startswith("NO")}
        one = ms.sig.Signature("control.one", axis="control", genes=random)
        ms.tl.score(adata, one, method="ucell")  # imputes what is missing
        scores.append(adata.obsm["score_ucell"]["control.one"].to_numpy())
    np.testing.assert_allclose(table["null_mean"], np.mean(scores, axis=0), rtol=1e-12)


def test_nothing_is_written_and_the_seed_decides():
    adata = study()
    before = adata.copy()
    one, two, other = (ms.qc.null(adata, MINE, n_sets=5, rng=r) for r in (0, 0, 1))
    pd.testing.assert_frame_equal(one, two)
    assert not one["null_mean"].equals(other["null_mean"])
    assert not adata.obsm
    assert not adata.uns
    assert not adata.layers
    assert (adata.X == before.X).all()


def test_containers_and_layers_give_the_same(tmp_path):
    adata = study()
    want = ms.qc.null(adata, MINE, n_sets=5)
    thin = ad.AnnData(sparse.csr_matrix(adata.X), var=adata.var)
    layered = ad.AnnData(np.zeros(adata.shape), var=adata.var, layers={"log": adata.X})
    thin.write_h5ad(tmp_path / "a.h5ad")
    backed = ad.read_h5ad(tmp_path / "a.h5ad", backed="r")
    for x, layer in ((thin, None), (layered, "log"), (backed, None)):
        pd.testing.assert_frame_equal(ms.qc.null(x, MINE, n_sets=5, layer=layer), want)
    backed.file.close()


def test_unscored_signatures_are_nan_with_the_warning_of_score():
    lost = ms.sig.Signature("il6.lost", axis="il6", genes=["G0", "NO1", "NO2"])
    with pytest.warns(ms.CoverageWarning, match=r"il6\.lost"):
        table = ms.qc.null(study(), [lost, MINE], n_sets=3)
    assert table.query("signature == 'il6.lost'")[["score", "z", "percentile"]].isna().all(axis=None)
    assert table.query("signature == 'il6.mine'")["z"].notna().all()


def test_random_sets_that_all_score_alike_have_no_z():
    adata = study()
    adata.X[:, :] = 1.5
    adata.X[:, [int(g[1:]) for g in GENES]] += np.array([1, -1] * 3)[:, None]  # the means stay the same
    with pytest.warns(ms.InputWarning, match=r"il6\.mine \(6 rows\)"):
        table = ms.qc.null(adata, MINE, method="mean", n_sets=4)
    assert table["z"].isna().all()


def test_what_is_refused():
    toy = ms.ds.toy()
    genes = ms.sig.Signature("il6.a", axis="il6", genes=list(toy.var_names[:5]))
    with pytest.raises(ms.InputError, match="log expression"):
        ms.qc.null(toy, genes, method="mean")
    with pytest.raises(ms.InputError, match="at once"):
        ms.qc.null(study(), MINE, method="mlm")
    with pytest.raises(ms.InputError, match="n_sets=1"):
        ms.qc.null(study(), MINE, n_sets=1)
