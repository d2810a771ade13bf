"""Power by simulation, held against what is known in closed form and against `ms.tl.compare` itself."""

from __future__ import annotations

from math import gamma

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import stats
from statsmodels.stats.power import TTestIndPower, TTestPower

import marrowsig as ms
from marrowsig._stats.components import components
from marrowsig._stats.fdr import bh
from marrowsig._stats.holm import holm
from marrowsig._stats.permute import permutation_p, smallest_p
from marrowsig.tl._power_means import means
from marrowsig.tl._power_runs import Setup, at, established, fits_of, said, study
from marrowsig.tl._power_spread import Spread, given
from marrowsig.tl._power_study import samples
from marrowsig.tl._power_words import percent
from marrowsig.tl._rescue_cases import cases
from marrowsig.tl._rescue_numbers import numbers

TWO = ms.Design(culture="culture", pair="donor")
FOUR = ms.Design(culture="culture", line="line", inhibitor="drug", pair="donor")
RUNS = 4000


def of(plan, contrast: str) -> pd.Series:
    return plan.table.set_index("contrast").loc[contrast]


def near(row: pd.Series, wanted: float) -> bool:
    """Within four Monte-Carlo errors: one false alarm in 16,000 of a seed that is fixed anyway."""
    return abs(row["power_unadjusted"] - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / RUNS)


@pytest.mark.parametrize(("n", "delta"), [(3, 2.0), (4, 1.0), (6, 1.4)])
def test_pairs_are_as_statsmodels_has_them(n, delta):
    # d_z of 1 is a difference of one SD of differences, root 2 of the SD within pairs.
    plan = ms.tl.power(TWO, {"induction": delta}, n=n, within=np.sqrt(0.5), between=3.0, runs=RUNS)
    # One tail at half the level: a wrong direction is not found.
    wanted = TTestPower().power(delta, n, 0.025, alternative="larger")
    assert near(of(plan, "co_vs_mono"), wanted)


@pytest.mark.parametrize(("n", "delta"), [(3, 3.0), (5, 1.5)])
def test_unpaired_samples_carry_the_donors(n, delta):
    design = ms.Design(culture="culture")
    plan = ms.tl.power(design, {"induction": delta}, n=n, within=0.6, between=0.8, runs=RUNS)
    assert near(of(plan, "co_vs_mono"), TTestIndPower().power(delta, n, 0.025, alternative="larger"))


def test_interaction_of_pairs_by_noncentral_t():
    design = ms.Design(culture="culture", line="line", pair="donor")
    plan = ms.tl.power(design, {"interaction": 2.0}, n=5, within=1.0, runs=RUNS)
    df, k = 2 * 4, np.sqrt(4 / 5)  # two lines of n pairs less their means; variance 4 / n
    wanted = stats.nct.sf(stats.t.ppf(0.975, df), df, 2.0 / k)
    row = of(plan, "interaction")
    assert row["df"] == df
    assert near(row, wanted)
    # E s of a chi with df, by the gamma function.
    mean_s = np.sqrt(2 / df) * gamma((df + 1) / 2) / gamma(df / 2)
    assert row["half_width"] == pytest.approx(stats.t.ppf(0.975, df) * k * mean_s, rel=0.01)


WANTED = {"induction": 2.0, "interaction": 1.5, "fraction": 0.5}


