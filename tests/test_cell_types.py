"""Shares of cell types beside sums of cells, and the warning of arms of unlike cells."""

from __future__ import annotations

import re
import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cityblock
from scipy.stats import mannwhitneyu

import marrowsig as ms
from marrowsig._cell_types import KEY, LYMPHOID, column_of, kept
from marrowsig._cli.of_types import of_other_cells, of_types
from marrowsig._stats.unlike_shares import apart, unlike, unlike_in_pairs
from marrowsig.tl import _cells_read

GENES = [f"G{i}" for i in range(60)]
MINE = ms.sig.Signature("il6.mine", axis="il6", genes=GENES[:12])
DESIGN = ms.Design(culture="state", mono="normal", co="malignant", pair="donor")


def cells(shares: dict[str, list[float]], *, donors: int = 4, n: int = 40) -> ad.AnnData:
    """Cells of T, Mono and NK by arm; of malignant cells called after the type that they resemble."""
    types, rows = ["T/NK", "Mono", "B"], []
    for arm, own in shares.items():
        for d in range(donors):
            told = np.repeat(types, np.round(np.array(own) * n).astype(int))
            like = "-like" if arm == "malignant" else ""
            rows += [(arm, f"d{d}", f"{name}{like}") for name in told]
    obs = pd.DataFrame(rows, columns=["state", "donor", "cell_type"])
    obs.index = [f"c{i}" for i in range(len(obs))]
    x = np.random.default_rng(0).poisson(5.0, (len(obs), len(GENES))).astype(np.float32)
    return ad.AnnData(x, obs=obs, var=pd.DataFrame(index=GENES))


UNLIKE = {"normal": [0.7, 0.2, 0.1], "malignant": [0.0, 0.9, 0.1]}
ALIKE = {"normal": [0.3, 0.5, 0.2], "malignant": [0.2, 0.6, 0.2]}


def summed(adata: ad.AnnData, **given) -> ad.AnnData:
    bulk = ms.pp.pseudobulk(adata, unit="donor", by=["state"], **given)
    ms.pp.lognorm(bulk)
    ms.tl.score(bulk, MINE)
    return bulk


def test_shares_are_those_of_the_cells_and_survive_a_file(tmp_path) -> None:
    bulk = summed(cells(UNLIKE))
    column, types, shares = kept(bulk)
    assert (column, types) == ("cell_type", ["B", "Mono", "T/NK"])
    np.testing.assert_allclose(shares[bulk.obs["state"] == "normal"], [[0.1, 0.2, 0.7]] * 4)
    assert list(bulk.obsm[KEY].columns) == ["B", "Mono", "T_NK"]  # zarr takes no slash
    np.testing.assert_array_equal(bulk.obsm[KEY].loc["d1|malignant", "Mono"], 0.9)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Writing zarr v2")
        bulk.write_zarr(tmp_path / "sums.zarr")
    pd.testing.assert_frame_equal(ad.read_zarr(tmp_path / "sums.zarr").obsm[KEY], bulk.obsm[KEY])
    bulk.write_h5ad(tmp_path / "sums.h5ad")
    back = ad.read_h5ad(tmp_path / "sums.h5ad")[::-1].copy()
    pd.testing.assert_frame_equal(back.obsm[KEY], bulk.obsm[KEY][::-1])
    back.obsm[KEY] = back.obsm[KEY].to_numpy()  # as files of earlier versions have it
    np.testing.assert_array_equal(kept(back)[2], shares[::-1])
    with pytest.warns(ms.InputWarning, match=r"normal: Mono 90 % against 20 %, T/NK 0 % against 70 %\. "):
        ms.tl.compare(back, DESIGN)


def test_arms_of_unlike_cells_are_told_once_and_like_ones_not(monkeypatch) -> None:
    with pytest.warns(ms.InputWarning) as caught:
        ms.tl.compare(summed(cells(UNLIKE)), DESIGN)
    (told,) = [str(w.message) for w in caught if "unlike cells" in str(w.message)]
    assert "compartment='cell_type'" in told
    monkeypatch.setattr(_cells_read, "STEP", 57)  # several blocks, which hold other types each
    x = cells(UNLIKE)
    with pytest.warns(ms.InputWarning) as caught:
        ms.tl.compare_cells(x, DESIGN, signatures=MINE)
    assert [str(w.message) for w in caught if "unlike cells" in str(w.message)] == [told]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ms.tl.compare(summed(cells(ALIKE)), DESIGN)
        one = cells(ALIKE)  # each arm of one type
        mono = one[one.obs["cell_type"].str.startswith("Mono")].copy()
        ms.tl.compare(summed(mono, min_cells=5), DESIGN)


