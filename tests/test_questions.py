"""`ms.tl.questions`: numbers against the contrasts, a family apart from the claims, and stroma's own side."""

from __future__ import annotations

import json
import pickle
import warnings
from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig._answered_by import SAME_ALONE, elsewhere, with_answers
from marrowsig._arms import read as read_arms
from marrowsig._as_claimed import as_claimed, judged
from marrowsig._carry_over import NO_REFERENCE, RULED_OUT
from marrowsig._check_words import STANDS
from marrowsig._cli.brief import _differs
from marrowsig._out_folder import _beside, _short
from marrowsig._p_values import p_equals, p_value
from marrowsig._plan import warn_outside
from marrowsig._report.analysed import analysed
from marrowsig._report.gathered import gathered
from marrowsig._report.words import claim as as_sentence
from marrowsig._rounded import in_interval
from marrowsig._stats.holm import holm
from marrowsig._stroma_unanswered import OUTSIDE, in_one_sentence
from marrowsig.qc._leukaemia_in_stroma import kept, leukaemia_shares
from marrowsig.qc._stroma_shares import claimed
from marrowsig.tl._claims_asked import FURTHER
from marrowsig.tl._claims_data import SIGNATURES, data_of
from marrowsig.tl._claims_leukaemia_rna import with_leukaemia_rna
from marrowsig.tl._claims_rows import _guard
from marrowsig.tl._claims_stroma import IN_STROMA, in_short
from marrowsig.tl._claims_stroma_views import views
from marrowsig.tl._claims_words import COMPARED, TWO_ARMS, other_tests
from marrowsig.tl._power_families import family_of

DESIGN = ms.Design(
    culture="culture", line="line", inhibitor="inhibitor", pair="pair", compartment="compartment"
)
UNMATURED = pd.DataFrame(columns=["signature", "method", "contrast", "stratum", "verdict"])
HOW = {"stroma": "MSC", "methods": "singscore", "carry_over": False, "maturation": UNMATURED}
RISES = {"none": 1, "parental": 4, "resistant": 16}
BLANK = pd.DataFrame(columns=["claim", "stratum", "line", "verdict"])
pytestmark = [
    pytest.mark.filterwarnings("ignore:Samples that are the same"),
    pytest.mark.filterwarnings("ignore:carry_over=False says"),  # tests/test_claims.py expects it
]


@pytest.fixture(scope="module")
def cells():
    adata = ms.ds.demo()
    wanted = {gene for own in SIGNATURES.values() for gene in ms.sig.load(own[0]).genes} | {"IL6"}
    others = [gene for gene in adata.var_names if gene not in wanted][::16]
    adata = adata[:, [g for g in adata.var_names if g in wanted | set(others)]].copy()
    adata.obs["compartment"] = "AML"
    return adata


def stroma_of(cells, own_line: str = "none", drug: bool = True):
    """Four donors of stroma: alone, and with each line, where half of the IL-6 genes rise."""
    msc = ms.ds.demo_stroma()[:4, cells.var_names].copy()
    raised = msc.var_names.isin(ms.sig.load("il6.hallmark").genes[::2])
    parts = []
    for line, rise in RISES.items():
        for given in ("none", "JAKi") if drug and line != "none" else ("none",):
            one = msc.copy()
            one.X = np.where(raised, (rise if given == "none" else int(rise**0.5)) * one.X, one.X)
            culture, of = ("mono", own_line) if line == "none" else ("co", line)
            obs = {"culture": culture, "line": of}
            names = [f"{name}_{line}_{given}" for name in one.obs_names]
            one.obs = pd.DataFrame(obs | {"inhibitor": given, "pair": [f"d{i}" for i in range(4)]}, names)
            parts.append(one)
    found = ad.concat(parts)
    found.obs["compartment"] = "MSC"
    return found


@pytest.fixture(scope="module")
def both(cells):
    whole = ad.concat([cells, stroma_of(cells)])
    whole.uns["marrowsig"] = {"input": {"kind": "counts"}}
    return whole


@pytest.fixture(scope="module")
def asked(both):
    claims = ms.tl.claims(both, DESIGN, **HOW)
    before = claims.copy()
    further = ms.tl.questions(both, DESIGN, claims=claims, **HOW)
    pd.testing.assert_frame_equal(claims, before)
    pd.testing.assert_frame_equal(ms.tl.claims(both, DESIGN, **HOW), before)
    return claims, further


