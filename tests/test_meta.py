"""Pooled estimates against metafor's numbers, closed forms and a simulation, and what is never pooled."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig.tl._meta_inputs import effect_variance
from marrowsig.tl._pooled import pooled

# Vaccinated with and without tuberculosis, not vaccinated with and without: Colditz et al., JAMA 1994, the
# data dat.bcg of the R package metafor.
BCG = np.array([
    [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619], [33, 5036, 47, 5761],
    [180, 1361, 372, 1079], [8, 2537, 10, 619], [505, 87886, 499, 87892], [29, 7470, 45, 7232],
    [17, 1699, 65, 1600], [186, 50448, 141, 27197], [5, 2493, 3, 2338], [27, 16886, 29, 17825],
], dtype=float)  # fmt: skip


def bcg() -> tuple[np.ndarray, np.ndarray]:
    a, b, c, d = BCG.T
    return np.log(a / (a + b)) - np.log(c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def study(name: str, shift: float = 0.0, **changes: object) -> pd.DataFrame:
    """One row as of `ms.tl.compare`: six samples, two arms."""
    row = {
        "study": name, "signature": "il6.x", "method": "singscore", "contrast": "co_vs_mono", "stratum": "",
        "test_arm": "co", "base_arm": "mono", "n_test": 3, "n_base": 3, "n_pairs": 0,
        "estimate": 0.1 + shift, "se": 0.02, "df": 4, "effect_name": "hedges_g",
    } | changes  # fmt: skip
    row["ci_low"], row["ci_high"] = row["estimate"] - 2.78 * row["se"], row["estimate"] + 2.78 * row["se"]
    row["stat"] = row["estimate"] / row["se"]
    row["effect"] = row["stat"] * np.sqrt(2 / 3) * 0.7979
    row["effect_low"], row["effect_high"] = row["effect"] - 3, row["effect"] + 3
    return pd.DataFrame([row])


def several(*shifts: float, **changes: object) -> pd.DataFrame:
    return pd.concat([study(f"s{i}", s, **changes) for i, s in enumerate(shifts)], ignore_index=True)


def test_numbers_of_metafor_for_many_studies():
    # metafor: tests/testthat/test_misc_confint.r and test_misc_metan_vs_rma.uni_with_dat.bcg.r; 4 decimals
    found = pooled(*bcg(), tau2="dl", scale="plain", alpha=0.05)
    assert found.estimate == pytest.approx(-0.7141, abs=5e-5)
    assert (found.tau2, found.tau2_low, found.tau2_high) == pytest.approx((0.3088, 0.1197, 1.1115), abs=1e-4)
    assert (found.i2, found.i2_low, found.i2_high) == pytest.approx((0.921173, 0.819177, 0.976781), abs=5e-5)
    assert found.q == pytest.approx(152.2330, abs=5e-5)


def test_numbers_of_metafor_for_few_studies():
    # rma(yi, vi, method="PM", test="knha") and predict(); 5 decimals
    y, v = np.array([0.40, -0.20, 0.55, 0.10]), np.array([0.05, 0.06, 0.04, 0.05])
    found = pooled(y, v, tau2="pm", scale="plain", alpha=0.05)
    assert (found.estimate, found.tau2) == pytest.approx((0.22957, 0.05930), abs=1e-5)
    assert (found.pi_low, found.pi_high) == pytest.approx((-0.70650, 1.16564), abs=1e-5)
    # confint(), whose search for the root ends some 1e-5 from it
    y = np.array([0.80, 0.20, 0.95, -0.10, 0.55, 0.70, 0.05, 0.40])
    v = np.array([0.02, 0.03, 0.015, 0.04, 0.025, 0.02, 0.05, 0.03])
    found = pooled(y, v, tau2="pm", scale="plain", alpha=0.05)
    assert (found.tau2_low, found.tau2_high) == pytest.approx((0.031707203, 0.545204664), abs=2e-5)
    assert (found.i2_low, found.i2_high) == pytest.approx((0.553285272, 0.955151118), abs=1e-5)


@pytest.mark.parametrize(
    ("scale", "se", "p", "low"),
    [
        ("floored", 0.0632455532, 0.1721493554, -0.1401236521),  # rma(yi, vi, method="PM", test="adhoc")
        ("plain", 0.0225388553, 0.0279391037, 0.0350231325),  # test="knha"; both by metafor 3.8-1
    ],
)
def test_the_bound_is_metafors_adhoc_and_without_it_knha(scale, se, p, low):
    # Studies that agree by chance: tau2 is 0, and the factor 0.127
    found = pooled(
        np.array([0.10, 0.12, 0.17]), np.array([0.01, 0.02, 0.01]), tau2="pm", scale=scale, alpha=0.05
    )
    assert (found.se, found.p, found.ci_low, found.pi_low) == pytest.approx((se, p, low, low), abs=1e-9)


@pytest.mark.parametrize("tau2", ["pm", "dl"])
def test_equal_variances_give_the_t_test_of_the_estimates(tau2):
    # With equal variances Hartung and Knapp's interval is that of the mean of k numbers: a closed form.
    y = np.array([0.3, 0.1, 0.9, 0.4, -0.2])
    found = pooled(y, np.full(5, 0.01), tau2=tau2, scale="plain", alpha=0.05)
    t = stats.ttest_1samp(y, 0)
    low, high = t.confidence_interval()
    assert (found.stat, found.p) == pytest.approx((t.statistic, t.pvalue), rel=1e-8)
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), rel=1e-8)
    assert found.tau2 == pytest.approx(y.var(ddof=1) - 0.01, rel=1e-7)  # both estimators


@pytest.mark.parametrize("tau2", ["pm", "dl"])
def test_studies_that_agree_are_not_more_certain_than_their_errors(tau2):
    y, v = np.array([0.1, 0.1001, 0.0999]), np.array([0.01, 0.02, 0.03])
    plain = pooled(y, v, tau2=tau2, scale="plain", alpha=0.05)
    floored = pooled(y, v, tau2=tau2, scale="floored", alpha=0.05)
    assert floored.tau2 == plain.tau2 == 0
    assert floored.se == pytest.approx((1 / v).sum() ** -0.5)
    assert plain.se < floored.se / 50
    assert floored.weights == pytest.approx(1 / v / (1 / v).sum())


def test_variance_of_g_is_unbiased():
    rng = np.random.default_rng(0)
    n, delta, runs = 6, 1.5, 40_000
    a, b = rng.normal(delta, 1, (runs, n)), rng.normal(0, 1, (runs, n))
    sd = np.sqrt((a.var(1, ddof=1) + b.var(1, ddof=1)) / 2)
    d = (a.mean(1) - b.mean(1)) / sd
    j = 0.9227456  # exact factor at 10 df
    rows = pd.DataFrame(
        {"df": 2.0 * n - 2, "effect": d * j, "effect_name": "hedges_g", "stat": d / np.sqrt(2 / n)}
    )
    # Monte-Carlo error of a variance over 40,000 runs is below 1.5 %.
    assert effect_variance(rows).mean() == pytest.approx((d * j).var(), rel=0.03)


def test_a_row_per_signature_and_contrast_with_each_study_left_out():
    found = ms.tl.meta(several(0.0, 0.05, 0.02, -0.03))
    row = found.table.iloc[0]
    assert (row["n_studies"], row["n_samples"], row["df"]) == (4, 24, 3)
    assert found.studies["weight"].sum() == pytest.approx(1)
    assert list(found.without["without"]) == ["s0", "s1", "s2", "s3"]
    rest = ms.tl.meta(several(0.0, 0.05, 0.02)).table.iloc[0]
    last = found.without.iloc[-1]
    assert last[["estimate", "ci_low", "p"]].tolist() == pytest.approx(
        rest[["estimate", "ci_low", "p"]].tolist()
    )
    assert row["without_low"] == found.without["estimate"].min()


def test_two_studies_are_listed_with_the_reason():
    row = ms.tl.meta(several(0.0, 0.01)).table.iloc[0]
    assert np.isnan(row["estimate"])
    assert row["verdict"] == "not pooled"
    assert "2 of 3 studies" in row["reason"]
    with pytest.raises(ms.InputError, match="fewer than 3"):
        ms.tl.meta(several(0.0, 0.01), min_studies=2)


def test_what_is_not_comparable_is_not_pooled():
    table = several(0.0, 0.01, 0.02)
    row = ms.tl.meta(table.assign(sha256=["a", "a", "b"])).table.iloc[0]
    assert "genes are not the same" in row["reason"]
    mixed = table.assign(effect_name=["hedges_g", "g_z", "hedges_g"])
    assert "different kinds of SD" in ms.tl.meta(mixed, on="effect").table.iloc[0]["reason"]
    assert ms.tl.meta(mixed).table.iloc[0]["reason"] == ""
    two = table.assign(method=["singscore", "ucell", "singscore"])
    assert ms.tl.meta(two).table["n_studies"].tolist() == [2, 1]
    with pytest.raises(ms.InputError, match="repeat a study"):
        ms.tl.meta(table.assign(study="one"))
    with pytest.raises(ms.InputError, match="'study'"):
        ms.tl.meta(table.drop(columns="study"))


def test_a_study_without_an_estimate_is_left_out_and_named():
    table = several(0.0, 0.01, 0.02, 0.03)
    table.loc[1, ["estimate", "se"]] = np.nan
    found = ms.tl.meta(table)
    assert found.table.iloc[0]["n_studies"] == 3
    assert "s1 (not estimated)" in found.table.iloc[0]["notes"]
    assert found.studies["weight"].isna().tolist() == [False, True, False, False]


def test_one_study_under_two_names_is_refused_by_name():
    table = several(0.0, 0.05, 0.02)
    copy = table[table["study"] == "s1"].assign(study="again")
    with pytest.raises(
        ms.InputError, match=r"'s1' and 'again' have the same estimate .* one study under two"
    ):
        ms.tl.meta(pd.concat([table, copy]))
    near = copy.assign(se=copy["se"] * (1 + 1e-12))
    assert ms.tl.meta(pd.concat([table, near])).table["n_studies"].tolist() == [4]


def test_different_coverage_and_arms_are_told():
    table = several(0.0, 0.01, 0.02).assign(coverage=[0.95, 0.6, 0.9], test_arm=["TGFb", "co", "co"])
    with pytest.warns(ms.InputWarning) as told:
        row = ms.tl.meta(table).table.iloc[0]
    arms, shares = (str(one.message) for one in told)
    assert arms.startswith("Studies of unlike arms are pooled: TGFb - mono, co - mono.")
    assert "very different shares of the genes of il6.x" in shares
    assert {one.filename for one in told} == {__file__}
    assert "60% (s1) to 95% (s0)" in row["notes"]
    assert "TGFb - mono" in row["notes"]


def test_a_mean_of_studies_that_differ_is_up_on_average_alone():
    # Equal variances v: tau2 is var - v, the squared SE of the mean var / 5, and the next study has both
    sizes = np.array([0.02, 0.11, 0.03, 0.09, 0.05])
    found = ms.tl.meta(several(*(sizes - 0.1), se=0.002))
    row, t = found.table.iloc[0], stats.t.isf(0.025, 4)
    assert row["p_adj"] == pytest.approx(stats.ttest_1samp(sizes, 0).pvalue, rel=1e-6)
    assert row["p_adj"] < 0.05
    assert row["pi_low"] == pytest.approx(sizes.mean() - t * np.sqrt(1.2 * sizes.var(ddof=1) - 0.002**2))
    assert row["pi_low"] < 0
    assert row["verdict"] == "up on average, not in every study"
    assert "higher on average, not in every study" in ms.tl.explain(found).iloc[0]
    assert ms.tl.meta(several(*(sizes - 0.1 + 0.3), se=0.002)).table["verdict"].tolist() == ["up"]


def test_adjusted_p_of_the_primary_family_is_holm_and_the_rest_bh():
    parts = [
        several(size - 0.1, size - 0.099, size - 0.101, signature=f"{axis}.x")
        for axis, size in (("il6", 0.1), ("emt", 0.05), ("control", 0.04), ("stat1", 0.02))
    ]
    table = ms.tl.meta(pd.concat(parts), primary=["il6", "emt"]).table
    assert table["adjustment"].tolist() == ["Holm", "Holm", "BH", "BH"]
    assert table["family_size"].tolist() == [2, 2, 1, 1]  # controls by themselves
    assert table["p_adj"].iloc[:2].min() == pytest.approx(2 * table["p"].iloc[:2].min())
    with pytest.raises(ms.InputError, match="stat9"):
        ms.tl.meta(pd.concat(parts), primary="stat9")


def test_level_of_the_pooled_test():
    # Four studies of 6 against 6 with effects of their own (SD 1) around 0; three Monte-Carlo errors above.
    rng = np.random.default_rng(5)
    runs = 600
    shift = rng.normal(0, 1, (runs, 4))
    a = rng.normal(shift[..., None], 1, (runs, 4, 6))
    b = rng.normal(0, 1, (runs, 4, 6))
    y = a.mean(2) - b.mean(2)
    v = (a.var(2, ddof=1) + b.var(2, ddof=1)) / 6
    p = np.array([pooled(*both, tau2="pm", scale="floored", alpha=0.05).p for both in zip(y, v, strict=True)])
    assert (p < 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    assert (p < 0.05).mean() > 0.01


def test_the_figure_draws_the_numbers():
    found = ms.tl.meta(several(0.0, 0.05, 0.02, -0.03))
    ax = ms.pl.meta(found, "il6.x")
    row = found.table.iloc[0]
    spans = [line.get_xdata() for line in ax.lines]
    studies = found.studies
    for low, high in zip(studies["low"], studies["high"], strict=True):
        assert any(np.allclose(s, [low, high]) for s in spans)
    assert any(np.allclose(s, [row["pi_low"], row["pi_high"]]) for s in spans)
    diamond = ax.patches[0].get_xy()[:, 0]
    assert (diamond.min(), diamond.max()) == pytest.approx((row["ci_low"], row["ci_high"]))
    centres = sorted(c.get_offsets()[0][0] for c in ax.collections)
    assert centres == pytest.approx(sorted(studies["estimate"]))
    assert "further study, prediction" in [t.get_text() for t in ax.get_yticklabels()]
    with pytest.raises(ms.InputError, match="no signature"):
        ms.pl.meta(found, "emt.y")
    few = ms.pl.meta(ms.tl.meta(several(0.0, 0.05)), "il6.x")
    assert "not pooled" in [t.get_text() for t in few.get_yticklabels()]
    plt.close("all")


def test_the_table_keeps_the_level_of_its_intervals():
    assert ms.tl.meta(several(0.0, 0.1, 0.2), alpha=0.1).table.attrs["alpha"] == 0.1


def test_the_methods_paragraph_says_how_it_was_pooled_and_by_whose_method():
    # metafor's own names: method="PM" and "DL"; test="adhoc" is "knha" with a standard error never below the
    # unadjusted one. The papers are those that its help of rma names for them.
    said = ms.methods_text(ms.tl.meta(several(0.0, 0.05, 0.02), primary="il6.x"))
    assert said.text.startswith("The 3 studies s0 (6 samples), s1 (6 samples) and s2 (6 samples) were ")
    assert 'rma(yi, vi, method="PM", test="adhoc")' in said.text
    assert "where at least 3 studies had" in said.text
    assert "primary family (1 test) were adjusted by Holm" in said.text
    assert {"PauleMandel1982", "HartungKnapp2001", "Roever2015", "Viechtbauer2007"} <= set(said.keys)
    assert [line[: line.index("]") + 1] for line in said.references] == [
        f"[{n}]" for n in range(1, len(said.keys) + 1)
    ]
    cited = {int(n) for group in re.findall(r"\[([\d, ]+)\]", said.text) for n in group.split(", ")}
    assert cited == set(range(1, len(said.keys) + 1))
    assert all(f"{{{key}," in said.bibtex for key in said.keys)


def test_the_methods_paragraph_follows_the_options():
    rows = several(0.0, 0.05, 0.02, effect_name="g_z", n_pairs=3)
    said = ms.methods_text(ms.tl.meta(rows, on="effect", scale="plain", tau2="dl", alpha=0.1))
    assert 'rma(yi, vi, method="DL", test="knha")' in said.text
    assert "never below" not in said.text
    assert "s0 (3 pairs)" in said.text
    assert "Effect sizes (g_z of pairs [" in said.text
    assert "(90 %)" in said.text
    assert {"Hedges1981", "DerSimonianLaird1986"} <= set(said.keys)
    assert not {"PauleMandel1982", "Roever2015", "Holm1979"} & set(said.keys)
    assert "Nothing was pooled" in ms.methods_text(ms.tl.meta(several(0.0, 0.05))).text


def test_a_list_is_cited_only_where_its_genes_are_those_of_the_catalogue():
    rows = several(0.0, 0.05, 0.02, signature="il6.hallmark")
    own = ms.sig.load("il6.hallmark")["il6.hallmark"].sha256
    assert "Liberzon2015" in ms.methods_text(ms.tl.meta(rows.assign(sha256=own))).keys
    said = ms.methods_text(ms.tl.meta(rows.assign(sha256="0" * 64)))
    assert "il6.hallmark, a list of our own" in said.text
    assert "Liberzon2015" not in said.bibtex
    assert "Liberzon2015" not in said.keys


def test_a_study_and_a_meta_analysis_are_not_mixed_up():
    found = ms.tl.meta(several(0.0, 0.05, 0.02))
    with pytest.raises(ms.InputError, match="res is of one study"):
        ms.methods_text(found, found.table)
    with pytest.raises(ms.InputError, match=r"A study needs res=, what ms\.tl\.compare returned"):
        ms.methods_text(ms.ds.toy())
    bare = found._replace(table=pd.DataFrame(found.table.to_dict("list")))
    with pytest.raises(ms.InputError, match="does not say how it was pooled"):
        ms.methods_text(bare)
