"""Values that a method would misread are told of, with the call that mends it; scores stay what they are."""

from __future__ import annotations

import re
import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import marrowsig as ms
from marrowsig._originals import ORIGINALS
from marrowsig._provenance import record
from marrowsig._scaled import looks_centred, looks_scaled, scaled_by_scanpy

N, P = 60, 1200
NAMES = [f"G{i}" for i in range(P)]
SIG = ms.sig.Signature("il6.mine", axis="il6", genes=NAMES[:40:2])
SCALED = "scaled gene by gene"
AROUND = "lies around 0 gene by gene"
TWICE = "looks logged twice"


@pytest.fixture(scope="module")
def logged() -> ad.AnnData:
    """Counts of two kinds of cells, normalised and logged by scanpy; `layers["counts"]` keeps them."""
    import scanpy as sc

    rng = np.random.default_rng(0)
    level = rng.lognormal(0, 1.5, size=P) * np.where(rng.random((2, P)) < 0.1, 4, 1)
    counts = rng.negative_binomial(1, 1 / (1 + level[rng.integers(2, size=N)]))
    adata = ad.AnnData(counts.astype(np.float32), var=pd.DataFrame(index=NAMES))
    adata.layers["counts"] = sparse.csr_matrix(adata.X)
    sc.pp.normalize_total(adata, target_sum=1e4)  # dense: for sparse values scanpy compiles for seconds
    sc.pp.log1p(adata)
    adata.X = sparse.csr_matrix(adata.X)
    return adata


@pytest.fixture(scope="module")
def scaled(logged) -> ad.AnnData:
    import scanpy as sc

    adata = ad.AnnData(logged.X.toarray(), var=logged.var.copy())
    sc.pp.scale(adata)
    adata.X = np.clip(adata.X, -10, 10)  # as with max_value=10, for which scanpy compiles
    return adata


