"""The legend of the figure for a paper: n, model and marks as in the results, and the file that holds it."""

from __future__ import annotations

import math
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig._as_claimed import as_claimed
from marrowsig._check_words import STANDS
from marrowsig._out_folder import _short
from marrowsig._report import sensitivity
from marrowsig._report.drawn_as_scored import as_scored, kept_of
from marrowsig._report.lead import families
from marrowsig._report.legend import _carried, _cited, _filled, _model, pairs
from marrowsig._report.legend_arms import OPEN, of_arms
from marrowsig._report.legend_counts import counted, spelled
from marrowsig._report.paper_alt import paper_alt
from marrowsig._report.picture import picture
from marrowsig.pl._colours import GREY
from marrowsig.pl._kept_sizes import JOINT, as_answered
from marrowsig.pl._overview_key import entries
from marrowsig.tl._claims_size import switched

MODELS = {"compartment=CD45+": ("linear model on 6 arms", 12.0), "compartment=CD90+": ("", 6.0)}


def rows() -> pd.DataFrame:
    frame = pd.DataFrame({"stratum": list(MODELS), "estimate": 0.1, "n_test": [4, 3], "n_base": [4, 5]})
    return frame.assign(test=[told for told, _ in MODELS.values()], df=[df for _, df in MODELS.values()])


def test_it_names_the_arms_that_have_other_units_than_most() -> None:
    names = {arm: f"arm {arm}" for arm in "abcde"}
    n = pd.Series({"a": 4, "b": 3, "c": 4, "d": 5, "e": 4})
    assert counted(n, names) == "n = 3 in arm b, 5 in arm d, 4 in the others"
    assert counted(n.iloc[[0, 2]], names) == "n = 4 in each"
    assert counted(pd.concat([n.iloc[:1], n.iloc[:1] - 1]), names) == "n = 3 to 4, as below each"


def test_pairs_are_counted_where_tests_were_paired() -> None:
    """By hand, from what the contrasts hold; a contrast without an estimate has no test."""
    own = pd.DataFrame({"estimate": [1.0, 2.0, math.nan], "n_pairs": [4, 3, 6]})
    assert pairs(own) == ", 3 to 4 in each contrast"
    assert pairs(own.iloc[:1]) == ", 4 in each contrast"
    assert pairs(own.assign(n_pairs=[4, 0, 6])) == ", 4 in each paired contrast"
    assert pairs(own.assign(n_pairs=0)) == ""


def test_each_compartment_has_its_own_model() -> None:
    both = (
        "CD45+: linear model on 6 arms, 12 residual degrees of freedom; CD90+: 6 residual degrees of freedom"
    )
    assert _model(rows()) == f" ({both})"
    alike = rows().assign(test="linear model on 6 arms", df=12.0)
    assert _model(alike) == " (CD45+ and CD90+: linear model on 6 arms, 12 residual degrees of freedom each)"
    one = rows().iloc[:1].assign(stratum="")
    assert _model(one) == " (linear model on 6 arms, 12 residual degrees of freedom)"
    mixed = pd.concat([one, one.assign(df=7.5)])
    assert _model(mixed) == " (linear model on 6 arms)"  # no one number of degrees of freedom
    assert _model(one.assign(estimate=np.nan)) == ""
    answered = rows().assign(
        test=["linear model on 6 arms", "not estimable: no rows in AML:alone"], df=[12, np.nan]
    )
    assert _model(answered) == " (CD45+: linear model on 6 arms, 12 residual degrees of freedom)"


def test_only_the_figure_for_a_paper_has_its_legend_as_a_file() -> None:
    files = picture("figure", plt.subplots()[1], "alt", "Filled: supported (†).").files([])
    assert list(files) == ["figure.pdf", "figure.png", "figure.txt"]
    assert files["figure.txt"].decode("utf-8") == "Filled: supported (†).\n"
    assert list(picture("claims", plt.subplots()[1], "alt", "words").files([".png"])) == [
        "figures/claims.png"
    ]


FULL = "Filled marks have an adjusted p below 0.05"
LEFT = "which is no evidence of no change. "


@pytest.mark.parametrize(
    ("p", "claimed", "said"),
    [
        ([0.01, 0.02], ["", ""], f"{FULL}. "),
        ([0.01, 0.2], ["", ""], f"{FULL}; open marks are not established, {LEFT}"),
        ([0.01, 0.02], ["supported", "supported"], "Filled marks are supported claims. "),
        (
            [0.01, 0.01],
            ["cannot tell", "not supported"],
            f"Open marks are not supported or cannot be told, {LEFT}",
        ),
        ([0.2, 0.2], ["not supported", ""], f"Open marks are not supported or not established, {LEFT}"),
    ],
)
def test_it_explains_filled_and_open_marks_where_there_are_any(
    p: list[float], claimed: list[str], said: str
) -> None:
    assert _filled(pd.DataFrame({"p_adj": p, "claimed": claimed}), 0.05) == said


