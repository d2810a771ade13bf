"""Cells of a few donors: the routes against what scipy makes of them, their level, and what is refused."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

import marrowsig as ms
from marrowsig.tl._cells_effect import cliffs_delta
from marrowsig.tl._cells_shares import arcsine, shares, thresholds
from marrowsig.tl._cells_table import with_agreement

GENES = [f"G{i}" for i in range(60)]
STRONG = ms.sig.Signature("emt.strong", axis="emt", genes=GENES[-30::2])
WEAK = ms.sig.Signature("il6.weak", axis="il6", genes=GENES[10:30:2])
SIGS = [STRONG, WEAK]
PAIRED = ms.Design(culture="culture", pair="donor")
D, N = 4, 40


def counts(runs: int, *, seed: int, depth: float = 1.0, lfc: float = 0.0, sd: float = 0.25) -> np.ndarray:
    """Counts (run, donor, arm, cell, gene), the programme varying by donor and by donor x arm."""
    rng = np.random.default_rng(seed)
    level = np.sort(rng.lognormal(-0.3, 1.2, 60))
    effect = rng.normal(0, 0.3, (runs, D, 1, 60)) + rng.normal(0, 0.1, (runs, D, 2, 60))
    programme = rng.normal(0, 0.3, (runs, D, 1)) + rng.normal(0, sd, (runs, D, 2))
    programme[..., 1] += lfc
    effect[..., [GENES.index(g) for g in STRONG.genes]] += programme[..., None]
    size = rng.lognormal(0, 0.3, (runs, D, 2, N))
    size[:, :, 1] *= depth
    share = level * np.exp(effect)
    share /= share.sum(-1, keepdims=True)  # so that depth is that of `size`, whatever the programme does
    mean = 120 * size[..., None] * share[:, :, :, None, :]
    x = rng.poisson(mean * rng.gamma(2.0, 0.5, mean.shape)).astype(np.float32)
    x[..., 0] += x.sum(-1) == 0
    return x


def as_cells(x: np.ndarray, form=sparse.csr_matrix) -> ad.AnnData:
    """One run as an AnnData."""
    labels = [(f"d{d}", arm) for d in range(D) for arm in ("mono", "co") for _ in range(N)]
    obs = pd.DataFrame(labels, columns=["donor", "culture"], index=[f"cell{i}" for i in range(len(labels))])
    return ad.AnnData(form(x.reshape(-1, 60)), obs=obs, var=pd.DataFrame(index=GENES))


def scored(x: np.ndarray, method: str, *, logged: bool) -> np.ndarray:
    """Scores of `STRONG` for any rows at once: those of a row ignore the others."""
    rows = x.reshape(-1, 60)
    adata = ad.AnnData(
        rows, obs=pd.DataFrame(index=range(len(rows))).rename(str), var=pd.DataFrame(index=GENES)
    )
    if logged:
        ms.pp.lognorm(adata, kind="counts")
    ms.tl.score(adata, STRONG, method=method)
    return adata.obsm[f"score_{method}"].to_numpy()[:, 0].reshape(x.shape[:-1])


@cache
def found() -> tuple[ad.AnnData, object]:
    adata = as_cells(counts(1, seed=1, lfc=0.6, sd=0.1)[0])
    return adata, ms.tl.compare_cells(adata, PAIRED, signatures=SIGS)


def route(result: pd.DataFrame, name: str, signature: str = STRONG.id) -> pd.Series:
    own = result[(result["route"] == name) & (result["signature"] == signature)]
    assert len(own) == 1
    return own.iloc[0]


# ---- the numbers


@pytest.mark.filterwarnings("ignore:.*unlike (sequencing )?depth")
def test_pseudobulk_rows_are_those_of_the_calls_one_by_one() -> None:
    adata, cells = found()
    assert (cells.units["thinned_to"] == cells.units["n_counts"]).all()  # alike to 1.25 times
    deep = as_cells(counts(1, seed=1, depth=1.5, lfc=0.6, sd=0.1)[0])
    thin = ms.tl.compare_cells(deep, PAIRED, signatures=SIGS, margin=0.1)
    others = thin.table[thin.table["route"] != "pseudobulk"]
    assert others[["margin", "p_equivalence", "equivalence_low"]].isna().all(axis=None)
    assert (others["equivalent"] == "").all()
    total = thin.units["n_counts"].min()
    assert (thin.units["thinned_to"] == total).all()
    assert thin.table.loc[thin.table["route"] == "pseudobulk", "depth_ratio"].eq(1).all()
    as_it_is = ms.tl.compare_cells(deep, PAIRED, signatures=SIGS, depth=None)
    fixed = ms.tl.compare_cells(deep, PAIRED, signatures=SIGS, depth=int(total), margin=0.1)
    pd.testing.assert_frame_equal(fixed.table, thin.table)
    routes = ((adata, cells, None, None), (deep, thin, "smallest", 0.1), (deep, as_it_is, None, None))
    for given, found_, depth, margin in routes:
        bulk = ms.pp.pseudobulk(given, unit="donor", by=["culture"], depth=depth)
        ms.pp.lognorm(bulk)
        ms.tl.score(bulk, SIGS)
        by_hand = ms.tl.compare(bulk, PAIRED, margin=margin)
        own = found_.table[found_.table["route"] == "pseudobulk"].reset_index(drop=True)
        pd.testing.assert_frame_equal(own[by_hand.columns], by_hand)
    with pytest.raises(ms.InputError, match="depth='deep' has to be 'auto'"):
        ms.tl.compare_cells(adata, PAIRED, signatures=SIGS, depth="deep")
    assert list(adata.obsm) == []
    assert "marrowsig" not in adata.uns


def test_a_primary_family_is_that_of_compare_in_each_route() -> None:
    adata, plain = found()
    asked = {"primary": STRONG.id, "primary_contrasts": "co_vs_mono"}
    table = ms.tl.compare_cells(adata, PAIRED, signatures=SIGS, **asked).table
    own = table[table["signature"] == STRONG.id].set_index("route")
    assert own.loc["pseudobulk", "family"] == "singscore: primary"
    assert own.loc[["pseudobulk", "cell_mean", "cell_share"], "family_size"].tolist() == [1, 1, 1]
    assert own.loc["pseudobulk", "p_adj"] == own.loc["pseudobulk", "p"]
    pd.testing.assert_series_equal(table["p"], plain.table["p"])


def test_means_of_cells_are_a_paired_t() -> None:
    adata, cells = found()
    scores = scored(adata.X.toarray(), "ucell", logged=False).reshape(D, 2, N).mean(-1)
    row, theirs = route(cells.table, "cell_mean"), stats.ttest_rel(scores[:, 1], scores[:, 0])
    # Sums of cells run in another order, and pinv stands in for a mean: rounding.
    np.testing.assert_allclose([row["stat"], row["p"]], [theirs.statistic, theirs.pvalue], rtol=1e-9)
    assert row["method"] == "ucell"


def shares_by_hand(scores: np.ndarray) -> np.ndarray:
    """Share of cells (donor, arm) above the mean 95 % quantile of the other donors' cells alone."""
    out = np.empty((D, 2))
    for d in range(D):
        others = [np.percentile(scores[e, 0], 95) for e in range(D) if e != d]
        for arm in range(2):
            out[d, arm] = np.mean([s > sum(others) / len(others) for s in scores[d, arm]])
    return out


