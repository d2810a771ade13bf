"""What a formula leaves unasked: carry-over is said to be open, and options of claims are refused."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._carry_over import NO_REFERENCE, NOT_EXAMINED
from marrowsig._carry_over_apart import ask_apart, by_fields
from marrowsig._check_words import STANDS
from marrowsig._cli.formula import require_used
from marrowsig._cli.many_asked import MOST, in_a_line_each
from marrowsig._cli.told import ASKED, SHORT, _shown
from marrowsig._further import PARTS, _not_for
from marrowsig._not_of_formula import (
    NO_INHIBITOR,
    NO_ROLES,
    arms_left,
    carry_over_left,
    require_fields,
    stroma_left,
)
from marrowsig._out_folder import _short
from marrowsig._report import legend
from marrowsig._report.answer import Block, answers
from marrowsig._report.carried import out_of_reach
from marrowsig._report.elements import Claim
from marrowsig._run import run
from marrowsig._unasked import OF_ARMS, OF_FORMULA, left_open, of_rows, sentences, unfilled
from marrowsig.pl._overview_key import entries, marks

if TYPE_CHECKING:
    from pathlib import Path

LEVELS = {"stage": ["Dx", "Rel"], "arm": ["alone", "MSC"]}


def study(levels: dict) -> tuple[ad.AnnData, pd.DataFrame]:
    """Six samples of each arm; the first list rises by 3 SD in the second level of the second factor."""
    (one, first), (two, second) = levels.items()
    rows = [{one: a, two: b} for a, b, _ in itertools.product(first, second, range(6))]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    adata = ad.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    scores = np.random.default_rng(3).normal(size=(len(obs), 2))
    scores[:, 0] += 3 * (obs[two] == second[1])
    adata.obsm["score_singscore"] = pd.DataFrame(
        scores, index=obs.index, columns=["emt.hallmark", "il6.hallmark"]
    )
    return adata, obs


def of_arms(low: str, high: str) -> dict:
    return {"line": ["a", "b"], "arm": [low, high]}


def asked(levels: dict, contrasts: dict) -> ms.Design:
    return ms.Design.from_formula(f"~ {' * '.join(levels)}", levels=levels, contrasts=contrasts)


def test_each_line_that_moved_says_that_carry_over_was_not_asked() -> None:
    adata, obs = study(LEVELS)
    design = asked(LEVELS, {"Dx": "Dx:MSC - Dx:alone", "stage": "Rel:alone - Dx:alone"})
    res = ms.tl.compare(adata, design)
    assert sentences(res) == {("Dx", ""): OF_FORMULA}
    cover = pd.DataFrame({"signature": ["emt.hallmark"], "found": [9], "listed": [9]})
    blocks = {block.name: block for block in answers(res, design.contrasts(obs), cover)}
    notes = {claim.signature: claim.note for claim in blocks["Dx"].claims}
    assert notes == {"emt.hallmark": "carry-over not asked", "il6.hallmark": ""}
    assert "no stroma control was scored" in blocks["Dx"].cautions[0]
    assert not blocks["stage"].cautions
    told = ms.tl.explain(res)
    with_it = [OF_FORMULA in sentence for sentence in told]
    assert with_it == [
        row == ("Dx", "emt.hallmark") for row in zip(res["contrast"], res["signature"], strict=True)
    ]
    assert carry_over_left(res) == {"carry-over": NO_ROLES}


@pytest.mark.parametrize(
    ("levels", "contrast", "found"),
    [
        ({"line": ["a", "b"], "culture": ["mono", "co"]}, "b:co - b:mono", True),
        ({"line": ["a", "b"], "culture": ["mono", "co"]}, "b:mono - a:mono", False),
        ({"line": ["a", "b"], "culture": ["mono", "co"]}, "b - a", True),  # a mean over both cultures
        ({"line": ["a", "b"], "culture": ["alone", "2D"]}, "b:alone - a:alone", True),  # which may be stroma
        ({"line": ["a", "b"], "arm": ["AML", "AML + MSC"]}, {("AML + MSC",): 1, ("AML",): -1}, True),
        ({"line": ["a", "b"], "msc": ["no", "yes"]}, "msc=yes - msc=no", True),
        ({"line": ["a", "b"], "culture": ["x", "y"]}, "culture[T.y]", True),
        ({"line": ["a", "b"], "culture": ["x", "y"]}, "b - a", False),
        (of_arms("mono", "contact"), "a:contact - a:mono", True),
        (of_arms("mono", "contact"), "arm[T.contact]", True),
        (of_arms("mono", "contact"), "b:mono - a:mono", False),
        (of_arms("transwell", "contact"), "contact - transwell", True),
        (of_arms("solo", "direct contact"), {("direct contact",): 1, ("solo",): -1}, True),
        (of_arms("alone", "indirect"), "indirect - alone", True),
        (of_arms("plastic", "insert 0.4 um"), {("insert 0.4 um",): 1, ("plastic",): -1}, True),
        (of_arms("ctrl", "conditioned medium"), {("conditioned medium",): 1, ("ctrl",): -1}, True),
        (of_arms("case", "contact"), "contact - case", False),
        (of_arms("vector", "insert"), "insert - vector", False),
        ({"line": ["a", "b"], "culture": ["Mock", "IL22"]}, "IL22 - Mock", False),
        ({"line": ["a", "b"], "drug": ["DMSO", "ruxolitinib"]}, "ruxolitinib - DMSO", False),
    ],
)
def test_words_say_which_contrasts_are_of_coculture(levels: dict, contrast: object, found: bool) -> None:
    adata, _ = study(levels)
    res = ms.tl.compare(adata, asked(levels, {"one": contrast}))
    assert bool(sentences(res)) is found
    assert bool(carry_over_left(res)) is found


def test_a_formula_is_not_said_to_name_no_inhibitor() -> None:
    """Its factor may hold one, as `~ Patient + Culture * Drug` does."""
    design = asked({"drug": ["veh", "bari"], "culture": ["mono", "co"]}, {"one": "mono:bari - mono:veh"})
    assert _not_for("rescue", SimpleNamespace(design=design)) == NO_INHIBITOR
    fields = SimpleNamespace(design=ms.Design(culture="a"))
    assert _not_for("rescue", fields) == "the design names no inhibitor"


def test_options_that_a_formula_would_not_use_are_refused() -> None:
    given = {"formula": "~ line * culture"}
    require_used(given, stroma=None, markers=None, claims_on=(), no_carry_over=False)
    require_used({"formula": None}, stroma="msc.csv", markers="A", claims_on=("emt=a",), no_carry_over=True)
    every = {"stroma": "msc.csv", "markers": "A,B", "claims_on": ("emt=emt.blast",), "no_carry_over": True}
    for name, value in every.items():
        with pytest.raises(ms.DesignError, match=r"=(False)? belongs to the claims .* Here leave it out"):
            require_used(given, **{name: value})
    with pytest.raises(ms.DesignError, match=r"stroma=, markers= belong to .*Here leave them out"):
        require_fields(["stroma=", "markers="])


def test_all_answers_to_a_formula_stand_on_the_terminal() -> None:
    """Up to as many as a screen holds, else a line a contrast; of designs that ask more, the first lines."""
    design = asked(LEVELS, {"Dx": "Dx:MSC - Dx:alone"})
    head = ["Contrasts", "  (a score is ...)"]
    most = [*head, *(line for _ in range(4) for line in ("Is a above b?", *["  emt: up"] * (ASKED // 4)))]
    for of, lines, n in (
        (design, most, len(most)),
        (design, [*most, "  one more"], 0),
        (ms.Design(culture="arm"), most, SHORT),
    ):
        assert _shown(SimpleNamespace(design=of), lines) == n


def test_many_contrasts_of_a_formula_have_a_line_each_and_lists_of_ones_own_none() -> None:
    up = Claim("emt.hallmark", "up by 0.02 [0.01, 0.03], adj. p 0.008, 5 pairs", "up", "carry-over not asked")
    own = replace(up, signature="emt.mine")
    no = replace(up, text="not established: 0.01 [-0.01, 0.03], adj. p 0.4, 5 pairs", css="open", note="")
    blocks = [Block(name, "?", "", [up, own], ["Caution"]) for name in ("tw", "ct")]
    blocks += [Block("int", "?", "", [no, own]), Block("dd", "?", "", refused="no samples")]
    told = list(in_a_line_each(blocks, ["emt.hallmark"]))
    assert told[:2] == [f"  {name}: emt.hallmark up by 0.02, adj. p 0.008" for name in ("tw", "ct")]
    assert told[2].endswith("no evidence of no difference): int")
    assert told[3] == "  cannot be answered: dd"
    assert told[4].startswith(
        "Carry-over was not asked of what moved. Cautions stand beside tw, ct in log.txt"
    )
    many = [replace(blocks[0], name=f"c{i}") for i in range(MOST + 1)]
    assert list(in_a_line_each(many, ["emt.hallmark"]))[MOST] == f"  established, too: c{MOST}"


def test_stroma_that_two_drugs_do_not_use_is_told() -> None:
    drugs = ms.Design(culture="drug", mono="Ruxolitinib", co="Momelotinib", pair="patient")
    assert "no arm without stroma" in stroma_left(drugs, "msc.csv")["carry-over"]
    lettered = ms.Design(culture="inhibitor", mono="JAKi_B", co="JAKi_A", pair="pair")
    assert stroma_left(lettered, "msc.csv") == stroma_left(drugs, "msc.csv")
    assert stroma_left(drugs, None) == {}
    assert stroma_left(ms.Design(culture="culture", pair="pair"), "msc.csv") == {}


def test_of_samples_that_are_stroma_carry_over_into_leukaemia_is_no_question() -> None:
    design, words, res = ms.Design(culture="culture", pair="pair"), ["", NOT_EXAMINED], pd.DataFrame()
    claims = pd.DataFrame({"stroma": words})
    assert out_of_reach(design, res, claims, None)
    for other in (NO_REFERENCE, "not explained by carry-over"):
        assert not out_of_reach(design, res, pd.DataFrame({"stroma": [*words, other]}), None)


def test_each_difference_of_two_drugs_that_moved_says_so_where_stroma_was_given() -> None:
    """Both arms hold stroma; of pure cells under two drugs, where none was given, nothing is said."""
    adata, obs = study({"line": ["parental", "resistant"], "drug": ["Ruxolitinib", "Momelotinib"]})
    design = ms.Design(culture="drug", mono="Ruxolitinib", co="Momelotinib", line="line")
    cover = pd.DataFrame({"signature": ["emt.hallmark"], "found": [9], "listed": [9]})
    notes = {}
    for stroma in (None, "msc.csv"):
        res = ms.tl.compare(adata, design, permutations=0)
        arms_left(res, design, stroma)
        apart = out_of_reach(design, res, None, None)
        assert apart is (stroma is None)
        blocks = answers(res, design.contrasts(obs), cover, apart=apart)
        notes[stroma] = {(b.name, c.signature): c.note for b in blocks for c in b.claims if c.css != "open"}
        told = [OF_ARMS in sentence for sentence in ms.tl.explain(res)]
        rows = res.to_dict("records")
        moved = [r["contrast"].startswith("co_") and r["signature"] == "emt.hallmark" for r in rows]
        assert told == (moved if stroma else [False] * len(rows))
        assert [left_open(res, row) for row in rows] == told
    assert set(notes[None].values()) == {""}
    assert notes["msc.csv"] == dict.fromkeys(notes[None], "carry-over not asked")
    assert {place[0] for place in notes[None]} == {"co_in_parental", "co_in_resistant"}


def test_the_table_and_the_legend_say_that_it_was_not_asked() -> None:
    adata, _ = study(LEVELS)
    design = asked(LEVELS, {"Dx": "Dx:MSC - Dx:alone", "stage": "Rel:alone - Dx:alone"})
    res = ms.tl.compare(adata, design)
    assert of_rows(res) == ["not asked" if name == "Dx" else "" for name in res["contrast"]]
    assert of_rows(res[res["contrast"] == "stage"]) == of_rows(res.assign(contrast="else")) == []
    short = _short(res, None, design, check=None)
    assert short["carry_over"].tolist() == of_rows(res)
    of_msc = short["contrast"] == "Dx"
    assert set(short.loc[of_msc, "verdict"]) == {"up as scored", "not established"}
    assert not set(short.loc[~of_msc, "verdict"]) & {"up as scored", "down as scored"}
    given = SimpleNamespace(adata=adata, design=design)
    assert legend._unasked(given, res) == " Stromal carry-over not asked."
    assert legend._unasked(given, res[res["contrast"] == "stage"]) == ""
    fields = ms.Design(culture="arm", mono="alone", co="MSC", line="stage", parental="Dx", resistant="Rel")
    assert legend._unasked(SimpleNamespace(adata=adata, design=fields), res) == ""


def test_marks_are_open_where_contact_and_transwell_were_not_asked() -> None:
    """Those of a contrast of two lines that grew alone are filled by p, as they were."""
    levels = {"line": ["a", "b"], "arm": ["mono", "transwell", "contact"]}
    adata, obs = study(levels)
    both = {"contact": "b:contact - b:mono", "tw": "b:transwell - b:mono", "line": "b:mono - a:mono"}
    design = asked(levels, both)
    res = ms.tl.compare(adata, design)
    res[["verdict", "p_adj"]] = ["up", 0.001]
    shown = unfilled(res, res)
    drawn = {row["contrast"]: marks(row, 0.05) for row in shown.to_dict("records")}
    assert drawn == {"contact": [False], "tw": [False], "line": [True]}
    assert not unfilled(res.assign(stroma=STANDS), res)["unasked"].any()
    given = SimpleNamespace(adata=adata, design=design)
    assert legend._filled(shown, 0.05) == (
        "Filled marks have an adjusted p below 0.05, not about co-culture; open marks: carry-over not asked. "
    )
    key = [entry.words for entry in entries(shown, 0.05, asked=True, cut=False)]
    assert key == ["filled: adj. p < 0.05, not about co-culture", "open: carry-over not asked"]
    of_both = shown[shown["contrast"] != "line"]
    assert [entry.words for entry in entries(of_both, 0.05, asked=True, cut=False)] == key[1:]
    assert legend._unasked(given, res) == " Stromal carry-over not asked."
    said = ask_apart(design, obs, res)
    assert "culture='arm', mono='mono', co='transwell'" in said
    assert "then again with co='contact', with stroma=" in said


def test_the_design_that_asks_in_place_of_a_formula_has_its_genotype_and_times() -> None:
    levels = {"flt3": ["WT", "ITD"], "culture": ["mono", "co"]}
    adata, obs = study(levels)
    obs["hours"] = adata.obs["hours"] = ["4", "72"] * 12
    design = asked(levels | {"hours": ["4", "72"]}, {"late": "ITD:co:72 - ITD:mono:72"})
    said = ask_apart(design, obs, ms.tl.compare(adata, design))
    fields = (
        "culture='culture', mono='mono', co='co', line='flt3', parental='WT', resistant='ITD', time='hours'"
    )
    assert f"ms.Design({fields})" in said


def test_the_figure_leaves_contact_open() -> None:
    adata = ms.ds.toy()
    adata.obs["arm"] = adata.obs["culture"].astype(str).replace("co", "contact")
    ms.tl.score(adata, "emt.hallmark")
    levels = {"line": ["parental", "resistant"], "arm": ["mono", "contact"]}
    both = {"up": "parental:contact - parental:mono", "line": "resistant:mono - parental:mono"}
    design = asked(levels, both)
    res = ms.tl.compare(adata, design)
    res["p_adj"] = 0.001
    ax = ms.pl.overview(adata, "emt.hallmark", design=design, res=res)
    drawn = [line for line in ax.figure.axes[1].lines if line.get_marker() == "o"]
    assert [line.get_markerfacecolor() == "white" for line in drawn] == [True, False]


def test_the_folder_of_a_run_keeps_that_it_was_not_asked(tmp_path: Path) -> None:
    """A figure drawn anew from it had filled marks where the run's were open."""
    adata = ms.ds.toy()
    levels = {"line": ["parental", "resistant"], "culture": ["mono", "co"]}
    up = ms.sig.Signature("emt.a", axis="emt", genes=list(adata.var_names[:12]))
    design = asked(levels, {"up": "parental:co - parental:mono", "line": "resistant:mono - parental:mono"})
    done = run(adata, design, out=tmp_path / "r", signatures=[up], skip=set(PARTS), draw=False)
    again = ms.get.run(tmp_path / "r").res
    assert sentences(again) == sentences(done.res) == {("up", ""): OF_FORMULA}
    assert unfilled(again, again)["unasked"].tolist() == [name == "up" for name in again["contrast"]]