def test_what_names_types() -> None:
    for name in ("CellType", "celltype", "ct", "annotation", "predicted.celltype.l2", "cell type"):
        assert column_of(pd.DataFrame({"x": ["a", "b"], name: ["T", "B"]}), ["x"]) == name
    for frame in ({"ct": [21.5, 30.0]}, {"celltypist_score": ["a", "b"]}, {"cell_type": ["T", "T"]}):
        assert not column_of(pd.DataFrame(frame), [])
    split = pd.DataFrame({"ct": ["T", "B"], "cell_type": ["T1", "B2"]})
    assert not column_of(split, ["ct"])


def test_cells_without_a_type_are_not_counted() -> None:
    adata = cells(UNLIKE)
    adata.obs.loc[adata.obs["state"] == "malignant", "cell_type"] = "nan"
    bulk = summed(adata)
    _, types, shares = kept(bulk)
    assert types == ["B", "Mono", "T/NK"]
    assert np.isnan(shares[bulk.obs["state"] == "malignant"]).all()
    with pytest.warns(
        ms.InputWarning, match=r"not be checked: most cells of 'malignant' \(4 of 4 sums\) have"
    ):
        found = ms.tl.compare(bulk, DESIGN)
    said = (
        "Whether arms are made of alike cells could not be checked: most cells of 'malignant' "
        "(4 of 4 sums) have no label in 'cell_type'"
    )
    assert ["co_vs_mono", "", said] in found.attrs["cautions"]
    assert f"{said}. " in ms.tl.explain(found).iloc[0]
    assert f"{said}. " in str(ms.methods_text(bulk, found, design=DESIGN))


def test_the_statistic_is_that_of_mann_whitney() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.dirichlet([1, 2, 3], 4), rng.dirichlet([3, 2, 1], 3)
    between = [cityblock(x, y) for x in a for y in b]
    within = [cityblock(s[i], s[j]) for s in (a, b) for i in range(len(s)) for j in range(i)]
    want = mannwhitneyu(between, within).statistic / (len(between) * len(within))
    assert apart(a, b) == pytest.approx(want)
    # Donors who differ as much among each other are no alarm; one unit is none either.
    assert not unlike(np.eye(3), np.eye(3)[[1, 2, 0]])
    assert unlike(np.eye(3)[[0, 0, 0]], np.eye(3)[[1, 1, 1]])
    assert not unlike(np.eye(3)[:1], np.eye(3)[1:])


def test_shares_that_differ_within_pairs_are_told_where_donors_differ_too() -> None:
    before, after = np.array([0.31, 0.04, 0.0, 0.15]), np.array([0.07, 0.60, 0.76, 0.60])
    a, b = (np.column_stack([own, 1 - own]) for own in (after, before))
    assert not unlike(a, b)
    assert not unlike_in_pairs(a[:2], b[:2])
    other = np.column_stack([after, np.array([0.69, 0.2, 0.1, 0.3]), np.array([0.24, 0.2, 0.14, 0.1])])
    first = np.column_stack([before, np.array([0.1, 0.5, 0.9, 0.3]), np.array([0.59, 0.46, 0.1, 0.55])])
    assert unlike_in_pairs(other, first)
    rng, alarms = np.random.default_rng(0), 0
    for _ in range(400):  # donors who scatter, and arms of one donor that scatter like 20 cells
        donors = rng.dirichlet(3.6 * np.array([29, 21, 17, 17, 14, 2]) / 100, 4)
        again = np.array([rng.dirichlet(20 * own + 1e-3) for own in donors])
        alarms += unlike_in_pairs(donors, again)
    assert alarms <= 0.02 * 400


def test_columns_of_types_are_found_by_what_they_hold() -> None:
    types = ["HSC", "GMP-like", "Mono", "NK", "T"]
    assert column_of(pd.DataFrame({"arm": list("aabbb"), "type": types}), ["arm"]) == "type"
    assert not column_of(pd.DataFrame({"arm": list("aabbb"), "type": types}), ["type"])
    blank = pd.DataFrame({"cell_type": ["HSC", "Mono", "", "", ""], "ct_all": types})
    assert column_of(blank, []) == "ct_all"  # the more complete one
    assert not column_of(pd.DataFrame({"group": ["AML", "healthy", "MSC", "BM", "PB"]}), [])