@pytest.fixture(scope="module")
def setup() -> Setup:
    return Setup(
        design=FOUR, inhibitors=("A",), batches=1, means=means(FOUR, ("A",), WANTED, 1.0),
        spread=given(1.0, 2.0), primary_contrasts=None, n_primary=2, margin=2.5, target=0.8, alpha=0.05,
        runs=60, rng=3,
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(setup):
    return study(setup, 4)


def as_adata(made, run: int) -> AnnData:
    adata = AnnData(np.zeros((len(made.obs), 1)), obs=made.obs)
    table = {f"emt.x{i}": Y[:, run] for i, Y in enumerate(made.scores())}
    adata.obsm["score_mean"] = pd.DataFrame(table, index=made.obs.index)
    return adata


def test_it_is_what_compare_says(setup, made):
    """Study by study, the family of two signatures through `ms.tl.compare`."""
    rows = pd.DataFrame(at(setup, 4)[0]).set_index("contrast")
    own = (rows["adjustment"] == "Holm").to_numpy()
    found = established(setup, made, [fits_of(made, Y) for Y in made.scores()], own)
    np.testing.assert_array_equal(found.mean(axis=1), rows["power"])
    for run in range(5):
        table = ms.tl.compare(as_adata(made, run), FOUR, primary="emt", permutations=0)
        table = table[table["signature"] == "emt.x0"].set_index("contrast").loc[rows.index]
        right = np.sign(table["estimate"]) == np.sign(rows["effect"])
        told = (table["p_adj"] < 0.05) & (right | (rows["effect"] == 0))
        assert told.tolist() == found[:, run].tolist()
    for name in ("adjustment", "family_size", "df"):
        assert table[name].tolist() == rows[name].tolist()
    assert 0 < found.mean() < 1


def test_fractions_are_what_rescue_says(setup, made):
    case = next(c for c in cases(made.design, made.plans) if c.line == "resistant")
    table = numbers(case, pd.DataFrame(made.scores()[0]), alpha=0.05, margin=2.5)
    hits = said(table, 0.05)
    for run in range(5):
        told = ms.tl.rescue(as_adata(made, run), FOUR, margin=2.5, signatures="emt.x0")
        row = told[(told["kind"] == "line") & (told["line"] == "resistant")].iloc[0]
        assert (row["fraction_kind"] == "interval") == hits["determined"][run]
        assert row["verdict"].startswith("reversed") == hits["reversed"][run]
        assert (row["fully_reversed"] == "yes") == hits["fully"][run]
        if not hits["fully"][run]:
            assert (row["verdict"] == "reversed in part") == hits["in_part"][run]
    rates = pd.DataFrame(at(setup, 4)[1]).set_index("line").loc["resistant"]
    assert rates["fraction"] == pytest.approx(0.5)
    for name, own in hits.items():
        assert rates[name] == own.mean()
    assert 0 < rates["reversed"] < 1


def test_effects_become_means():
    found = means(FOUR, ("A", "B"), {"co_in_parental": 1.0, "co_in_resistant": 3.0, "fraction": 0.5}, 1.0)
    assert found.effects["interaction"] == pytest.approx(2.0)
    assert found.effects["reversal_B_in_resistant"] == pytest.approx(1.5)
    assert found.arms["resistant:co+A"] == pytest.approx(1.5)
    assert found.effects["resistance_in_mono"] == 0
    alone = means(FOUR, ("A",), {"interaction": 1.0}, 2.0)
    assert (alone.effects["co_in_parental"], alone.effects["co_in_resistant"]) == (0, 2)


@pytest.mark.parametrize(
    ("effects", "told"),
    [
        ({"interacton": 1.0}, "Did you mean 'interaction'"),
        ({"co_in_parental": 1.0, "co_in_resistant": 3.0, "interaction": 1.0}, "contradict"),
        ({"induction": "big"}, "has to be a number"),
        ({}, "name what you expect"),
    ],
)
def test_effects_that_cannot_be(effects, told):
    with pytest.raises(ms.InputError, match=told):
        ms.tl.power(FOUR, effects, n=3, within=1.0)


def test_zero_effects_are_false_calls():
    plan = ms.tl.power(FOUR, {"co_in_resistant": 0.0}, n=3, within=1.0, runs=RUNS)
    family = plan.table[plan.table["adjustment"] == "Holm"]
    assert family["family_size"].eq(5).all()
    assert (family["power"] <= 0.05 / 5 * 2).all()
    assert plan.needed.empty


def test_a_pilot_gives_its_components_back():
    rng = np.random.default_rng(1)
    obs = samples(TWO, 60, (), 1)[1]
    donor = pd.factorize(obs["donor"])[0]
    score = rng.normal(0, 0.5, 60)[donor] + rng.normal(0, 0.2, len(obs)) + (obs["culture"] == "co")
    adata = AnnData(np.zeros((len(obs), 1)), obs=obs)
    adata.obsm["score_mean"] = pd.DataFrame({"emt.x": score}, index=obs.index)
    plan = ms.tl.power(TWO, {"induction": 0.2}, n=4, data=adata, method="mean", runs=200)
    # The relative SE of an SD with 59 df is 9.2 %; four of them.
    assert plan.spread.within == pytest.approx(0.2, rel=0.37)
    assert plan.spread.between == pytest.approx(0.5, rel=0.37)
    assert plan.spread.df == 59
    assert plan.table["power_noisier"].iloc[0] <= plan.table["power"].iloc[0]


def test_an_sd_that_is_pooled_over_strata_is_told_with_that_of_each():
    """The SD within pairs of two samples is that of their differences by the root of 2."""
    rng = np.random.default_rng(3)
    n, sds = {"Mono": 5, "Prog": 4}, {"Mono": 0.1, "Prog": 0.3}
    rows = [(f"d{i}", state, arm) for state in n for i in range(n[state]) for arm in ("mono", "co")]
    obs = pd.DataFrame(rows, columns=["donor", "state", "culture"]).set_index(np.arange(18).astype(str))
    adata = AnnData(np.zeros((18, 1)), obs=obs)
    obs["score"] = rng.normal(0, obs["state"].map(sds)) + 0.5 * (obs["culture"] == "co")
    adata.obsm["score_mean"] = obs[["score"]].set_axis(["emt.x"], axis=1)
    wide = obs.pivot_table(index=["state", "donor"], columns="culture", values="score")
    own = (wide["co"] - wide["mono"]).groupby("state").std() / np.sqrt(2)
    pilot = ms.Design(culture="culture", pair="donor", compartment="state")
    plain = ms.Design(culture="culture", pair="donor")
    res = ms.tl.compare(adata, pilot)
    given_ = {"effects": {"induction": 0.3}, "n": 3, "method": "mean", "runs": 100}
    expected = [("compartment=Mono", own["Mono"], 4), ("compartment=Prog", own["Prog"], 3)]
    for data in ({"data": res}, {"data": adata, "data_design": pilot}):
        plan = ms.tl.power(plain, **given_, **data)
        for (name, sd, df), (state, wanted, left) in zip(plan.spread.strata, expected, strict=True):
            assert (name, df) == (state, left)
            assert sd == pytest.approx(wanted, rel=1e-9)
        each = f"compartment=Mono {own['Mono']:.3g} (4 df), compartment=Prog {own['Prog']:.3g} (3 df)"
        assert f"The SD is pooled over 2 strata by their degrees of freedom: {each}." in plan.describe()
    one = ms.tl.power(plain, **given_, data=res[res["stratum"] == "compartment=Prog"])
    assert one.spread.within == pytest.approx(own["Prog"], rel=1e-9)
    assert "pooled" not in one.describe()
    claims = res.assign(**{f"filtered_ci_{s}": 0.5 * res[f"ci_{s}"] for s in ("low", "high")})
    claims.loc[claims["stratum"] == "compartment=Prog", "filtered_ci_high"] = claims["filtered_ci_low"] + 1
    kept = ms.tl.power(plain, **given_, data=res, claims=claims).spread
    times = 1 / (res["ci_high"] - res["ci_low"])[res["stratum"] == "compartment=Prog"].iloc[0]
    fewer = np.array([0.5 * own["Mono"], times * own["Prog"]])
    assert [sd for _, sd, _ in kept.strata] == pytest.approx(fewer, rel=1e-9)
    assert kept.within == pytest.approx(np.sqrt((4 * fewer[0] ** 2 + 3 * fewer[1] ** 2) / 7), rel=1e-9)
    claims.loc[claims["stratum"] == "compartment=Prog", "filtered_ci_low"] = np.nan  # the ratio of the other
    kept = ms.tl.power(plain, **given_, data=res, claims=claims).spread
    assert [sd for _, sd, _ in kept.strata] == pytest.approx(0.5 * own.to_numpy(), rel=1e-9)


@pytest.mark.parametrize(("effect", "lead", "planned"), [(2.0, "Plan 4 pairs", 4), (0.35, "Plan ", 0)])
def test_a_larger_sd_is_told_of_the_number_to_plan(effect, lead, planned):
    from marrowsig.tl._power_needs import needs

    pilot = pd.DataFrame({"score": [0.1, 1.2, 0.0, 1.4, -0.3, 1.0]})
    obs = pd.DataFrame({"culture": ["mono", "co"] * 3, "donor": list("aabbcc")}, index=list("uvwxyz"))
    adata = AnnData(np.zeros((6, 1)), obs=obs)
    adata.obsm["score_mean"] = pilot.set_axis(["emt.x"], axis=1).set_axis(obs.index)
    one = ms.Design(culture="culture", pair="donor")
    plan = ms.tl.power(one, {"induction": effect}, n=range(3, 13), data=adata, method="mean", runs=300)
    told = plan.describe()
    assert told.startswith(lead)
    n = planned or int(needs(plan)[0].most)
    assert n > 3
    rows = plan.table.set_index("n")["power_noisier"]
    said = "The SD, of earlier data, has 2 degrees of freedom. At the upper 80 % limit"
    line = next(line for line in told.splitlines() if line.startswith(said))
    assert f"a plan of {n} pairs finds {percent(rows[n])} % for co vs mono" in line
    assert f"a plan of 3 pairs finds {percent(rows[3])} % for" in plan.describe(3)


def test_components_of_an_unbalanced_table():
    rng = np.random.default_rng(2)
    block = np.repeat(np.arange(9), [1, 2, 2, 3, 3, 3, 2, 1, 3])
    arm = rng.integers(0, 3, len(block))
    X = np.eye(3)[arm]
    Y = rng.normal(0, 2, (9, 20_000))[block] + rng.normal(0, 1, (len(block), 20_000))
    found = components(Y, X, block)
    # Unbiased before it is cut off at zero, which is rare here. Four errors of the mean of 20,000.
    assert found.within.mean() == pytest.approx(1.0, abs=4 * found.within.std() / np.sqrt(20_000))
    assert found.between.mean() == pytest.approx(4.0, abs=4 * found.between.std() / np.sqrt(20_000))


def test_browne_upper_limit():
    spread = Spread(1.0, 0.0, 10, "", paired=True)
    assert spread.noisier == pytest.approx(np.sqrt(10 / stats.chi2.ppf(0.2, 10)))


@pytest.mark.parametrize("p", [np.array([0.01, np.nan, 0.04, 0.03]), np.array([0.5])])
def test_adjusting_many_columns_is_adjusting_each(p):
    table = np.column_stack([p, p[::-1], np.full(len(p), np.nan)])
    for adjust in (holm, bh):
        together = adjust(table)
        for column, own in zip(table.T, together.T, strict=True):
            np.testing.assert_array_equal(adjust(column), own)


def test_smallest_p_is_that_of_the_permutation():
    X = np.hstack([np.repeat(np.eye(2), 4, axis=0), np.tile(np.eye(4), (2, 1))])
    c = np.r_[1.0, -1.0, np.zeros(4)]
    blocks = np.tile(np.arange(4), 2)
    Y = np.random.default_rng(0).normal(size=(8, 1))
    for n in (5, 9999):
        assert smallest_p(X, c, blocks=blocks, n=n) == permutation_p(Y, X, c, blocks=blocks, n=n)[1]


def test_what_is_told_and_drawn():
    plan = ms.tl.power(
        ms.Design(culture="culture", line="line", pair="donor"), {"induction": 3.0, "interaction": 2.0},
        n=[4, 9], within=1.0, runs=500,
    )  # fmt: skip
    row = plan.table.query("contrast == 'interaction' and n == 4").iloc[0]
    told = plan.describe().splitlines()
    assert any(f"found in {100 * row['power']:.0f} % of experiments" in line for line in told)
    assert any("With 4 pairs per line an interaction of 2" in line for line in told)
    assert "where every donor is in both lines, n donors are enough" in plan.describe()
    assert (
        told[0] == "Plan more than 9 pairs per line: 9 find an interaction of 2 as a claim in less than 80 %."
    )
    assert plan.needed.query("contrast == 'interaction'")["n_needed_claims"].isna().all()
    assert "<table" in plan._repr_html_()
    assert len(repr(plan)) < 250
    ax = ms.pl.power(plan)
    line = next(one for one in ax.lines if one.get_label() == "interaction")
    own = plan.table[plan.table["contrast"] == "interaction"]
    np.testing.assert_allclose(line.get_ydata(), own["power"])
    assert any(text.get_text().startswith("more in ") for text in ax.texts)
    import matplotlib.pyplot as plt

    plt.close(ax.figure)


def test_a_reversal_larger_than_the_induction_is_told():
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="donor")
    for size, there in ((0.4, True), (0.2, False)):
        asked = {"induction": 0.3, "reversal": size}
        told = ms.tl.power(design, asked, n=3, within=0.1, runs=100, inhibitors="rux").describe()
        assert ("larger than the induction" in told) == there
    assert "reversing 67 %" in told
    assert percent(1.452) == "145"


