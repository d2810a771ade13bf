"""Clusters, cell types and split donors are no replicates: refused by name, and by what their sums mix."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig import Design
from marrowsig._unit_columns import KIND

KINDS = [
    "leiden", "leiden_0.5", "leiden_res_0.50", "louvain_r1", "cluster", "clusters", "Cluster_ID",
    "seurat_clusters", "RNA_snn_res.0.8", "cell_type", "CellType", "cell.type", "predicted.celltype.l2",
    "celltype_fine", "phase", "metacell", "majority_voting",
]  # fmt: skip
NOT_KINDS = [
    "donor", "patient_id", "sample", "culture", "pair", "replicate", "cell_line", "clone", "batch", "well",
    "subject", "mouse", "line", "phase_of_trial",
]  # fmt: skip


def cells(per: int = 12) -> ad.AnnData:
    """Four donors with both arms; `leiden` and `grp` cross the donors, `part` splits them."""
    rng = np.random.default_rng(0)
    arm = np.tile(["mono", "co"], 4 * per)
    donor = np.repeat(list("abcd"), 2 * per)
    obs = pd.DataFrame({"culture": arm, "donor": donor}, index=[f"c{i}" for i in range(len(arm))])
    obs["leiden"] = obs["grp"] = np.tile(["0", "0", "1", "1", "2", "2"], len(arm) // 6)
    obs["part"] = obs["donor"] + "_" + obs["leiden"]
    return ad.AnnData(rng.poisson(3.0, (len(obs), 30)).astype(np.float32), obs=obs)


@pytest.mark.parametrize("name", KINDS)
def test_columns_of_clusters_and_types_are_known(name: str) -> None:
    assert KIND.search(name)


@pytest.mark.parametrize("name", NOT_KINDS)
def test_columns_of_samples_are_not_taken_for_clusters(name: str) -> None:
    assert not KIND.search(name)


@pytest.mark.parametrize("field", ["unit", "pair"])
def test_clusters_are_no_unit_anywhere_and_the_donor_is_advised(field: str) -> None:
    adata, design = cells(), Design(culture="culture", **{field: "leiden"})
    advice = r"'leiden' says what kind a cell is.*Give (unit|pair)='donor'"
    with pytest.raises(ms.DesignError, match=advice):
        design.check(adata.obs)
    with pytest.raises(ms.DesignError, match=advice):
        ms.tl.compare_cells(adata, design, signatures="emt")
    for unit in ("leiden", ["donor", "leiden"]):
        with pytest.raises(ms.DesignError, match=advice):
            ms.pp.pseudobulk(adata, unit=unit, by="culture")
    adata.obs = adata.obs[["culture", "leiden"]]
    with pytest.raises(ms.DesignError, match="Give unit= the column of donors or independent cultures"):
        ms.pp.pseudobulk(adata, unit="leiden", by="culture")


def test_a_unit_that_mixes_donors_is_refused_and_never_advised() -> None:
    adata = cells()
    with pytest.raises(ms.DesignError, match=r"mix levels of 'donor'.*a in 3, b in 3, c in 3.*unit='donor'"):
        ms.pp.pseudobulk(adata, unit="grp", by="culture", min_cells=1)
    with pytest.raises(ms.DesignError, match="mix levels of 'donor'"):
        ms.tl.compare_cells(adata, Design(culture="culture", pair="grp"), signatures="emt")
    with pytest.raises(ms.DesignError, match=r"pseudobulk\(adata, unit='donor', by=\['culture'\]\)"):
        Design(culture="culture", unit="grp").check(adata.obs)
    samples = adata.copy()
    samples.obs = samples.obs.rename(columns={"donor": "sample"})
    with pytest.warns(ms.InputWarning, match="several levels of 'grp': unless 'grp' names donors"):
        ms.pp.pseudobulk(samples, unit="grp", by="culture", min_cells=1)


def test_pools_with_donors_of_their_own_and_patients_crossed_with_stroma_are_summed() -> None:
    adata = cells()
    adata.obs["pool"] = adata.obs["donor"].map({"a": "x", "b": "x", "c": "y", "d": "y"})
    with pytest.warns(ms.InputWarning, match=r"several levels of 'donor' .*'x' holds a, b\).*unit='donor'"):
        assert ms.pp.pseudobulk(adata, unit="pool", by="culture", min_cells=1).n_obs == 4
    adata.obs["arm_pool"] = adata.obs["culture"].astype(str) + adata.obs["pool"]
    adata.obs["line"] = adata.obs["pool"].map({"x": "parental", "y": "resistant"})
    with pytest.warns(ms.InputWarning, match="is one replicate"):
        bulk = ms.pp.pseudobulk(adata, unit="arm_pool", by="culture", min_cells=1)
    ms.pp.lognorm(bulk)
    bulk.obsm["score_mean"] = pd.DataFrame({"own": 1.0}, index=bulk.obs_names)
    with pytest.raises(
        ms.DesignError, match=r"one replicate in .*mixes donors .*give unit='donor'"
    ) as refused:
        ms.tl.compare(bulk, Design(culture="culture", line="line", unit="arm_pool"))
    assert str(refused.value).count("one replicate in") == 1
    adata.obs["patient"] = adata.obs["grp"]
    with pytest.warns(ms.InputWarning, match="several levels of 'donor'"):
        assert ms.pp.pseudobulk(adata, unit="patient", by="culture", min_cells=1).n_obs == 6


def test_an_arm_of_one_pool_of_donors_is_refused_and_its_donors_are_the_unit() -> None:
    adata = cells()
    adata.obs["sample"] = "pool of " + adata.obs["culture"].astype(str)
    said = r"'sample', which mixes levels of 'donor' \('pool of .*' holds a, b, c, d\).*Give unit='donor'"
    with pytest.raises(ms.DesignError, match=said):
        ms.pp.pseudobulk(adata, unit="sample", by="culture", min_cells=1)
    with pytest.raises(ms.DesignError, match=said):
        ms.tl.compare_cells(adata, Design(culture="culture"), signatures="emt", unit="sample")
    adata.obs = adata.obs[["donor", "culture"]].assign(cell=adata.obs_names)
    with pytest.raises(ms.DesignError, match=r"'cell' holds one cell.*give unit='donor'"):
        ms.pp.pseudobulk(adata, unit="cell", by="culture")
    bulk = ms.pp.pseudobulk(adata, unit="donor", by="culture", min_cells=1)
    with pytest.raises(ms.InputError, match="rows are sums already"):
        ms.pp.pseudobulk(bulk, unit="donor", by="culture")


@pytest.mark.parametrize("fields", [{"pair": "part"}, {"unit": "part"}, {"unit": "part", "pair": "part"}])
def test_parts_of_donors_are_no_pairs(fields: dict) -> None:
    adata = cells()
    with pytest.raises(ms.DesignError, match=r"12 levels of 'part'.*split donors by 'leiden'.*unit='donor'"):
        ms.pp.pseudobulk(adata, unit="part", by="culture", min_cells=1)
    whole = adata.copy()
    whole.obs = whole.obs.drop(columns=["leiden", "grp"])
    bulk = ms.pp.pseudobulk(whole, unit="part", by="culture", min_cells=1)
    bulk.obs["leiden"] = bulk.obs["part"].str[-1]
    said = "12 levels of 'part' are of 4 levels of 'donor', several in one arm"
    for batch in (None, "donor"):
        with pytest.raises(ms.DesignError, match=f"{said}.*split donors by 'leiden'"):
            Design(culture="culture", batch=batch, **fields).check(bulk.obs)
    plain = bulk.obs.drop(columns="leiden")
    with pytest.raises(ms.DesignError, match=f"{said}.*add batch='donor'"):
        Design(culture="culture", **fields).check(plain)
    Design(culture="culture", batch="donor", **fields).check(plain)
    with pytest.raises(ms.DesignError, match=said):
        ms.tl.compare_cells(adata, Design(culture="culture", **fields), signatures="emt", min_cells=2)


def test_several_columns_name_a_unit_and_whole_numbers_have_no_point() -> None:
    adata = cells()
    adata.obs["donor"] = adata.obs["donor"].map({"a": 0.0, "b": 1.0, "c": 2.0, "d": np.nan})
    adata.obs["lane"] = "l1"
    with pytest.warns(ms.InputWarning, match=r"no value and are left out"):
        bulk = ms.pp.pseudobulk(adata, unit=["donor", "lane"], by="culture", min_cells=1)
    assert list(bulk.obs_names[:2]) == ["0|l1|co", "0|l1|mono"]
    assert bulk.obs["donor|lane"].unique().tolist() == ["0|l1", "1|l1", "2|l1"]
    with pytest.warns(ms.InputWarning):
        assert ms.pp.pseudobulk(adata, unit="donor", min_cells=1).obs_names.tolist() == ["0", "1", "2"]


@pytest.mark.parametrize("asked", ["patient", "Patient_ID", "subjects", "individual"])
def test_another_word_for_the_donor_leads_to_the_column(asked: str) -> None:
    adata = cells()
    with pytest.raises(ms.InputError, match=r"Did you mean 'donor'\?"):
        ms.pp.pseudobulk(adata, unit=asked)
    with pytest.raises(ms.DesignError, match=r"Did you mean 'donor'\?"):
        Design(culture="culture", pair=asked).check(adata.obs)


def test_one_patient_is_one_pair() -> None:
    obs = pd.DataFrame({"line": ["parental", "resistant"], "donor": ["AML328"] * 2})
    with pytest.raises(ms.DesignError, match=r"'donor' has one pair \(AML328\); two are needed"):
        Design(line="line", pair="donor").check(obs)


def test_scaled_values_are_called_so() -> None:
    adata = cells()
    counts = adata.X.copy()
    logs = np.log1p(counts)
    adata.X = (logs - logs.mean(axis=0)) / logs.std(axis=0)
    design = Design(culture="culture", pair="donor")
    for call in (
        lambda: ms.pp.pseudobulk(adata, unit="donor"),
        lambda: ms.tl.compare_cells(adata, design, signatures="emt", min_cells=2),
        lambda: ms.pp.lognorm(adata),
    ):
        with pytest.raises(ms.InputError, match=r"X is scaled \(z-scores") as caught:
            call()
        assert "layer=" not in str(caught.value)
        assert "kind=" not in str(caught.value)
    adata.layers["counts"] = counts
    with pytest.raises(ms.InputError, match=r"adata\.X = adata\.layers\['counts'\]"):
        ms.pp.lognorm(adata)


def kinds(levels: list[str], **uns: object) -> ad.AnnData:
    """Cells of two arms whose only other column, `grp`, goes through `levels`; no column of donors."""
    n = 8 * len(levels)
    obs = pd.DataFrame({"culture": ["mono", "co"] * (n // 2), "grp": np.repeat(levels, 8)})
    obs.index = [f"c{i}" for i in range(n)]
    return ad.AnnData(np.ones((n, 5), np.float32), obs=obs, uns=dict(uns))


@pytest.mark.parametrize(
    ("levels", "uns"),
    [
        (["B", "T", "NK", "Mono-like", "GMP"], {}),
        (["CD14+ Monocytes", "CD4 T cells", "CD8 T cells", "B cells"], {}),
        (["G1", "S", "G2M"], {}),
        (["a", "b", "c"], {"grp": {"params": {"resolution": 1.0, "n_iterations": -1}}}),
    ],
)
def test_what_a_column_holds_tells_kinds_of_cells_whatever_it_is_called(levels: list, uns: dict) -> None:
    adata = kinds(levels, **uns)
    with pytest.raises(ms.DesignError, match=r"'grp' says what kind a cell is: .*rename it to 'donor'"):
        ms.pp.pseudobulk(adata, unit="grp", by="culture", min_cells=1)
    with pytest.raises(ms.DesignError, match="'grp' says what kind"):
        ms.tl.compare_cells(adata, Design(culture="culture"), signatures="emt", unit="grp", min_cells=2)
    adata.obs["donor"] = adata.obs.pop("grp")  # a column named like donors is believed
    adata.uns.clear()
    assert ms.pp.pseudobulk(adata, unit="donor", by="culture", min_cells=1).n_obs == 2 * len(levels)


def test_numbers_in_a_row_may_be_clusters_and_so_may_levels_of_one_type_each() -> None:
    numbered = kinds([str(i) for i in range(8)])
    with pytest.warns(ms.InputWarning, match="'grp' may say what kind a cell is: .* the numbers 0 to 7"):
        ms.pp.pseudobulk(numbered, unit="grp", by="culture", min_cells=1)
    falling = kinds([str(i) for i in range(1, 7)])
    keep = [i for i, level in enumerate(falling.obs["grp"]) if i % 8 < 9 - int(level)]
    with pytest.warns(ms.InputWarning, match="the numbers 1 to 6"):
        ms.pp.pseudobulk(falling[keep].copy(), unit="grp", by="culture", min_cells=1)
    pure = kinds(["x1", "y1", "z1", "z2"])
    pure.obs["cell_type"] = pure.obs["grp"].str[0]
    with pytest.warns(ms.InputWarning, match="100 % of the cells of a level are of one 'cell_type'"):
        ms.pp.pseudobulk(pure, unit="grp", by="culture", min_cells=1)


@pytest.mark.parametrize(
    "levels",
    [
        ["1", "2", "3", "4", "5", "6", "7"], ["0", "1", "2"], ["101", "107", "1015", "1016"], list("ABNT"),
        ["THP-1", "MOLM-13", "NK-92", "HL-60"], ["MSC_1", "MSC_2", "MSC_3"], ["AML328", "AML329", "BM4"],
    ],
)  # fmt: skip
def test_names_of_donors_and_lines_are_no_kinds(levels: list) -> None:
    ms.pp.pseudobulk(kinds(levels), unit="grp", by="culture", min_cells=1)  # no warning


def test_without_a_unit_one_is_proposed_and_words_of_others_are_answered() -> None:
    with pytest.raises(ms.InputError, match="Here that may be unit='donor'; "):
        ms.pp.pseudobulk(cells())
    with pytest.raises(ms.InputError, match=r"adata\.obs has: culture, grp"):
        ms.pp.pseudobulk(kinds(["a", "b"]), by="culture")
    with pytest.raises(TypeError, match=r"has no argument 'groupby'. Give unit="):
        ms.pp.pseudobulk(cells(), groupby="donor")
    with pytest.raises(TypeError, match=r"Design\(\) has no argument 'condition'. Give culture="):
        Design(condition="culture")
    with pytest.raises(TypeError, match=r"has no argument 'nonsense'\. It has: culture, mono"):
        Design(nonsense="culture")
