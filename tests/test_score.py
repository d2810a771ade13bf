"""`ms.tl.score`: every way a matrix can lie in an AnnData gives the same scores, and bad input gives none."""

from __future__ import annotations

import json

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

import marrowsig as ms
from marrowsig import _source
from marrowsig._sets import index_sets
from marrowsig.methods import METHODS, Method
from marrowsig.sig import Signature, SignatureSet
from marrowsig.tl._score_notes import lopsided

N, P = 25, 60
GENES = [f"GENE{i}" for i in range(P)]
SIGS = SignatureSet(
    [
        Signature("emt.up", axis="emt", genes=GENES[2:12]),
        Signature(
            "emt.both", axis="emt", genes={**dict.fromkeys(GENES[5:9], 1), **dict.fromkeys(GENES[20:23], -1)}
        ),
        Signature("il6.weights", axis="il6", genes={GENES[3]: 0.5, GENES[4]: 2.0, GENES[17]: -1.5}),
    ]
)


def make(kind: str = "log", genes: list[str] | None = None) -> ad.AnnData:
    rng = np.random.default_rng(5)
    counts = rng.poisson(rng.gamma(0.4, 4, size=P), size=(N, P))
    # Quarters, so that 32-bit values are the same numbers.
    x = np.round(4 * np.log2(counts + 1)) / 4 if kind == "log" else counts
    adata = ad.AnnData(x.astype(np.float64), obs=pd.DataFrame(index=[f"s{i}" for i in range(N)]))
    adata.var_names = genes or GENES
    adata.uns["marrowsig"] = {"input": {"kind": kind}}
    return adata


def scored(adata, signatures=SIGS, method=tuple(METHODS), **options) -> dict[str, pd.DataFrame]:
    ms.tl.score(adata, signatures, method=method, **options)
    return {m: adata.obsm[f"score_{m}"] for m in method}


def backed(adata, tmp_path, x):
    adata.X = x
    adata.write_h5ad(tmp_path / "a.h5ad")
    return ad.read_h5ad(tmp_path / "a.h5ad", backed="r")