def test_shipped_spreads_are_usable():
    table = ms.ds.spreads()
    assert (table["within"] > 0).all()
    assert (table["within_low"] < table["within"]).all()
    assert (table["within"] < table["within_high"]).all()
    assert table[["name", "signature", "method"]].duplicated().sum() == 0
    with pytest.raises(ms.InputError, match=r"Did you mean 't84_il22_ifnl'"):
        ms.tl.power(TWO, {"induction": 0.1}, n=3, source="t84_il22_ifn", signature="il6.hallmark")


def test_the_smallest_p_of_a_permutation_is_that_of_compare():
    """Of interactions without pairs, and of three rows an arm, neither gives one."""
    design = ms.Design(culture="culture", line="line")
    table = ms.tl.power(design, {"interaction": 1.0}, n=[3, 4], runs=100).table
    adata = ms.ds.toy()
    scores = np.random.default_rng(0).normal(size=(adata.n_obs, 1))
    adata.obsm["score_singscore"] = pd.DataFrame(scores, adata.obs_names, ["emt.x"])
    place = adata.obs.groupby(["line", "culture"], observed=True).cumcount().to_numpy()
    for n, rows in table.groupby("n"):
        found = ms.tl.compare(adata[place < n].copy(), design).set_index("contrast")["p_perm_min"]
        own = rows.set_index("contrast")["p_perm_min"]
        np.testing.assert_allclose(own, found[own.index], rtol=1e-12)
        assert np.isnan(own["interaction"]) == (n == 3)


