"""Scores and their comparisons on real data whose answer is known."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms

if TYPE_CHECKING:
    from pathlib import Path

    import anndata as ad

pytestmark = [
    pytest.mark.shared,
    pytest.mark.filterwarnings("ignore::marrowsig.GeneWarning", "ignore::marrowsig.CoverageWarning"),
]

STAT3, IFN, PROGENY = "il6.hallmark", "control.hallmark_ifn_alpha", "control.progeny_jak_stat"
IL22, IFNL, BOTH = "co_in_parental", "resistance_in_mono", "interaction"
FACTORIAL = ms.Design(
    culture="il22", mono="none", co="IL22", line="ifnl", parental="none", resistant="IFNL", batch="time_h"
)
TGFB = ms.Design(culture="condition", mono="Ctrl", co="TGFb", batch="batch")
CHEMO = {"culture": "condition", "mono": "diagnosis", "co": "on_or_after_chemotherapy"}


def read(folder: Path, name: str) -> ad.AnnData:
    if not folder.is_dir():
        pytest.skip(f"no {folder.name} among the data sets")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.GeneWarning)
        adata = ms.io.read(folder / name, samples=folder / "samples.tsv" if name.endswith("gz") else None)
        ms.pp.map_genes(adata)
    return adata


@pytest.fixture(scope="module")
def t84(shared: Path) -> ad.AnnData:
    """T84 cells: IL-22 (STAT3) x interferon-lambda (STAT1/2), at four times, three replicates each."""
    adata = read(shared / "datasets" / "t84_il22_ifnl", "counts.tsv.gz")
    condition = adata.obs["condition"].astype(str)
    for column, name in (("il22", "IL22"), ("ifnl", "IFNL")):
        adata.obs[column] = condition.str.contains(name).map({True: name, False: "none"})
    ms.pp.lognorm(adata)
    ms.tl.score(adata, [STAT3, IFN, PROGENY, "il6.croonquist2003"], method=["singscore", "mean"])
    return adata


@pytest.fixture(scope="module")
def factorial(t84: ad.AnnData) -> pd.DataFrame:
    return ms.tl.compare(t84, FACTORIAL, permutations=0).set_index(["method", "signature", "contrast"])


@pytest.mark.parametrize("method", ["singscore", "mean"])
def test_il22_raises_stat3_and_ifnl_raises_interferon(factorial: pd.DataFrame, method: str) -> None:
    rows = factorial.loc[method]
    for signature, contrast in ((STAT3, IL22), (IFN, IFNL), (PROGENY, IFNL)):
        row = rows.loc[(signature, contrast)]
        assert row["verdict"] == "up"
        assert row["ci_low"] > 0
        assert row["p_adj"] < 1e-6
        assert "adjusted for 'time_h'" in row["test"]
    # What interferon drives answers to interferon first, here and by the interval.
    for signature in (IFN, PROGENY):
        assert rows.loc[(signature, IFNL), "ci_low"] > rows.loc[(signature, IL22), "ci_high"]
        assert rows.loc[(signature, IFNL), "estimate"] > 2 * rows.loc[(signature, IL22), "estimate"]


def test_the_interaction_equals_statsmodels_with_time_as_block(
    t84: ad.AnnData, factorial: pd.DataFrame
) -> None:
    """Two ligands that share kinases: each answer is smaller beside the other ligand, never larger."""
    smf = pytest.importorskip("statsmodels.formula.api")
    for method, signature in [(m, s) for m in ("singscore", "mean") for s in (STAT3, IFN, PROGENY)]:
        data = t84.obs.assign(y=t84.obsm[f"score_{method}"][signature], time=t84.obs["time_h"].astype(str))
        # Levels in an order of our own: by alphabet the sign would turn.
        data["a"] = (data["il22"] == "IL22").astype(float)
        data["b"] = (data["ifnl"] == "IFNL").astype(float)
        theirs = smf.ols("y ~ a * b + C(time)", data).fit()
        ours = factorial.loc[(method, signature, BOTH)]
        low, high = theirs.conf_int().loc["a:b"]
        got = ours[["estimate", "se", "p", "df", "ci_low", "ci_high"]].to_numpy(dtype=float)
        want = [theirs.params["a:b"], theirs.bse["a:b"], theirs.pvalues["a:b"], theirs.df_resid, low, high]
        np.testing.assert_allclose(got, want, rtol=1e-9)
        alone = factorial.loc[(method, signature, IL22), "estimate"]
        beside = factorial.loc[(method, signature, "co_in_resistant"), "estimate"]
        assert ours["estimate"] == pytest.approx(beside - alone, abs=1e-12)
        assert ours["estimate"] < 0
        assert ours["ci_high"] < 0


def test_each_time_answers_for_itself(t84: ad.AnnData) -> None:
    """Time as stratum, three replicates an arm: the same direction at each of the four times."""
    design = ms.Design(
        culture="il22", mono="none", co="IL22", line="ifnl", parental="none", resistant="IFNL", time="time_h"
    )
    rows = ms.tl.compare(t84, design, method="singscore", permutations=0)
    rows = rows.set_index(["signature", "contrast", "stratum"]).sort_index()["estimate"]
    assert rows.index.get_level_values("stratum").nunique() == 4
    assert (rows.loc[(STAT3, IL22)] > 0).all()
    assert (rows.loc[(IFN, IFNL)] > 0).all()


def test_the_cell_cycle_does_not_explain_stat3(t84: ad.AnnData) -> None:
    found = ms.qc.cycle(t84, FACTORIAL, method="singscore", signatures=[STAT3, "il6.croonquist2003"])
    shares = found.shares.set_index("signature")["share"]
    assert shares[STAT3] == 0
    assert shares["il6.croonquist2003"] > 0.2
    verdicts = found.verdicts.set_index(["signature", "contrast"])["verdict"]
    by_adjusting = (
        "not explained by the cell cycle, by adjusting alone: none of its genes is a cell-cycle gene"
    )
    assert verdicts[STAT3, IL22] == by_adjusting


def test_tgfb_raises_emt_within_studies(shared: Path) -> None:
    """Four studies as blocks; ComBat centred them, so that the block changes the df and not the estimate."""
    adata = read(shared / "datasets" / "tgfb_emt_foroutan20", "logexpr.tsv.gz")
    raised = ["emt.hallmark", "emt.mak2016", "emt.gotzmann2006", "control.hallmark_tgf_beta"]
    steady = ["control.hay2018_hsc"]
    ms.tl.score(adata, [*raised, *steady])
    rows = ms.tl.compare(adata, TGFB, permutations=0).set_index("signature")
    assert (rows.loc[raised, "ci_low"] > 0).all()
    assert (rows.loc[raised, "p_adj"] < 1e-4).all()
    assert (rows["df"] == 20 - 2 - 3).all()
    assert rows.loc[steady, "p_adj"].item() > 0.05
    table = ms.tl.sensitivity(adata, TGFB, signatures="emt.hallmark").set_index("specification")
    assert table["holds"].all()
    assert table.loc["without batch 'batch'", "df_lost"] == -3
    for study in ("D", "Hes", "Hil", "M"):
        own = adata[adata.obs["batch"] == study]
        y, treated = own.obsm["score_singscore"]["emt.hallmark"], (own.obs["condition"] == "TGFb").to_numpy()
        assert y[treated].mean() > y[~treated].mean()


def test_cells_of_patients_are_never_tested(shared: Path) -> None:
    adata = read(shared / "datasets" / "vangalen_aml_sc_a", "data.h5ad")
    ms.tl.score(adata, "emt.hallmark")
    for given in ({}, {"pair": "donor"}, {"unit": "donor"}, {"batch": "donor"}):
        with pytest.raises(ms.DesignError, match="not replicates"):
            ms.tl.compare(adata, ms.Design(**CHEMO, **given))
    with pytest.warns(ms.InputWarning, match=r"levels of 'sample' \(up to 3\), 'day' \(up to 3\)"):
        patients = ms.pp.pseudobulk(adata, unit="donor", by=["condition"])
    ms.pp.lognorm(patients)
    ms.tl.score(patients, ["emt.hallmark", STAT3])
    design = ms.Design(**CHEMO, pair="donor")
    outside = r"'healthy' \(3\), 'cell_line' \(1\)"
    with (
        pytest.warns(ms.InputWarning, match=outside),
        pytest.warns(ms.InputWarning, match="AML210A"),
        pytest.warns(ms.InputWarning, match="alike cells could not be checked"),
    ):
        rows = ms.tl.compare(patients, design, permutations=0)
    assert (rows["n_pairs"] == 5).all()
    assert (rows["df"] == 4).all()
    assert (rows["unit"] == "donor").all()
    keys = [patients.obs["condition"].astype(str), patients.obs["donor"].astype(str)]
    by_donor = patients.obsm["score_singscore"].set_index(keys)[STAT3]
    wide = pd.concat(
        [by_donor[CHEMO["mono"]], by_donor[CHEMO["co"]]], axis=1, keys=["before", "after"]
    ).dropna()
    theirs = stats.ttest_rel(wide["after"], wide["before"])
    assert rows.set_index("signature").loc[STAT3, "p"] == pytest.approx(theirs.pvalue, rel=1e-9)
    with pytest.warns(ms.InputWarning):
        moved = ms.qc.maturation(patients, design).shifts.set_index("part")
    assert np.isfinite(moved.loc["maturation", ["ci_low", "ci_high"]].to_numpy(dtype=float)).all()
