"""`ms.qc.agree` against scipy and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

import marrowsig as ms


def scored():
    adata = ms.ds.toy()
    ms.pp.lognorm(adata)
    sigs = [
        ms.sig.Signature(f"il6.{k}", axis="il6", genes=list(adata.var_names[i : i + 9]))
        for k, i in (("a", 0), ("b", 9))
    ]
    ms.tl.score(adata, sigs, method=["singscore", "ucell", "mean"])
    return adata


def test_scores_correlate_as_scipy_says():
    adata = scored()
    adata.obsm["score_ucell"].iloc[:4, 0] = np.nan
    table = ms.qc.agree(adata)
    assert len(table) == 2 * 3
    for row in table.itertuples():
        a, b = (adata.obsm[f"score_{m}"][row.signature] for m in (row.method_a, row.method_b))
        want = spearmanr(a, b, nan_policy="omit").statistic
        assert row.spearman == pytest.approx(want, abs=1e-12)
        assert row.n == int((a.notna() & b.notna()).sum())
    assert set(table["n"]) == {12, 16}


def test_constant_scores_warn():
    adata = scored()
    adata.obsm["score_mean"].iloc[:, 1] = 1.0
    with pytest.warns(ms.InputWarning, match=r"il6\.b \(singscore, mean\)"):
        table = ms.qc.agree(adata)
    assert table["spearman"].isna().sum() == 2


def test_result_by_hand():
    rows = [
        ("s", "c", "", "ucell", -1.0, -0.5), ("s", "c", "", "mean", 2.0, 0.7),
        ("s", "c", "", "singscore", 0.1, 0.2), ("t", "c", "", "ucell", -1.0, -0.5),
        ("t", "c", "", "mean", np.nan, np.nan), ("t", "c", "", "singscore", 0.1, 0.3),
    ]  # fmt: skip
    table = ms.qc.agree(
        pd.DataFrame(rows, columns=["signature", "contrast", "stratum", "method", "estimate", "effect"])
    ).set_index("signature")
    assert list(table.loc["s"])[2:] == [3, pytest.approx(2 / 3), -0.5, 0.7, "", "ucell"]
    # one up, one down: the default method's side counts
    assert list(table.loc["t"])[2:] == [2, 0.5, -0.5, 0.3, "", "ucell"]


def test_scores_that_do_not_vary_have_no_other_sign() -> None:
    rows = [("s", "c", "", "singscore", 0.1, 0.2), ("s", "c", "", "ucell", 0.0, np.nan)]
    rows += [("t", "c", "", "singscore", 0.1, 0.2), ("t", "c", "", "ucell", 0.0, 0.0)]
    table = ms.qc.agree(
        pd.DataFrame(rows, columns=["signature", "contrast", "stratum", "method", "estimate", "effect"])
    ).set_index("signature")
    assert list(table.loc["s"])[2:] == [1, pytest.approx(np.nan, nan_ok=True), 0.2, 0.2, "", ""]
    assert list(table.loc["t"])[2:] == [2, 0.5, 0.0, 0.2, "", "ucell"]


def test_result_of_compare():
    adata = scored()
    result = ms.tl.compare(adata, ms.Design(culture="culture", line="line", pair="pair"))
    table = ms.qc.agree(result)
    assert len(table) == result[["signature", "contrast", "stratum"]].drop_duplicates().shape[0]
    assert (table["n_methods"] == 3).all()
    assert table["same_sign"].between(0.5, 1).all()
    assert (table["lowest"] <= table["highest"]).all()
    named = result.groupby("contrast")["effect_name"].first()
    assert (table["effect_name"] == table["contrast"].map(named)).all()


def test_one_method_and_other_things_are_refused():
    adata = scored()
    del adata.obsm["score_ucell"], adata.obsm["score_mean"]
    with pytest.raises(ms.InputError, match="Only singscore"):
        ms.qc.agree(adata)
    with pytest.raises(ms.InputError, match="no columns signature"):
        ms.qc.agree(pd.DataFrame({"a": [1]}))
    with pytest.raises(ms.InputError, match="x is a list"):
        ms.qc.agree([1])


def test_one_method_agrees_with_none() -> None:
    row = {"signature": "s", "contrast": "c", "stratum": "", "estimate": 1.0, "effect": 1.0}
    res = pd.DataFrame([{**row, "method": "singscore"}, {**row, "signature": "t", "method": "ucell"}])
    table = ms.qc.agree(res)
    assert table["same_sign"].isna().all()
    with pytest.raises(ms.InputError, match="estimate by two methods"):
        ms.pl.agreement(table)
    with pytest.raises(ms.InputError, match=r"ms\.pl\.agreement\(ms\.qc\.agree\(adata\)\)"):
        ms.pl.agreement(ms.ds.toy())