def test_contrasts_of_a_study_give_its_sd():
    """Contrasts hold what the pilot's own scores say; claims that on fewer genes."""
    rng = np.random.default_rng(5)
    design = ms.Design(culture="culture", line="line", pair="donor")
    obs = samples(design, 6, (), 1)[1]
    donor = pd.factorize(obs["donor"])[0]
    adata = AnnData(np.zeros((len(obs), 1)), obs=obs)
    scores = rng.normal(0, 0.5, 99)[donor] + rng.normal(0, 0.2, len(obs)) + (obs["culture"] == "co")
    adata.obsm["score_mean"] = pd.DataFrame({"emt.x": scores}, index=obs.index)
    res = ms.tl.compare(adata, design)
    given_ = {"effects": {"induction": 0.3}, "n": 3, "method": "mean", "runs": 100}
    scored = ms.tl.power(design, **given_, data=adata)
    told = ms.tl.power(design, **given_, data=res)
    # Residuals of a model with the pairs as columns: the same sum of squares.
    assert told.spread.within == pytest.approx(scored.spread.within, rel=1e-9)
    assert told.spread.df == scored.spread.df
    assert "as scored" in " ".join(told.notes)
    claims = res[res["contrast"].eq("co_in_parental")].copy()
    for side in ("low", "high"):
        claims[f"filtered_ci_{side}"] = 1 + claims[f"ci_{side}"] / 4
    kept = ms.tl.power(design, **given_, data=res, claims=claims)
    assert kept.spread.within == pytest.approx(told.spread.within / 4)
    assert "another scale" not in " ".join(kept.notes)
    lead, half = kept.describe().splitlines()[:2]
    assert lead.startswith("Plan ")
    assert "As one of" not in kept.describe()
    assert "On these genes alone, at the level of " in half
    assert half.endswith("(a claim has to pass as scored, too: plan both, and take the larger n).")
    assert " claims, as scored: " in told.describe()
    assert "take the larger n)" not in told.describe()
    both = ms.tl.power(design, **given_, data=res, claims=claims, scored={"induction": 0.3})
    pd.testing.assert_frame_equal(both.scored.table, told.table)  # as if it were planned by itself
    pd.testing.assert_frame_equal(both.table, kept.table)
    first = both.describe().splitlines()[1]
    assert "On these genes alone, at the level of " in first
    share = told.table.query("contrast == 'co_in_parental'")["power_claims"].iloc[0]
    assert f"As scored, an induction of 0.3 in parental cells: {100 * share:.0f} %; 80 % needs" in first
    assert "plan both" not in first
    assert "could not move: plan for both, and take the larger n." in " ".join(kept.notes)
    assert "take the larger n" not in both.describe()  # both are told
    assert "It asks the score as scored and on the genes that stroma could not move. Its" in both.describe()
    assert first.endswith("Both together: more than 3.")
    wide = ms.tl.power(
        design, **{**given_, "n": range(3, 9)}, data=res, claims=claims, scored={"induction": 0.6}
    )
    needs = [plan.needed["n_needed_claims"].max() for plan in (wide, wide.scored)]
    assert needs[1] > needs[0]
    lead, first = wide.describe().splitlines()[:2]
    assert first.endswith(f"Both together: at least {needs[1]:.0f}.")
    assert lead.startswith(f"Plan at least {needs[1]:.0f} pairs per line: ")
    few = ms.tl.power(design, **given_ | {"effects": {"induction": 9}}, data=res, claims=claims,
                      scored={"induction": 9})  # fmt: skip
    assert "Both together: at least 3, the fewest tried." in few.describe()
    low, size = res[res["contrast"].eq("co_in_parental")][["ci_low", "estimate"]].iloc[0]
    for times, there in ((1.0, True), (0.9, False)):
        plan = ms.tl.power(design, **given_ | {"effects": {"co_in_parental": times * size}}, data=res)
        assert (f"the near end of its interval (co vs mono in parental {low:.2g}" in plan.describe()) == there
    for wrong in ({"claims": claims, "scored": {"interaction": 1.0}}, {"scored": {"induction": 1.0}}):
        with pytest.raises(ms.InputError, match=r"^scored= are the effects as scored.*\(induction\)\.$"):
            ms.tl.power(design, **given_, data=res, **wrong)
    with pytest.raises(ms.InputError, match="no column filtered_ci_low"):
        ms.tl.power(design, **given_, data=res, claims=res)
    with pytest.raises(ms.InputError, match="claims= goes with"):
        ms.tl.power(design, **given_, within=1.0, claims=claims)


