"""A formula with a term for donors: what its figure joins, how many donors are compared, and its words."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace

import anndata as ad
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig._cli import told
from marrowsig._cli.in_pairs import constant_in_pairs
from marrowsig._cli.run_log import own_in_brief
from marrowsig._report import figures as figures_of
from marrowsig._report.compared import sentences
from marrowsig._report.elements import Pictures
from marrowsig._report.gathered import gathered
from marrowsig._report.look import Look
from marrowsig._sizes import sizes
from marrowsig.pl._colours import GREY
from marrowsig.pl._forest_words import counts

CULTURES = ["mono", "transwell", "contact"]
LEVELS = {"culture": CULTURES, "response": ["sensitive", "refractory"], "patient": "s0"}
MINE = "other.mine"
OWN = "emt.hallmark"
ASKED = {
    "contact_sens": "sensitive:contact - sensitive:mono",
    "contact_ref": "refractory:contact - refractory:mono",
    "more": "(refractory:contact - refractory:mono) - (sensitive:contact - sensitive:mono)",
    "transwell_sens": "sensitive:transwell - sensitive:mono",
    "all_contact": "contact - mono",
}


def design(**other: object) -> ms.FormulaDesign:
    given = {"levels": LEVELS, "contrasts": ASKED, "unit": "patient"} | other
    return ms.Design.from_formula("~ patient + response * culture", **given)


@pytest.fixture(scope="module")
def study():
    """Three sensitive and two refractory patients, each in three cultures, s2 without transwell."""
    rows = [(f"{r[0]}{i}", r, c) for r, n in (("sensitive", 3), ("refractory", 2)) for i in range(n)
            for c in CULTURES]  # fmt: skip
    obs = pd.DataFrame(
        [row for row in rows if row[0::2] != ("s2", "transwell")], columns=["patient", "response", "culture"]
    )
    obs.index = obs["patient"] + obs["culture"]
    rng = np.random.default_rng(4)
    genes = [*sorted(ms.sig.load(OWN).genes)[:60], *sorted(ms.sig.load("il6.hallmark").genes)[:40]]
    genes = list(dict.fromkeys(genes))
    adata = ad.AnnData(rng.normal(6, 1, (len(obs), len(genes))), obs=obs, var=pd.DataFrame(index=genes))
    mine = ms.sig.Signature(MINE, axis="other", genes=genes[::3])
    ms.tl.score(adata, ms.sig.SignatureSet([*ms.sig.load(OWN, "il6.hallmark"), mine]), min_coverage=0.1)
    return adata, ms.tl.compare(adata, design(), primary=[OWN, "il6.hallmark"])


@pytest.mark.parametrize("unit", ["patient", None])
def test_the_samples_of_a_donor_are_joined_and_lines_stand_apart(study, unit) -> None:
    adata, _ = study
    ax = ms.pl.scores(adata, OWN, design=design(unit=unit))
    arms = [f"{r}:{c}" for r in LEVELS["response"] for c in CULTURES]
    assert [points.get_label() for points in ax.collections if ":" in points.get_label()] == arms
    score = adata.obs.assign(score=adata.obsm["score_singscore"][OWN].to_numpy())
    expected = []
    for (_, response), own in score.groupby(["patient", "response"]):
        at = own.set_index("culture")["score"]
        seen = [c for c in CULTURES if c in at]
        place = {c: arms.index(f"{response}:{c}") for c in seen}
        expected += [[place[a], place[b], at[a], at[b]] for a, b in itertools.pairwise(seen)]
    lines = [line for line in ax.lines if line.get_color() == GREY and len(line.get_xdata()) == 2]
    drawn = [[*line.get_xdata(), *line.get_ydata()] for line in lines]
    np.testing.assert_allclose(sorted(drawn), sorted(expected))
    assert sum(line.get_linestyle() == "--" for line in lines) == 1  # past the transwell that s2 lacks
    plt.close("all")


@pytest.fixture(scope="module")
def crossed():
    """Three patients, each in both cultures with vehicle and drug."""
    rows = itertools.product(("p0", "p1", "p2"), ("mono", "co"), ("veh", "drug"))
    obs = pd.DataFrame(rows, columns=["patient", "culture", "given"])
    obs.index = obs.agg("_".join, axis=1)
    genes = [*sorted(ms.sig.load(OWN).genes)[:30], "GAPDH", "ACTB"]
    X = np.random.default_rng(6).normal(6, 1, (len(obs), len(genes)))
    adata = ad.AnnData(X, obs=obs, var=pd.DataFrame(index=genes))
    ms.tl.score(adata, OWN, min_coverage=0.1)
    return adata


def two_by_two() -> ms.FormulaDesign:
    levels = {"culture": ["mono", "co"], "given": ["veh", "drug"], "patient": "p0"}
    asked = {"interaction": "co:drug - mono:drug - co:veh + mono:veh"}
    return ms.Design.from_formula(
        "~ patient + culture * given", levels=levels, contrasts=asked, unit="patient"
    )


def test_all_arms_of_a_donor_are_joined(crossed) -> None:
    """Also those of two levels of the first factor: the term for donors is one for all four."""
    ax = ms.pl.scores(crossed, OWN, design=two_by_two())
    drawn = [line for line in ax.lines if line.get_color() == GREY and len(line.get_xdata()) == 2]
    ends = [tuple(line.get_xdata()) for line in drawn]
    assert sorted(ends) == sorted([(0, 1), (1, 2), (2, 3)] * 3)
    assert {line.get_linestyle() for line in drawn} == {"-"}
    plt.close("all")


@pytest.mark.parametrize(("nested", "one", "below"), [
    (False, "3 pairs", "n = 3 pairs"), (True, "3, 3 pairs", "n = 3, 3 pairs"),
])  # fmt: skip
def test_donors_of_all_four_arms_are_counted_once_and_those_of_each_side_apart(crossed, nested, one, below):
    adata = crossed.copy()
    if nested:  # other patients had the drug
        adata.obs["patient"] += adata.obs["given"].map({"veh": "", "drug": "x"}).to_numpy()
    res = ms.tl.compare(adata, two_by_two())
    assert [sizes(row, between=", ") for row in res.to_dict("records")] == [one]
    assert counts(res) == below


def test_what_is_constant_within_donors_is_told_and_leaves_their_own_contrasts_as_they_are(crossed) -> None:
    """The check is the t of one difference of differences per patient, with or without batch and age."""
    adata = crossed.copy()
    adata.obs["batch"] = adata.obs["patient"].map({"p0": "b1", "p1": "b2", "p2": "b2"})
    adata.obs["age"] = adata.obs["patient"].map({"p0": 40.0, "p1": 50.0, "p2": 61.0})
    plain = two_by_two()
    more = replace(
        plain, formula="~ patient + batch + age + culture * given", levels={**plain.levels, "batch": "b1"}
    )
    (row,) = ms.tl.compare(adata, more).to_dict("records")
    (alone,) = ms.tl.compare(adata, plain).to_dict("records")
    for name in ("estimate", "p", "p_welch", "df_welch", "df"):
        assert row[name] == pytest.approx(alone[name], rel=1e-9), name
    wide = adata.obs.assign(score=adata.obsm["score_singscore"][OWN]).pivot_table(
        index="patient", columns=["culture", "given"], values="score"
    )
    own = wide["co", "drug"] - wide["mono", "drug"] - wide["co", "veh"] + wide["mono", "veh"]
    assert row["p_welch"] == pytest.approx(stats.ttest_1samp(own, 0).pvalue, rel=1e-9)
    assert "(age: constant within, and redundant with, 'patient'; batch: constant" in row["test"]
    said = constant_in_pairs(more, pd.DataFrame([row]))
    assert said.startswith(
        "--formula: each level of 'patient' has one level or value of 'age', 'batch', so that the terms "
        "'age', 'batch' are redundant beside that of 'patient': "
    )
    assert not constant_in_pairs(plain, pd.DataFrame([alone]))


def test_without_a_term_for_donors_nothing_is_joined(study) -> None:
    model = ms.Design.from_formula(
        "~ response * culture", levels={k: LEVELS[k] for k in ("response", "culture")}, contrasts=ASKED
    )
    adata = study[0].copy()
    del adata.obs["patient"]
    ax = ms.pl.scores(adata, OWN, design=model)
    assert not [line for line in ax.lines if line.get_color() == GREY]
    assert not model.contrasts(adata.obs)["n_pairs"].any()
    plt.close("all")


def test_donors_that_hold_both_arms_are_counted(study) -> None:
    adata, res = study
    n = res.groupby("contrast")["n_pairs"].first()
    assert n.to_dict() == {
        "contact_sens": 3, "contact_ref": 2, "more": 2, "transwell_sens": 2, "all_contact": 5,
    }  # fmt: skip
    assert design().contrasts(adata.obs).set_index("contrast")["n_pairs"].to_dict() == n.to_dict()


def test_methods_name_every_contrast_and_the_patients(study) -> None:
    adata, res = study
    compared, model, tested = sentences(gathered(adata, res, design()))
    assert tested.startswith("P values are of t on ")
    assert compared.endswith("and 1 further contrast (all_contact).")
    assert "replicates were 5 patients (2 to 3 in each arm, compared within patients; more between" in model


def test_the_legend_names_what_its_figure_draws_and_the_own_list_is_drawn(study, monkeypatch) -> None:
    for name in ("_forest", "_heatmap", "_coverage"):  # slow, and not asked here
        monkeypatch.setattr(figures_of, name, lambda *_: None)
    adata, res = study
    given = gathered(adata, res, design())
    given.extras["look"] = Look(labels={MINE: "MSC contact", "contact": "touch"})
    figures = [
        f for part in figures_of.section(given).parts if isinstance(part, Pictures) for f in part.figures
    ]
    assert [f.name for f in figures] == ["figure", "scores_other_mine"]
    legend = figures[0].caption
    assert "MSC contact" not in legend
    assert "Names in the figure: touch for contact." in legend
    assert "singscore of each sample (5 patients), by arm" in legend
    assert "grey lines join the samples of one patient, from arm to arm, dashed" in legend
    plt.close("all")


def test_the_terminal_has_a_line_of_the_own_list(study, capsys) -> None:
    adata, res = study
    done = SimpleNamespace(
        adata=adata, res=res, design=design(), tables={}, contrasts=design().contrasts(adata.obs),
        coverage=lambda: ms.get.coverage(adata),
    )  # fmt: skip
    [line] = own_in_brief(done)
    assert line.startswith(f"{MINE}: contact_sens ")
    assert [f"{name} " in line for name in ASKED] == [True] * len(ASKED)
    found = res[res["signature"].eq(MINE) & res["contrast"].eq("all_contact")].iloc[0]
    assert f"{found['estimate']:.2g}" in line
    told._told_own([line], "by BH", asked=False)
    assert capsys.readouterr().out.startswith(
        "Lists of your own (no claims, carry-over not asked; adj. p by BH)"
    )
