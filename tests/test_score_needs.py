"""Signatures that declare what they need: NaN with the reason where it is not given, in every method."""

from __future__ import annotations

import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

EVERY = ["singscore", "mean", "zscore", "ucell", "ulm", "ssgsea"]
ID = "emt.byers2013_76gs"


def study(*, n=24, cdh1=None, seed=0):
    """Log expression in which VIM, ZEB1 and FN1 fall and EPCAM rises with CDH1."""
    sig = ms.sig.load(ID)[ID]
    rng = np.random.default_rng(seed)
    genes = list(dict.fromkeys([*sig.genes, *ms.sig.load("control.hallmark_tgf_beta").genes]))
    x = rng.normal(6, 1, (n, len(genes)))
    epithelial = rng.normal(0, 1, n) if cdh1 is None else np.asarray(cdh1, float)
    at = {g: i for i, g in enumerate(genes)}
    x[:, at["CDH1"]] = epithelial + 6
    if cdh1 is None:
        for gene, sign in (("VIM", -1), ("ZEB1", -1), ("FN1", -1), ("EPCAM", 1)):
            x[:, at[gene]] = 6 + sign * epithelial + rng.normal(0, 0.2, n)
    out = ad.AnnData(x, var=pd.DataFrame(index=genes), obs=pd.DataFrame(index=[f"s{i}" for i in range(n)]))
    out.uns["marrowsig"] = {"input": {"kind": "log"}}
    return out


def refused(adata, message, sigs=ID, method=EVERY):
    with pytest.warns(ms.CoverageWarning, match=message) as seen:
        ms.tl.score(adata, sigs, method=method)
    assert len(seen) == 1
    for name in method:
        assert adata.obsm[f"score_{name}"][ID].isna().all(), name


def test_absent_constant_and_hardly_varying_cdh1_give_nan_with_the_reason_in_every_method():
    why = "the source gives no weights"
    full = study()
    refused(
        full[:, full.var_names != "CDH1"].copy(),
        f"{ID}: NaN in every method: it needs CDH1, which was not.*{why}",
    )
    refused(study(cdh1=np.zeros(24)), rf"CDH1 to vary, which is 6 in 24 of 24 rows; {why}")
    mostly = np.zeros(24)
    mostly[:4] = 2.0
    refused(study(cdh1=mostly), "which is 6 in 20 of 24 rows")
    refused(study(cdh1=np.linspace(0, 0.1, 24)), "hardly does")
    refused(study(n=8), "8 rows are too few for correlations with CDH1")


def test_other_signatures_of_the_call_are_scored_all_the_same():
    adata = study(cdh1=np.zeros(24))
    refused(adata, ID, [ID, "control.hallmark_tgf_beta"])
    assert adata.obsm["score_mean"]["control.hallmark_tgf_beta"].notna().all()


@pytest.mark.parametrize("form", ["dense", "sparse", "dask"])
def test_weights_are_correlations_with_cdh1_turned_so_that_high_is_mesenchymal(form):
    adata = study()
    x = pd.DataFrame(np.asarray(adata.X), columns=adata.var_names)
    if form == "sparse":
        from scipy.sparse import csr_matrix

        adata.X = csr_matrix(adata.X)
    elif form == "dask":
        da = pytest.importorskip("dask.array")
        adata.X = da.from_array(adata.X, chunks=(7, -1))
    ms.tl.score(adata, ID, method=["ulm", "singscore"])
    sig = ms.sig.load(ID)[ID]
    genes = list(sig.genes)
    weights = {g: -float(np.corrcoef(x[g], x["CDH1"])[0, 1]) for g in genes}
    by_hand = ms.sig.Signature("emt.by_hand", axis="emt", genes=weights)
    ms.tl.score(adata, by_hand, method="ulm")
    other = adata.obsm["score_ulm"]["emt.by_hand"]
    again = study()
    ms.tl.score(again, ID, method="ulm")
    np.testing.assert_allclose(again.obsm["score_ulm"][ID], other, atol=1e-10)
    # The published score is the sum of correlation times expression, high in epithelial samples.
    published = (x[genes] * np.corrcoef(x[genes].T, x["CDH1"])[-1, :-1]).sum(axis=1)
    assert np.corrcoef(published, other)[0, 1] < -0.9


def test_published_rule_is_matched_by_the_weights():
    from marrowsig.tl._score_needs import _correlations

    x = np.random.default_rng(1).normal(size=(12, 5))
    x[:, 3] = 2.0
    expected = [np.corrcoef(x[:, i], x[:, 0])[0, 1] if i != 3 else 0.0 for i in range(5)]
    np.testing.assert_allclose(_correlations(x, x[:, 0]), expected, atol=1e-12)


def test_a_list_that_is_kept_for_reference_is_never_scored():
    ids = ["emt.george2017_mlr", "emt.mariathasan2018_emt1"]
    genes = sorted({g for s in ms.sig.load(*ids) for g in s.genes} | set(ms.sig.load("emt.hallmark").genes))
    x = np.random.default_rng(0).normal(6, 1, (6, len(genes)))
    adata = ad.AnnData(x, var=pd.DataFrame(index=genes))
    with pytest.warns(
        ms.CoverageWarning, match=r"emt1: NaN in every method: it lists epithelial and mesenchymal"
    ):
        ms.tl.score(adata, [*ids, "emt.hallmark"])
    assert adata.obsm["score_singscore"][ids].isna().all(axis=None)
    assert adata.obsm["score_singscore"]["emt.hallmark"].notna().all()


