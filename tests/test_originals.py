"""Other packages' own scores, through `ms.tl.score`, equal a direct call of the package."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

import marrowsig as ms
from marrowsig.methods import METHODS, ORIGINALS
from marrowsig.sig import Signature, SignatureSet

N, P = 12, 150
# Not sorted, and in mixed case: the other packages' rules for names must not matter.
GENES = [f"{'ABC'[i % 3]}{(i * 37) % P}{'orf' if i % 5 == 0 else ''}" for i in range(P)]
UP, DOWN = GENES[10:25], GENES[40:48]
UPPER = [f"X{i:03d}" for i in range(P)]  # gseapy has rules of its own for lower case
SIGS = SignatureSet(
    [
        Signature("emt.up", axis="emt", genes=UP),
        Signature(
            "il6.both", axis="il6", genes={**dict.fromkeys(UP, 1), **dict.fromkeys(DOWN, -1), "GONE": 1}
        ),
        Signature("stat3.down", axis="stat3", genes=dict.fromkeys(DOWN, -1)),
    ]
)
NAMES = ["gseapy:ssgsea", "scanpy:score_genes"]


def make(seed: int = 0) -> ad.AnnData:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(1.0, 4.0, size=P), size=(N, P))
    adata = ad.AnnData(np.log2(counts + 1.0), obs=pd.DataFrame(index=[f"s{i}" for i in range(N)]))
    adata.var_names = GENES
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    return adata


def scored(adata: ad.AnnData, name: str, sigs: SignatureSet = SIGS, **params) -> pd.DataFrame:
    ms.tl.score(adata, sigs, method=name, params={name: params})
    return adata.obsm[f"score_{name}"]


def gseapy_es(adata: ad.AnnData, genes: list[str], **options) -> np.ndarray:
    import gseapy

    data = pd.DataFrame(adata.X.T, index=UPPER, columns=adata.obs_names)
    sets = {"only": [UPPER[GENES.index(g)] for g in genes]}
    call = {"outdir": None, "min_size": 1, "max_size": P, "sample_norm_method": "rank", **options}
    found = gseapy.ssgsea(data=data, gene_sets=sets, no_plot=True, **call).res2d
    return found.set_index("Name")["ES"].astype(float).loc[adata.obs_names].to_numpy()


def scanpy_score(adata: ad.AnnData, genes: list[str], **options) -> np.ndarray:
    import scanpy as sc

    other = ad.AnnData(adata.X.copy(), obs=adata.obs.copy(), var=adata.var.copy())
    sc.tl.score_genes(other, genes, **options)
    return other.obs["score"].to_numpy()


# For every original: the direct call, and an option other than by default.
DIRECT = {
    "gseapy:ssgsea": (gseapy_es, {"weight": 1.0}),
    "scanpy:score_genes": (scanpy_score, {"ctrl_size": 7, "random_state": 3}),
}


@pytest.mark.parametrize("options", ["default", "other"])
@pytest.mark.parametrize("name", NAMES)
def test_scores_are_those_of_the_package(name: str, options: str) -> None:
    call, other = DIRECT[name]
    given = other if options == "other" else {}
    adata = make()
    frame = scored(adata, name, **given)
    theirs = call(adata, UP, **({"weight": 0.25} if name == NAMES[0] else {}) | given)
    # scanpy adds control genes in the order of their names, which are others here: some roundings.
    assert_allclose(frame["emt.up"], theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_falling_genes_are_subtracted(name: str) -> None:
    call, _ = DIRECT[name]
    adata = make()
    frame = scored(adata, name)
    weight = {"weight": 0.25} if name == NAMES[0] else {}
    up, down = call(adata, UP, **weight), call(adata, DOWN, **weight)
    assert_allclose(frame["il6.both"], up - down, rtol=1e-12, atol=1e-12)
    assert_allclose(frame["stat3.down"], -down, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_sparse_and_dense_give_the_same(name: str) -> None:
    dense = scored(make(), name)
    adata = make()
    adata.X = sparse.csr_matrix(adata.X)
    # Means of sparse columns are added in another order.
    assert_allclose(scored(adata, name), dense, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_the_global_stream_goes_on_as_if_nothing_had_been_drawn(name: str) -> None:
    np.random.seed(42)  # noqa: NPY002 - the stream that scanpy seeds
    expected = np.random.random(3)  # noqa: NPY002
    np.random.seed(42)  # noqa: NPY002
    scored(make(), name)
    assert_array_equal(np.random.random(3), expected)  # noqa: NPY002


def test_scanpy_alone_moves_the_global_stream() -> None:
    np.random.seed(42)  # noqa: NPY002
    expected = np.random.random(3)  # noqa: NPY002
    np.random.seed(42)  # noqa: NPY002
    scanpy_score(make(), UP)
    assert not np.array_equal(np.random.random(3), expected)  # noqa: NPY002


def test_the_global_stream_is_put_back_after_a_refusal() -> None:
    np.random.seed(42)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    with pytest.raises(ms.InputError, match="ctrl"):
        scored(make(), "scanpy:score_genes", ctrl_sise=3)
    everything = Signature("emt.all", axis="emt", genes=GENES)
    with pytest.raises(Exception, match="No control genes"):
        scored(make(), "scanpy:score_genes", SignatureSet([everything]))
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("name", NAMES)
def test_too_few_genes_give_nan_and_a_warning(name: str) -> None:
    sigs = SIGS | SignatureSet([Signature("control.gone", axis="control", genes=["A_", "B_", *UP[:1]])])
    adata = make()
    with pytest.warns(ms.CoverageWarning, match=r"control\.gone"):
        frame = scored(adata, name, sigs)
    assert frame["control.gone"].isna().all()
    assert_array_equal(frame[list(SIGS.ids)], scored(make(), name))


@pytest.mark.parametrize("name", NAMES)
def test_further_signatures_change_nothing(name: str) -> None:
    assert_array_equal(scored(make(), name, SIGS["emt.up"])["emt.up"], scored(make(), name)["emt.up"])


def test_what_the_table_says_of_other_samples_is_so() -> None:
    table = ms.methods.table().set_index("method")
    for name in NAMES:
        apart = abs(scored(make(), name).iloc[:4] - scored(make()[:4].copy(), name)).to_numpy().max()
        assert (apart == 0) == table.loc[name, "per_obs"]


def test_the_table_lists_them_after_ours() -> None:
    table = ms.methods.table()
    assert list(table["method"]) == [*METHODS, *NAMES]
    assert list(ORIGINALS) == NAMES
    theirs = table.set_index("method").loc[NAMES]
    assert theirs["ref"].str.startswith("doi:").all()
    assert "random_state=0" in theirs.loc["scanpy:score_genes", "params"]


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(ms.InputError, match="gseapy:ssgsea"):
        ms.methods.get("gseapy:ssgse")


def test_no_name_with_a_colon_can_be_registered() -> None:
    with pytest.raises(ms.InputError, match="is not a Method"):
        ms.methods.register("mine")
    with pytest.raises(ms.InputError, match="one word"):
        ms.methods.register(
            ms.methods.Method("mine:x", len, needs="value", per_obs=True, signed=True, weights=True)
        )


@pytest.mark.filterwarnings("ignore:Writing zarr v2")
@pytest.mark.parametrize("fmt", ["h5ad", pytest.param("zarr", marks=pytest.mark.slow)])
def test_scores_survive_a_file(fmt: str, tmp_path) -> None:
    adata = make()
    ms.tl.score(adata, SIGS, method=["singscore", *NAMES])
    getattr(adata, f"write_{fmt}")(tmp_path / f"a.{fmt}")
    back = getattr(ad, f"read_{fmt}")(tmp_path / f"a.{fmt}")
    for name in NAMES:
        pd.testing.assert_frame_equal(back.obsm[f"score_{name}"], adata.obsm[f"score_{name}"])
        assert set(ms.get.scores(back, name)["signature"]) == set(SIGS.ids)
    assert set(back.uns["marrowsig"]["scores"]) == {"singscore", *NAMES}


def test_gseapy_takes_counts_where_it_only_ranks() -> None:
    counts = make()
    counts.X = np.round(2**counts.X - 1)
    del counts.uns["marrowsig"]
    scored(counts, "gseapy:ssgsea")
    with pytest.raises(ms.InputError, match="gseapy:ssgsea needs log expression"):
        scored(counts, "gseapy:ssgsea", sample_norm_method="log")


def test_scores_of_a_package_can_be_compared() -> None:
    adata = ms.ds.toy()
    ms.pp.lognorm(adata)
    mine = Signature("il6.mine", axis="il6", genes=list(adata.var_names[100:140]))
    ms.tl.score(adata, mine, method="gseapy:ssgsea")
    design = ms.Design(culture="culture", line="line", pair="pair")
    result = ms.tl.compare(adata, design, method="gseapy:ssgsea", permutations=0)
    assert np.isfinite(result["estimate"]).all()


def test_of_what_raw_holds_the_numbers_are_those_that_scanpy_takes_from_raw() -> None:
    import scanpy as sc

    adata = make()
    adata.raw = adata.copy()
    adata.X = (adata.X - adata.X.mean(axis=0)) / np.maximum(adata.X.std(axis=0, ddof=1), 1e-9)
    with pytest.warns(
        ms.InputWarning, match=r"scaled gene by gene.*scanpy:score_genes.*adata\.raw\.to_adata"
    ):
        scaled = scored(adata, "scanpy:score_genes")["emt.up"].copy()
    full = scored(adata.raw.to_adata(), "scanpy:score_genes")["emt.up"]
    sc.tl.score_genes(adata, UP)
    # Controls are added up in the order of their names, which are others here: some roundings.
    assert_allclose(full, adata.obs["score"], rtol=1e-12, atol=1e-12)
    assert np.abs(scaled - full).max() > 0.1