@pytest.mark.parametrize("threshold", [None, 0.6, {STRONG.id: 0.55}])
def test_shares_of_cells(threshold) -> None:
    adata, _ = found()
    cells = ms.tl.compare_cells(adata, PAIRED, signatures=SIGS, threshold=threshold)
    scores = scored(adata.X.toarray(), "ucell", logged=False).reshape(D, 2, N)
    fixed = threshold if threshold is None or isinstance(threshold, float) else threshold[STRONG.id]
    share = shares_by_hand(scores) if fixed is None else (scores > fixed).mean(-1)
    own = cells.scores[cells.scores["signature"] == STRONG.id].set_index(["unit", "arm"])["cell_share"]
    by_hand = {(f"d{d}", arm): share[d, a] for d in range(D) for a, arm in enumerate(("mono", "co"))}
    assert own.to_dict() == pytest.approx(by_hand)
    theirs = stats.ttest_rel(*np.arcsin(np.sqrt(share)).T[::-1])
    row = route(cells.table, "cell_share")
    np.testing.assert_allclose([row["stat"], row["p"]], [theirs.statistic, theirs.pvalue], rtol=1e-9)


def test_effects_of_cells_are_means_of_mann_whitney_within_donors() -> None:
    adata, cells = found()
    scores = scored(adata.X.toarray(), "ucell", logged=False).reshape(D, 2, N)
    auroc = [stats.mannwhitneyu(scores[d, 1], scores[d, 0]).statistic / N**2 for d in range(D)]
    row = route(cells.table, "cell_effect")
    assert row["estimate"] == pytest.approx(2 * np.mean(auroc) - 1, abs=1e-12)
    assert row[["p", "p_adj", "se", "ci_low", "p_welch"]].isna().all()
    assert (row["verdict"], row["effect_name"]) == ("described", "cliffs_delta")