FORMS = {
    "csr": lambda a, _: sparse.csr_matrix(a.X),
    "csc": lambda a, _: sparse.csc_matrix(a.X),
    "csr_array": lambda a, _: sparse.csr_array(a.X),
    "csc_array": lambda a, _: sparse.csc_array(a.X),
    "float32": lambda a, _: a.X.astype(np.float32),
    "fortran": lambda a, _: np.asfortranarray(a.X),
    "csr float32": lambda a, _: sparse.csr_matrix(a.X.astype(np.float32)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_matrix_gives_the_same_scores(form):
    adata = make()
    expected = scored(make())
    adata.X = FORMS[form](adata, None)
    for name, frame in scored(adata).items():
        assert_array_equal(frame, expected[name], err_msg=name)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
def test_a_file_on_disk_gives_the_same_scores(form, tmp_path):
    adata = make()
    expected = scored(make())
    adata = backed(adata, tmp_path, form(adata.X))
    assert adata.isbacked
    for name, frame in scored(adata).items():
        assert_array_equal(frame, expected[name], err_msg=name)
    with pytest.raises(ms.InputError, match="to_memory"):
        ms.tl.score(adata[:5], SIGS)


def test_integers_score_like_floats():
    adata = make("counts")
    expected = scored(make("counts"), method=["singscore", "ucell"])
    adata.X = adata.X.astype(np.int32)
    for name, frame in scored(adata, method=["singscore", "ucell"]).items():
        assert_array_equal(frame, expected[name])


@pytest.mark.parametrize("step", [1, 7, 10**6])
def test_block_size_does_not_matter(step, monkeypatch):
    expected = scored(make())
    monkeypatch.setattr(_source, "STEP", step)
    for name, frame in scored(make()).items():
        assert_array_equal(frame, expected[name], err_msg=name)


def test_a_view_becomes_an_anndata_of_its_own():
    adata = make()
    view = adata[3:9]
    expected = scored(make(), method=["ucell"])["ucell"].iloc[3:9]
    assert_array_equal(scored(view, method=["ucell"])["ucell"], expected)
    assert not adata.obsm
    assert not view.is_view


def test_a_layer_is_scored_instead_of_x():
    adata = make("counts")
    adata.layers["log"] = make().X
    assert_allclose(
        scored(adata, layer="log", method=["mean"])["mean"], scored(make(), method=["mean"])["mean"]
    )
    with pytest.raises(ms.InputError, match=r"no layer 'logs'.*log"):
        ms.tl.score(adata, SIGS, layer="logs")


def test_scores_lie_in_obsm_with_names():
    frame = scored(make(), method=["singscore"])["singscore"]
    assert list(frame.columns) == list(SIGS.ids)
    assert list(frame.index) == [f"s{i}" for i in range(N)]
    assert set(frame.dtypes) == {np.dtype(float)}


@pytest.mark.parametrize("given", [SIGS["emt.up"], [SIGS["emt.up"]], SIGS])
def test_signatures_in_any_form(given):
    frame = scored(make(), given, method=["mean"])["mean"]
    assert_allclose(frame["emt.up"], make().X[:, 2:12].mean(axis=1))


@pytest.mark.filterwarnings("ignore:Writing zarr v2")
@pytest.mark.parametrize("fmt", ["h5ad", "zarr"])
def test_provenance_survives_a_file(fmt, tmp_path):
    adata = make()
    ms.tl.score(adata, SIGS, method="ucell", params={"ucell": {"max_rank": 20}}, min_coverage=0.25)
    ms.tl.score(adata, SIGS, method="mean")
    getattr(adata, f"write_{fmt}")(tmp_path / f"a.{fmt}")
    back = getattr(ad, f"read_{fmt}")(tmp_path / f"a.{fmt}")
    scores = back.uns["marrowsig"]["scores"]
    assert set(scores) == {"ucell", "mean"}
    params = json.loads(scores["ucell"]["params"])
    given = {"layer": None, "min_coverage": 0.25, "uncertainty": None, "max_rank": 20}
    assert params == {**METHODS["ucell"].params, **given}
    assert str(scores["ucell"]["key"]) == "score_ucell"
    signatures = scores["ucell"]["signatures"]
    assert list(signatures["sha256"]) == [s.sha256 for s in SIGS]
    assert list(signatures["n"]) == [10, 7, 3]
    assert list(scores["mean"]["coverage"]["found"]) == [10, 7, 3]
    assert_array_equal(back.obsm["score_mean"], adata.obsm["score_mean"])


def test_params_reach_the_kernel():
    default = scored(make(), method=["ucell"])["ucell"]
    other = scored(make(), method=["ucell"], params={"ucell": {"max_rank": 20}})["ucell"]
    assert (default["emt.up"] != other["emt.up"]).any()


def lacking() -> Signature:
    return Signature(
        "stat3.lacking", axis="stat3", genes=[*GENES[:3], "SOCS3", "BCL3", "PIM1", "X1", "X2", "X3"]
    )


def test_low_coverage_gives_nan_and_one_warning_naming_all():
    gone = Signature("stat3.gone", axis="stat3", genes=["SOCS3", "BCL3"])
    adata = make()
    with pytest.warns(ms.CoverageWarning) as caught:
        ms.tl.score(adata, lacking() | SIGS | gone, method=["singscore", "mean"])
    assert len(caught) == 1
    text = str(caught[0].message)
    assert "stat3.lacking: 3 of 9 genes found (33 %)" in text
    assert "missing: SOCS3, BCL3, PIM1, X1, X2, ... (1 more)" in text
    assert "stat3.gone: 0 of 2 genes found (0 %)" in text
    assert "emt" not in text
    frame = adata.obsm["score_mean"]
    assert list(frame.columns[frame.isna().all()]) == ["stat3.lacking", "stat3.gone"]
    assert frame[list(SIGS.ids)].notna().all(axis=None)


def test_min_coverage_is_a_parameter():
    adata = make()
    ms.tl.score(adata, lacking(), min_coverage=0.3)
    assert adata.obsm["score_singscore"].notna().all(axis=None)
    with pytest.raises(ms.InputError, match="between 0 and 1"):
        ms.tl.score(adata, lacking(), min_coverage=50)


def test_no_gene_found_is_nan_even_without_a_minimum():
    gone = Signature("stat3.gone", axis="stat3", genes=["SOCS3", "BCL3"])
    adata = make()
    with pytest.warns(ms.CoverageWarning, match="0 of 2"):
        ms.tl.score(adata, gone, min_coverage=0, method=list(METHODS))
    assert all(adata.obsm[f"score_{m}"].isna().all(axis=None) for m in METHODS)


@pytest.mark.parametrize(
    ("genes", "word"),
    [
        ([f"ENSG{i:011d}.{i % 9}" for i in range(P)], "Ensembl ids"),
        ([str(i + 100) for i in range(P)], "Entrez ids"),
        ([f"Socs{i}" for i in range(P)], "mouse symbols"),
        ([f"{i}_s_at" for i in range(P)], "array probes"),
    ],
)
def test_other_gene_ids_get_a_hint(genes, word):
    with pytest.warns(ms.CoverageWarning, match=rf"look like {word}; run ms.pp.map_genes\(adata\) first"):
        ms.tl.score(make(genes=genes), SIGS)


def test_symbols_get_no_hint():
    symbols = ["STAT3", "H2AZ1", "C6orf136", "HLA-A", "MT-ND1", "7SK"] + [f"LOC{i}" for i in range(P - 6)]
    with pytest.warns(ms.CoverageWarning) as caught:
        ms.tl.score(make(genes=symbols), SIGS)
    assert "look like" not in str(caught[0].message)


def test_a_direction_without_genes_is_named():
    sig = Signature("emt.x", axis="emt", genes={**dict.fromkeys(GENES[:4], 1), "A": -1, "B": -1})
    with pytest.warns(ms.CoverageWarning, match=r"emt\.x: none of its 2 falling genes found"):
        ms.tl.score(make(), sig)


def test_what_a_method_cannot_score_is_named():
    falling = Signature("emt.x", axis="emt", genes=dict.fromkeys(GENES[:4], -1))
    with pytest.warns(ms.CoverageWarning, match=r"emt\.x: ucell is NaN, because it has no rising gene"):
        ms.tl.score(make(), falling, method=["singscore", "ucell"])


def test_rows_without_an_order_are_named():
    adata = make("counts")
    adata.X[4] = 0
    with pytest.warns(ms.InputWarning, match=r"1 of 25 rows have the same value .* s4"):
        ms.tl.score(adata, SIGS)
    assert list(np.flatnonzero(adata.obsm["score_singscore"].isna().all(axis=1))) == [4]


def test_retired_signatures_are_named():
    with pytest.warns(ms.InputWarning, match=r"Retired.*emt\.old"):
        ms.tl.score(make(), Signature("emt.old", axis="emt", genes=GENES[:5], status="retired"))


@pytest.mark.parametrize("method", ["mean", "zscore"])
@pytest.mark.parametrize("kind", ["counts", "tpm", "linear"])
def test_value_methods_refuse_what_is_not_logged(method, kind):
    adata = make("counts")
    adata.uns["marrowsig"]["input"]["kind"] = kind
    with pytest.raises(
        ms.InputError, match=rf"{method} needs log.*holds {kind}.*ms.pp.lognorm\(adata\) first"
    ):
        ms.tl.score(adata, SIGS, method=["singscore", method])
    assert not adata.obsm


def test_value_methods_refuse_a_layer_of_counts():
    adata = make()
    adata.layers["counts"] = make("counts").X
    with pytest.raises(ms.InputError, match="layer 'counts' holds counts"):
        ms.tl.score(adata, SIGS, method="mean", layer="counts")


def test_undeclared_counts_are_recognised(tmp_path):
    adata = make("counts")
    del adata.uns["marrowsig"]
    with pytest.raises(ms.InputError, match="holds counts"):
        ms.tl.score(adata, SIGS, method="mean")
    with pytest.raises(ms.InputError, match="holds counts"):
        ms.tl.score(backed(adata, tmp_path, sparse.csr_matrix(adata.X)), SIGS, method="mean")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("method", list(METHODS))
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
def test_missing_values_are_refused(bad, method, form):
    adata = make()
    adata.X[3, 7] = bad
    adata.X = form(adata.X)
    with pytest.raises(ms.InputError, match=r"1 of the values .* NaN or infinite"):
        ms.tl.score(adata, SIGS, method=method)
    assert not adata.obsm


def test_duplicated_genes_are_refused():
    adata = make(genes=[*GENES[:-1], GENES[0]])
    with pytest.raises(ms.InputError, match=r"1 genes occur more than once .* GENE0\. Run ms\.pp\.map_genes"):
        ms.tl.score(adata, SIGS)


def test_an_empty_matrix_is_refused():
    with pytest.raises(ms.InputError, match="0 rows x 60 genes"):
        ms.tl.score(make()[:0].copy(), SIGS)


def test_a_cohort_method_needs_two_samples():
    with pytest.raises(ms.InputError, match="zscore compares samples"):
        ms.tl.score(make()[:1].copy(), SIGS, method="zscore")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "ucel"}, "Did you mean ucell"),
        ({"method": []}, "method is empty"),
        ({"params": {"ucell": {"max_rank": 5}}}, "params names ucell, but the methods are singscore"),
        ({"params": {"singscore": {"tie": "min"}}}, "no option tie. It has: ties, center"),
        ({"params": {"singscore": {"ties": "max"}}}, "ties='max'"),
    ],
)
def test_wrong_options_are_refused(options, message):
    adata = make()
    with pytest.raises(ms.InputError, match=message):
        ms.tl.score(adata, SIGS, **options)
    assert not adata.obsm