@pytest.mark.slow
def test_the_family_is_apart_from_the_claims(asked):
    claims, further = asked
    assert set(claims["family"]) == {"claims"}
    assert set(further["family"]) == {"further questions"}
    assert set(further["claim"]) == {one.id for one in (*FURTHER, *IN_STROMA)}
    assert set(claims["claim"]).isdisjoint(further["claim"])
    n = int(further["p"].notna().sum())
    assert set(further["family_size"]) == {n}
    assert n == 2 * (1 + 2 * 2) + 3 * (2 + 1 + 2)  # two inhibitors on the cells, one on stroma
    np.testing.assert_allclose(further["p_adj"], holm(further["p"].to_numpy()), rtol=1e-12)
    by_hand = np.sort(further["p"])[0] * n  # Holm's first step
    assert further["p_adj"].min() == pytest.approx(min(by_hand, 1.0), rel=1e-12)


def test_numbers_are_those_of_the_contrasts(both, asked):
    _, further = asked
    own = further[further["compartment"] == "AML"]
    assert len(own) == 10
    logs = both.copy()
    ms.pp.lognorm(logs)
    blasts = logs[logs.obs["compartment"] == "AML"].copy()
    del blasts.obs["compartment"]
    plain = replace(DESIGN, compartment=None)
    ms.tl.score(blasts, ["il6.hallmark", "stat3.specific"], method="singscore")
    res = ms.tl.compare(blasts, plain, permutations=0).set_index(["contrast", "signature"])
    undone = ms.tl.rescue(blasts, plain)
    undone = undone[undone["kind"] == "line"].set_index(["line", "inhibitor", "signature"])
    for row in own.to_dict("records"):
        other = res.loc[(row["contrast"], row["signature"])]
        for name in ("estimate", "ci_low", "ci_high", "p"):
            assert row[name] == pytest.approx(other[name], rel=1e-9)
        if row["claim"].endswith("_reversed"):
            back = undone.loc[(row["line"], row["inhibitor"], row["signature"])]
            assert row["estimate"] == pytest.approx(back["reversal"], rel=1e-9)


def test_stroma_without_a_line_is_compared_with_that_of_each_line(both, asked):
    _, further = asked
    own = further[further["claim"].str.startswith("stroma_il6")].set_index(["claim", "line"])
    assert (own["n_pairs"] == 4).all()
    assert set(own["stroma"]) == {RULED_OUT}
    logs = both.copy()
    ms.pp.lognorm(logs)
    msc = logs[logs.obs["compartment"] == "MSC"].copy()
    ms.tl.score(msc, "il6.hallmark", method="singscore")
    score = msc.obsm["score_singscore"]["il6.hallmark"].to_numpy()
    arm = msc.obs["line"].astype(str) + "/" + msc.obs["inhibitor"].astype(str)
    mean = {name: score[(arm == name).to_numpy()].mean() for name in arm.unique()}
    up = {line: mean[f"{line}/none"] - mean["none/none"] for line in ("parental", "resistant")}
    for line, rise in up.items():
        assert own.loc[("stroma_il6_response_up", line), "estimate"] == pytest.approx(rise, rel=1e-6)
        undone = mean[f"{line}/none"] - mean[f"{line}/JAKi"]
        row = own.loc[("stroma_il6_response_reversed", line)]
        assert row["estimate"] == pytest.approx(undone, rel=1e-6)
        assert row["contrast"] == f"reversal_JAKi_in_{line}"
    more = own.loc[("stroma_il6_response_more_in_resistant", "")]
    assert more["estimate"] == pytest.approx(up["resistant"] - up["parental"], rel=1e-6)
    assert (more["contrast"], more["verdict"], more["maturation"]) == ("resistance_in_co", "supported", "")


def test_stroma_alone_with_lines_is_asked_by_line(cells):
    """Each line has stroma alone of its own, so the design is asked as it is."""
    own = stroma_of(cells, "parental")
    more = own[own.obs["culture"] == "mono"].copy()
    more.obs["line"] = "resistant"
    more.obs_names = [f"{name}_r" for name in more.obs_names]
    found = views(ad.concat([own, more]), DESIGN)
    assert len(found) == 1
    assert {said.name for said in found[0].asked.values()} >= {"co_in_parental", "interaction"}
    assert {plan.contrast.kind for plan in found[0].plans} <= {"induction", "interaction", "reversal"}