def test_cliffs_delta_between_units_is_the_mean_over_all_pairs_of_units() -> None:
    rng = np.random.default_rng(3)
    test = [rng.integers(0, 6, (n, 2)).astype(float) for n in (5, 30, 9)]
    base = [rng.integers(1, 5, (n, 2)).astype(float) for n in (12, 3)]
    by_hand = [
        np.mean([np.sign(a[:, None, j] - b[None, :, j]).mean() for a in test for b in base]) for j in range(2)
    ]
    np.testing.assert_allclose(cliffs_delta(test, base), by_hand, atol=1e-12)
    test[0][0, 1] = base[0][0, 0] = np.nan
    assert np.isnan(cliffs_delta(test, base)).all()


def test_lines_and_interaction() -> None:
    x = counts(2, seed=4, lfc=0.5)
    parts = [as_cells(run) for run in x]
    for part, line in zip(parts, ("parental", "resistant"), strict=True):
        part.obs["line"] = line
    both = ad.concat(parts, index_unique="-")
    design = ms.Design(culture="culture", line="line", pair="donor")
    cells = ms.tl.compare_cells(both, design, signatures=STRONG)
    effect = cells.table[cells.table["route"] == "cell_effect"].set_index("contrast")["estimate"]
    alone = [ms.tl.compare_cells(part, PAIRED, signatures=STRONG, threshold=0.6).table for part in parts]
    single = [route(table, "cell_effect")["estimate"] for table in alone]
    assert effect["co_in_parental"] == pytest.approx(single[0])
    assert effect["co_in_resistant"] == pytest.approx(single[1])
    assert effect["interaction"] == pytest.approx(single[1] - single[0])
    # The reference arm is that of parental cells alone, for all arms.
    limit = cells.scores.pivot_table(index="unit", columns="arm", values="threshold")
    assert limit.nunique(axis=1).tolist() == [1] * D
    parental = scored(x[0], "ucell", logged=False)[1:, 0]
    assert limit.loc["d0"].iloc[0] == pytest.approx(np.quantile(parental, 0.95, axis=-1).mean())


def test_unpaired_units() -> None:
    adata = as_cells(counts(1, seed=5)[0])
    adata.obs["mouse"] = adata.obs["donor"] + adata.obs["culture"]
    cells = ms.tl.compare_cells(
        adata, ms.Design(culture="culture"), unit=["donor", "culture"], signatures=STRONG
    )
    again = ms.tl.compare_cells(adata, ms.Design(culture="culture", unit="mouse"), signatures=STRONG)
    assert cells.table["p"].tolist() == pytest.approx(again.table["p"].tolist(), nan_ok=True)
    row = route(cells.table, "cell_effect")
    scores = scored(adata.X.toarray(), "ucell", logged=False).reshape(D, 2, N)
    pairs = [np.sign(scores[i, 1][:, None] - scores[j, 0]).mean() for i in range(D) for j in range(D)]
    assert row["estimate"] == pytest.approx(np.mean(pairs))
    assert row["n_pairs"] == 0
    assert set(cells.table["unit"]) == {"donor|culture"}