def test_it_names_open_points_lines_and_bars_of_arms_where_they_are_drawn() -> None:
    """Against what `ms.pl.scores` draws: open points, lines of pairs, and bars from three units on."""
    adata = ms.ds.toy()
    ms.tl.score(adata, "emt.hallmark")
    paired = ms.Design(culture="culture", line="line", pair="pair")
    few = adata.obs["pair"].isin(sorted(adata.obs["pair"].unique())[:2]).to_numpy()
    lone = ~((adata.obs["culture"] == "co") & (adata.obs["pair"] == adata.obs["pair"].iloc[0])).to_numpy()
    bars = "; bars are means with 95 % confidence intervals of the arm"
    lines, points = "; grey lines join pairs, 4 in each", f"; {OPEN}"
    for own, design, n, wanted in (
        (adata, paired, 4, f"{lines}{bars}"),
        (adata, ms.Design(culture="culture", line="line"), 4, bars),
        (adata[few], paired, 2, lines),
        (adata[lone], paired, 3, f"{points}{lines}{bars}"),
    ):
        given = SimpleNamespace(adata=own, design=design, method="singscore", extras={})
        assert of_arms(given, ["emt.hallmark"], [], ", 4 in each") == f" (n = {n} in each){wanted}"
        ax = ms.pl.scores(own, "emt.hallmark", design=design)
        hollow = any(not len(dots.get_facecolors()) for dots in ax.collections if hasattr(dots, "get_sizes"))
        assert hollow == (points in wanted)
        assert bool(ax.containers) == (bars in wanted)
        assert any(line.get_color() == GREY for line in ax.lines) == (lines in wanted)
        plt.close("all")


@pytest.mark.parametrize(
    ("own", "kept", "said"), [(0.8, 0.001, True), (0.01, 0.001, False), (0.8, 0.3, False)]
)
def test_it_says_which_test_decides_where_only_that_on_fewer_genes_is_established(
    own: float, kept: float, *, said: bool
) -> None:
    row = {"signature": "a", "cite": "filtered_estimate", "p_adj": own, "filtered_p_adj": kept}
    row |= {"n_kept": 6, "n_genes": 9, "filtered_estimate": 0.1}
    told = _cited([row], [pd.DataFrame([row])], 0.05)
    assert told.startswith("Circles are contrasts as scored, triangles the same on the 6 of 9 genes")
    assert ("open where only that p is: the test as scored decides" in told) is said
    other = {"signature": "b", "cite": "estimate", "p_adj": 0.3}
    both = _cited([row, other], [pd.DataFrame([row])], 0.05)  # which of two has triangles is said
    assert [" could not move (a): " in text for text in (told, both)] == [False, True]