def test_what_cannot_be_asked_says_what_it_needs(cells, both):
    plain = replace(DESIGN, compartment=None)
    how = {**HOW, "stroma": None}
    further = ms.tl.questions(cells, plain, claims=BLANK, **how)
    stromal = further[further["claim"].str.startswith("stroma_")]
    assert set(stromal["verdict"]) == {"not asked"}
    assert len(stromal) == len(IN_STROMA)
    assert stromal["p"].isna().all()
    assert len(in_short(further)) == 1
    assert in_short(further)[0].startswith("Nothing was asked of stroma itself. Needed: ")
    alone = both[(both.obs["compartment"] == "AML") | (both.obs["culture"] == "mono")].copy()
    only = ms.tl.questions(alone, DESIGN, claims=BLANK, **HOW)
    assert in_short(only)[0] == "Nothing was asked of stroma itself: it was grown alone only."
    # no rise among the claims: nothing that builds on one is supported
    rest = further[further["verdict"] != "not asked"]
    assert set(rest["rule"]) <= {"not established", "rise not supported", "opposite", "versions disagree"}
    with pytest.raises(ms.InputError, match="claims= has no column claim"):
        ms.tl.questions(cells, plain, claims=pd.DataFrame())
    without = cells[:, ~cells.var_names.isin(ms.sig.load("stat3.specific").genes)].copy()
    lost = ms.tl.questions(without, plain, claims=BLANK, **how)
    lost = lost[lost["claim"].str.startswith("stat3")]
    assert set(lost["verdict"]) == {"cannot tell"}
    assert lost["p_adj"].isna().all()


def test_no_leukaemia_rna_in_stroma_leaves_its_limit_times_three(both):
    """Markers that show no share scatter by noise alone: their spread says nothing of the reference."""
    data = data_of(
        both, DESIGN, {a: own[0] for a, own in SIGNATURES.items()}, "singscore", "MSC", None, min_coverage=0.5
    )
    found = _guard(data, DESIGN, views(data.partner, DESIGN)[0], 0.05)
    assert not (found.shares["share_low"] > 0).any()
    assert set(found.params["reference_factor"].values()) == {3.0}
    assert (found.verdicts["left"] < 0.1 * found.verdicts["estimate"].abs().max()).all()
    data.blasts.obs["culture"] = "co"
    assert _guard(data, DESIGN, views(data.partner, DESIGN)[0], 0.05) is None


def test_leukaemia_rna_in_stroma_is_that_of_markers_by_hand(both):
    """Reads of genes that stroma lacks, over what leukaemia cells alone have of them: numpy alone."""
    obs, put = both.obs.astype(str), {"parental": 0.01, "resistant": 0.03}
    msc, alone = obs["compartment"].eq("MSC").to_numpy(), obs["culture"].eq("mono").to_numpy()
    counts = np.asarray(both.X, dtype=float)
    plain = alone & obs["inhibitor"].eq("none").to_numpy()
    profile = (counts / counts.sum(axis=1, keepdims=True))[~msc & plain].mean(axis=0)
    share = np.where(msc & ~alone, obs["line"].map(put).fillna(0.0), 0.0)[:, None]
    counts = np.round((1 - share) * counts + share * counts.sum(axis=1, keepdims=True) * profile)
    mixed = both[:, :].copy()
    mixed.X = counts.astype(both.X.dtype)

    data = data_of(
        mixed,
        DESIGN,
        {a: own[0] for a, own in SIGNATURES.items()},
        "singscore",
        "MSC",
        None,
        min_coverage=0.5,
    )
    data.checks = [
        (line, _guard(data, DESIGN, view, 0.05))
        for line, view in zip(put, views(data.partner, DESIGN), strict=True)
    ]
    further = with_leukaemia_rna(BLANK.copy(), data.checks, data, DESIGN)
    told = leukaemia_shares(further.copy()).set_index("sample")
    assert set(told["arm"]) == {"mono", *(f"{line}:co{drug}" for line in put for drug in ("", "+JAKi"))}
    assert set(told["stratum"]) == {"compartment=MSC"}

    cpm = 1e6 * counts / counts.sum(axis=1, keepdims=True)
    own, other = cpm[msc & plain].mean(axis=0), cpm[~msc & plain].mean(axis=0)
    marks = (other >= 50) & (other >= 100 * (own + 0.1)) & ~mixed.var_names.isin(claimed())
    marks = np.flatnonzero(marks)[np.argsort(-other[marks])][:100]
    by_hand = (cpm[:, marks] - own[marks]).sum(axis=1) / (other - own)[marks].sum()
    by_hand = pd.Series(by_hand, obs.index)[told.index]
    here = told["arm"].ne("mono")
    np.testing.assert_allclose(told.loc[here, "share"], by_hand[here], rtol=0.05)  # of the middle 80 %
    np.testing.assert_allclose(
        told.loc[here, "share"],
        told.loc[here, "arm"].str[:8].map({"parental": 0.01, "resistan": 0.03}),
        rtol=0.1,
    )
    assert told["share"].between(told["share_low"], told["share_high"]).all()
    assert told.loc[~here, "share"].max() < 1e-3

    levels = kept(further)["levels"].drop_duplicates("gene").set_index("gene")
    at = mixed.var_names.get_indexer(levels.index)
    np.testing.assert_allclose(levels["alone"], own[at], rtol=1e-5)
    np.testing.assert_allclose(levels["stroma"], other[at], rtol=1e-5)