def test_samples_of_one_donor_are_no_units_and_what_a_sum_adds_up_is_told_once(monkeypatch) -> None:
    adata = as_cells(counts(1, seed=5)[0])
    adata.obs["sample"] = (
        adata.obs["donor"] + adata.obs["culture"] + np.tile(["a", "b"], 4 * N).astype(object)
    )
    with pytest.raises(
        ms.DesignError, match=r"16 levels of 'sample' are of 4 levels of 'donor'.*unit='donor'"
    ):
        ms.tl.compare_cells(adata, ms.Design(culture="culture", unit="sample"), signatures=STRONG)
    bulk = ms.pp.pseudobulk(adata, unit="sample", by="culture", min_cells=1)
    ms.tl.score(bulk, STRONG, method="singscore")
    with pytest.raises(ms.DesignError, match="16 levels of 'sample' are of 4 levels of 'donor'"):
        ms.tl.compare(bulk, ms.Design(culture="culture", unit="sample"))
    monkeypatch.setattr("marrowsig.tl._cells_read.STEP", 100)
    with pytest.warns(ms.InputWarning) as caught:
        ms.tl.compare_cells(adata, PAIRED, signatures=STRONG)
    assert sum("several levels of 'sample' (up to 2)" in str(w.message) for w in caught) == 1


# ---- containers and order


def dense(adata: ad.AnnData) -> ad.AnnData:
    return ad.AnnData(adata.X.toarray(), obs=adata.obs, var=adata.var)


def logged(adata: ad.AnnData) -> ad.AnnData:
    out = dense(adata)
    ms.pp.lognorm(out)  # counts move to layers["counts"]
    return out


CONTAINERS = {
    "by column": lambda adata: ad.AnnData(adata.X.tocsc(), obs=adata.obs, var=adata.var),
    "logged": logged,
    "dense": dense,
    "view": lambda adata: ad.concat([dense(adata), dense(adata)[:50]], index_unique="-")[: adata.n_obs],
}


@pytest.fixture
def blocks(monkeypatch) -> None:
    """Blocks of 200 rows."""
    monkeypatch.setattr("marrowsig.tl._cells_read.STEP", 200)
    monkeypatch.setattr("marrowsig.tl._cells_read.BYTES", 1)


def slow(name: str) -> Any:
    return pytest.param(name, marks=pytest.mark.slow)


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("form", ["by column", "logged", slow("dense"), slow("view")])
def test_every_container_and_any_block_size(form) -> None:
    adata, cells = found()
    again = ms.tl.compare_cells(CONTAINERS[form](adata), PAIRED, signatures=SIGS)
    pd.testing.assert_frame_equal(again.table, cells.table, rtol=1e-12)
    pd.testing.assert_frame_equal(again.units, cells.units)


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("form", [slow("sparse"), "dense"])
def test_a_file_and_some_of_its_rows(form, tmp_path) -> None:
    adata, cells = found()
    held = dense(adata) if form == "dense" else adata
    held.write_h5ad(tmp_path / "a.h5ad")
    backed = ad.read_h5ad(tmp_path / "a.h5ad", backed="r")
    again = ms.tl.compare_cells(backed, PAIRED, signatures=SIGS)
    pd.testing.assert_frame_equal(again.table, cells.table, rtol=1e-12)
    pd.testing.assert_frame_equal(again.units, cells.units)
    rows = np.flatnonzero(adata.obs["donor"] != "d0")
    part = ms.tl.compare_cells(backed[rows], PAIRED, signatures=SIGS)
    of_rows = ms.tl.compare_cells(held[rows].copy(), PAIRED, signatures=SIGS)
    pd.testing.assert_frame_equal(part.table, of_rows.table, rtol=1e-12)
    backed.file.close()


