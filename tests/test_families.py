"""Families of tests, permutation p beside the model's, and the effect that can be found."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig._stats.holm import holm
from marrowsig._stats.maxt import maxt
from marrowsig._stats.ols import fit
from marrowsig._stats.power import detectable
from marrowsig.tl._permuted import permuted
from marrowsig.tl.compare import compare

if TYPE_CHECKING:
    from marrowsig._plan import Plan

IDS = ["emt.one", "emt.two", "il6.three", "stat3.four"]
FULL = ms.Design(culture="culture", line="line")
PAIRED = ms.Design(culture="culture", line="line", pair="pair")
PRIMARY = ["co_in_parental", "co_in_resistant", "interaction"]


def study(n: int = 4, *, seed: int = 0, shift: float = 0.0, strata: int = 1) -> ad.AnnData:
    cells = itertools.product(range(strata), ["parental", "resistant"], ["mono", "co"], range(n))
    rows = [{"time": t, "line": line, "culture": c, "pair": f"{line[0]}{i}"} for t, line, c, i in cells]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    y = np.random.default_rng(seed).normal(size=(len(obs), len(IDS)))
    y += shift * (obs["culture"] == "co").to_numpy()[:, None]
    adata = ad.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    adata.obsm["score_singscore"] = pd.DataFrame(y, index=obs.index, columns=IDS)
    return adata


def three_errors(share: float, expected: float, runs: int) -> bool:
    return bool(abs(share - expected) < 3 * np.sqrt(expected * (1 - expected) / runs))


def test_the_primary_family_is_holm_and_the_rest_bh_as_in_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    adata = study(strata=2, shift=1)
    adata.obsm["score_mean"] = adata.obsm["score_singscore"] ** 2
    design = ms.Design(culture="culture", line="line", time="time")
    result = compare(adata, design, primary=["emt", "il6.three"], permutations=0)
    own = result["contrast"].isin(PRIMARY) & result["axis"].isin(["emt", "il6"])
    assert (result["adjustment"] == np.where(own, "Holm", "BH")).all()
    for keys, rows in result[own].groupby(["method", "stratum"]):
        assert set(rows["family"]) == {f"{keys[0]}: primary [{keys[1]}]"}
        assert set(rows["family_size"]) == {9}
        np.testing.assert_allclose(rows["p_adj"], multipletests(rows["p"], method="holm")[1], rtol=1e-12)
    sizes = {1, 3}
    main = np.where(~own & result["axis"].isin(["emt", "il6"]), ", main signatures", "")
    for keys, rows in result.assign(main=main)[~own].groupby(["method", "contrast", "main", "stratum"]):
        assert set(rows["family"]) == {f"{keys[0]}: {keys[1]}{keys[2]} [{keys[3]}]"}
        assert set(rows["family_size"]) == {len(rows)} <= sizes
        np.testing.assert_allclose(rows["p_adj"], multipletests(rows["p"], method="fdr_bh")[1], rtol=1e-12)
    sure = result["p_adj"] < 0.05
    assert (result["verdict"].isin(["up", "down"]) == sure).all()
    assert 0 < sure.sum() < len(result)


def test_lists_scored_beside_the_main_ones_leave_their_p_alone_in_every_contrast() -> None:
    few = study(shift=0.5)
    many = few.copy()
    noise = np.random.default_rng(3).normal(size=(len(many), 20))
    more = pd.DataFrame(noise, index=many.obs_names, columns=[f"emt.v{i}" for i in range(20)])
    many.obsm["score_singscore"] = few.obsm["score_singscore"].join(more)
    named = ["emt.one", "emt.two"]
    p = [
        compare(a, FULL, primary=named, permutations=0).set_index(["contrast", "signature"])["p_adj"]
        for a in (few, many)
    ]
    main = p[0].index[p[0].index.get_level_values("signature").isin(named)]
    assert len(main) == 10  # of five contrasts, of which two are in no primary family
    np.testing.assert_allclose(p[0][main], p[1][main], rtol=1e-12)


def test_without_primary_nothing_changes() -> None:
    result = compare(study(), FULL)
    assert set(result["adjustment"]) == {"BH"}
    assert set(result["family_size"]) == {4}


def test_untested_rows_are_not_counted() -> None:
    adata = study()
    adata.obsm["score_singscore"].loc["s0", IDS[0]] = np.nan
    result = compare(adata, FULL, primary="emt")
    assert set(result.loc[result["family"] == "singscore: primary", "family_size"]) == {3}
    lost = result[(result["signature"] == IDS[0]) & (result["contrast"] == "interaction")]
    assert lost["p_adj"].isna().all()
    assert set(lost["verdict"]) == {"not tested"}


def test_contrasts_of_the_family_by_name_and_kind() -> None:
    adata = study()
    for asked, expected in [
        ("resistance", {"resistance_in_mono", "resistance_in_co"}),
        (["interaction", "co_in_parental"], {"interaction", "co_in_parental"}),
        (None, set(PRIMARY)),
    ]:
        result = compare(adata, FULL, primary="emt", primary_contrasts=asked, permutations=0)
        assert set(result.loc[result["adjustment"] == "Holm", "contrast"]) == expected
    alone = compare(adata, ms.Design(line="line"), primary="emt", permutations=0)
    assert set(alone.loc[alone["adjustment"] == "Holm", "contrast"]) == {"resistant_vs_parental"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"primary": "tgfb"}, "primary= names tgfb, which is not compared. Compared: emt.one"),
        ({"primary": []}, "primary= names nothing"),
        ({"primary": "emt", "primary_contrasts": "rescue"}, "names rescue, which is not asked here"),
        ({"primary_contrasts": "interaction"}, "needs primary="),
        ({"adjust": "bonferroni"}, "has to be one of 'holm', 'maxt'"),
        ({"permutations": -1}, "permutations is -1"),
        ({"permutations": 9.5}, "permutations is 9.5"),
    ],
)
def test_what_is_refused(options: dict, words: str) -> None:
    with pytest.raises(ms.InputError, match=words):
        compare(study(), FULL, **options)


def test_permutation_p_of_two_groups_and_pairs_equals_scipy() -> None:
    adata = study(6)[:12].copy()
    y = adata.obsm["score_singscore"][IDS[0]].to_numpy()

    def difference(x: np.ndarray, z: np.ndarray, axis: int) -> np.ndarray:
        return np.abs(stats.ttest_ind(x, z, axis=axis).statistic)

    theirs = stats.permutation_test(
        (y[6:], y[:6]), difference, n_resamples=np.inf, vectorized=True, alternative="greater"
    )
    line = compare(adata, ms.Design(culture="culture")).iloc[0]
    np.testing.assert_allclose(line["p_perm"], theirs.pvalue, rtol=1e-10)
    np.testing.assert_allclose(line["p_perm_min"], 2 / 924, rtol=1e-10)
    assert line["perm"] == "exact"
    signed = stats.permutation_test(
        (y[6:], y[:6]),
        lambda x, z, axis: np.abs((x - z).mean(axis=axis)),
        permutation_type="samples", n_resamples=np.inf, vectorized=True, alternative="greater",
    )  # fmt: skip
    paired = compare(adata, ms.Design(culture="culture", pair="pair")).iloc[0]
    np.testing.assert_allclose(paired["p_perm"], signed.pvalue, rtol=1e-10)
    np.testing.assert_allclose(paired["p_perm_min"], 2 / 64, rtol=1e-10)


@pytest.mark.parametrize(
    ("n", "design", "contrast", "smallest", "perm"),
    [
        (3, FULL, "co_in_parental", 0.1, ""),
        (4, FULL, "co_in_parental", 2 / 70, "exact"),
        (5, PAIRED, "co_in_parental", 2 / 32, ""),
        (6, PAIRED, "co_in_parental", 2 / 64, "exact"),
        (3, PAIRED, "interaction", 2 / 20, ""),
        (4, PAIRED, "interaction", 2 / 70, "exact"),
        (3, FULL, "interaction", np.nan, ""),
        (4, FULL, "interaction", 1e-4, "sampled"),
    ],
)
def test_where_a_permutation_p_is_given(
    n: int, design: ms.Design, contrast: str, smallest: float, perm: str
) -> None:
    line = compare(study(n), design).query("contrast == @contrast").iloc[0]
    np.testing.assert_allclose(line["p_perm_min"], smallest, rtol=1e-10)
    assert line["perm"] == perm
    assert np.isnan(line["p_perm"]) == (perm == "")
    assert not line["p_perm"] < smallest


def with_drug(adata: ad.AnnData, n: int = 4) -> ad.AnnData:
    """Add an arm with an inhibitor that acts in one line, which the interaction does not ask about."""
    treated = adata[(adata.obs["culture"] == "co").to_numpy()].copy()
    treated.obs_names = [f"d{i}" for i in range(treated.n_obs)]
    treated.obsm["score_singscore"] += 9 * (treated.obs["line"] == "resistant").to_numpy()[:, None]
    both = ad.concat([adata, treated])
    both.obs["drug"] = ["none"] * adata.n_obs + ["rux"] * treated.n_obs
    return both


@pytest.mark.parametrize("drug", [False, True])
def test_of_an_interaction_pairs_are_exchanged_whole_between_the_lines(drug: bool) -> None:
    adata = study(4, shift=0.4)
    y, obs = adata.obsm["score_singscore"], adata.obs
    gain = [
        (y[(obs["line"] == line) & (obs["culture"] == "co")].to_numpy())
        - (y[(obs["line"] == line) & (obs["culture"] == "mono")].to_numpy())
        for line in ("resistant", "parental")
    ]
    theirs = stats.permutation_test(
        gain, lambda x, z, axis: np.abs(stats.ttest_ind(x, z, axis=axis).statistic),
        n_resamples=np.inf, vectorized=True, alternative="greater",
    )  # fmt: skip
    design = PAIRED
    if drug:
        adata = with_drug(adata)
        design = ms.Design(culture="culture", line="line", pair="pair", inhibitor="drug")
    line = compare(adata, design).query("contrast == 'interaction'").set_index("signature").loc[IDS]
    np.testing.assert_allclose(line["p_perm"], theirs.pvalue, rtol=1e-10)
    np.testing.assert_allclose(line["p_perm_min"], 2 / 70, rtol=1e-10)


def test_pairs_that_stand_in_two_batches_are_not_exchanged() -> None:
    adata = study(4)
    adata.obs["run"] = [f"r{i % 2}" for i in range(len(adata.obs))]
    design = ms.Design(culture="culture", line="line", pair="pair", batch="run")
    whole = compare(adata, design).query("contrast == 'interaction'")
    np.testing.assert_allclose(whole["p_perm_min"], 2 / 70, rtol=1e-10)  # both rows of a pair are in one run
    adata.obs["run"] = np.random.default_rng(0).permutation(adata.obs["run"])
    split = compare(adata, design).query("contrast == 'interaction'")
    assert split["p"].notna().all()
    assert split[["p_perm", "p_perm_min"]].isna().all(axis=None)


def test_permutations_can_be_chosen_or_left_out() -> None:
    adata = study()
    few = compare(adata, FULL, permutations=99).query("contrast == 'interaction'")
    assert set(few["p_perm_min"]) == {0.01}
    np.testing.assert_allclose(few["p_perm"] * 100, (few["p_perm"] * 100).round())
    none = compare(adata, FULL, permutations=0)
    assert none[["p_perm", "p_perm_min"]].isna().all(axis=None)
    assert set(none["perm"]) == {""}
    adata.obsm["score_singscore"].loc["s0", IDS[0]] = np.nan
    gone = compare(adata, FULL).query("signature == @IDS[0] and contrast == 'interaction'")
    assert gone["p_perm"].isna().all()
    assert set(gone["perm"]) == {""}


def test_permutation_stays_within_batches() -> None:
    """Four batches of one sample per arm are pairs by another name."""
    adata = study(6)[:12].copy()
    adata.obs["run"] = adata.obs["pair"]
    batch = compare(adata, ms.Design(culture="culture", batch="run")).iloc[0]
    pair = compare(adata, ms.Design(culture="culture", pair="pair")).iloc[0]
    np.testing.assert_allclose(batch[["p", "p_perm"]].astype(float), pair[["p", "p_perm"]].astype(float))


def p_values(design: ms.Design, obs: pd.DataFrame, y: np.ndarray) -> dict[str, tuple[np.ndarray, Plan]]:
    """P of every contrast from the models that `compare` fits, without its intervals, for many scores."""
    found = {}
    for plan in design.plans(obs):
        rows = plan.model.frame["row"].to_numpy()
        found[plan.contrast.name] = fit(y[rows], plan.model.X, plan.model.c(plan.contrast)).p, plan
    return found


@pytest.mark.parametrize("n", [3, 4, 6])
@pytest.mark.parametrize("design", [FULL, PAIRED], ids=["unpaired", "paired"])
def test_levels(n: int, design: ms.Design) -> None:
    """4,000 null scores; t within three Monte-Carlo errors of 0.05, permutation p of 1,000 not above."""
    obs, runs, few = study(n).obs, 4000, 1000
    y = np.random.default_rng(n).normal(size=(len(obs), runs))
    for contrast, (p, plan) in p_values(design, obs, y).items():
        assert three_errors((p < 0.05).mean(), 0.05, runs), contrast
        Y = y[plan.model.frame["row"].to_numpy(), :few]
        found, perm = permuted(plan, plan.model, Y, alpha=0.05, n=199)
        if perm:
            assert (found["p_perm"] <= 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / few), contrast
        else:
            assert np.isnan(found["p_perm"]).all()


TABLE = {  # n: two groups, pairs (SD of the difference), interaction
    3: (3.07, 3.26, 3.70),
    4: (2.38, 2.13, 3.05),
    6: (1.80, 1.43, 2.40),
    12: (1.20, 0.89, 1.65),
}


@pytest.mark.parametrize("n", TABLE)
def test_detectable_effects_of_the_design_paper(n: int) -> None:
    """Two decimals were published."""
    one_line = study(n)[: 2 * n].copy()
    found = [
        compare(one_line, ms.Design(culture="culture"), permutations=0)["detectable"].iloc[0],
        compare(one_line, ms.Design(culture="culture", pair="pair"), permutations=0)["detectable"].iloc[0],
        compare(study(n), FULL, permutations=0).query("contrast == 'interaction'")["detectable"].iloc[0],
    ]
    np.testing.assert_allclose(found, TABLE[n], atol=0.0051)
    paired = compare(study(n), PAIRED, permutations=0).query("contrast == 'interaction'")
    np.testing.assert_allclose(paired["detectable"].iloc[0], TABLE[n][0], atol=0.0051)


def test_detectable_equals_statsmodels() -> None:
    from statsmodels.stats.power import TTestIndPower

    for n, alpha, power in [(4, 0.05, 0.8), (9, 0.01, 0.9)]:
        theirs = TTestIndPower().solve_power(nobs1=n, alpha=alpha, power=power)
        ours = detectable(2 * n - 2, np.sqrt(2 / n), alpha=alpha, power=power)
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


POWERS = [  # published simulations (40,000 runs) at delta in SD
    ("two groups", 3, 2.0, 0.46), ("two groups", 3, 3.0, 0.79), ("two groups", 4, 2.0, 0.66),
    ("two groups", 6, 2.0, 0.87), ("pairs", 3, 2.0, 0.47), ("pairs", 4, 2.0, 0.75), ("pairs", 6, 2.0, 0.97),
    ("interaction", 3, 2.0, 0.33), ("interaction", 3, 3.0, 0.63),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "n", "delta", "expected"), POWERS)
def test_power_of_the_design_paper(kind: str, n: int, delta: float, expected: float) -> None:
    """Within three Monte-Carlo errors of 4,000 runs and the rounding of the published value."""
    runs = 4000
    obs = study(n).obs
    moved = ((obs["culture"] == "co") & (obs["line"] == "resistant")).to_numpy()
    noise = 1 / np.sqrt(2) if kind == "pairs" else 1.0
    y = np.random.default_rng(n).normal(0, noise, size=(len(obs), runs)) + delta * moved[:, None]
    if kind == "interaction":
        p, _ = p_values(FULL, obs, y)["interaction"]
    else:
        own = (obs["line"] == "resistant").to_numpy()
        fields = {"pair": "pair"} if kind == "pairs" else {}
        p, _ = p_values(ms.Design(culture="culture", **fields), obs[own], y[own])["co_vs_mono"]
    error = 3 * np.sqrt(expected * (1 - expected) / runs) + 0.005
    assert abs((p < 0.05).mean() - expected) < error


X = np.repeat(np.eye(4), 4, axis=0)
C = np.array([[1.0, -1, 0, 0], [0, 0, 1, -1], [1, -1, -1, 1]])


def correlated(rng: np.random.Generator, k: int = 3, rho: float = 0.6) -> np.ndarray:
    shared = rng.normal(size=(len(X), 1))
    return np.sqrt(rho) * shared + np.sqrt(1 - rho) * rng.normal(size=(len(X), k))


def test_maxt_of_one_test_is_the_t_test() -> None:
    """Within four Monte-Carlo errors of 9,999 rotations."""
    for seed in range(5):
        Y = np.random.default_rng(seed).normal(size=(16, 1)) + X[:, :1] * seed / 2
        p = fit(Y, X, C[0]).p[0]
        assert abs(maxt(Y, X, C[:1])[0, 0] - p) < 4 * np.sqrt(p * (1 - p) / 9999) + 1e-4


@pytest.mark.slow
def test_maxt_holds_the_family_wise_error_with_and_without_effects() -> None:
    """400 runs of nine correlated tests; then one contrast of one score moves, and only the rest count."""
    runs, limit = 400, 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    rng = np.random.default_rng(2)
    calls, by_holm, false, found = 0, 0, 0, 0
    for i in range(runs):
        Y = correlated(rng)
        calls += maxt(Y, X, C, n=199, rng=i).min() <= 0.05
        by_holm += holm(np.concatenate([fit(Y, X, c).p for c in C])).min() <= 0.05
        Y[:, 0] += 5 * X[:, 0]  # moves the first contrast and, with it, the third
        p = maxt(Y, X, C, n=199, rng=i)
        found += p[0, 0] <= 0.05
        p[[0, 2], 0] = 1
        false += p.min() <= 0.05
    assert by_holm / runs < limit
    assert calls / runs < limit
    assert calls / runs > 0.05 - 3 * np.sqrt(0.05 * 0.95 / runs)
    assert false / runs < limit
    assert found / runs > 0.9


def test_maxt_does_not_depend_on_rows_and_rises_with_p() -> None:
    rng = np.random.default_rng(3)
    Y = correlated(rng) + 1.5 * X[:, :1]
    p = maxt(Y, X, C, n=499)
    order = rng.permutation(16)
    np.testing.assert_allclose(maxt(Y[order], X[order], C, n=499), p, rtol=1e-12)
    plain = np.array([fit(Y, X, c).p for c in C])
    by_p = np.argsort(plain.ravel())
    assert (np.diff(p.ravel()[by_p]) >= 0).all()
    with pytest.raises(ValueError, match="estimable"):
        maxt(Y, np.column_stack([X, X[:, 0]]), np.eye(5)[:1])


def test_maxt_through_compare() -> None:
    adata = study(shift=0.5)
    holm = compare(adata, PAIRED, primary=IDS, permutations=0)
    best = compare(adata, PAIRED, primary=IDS, permutations=0, adjust="maxt")
    own = best["adjustment"] == "maxT"
    assert set(best.loc[own, "contrast"]) == set(PRIMARY)
    assert (best.loc[own, "p_adj"] >= best.loc[own, "p"]).all()
    # Rotations see how the tests hang together, so no p is far above Holm's.
    assert (best.loc[own, "p_adj"] <= holm.loc[own, "p_adj"] + 0.02).all()
    np.testing.assert_array_equal(best.loc[~own, "p_adj"], holm.loc[~own, "p_adj"])
    with pytest.raises(ms.InputError, match="have several"):
        compare(adata, PAIRED, primary=IDS, adjust="maxt", primary_contrasts=["resistance", "induction"])


@pytest.mark.parametrize("design", [FULL, PAIRED], ids=["unpaired", "paired"])
def test_new_columns_do_not_depend_on_the_order_of_rows_or_scores(design: ms.Design) -> None:
    adata = study(shift=0.3)
    shuffled = adata[np.random.default_rng(1).permutation(adata.n_obs)].copy()
    shuffled.obsm["score_singscore"] = shuffled.obsm["score_singscore"][IDS[::-1]]
    options = {"primary": "emt", "permutations": 499}
    before, after = (compare(a, design, **options) for a in (adata, shuffled))
    keys = ["contrast", "signature"]
    numbers = ["p_adj", "p_perm", "p_perm_min", "detectable", "se_inflation", "family_size"]
    a, b = (table.sort_values(keys)[numbers] for table in (before, after))
    np.testing.assert_allclose(b, a, rtol=1e-12)


def test_the_interaction_of_the_demo_is_found() -> None:
    adata = ms.ds.demo()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"])
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    result = compare(adata, design, primary="emt.hallmark")
    line = result.query("signature == 'emt.hallmark' and contrast == 'interaction'").iloc[0]
    assert line["adjustment"] == "Holm"
    assert line["verdict"] == "up"


def test_controls_are_a_family_of_their_own() -> None:
    """So that the answer does not hang on how many controls were scored beside it."""
    adata, more = study(shift=1), study(shift=1)
    extra = [f"control.c{i}" for i in range(30)]
    noise = np.random.default_rng(5).normal(size=(more.n_obs, len(extra)))
    scores = more.obsm["score_singscore"]
    more.obsm["score_singscore"] = scores.join(pd.DataFrame(noise, scores.index, extra))
    alone, beside = (compare(a, FULL, permutations=0) for a in (adata, more))
    own = beside[beside["axis"] != "control"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own[["p_adj", "family"]], alone[["p_adj", "family"]])
    rest = beside[(beside["axis"] == "control") & (beside["contrast"] == "interaction")]
    assert set(rest["family"]) == {"singscore: interaction, controls"}
    assert set(rest["family_size"]) == {30}
    np.testing.assert_allclose(rest["p_adj"], stats.false_discovery_control(rest["p"]), rtol=1e-12)


def test_lists_of_ones_own_join_the_secondary_family_and_leave_the_primary_as_it_is() -> None:
    """By scipy: Benjamini-Hochberg over the own lists and every other that is neither main nor a control."""
    adata, more = study(shift=1), study(shift=1)
    scores = more.obsm["score_singscore"]
    noise = np.random.default_rng(6).normal(size=(more.n_obs, 3))
    own = ["other.a", "other.b", "other.c"]
    more.obsm["score_singscore"] = scores.join(pd.DataFrame(noise, scores.index, own))
    alone, beside = (compare(a, FULL, primary=IDS[1:], permutations=0) for a in (adata, more))
    main = [t[t["adjustment"].eq("Holm")].reset_index(drop=True) for t in (alone, beside)]
    pd.testing.assert_frame_equal(main[0][["p_adj", "family_size"]], main[1][["p_adj", "family_size"]])
    rest = beside[beside["adjustment"].eq("BH") & beside["contrast"].eq("interaction")]
    assert list(rest["signature"]) == [IDS[0], *own]
    assert set(rest["family_size"]) == {4}
    np.testing.assert_allclose(rest["p_adj"], stats.false_discovery_control(rest["p"]), rtol=1e-12)