def test_a_contrast_takes_the_p_of_its_question(asked, both):
    claims, further = asked
    logs = both[both.obs["compartment"] == "AML"].copy()
    ms.pp.lognorm(logs)
    ms.tl.score(logs, [own[0] for own in SIGNATURES.values()], method="singscore")
    res = as_claimed(ms.tl.compare(logs, DESIGN, permutations=0), judged(claims, further))
    by = {(row["contrast"], row["signature"]): row for _, row in res.iterrows()}
    row = by["interaction", "il6.hallmark"]
    assert row["family"] == "further questions"
    assert "as a further question" in as_sentence(row)
    assert "as a claim" in as_sentence(by["interaction", "emt.hallmark"])
    assert "as a contrast" in as_sentence(by["resistance_in_mono", "il6.hallmark"])


def test_stroma_alone_of_no_line_has_the_numbers_of_its_question_in_the_table(asked, both):
    """The size by hand: the mean difference of four donors, with one line and alone."""
    claims, further = asked
    logs = both[both.obs["compartment"] == "MSC"].copy()
    ms.pp.lognorm(logs)
    ms.tl.score(logs, ["il6.hallmark", "emt.blast"], method="singscore")
    with pytest.warns(ms.InputWarning, match="'line' is 'none'|cannot be estimated"):
        raw = ms.tl.compare(logs, DESIGN, permutations=0)
    told = judged(claims, further)
    table = _short(raw, told, DESIGN, check=None).set_index(["contrast", "signature"]).sort_index()
    score = logs.obsm["score_singscore"]["il6.hallmark"]
    alone = score[(logs.obs["culture"] == "mono").to_numpy()].to_numpy()
    beside = _beside(raw, told).set_index(["contrast", "signature"]).sort_index()
    for role in ("parental", "resistant"):
        grown = (logs.obs["line"] == role) & (logs.obs["inhibitor"] == "none")
        size = (score[grown.to_numpy()].to_numpy() - alone).mean()
        key = (f"co_in_{role}", "il6.hallmark")
        row, asks = table.loc[key], question(further, role)
        assert float(row["estimate"].split(" [")[0]) == pytest.approx(size, rel=5e-3)  # three digits
        assert (row["n"], row["p_adj"]) == ("4 pairs", p_value(asks["p_adj"]))
        assert (row["claim"], row["p_adj_as"]) == (asks["verdict"], "further question")
        assert (row["verdict"] == "up") == (asks["p_adj"] < 0.05)
        assert beside.loc[key, "claim_p_adj"] == asks["p_adj"]
        assert beside.loc[key, "asked_as"] == "further question"
        open_ = table.loc[(f"co_in_{role}", "emt.blast")]
        assert (open_["estimate"], open_["verdict"], open_["claim"]) == ("", "not tested", "")
        assert (open_["p_adj_as"], beside.loc[(f"co_in_{role}", "emt.blast"), "asked_as"]) == ("contrast", "")
    more = table.loc[("resistance_in_co", "il6.hallmark"), "estimate"]
    assert more == in_brackets(*more_by_least_squares(score, logs.obs))
    said = with_answers(ms.tl.explain(raw), raw, told)[raw["signature"].eq("il6.hallmark")]
    of = said[raw["contrast"].eq("co_in_parental")].item()
    row = question(further, "parental")
    assert f"{SAME_ALONE}: {in_interval(row['estimate'], row['ci_low'], row['ci_high'], '95 %')}" in of
    assert SAME_ALONE not in said[raw["contrast"].eq("resistance_in_co")].item()
    assert with_answers(said, raw, None) is said
    assert "il6.hallmark" in elsewhere(told, "interaction", "compartment=MSC", ["il6.hallmark"])
    assert elsewhere(told, "interaction", "compartment=MSC", ["emt.blast"]) == ""
    assert elsewhere(None, "interaction", "", []) == ""


def in_brackets(size, low, high):
    return f"{size:.3g} [{low:.3g}, {high:.3g}]"