def test_a_claim_is_one_of_a_family_and_libraries_are_lost():
    plan = ms.tl.power(TWO, {"induction": 2.0}, n=range(3, 12), within=1.0, lost=0.1, runs=RUNS)
    rows = plan.table.set_index("n")
    assert rows["n_claims"].eq(4).all()  # EMT, IL-6 response, JAK/STAT3, IL6
    for n in (4, 8):
        wanted = TTestPower().power(2 / np.sqrt(2), n, 0.05 / 4 / 2, alternative="larger")
        assert rows.loc[n, "power_claims"] == pytest.approx(wanted, abs=0.032)  # four errors of 4,000 runs
    least = plan.needed.iloc[0]
    assert least["n_needed_claims"] > least["n_needed"]
    plan_n, begin = least["n_needed_claims"], least["n_start_claims"]
    lead = (
        f"Plan {plan_n:.0f} pairs, {begin:.0f} to begin with: an induction of 2 is found as a claim in 80 %"
    )
    assert plan.describe().startswith(lead)
    # Both libraries of a pair are there in 81 % of pairs.
    assert least["n_start"] == np.ceil(least["n_needed"] / 0.81)
    assert f"({least['n_start']:.0f} to begin with)" in plan.describe()
    few = ms.tl.power(TWO, {"induction": 90.0}, n=range(3, 5), within=1.0, lost=0.1, runs=100)
    assert few.needed["n_needed_claims"].tolist() == [3]
    # Of a pair both libraries are there in 81 %: 3 / 0.81 and 4 / 0.81.
    begin = "Plan 4 pairs, 5 to begin with, of patients (3, 4 to begin with, of cultures of a cell line, the "
    assert few.describe().startswith(f"{begin}fewest tried): an induction of 90 is found")
    assert few.describe().count("Do not plan patients with 3: 3 pairs tell their spread by 2 degrees") == 1
    assert "Do not plan patients" not in plan.describe()
    claims = plan.wide(claims=True).iloc[0]
    assert claims.loc[int(plan_n)] == pytest.approx(100 * rows.loc[plan_n, "power_claims"])
    assert claims.loc[int(plan_n)] >= 80 > claims.loc[int(plan_n) - 1]