def test_genes_and_ticks_of_stroma_are_told_apart_from_those_of_the_cells() -> None:
    cells, stroma = "compartment=AML", "compartment=HS-5"
    row = {"signature": "il6.hallmark", "method": "singscore", "p_adj": 0.01, "cite": "filtered_estimate"}
    row |= {"filtered_estimate": 0.1, "filtered_p_adj": 0.01, "carried": 0.01, "n_genes": 81, "estimate": 0.2}
    rows = [
        row | {"claim": "il6_up", "stratum": cells, "contrast": "co_in_parental", "n_kept": 54},
        row | {"claim": "stroma_il6_up", "stratum": stroma, "contrast": "co_in_parental", "n_kept": 62},
    ]
    claims = pd.DataFrame(rows)
    said = _cited(rows, [claims], 0.05)
    assert "on the 54 of 81 genes that stroma could not move, and in rows of HS-5 on the 62 of 81" in said
    assert "genes that leukaemia RNA could not move: filled" in said
    ticks = _carried(rows, [claims])
    assert ticks == (
        "Vertical ticks: what stroma's RNA gives by itself, in rows of HS-5 what leukaemia RNA gives. "
    )
    assert "that stroma could not move: filled" in _cited(rows[:1], [claims], 0.05)
    unasked = pd.DataFrame([{"claim": "stroma_il6_up", "stratum": "", "verdict": "not asked"}])
    assert (
        _carried([{**row, "stratum": ""}], [unasked]) == "Vertical ticks: what stroma's RNA gives by itself. "
    )
    open_ = pd.DataFrame([{"claimed": "cannot tell", "p_adj": 0.01, "cite": ""}])
    assert _filled(open_, 0.05).startswith("Open marks: cannot be told")
    key = [e.words for e in entries(claims, 0.05, asked=True, cut=False, stroma=[stroma])]
    assert any("genes that RNA of the other cells could not move" in words for words in key)

    res = claims.assign(ci_low=0.0, ci_high=0.4, p=0.01).drop(columns=["cite", "n_kept", "claim"])
    given = SimpleNamespace(
        main=res, judged=claims.assign(verdict="supported", family_size=2), extras={}, alpha=0.05
    )
    told = as_scored(kept_of(given), ["il6.hallmark"])
    assert told.startswith("; drawn as scored, while the size to cite is on the 54 of 81 genes that stroma")
    assert told.endswith(
        "could not move in AML and the 62 of 81 genes that leukaemia RNA could not move in HS-5"
    )
    assert "62 of 81" not in as_scored(kept_of(given), ["il6.hallmark"], cells)
    given.judged = given.judged.assign(cite="estimate")
    assert as_scored(kept_of(given), ["il6.hallmark"]) == ""

    numbers = {"ci_low": 0.1, "ci_high": 0.3, "df": 3.0, "test": "two arms"}
    own = pd.DataFrame([{**rows[1], **numbers, "contrast": "resistance_in_co"}, {**rows[1], **numbers}])
    res = own.assign(estimate=[0.2, np.nan], ci_low=[0.0, np.nan], ci_high=[0.4, np.nan])
    own["df"] = 6.0
    found = as_answered(res, own, joint=True)  # the interval of the model that its p is of
    assert found["ci_low"].tolist() == [0.1, 0.1]
    assert found["test"].tolist() == [JOINT, JOINT]
    other = pd.DataFrame([{"stratum": cells, "test": "linear model on 10 arms", "df": 23, "estimate": 0.1}])
    said = _model(pd.concat([found.assign(n_pairs=4), other]), ms.Design(culture="c", pair="experiment"))
    assert f"HS-5: {JOINT}, paired by 'experiment', 6 residual degrees of freedom; AML: linear" in said
    assert "paired" not in _model(
        pd.concat([found.assign(n_pairs=0), other]), ms.Design(culture="c", pair="experiment")
    )
    assert as_answered(res, own)["ci_low"].tolist() == [0.0, 0.1]


def test_the_table_has_the_interval_of_the_model_that_its_p_is_of() -> None:
    adata = ms.ds.toy()
    ms.tl.score(adata, "il6.hallmark")
    design = ms.Design(culture="culture", line="line", pair="pair")
    res = ms.tl.compare(adata, design)
    res["stratum"] = ""
    asked = res[res["contrast"].isin(["co_in_parental", "resistance_in_co"])]
    claims = asked.assign(claim="stroma_il6_up", ci_low=-7.0, ci_high=7.0, verdict="not supported", p_adj=0.5)
    lacking = res["contrast"].eq("co_in_parental")
    res.loc[lacking, ["estimate", "ci_low", "ci_high"]] = np.nan  # stroma alone belongs to neither line
    told = _short(res, claims, design, check=None).set_index(res["contrast"])["estimate"]
    assert told["resistance_in_co"].endswith("[-7, 7]")
    assert not told["resistance_in_mono"].endswith("[-7, 7]")


def test_a_question_on_stroma_lends_the_contrast_its_whole_test() -> None:
    """t, its standard error and p are of one model: against scipy, from the question's p and df."""
    adata = ms.ds.toy()
    ms.tl.score(adata, "il6.hallmark")
    res = ms.tl.compare(adata, ms.Design(culture="culture", line="line", pair="pair"))
    res = res[res["contrast"].eq("resistance_in_co")].reset_index(drop=True).assign(stratum="")
    size, se, df = float(res["estimate"].iloc[0]), 0.004, 6.0
    p = float(2 * stats.t.sf(abs(size) / se, df))
    ends = size + se * stats.t.ppf([0.025, 0.975], df)
    asked = res.assign(claim="stroma_il6_up", verdict="supported", p_adj=0.02, df=df, p=p, family_size=2)
    asked = asked.assign(ci_low=ends[0], ci_high=ends[1], family="further questions", p_welch=0.03)
    row = as_claimed(res, asked).iloc[0]
    assert row["se"] == pytest.approx(se)
    assert (row["df"], row["p"], row["p_welch"], row["test"]) == (df, p, 0.03, JOINT)
    said = ms.tl.explain(as_claimed(res, asked))[0]
    assert f"(95 % interval {ends[0]:.3g} to {ends[1]:.3g})" in said
    assert f"{JOINT}; t(6) = {size / se:.3g}" in said
    assert "nan" not in said
    assert "residual degrees" not in said