def test_sentences_of_a_comparison_repeat_unlike_cells_and_thinning(tmp_path) -> None:
    rng = np.random.default_rng(0)
    genes = sorted(ms.sig.load("il6.hallmark")["il6.hallmark"].genes)
    n, kinds = 4 * 2 * 30, np.tile(["T"] * 25 + ["Mono"] * 5 + ["T"] * 3 + ["Mono"] * 27, 4)
    obs = pd.DataFrame({"donor": np.repeat(list("abcd"), 60), "cell_type": kinds})
    obs["culture"] = np.tile(np.repeat(["mono", "co"], 30), 4)
    obs.index = [f"c{i}" for i in range(n)]
    x = rng.poisson(np.where(obs["donor"] == "a", 0.5, 6.0)[:, None], (n, len(genes) + 40)).astype(np.float32)
    var = pd.DataFrame(index=[*genes, *(f"X{i}" for i in range(40))])
    cells = ad.AnnData(x, obs=obs, var=var)
    bulk = ms.pp.pseudobulk(cells, unit="donor", by="culture")
    with pytest.warns(ms.InputWarning, match="Leave shallow rows out first, or thin within donors"):
        ms.pp.thin(bulk, depth=None)
    ms.pp.lognorm(bulk)
    ms.tl.score(bulk, "il6.hallmark")
    design = ms.Design(culture="culture", pair="donor")
    with pytest.warns(ms.InputWarning, match="unlike cells"):
        result = ms.tl.compare(bulk, design)
    for said in (ms.tl.explain(result).iloc[0], ms.tl.explain(result.iloc[0]).iloc[0]):
        assert "The arms are made of unlike cells (column 'cell_type', co against mono: " in said
        assert " counts each before they were scored, " in said
        assert re.search(r" % of what they had; a\|(mono|co) had the fewest", said)
    with pytest.warns(ms.InputWarning) as caught:
        both = ms.tl.compare_cells(cells, design, signatures="il6.hallmark")
    assert not any("(by=)" in str(w.message) for w in caught)
    assert "unlike cells" in ms.tl.explain(both.table).iloc[0]
    result.to_csv(tmp_path / "result.csv")
    assert "unlike cells" not in ms.tl.explain(pd.read_csv(tmp_path / "result.csv")).iloc[0]


def test_shares_of_types_that_differ_by_a_tenth_are_told_and_no_warning() -> None:
    """A quarter of the cells in one arm and a half in the other: less than what is warned of."""
    genes = [*sorted(ms.sig.load("il6.hallmark")["il6.hallmark"].genes), *(f"X{i}" for i in range(40))]
    kinds = np.tile(["T"] * 30 + ["Mono"] * 10 + ["T"] * 20 + ["Mono"] * 20, 4)
    obs = pd.DataFrame({"donor": np.repeat(list("abcd"), 80), "cell_type": kinds})
    obs["culture"] = np.tile(np.repeat(["mono", "co"], 40), 4)
    obs.index = [f"c{i}" for i in range(len(obs))]
    x = np.random.default_rng(0).poisson(6.0, (len(obs), len(genes))).astype(np.float32)
    bulk = ms.pp.pseudobulk(ad.AnnData(x, obs=obs, var=pd.DataFrame(index=genes)), unit="donor", by="culture")
    ms.pp.lognorm(bulk)
    ms.tl.score(bulk, "il6.hallmark")
    design = ms.Design(culture="culture", pair="donor")
    result = ms.tl.compare(bulk, design)
    shares = "co against mono: Mono 50 % against 25 %, T 50 % against 75 %"
    assert f"differ (column 'cell_type', {shares}), and the score" in ms.tl.explain(result).iloc[0]
    lead = f"Cell types have other shares in co-culture: {shares}. A score of the sums may move "
    said = f"{lead}by that alone: "
    said += "claims are asked with the same shares, too; within types, ask with --compartment cell_type."
    assert of_types(bulk, design) == said
    assert "by their name in 'cell_type': T 62 % on average. Leave" in of_other_cells(bulk)
    assert "--keep 'cell_type!=T' " in of_other_cells(bulk)
    alike = bulk[bulk.obs["culture"] == "mono"].copy()
    alike.obs["culture"] = ["mono", "mono", "co", "co"]
    assert of_types(alike, ms.Design(culture="culture")) == ""


def test_lymphoid_cells_are_told_by_their_names() -> None:
    other = ["T", "NK cells", "B", "CD8 T", "CD4+ T-cells", "Plasma cells", "CTL"]
    assert [
        name for name in [*other, "HSC", "Mono", "GMP", "TAM", "Baso", "MSC"] if LYMPHOID.match(name)
    ] == other