def test_the_figure_shows_the_number_to_plan():
    plan = ms.tl.power(TWO, {"induction": 2.0}, n=range(3, 12), within=1.0, lost=0.1, runs=500)
    ax = ms.pl.power(plan)
    assert ax.get_title(loc="left") == plan.headline == plan.describe().partition(":")[0]
    dashed = next(one for one in ax.lines if one.get_label() == "_as a claim")
    np.testing.assert_allclose(dashed.get_ydata(), plan.table["power_claims"])
    ring = next(one for one in ax.lines if one.get_markersize() == 7)
    assert ring.get_xdata().tolist() == plan.needed["n_needed_claims"].tolist()
    import matplotlib.pyplot as plt

    plt.close(ax.figure)
    ax = ms.pl.power(plan, target=0.9)  # another target than that of the number to plan
    assert not ax.get_title(loc="left")
    plt.close(ax.figure)


def test_own_data_are_not_a_source() -> None:
    design = ms.Design(culture="culture", line="line", pair="pair")
    with pytest.raises(ms.InputError, match=r"source= names a data set .*this AnnData, go to data=\."):
        ms.tl.power(design, {"co_in_resistant": 0.03}, source=ms.ds.toy(), signature="emt.hallmark")


def test_the_command_says_what_it_takes_for_the_induction_of_resistant_cells(tmp_path):
    from click.testing import CliRunner

    from marrowsig.cli import main

    args = ["power", "-e", "induction=1.5", "--runs", "100", "--n", "3-4", "--out", str(tmp_path)]
    said = "co_in_resistant 3.5 = induction + interaction"
    assert said in CliRunner().invoke(main, [*args, "-e", "interaction=2"]).output
    assert "induction + interaction" not in CliRunner().invoke(main, args).output