def test_order_of_cells_and_genes_does_not_matter() -> None:
    adata, cells = found()
    rng = np.random.default_rng(0)
    turned = adata[rng.permutation(adata.n_obs), rng.permutation(adata.n_vars)].copy()
    again = ms.tl.compare_cells(turned, PAIRED, signatures=SIGS)
    pd.testing.assert_frame_equal(again.table, cells.table, rtol=1e-9)
    pd.testing.assert_frame_equal(again.units, cells.units)


# ---- level


def p_of_routes(x: np.ndarray, method: str = "ucell") -> dict[str, np.ndarray]:
    """P of every run, by scipy, on what the verb is shown to compute above."""
    sums = scored(x.sum(-2), "singscore", logged=True)
    cells = scored(x, method, logged=False)
    means, runs = cells.mean(-1), len(x)
    flat = [cells[:, :, arm].reshape(runs, -1) for arm in (1, 0)]
    return {
        "pseudobulk": stats.ttest_rel(sums[..., 1], sums[..., 0], axis=1).pvalue,
        "cell_mean": stats.ttest_rel(means[..., 1], means[..., 0], axis=1).pvalue,
        "wilcoxon": stats.mannwhitneyu(*flat, axis=1).pvalue,
    }


def test_sums_hold_their_level_and_cells_as_replicates_do_not() -> None:
    x = counts(200, seed=6, sd=0.3)
    p = p_of_routes(x)
    level = {name: float((values < 0.05).mean()) for name, values in p.items()}
    # 3 SE of 200 runs at 0.05
    assert level["pseudobulk"] < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
    assert level["cell_mean"] < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
    assert level["wilcoxon"] > 0.5, level
    for run in range(3):
        table = ms.tl.compare_cells(as_cells(x[run]), PAIRED, signatures=STRONG).table
        for name in ("pseudobulk", "cell_mean"):
            assert route(table, name)["p"] == pytest.approx(p[name][run], rel=1e-6)


def test_unlike_depth_misleads_means_of_cells_and_is_told() -> None:
    x = counts(100, seed=7, depth=2.0, sd=0.1)
    p = p_of_routes(x, "singscore")
    assert (p["cell_mean"] < 0.05).mean() > 0.5
    assert (p["pseudobulk"] < 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)
    ratio = []
    for run in range(3):
        cells = as_cells(x[run])
        with pytest.warns(ms.InputWarning, match=r"cells of co have \d.\d times the counts of mono"):
            table = ms.tl.compare_cells(cells, PAIRED, signatures=STRONG, cell_method="singscore").table
        assert set(table.loc[table["route"].isin(["cell_mean", "cell_share"]), "verdict"]) == {
            "not judged: depths differ"
        }
        assert route(table, "pseudobulk")["verdict"] in ("up", "down", "not established")
        ratio.append(route(table, "cell_mean")["depth_ratio"])
    assert np.median(ratio) == pytest.approx(2, rel=0.15)  # medians of 160 cells an arm, spread 0.3


@pytest.mark.filterwarnings("ignore:Precision loss")  # with its own quantile every unit's share is 5 %
def test_a_unit_may_not_set_its_own_threshold() -> None:
    rng = np.random.default_rng(9)
    runs, cells = 300, rng.normal(size=(300, 2 * D, N, 1)) + rng.normal(0, 0.5, (300, 2 * D, 1, 1))
    table = pd.DataFrame({"unit": list("abcdefgh"), "arm": ["mono"] * D + ["co"] * D, "stratum": ""})
    angle = np.array(
        [arcsine(shares(list(run), thresholds(table, list(run), "mono")))[:, 0] for run in cells]
    )
    own = np.quantile(cells[..., 0], 0.95, axis=-1)
    own[:, D:] = own[:, :D].mean(axis=1, keepdims=True)
    snooped = arcsine((cells[..., 0] > own[..., None]).mean(-1))
    level = [
        float((stats.ttest_ind(y[:, D:], y[:, :D], axis=1).pvalue < 0.05).mean()) for y in (angle, snooped)
    ]
    assert level[0] < 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    assert level[1] > 0.1