def test_a_level_that_says_where_stands_behind_no_in_and_a_line_is_named_once() -> None:
    frame = pd.DataFrame({
        "arm": ["a", "b"], "stratum": "MOLM-13", "line": ["MOLM-13", "MOLM-13 VenR"], "culture": "on HS-5",
        "inhibitor": "",
    })  # fmt: skip
    design = ms.Design(culture="culture", co="on HS-5", line="line", compartment="cells")
    names = spelled([frame], design, {})
    assert names == {"a": "MOLM-13 on HS-5", "b": "MOLM-13 VenR on HS-5"}
    n = pd.Series({"a": 3, "b": 4, "c": 4})
    assert counted(n, names) == "n = 3 in MOLM-13 on HS-5, 4 in the others"
    assert counted(n, {"a": "on HS-5"}) == "n = 3 on HS-5, 4 in the others"
    assert spelled([frame], design, {"MOLM-13": "M13"})["b"] == "M13 MOLM-13 VenR on HS-5", "as it was called"
    row = {"cite": "filtered_estimate", "estimate": 0.1, "filtered_estimate": 0.1, "carried": 0.0}
    row |= {"cite_for": "29 % of on HS-5 + Rux vs alone in P", "claim": "il6_up"}
    assert switched(row) == (
        "as all contrasts of this signature with stroma in an arm, since it gives 29 % of "
        "'on HS-5 + Rux vs alone in P' as scored; those of cells alone are cited on all genes"
    )


def test_words_of_the_figure_name_whose_rna_could_move_genes_of_stroma() -> None:
    row = {"signature": "il6.hallmark", "contrast": "co_in_parental", "stratum": "cells=MSC", "p_adj": 0.01}
    row |= {
        "estimate": 0.2,
        "ci_low": 0.1,
        "ci_high": 0.3,
        "cite": "filtered_estimate",
        "claimed": "supported",
    }
    row |= {f"filtered_{name}": 0.1 for name in ("estimate", "ci_low", "ci_high")}
    row |= {
        "filtered_p_adj": 0.02,
        "n_test": 4,
        "n_base": 4,
        "n_pairs": 4,
        "stroma": STANDS,
        "adjustment": "Holm",
    }
    design = ms.Design(culture="culture", line="line")
    own = paper_alt(
        pd.DataFrame([row, {**row, "stratum": "cells=AML"}]), design, alpha=0.05, stroma={"cells=MSC"}
    )
    assert "il6.hallmark, with parental vs alone [MSC]: up by 0.1" in own
    assert "on genes that leukaemia RNA could not move" in own
    cells = paper_alt(pd.DataFrame([row]), design, alpha=0.05)
    assert "co vs mono in parental: up by 0.1" in cells
    assert "on genes that stroma could not move" in cells


def test_a_stratum_without_an_estimate_neither_counts_tests_nor_has_a_figure(monkeypatch) -> None:
    res = pd.DataFrame({"contrast": "interaction", "stratum": ["cells=MSC", "cells=AML"]})
    res = res.assign(
        adjustment="Holm", family_size=[0, 21], signature="a", estimate=[np.nan, 0.1], kind="main"
    )
    given = SimpleNamespace(main=res, design=ms.Design(culture="c", line="l"), extras={})
    assert "in the contrast more in resistant than in parental (interaction), are" in families(given)
    assert "by Holm over 21 tests in each" in families(given)
    drawn = {}
    monkeypatch.setattr(ms.pl, "sensitivity", lambda *_, **how: drawn.update(how) or plt.subplots()[1])
    monkeypatch.setattr(sensitivity, "_said", lambda _: ("", True))
    sensitivity._picture(res, given, {})
    assert drawn["stratum"] == "cells=AML"


def test_a_bare_time_stands_behind_its_column() -> None:
    arms = [("72", "WT", "co", "none"), ("72", "WT", "co", "Rux"), ("72", "WT", "mono", "none")]
    frame = pd.DataFrame(arms, columns=["stratum", "line", "culture", "inhibitor"], index=["a", "b", "c"])
    frame["arm"] = frame.index
    design = ms.Design(culture="culture", line="line", inhibitor="drug", time="hours")
    names = spelled([frame], design, {})
    assert names == {"a": "WT co at hours 72", "b": "WT co + Rux at hours 72", "c": "WT mono at hours 72"}
    assert spelled([frame], design, {"72": "3 days"})["a"] == "3 days WT co"