@pytest.mark.parametrize(
    ("formula", "more", "contrast", "fields"),
    [
        ("~ culture * hours + donor", {}, "co - mono", {"time": "hours"}),
        (
            "~ donor + culture * drug",
            {"drug": ["veh", "bari"]},
            "co:veh - mono:veh",
            {"inhibitor": "drug", "vehicle": "veh"},
        ),
    ],
)
def test_the_design_that_asks_in_place_of_a_formula_is_answered(formula, more, contrast, fields) -> None:
    """Hours are numbers, and a drug stands in the formula: without its field each pair has two of an arm."""
    rows = itertools.product(["mono", "co"], [4.0, 72.0], ["veh", "bari"], "abcd")
    obs = pd.DataFrame(rows, columns=["culture", "hours", "drug", "donor"]).rename("s{}".format)
    obs = obs[obs["drug"].eq("veh")] if "time" in fields else obs[obs["hours"].eq(4)]
    levels = {"culture": ["mono", "co"], "donor": "a", **more}
    design = ms.Design.from_formula(formula, levels=levels, contrasts={"co": contrast}, unit="donor")
    typed, _ = by_fields(design, obs)
    base = {"culture": "culture", "mono": "mono", "co": "co", "pair": "donor"}
    assert typed == f"ms.Design({', '.join(f'{k}={v!r}' for k, v in {**base, **fields}.items())})"
    with pytest.raises(ms.DesignError, match="share 4 levels of 'donor'"):
        ms.Design(**base).plans(obs)
    plans = ms.Design(**base, **fields).plans(obs)
    assert [plan.n_pairs for plan in plans if plan.contrast.name == "co_vs_mono"] == [4] * (
        1 + ("time" in fields)
    )