def test_equal_depth_is_not_told() -> None:
    _, cells = found()
    assert cells.table["depth_ratio"].between(1, 1.25).all()
    assert "not judged: depths differ" not in set(cells.table["verdict"])


# ---- agreement


def test_agreement_in_words() -> None:
    cases = {
        "a": (1, 0.01, 2, 0.01, "same sign, both established"),
        "b": (1, 0.01, 2, 0.2, "same sign, only pseudobulk established"),
        "c": (1, 0.2, 2, 0.01, "same sign, only cell_mean established"),
        "d": (-1, 0.2, -2, 0.2, "same sign, neither established"),
        "e": (1, 0.01, -2, 0.01, "opposite sign, both established"),
        "f": (1, 0.01, np.nan, np.nan, ""),
        "g": (1, 0.01, 2, 0.01, "not judged: depths differ"),
    }
    rows = []
    for name, (e1, p1, e2, p2, _) in cases.items():
        far = "not judged: depths differ" if name == "g" else "up"
        same = {"signature": name, "contrast": "co_vs_mono", "stratum": ""}
        rows += [
            {**same, "route": "pseudobulk", "estimate": e1, "effect": 2 * e1, "p_adj": p1, "verdict": ""},
            {**same, "route": "cell_mean", "estimate": e2, "effect": 3 * e2, "p_adj": p2, "verdict": far},
            {**same, "route": "cell_share", "estimate": 9.0, "effect": 9.0, "p_adj": 0.5, "verdict": ""},
        ]
    out = with_agreement(pd.DataFrame(rows), 0.05)
    for name, (e1, _, e2, _, words) in cases.items():
        own = out[out["signature"] == name]
        assert own["agree"].tolist() == [words, words, ""]
        np.testing.assert_allclose(own["effect_gap"], [3 * e2 - 2 * e1, 3 * e2 - 2 * e1, np.nan])


def test_agreement_of_a_true_effect() -> None:
    _, cells = found()
    row = route(cells.table, "pseudobulk")
    assert row["agree"] == "same sign, both established"
    gap = route(cells.table, "cell_mean")["effect"] - row["effect"]
    assert row["effect_gap"] == pytest.approx(gap)


# ---- units


def test_thin_units_are_dropped_and_named() -> None:
    adata, _ = found()
    thin = np.flatnonzero((adata.obs["donor"] == "d1") & (adata.obs["culture"] == "co"))[7:]
    part = adata[np.setdiff1d(np.arange(adata.n_obs), thin)]
    with pytest.warns(ms.InputWarning) as told:
        cells = ms.tl.compare_cells(part, PAIRED, signatures=SIGS)
    texts = [str(w.message) for w in told]
    assert sum("d1|co (7 cells)" in text for text in texts) == 1
    assert sum("no partner" in text for text in texts) == 1
    units = cells.units
    assert units.index[units["dropped"]].tolist() == ["d1|co", "d1|mono"]
    assert units.loc["d1|co", "reason"] == "7 cells, fewer than min_cells=20"
    assert units.loc["d1|mono", "reason"].startswith("in no contrast")
    depth = np.asarray(part.X.sum(axis=1)).ravel()
    own = ((part.obs["donor"] == "d1") & (part.obs["culture"] == "co")).to_numpy()
    assert units.loc["d1|co", "median_depth"] == np.median(depth[own])
    assert units.loc["d1|co", "n_counts"] == depth[own].sum()
    assert (cells.table["n_pairs"] == 3).all()
    assert "d1|co" not in (cells.scores["unit"] + "|" + cells.scores["arm"]).tolist()
    without = adata[(adata.obs["donor"] != "d1").to_numpy()]
    numbers = ["route", "signature", "estimate", "p"]
    # The cells alone of the donor without a partner still take part in the thresholds of others.
    table = ms.tl.compare_cells(without, PAIRED, signatures=SIGS).table[numbers]
    same = table["route"] != "cell_share"
    pd.testing.assert_frame_equal(cells.table.loc[same, numbers], table[same])