def test_an_interrupted_run_leaves_no_trace():
    def stop(x, sets):
        raise KeyboardInterrupt

    ms.methods.register(Method("stop", stop, needs="value", per_obs=True, signed=False, weights=False))
    adata = make()
    try:
        with pytest.raises(KeyboardInterrupt):
            ms.tl.score(adata, SIGS, method=["singscore", "stop"])
    finally:
        del METHODS["stop"]
    assert not adata.obsm
    assert set(adata.uns["marrowsig"]) == {"input"}


def test_coverage_without_scoring():
    adata = make()
    frame = ms.qc.coverage(adata, lacking() | SIGS)
    assert list(frame.columns) == ["signature", "axis", "listed", "found", "coverage", "missing"]
    assert frame.loc[0].tolist() == ["stat3.lacking", "stat3", 9, 3, 3 / 9, "SOCS3, BCL3, PIM1, X1, X2, X3"]
    assert not adata.obsm


def test_genes_under_an_old_symbol_are_not_lost_in_silence() -> None:
    adata = ms.ds.toy()
    mine = ms.sig.Signature("il6.mine", axis="il6", genes=["IL8", "cd44", "SOCS3", "STAT3", "PIM1", "IL6"])
    with pytest.warns(ms.GeneWarning, match=r"2 genes of the signatures .* IL8 is CXCL8, cd44 is CD44"):
        ms.tl.score(adata, mine)
    adata = ms.ds.toy()
    adata.var_names = ["IL8" if g == "CXCL8" else g for g in adata.var_names]
    with pytest.warns(
        ms.GeneWarning, match=r"^1 gene of .* the matrix has it under an old symbol: IL8 is CXCL8"
    ):
        ms.tl.score(adata, "emt.hallmark")
    ms.pp.map_genes(adata)
    ms.tl.score(adata, "emt.hallmark")
    coverage = ms.get.coverage(adata).set_index("signature")
    assert "CXCL8" not in coverage.loc["emt.hallmark", "missing"]