def more_by_least_squares(score, obs):
    """Stroma with resistant less that with parental cells, of a model of all its arms and four donors."""
    arm = obs["line"].astype(str).where(obs["culture"].ne("mono"), "alone") + obs["inhibitor"].astype(str)
    x = pd.get_dummies(pd.DataFrame({"arm": arm, "pair": obs["pair"].astype(str)}), dtype=float)
    weight = x.columns.map({"arm_resistantnone": 1.0, "arm_parentalnone": -1.0}).fillna(0.0).to_numpy()
    x, y = x.to_numpy(), score.to_numpy(float)
    beta, *_ = np.linalg.lstsq(x, y, rcond=None)
    df = len(y) - np.linalg.matrix_rank(x)
    variance = ((y - x @ beta) ** 2).sum() / df * (weight @ np.linalg.pinv(x.T @ x) @ weight)
    half = stats.t.ppf(0.975, df) * np.sqrt(variance)
    return weight @ beta, weight @ beta - half, weight @ beta + half


def question(further, line):
    own = further[further["claim"].eq("stroma_il6_response_up") & further["line"].eq(line)]
    assert len(own) == 1
    return own.iloc[0]


def test_a_difference_of_stroma_has_its_other_p_beside_it(asked, both):
    """`ms.tl.compare` takes the two arms alone: the paired t of four donors, by scipy here."""
    claims, further = asked
    logs = both[both.obs["compartment"] == "MSC"].copy()
    ms.pp.lognorm(logs)
    ms.tl.score(logs, "il6.hallmark", method="singscore")
    with pytest.warns(ms.InputWarning, match="'line' is 'none'|cannot be estimated"):
        raw = ms.tl.compare(logs, DESIGN, permutations=0)
    score = logs.obsm["score_singscore"]["il6.hallmark"]
    grown = (logs.obs["culture"] == "co") & (logs.obs["inhibitor"] == "none")
    by = {line: score[grown & (logs.obs["line"] == line)].to_numpy() for line in ("resistant", "parental")}
    alone = stats.ttest_rel(by["resistant"], by["parental"]).pvalue
    row = further.set_index("claim").loc["stroma_il6_response_more_in_resistant"]
    at = raw.set_index("contrast").loc["resistance_in_co"]
    assert at["p"] == pytest.approx(alone, rel=1e-6)  # one fit by projection, one by differences
    assert row["p_welch"] == pytest.approx(alone, rel=1e-6)
    assert row["estimate"] == pytest.approx(at["estimate"], rel=1e-6)
    assert row["p"] != pytest.approx(alone, rel=0.01)
    assert f"{TWO_ARMS} {p_equals('p', alone)}, not adjusted." in row["sentence"]
    taken = as_claimed(raw, judged(claims, further)).set_index("contrast").loc["resistance_in_co"]
    assert (taken["family"], taken["p_adj"]) == ("further questions", row["p_adj"])
    one = {"claim": "stroma_x", "contrast": "resistance_in_co", "n_pairs": 4, "p_welch": 0.2, "p_adj": 0.01}
    told = other_tests(row.to_dict() | one, alpha=0.05)
    assert told.startswith(f"{TWO_ARMS} p = 0.2, not adjusted: not established.")
    assert _differs({"other_tests": told})
    assert not _differs({"other_tests": row["other_tests"]})


def test_a_reversal_of_stroma_has_its_other_p_beside_it(asked, both):
    """`ms.tl.compare` pairs within each line: by hand, t of one line over the variance of both, 3 + 3 df."""
    _, further = asked
    logs = both[both.obs["compartment"] == "MSC"].copy()
    ms.pp.lognorm(logs)
    ms.tl.score(logs, "il6.hallmark", method="singscore")
    score, obs = logs.obsm["score_singscore"]["il6.hallmark"], logs.obs
    falls = {}
    for line in ("parental", "resistant"):
        own = (obs["culture"] == "co") & (obs["line"] == line)
        without, treated = (score[own & (obs["inhibitor"] == drug)].to_numpy() for drug in ("none", "JAKi"))
        falls[line] = without - treated
    se = np.sqrt(np.mean([fall.var(ddof=1) for fall in falls.values()]) / 4)
    rows = further[further["claim"] == "stroma_il6_response_reversed"].set_index("line")
    with pytest.warns(ms.InputWarning, match="'line' is 'none'|cannot be estimated"):
        raw = ms.tl.compare(logs, DESIGN, permutations=0).set_index("contrast")
    for line, fall in falls.items():
        row, by_hand = rows.loc[line], 2 * stats.t.sf(abs(fall.mean()) / se, 6)
        assert raw.loc[row["contrast"], "p"] == pytest.approx(by_hand, rel=1e-6)  # projection, differences
        assert row["p"] != pytest.approx(by_hand, rel=0.01)
        assert f"{COMPARED} {p_equals('p', by_hand)}, not adjusted." in row["sentence"]
        assert not _differs(row.to_dict())
        told = other_tests(row.to_dict() | {"p_compared": 0.2, "p_adj": 0.01}, alpha=0.05)
        assert told.startswith(f"{COMPARED} p = 0.2, not adjusted: not established.")