def test_effects_that_need_alike_many_are_all_named():
    def told(effects, **how) -> str:
        return ms.tl.power(
            ms.Design(culture="culture", line="line", pair="p"), effects, runs=100, **how
        ).describe()

    assert "Most is needed" not in told({"induction": 3.0}, n=[4, 6])
    more = told({"co_in_parental": 1.0, "co_in_resistant": 4.0}, n=[4, 6])
    assert "6 find an induction of 1 in parental cells and an interaction of 3 as a claim in less" in more
    both = told({"co_in_parental": 3.0, "interaction": 4.0}, n=[4, 5, 6])
    assert "Most is needed by an induction of 3 in parental cells and an interaction of 4.\n" in both
    one = told({"co_in_parental": 3.0, "interaction": 2.9}, n=[4, 6, 9])
    assert "Most is needed by an interaction of 2.9.\n" in one


def test_numbers_between_those_asked_are_told_to_be_untried():
    design = ms.Design(culture="culture", pair="p")
    gaps = ms.tl.power(design, {"induction": 2.0}, n=[5, 9, 12], within=1.0, runs=400)
    lead, line = gaps.describe().splitlines()[:2]
    assert lead.startswith("Plan 9 pairs (6 to 8 were not tried): ")
    assert line.count("80 % needs at most 9 (6 to 8 were not tried).") == 2
    assert repr(gaps).endswith("co_vs_mono at most 9>")
    every = ms.tl.power(design, {"induction": 2.0}, n=range(5, 10), within=1.0, runs=400)
    assert every.needed["n_needed"].item() == 6  # which "at most 9" allows, and "9" did not
    assert "at most" not in every.describe() + repr(every)
    one = ms.tl.power(design, {"induction": 2.0}, n=[9], within=1.0, runs=400)
    assert repr(one) == "<Power: 9 pairs; needed for 80 %: co_vs_mono at most 9>"  # not "9 to 9", nor 9