def test_components_and_answers_of_stroma_are_named():
    ids = ["il6.reactome_family", "il6.dasu2004", "control.naba2012_collagens"]
    genes = sorted({g for s in ms.sig.load(*ids) for g in s.genes} | {"ACTB", "GAPDH"})
    adata = ad.AnnData(np.random.default_rng(0).normal(6, 1, (4, len(genes))), var=pd.DataFrame(index=genes))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        ms.tl.score(adata, ids)
    said = [str(w.message) for w in seen if issubclass(w.category, ms.InputWarning)]
    assert said == [
        "il6.reactome_family: parts of a pathway, no response: a score says what cells have, not do.",
        "il6.dasu2004: measured in stromal cells: where samples are mixed, the stroma may answer.",
    ]


def test_the_report_says_what_sort_of_list_it_is():
    from marrowsig._report import tables

    sigs = ms.sig.load("il6.reactome", "il6.dasu2004", "emt.tan2014_cellline", "il6.hallmark")
    frame = pd.DataFrame([(s.id, s.sha256, len(s)) for s in sigs], columns=["id", "sha256", "n"])
    table = tables.signatures(frame, {s.id: s for s in sigs}, lambda cite, doi: cite)
    place = [c.name for c in table.columns].index("kind")
    kinds = {row[0]: row[place] for row in table.rows}
    assert kinds["il6.reactome"] == "components, not a response"
    assert kinds["il6.dasu2004"] == "response of stromal cells"
    assert kinds["il6.hallmark"] == "response"
    assert "only as a difference within one experiment" in kinds["emt.tan2014_cellline"]


def arms(adata):
    """Rows of two arms, and genes enough for random sets."""
    more = [f"other{i}" for i in range(2000)]
    x = np.random.default_rng(1).normal(6, 1, (adata.n_obs, len(more)))
    wide = ad.AnnData(x, obs=adata.obs[[]].copy(), var=pd.DataFrame(index=more))
    wide = ad.concat([adata, wide], axis=1)
    wide.uns["marrowsig"] = {"input": {"kind": "log"}}
    adata = wide
    adata.obs["culture"] = ["mono", "co"] * (adata.n_obs // 2)
    return adata, ms.Design(culture="culture")


def test_other_verbs_take_the_weights_that_the_score_takes():
    adata, design = arms(study())
    ms.tl.score(adata, ID, method="mean")
    estimate = ms.tl.compare(adata, design)["estimate"].item()
    parts = ms.tl.contributions(adata, ID, design=design, method="mean")
    np.testing.assert_allclose(parts["full"], estimate, rtol=1e-9)
    np.testing.assert_allclose(ms.qc.null(adata, ID, design=design, method="mean")["estimate"], estimate)
    hangs = ms.tl.sensitivity(adata, design, confounders="cycle").set_index("specification")
    assert hangs.loc["without cell-cycle genes", "n_removed"] == 0
    np.testing.assert_allclose(hangs.loc["without cell-cycle genes", "estimate"], estimate, rtol=1e-9)
    # The mean of the genes themselves, weighed by their correlation with CDH1.
    found = ms.tl.gene_sets(adata, design, signatures=ID, n_rotations=99)
    genes = [g for g in ms.sig.load(ID)[ID].genes if g in adata.var_names]
    x = adata[:, genes].X
    weight = -np.array([np.corrcoef(column, adata[:, "CDH1"].X.ravel())[0, 1] for column in x.T])
    moved = x[1::2].mean(axis=0) - x[::2].mean(axis=0)
    if found["scale"].item() == "log2 units":
        expected = (weight * moved).sum() / np.abs(weight).sum()
        np.testing.assert_allclose(found["estimate"], expected, rtol=1e-9)
    else:
        assert np.sign(found["estimate"].item()) == np.sign((weight * moved).sum())


def test_other_verbs_refuse_with_the_same_reason():
    adata, design = arms(study(cdh1=np.zeros(24)))
    both = [ID, "control.hallmark_tgf_beta"]
    why = "it needs CDH1 to vary, which is 6 in 24 of 24 rows"
    with pytest.warns(ms.CoverageWarning, match=why):
        rows = ms.tl.gene_sets(adata, design, signatures=both, n_rotations=99).set_index("signature")
    assert why in rows.loc[ID, "test"]
    assert np.isnan(rows.loc[ID, "estimate"])
    assert rows["p"].notna().tolist() == [False, True]
    with pytest.warns(ms.CoverageWarning, match=why):
        parts = ms.tl.contributions(adata, both, design=design)
    assert ID not in set(parts["signature"])
    with pytest.warns(ms.CoverageWarning, match=why):
        null = ms.qc.null(adata, both, design=design).set_index("signature")
    assert null["p_null"].notna().tolist() == [False, True]
    with pytest.warns(ms.CoverageWarning, match=why):
        metrics = ms.qc.coherence(adata, both, n_null=0).set_index("signature")
    assert metrics.loc[ID, "value"].isna().all()
    assert metrics.loc[both[1], "value"].notna().any()