def test_one_sentence_for_what_stroma_cannot_answer(cells, asked):
    _, further = asked
    whole = ad.concat([cells, stroma_of(cells, drug=False)])
    notes = ["5 of 9 contrasts cannot be estimated. And so on.", "Other."]
    kept, told = in_one_sentence(notes, DESIGN, whole.obs, "MSC", further)
    assert kept == "Other."
    assert "stroma grown alone belongs to no line (line is 'none')" in told
    assert "no stroma was grown with an inhibitor" in told
    assert "The further questions ask" in told
    assert "The further questions" not in in_one_sentence([], DESIGN, whole.obs, "MSC", None)[-1]
    named = ad.concat([cells, stroma_of(cells, "parental", drug=False)])
    alone = named[(named.obs["compartment"] == "AML") | (named.obs["culture"] == "mono")]
    assert "is the reference of carry-over" in in_one_sentence([], DESIGN, alone.obs, "MSC", further)[-1]
    assert in_one_sentence(notes, replace(DESIGN, compartment=None), cells.obs, "MSC", further) == notes
    assert in_one_sentence(notes, DESIGN, cells.obs, "AML", further) == notes


@pytest.mark.parametrize("lines", [True, False])
def test_stroma_is_asked_whether_it_rises_where_none_of_it_had_a_drug(cells, lines) -> None:
    """Stroma of one line, or of a design without lines: the size is the mean difference of its pairs."""
    own = stroma_of(cells, drug=False)
    own = own[own.obs["line"] != "resistant"].copy()
    blasts = cells if lines else cells[cells.obs["line"] == "parental"]
    whole, design = ad.concat([blasts, own]), DESIGN if lines else replace(DESIGN, line=None)
    whole.uns["marrowsig"] = {"input": {"kind": "counts"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)  # of arms that are not there
        claims = ms.tl.claims(whole, design, **HOW)
        further = ms.tl.questions(whole, design, claims=claims, **HOW)
    asked = further[further["p"].notna() & further["compartment"].eq("stroma")].set_index("claim")
    assert list(asked.index) == ["stroma_emt_up", "stroma_il6_response_up", "stroma_stat3_up"]
    assert set(asked["n_pairs"]) == {4}
    ms.pp.lognorm(own)
    ms.tl.score(own, ["il6.hallmark"], method="singscore")
    score = pd.Series(own.obsm["score_singscore"]["il6.hallmark"].to_numpy(), own.obs["culture"])
    size = score["co"].mean() - score["mono"].mean()
    assert asked.loc["stroma_il6_response_up", "estimate"] == pytest.approx(size, rel=1e-9)
    assert size > 0.01


def test_rows_taken_as_stroma_are_not_said_to_be_left_out(cells) -> None:
    obs = cells.obs.astype({"culture": object})
    obs.iloc[:3, obs.columns.get_loc("culture")] = "MSC only"
    design = replace(DESIGN, compartment=None)
    with pytest.warns(ms.InputWarning) as told:
        warn_outside(read_arms(design, obs))
    outside = [str(one.message) for one in told]
    assert outside[0].startswith("3 rows lie outside the design: 'culture' is 'MSC only' (3)")
    assert in_one_sentence([*outside, "Other."], design, obs, "MSC only", None) == ["Other."]
    assert in_one_sentence(outside, design, obs, None, None) == outside
    obs.iloc[3, obs.columns.get_loc("culture")] = "unknown"  # this row is left out
    with pytest.warns(ms.InputWarning) as told:
        warn_outside(read_arms(design, obs))
    both = [str(one.message) for one in told]
    assert both[0].startswith("4 rows lie outside the design: 'culture' is 'MSC only' (3), 'unknown' (1)")
    left = ["1 row lies outside the design: 'culture' is 'unknown' (1). " + OUTSIDE]
    assert in_one_sentence([*both, "Other."], design, obs, "MSC only", None) == [*left, "Other."]
    obs["compartment"] = np.where(obs["culture"] == "MSC only", "MSC", "AML")
    assert in_one_sentence(["Other.", *both], DESIGN, obs, "MSC", None) == ["Other.", *left]


@pytest.mark.slow
def test_what_the_claims_were_given_is_used_for_the_questions(tmp_path) -> None:
    """The same table as if all were typed again, also of a part of the claims in another order."""
    adata, msc = ms.ds.demo(), ms.ds.demo_stroma()
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    claims = ms.tl.claims(adata, design, stroma=msc, methods=iter(["mean"]), alpha=0.1)
    further = ms.tl.questions(adata, design, claims=claims)
    typed = ms.tl.questions(adata, design, claims=claims, stroma=msc, methods=["mean"], alpha=0.1)
    pd.testing.assert_frame_equal(further, typed)
    assert further.attrs["alpha"] == 0.1
    assert STANDS in set(further["stroma"])
    moved = claims[claims["verdict"].ne("not asked")].copy().sort_values("claim")
    assert moved.attrs["given"].how["stroma"] is msc  # never copied
    said = pd.DataFrame(columns=["claim"])
    said.attrs = json.loads(json.dumps(claims.attrs))  # as to_parquet writes them
    assert type(said.attrs["given"]) is type(pickle.loads(pickle.dumps(claims)).attrs["given"]) is str
    adata.uns["claims"] = claims
    adata.write_h5ad(tmp_path / "with_claims.h5ad")
    claims.to_csv(tmp_path / "claims.csv", index=False)
    saved = pd.read_csv(tmp_path / "claims.csv")
    with pytest.warns(ms.InputWarning, match=r"no longer knows.*claims=claims, stroma=msc\)") as told:
        unknown = ms.tl.questions(adata, design, claims=saved, methods="mean")
    assert told[0].filename == __file__
    assert set(unknown.loc[unknown["p"].notna(), "stroma"]) == {NO_REFERENCE}
    other = ms.tl.claims(adata, design, methods="mean")
    joined = pd.concat([claims, other])  # of which stroma= holds for one alone
    assert "given" not in joined.attrs
    further = ms.tl.questions(adata, design, claims=other)  # nothing to ask for
    left = further[further["verdict"] == "not asked"]
    assert set(left["reason"]) == {
        "stroma alone and from the co-culture, as partner=",
        "stroma alone, and from the co-culture of both lines",
        "stroma from the co-culture with and without the inhibitor",
    }


@pytest.mark.slow
def test_carry_over_that_the_claims_rule_out_is_ruled_out_of_the_questions(tmp_path) -> None:
    adata = ms.ds.demo()
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    claims = ms.tl.claims(adata, design, carry_over=False, methods="mean")
    claims.to_csv(tmp_path / "claims.csv", index=False)
    for table in (claims, pd.read_csv(tmp_path / "claims.csv")):
        further = ms.tl.questions(adata, design, claims=table, methods="mean")
        assert set(further.loc[further["p"].notna(), "stroma"]) == {RULED_OUT}
    asked = ms.tl.questions(adata, design, claims=claims, carry_over=True)
    assert set(asked.loc[asked["p"].notna(), "stroma"]) == {NO_REFERENCE}


@pytest.mark.parametrize(("p", "p_adj", "n_both", "said"), [
    (0.0048, 0.33, 6, "6 pairs are in both lines: by one number of each, p = 0.0048, not adjusted (a"),
    (0.0048, 0.33, 0, ""),
    (0.2, 0.33, 6, ""),
    (0.2, 0.01, 6, "By one number for each of the 6 pairs in both lines p = 0.2, not adjusted: not"),
])  # fmt: skip
def test_an_interaction_says_what_one_number_per_pair_finds_where_it_matters(p, p_adj, n_both, said):
    row = {
        "claim": "emt_more_in_resistant", "contrast": "interaction", "signature": "emt.hallmark",
        "estimate": 0.02, "p": 0.1, "p_adj": p_adj, "p_welch": p, "n_both": n_both, "n_pairs": 6,
        "method": "singscore",
    }  # fmt: skip
    told = other_tests(row, alpha=0.05)
    assert told.startswith(said)
    assert bool(told) == bool(said)
    assert bool(_differs({"other_tests": told})) == bool(said)


@pytest.mark.slow
def test_stroma_alone_of_no_line_may_have_an_empty_cell(both) -> None:
    """The numbers are those of the word 'none' there; a cell of leukaemia cells may not be empty."""
    blank = both.copy()
    blank.obs["line"] = blank.obs["line"].astype(object).where(blank.obs["line"] != "none", None)
    ms.pp.lognorm(blank)
    ms.tl.score(blank, ["il6.hallmark"], method="singscore")
    with pytest.warns(ms.InputWarning, match="left out|cannot be estimated") as told:
        res = ms.tl.compare(blank, DESIGN, permutations=0)
    said = "'line' is empty (4: MSC grown alone, which belongs to no line)"
    assert any(said in str(one.message) for one in told)
    word = both.copy()
    ms.pp.lognorm(word)
    ms.tl.score(word, ["il6.hallmark"], method="singscore")
    with pytest.warns(ms.InputWarning, match="left out|cannot be estimated"):
        pd.testing.assert_frame_equal(res, ms.tl.compare(word, DESIGN, permutations=0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)  # of arms that are not there, as above
        claims = ms.tl.claims(blank, DESIGN, **HOW)
        further = ms.tl.questions(blank, DESIGN, claims=claims, **HOW)
        words = ms.tl.questions(word, DESIGN, claims=claims, **HOW)
        given = gathered(blank, res, DESIGN)
    before, text = (analysed(replace(given, extras=own))[1] for own in ({}, {"questions": further}))
    pd.testing.assert_frame_equal(further, words)
    assert further.loc[further["compartment"].eq("stroma"), "p"].notna().any()
    assert "4 further samples of MSC grown alone belong to no line: these are what stroma in co" in text
    assert "left out of the contrasts" not in text
    assert "4 further samples outside the design ('line' is empty (4)) were left out" in before
    with pytest.raises(ms.DesignError, match=r"its cells may stay empty: name the column.*compartment="):
        replace(DESIGN, compartment=None).arms(blank.obs)
    lacking = blank.obs.copy()
    lacking.loc[(lacking["compartment"] == "AML").idxmax(), "line"] = None
    with pytest.raises(ms.DesignError, match=r"'line' .line. is empty in 1 of") as error:
        DESIGN.arms(lacking)
    assert "may stay empty" not in str(error.value)
    lacking["line"] = lacking["line"].where(lacking["culture"] != "mono", None)
    with pytest.raises(ms.DesignError, match="is empty in"):
        DESIGN.arms(lacking)


def test_what_both_partners_lack_is_what_was_not_given() -> None:
    from types import SimpleNamespace

    from marrowsig.tl._claims_partners import _why

    data, design = SimpleNamespace(partner=None), ms.Design(culture="culture")
    assert _why(data, None, design).startswith("samples of stroma alone and of stroma from the co-culture, ")
    assert _why(data, ms.ds.demo_stroma(), design) == "stroma in co-culture: it was grown alone only"


@pytest.mark.parametrize(
    ("roles", "drugs"),
    [
        ({"line": "line", "inhibitor": "inhibitor"}, ("JAKi_A", "JAKi_B")),
        ({"line": "line"}, ()),
        ({"inhibitor": "inhibitor"}, ("JAKi_A", "JAKi_B")),
    ],
)
def test_a_plan_counts_the_families_of_a_run(cells, roles, drugs) -> None:
    design = ms.Design(culture="culture", pair="pair", **roles)
    own = cells if drugs else cells[cells.obs["inhibitor"] == "none"].copy()
    own = own if "line" in roles else own[own.obs["line"] == "parental"].copy()
    how = HOW | {"stroma": None}
    claims = ms.tl.claims(own, design, **how)
    rows = pd.concat([claims, ms.tl.questions(own, design, claims=claims, **how)])
    rows = rows[rows["verdict"].ne("not asked") & rows["signature"].ne("")]
    kinds = {"up": "induction", "resistant": "interaction", "reversed": "reversal"}
    rows["kind"] = rows["claim"].str.rpartition("_")[2].map(kinds)
    rows["axis"] = rows["signature"].str.partition(".")[0]
    rows = rows[rows["axis"].isin(["emt", "il6", "stat3"])]
    found = {
        (kind, axis): family_of(design, drugs, kind=kind, axis=axis)
        for kind, axis in zip(rows["kind"], rows["axis"], strict=True)
    }
    n = 3 * (1 + ("line" in roles) + bool(drugs))
    assert len(found) == n
    for row in rows.to_dict("records"):
        assert found[row["kind"], row["axis"]] == (row["family"], row["family_size"])
    axes = [("emt", "claims"), ("stat3", "further questions")]
    kind = "interaction" if "line" in roles else "reversal"
    for axis, family in axes:
        how = {"signature": f"{axis}.x", "inhibitors": list(drugs) or None}
        plan = ms.tl.power(design, {kind: 1.0}, n=3, within=1.0, runs=100, **how)
        told = plan.table[plan.table["kind"].eq(kind)]
        size = found[kind, axis].size
        assert told[["asked_as", "n_claims"]].drop_duplicates().to_numpy().tolist() == [[family, size]]
        assert f"As one of {size} {family}, as scored: " in plan.describe()
        assert f"below alpha / {size}, " in plan.describe()
