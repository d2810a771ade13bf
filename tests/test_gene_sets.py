"""`ms.tl.gene_sets` against its kernels called by hand, simulated studies and known biology."""

from __future__ import annotations

import itertools
import warnings
from functools import cache
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig._stats.camera import camera
from marrowsig._stats.expressed import expressed
from marrowsig._stats.fdr import bh
from marrowsig._stats.logcpm import log_cpm
from marrowsig._stats.roast import roast
from marrowsig._stats.signature_test import signature_test
from marrowsig._stats.tmm import tmm
from marrowsig._stats.voom import voom

FULL = ms.Design(culture="culture", line="line")
PAIRED = ms.Design(culture="culture", line="line", pair="pair")


def study(
    n: int = 3, *, genes: int = 700, seed: int = 0, factor: float = 0.0, block: int = 20, depth: float = 1.0
) -> ad.AnnData:
    """Counts without any effect; each `block` genes share a factor of the sample, SD `factor` (ln)."""
    rng = np.random.default_rng(seed)
    rows = [
        {"line": line, "culture": culture, "pair": f"{line[0]}{i}"}
        for line, culture, i in itertools.product(["parental", "resistant"], ["mono", "co"], range(n))
    ]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    mean = 2 ** rng.normal(7, 1.5, genes) * rng.lognormal(0, 0.1, (len(obs), 1))
    mean = mean * np.r_[np.ones(len(obs) - 1), depth][:, None]
    mean = mean * np.exp(factor * np.repeat(rng.standard_normal((len(obs), genes // block)), block, axis=1))
    counts = rng.poisson(mean * rng.gamma(20, 1 / 20, mean.shape)).astype(float)
    return ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=[f"G{g}" for g in range(genes)]))


def sets_of(adata: ad.AnnData, *, n: int = 10, size: int = 20) -> list[ms.sig.Signature]:
    names = list(adata.var_names)
    return [
        ms.sig.Signature(f"emt.s{i}", axis="emt", genes=names[i * size : (i + 1) * size]) for i in range(n)
    ]


def signed(adata: ad.AnnData, name: str = "il6.signed", start: int = 0) -> ms.sig.Signature:
    genes = {g: (1.0, -1.0, 0.5)[i % 3] for i, g in enumerate(adata.var_names[start : start + 21])}
    return ms.sig.Signature(name, axis="il6", genes=genes)


def of(result: pd.DataFrame, contrast: str) -> pd.DataFrame:
    return result[result["contrast"] == contrast].set_index("signature")


@pytest.mark.parametrize("test", ["trend", "voom"])
@pytest.mark.parametrize("contrast", ["co_in_resistant", "interaction"])
def test_equal_to_the_kernels(test: str, contrast: str) -> None:
    adata = study(seed=1, factor=0.1)
    sigs = [*sets_of(adata, n=3), signed(adata, start=400)]
    ours = of(ms.tl.gene_sets(adata, FULL, signatures=sigs, test=test, n_rotations=499, rng=7), contrast)
    arms = ["parental:mono", "parental:co", "resistant:mono", "resistant:co"]
    X = (FULL.arms(adata.obs).to_numpy()[:, None] == arms).astype(float)
    c = np.array({"co_in_resistant": [0, 0, -1, 1], "interaction": [1, -1, -1, 1]}[contrast], float)
    keep = expressed(adata.X, design=X)
    names, counts = adata.var_names[keep], adata.X[:, keep]
    size = counts.sum(axis=1) * tmm(counts)
    log, how = log_cpm(counts, lib_size=size), {"trend": True}
    Y = log
    if test == "voom":
        prepared = voom(counts, X, lib_size=size)
        Y, how = prepared.E, {"weights": prepared.weights}
    members = [np.flatnonzero(names.isin(list(s.genes))) for s in sigs]
    weights = [np.array([s.genes[g] for g in names[m]]) for s, m in zip(sigs, members, strict=True)]
    shares = [w / np.abs(w).sum() for w in weights]
    fitted = signature_test(log, X, c, members, gene_weights=shares)
    low, high = fitted.interval(0.05)
    for name, values in (
        ("estimate", fitted.estimate), ("se", fitted.se), ("stat", fitted.stat), ("p", fitted.p),
        ("ci_low", low), ("ci_high", high), ("df", fitted.df), ("p_adj", bh(fitted.p)),
        ("n_genes", [len(m) for m in members]),
    ):  # fmt: skip
        np.testing.assert_allclose(ours[name], values, rtol=1e-9, err_msg=name)
    turned = roast(Y, X, c, members, gene_weights=weights, nrot=499, seed=7, **how)
    np.testing.assert_allclose(ours["roast_p"], turned.p, rtol=1e-12)
    mirrored = Y.copy()  # genes that should fall, turned round at their mean
    down = members[3][weights[3] < 0]
    mirrored[:, down] = 2 * Y[:, down].mean(axis=0) - Y[:, down]
    plain, turned_round = camera(Y, X, c, members, **how), camera(mirrored, X, c, members[3:], **how)
    np.testing.assert_allclose(ours["camera_p"], np.r_[plain.p[:3], turned_round.p], rtol=1e-8)
    rho = np.r_[plain.correlation[:3], turned_round.correlation]
    np.testing.assert_allclose(ours["camera_correlation"], rho, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(ours["camera_p_adj"], bh(ours["camera_p"].to_numpy()), rtol=1e-12)
    assert (ours["direction"] == np.where(fitted.estimate > 0, "up", "down")).all()
    assert set(ours["scale"]) == {"variance trend"}
    assert set(ours["unit"]) == {"SD of genes of such expression, not log2"}


def test_turning_all_signs_turns_the_answer() -> None:
    adata = study(seed=2)
    one = signed(adata)
    other = ms.sig.Signature("il6.turned", axis="il6", genes={g: -w for g, w in one.genes.items()})
    found = of(ms.tl.gene_sets(adata, PAIRED, signatures=[one, other], n_rotations=99), "interaction")
    a, b = found.loc[one.id], found.loc[other.id]
    assert a["estimate"] == pytest.approx(-b["estimate"], rel=1e-10)
    assert {a["direction"], b["direction"]} == {"up", "down"}
    assert (a["p"], a["roast_p"]) == pytest.approx((b["p"], b["roast_p"]), rel=1e-9)


@pytest.mark.slow
def test_level_of_the_interaction() -> None:
    """Three per arm, correlated genes: 420 null sets in 12 studies, the level within 3 Monte Carlo SE."""
    p = pd.concat(
        of(
            ms.tl.gene_sets(
                study(seed=seed, factor=0.1), FULL, signatures=sets_of(study(), n=35), n_rotations=99
            ),
            "interaction",
        )
        for seed in range(12)
    )
    assert p["camera_correlation"].median() > 0.1
    error = 3 * np.sqrt(0.05 * 0.95 / len(p))
    for name in ("p", "roast_p"):
        assert abs((p[name] < 0.05).mean() - 0.05) < error, name
    assert (p["camera_p"] < 0.05).mean() < 0.05 + error


def test_prerank_is_gseapy_and_calls_too_much() -> None:
    """On null data with correlated sets: the reason why it is offered on request only."""
    import gseapy

    adata = study(seed=3, factor=0.2)
    sigs = [*sets_of(adata, n=20), signed(adata, start=400)]
    design = ms.Design(culture="culture", batch="line")
    ours = ms.tl.gene_sets(adata, design, signatures=sigs, prerank=True, rng=5, n_rotations=99).set_index(
        "signature"
    )
    assert (ours["prerank_p"] < 0.05).mean() > 0.2
    assert (ours["p"] < 0.05).mean() < 0.2
    assert (ours["prerank_p"] >= 1 / 1001).all()
    assert "anti-conservative" in ours["prerank_note"].iloc[0]
    np.testing.assert_allclose(ours["prerank_p_adj"], bh(ours["prerank_p"].to_numpy()))
    stat = ms.tl.genes(adata, design).dropna(subset="stat").set_index("gene")["stat"]
    listed = {s.id: list(s.genes) for s in sigs[:20]}
    same = {"min_size": 1, "max_size": 700, "permutation_num": 1000, "threads": 1, "seed": 5, "outdir": None}
    theirs = gseapy.prerank(stat, listed, no_plot=True, **same).res2d.set_index("Term")
    theirs = theirs["NES"].reindex(ours.index[:20]).astype(float)
    np.testing.assert_allclose(ours["prerank_nes"].iloc[:20], theirs)
    turned = stat * np.where(stat.index.isin(sigs[20].down), -1, 1)
    theirs = gseapy.prerank(turned, {"x": list(sigs[20].genes)}, no_plot=True, **same).res2d
    np.testing.assert_allclose(ours["prerank_nes"].iloc[20], float(theirs["NES"].iloc[0]))
    assert "prerank_nes" not in ms.tl.gene_sets(adata, design, signatures=sigs[:1], n_rotations=9)


@cache
def demo() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Gene level and sample level of the demo study without inhibitors."""
    adata = ms.ds.demo()
    adata = adata[adata.obs["inhibitor"] == "none"].copy()
    file = Path(__file__).resolve().parents[1] / "data" / "demo" / "genes.csv"
    table = pd.read_csv(file, index_col=0, keep_default_na=False)
    plain = table.index[(table["programme"] == "") & (table["level"] == "")]
    nothing = np.random.default_rng(0).permutation(plain)[:300].reshape(5, 60)
    sigs = [
        *ms.sig.load("emt.hallmark", "il6.hallmark", "control.tirosh2016_s", "control.tirosh2016_g2m"),
        *(ms.sig.Signature(f"control.none{i}", axis="control", genes=list(g)) for i, g in enumerate(nothing)),
    ]
    ms.pp.lognorm(adata)
    ms.tl.score(adata, sigs)
    scores = ms.tl.compare(adata, PAIRED)
    return ms.tl.gene_sets(adata, PAIRED, signatures=sigs, scores=scores, n_rotations=999), scores


def test_without_names_the_scored_signatures_are_tested() -> None:
    adata = ms.ds.toy()
    design = ms.Design(culture="culture", line="line", pair="pair")
    with pytest.raises(ms.InputError, match="none was scored"):
        ms.tl.gene_sets(adata, design)
    ms.tl.score(adata, ["il6.hallmark", "emt.hallmark"])
    found, named = (
        ms.tl.gene_sets(adata, design, n_rotations=99, **more)
        for more in ({}, {"signatures": ["il6.hallmark", "emt.hallmark"]})
    )
    pd.testing.assert_frame_equal(found, named)
    shown = ms.get.table(found).frame
    asked = ["direction", "estimate", "p", "p_adj", "roast_p", "camera_direction", "camera_p", "n"]
    assert [name for name in shown if name in asked] == [name for name in asked if name in shown]
    assert {"estimate", "p_adj", "roast_p", "camera_p"} <= set(shown)


def test_signatures_of_the_demo_that_respond_are_found() -> None:
    """What scripts/simulate_demo.py put in: EMT and IL-6 rise, in resistant cells more; cycling falls."""
    result, _ = demo()
    called = {
        "co_in_parental": {"emt.hallmark": "up", "il6.hallmark": "up", "control.tirosh2016_s": "down"},
        "co_in_resistant": {"emt.hallmark": "up", "il6.hallmark": "up", "control.tirosh2016_g2m": "down"},
        "interaction": {"emt.hallmark": "up", "il6.hallmark": "up"},
    }
    for contrast, directions in called.items():
        rows = of(result, contrast)
        for name, direction in directions.items():
            assert rows.loc[name, "direction"] == direction
            assert (rows.loc[name, ["p_adj", "roast_p_adj", "camera_p_adj"]] < 0.05).all(), (contrast, name)
        nothing = rows[rows.index.str.startswith("control.none")]
        # Genes that rise leave fewer reads to all others: in so even a study that shift can be established.
        assert nothing["estimate"].abs().max() < 0.25
        assert rows.loc[list(directions), "estimate"].abs().min() > 1
        assert (nothing["camera_p_adj"] > 0.05).all()
    cycle = of(result, "interaction").loc[["control.tirosh2016_s", "control.tirosh2016_g2m"]]
    assert (cycle[["p_adj", "camera_p_adj"]] > 0.05).all(axis=None)


def test_scores_of_samples_stand_beside() -> None:
    result, scores = demo()
    keys = ["contrast", "stratum", "signature"]
    both = result.merge(scores, on=keys, suffixes=("", "_theirs"))
    assert len(both) == len(result)
    np.testing.assert_array_equal(both["score_estimate"], both["estimate_theirs"])
    np.testing.assert_array_equal(both["score_p_adj"], both["p_adj_theirs"])
    same = np.sign(both["estimate"]) == np.sign(both["estimate_theirs"])
    established = (both["p_adj"] < 0.05) & (both["p_adj_theirs"] < 0.05)
    expected = np.select([~same, established], ["opposite sign", "same sign, both established"], "same sign")
    assert set(expected) == {"opposite sign", "same sign, both established", "same sign"}
    np.testing.assert_array_equal(both["agree"], expected)
    assert of(result, "interaction").loc["il6.hallmark", "agree"] == "same sign, both established"
    assert set(result["score_method"]) == {"singscore"}


def test_scores_of_another_study_are_refused() -> None:
    adata, (_, scores) = study(), demo()
    sigs = sets_of(adata, n=1)
    with pytest.raises(ms.InputError, match="none of these signatures and contrasts"):
        ms.tl.gene_sets(adata, FULL, signatures=sigs, scores=scores, n_rotations=9)
    with pytest.raises(ms.InputError, match="scores has no column p_adj"):
        ms.tl.gene_sets(adata, FULL, signatures=sigs, scores=scores.drop(columns="p_adj"))
    two = pd.concat([scores, scores.assign(method="ucell")])
    with pytest.raises(ms.InputError, match=r"several methods: singscore, ucell. Use e.g. scores\[scores"):
        ms.tl.gene_sets(adata, FULL, signatures=sigs, scores=two)
    with pytest.raises(ms.InputError, match="repeat a signature"):
        ms.tl.gene_sets(adata, FULL, signatures=sigs, scores=pd.concat([scores, scores]))


def test_a_small_panel_is_tested_in_log_units() -> None:
    """The toy study has 300 genes: the estimate is the plain mean log2 change, and t that of the mean."""
    adata = ms.ds.toy()
    sig = ms.sig.Signature("emt.mine", axis="emt", genes=list(adata.var_names[:40]))
    found = ms.tl.gene_sets(adata, PAIRED, signatures=sig, n_rotations=199)
    assert set(found["scale"]) == {"log2 units"}
    assert set(found["unit"]) == {"log2"}
    ours = found.set_index("contrast").loc["interaction"]
    genes = of_genes(ms.tl.genes(adata, PAIRED), "interaction").loc[list(sig.genes)].dropna()
    assert ours["n_genes"] == len(genes) < 40
    assert ours["estimate"] == pytest.approx(genes["estimate"].mean(), rel=1e-9)
    # The same test on the mean of these genes, as a score of samples.
    blocks = pd.get_dummies(adata.obs["line"].astype(str) + adata.obs["pair"].astype(str))
    X = np.column_stack([pd.get_dummies(PAIRED.arms(adata.obs)), blocks]).astype(float)
    keep = expressed(adata.X, design=X)
    counts = adata.X[:, keep]
    log = log_cpm(counts, lib_size=counts.sum(axis=1) * tmm(counts))
    mean = log[:, adata.var_names[keep].isin(genes.index)].mean(axis=1)
    adata.obsm["score_mean"] = pd.DataFrame({sig.id: mean}, index=adata.obs_names)
    score = ms.tl.compare(adata, PAIRED).set_index("contrast").loc["interaction"]
    for name in ("estimate", "ci_low", "se", "df", "p"):
        assert ours[name] == pytest.approx(score[name], rel=1e-8), name
    assert ours["p"] < 0.01
    assert ours["direction"] == "up"


def of_genes(result: pd.DataFrame, contrast: str) -> pd.DataFrame:
    return result[result["contrast"] == contrast].set_index("gene")


def test_sets_with_too_few_genes_have_a_reason() -> None:
    adata = study(seed=4)
    adata.X[:, 60:98] = 0  # 38 of 40 genes of one set are not expressed
    names = list(adata.var_names)
    fine = sets_of(adata, n=1)
    sigs = [
        *fine,
        ms.sig.Signature("emt.low", axis="emt", genes=names[60:100]),
        ms.sig.Signature("emt.absent", axis="emt", genes=[*names[:5], *(f"X{i}" for i in range(15))]),
    ]
    with pytest.warns(ms.CoverageWarning) as told:
        result = ms.tl.gene_sets(adata, FULL, signatures=sigs, n_rotations=99)
    text = str(told[0].message)
    assert "emt.absent: 5 of 20 genes found (25 %) < min_coverage=0.5 -> NaN" in text
    assert "emt.low: 2 of 40 genes have enough counts" in text
    rows = of(result, "interaction")
    assert rows.loc["emt.low", "test"] == "not tested: 2 of its genes left, fewer than min_genes=3"
    assert rows.loc["emt.absent", "test"] == "not tested: 5 of 20 genes measured, below min_coverage=0.5"
    lost = rows.loc[["emt.low", "emt.absent"]]
    assert lost[["estimate", "ci_low", "df", "p", "p_adj", "roast_p", "camera_p"]].isna().all(axis=None)
    assert set(lost["direction"]) == set(lost["scale"]) == set(lost["unit"]) == {""}
    assert list(rows["n_genes"]) == [20, 2, 5]
    alone = of(ms.tl.gene_sets(adata, FULL, signatures=fine, n_rotations=99), "interaction")
    np.testing.assert_allclose(rows["p_adj"].iloc[0], alone["p_adj"].iloc[0])  # family: tests that were made


def test_a_contrast_without_answer_has_its_reason() -> None:
    adata = study()[:10].copy()
    with pytest.warns(ms.InputWarning, match="cannot be estimated"):
        result = ms.tl.gene_sets(adata, FULL, signatures=sets_of(adata, n=2), n_rotations=99)
    lost = of(result, "interaction")
    assert lost["test"].str.startswith("not estimable: ").all()
    assert lost[["p", "roast_p", "camera_p"]].isna().all(axis=None)
    assert of(result, "co_in_parental")["p"].notna().all()


def test_rotations_depend_on_the_seed_only() -> None:
    adata = study(seed=5)
    sigs = sets_of(adata, n=3)
    found = [
        ms.tl.gene_sets(adata, FULL, signatures=sigs, n_rotations=99, rng=r)["roast_p"] for r in (1, 1, 2)
    ]
    pd.testing.assert_series_equal(found[0], found[1])
    assert not found[0].equals(found[2])
    drawn = [
        ms.tl.gene_sets(adata, FULL, signatures=sigs, n_rotations=99, rng=np.random.default_rng(3))["roast_p"]
        for _ in range(2)
    ]
    pd.testing.assert_series_equal(*drawn)
    rng = np.random.default_rng(6)
    mixed = adata[rng.permutation(adata.n_obs), rng.permutation(adata.n_vars)].copy()
    ours, theirs = (
        of(ms.tl.gene_sets(a, PAIRED, signatures=sigs, n_rotations=99), "interaction") for a in (adata, mixed)
    )
    for name in ("estimate", "p", "roast_p", "camera_p"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-7, err_msg=name)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n_rotations": 0}, "n_rotations=0 is not a whole number from 1 on"),
        ({"min_genes": 0}, "min_genes=0"),
        ({"min_coverage": 2}, "min_coverage=2"),
        ({"alpha": 0}, "alpha is 0"),
        ({"test": "fry"}, "test='fry'"),
    ],
)
def test_bad_options_are_refused(options: dict, words: str) -> None:
    adata = study()
    with pytest.raises(ms.InputError, match=words):
        ms.tl.gene_sets(adata, FULL, signatures=sets_of(adata, n=1), **options)


def read(folder: Path, name: str) -> ad.AnnData:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        adata = ms.io.read(next(folder.glob(f"{name}.tsv*")), samples=folder / "samples.tsv")
        ms.pp.map_genes(adata)
    return adata


def known(adata: ad.AnnData, design: ms.Design, ids: list[str]) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.CoverageWarning)
        warnings.simplefilter("ignore", ms.GeneWarning)
        return ms.tl.gene_sets(adata, design, signatures=ids, n_rotations=999)


@pytest.mark.slow
@pytest.mark.shared
def test_il22_raises_stat3_and_ifnl_raises_interferon(shared: Path) -> None:
    """T84 cells, IL-22 x interferon-lambda at four times: libraries differ fourfold, so voom."""
    adata = read(shared / "datasets" / "t84_il22_ifnl", "counts")
    condition = adata.obs["condition"].astype(str)
    adata.obs["il22"] = condition.str.contains("IL22").map({True: "IL22", False: "none"})
    adata.obs["ifnl"] = condition.str.contains("IFNL").map({True: "IFNL", False: "none"})
    design = ms.Design(
        culture="il22", mono="none", co="IL22", line="ifnl", parental="none", resistant="IFNL", batch="time_h"
    )
    genes = ms.tl.genes(adata, design)
    assert {m["test"] for m in genes.attrs["models"]} == {"voom"}
    by_gene = genes.set_index(["gene", "contrast"])
    il22, ifnl = "co_in_parental", "resistance_in_mono"
    for gene in ("SOCS3", "BCL3"):
        assert by_gene.loc[(gene, il22), "p_adj"] < 1e-6
        assert by_gene.loc[(gene, il22), "estimate"] > by_gene.loc[(gene, ifnl), "estimate"] + 1
    assert by_gene.loc[("IFIT1", ifnl), "estimate"] > 2
    assert abs(by_gene.loc[("IFIT1", il22), "estimate"]) < 0.5
    ids = ["il6.hallmark", "stat3.dauer2005", "control.hallmark_ifn_alpha", "control.tirosh2016_s"]
    result = known(adata, design, ids)
    for name, contrast in (
        ("il6.hallmark", il22), ("stat3.dauer2005", il22), ("control.hallmark_ifn_alpha", ifnl),
    ):  # fmt: skip
        row = of(result, contrast).loc[name]
        assert row["direction"] == "up"
        assert row["p_adj"] < 0.01
        assert row["roast_p_adj"] < 0.01
        assert row["camera_p_adj"] < 0.05
    interferon = result[result["signature"] == "control.hallmark_ifn_alpha"].set_index("contrast")["estimate"]
    assert interferon[ifnl] > 3 * interferon[il22] > 0
    assert of(result, "interaction")["estimate"].notna().all()


@pytest.mark.shared
def test_tgfb_raises_emt_within_studies(shared: Path) -> None:
    adata = read(shared / "datasets" / "tgfb_emt_foroutan20", "logexpr")
    design = ms.Design(culture="condition", mono="Ctrl", co="TGFb", batch="batch")
    raised = ["emt.hallmark", "emt.mak2016", "control.hallmark_tgf_beta", "control.progeny_tgfb"]
    result = known(adata, design, [*raised, "control.hay2018_hsc"])
    assert (result["scale"] == "variance trend").all()
    rows = of(result, "co_vs_mono")
    assert (rows.loc[raised, "direction"] == "up").all()
    assert (rows.loc[raised, ["p_adj", "roast_p_adj", "camera_p_adj"]] < 0.01).all(axis=None)
    assert rows.loc["control.hay2018_hsc", "p_adj"] > 0.05
    assert "adjusted for 'batch'" in rows["test"].iloc[0]


def test_camera_has_a_direction_of_its_own() -> None:
    """A set that rises less than all other genes is up by itself, and down among them."""
    adata = study(4, seed=3, genes=600)
    log = np.log2(adata.X / adata.X.sum(axis=1, keepdims=True) * 1e6 + 1)
    co = (adata.obs["culture"] == "co").to_numpy()
    log[co] += 2.0
    log[np.ix_(co, np.arange(20))] -= 1.0
    adata.X = log
    found = ms.tl.gene_sets(adata, FULL, signatures=sets_of(adata, n=2), n_rotations=199)
    slow, usual = (of(found, "co_in_resistant").loc[f"emt.s{i}"] for i in (0, 1))
    assert (slow["direction"], slow["camera_direction"]) == ("up", "down")
    assert usual["direction"] == "up"
    assert slow["camera_stat"] < -4
    df = 12  # residual degrees of freedom
    p = 2 * stats.t.sf(np.abs(found["camera_stat"]), df)
    np.testing.assert_allclose(found["camera_p"], p, rtol=1e-9)


def test_controls_are_adjusted_by_themselves() -> None:
    adata = study(seed=4)
    own = sets_of(adata, n=3)
    aside = [ms.sig.Signature(f"control.c{i}", axis="control", genes=s.genes) for i, s in enumerate(own)]
    both = of(ms.tl.gene_sets(adata, FULL, signatures=[*own, *aside], n_rotations=99), "interaction")
    alone = of(ms.tl.gene_sets(adata, FULL, signatures=own, n_rotations=99), "interaction")
    for name in ("p_adj", "roast_p_adj", "camera_p_adj"):
        np.testing.assert_array_equal(both[name].iloc[:3], alone[name])
        np.testing.assert_array_equal(both[name].iloc[3:], alone[name])
        over = stats.false_discovery_control(alone[name.replace("_adj", "")])
        np.testing.assert_allclose(alone[name], over, rtol=1e-12)  # of lists of one's own, too


def test_by_default_a_row_is_of_one_matrix() -> None:
    """Libraries that differ more than threefold are no reason to mix voom weights in; `auto` does."""
    adata = study(seed=5, depth=8.0)
    names = {"signatures": sets_of(adata, n=1), "n_rotations": 99}
    usual, auto = (ms.tl.gene_sets(adata, FULL, **names, **how) for how in ({}, {"test": "auto"}))
    assert {m["test"] for m in usual.attrs["models"]} == {"trend"}
    assert {m["test"] for m in auto.attrs["models"]} == {"voom"}
    assert not usual["test"].str.contains("voom").any()
    assert auto["test"].str.contains("roast and camera with voom weights").all()