def test_rows_that_a_method_cannot_score_are_named():
    adata = make()
    adata.X[4] = 2.0
    with pytest.warns(ms.InputWarning, match="1 of 25 rows have no ulm score.*: s4"):
        ms.tl.score(adata, SIGS, method="ulm")
    assert_array_equal(np.isnan(adata.obsm["score_ulm"]).all(axis=1), np.arange(N) == 4)


def test_ucell_says_when_zeros_would_count_as_expressed():
    rng = np.random.default_rng(0)
    x = np.where(rng.random((20, 400)) < 0.1, rng.integers(1, 5, (20, 400)), 0).astype(float)
    adata = ad.AnnData(x)
    adata.var_names = [f"GENE{i}" for i in range(400)]
    few = {"ucell": {"max_rank": 300}}
    with pytest.warns(ms.InputWarning, match='"zeros": "max_rank"'):
        ms.tl.score(adata, SIGS, method="ucell", params=few)
    ms.tl.score(adata, SIGS, method="ucell", params={"ucell": {"max_rank": 300, "zeros": "max_rank"}})
    none = (x[:, 2:12] == 0).all(axis=1)
    assert none.any()
    assert (adata.obsm["score_ucell"].loc[none, "emt.up"] == 0).all()


def test_one_gene_that_counts_as_much_as_many_is_told() -> None:
    adata = ms.ds.toy()
    ms.pp.lognorm(adata)
    names = list(adata.var_names[:9])
    mine = ms.sig.Signature("emt.mine", axis="emt", genes={**dict.fromkeys(names[:8], 1), names[8]: -1})
    with pytest.warns(
        ms.CoverageWarning, match=r"1 falling gene count as much as 8 rising ones in singscore"
    ):
        ms.tl.score(adata, mine, method=["singscore", "ulm"])
    ms.tl.score(adata, mine, method=["ulm"])  # warns of nothing


@pytest.mark.parametrize(
    ("few", "many", "told"),
    [(2, 5, False), (2, 6, True), (3, 8, False), (3, 9, True), (4, 11, False), (4, 13, True), (5, 40, False)],
)
def test_few_genes_decide_where_three_times_as_many_point_the_other_way(
    few: int, many: int, told: bool
) -> None:
    up = {f"U{i}": 1.0 for i in range(few)}
    down = {f"D{i}": -1.0 for i in range(many)}
    mine = Signature("emt.mine", axis="emt", genes=up | down)
    sets, _ = index_sets(SignatureSet([mine]), [*up, *down])
    notes = lopsided(sets, np.array([True]), ["ulm", "singscore"])
    assert [note.split(" in ")[0] for note in notes] == [
        f"emt.mine: {few} rising genes count as much as {many} falling ones"
    ] * told
