"""`ms.tl.multiverse` against `ms.tl.compare` and scipy, and what the figure shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy import stats

import marrowsig as ms
from marrowsig._stats.logcpm import log_cpm
from marrowsig._stats.tmm import tmm

DESIGN = ms.Design(culture="culture", line="line")
KEYS = ["signature", "method", "contrast"]


def signatures(adata) -> list[ms.sig.Signature]:
    names = adata.var_names
    parts = {"il6.a": names[100:112], "il6.b": names[112:120], "emt.c": names[:20]}
    return [ms.sig.Signature(id, axis=id[:3], genes=list(genes)) for id, genes in parts.items()]


@pytest.fixture(scope="module")
def toy():
    adata = ms.ds.toy()
    return adata, signatures(adata)


@pytest.fixture(scope="module")
def many(toy):
    adata, sigs = toy
    before = adata.copy()
    many = ms.tl.multiverse(adata, DESIGN, signatures=sigs, methods=["singscore", "mean"], permutations=99)
    assert not adata.obsm
    assert adata.uns.keys() == before.uns.keys()
    assert (adata.X == before.X).all()
    return many


def test_every_specification_once(many):
    table = many.table
    choices = ["signature", "method", "normalisation", "test", "contrast"]
    assert not table.duplicated(choices).any()
    seen = set(map(tuple, table[["method", "normalisation"]].drop_duplicates().to_numpy()))
    assert seen == {("singscore", "log_cpm"), ("mean", "log_cpm"), ("mean", "tmm")}
    full = table["contrast"] == "co_in_resistant"
    assert full.sum() == 3 * 3 * 3
    assert set(table["axis"]) == {"il6", "emt"}


def test_model_and_permutations_are_those_of_compare(toy, many):
    adata, sigs = toy
    logged = ms.pp.lognorm(adata, copy=True)
    ms.tl.score(logged, sigs, method=["singscore", "mean"])
    want = ms.tl.compare(logged, DESIGN, permutations=99).set_index(KEYS)
    rows = many.table[many.table["normalisation"] == "log_cpm"]
    ols = rows[rows["test"] == "ols"].set_index(KEYS)
    for column in ("estimate", "effect", "effect_low", "effect_high", "p"):
        np.testing.assert_allclose(ols[column], want.loc[ols.index, column], rtol=1e-9)
    assert (ols["effect_name"] == "hedges_g").all()
    assert (ols["excludes_zero"] == ((ols["effect_low"] > 0) | (ols["effect_high"] < 0))).all()
    perm = rows[rows["test"] == "perm"].set_index(KEYS)
    known = want["p_perm"].notna()
    assert set(perm.index) == set(want.index[known])
    np.testing.assert_allclose(perm["p"], want.loc[perm.index, "p_perm"], rtol=1e-9)
    assert perm[["effect_low", "effect_high"]].isna().all(axis=None)


def test_welch_and_tmm_are_those_of_scipy_on_tmm_values(toy, many):
    adata, sigs = toy
    counts = np.asarray(adata.X, dtype=float)
    x = log_cpm(counts, lib_size=counts.sum(axis=1) * tmm(counts))
    arm = (adata.obs["line"].astype(str) + adata.obs["culture"].astype(str)).to_numpy()
    columns = [adata.var_names.get_loc(g) for g in sigs[0].genes]
    score = x[:, columns].mean(axis=1)
    found = stats.ttest_ind(score[arm == "resistantco"], score[arm == "resistantmono"], equal_var=False)
    asked = "signature == 'il6.a' and normalisation == 'tmm' and contrast == 'co_in_resistant'"
    rows = many.table.query(asked).set_index("test")
    row, ends = rows.loc["welch"], found.confidence_interval()
    assert row["p"] == pytest.approx(found.pvalue, rel=1e-9)
    unit = row["effect"] / row["estimate"]
    assert row["effect_low"] == pytest.approx(ends.low * unit, rel=1e-9)
    assert row["effect_high"] == pytest.approx(ends.high * unit, rel=1e-9)
    assert row["effect"] == rows.loc["ols", "effect"]


def test_summary_by_hand(many):
    table = many.table
    part = table[(table["axis"] == "il6") & (table["contrast"] == "interaction")]
    row = many.summary.query("axis == 'il6' and signature == '' and contrast == 'interaction'").iloc[0]
    up, down = (part["effect"] > 0).sum(), (part["effect"] < 0).sum()
    assert row["n_specifications"] == len(part) == up + down
    assert row["share_same_sign"] == max(up, down) / len(part)
    assert row["share_excludes_zero"] == (part["p"] < 0.05).mean()
    assert (row["lowest"], row["highest"]) == (part["effect"].min(), part["effect"].max())
    assert row["median_effect"] == part["effect"].median()
    assert set(many.summary["signature"]) == {"", "il6.a", "il6.b", "emt.c"}
    one = many.summary.query("signature == 'il6.b' and contrast == 'co_in_resistant'").iloc[0]
    assert (one["n_specifications"], one["sign"], one["share_same_sign"]) == (9, 1, 1.0)


def scored_by_mean(adata, sig):
    work = adata.copy()
    ms.pp.lognorm(work)
    ms.tl.score(work, sig, method="mean")
    return work


def test_pairs_of_two_arms_leave_no_welch(toy):
    adata, sigs = toy
    design = ms.Design(culture="culture", line="line", pair="pair")
    options = {"signatures": sigs[:1], "methods": "mean", "tests": ["ols", "welch"]}
    table = ms.tl.multiverse(adata, design, normalisations="log_cpm", **options).table
    paired = table[table["effect_name"] == "g_z"]
    assert set(paired["test"]) == {"ols", "welch"}  # four arms in a model, of which two are compared
    scores = ms.tl.compare(scored_by_mean(adata, sigs[0]), design).set_index("contrast")
    for row in paired[paired["test"] == "welch"].to_dict("records"):
        p = scores.loc[row["contrast"], "p_welch"]
        assert row["p"] == pytest.approx(p, rel=1e-9)
        assert (row["effect_low"] > 0) == (p < 0.05 and row["effect"] > 0)
    half = adata[adata.obs["line"] == "parental"].copy()
    design = ms.Design(culture="culture", pair="pair")
    table = ms.tl.multiverse(half, design, **options).table
    assert set(table["test"]) == {"ols"}


def test_normalisations_that_the_data_allow(toy):
    adata, sigs = toy
    logged = ms.pp.lognorm(adata, copy=True)
    given = logged.copy()
    del given.layers["counts"], given.uns["marrowsig"]["lognorm"]
    given.layers["vst"] = given.X + 1

    def used(x, **more) -> set[str]:
        table = ms.tl.multiverse(x, DESIGN, signatures=sigs, methods="mean", tests="ols", **more).table
        return set(table["normalisation"])

    assert used(logged) == {"log_cpm", "tmm"}
    assert used(given) == {"as_given"}
    assert used(given, normalisations=["as_given", "vst"]) == {"as_given", "vst"}
    with pytest.raises(ms.InputError, match="made from counts"):
        used(given, normalisations="tmm")
    with pytest.raises(ms.InputError, match="No normalisation or layer 'rlog'"):
        used(given, normalisations="rlog")


def test_what_is_refused(toy):
    adata, sigs = toy
    with pytest.raises(ms.InputError, match="No test 'wilcoxon'"):
        ms.tl.multiverse(adata, DESIGN, signatures=sigs, tests="wilcoxon")
    with pytest.raises(ms.InputError, match="permutations=0"):
        ms.tl.multiverse(adata, DESIGN, signatures=sigs, permutations=0)
    with pytest.raises(ms.InputError, match="alpha is 5"):
        ms.tl.multiverse(adata, DESIGN, signatures=sigs, alpha=5)
    lost = ms.sig.Signature("il6.lost", axis="il6", genes=["NO1", "NO2"])
    with pytest.warns(ms.CoverageWarning), pytest.raises(ms.InputError, match=r"il6\.lost"):
        ms.tl.multiverse(adata, DESIGN, signatures=lost, methods="mean")


def test_figure_shows_every_specification_in_order(many):
    ax = ms.pl.multiverse(many, "il6")
    part = many.table[(many.table["axis"] == "il6") & (many.table["contrast"] == "interaction")]
    points = np.concatenate([np.asarray(c.get_offsets()) for c in ax.collections if hasattr(c, "get_sizes")])
    points = points[np.argsort(points[:, 0], kind="stable")]
    np.testing.assert_allclose(points[:, 1], np.sort(part["effect"]))
    curve, grid = ax.figure.axes
    labels = [t.get_text() for t in grid.get_yticklabels()]
    assert sorted(labels) == sorted(
        ["a", "b", "mean", "singscore", "log_cpm", "tmm", *dict.fromkeys(part["test"])]
    )
    same = max((part["effect"] > 0).mean(), (part["effect"] < 0).mean())
    assert curve.texts[0].get_text().startswith(f"{100 * same:.0f} % have the same sign")
    assert curve.get_xlim() == grid.get_xlim()
    plt.close(ax.figure)


def test_figure_divides_the_place_that_it_is_given(many):
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 5), layout="constrained")
    ax = ms.pl.multiverse(many.table, signature="emt.c", contrast="co_in_resistant", ax=right)
    figure.canvas.draw()
    assert ax is right
    grid = figure.axes[-1].get_position()
    assert grid.y1 <= ax.get_position().y0 + 0.02
    assert grid.x0 > left.get_position().x1
    plt.close(figure)


def test_figure_refuses_other_tables(many):
    with pytest.raises(ms.InputError, match="no column axis"):
        ms.pl.multiverse(pd.DataFrame({"signature": ["a"]}))
    with pytest.raises(ms.InputError, match="no signature or axis 'stat3'"):
        ms.pl.multiverse(many.table, signature="stat3")
    with pytest.raises(ms.InputError, match="no contrast 'x'"):
        ms.pl.multiverse(many.table, contrast="x")
    with pytest.raises(ms.InputError, match="empty"):
        ms.pl.multiverse(many.table.iloc[:0])