def test_strata_are_apart() -> None:
    x = counts(2, seed=8, lfc=0.4)
    parts = [as_cells(run) for run in x]
    for part, kind in zip(parts, ("blast", "monocyte"), strict=True):
        part.obs["kind"] = kind
    design = ms.Design(culture="culture", pair="donor", compartment="kind")
    cells = ms.tl.compare_cells(ad.concat(parts, index_unique="-"), design, signatures=STRONG)
    for part, kind in zip(parts, ("blast", "monocyte"), strict=True):
        own = cells.table[cells.table["stratum"] == f"compartment={kind}"]
        alone = ms.tl.compare_cells(part, PAIRED, signatures=STRONG).table
        numbers = ["route", "estimate", "p", "depth_ratio", "effect_gap"]
        pd.testing.assert_frame_equal(own[numbers].reset_index(drop=True), alone[numbers], rtol=1e-9)


# ---- what is refused

BROKEN = {
    "no unit": ({"design": ms.Design(culture="culture")}, ms.DesignError, "cells are not replicates"),
    "cells": ({"design": ms.Design(culture="culture"), "unit": "cell"}, ms.DesignError, "not replicates"),
    "no column": ({"design": ms.Design(culture="culture"), "unit": "who"}, ms.DesignError, "no column who"),
    "two units": (
        {"design": ms.Design(culture="culture", unit="donor"), "unit": "cell"},
        ms.DesignError,
        "differ",
    ),
    "arm as unit": ({"unit": "culture"}, ms.DesignError, "both culture and unit"),
    "lane": ({"design": ms.Design(culture="culture", pair="donor", batch="lane")}, ms.DesignError, "'lane'"),
    "one cell": ({"min_cells": 1}, ms.InputError, "from 2 on"),
    "thin": ({"min_cells": 41}, ms.InputError, "No unit has min_cells=41"),
    "layer": ({"layer": "raw"}, ms.InputError, "no 'raw'"),
    "log": ({"layer": "log"}, ms.InputError, "is log"),
    "cohort": ({"cell_method": "zscore"}, ms.InputError, "depends on the other cells"),
    "methods": ({"method": ["singscore", "ucell"]}, ms.InputError, "one method"),
    "unknown method": ({"cell_method": "magic"}, ValueError, "magic"),
    "threshold": ({"threshold": {"emt.other": 0.5}}, ms.InputError, "emt.other"),
    "nan": ({"threshold": float("nan")}, ms.InputError, "has to be a number"),
    "alpha": ({"alpha": 2.0}, ms.InputError, "alpha"),
}