def told(adata: ad.AnnData, method: str | list[str], **given) -> str:
    """What a call warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ms.InputWarning)
        ms.tl.score(adata, SIG, method=method, **given)
    return "\n".join(str(w.message) for w in caught)


@pytest.mark.parametrize(
    "method", ["singscore", "ucell", "aucell", "ssgsea", "zsample", "ulm", "module", *ORIGINALS]
)
def test_scaled_genes_are_told_where_a_method_holds_them_against_each_other(scaled, method) -> None:
    said = told(scaled.copy(), method)
    assert re.search(f"adata.X is {SCALED}.*{method} would hold", said), said


@pytest.mark.parametrize("method", ["mean", "wsum", "zscore", "plage"])
def test_scaled_genes_are_fine_where_a_gene_is_held_against_itself(scaled, method) -> None:
    assert SCALED not in told(scaled.copy(), method)


def test_the_warning_changes_no_score(scaled) -> None:
    plain = ad.AnnData(np.exp(scaled.X.astype(np.float64)), var=scaled.var[[]])  # in the same order
    adata = scaled.copy()
    assert told(plain, "singscore") == ""
    assert SCALED in told(adata, "singscore")
    pd.testing.assert_frame_equal(adata.obsm["score_singscore"], plain.obsm["score_singscore"])


def test_scaled_in_any_container_and_by_anyone(scaled, logged, tmp_path) -> None:
    import scanpy as sc

    dense = logged.X.toarray().astype(float)
    by_hand = (dense - dense.mean(axis=0)) / np.where(dense.std(axis=0) > 0, dense.std(axis=0), 1)
    uncentred = ad.AnnData(logged.X.toarray(), var=logged.var.copy())
    sc.pp.scale(uncentred, zero_center=False)  # dense: for sparse values scanpy compiles for seconds
    uncentred.X = sparse.csr_matrix(uncentred.X)
    many = np.tile(scaled.X, (7, 1))[:, :300]
    ad.AnnData(many).write_h5ad(tmp_path / "many.h5ad")
    backed = ad.read_h5ad(tmp_path / "many.h5ad", backed="r")
    cases = {
        "scanpy": scaled.X, "three samples": _z(dense[:3]), "divided by n": by_hand, "a file": backed.X,
        "not centred": uncentred.X, "columns": uncentred.X.tocsc(),
        "not centred, dense": uncentred.X.toarray(),
    }  # fmt: skip
    assert {name for name, x in cases.items() if not looks_scaled(x)} == set()
    backed.file.close()


def test_cells_that_were_scaled_among_others(scaled) -> None:
    few = scaled[scaled.X[:, 0] > 0].copy()
    few.X *= 1.0
    assert scaled_by_scanpy(few, few.X)
    assert SCALED in told(few, "singscore")


def test_rows_that_somebody_else_scaled_among_others(logged) -> None:
    values = _z(logged.X.toarray().astype(float))
    for rows in (values[::2], values[:20], np.minimum(values, 10)[::3]):
        assert looks_scaled(rows)
    assert SCALED in told(ad.AnnData(values[:20], var=logged.var), "ulm")


def test_genes_that_vary_most_are_not_taken_for_scaled() -> None:
    rng = np.random.default_rng(4)
    # A log whose most variable genes all have a standard deviation near 1, and the same by sample.
    logs = np.maximum(rng.normal(5, 2, 300) + rng.normal(size=(80, 300)) * rng.uniform(0.9, 1.2, 300), 0)
    by_sample = (logs - logs.mean(axis=1, keepdims=True)) / logs.std(axis=1, keepdims=True)
    for x in (logs, sparse.csr_matrix(logs), logs[:5], by_sample):
        assert not looks_scaled(x)


def test_no_false_alarm(logged) -> None:
    rng = np.random.default_rng(1)
    spread = rng.lognormal(0, 0.5, size=P)  # of log ratios, whose median standard deviation is 1
    ratios = ad.AnnData(rng.normal(size=(N, P)) * spread, var=pd.DataFrame(index=NAMES))
    ratios.var["mean"], ratios.var["std"] = ratios.X.mean(axis=0), ratios.X.std(axis=0)
    dense = logged.X.toarray()
    for x in (logged.X, logged.layers["counts"], dense, dense - dense.mean(axis=0), dense[:1], ratios.X):
        assert not looks_scaled(x)
    assert not scaled_by_scanpy(ratios, ratios.X)
    assert SCALED not in told(ratios, ["singscore", "ulm"])
    logged = logged.copy()
    logged.var["mean"], logged.var["std"] = "high", 1.0
    assert told(logged, ["singscore", "ulm"]) == ""


def test_genes_that_lie_around_zero_are_told(logged) -> None:
    dense = logged.X.toarray().astype(float)
    centred, median = dense - dense.mean(axis=0), dense - np.median(dense, axis=0)
    against = dense - dense[:20].mean(axis=0)
    for x in (centred, centred[:30], against, np.log2(dense + 0.1) - np.log2(dense + 0.1).mean(axis=0)):
        assert looks_centred(x)
    negative = np.log2(dense + 0.001)  # a log with most of its values below 0
    for x in (logged.X, dense, negative, dense - 0.5, dense - dense.mean(axis=1, keepdims=True), median[:1]):
        assert not looks_centred(x)
    adata = ad.AnnData(centred, var=logged.var[[]])
    said = told(adata, ["singscore", "mean", "gsva"])
    assert re.search("adata.X lies around 0 gene by gene.* singscore would hold it against other", said), said
    assert AROUND not in told(adata, ["mean", "zscore", "gsva"])
    adata.layers["log"] = logged.X
    assert "Use layer='log', which holds log expression." in told(adata, "singscore")
    assert told(adata, "singscore", layer="log") == ""


def test_logs_that_were_rounded_are_told() -> None:
    rng = np.random.default_rng(2)
    logs = np.maximum(rng.normal(4, 4, P) + rng.normal(0, 0.4, (8, P)), 0)
    assert (logs.round() == 0).mean() > 0.15
    for x in (logs.round(), sparse.csr_matrix(logs.round())):
        adata = ad.AnnData(x, var=pd.DataFrame(index=NAMES))
        said = told(adata, ["singscore", "mean"])
        assert re.search(
            r"logs that were rounded to whole numbers, 0 to \d+: 1200 genes .* singscore, mean", said
        )
        with pytest.raises(ms.InputError, match="on a log scale already"):
            ms.pp.lognorm(adata)
    for x in (logs, rng.poisson(logs), rng.poisson(logs / 4), np.tile(rng.poisson(logs[0]), (3, 1))):
        assert told(ad.AnnData(x.astype(float), var=pd.DataFrame(index=NAMES)), "singscore") == ""


def test_what_to_type_for_unscaled_values(scaled, logged) -> None:
    adata = scaled.copy()
    assert "adata.layers['log'] = adata.X.copy() ahead of sc.pp.scale" in told(adata, "singscore")
    adata.layers["counts"] = logged.layers["counts"]
    adata.layers["again"] = adata.X.copy()
    assert "Use layer='counts', which holds counts." in told(adata, "singscore")
    assert told(adata, "singscore", layer="counts") == ""
    assert "ahead of sc.pp.scale" in told(adata, "ulm")
    adata.raw = logged
    assert "adata.raw holds log expression: use full = adata.raw.to_adata()" in told(adata, "ulm")
    assert told(adata.raw.to_adata(), ["singscore", "ulm"]) == ""
    assert f"layer 'again' is {SCALED}" in told(adata, "ulm", layer="again")


def test_genes_that_only_raw_has(logged) -> None:
    adata = logged[:, 30:].copy()
    adata.raw = logged
    with pytest.warns(ms.CoverageWarning, match=r"adata.raw has 15 of the 15 missing genes: use full = "):
        ms.tl.score(adata, SIG, method="singscore")


def test_genes_that_a_study_does_not_express_are_not_looked_for(logged) -> None:
    adata = logged[:, 30:].copy()
    adata.uns["marrowsig"] = {**adata.uns.get("marrowsig", {}), "expressed": {"genes": 1200, "kept": 1170}}
    with pytest.warns(ms.CoverageWarning, match=r"ms\.pp\.expressed left 30 of 1200 genes out, which count"):
        ms.tl.score(adata, SIG, method="singscore")


def test_a_matrix_that_was_cut_without_raw(logged) -> None:
    adata = logged[:, 30:].copy()
    with pytest.warns(ms.CoverageWarning, match="has 1170 genes. If it was cut to variable genes"):
        ms.tl.score(adata, SIG, method="singscore")


def test_genes_of_mice_are_told_once() -> None:
    adata = ms.ds.toy()
    adata.var_names = [g.capitalize() for g in adata.var_names]
    with pytest.warns(ms.CoverageWarning, match=r"look like mouse symbols; run ms.pp.map_genes"):
        ms.tl.score(adata, "emt.hallmark")


def test_counts_that_only_raw_or_a_layer_has(logged) -> None:
    counts = ad.AnnData(logged.layers["counts"], var=logged.var)
    adata = ad.AnnData(logged.X, var=logged.var, obs={"donor": np.repeat(["a", "b"], N // 2)})
    adata.raw = counts
    with pytest.raises(ms.InputError, match=r"X is log. adata.raw holds counts: use full = adata"):
        ms.pp.pseudobulk(adata, unit="donor")
    assert ms.pp.pseudobulk(adata.raw.to_adata(), unit="donor").n_obs == 2
    counts.layers["lognorm"] = logged.X
    with pytest.raises(ms.InputError, match=r"holds counts. Use layer='lognorm', which holds log ex"):
        ms.tl.score(counts, SIG, method="ulm")
    with pytest.raises(ms.InputError, match=r"Leave layer= out: X holds log expression"):
        ms.tl.score(logged.copy(), SIG, method="ulm", layer="counts")


def test_an_x_that_is_none(logged) -> None:
    adata = ad.AnnData(obs=logged.obs, var=logged.var, layers={"counts": logged.layers["counts"]})
    adata.raw = logged
    with pytest.raises(ms.InputError, match=r"X is empty.*use layer='counts', adata.raw.to_adata\(\)"):
        ms.tl.score(adata, SIG)


def test_a_log_taken_twice(logged) -> None:
    import scanpy as sc

    twice = logged.copy()
    twice.X = np.log1p(twice.X)
    assert told(twice, "singscore") == ""
    assert "would score it as it is. Undo one log: adata.X = np.expm1(adata.X)." in told(
        twice, ["ulm", "mean"]
    )
    twice.X = np.expm1(twice.X)
    assert told(twice, "ulm") == ""
    once = logged.copy()
    ms.tl.score(once, SIG, method="ulm")
    pd.testing.assert_frame_equal(twice.obsm["score_ulm"], once.obsm["score_ulm"], rtol=1e-4)
    for base, x in ((2, logged.layers["counts"]), (None, logged.layers["counts"] / 50)):
        shallow = ad.AnnData(x.toarray(), var=logged.var)
        sc.pp.normalize_total(shallow, target_sum=200)
        sc.pp.log1p(shallow, base=base)
        shallow.X = sparse.csr_matrix(shallow.X)
        assert TWICE not in told(shallow, "ulm")
        shallow.X = np.log1p(shallow.X)
        assert TWICE in told(shallow, "ulm")


def test_a_log_taken_twice_by_hand_and_log10_is_not() -> None:
    rng = np.random.default_rng(4)
    cpm = rng.poisson(rng.lognormal(3.2, 2.2, P) * rng.lognormal(0, 0.2, (6, P))) * 1.1
    adata = ad.AnnData(np.log10(cpm + 1), var=pd.DataFrame(index=NAMES))
    assert TWICE not in told(adata, ["mean", "ulm"])
    adata.X = np.log2(np.log2(cpm + 1) + 1)
    assert TWICE in told(adata, ["mean", "singscore"])
    assert "adata.X = np.exp2(adata.X) - 1" in told(adata, "mean")
    assert told(adata, "singscore") == ""


def test_fractions_of_a_read_are_told_to_rank_methods(logged) -> None:
    rng = np.random.default_rng(2)
    counts = logged.layers["counts"].toarray() + (rng.random((N, P)) < 0.1) * 0.25
    adata = ad.AnnData(counts, var=logged.var)
    record(adata, "input", {"kind": "expected_counts"})
    share = 100 * ((counts > 0) & (counts < 0.5)).sum() / (counts > 0).sum()
    logged_too = adata.copy()
    ms.pp.lognorm(logged_too)
    for one in (adata, logged_too):
        said = told(one, ["singscore", "ucell"])
        assert re.match(f"{share:.2g} % of the estimated counts above 0 .* less than half a read", said)
        exec(re.search(r"Round first: (.*)\.$", said)[1], {"adata": one, "np": np, "ms": ms})
        assert told(one, "singscore") == ""
    rounded = ad.AnnData(np.rint(counts), var=logged.var)
    ms.tl.score(rounded, SIG)
    for one in (adata, logged_too):
        pd.testing.assert_frame_equal(one.obsm["score_singscore"], rounded.obsm["score_singscore"])


def _z(x: np.ndarray) -> np.ndarray:
    sd = x.std(axis=0, ddof=1)
    return (x - x.mean(axis=0)) / np.where(sd > 0, sd, 1)


def test_raw_of_other_names_is_no_place_for_the_ids_of_a_signature() -> None:
    """After `map_genes`, raw still has Ensembl ids, which the signature is to be mapped from."""
    names = [f"ENSG{i:011d}" for i in range(1, 31)]
    adata = ad.AnnData(np.random.default_rng(0).poisson(5.0, (4, 30)).astype(np.float32))
    adata.var_names = names
    adata.raw = adata
    adata.var_names = [f"G{i}" for i in range(30)]
    with pytest.warns((ms.CoverageWarning, ms.GeneWarning)) as told:
        ms.tl.score(adata, ms.sig.read({"own": names[:6]}), method="ucell")
    assert not any("adata.raw" in str(w.message) for w in told)
