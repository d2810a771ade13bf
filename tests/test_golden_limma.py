"""Every table of limma and edgeR is compared with somewhere: which test does so, and what is not offered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from marrowsig._stats.camera import camera, camera_preranked

TABLES = Path("reference", "golden", "bulk", "out_limma")
CHECKED = {  # file without ending: test file, and how that names it
    "array_weights": ("moderated", '"array_weights"'),
    "contrasts": ("moderated", '"contrasts"'),
    "cpm_tmm": ("counts_norm", "cpm_tmm"),
    "design_cellmeans": ("moderated", '"design_cellmeans"'),
    "dupcor": ("consensus", "dupcor"),
    "dupcor_genewise_donor": ("consensus", "dupcor_genewise_{block}"),
    "dupcor_genewise_pair": ("consensus", "dupcor_genewise_{block}"),
    "filterByExpr": ("counts_norm", "filterByExpr"),
    "geneset_tests_long": ("camera", '"geneset_tests_long"'),
    "genewise_t_12digits": ("camera", '"genewise_t_12digits"'),
    "limma_array_weights": ("moderated", '"limma_array_weights"'),
    "limma_basic": ("moderated", '"limma_basic"'),
    "limma_basic_nonconstant": ("moderated", '"limma_basic_nonconstant"'),
    "limma_block_pair_cor0.3": ("moderated", '"limma_block_pair_cor0.3"'),
    "limma_dupcor_donor": ("moderated", '"limma_dupcor_donor"'),
    "limma_dupcor_pair": ("moderated", '"limma_dupcor_pair"'),
    "limma_factorial_treatment": ("moderated", '"limma_factorial_treatment"'),
    "limma_fixed_donor": ("moderated", '"limma_fixed_donor"'),
    "limma_hyperparameters": ("moderated", '"limma_hyperparameters"'),
    "limma_missing_values": ("moderated", '"limma_missing_values"'),
    "limma_missing_values__limma3.63.2": ("moderated", '"limma_missing_values__limma3.63.2"'),
    "limma_robust": ("moderated", '"limma_robust"'),
    "limma_treat_lfc0.5": ("moderated", '"limma_treat_lfc0.5"'),
    "limma_trend": ("moderated", '"limma_trend"'),
    "limma_trend_logcpm": ("moderated", '"limma_trend_logcpm"'),
    "limma_trend_robust": ("moderated", '"limma_trend_robust"'),
    "limma_trend_robust_nonconstant": ("moderated", '"limma_trend_robust_nonconstant"'),
    "logcpm_nonorm_prior2": ("counts_norm", "logcpm_nonorm_prior2"),
    "logcpm_tmm_prior0.5": ("counts_norm", "logcpm_tmm_prior0.5"),
    "logcpm_tmm_prior2": ("counts_norm", "logcpm_tmm_prior2"),
    "nonconstant_genes": ("moderated", '"nonconstant_genes.txt"'),
    "norm_factors": ("counts_norm", "norm_factors"),
    **{
        f"scores_{method}_{kind}": ("moderated", "scores_{method}_{'dupcor_pair' if block else 'basic'}")
        for method in ("gsva_gaussian", "mean", "ssgsea_normalized", "zscore")
        for kind in ("basic", "dupcor_pair")
    },
    "voom_E": ("voom", "voom_E"),
    "voom_basic": ("moderated", '"voom_basic"'),
    "voom_dupcor": ("consensus", "voom_dupcor"),
    "voom_dupcor_pair": ("moderated", '"voom_dupcor_pair"'),
    "voom_robust": ("moderated", '"voom_robust"'),
    "voom_weights": ("voom", "voom_weights"),
}
SETS = {  # method in geneset_tests_long: test file, and how that names it
    "cameraPR_cor0.01": ("camera", '"cameraPR_cor0.01"'),
    "cameraPR_ranks_cor0.01": ("camera", '"cameraPR_ranks_cor0.01"'),
    "camera_cor0.01": ("camera", '"camera_cor0.01"'),
    "camera_estimated": ("camera", '"camera_estimated"'),
    "camera_estimated_allowneg": ("camera", '"camera_estimated_allowneg"'),
    "camera_ranks_cor0.01": ("camera", '"camera_ranks_cor0.01"'),
    "camera_ranks_estimated": ("camera", '"camera_ranks_estimated"'),
    "camera_trendvar_cor0.01": ("camera", '"camera_trendvar_cor0.01"'),
    "camera_voom_cor0.01": ("camera", '"camera_voom_cor0.01"'),
    "geneSetTest_ranks": ("golden_limma", '"geneSetTest_ranks"'),
    "interGeneCorrelation": ("golden_limma", '"interGeneCorrelation"'),
    "rankSumTestWithCorrelation_0.05": ("camera", '"rankSumTestWithCorrelation_0.05"'),
    "wilcoxGST_either": ("golden_limma", '"wilcoxGST_either"'),
    **{
        f"mroast_{statistic}_nrot9999_seed42": ("roast", "mroast_{statistic}_nrot9999_seed42")
        for statistic in ("floormean", "mean50", "mean", "msq", "signed_weights_mean")
    },
}
NOT_OFFERED = {  # why
    "fry": "its default depends on the order of samples and columns in R itself",
    "geneSetTest_sim": "permutes genes, as if they were independent",
    "romer": "a rotation test of ranks; camera answers the question",
}


def source(name: str) -> str:
    return Path(__file__).with_name(f"test_{name}.py").read_text()


@pytest.mark.shared
def test_no_table_is_left_out(shared: Path) -> None:
    stems = {f.name.removesuffix(".gz").rsplit(".", 1)[0] for f in (shared / TABLES).iterdir()}
    assert stems == set(CHECKED)
    sets = pd.read_csv(shared / TABLES / "geneset_tests_long.tsv.gz", sep="\t")
    asked = {m for m in sets["method"] if not m.startswith(tuple(NOT_OFFERED))}
    assert asked == set(SETS)


@pytest.mark.parametrize("name", [*CHECKED, *SETS])
def test_the_test_is_there(name: str) -> None:
    file, named = (CHECKED | SETS)[name]
    assert named in source(file)


@pytest.fixture(scope="module")
def tests(shared: Path) -> pd.DataFrame:
    table = pd.read_csv(shared / TABLES / "geneset_tests_long.tsv.gz", sep="\t")
    return table.set_index(["method", "contrast", "field", "set"])["value"].sort_index()


@pytest.fixture(scope="module")
def study(shared: Path) -> tuple[pd.DataFrame, np.ndarray, dict[str, np.ndarray]]:
    import json

    folder = shared / TABLES.parent
    genes = (shared / TABLES / "nonconstant_genes.txt").read_text().split()
    Y = pd.read_csv(folder / "expr.tsv.gz", sep="\t", index_col=0).loc[genes]
    X = pd.read_csv(shared / TABLES / "design_cellmeans.tsv", sep="\t", index_col=0).to_numpy(float)
    listed = json.loads((folder / "genesets.json").read_text())
    return Y, X, {name: np.flatnonzero(Y.index.isin(entry["genes"])) for name, entry in listed.items()}


@pytest.mark.shared
def test_correlation_and_inflation_between_genes(study, tests) -> None:
    Y, X, sets = study
    c = np.array([-1.0, 1, 0, 0])
    rho = camera(Y.to_numpy().T, X, c, list(sets.values()), allow_negative=True).correlation
    theirs = tests.loc["interGeneCorrelation", "all"].astype(float)
    np.testing.assert_allclose(rho, theirs["correlation"].reindex(list(sets)), rtol=1e-8, atol=1e-12)
    size = np.array([len(m) for m in sets.values()])
    np.testing.assert_allclose(1 + (size - 1) * rho, theirs["vif"].reindex(list(sets)), rtol=1e-8)


@pytest.mark.shared
@pytest.mark.parametrize("contrast", ["co_in_parental", "co_in_resistant", "difference"])
def test_wilcoxons_test_of_genes(shared: Path, study, tests, contrast: str) -> None:
    _, _, sets = study
    t = pd.read_csv(shared / TABLES / "genewise_t_12digits.tsv.gz", sep="\t", index_col=0)[contrast]
    ours = camera_preranked(t.to_numpy(), list(sets.values()), correlation=0.0, ranks=True)
    parts = tests.loc["geneSetTest_ranks", contrast].astype(float)
    for field, p in (("up", ours.up), ("down", ours.down), ("either", ours.p)):
        np.testing.assert_allclose(p, parts[field].reindex(list(sets)), rtol=1e-10, err_msg=field)
    either = tests.loc["wilcoxGST_either", contrast].astype(float).droplevel("field").reindex(list(sets))
    np.testing.assert_allclose(ours.p, either, rtol=1e-10)