@pytest.mark.parametrize(("options", "error", "text"), BROKEN.values(), ids=list(BROKEN))
def test_refused(options: dict, error: type, text: str) -> None:
    adata = found()[0].copy()
    adata.obs["cell"] = adata.obs_names
    adata.obs["lane"] = ["l1", "l2"] * (adata.n_obs // 2)
    adata.layers["log"] = np.log1p(adata.X.toarray())
    given = {"design": PAIRED, "signatures": SIGS, **options}
    with pytest.raises(error, match=re.escape(text)):
        ms.tl.compare_cells(adata, given.pop("design"), **given)


def test_cells_without_a_label_and_of_other_levels_are_left_out_and_counted() -> None:
    adata = found()[0].copy()
    adata.obs["culture"] = adata.obs["culture"].astype(object)
    gone = adata.obs["donor"] == "d3"
    adata.obs.loc[gone, "culture"] = " "
    adata.obs.loc["cell5", "donor"] = None
    adata.obs.loc[adata.obs_names[:4], "culture"] = "unknown"
    with pytest.warns(ms.InputWarning) as told:
        cells = ms.tl.compare_cells(adata, PAIRED, signatures=STRONG)
    texts = [str(w.message) for w in told]
    blank = (
        "81 of 320 rows have no value and are left out (culture: 80, donor: 1). No row is left of 'donor' "
    )
    assert sum(text == f"{blank}'d3'." for text in texts) == 1
    outside = "4 rows lie outside the design: 'culture' is 'unknown' (4). The design does not name"
    assert sum(text.startswith(outside) for text in texts) == 1
    assert cells.units["n_cells"].sum() == 235
    kept = (adata.obs["culture"].isin(["mono", "co"]) & adata.obs["donor"].notna()).to_numpy()
    alone = ms.tl.compare_cells(adata[kept].copy(), PAIRED, signatures=STRONG)
    pd.testing.assert_frame_equal(cells.table, alone.table)
    both = ms.Design(culture="culture")
    with pytest.warns(ms.InputWarning, match=r"culture: 80, donor\|culture: 81"):
        ms.tl.compare_cells(adata[4:], both, unit=["donor", "culture"], signatures=STRONG)


def test_formulas_and_empty_cells_are_refused() -> None:
    adata = found()[0].copy()
    formula = ms.Design.from_formula(
        "~ culture", levels={"culture": ["mono", "co"]}, contrasts={"gain": {("co",): 1, ("mono",): -1}}
    )
    with pytest.raises(ms.DesignError, match="For a formula"):
        ms.tl.compare_cells(adata, formula, signatures=SIGS)
    values = adata.X.toarray()
    values[3] = 0
    adata.X = values
    with pytest.raises(ms.InputError, match="1 cells have no counts: cell3"):
        ms.tl.compare_cells(adata, PAIRED, signatures=SIGS)
    values[3] = -1
    with pytest.raises(ms.InputError, match="counts"):
        ms.tl.compare_cells(adata, PAIRED, signatures=SIGS)


def test_signatures_that_were_not_measured_have_no_number() -> None:
    adata, _ = found()
    other = ms.sig.Signature("emt.absent", axis="emt", genes=["X1", "X2", "X3"])
    with pytest.warns(ms.CoverageWarning) as told:
        cells = ms.tl.compare_cells(adata, PAIRED, signatures=[STRONG, other])
    assert len(told) == 1
    own = cells.table[cells.table["signature"] == "emt.absent"]
    assert own["estimate"].isna().all()
    assert set(own["verdict"]) == {"not tested"}
    assert (own["agree"] == "").all()
    assert cells.scores.loc[cells.scores["signature"] == "emt.absent", "cell_share"].isna().all()


def test_other_methods() -> None:
    adata, _ = found()
    cells = ms.tl.compare_cells(adata, PAIRED, signatures=STRONG, method="mean", cell_method="mean")
    scores = scored(adata.X.toarray(), "mean", logged=True).reshape(D, 2, N).mean(-1)
    theirs = stats.ttest_rel(scores[:, 1], scores[:, 0])
    assert route(cells.table, "cell_mean")["p"] == pytest.approx(theirs.pvalue, rel=1e-9)
    assert "CellComparison: 4 rows from 8 of 8 sums" in repr(cells)


# ---- real cells


@pytest.mark.slow
@pytest.mark.shared
def test_aml_patients_before_and_after_chemotherapy(shared) -> None:
    file = shared / "datasets" / "vangalen_aml_sc_a" / "data.h5ad"
    if not file.is_file():
        pytest.skip("no vangalen_aml_sc_a among the data sets")
    adata = ad.read_h5ad(file)
    with pytest.warns(ms.GeneWarning):
        ms.pp.map_genes(adata)
    design = ms.Design(culture="condition", mono="diagnosis", co="on_or_after_chemotherapy", pair="donor")
    with pytest.warns(ms.InputWarning):
        cells = ms.tl.compare_cells(adata, design, signatures=["emt.hallmark", "il6.hallmark"])
    assert len(cells.table) == 8
    assert (cells.table["n_pairs"] == 5).all()
    idle = cells.units[cells.units["dropped"]]
    assert set(idle["unit"]) == {"AML419A", "AML210A"}
    assert cells.units["n_cells"].sum() == adata.obs["condition"].isin([design.mono, design.co]).sum()
    assert cells.table["depth_ratio"].ge(1).all()
