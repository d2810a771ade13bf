"""`ms.tl.claims`: every rule by constructed numbers, the demo study's truth, partners, and the report."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import marrowsig as ms
from marrowsig._as_claimed import as_claimed
from marrowsig._carry_over import BLAST_POOR, NO_REFERENCE, RULED_OUT, apart
from marrowsig._check_words import NOTHING, STANDS
from marrowsig._cli.brief import brief_claims
from marrowsig._cli.claimed import claimed
from marrowsig._further import Asked, further
from marrowsig._matured import matured
from marrowsig._p_values import p_equals, p_phrase, p_value
from marrowsig._readable import readable
from marrowsig._report import words as said_by_the_report
from marrowsig._report.answer import primary
from marrowsig._report.gathered import gathered
from marrowsig._report.partners import of_gene
from marrowsig._report.versions import versions
from marrowsig._report.why import why
from marrowsig._stats.holm import holm
from marrowsig.pl._aside import p_word
from marrowsig.qc._stroma_clause import clause
from marrowsig.qc._stroma_size import cause, cited
from marrowsig.tl._chain_words import inhibitor_sentence
from marrowsig.tl._claims_asked import IL6_UP, said_of
from marrowsig.tl._claims_border import borderline
from marrowsig.tl._claims_data import SIGNATURES, _ids
from marrowsig.tl._claims_il6 import Receptors, counts_of
from marrowsig.tl._claims_numbers import adjust, agreement, by_method
from marrowsig.tl._claims_power import NOISE, rarely
from marrowsig.tl._claims_rules import PARTNERS, RULES, both, judge
from marrowsig.tl._claims_size import not_alone, on_these_genes, switched, to_cite
from marrowsig.tl._claims_verdicts import COLUMNS, verdicts
from marrowsig.tl._claims_words import _carry_over, _disagree, _others_hold, other_tests, reason, sentence

DESIGN = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
DOCS = Path(__file__).resolve().parents[1] / "docs" / "claims.md"
GOOD = {
    "estimate": 0.5,
    "p_adj": 0.01,
    "agreement": 1.0,
    "n_against": 0,
    "builds_on": "",
    "stroma": "not explained by carry-over",
    "filtered_p_adj": 0.01,
    "maturation": "not explained by maturation",
}


def rule(**changed: object) -> tuple[str, str]:
    found = judge(GOOD | changed, alpha=0.05, agreement=0.75)
    return found.name, found.verdict


@pytest.fixture(scope="module")
def demo():
    adata = ms.ds.demo()
    before = adata.X.copy(), sorted(adata.uns["marrowsig"]), sorted(adata.obsm)
    table = ms.tl.claims(adata, DESIGN, stroma=ms.ds.demo_stroma())
    assert np.array_equal(adata.X, before[0])
    assert sorted(adata.uns["marrowsig"]) == before[1]
    assert sorted(adata.obsm) == before[2]
    return table


@pytest.mark.parametrize(
    ("word", "told"),
    [("explained by carry-over", NOTHING), ("cannot tell", NOTHING), (NO_REFERENCE, NO_REFERENCE), ("", "")],
)
def test_what_was_not_tested_is_not_explained_by_carry_over(demo, word: str, told: str) -> None:
    row = demo[demo["claim"] == "il6_up"].iloc[0].to_dict() | {"rise": (), "builds_on": "", "stroma": word}
    row |= {"estimate": np.nan, "p": np.nan, "p_adj": np.nan, "test": "not tested: too few counts"}
    verdicts([row], alpha=0.05, agreement=0.75)
    assert (row["rule"], row["verdict"], row["stroma"]) == ("not estimated", "cannot tell", told)
    assert row["reason"] == "not tested: too few counts"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("all hold", "supported")),
        ({"estimate": np.nan}, ("not estimated", "cannot tell")),
        ({"p_adj": np.nan}, ("not estimated", "cannot tell")),
        ({"p_adj": 0.05}, ("not established", "not supported")),
        ({"p_adj": 0.9, "stroma": NO_REFERENCE}, ("not established", "not supported")),
        ({"p_adj": 0.9, "estimate": -0.5}, ("not established", "not supported")),
        ({"agreement": 0.74}, ("versions disagree", "cannot tell")),
        ({"agreement": 0.75}, ("all hold", "supported")),
        ({"agreement": np.nan}, ("all hold", "supported")),
        ({"n_against": 1}, ("versions disagree", "cannot tell")),
        ({"builds_on": "supported"}, ("all hold", "supported")),
        ({"builds_on": "cannot tell"}, ("rise not supported", "cannot tell")),
        ({"builds_on": "not supported"}, ("rise not supported", "cannot tell")),
        ({"builds_on": "not supported", "estimate": -0.5}, ("opposite", "contradicted")),
        ({"stroma": NO_REFERENCE, "filtered_p_adj": np.nan}, ("carry-over not examined", "cannot tell")),
        ({"stroma": ""}, ("carry-over not examined", "cannot tell")),
        ({"stroma": "may be carry-over"}, ("carry-over", "cannot tell")),
        ({"stroma": "explained by carry-over"}, ("carry-over", "cannot tell")),
        ({"stroma": "cannot tell"}, ("carry-over", "cannot tell")),
        ({"stroma": "not asked: no effect established"}, ("carry-over", "cannot tell")),
        ({"filtered_p_adj": 0.05}, ("carry-over", "cannot tell")),
        ({"stroma": RULED_OUT}, ("all hold", "supported")),
        ({"stroma": BLAST_POOR}, ("all hold", "supported")),
        ({"cell_types": "may be shares of cell types"}, ("cell types", "cannot tell")),
        ({"cell_types": "cannot tell"}, ("all hold", "supported")),
        ({"maturation": "may be maturation"}, ("maturation", "cannot tell")),
        ({"maturation": "cannot tell"}, ("all hold", "supported")),
        ({"maturation": ""}, ("all hold", "supported")),
        ({"estimate": -0.5}, ("opposite", "contradicted")),
        ({"estimate": -0.5, "stroma": NO_REFERENCE}, ("carry-over not examined", "cannot tell")),
        ({"estimate": -0.5, "maturation": "may be maturation"}, ("maturation", "cannot tell")),
    ],
)
def test_each_rule(changed, expected):
    assert rule(**changed) == expected


def test_a_stroma_check_that_cannot_tell_says_why():
    row = {"stroma": "cannot tell", "stroma_why": "only 0 genes are high in stroma", "filtered_p_adj": 0.01}
    assert _carry_over(row, 0.05) == ("the check of carry-over cannot tell: only 0 genes are high in stroma")
    found = _carry_over(row | {"stroma": "explained by carry-over", "stroma_why": ""}, 0.05)
    assert found == "explained by carry-over"


def test_a_claim_lost_on_fewer_genes_says_so_in_its_first_words(demo):
    row = demo.query("claim == 'emt_up'").iloc[0].to_dict() | {"verdict": "cannot tell", "rule": "carry-over"}
    row |= {"stroma": "not explained by carry-over", "filtered_p_adj": 0.062, "filtered_family_size": 7}
    for claim, whose in (("stroma_emt_up", "leukaemia RNA"), ("emt_up", "stroma")):
        row["reason"] = _carry_over(row | {"claim": claim}, 0.05)
        lead = f"on the genes that {whose} could not move, adjusted p = 0.062 by Holm over 7 claims "
        assert row["reason"] == f"{lead}on such genes, not below 0.05"
    told = ms.get.table(pd.DataFrame([row, row | {"reason": "other"}])).frame["reason"].tolist()
    assert told == ["on the genes that stroma could not move, adj. p 0.062, not below 0.05", "other"]
    assert why(row, 0.05).startswith("On the genes that stroma could not move, adjusted p = 0.062 by")
    row["sentence"] = sentence(row, alpha=0.05)
    assert ": cannot tell; on the genes that stroma could not move, adjusted p = 0.062" in claimed(row)


def test_a_long_reason_is_shown_in_whole_words_and_kept_in_full(demo):
    row = demo.query("claim == 'emt_up'").iloc[0].to_dict() | {"verdict": "cannot tell"}
    ways = "4 of 6 ways of scoring have the sign of the estimate, not stat3.dauer2005 (ucell)"
    long = f"{ways}, stat3.specific (ucell); the rule needs at least 5"
    table = ms.get.table(pd.DataFrame([row | {"reason": long}, row | {"reason": "other"}]))
    assert table.frame["reason"].tolist() == [long, "other"]
    assert long in table.to_csv()
    for shown in (table.to_string(), repr(table), table._repr_html_()):
        assert f"{ways} ..." in shown
        assert "stat3.specific (u" not in shown
        assert "in full: .frame['reason'], or ms.tl.explain(result)" in shown
    assert "in full" not in repr(
        ms.get.table(pd.DataFrame([row | {"reason": "other"}, row | {"reason": "third"}]))
    )


SMALLEST = "the smallest change that its interval allows (0.03)"
ENOUGH = (
    "carry-over as estimated (1.20 % of the RNA in the co-culture with most of it) by itself gives 0.034 of "
    f"the 0.1 as scored: as much as {SMALLEST}, or more"
)
ARM = f"of carried-over RNA in one arm and none in the other would give {SMALLEST}, and"
MORE = f"but 0.081 % {ARM} one of its co-cultures may hold up to 1.5 %"
ALONE = f"but 3 % {ARM} that is less than three times the 1.5 % that one of its co-cultures may hold"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"verdict": "not explained by carry-over"}, ""),
        (
            {"verdict": "not asked: no effect established"},
            "adjusted p = 0.2 over the signatures of that check",
        ),
        ({"estimate": np.nan}, "the contrast could not be estimated"),
        ({"share_up": np.nan}, "no stroma was given"),
        (
            {"verdict": "explained by carry-over"},
            ENOUGH,
        ),
        (
            {"verdict": "may be carry-over", "carried": 0.034},
            ENOUGH,
        ),
        (
            {"verdict": "may be carry-over", "carried": 0.06, "share_low": 0.0},
            "no stroma is shown in most of the co-cultures, but one may hold up to 1.50 %: "
            + ENOUGH.replace("0.034", "0.06"),
        ),
        (
            {"verdict": "may be carry-over", "carried": 0.02},
            f"carry-over as estimated cannot explain it, {ALONE}",
        ),
        (  # two questions, of which one answer must not read as the contrary of the other
            {"verdict": "may be carry-over", "carried": -0.02},
            f"carry-over as estimated cannot explain it (it works in the other direction), {ALONE}",
        ),
        (
            {"verdict": "may be carry-over", "carried": 0.02, "tipping": 0.00081, "tipping_ratio": 0.054},
            f"carry-over as estimated cannot explain it, {MORE}",
        ),
        (
            {},
            (
                "not established on the genes that it cannot move, and as estimated it is too little to "
                "explain it"
            ),
        ),
        (
            {"filtered_p_bh": 0.01},
            (
                "small changes of all the genes that are left could move the score by 0.05: as much as the "
                "smallest change that its interval allows (0.04) on these genes, or more"
            ),
        ),
        (
            {"filtered_estimate": np.nan},
            "it could move all but 4 of 90 genes, and so few cannot be tested",
        ),
        (
            {"carried": np.nan},
            "gsva scores depend on the other samples, and what it does to them is not known",
        ),
        ({"gene": "IL6", "verdict": "not asked: no effect established"}, "p = 0.3 in that check"),
        (
            {"gene": "IL6", "verdict": "explained by carry-over"},
            "3 % of stroma's RNA would give all of it, and one of the co-cultures may hold up to 1.5 %",
        ),
        (
            {"gene": "IL6", "verdict": "may be carry-over"},
            (
                "2 % of stroma's RNA would give the smallest difference per million that its interval "
                "allows, and that is less than three times the 1.5 % that one of the co-cultures may hold"
            ),
        ),
        (
            {"gene": "IL6", "verdict": "explained by carry-over", "stratum": "time=24h"},
            (
                "3 % of stroma's RNA would give all of it, and one of the co-cultures of time=24h may hold "
                "up to 1.5 %"
            ),
        ),
        (
            {
                "gene": "IL6",
                "verdict": "may be carry-over",
                "tipping_low": 0.01,
                "ratio": 0.67,
                "difference_low": 0.7,
            },
            (
                "1 % of stroma's RNA would give the smallest difference per million that its interval allows "
                "(0.7), and one of the co-cultures may hold up to 1.5 %"
            ),
        ),
        ({"gene": "IL6"}, "how much of this gene stroma has is not known"),
        (
            {"verdict": "may be carry-over", "carried": 0.02, "filtered_p_bh": 0.001},
            (
                "small changes of all the genes that are left could move the score by 0.05: as much as the "
                "smallest change that its interval allows (0.04) on these genes, or more"
            ),
        ),
    ],
)
def test_what_holds_a_claim_back_is_said_in_a_clause(changed, said):
    row = {
        "verdict": "cannot tell", "estimate": 0.1, "p": 0.3, "p_bh": 0.2, "share": 0.012, "share_low": 0.01,
        "share_up": 0.015, "tipping": 0.03, "tipping_low": 0.02, "tipping_ratio": 2.0, "ratio": 1.4,
        "carried": 0.034, "ci_low": 0.03, "ci_high": 0.17, "left": 0.05, "filtered_estimate": 0.1,
        "filtered_ci_low": 0.04, "filtered_p_bh": 0.3, "n_kept": 4, "n_genes": 90, "method": "gsva",
    }  # fmt: skip
    assert clause(row | changed, alpha=0.05, unknown="no stroma was given") == said


def test_every_rule_is_reached():
    """All but "not asked", which no row with numbers can get, and which is tested on designs below."""
    cases = test_each_rule.pytestmark[0].args[1]
    assert {name for _, (name, _) in cases} == {r.name for r in RULES} - {"not asked"}


words = st.sampled_from
numbers = st.floats(-2, 2) | st.just(float("nan"))


@given(
    estimate=numbers,
    p_adj=st.floats(0, 1) | st.just(float("nan")),
    filtered=st.floats(0, 1) | st.just(float("nan")),
    share=st.floats(0, 1) | st.just(float("nan")),
    against=st.integers(0, 3),
    builds_on=words(["", "supported", "not supported", "cannot tell", "not asked"]),
    stroma=words(
        ["", NO_REFERENCE, RULED_OUT, "not explained by carry-over", "cannot tell", "explained by carry-over"]
    ),
    maturation=words(["", "may be maturation", "cannot tell", "not asked: no effect established"]),
    alpha=st.floats(0.001, 0.2),
)
def test_nothing_is_said_of_what_is_not_established(
    estimate, p_adj, filtered, share, against, builds_on, stroma, maturation, alpha
):
    row = {
        "estimate": estimate, "p_adj": p_adj, "filtered_p_adj": filtered, "agreement": share,
        "n_against": against, "builds_on": builds_on, "stroma": stroma, "maturation": maturation,
    }  # fmt: skip
    verdict = judge(row, alpha=alpha, agreement=0.75).verdict
    if verdict in ("supported", "contradicted"):
        assert p_adj < alpha
        assert not filtered >= alpha
        assert stroma in (STANDS, RULED_OUT)
        assert against == 0
        assert not share < 0.75
        assert (estimate > 0) == (verdict == "supported")
    if verdict == "supported":
        assert builds_on in ("", "supported")


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["supported", "supported"], "supported"),
        (["supported", "contradicted"], "contradicted"),
        (["cannot tell", "contradicted"], "contradicted"),
        (["supported", "cannot tell"], "cannot tell"),
        (["not supported", "cannot tell"], "cannot tell"),
        (["supported", "not supported"], "not supported"),
    ],
)
def test_both_partners(verdicts, expected):
    assert both(verdicts).verdict == expected


def test_agreement_counts_signs_and_those_who_contradict():
    estimate = np.array([1.0, 0.2, -0.1, -0.4, np.nan])
    p = np.array([0.01, 0.5, 0.5, 0.01, np.nan])
    assert agreement(0.7, estimate, p, 0.05) == {"agreement": 0.5, "n_specifications": 4, "n_against": 1}
    assert np.isnan(agreement(np.nan, estimate, p, 0.05)["agreement"])


def test_family_is_all_claims_and_a_lost_filter_counts_as_one():
    rows = [
        {"p": 0.01, "filtered_p": np.nan, "stroma": "may be carry-over", "se": 0.1, "df": 5.0},
        {"p": 0.02, "filtered_p": 0.001, "stroma": "not explained by carry-over", "se": 0.1, "df": 5.0},
        {"p": np.nan, "filtered_p": np.nan, "stroma": "cannot tell", "se": np.nan, "df": np.nan},
    ]
    adjust(rows, alpha=0.05)
    assert [r["p_adj"] for r in rows[:2]] == pytest.approx([0.02, 0.02])
    assert [r["filtered_p_adj"] for r in rows[:2]] == pytest.approx([1.0, 0.002])
    assert {r["family_size"] for r in rows} == {2}
    assert rows[0]["detectable"] > 0.1 * 2.57  # more than the t of the level alone
    assert np.isnan(rows[2]["detectable"])


def test_demo_says_what_is_true_there(demo):
    """EMT +0.3 and +1.2, IL-6 response +0.8 and +1.3, inhibitors take 0.8 and 0.5 of it away: truth.csv."""
    told = demo.set_index(["claim", "line", "inhibitor"])["verdict"]
    for line in ("parental", "resistant"):
        assert told["emt_up", line, ""] == "supported"
        assert told["il6_response_up", line, ""] == "supported"
    assert told["emt_more_in_resistant", "", ""] == "supported"
    assert told["emt_reversed", "resistant", "JAKi_A"] == "supported"
    assert told["emt_reversed", "resistant", "JAKi_B"] == "supported"
    assert "contradicted" not in set(told)


def test_demo_table_is_tidy(demo):
    assert list(demo.columns) == list(COLUMNS)
    tested = demo["p"].notna()
    assert demo.loc[tested, "p_adj"].to_numpy() == pytest.approx(holm(demo.loc[tested, "p"].to_numpy()))
    assert set(demo.loc[tested, "family_size"]) == {int(tested.sum())}
    assert (demo.loc[demo["claim"] == "emt_up", "n_specifications"] == 3 * len(SIGNATURES["emt"])).all()
    asked = demo[demo["verdict"] != "not asked"]
    assert ((asked["p_adj"] < 0.05) | (asked["verdict"] == "not supported")).all()
    rest = demo[demo["verdict"] == "not asked"]
    assert set(rest["claim"]) == {"il6_up_in_both"}
    assert set(rest["reason"]) == {"stroma in co-culture: it was grown alone only"}


def test_maturation_is_asked_of_all_that_a_claim_establishes(demo):
    """By p of the contrast alone, which no adjusted p is below."""
    told = demo[demo["maturation"] != ""]
    unasked = told["maturation"] == "not asked: no effect established"
    assert (unasked == (told["p"] >= 0.05)).all()
    near = told["p_adj"].ge(0.05) & told["p"].lt(0.05)  # established before the adjustment only
    assert near.any()
    assert not unasked[near | told["p_adj"].lt(0.05)].any()


def test_explain_gives_the_sentences(demo):
    told = ms.tl.explain(demo)
    assert told.tolist() == demo["sentence"].tolist()
    weak = demo["verdict"] == "not supported"
    assert weak.any()
    assert told[weak].str.contains("no evidence of no change").all()
    assert told[weak].str.contains("with power 0.8").all()
    assert not told.str.contains("nan").any()


def test_a_claim_names_the_size_to_cite_and_what_stroma_gives(demo):
    told = demo.set_index(["claim", "line", "inhibitor"])
    row = told.loc[("emt_up", "parental", "")]
    assert (row["verdict"], row["cite"], row["n_kept"]) == ("supported", "filtered_estimate", 98)
    assert row["carried"] > 0.5 * row["estimate"]
    counted = "12 of 15 ways of scoring, as scored, have this sign, not explained by carry-over (asked of"
    assert f"{counted} emt.hallmark only), not explained by maturation; 0.033 of 0.051 (6" in row["reason"]
    counted = "12 of 15 ways of scoring, as scored, agree, not carry-over (asked of emt.hallmark only)"
    assert why(row, 0.05).startswith(counted)
    assert "Stroma by itself gives 0.033. On the 98 of 200 genes that stroma could not" in row["sentence"]
    assert "by Holm over 13 claims on such genes; cite this size" in row["sentence"]
    assert apart(row) == "direction yes, size raised"
    said = claimed(row)
    assert "(emt.hallmark as scored 0.051 [0.040, 0.062], adj. p < 0.0001; on the 98 of 200 genes" in said
    assert "could not move 0.030 [0.024, 0.035], adj. p < 0.0001: cite this size)." in said
    # Sizes of one signature stand on the same genes, so that they add up.
    up, more = told.loc[("emt_up", "resistant", "")], told.loc[("emt_more_in_resistant", "", "")]
    assert more["filtered_estimate"] == pytest.approx(up["filtered_estimate"] - row["filtered_estimate"])
    assert "stroma makes its size as scored smaller, by 0.0037" in more["reason"]
    assert apart(more) == "direction yes, size lowered"
    il6 = told.loc[("il6_response_up", "parental", "")]
    assert (il6["cite"], apart(il6)) == ("estimate", "yes")
    assert "3 of 3 ways of scoring have this sign, not explained by carry-over" in il6["sentence"]
    weak = demo[demo["verdict"].eq("not supported") & demo["signature"].ne("IL6")]
    assert not weak["sentence"].str.contains("cite").any()


def test_rows_of_a_signature_show_one_scale_and_no_size_to_cite_without_both_p(demo):
    row = demo.query("claim == 'emt_more_in_resistant'").iloc[0].to_dict()
    row |= {"p_adj": 0.11, "filtered_p_adj": 1e-6, "rule": "not established", "verdict": "not supported"}
    row |= {"test": "", "builds_on": ""}
    row["reason"] = reason(row, alpha=0.05, agreement=0.8)
    size = f"{row['filtered_estimate']:.2g}"
    assert row["reason"].endswith(
        f"not below 0.05: the test as scored decides; on the genes left alone it would be {size}, adjusted "
        "p < 0.0001, which does not count"
    )
    row["sentence"] = sentence(row, alpha=0.05)
    assert "cite" not in row["sentence"]
    assert "adj. p < 0.0001: not supported as scored)." in claimed(row)
    assert (on_these_genes(row), to_cite(row)) == (True, False)
    # The short reason of the report says where stroma hides a change, and nothing where it adds to one.
    assert row["carried"] < -0.1 * row["estimate"] < 0
    hides = f"Stroma's RNA works against the change as scored ({row['carried']:.2g})".replace(
        "(-", "(\N{MINUS SIGN}"
    )
    assert hides in why(row, 0.05)
    assert why(row | {"carried": -row["carried"]}, 0.05) == why(row | {"carried": float("nan")}, 0.05)
    assert "Stroma" not in why(row | {"carried": float("nan")}, 0.05)
    # One line, one set of genes: that as scored decides here, and what is supported is cited on fewer.
    line, other = (next(iter(brief_claims(rows))) for rows in (pd.DataFrame([row]), demo.iloc[:1]))
    assert line.startswith(("    not supported 0.11 ", "  ! not supported 0.11 "))
    assert f"{row['estimate']:.3f} [" in line
    assert other.startswith("*")
    assert p_value(demo["filtered_p_adj"].iloc[0]) in other
    assert f"{demo['filtered_estimate'].iloc[0]:.3f} [" in other
    # What is not established on those genes either is not said to be.
    assert "second" not in reason(row | {"filtered_p_adj": 0.2}, alpha=0.05, agreement=0.8)


def test_a_claim_tells_of_other_tests_and_of_a_narrow_verdict(demo):
    told = demo.set_index(["claim", "line", "inhibitor"])
    row = told.loc[("stat3_up", "parental", "")]
    assert row["verdict"] == "not supported"
    assert "all with this sign; established by mean and ucell only" in row["other_tests"]
    moved = f"mean change {row['genes_estimate']:.2g} SD of genes of such expression, not log2"
    assert f"By the test of its genes established: {moved}, p < 0.0001, not adjusted." in row["other_tests"]
    assert "il6.hallmark, and answers for the IL-6 response (supported here)" in row["other_tests"]
    assert row["other_tests"] in row["sentence"]
    narrow = told.loc[("emt_reversed", "parental", "JAKi_B"), "reason"]
    assert narrow.endswith("needs at least 12 (borderline)")
    assert told.loc[("il6_response_up", "parental", ""), "borderline"] == ""
    assert "p = 0.06, not adjusted" in told.loc[("emt_reversed", "resistant", "JAKi_B"), "other_tests"]


@pytest.mark.parametrize(
    ("rule", "edge", "short", "said"),
    [
        ("all hold", "adjusted p = 0.049", "borderline: adj. p 0.049", "borderline: adjusted p = 0.049"),
        (
            "all hold",
            "adjusted p = 0.04 without the genes that carry-over could move",
            "borderline: adj. p 0.04 on the genes left",
            "borderline: adjusted p = 0.04 without the genes that carry-over could move",
        ),
        (
            "all hold",
            "'cannot tell' without parental p0, whose scatter counts though it is not compared",
            "borderline: 'cannot tell' without parental p0",
            "borderline: 'cannot tell' without parental p0, whose scatter counts though it is not compared",
        ),
        (
            "all hold",
            "12 of 15 ways of scoring, where 12 are needed",
            "borderline: 12 ways are needed",
            "borderline: 12 of 15 ways of scoring, where 12 are needed",
        ),
        ("not established", "adjusted p = 0.06", "borderline", "borderline"),  # it stands before it
        (
            "carry-over",
            "adjusted p = 0.06 without the genes that carry-over could move",
            "borderline",
            "borderline",
        ),
        (
            "versions disagree",
            "adjusted p = 0.04 and 11 of 15 ways of scoring, where 12 are needed",
            "borderline: adj. p 0.04",
            "borderline: adjusted p = 0.04",
        ),
    ],
)
def test_what_makes_a_claim_borderline_is_said_on_the_page_and_in_the_log(demo, rule, edge, short, said):
    row = demo.query("claim == 'emt_up'").iloc[0].to_dict()
    row |= {"rule": rule, "borderline": f"borderline: {edge}", "p_adj": 0.06, "agreement": 11 / 15}
    row |= {"n_specifications": 15, "n_against": 0, "test": "", "builds_on": "", "verdict": "supported"}
    row["reason"] = reason(row, alpha=0.05, agreement=0.75)
    assert f" ({said})" in row["reason"]
    assert f" ({short})." in why(row, 0.05)
    row["sentence"] = sentence(row, alpha=0.05)
    assert f" ({said})" in claimed(row)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"p_adj": 0.049}, "borderline: adjusted p = 0.049"),
        ({"p_adj": 0.069, "rule": "not established"}, "borderline: adjusted p = 0.069"),
        ({"p_adj": 0.071, "rule": "not established"}, ""),
        ({"agreement": 12 / 15}, "borderline: 12 of 15 ways of scoring, where 12 are needed"),
        (
            {"agreement": 11 / 15, "rule": "versions disagree"},
            "borderline: 11 of 15 ways of scoring",
        ),
        ({"agreement": 11 / 15, "rule": "not established"}, ""),
        ({"agreement": 13 / 15}, ""),
        ({"agreement": 10 / 15, "rule": "versions disagree"}, ""),
        ({"agreement": 1.0, "n_specifications": 3}, ""),
        (
            {"filtered_p_adj": 0.04},
            "borderline: adjusted p = 0.04 without the genes that carry-over could move",
        ),
        ({"filtered_p_adj": 0.04, "stroma": RULED_OUT}, ""),
    ],
)
def test_a_verdict_on_a_knife_edge_says_so(changed, said):
    row = GOOD | {"n_specifications": 15, "rule": "all hold"} | changed
    found = borderline(row, alpha=0.05, agreement=0.75)
    assert found.startswith(said) if said else found == ""


def test_contrasts_take_the_p_of_claims_that_ask_the_same():
    shared = {"method": "singscore", "stratum": "", "signature": "emt.hallmark"}
    res = pd.DataFrame([
        shared | {"contrast": c, "estimate": 0.1, "p_adj": p, "verdict": v, "adjustment": "Holm",
                  "family": "primary", "family_size": 21}
        for c, p, v in [("interaction", 0.073, "not established"), ("reversal_X", 0.2, "not established"),
                        ("residual_X", 0.01, "up")]
    ])  # fmt: skip
    claims = pd.DataFrame([
        shared | {"contrast": "interaction", "p_adj": 0.0488, "verdict": "supported", "family_size": 13},
        shared | {"contrast": "reversal_X", "p_adj": 0.01, "verdict": "cannot tell", "family_size": 13},
    ])  # fmt: skip
    out = as_claimed(res, claims)
    assert out["p_adj"].tolist() == [0.0488, 0.01, 0.01]
    assert out["verdict"].tolist() == ["up", "lowered by inhibitor", "up"]
    assert out["as_claim"].tolist() == [True, True, False]
    assert out["family_size"].tolist() == [13, 13, 21]
    assert res["p_adj"].tolist() == [0.073, 0.2, 0.01]
    assert as_claimed(res, None) is res


def test_all_lists_of_an_axis_are_counted_beside_a_claim():
    verdicts = ["up", "up", "down", "not established"]
    res = pd.DataFrame({
        "signature": [f"emt.{k}" for k in "abcd"], "contrast": "co_vs_mono", "stratum": "",
        "estimate": [0.1, 0.2, -0.1, 0.1], "p_adj": [0.01, 0.01, 0.01, 0.3], "verdict": verdicts,
    })  # fmt: skip
    counts = "2 up (emt.a and emt.b), 1 down (emt.c), 1 not established (1 above zero, 0 below)"
    said = {("emt", "co_vs_mono", ""): f"Of 4 EMT lists, by adj. p as a contrast: {counts}."}
    assert versions(res) == said


def test_estimates_are_those_of_compare(demo):
    adata = ms.ds.demo()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "emt.hallmark")
    res = ms.tl.compare(adata, DESIGN, permutations=0).set_index("contrast")
    own = demo[demo["signature"] == "emt.hallmark"]
    for row in own.to_dict("records"):
        for name in ("estimate", "ci_low", "ci_high", "p"):
            assert row[name] == pytest.approx(res.loc[row["contrast"], name], rel=1e-9)


@pytest.fixture(scope="module")
def small():
    """Few genes of the demo study, so that a run takes a moment; with stroma grown alone and with it."""
    adata = ms.ds.demo()
    adata = adata[adata.obs["inhibitor"] == "none"].copy()
    wanted = {gene for own in SIGNATURES.values() for gene in ms.sig.as_set(list(own)).genes} | {"IL6"}
    others = [gene for gene in adata.var_names if gene not in wanted][::16]
    adata = adata[:, [g for g in adata.var_names if g in wanted | set(others)]].copy()
    adata.obs["compartment"] = "AML"
    return adata


@pytest.fixture(scope="module")
def two_partners(small):
    msc = ms.ds.demo_stroma()[:, small.var_names].copy()
    co = msc.copy()
    co.X = np.where(co.var_names == "IL6", 8 * co.X, co.X)
    rows = []
    for culture, part in (("mono", msc), ("co", co)):
        part.obs = pd.DataFrame({"culture": culture}, index=[f"{name}_{culture}" for name in part.obs_names])
        rows.append(part)
    both_ = ad.concat(rows)
    both_.obs = both_.obs.assign(line="", inhibitor="none", pair=[f"m{i % 4}" for i in range(8)])
    both_.obs["compartment"] = "MSC"
    whole = ad.concat([small, both_])
    whole.uns["marrowsig"] = {"input": {"kind": "counts"}}
    return whole


def test_both_partners_are_asked_where_stroma_was_measured(two_partners):
    design = ms.Design(culture="culture", line="line", pair="pair", compartment="compartment")
    table = ms.tl.claims(two_partners, design, stroma="MSC", methods=["singscore", "mean"])
    own = table[table["claim"] == "il6_up"].set_index(["compartment", "line"])
    assert own.index.tolist() == [("AML", "parental"), ("AML", "resistant"), ("stroma", "")]
    row = own.loc[("stroma", "")]
    assert row["verdict"] == "supported"
    assert row["estimate"] == pytest.approx(3.0, abs=0.4)  # eight times, less what it takes of the library
    assert row["stroma"] == BLAST_POOR
    joint = table[table["claim"] == "il6_up_in_both"]
    assert joint["verdict"].tolist() == ["not supported", "not supported"]
    for line, found in zip(joint["line"], joint["p_adj"], strict=True):
        assert found == max(own.loc[("AML", line), "p_adj"], row["p_adj"])
    emt = table[table["claim"] == "emt_up"]
    assert set(emt["compartment"]) == {"AML"}
    assert set(emt["stroma"]) == {"not explained by carry-over"}


@pytest.mark.filterwarnings("ignore:Samples that are the same")
def test_stroma_alone_of_no_line_is_compared_with_the_stroma_of_each_line_in_pairs(small):
    """Sorted apart: four donors of stroma, alone and under both lines; an inhibitor on the cells."""
    msc, rises = ms.ds.demo_stroma()[:4, small.var_names].copy(), {"none": 1, "parental": 2, "resistant": 8}
    parts = []
    for line, rise in rises.items():
        one = msc.copy()
        one.X = np.where(one.var_names == "IL6", rise * one.X, one.X)
        names = [f"{name}_{line}" for name in one.obs_names]
        culture = "mono" if line == "none" else "co"
        one.obs = pd.DataFrame({"culture": culture, "line": line, "pair": [f"d{i}" for i in range(4)]}, names)
        parts.append(one)
    stroma = ad.concat(parts)
    stroma.obs = stroma.obs.assign(inhibitor="none", compartment="MSC")
    treated = small[small.obs["culture"] == "co"].copy()
    treated.obs = treated.obs.assign(inhibitor="drug")
    treated.obs_names = [f"{name}_drug" for name in treated.obs_names]
    whole = ad.concat([small, treated, stroma])
    whole.uns["marrowsig"] = {"input": {"kind": "counts"}}
    design = ms.Design(
        culture="culture", line="line", pair="pair", compartment="compartment", inhibitor="inhibitor"
    )
    table = ms.tl.claims(whole, design, stroma="MSC", methods="singscore")
    own = table[(table["claim"] == "il6_up") & (table["compartment"] == "stroma")].set_index("line")
    assert own.index.tolist() == ["parental", "resistant"]
    assert (own["n_pairs"] == 4).all()
    for line in ("parental", "resistant"):  # less what two prior reads take of some thousand
        assert own.loc[line, "estimate"] == pytest.approx(np.log2(rises[line]), rel=5e-3)
    joint = table[table["claim"] == "il6_up_in_both"].set_index("line")
    cells = table[(table["claim"] == "il6_up") & (table["compartment"] == "AML")].set_index("line")
    for line in ("parental", "resistant"):
        assert joint.loc[line, "p_adj"] == max(cells.loc[line, "p_adj"], own.loc[line, "p_adj"])


def test_without_a_reference_nothing_is_supported(small):
    design = ms.Design(culture="culture", line="line", pair="pair")
    table = ms.tl.claims(small, design, methods="singscore")
    assert not table["verdict"].isin(["supported", "contradicted"]).any()
    assert (table["rule"] == "carry-over not examined").any()
    null = table.assign(p_null=0.4)  # as ms.qc.null names its rows
    null.loc[null["claim"] == "stat3_up", "estimate"] += 1.0  # of other samples
    free = ms.tl.claims(small, design, methods="singscore", carry_over=False, null=null)
    assert free.set_index(["claim", "line"]).loc[("emt_up", "resistant"), "verdict"] == "supported"
    assert set(free.loc[free["p"].notna(), "stroma"]) == {RULED_OUT}
    random = "Random sets of genes that are expressed alike moved as much (p = 0.4)."
    held = free["verdict"].isin(["supported", "contradicted"]) & free["p_null"].notna()
    assert held.any()
    assert (free["sentence"].str.contains(random, regex=False) == held).all()
    assert free.loc[free["claim"] == "stat3_up", "p_null"].isna().all()
    assert any(line.startswith("supported, but random sets of genes moved") for line in brief_claims(free))
    counts = small[:, "IL6"].X.toarray().ravel() if hasattr(small.X, "toarray") else small[:, "IL6"].X.ravel()
    arm = counts[small.obs["culture"].eq("co") & small.obs["line"].eq("resistant")].astype(int)
    note = free.set_index(["claim", "line"]).loc[("il6_up", "resistant"), "note"]
    assert note.startswith(f"Counts of IL6 in a sample: {arm.min()} to {arm.max()} in resistant:co, ")
    of = free[free["claim"] == "il6_up"].assign(verdict="supported")
    told = [one for one in brief_claims(of) if one.startswith("Counts of IL6")]
    assert len(told) == 2
    named = [f" (IL6 rises in co-culture ({line}" for line in of["line"]]
    assert all(name in one for one, name in zip(told, named, strict=True)), told
    with pytest.warns(ms.InputWarning, match=r"carry_over=False says .* hold some by the reference, at most"):
        ms.tl.claims(small, design, methods="singscore", carry_over=False, stroma=ms.ds.demo_stroma())
    row = free.set_index(["claim", "line"]).loc[("stat3_up", "resistant")]
    sets = ms.tl.gene_sets(small, design, signatures="stat3.specific", n_rotations=1).set_index("contrast")
    assert row["genes_p"] == pytest.approx(sets.loc["co_in_resistant", "p"], rel=1e-6)
    assert row["genes_estimate"] == pytest.approx(sets.loc["co_in_resistant", "estimate"], rel=1e-6)
    assert row["genes_unit"] == sets.loc["co_in_resistant", "unit"]
    genes = ms.tl.genes(small, design)
    members = genes["gene"].isin(ms.sig.load("stat3.specific").genes) & genes["p"].notna()
    mean = genes.loc[members & genes["contrast"].eq("co_in_resistant"), "estimate"].mean()
    assert row["genes_log2_change"] == pytest.approx(mean, rel=1e-6)


def test_a_share_that_cannot_be_shown_is_told_where_carry_over_was_said_to_be_impossible():
    adata = ms.ds.demo()
    one = (adata.obs["culture"] == "co") | adata.obs_names.isin(["R1_mono"])
    adata = adata[(one & (adata.obs["line"] == "resistant")).to_numpy()].copy()
    adata.X = np.random.default_rng(0).binomial(np.asarray(adata.X).astype(int), 0.05).astype(np.float32)
    how = {"methods": "singscore", "carry_over": False, "stroma": ms.ds.demo_stroma()}
    told = (
        r"carry_over=False says .* cannot be checked\. Stroma cannot be shown in 12 of 13 samples \(R1_co, .*"
        r"By the reference they hold at most 0\.\d+ % \(limit 0\.\d+ %; 'R3_co', co\)"
    )
    with pytest.warns(ms.InputWarning, match=told):
        ms.tl.claims(adata, ms.Design(culture="culture", inhibitor="inhibitor"), **how)


def test_cells_without_the_receptor_and_counts_of_il6_are_told():
    obs = pd.DataFrame({"culture": ["mono", "co"] * 3, "state": ["GMP"] * 6}, index=list("abcdef"))
    genes = ["IL6", "IL6R", "IL6ST", "ACTB"]
    counts = np.array([[0, 0, 500, 10**6], [3, 0, 500, 10**6]] * 3)
    adata = ad.AnnData(counts.astype(np.float32), obs=obs, var=pd.DataFrame(index=genes))
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    design = ms.Design(culture="culture", compartment="state")
    plans = design.plans(obs)
    assert counts_of(adata, plans) == ["Counts of IL6 in a sample: 3 in co, 0 in mono"]
    assert Receptors(adata, design).note(plans[0].stratum).startswith("IL6R not expressed: such cells")
    adata.X[:, 1] = 500
    assert Receptors(adata, design).note(plans[0].stratum) == ""
    assert said_of(IL6_UP, resistant="x", state="GMP") == "IL6 in GMP rises in co-culture"
    drug = {"inhibitor": "A", "line": "", "stratum": ""}
    for step in ("stat3", "emt"):
        drug |= {f"{step}_{name}": 0.1 for name in ("reversal", "reversal_low", "reversal_high")}
        drug |= {f"{step}_reversal_p{tail}": 0.01 for tail in ("", "_adj", "_holm")}
        drug |= {f"{step}_verdict": "reversed", f"{step}_fraction_kind": "all"}
    assert inhibitor_sentence(drug, 0.05).endswith("compatible with STAT3 lying on the path.")
    assert inhibitor_sentence(drug, 0.05, competence="IL6R not expressed").endswith("But IL6R not expressed.")


def test_what_a_design_cannot_ask_is_said(small):
    one = small[small.obs["line"] == "resistant"].copy()
    table = ms.tl.claims(one, ms.Design(culture="culture", pair="pair"), methods="singscore").set_index(
        "claim"
    )
    assert set(table.index[table["verdict"] == "not asked"]) == {
        "emt_more_in_resistant", "emt_reversed", "il6_up_in_both",
    }  # fmt: skip
    assert "line=" in table.loc["emt_more_in_resistant", "reason"]
    assert "inhibitor=" in table.loc["emt_reversed", "reason"]
    alone = small[small.obs["culture"] == "mono"].copy()
    none = ms.tl.claims(alone, ms.Design(line="line"), methods="singscore")
    assert set(none["verdict"]) == {"not asked"}
    assert none["claim"].is_unique


def test_one_sample_in_an_arm_cannot_tell(small):
    keep = (small.obs["line"] == "parental") | (small.obs["culture"] == "mono") | (small.obs["pair"] == "R1")
    table = ms.tl.claims(
        small[keep.to_numpy()].copy(), ms.Design(culture="culture", line="line"), methods="singscore"
    )
    row = table.set_index(["claim", "line"]).loc[("emt_up", "resistant")]
    assert (row["verdict"], row["rule"]) == ("cannot tell", "not estimated")
    assert "one replicate" in row["reason"]


def test_own_signatures_and_results_that_were_given(small):
    design = ms.Design(culture="culture", line="line", pair="pair")
    genes = ms.tl.genes(small, design)
    msc = ms.ds.demo_stroma()[:, small.var_names].copy()
    found = ms.qc.stroma(small, design, stroma=msc, signatures=["emt.mak2016"], genes=["IL6"])
    table = ms.tl.claims(
        small,
        design,
        stroma=found,
        genes=genes,
        signatures={"emt": "emt.mak2016"},
        methods=["singscore", "mean"],
    ).set_index(["claim", "line"])
    row = table.loc[("emt_up", "parental")]
    assert (row["signature"], row["n_specifications"]) == ("emt.mak2016", 2)
    verdicts = found.verdicts.set_index("contrast")
    assert row["stroma"] == verdicts.loc["co_in_parental", "verdict"] == "explained by carry-over"
    assert row["verdict"] == "cannot tell"
    assert row["reason"].startswith("explained by carry-over: carry-over as estimated (0.")
    gene = genes[(genes["gene"] == "IL6") & (genes["contrast"] == "co_in_parental")].iloc[0]
    assert table.loc[("il6_up", "parental"), "p"] == gene["p"]
    other = table.loc[("il6_response_up", "parental")]
    assert (other["rule"], other["stroma"]) == ("carry-over not examined", "")


def test_wrong_input_is_refused(small):
    design = ms.Design(culture="culture", line="line", pair="pair")
    with pytest.raises(ValueError, match="axis 'wnt'"):
        ms.tl.claims(small, design, signatures={"wnt": "emt.hallmark"})
    with pytest.raises(ValueError, match="names none for 'emt'"):
        ms.tl.claims(small, design, signatures={"emt": []})
    with pytest.raises(ValueError, match="alpha is 2"):
        ms.tl.claims(small, design, alpha=2)
    with pytest.raises(ValueError, match="agreement is 0"):
        ms.tl.claims(small, design, agreement=0)
    formula = ms.Design.from_formula(
        "~ culture", levels={"culture": ["mono", "co"]}, contrasts={"co": {"co": 1, "mono": -1}}
    )
    with pytest.raises(ValueError, match="formula does not name"):
        ms.tl.claims(small, formula)
    with pytest.raises(ValueError, match="genes= has no column"):
        ms.tl.claims(small, design, genes=pd.DataFrame({"gene": []}), methods="singscore")


def test_the_docs_hold_the_rules_of_the_code():
    text = DOCS.read_text(encoding="utf-8")
    for i, one in enumerate(RULES, start=1):
        assert f"| {i} | {one.name} | {one.verdict} | {one.when} |" in text
    for one in PARTNERS:
        assert f"| {one.name} | {one.verdict} | {one.when} |" in text
    for axis, ids in SIGNATURES.items():
        assert f"| {axis} | `{ids[0]}` | {', '.join(f'`{i}`' for i in ids[1:]) or 'none'} |" in text
    assert list(ms.tl.claim_rules()["rule"]) == [r.name for r in (*RULES, *PARTNERS)]


def test_figure_draws_the_numbers(demo):
    ax = ms.pl.claims(demo)
    rows = demo[demo["estimate"].notna()]
    points = [line for line in ax.lines if line.get_marker() == "o"]
    drawn = [float(line.get_xdata()[0]) for line in points]
    assert drawn == pytest.approx((rows["estimate"] / rows["detectable"]).tolist())
    written = [text.get_text().strip() for text in ax.texts if text.get_bbox_patch() is not None]
    assert written == rows["verdict"].tolist()
    held = rows["verdict"].isin(["supported", "contradicted"]) & rows["cite"].eq("filtered_estimate")
    own = rows["filtered_p_adj"].where(held, rows["p_adj"])  # as terminal, table.csv and figure.pdf
    assert 0 < held.sum() < len(rows)
    told = [text.get_text() for text in ax.texts]
    p = told[told.index("adj. p") + 1 :][: len(rows)]
    assert p == [p_value(v) + " ▲" * f for v, f in zip(own, held, strict=True)]
    assert "▲: p on genes that stroma could not move" in ax.figure.get_supxlabel().replace("\n", " ")
    assert "2 further rows" in ax.figure.get_supxlabel().replace("\n", " ")
    with pytest.raises(ValueError, match=r"ms\.tl\.claims"):
        ms.pl.claims(demo.drop(columns="verdict"))
    with pytest.raises(ValueError, match="No claim"):
        ms.pl.claims(demo[demo["verdict"] == "not asked"])
    two = ms.pl.claims(demo, most=2)
    assert len(two.get_yticklabels()) == 2
    assert f"the first 2 of {len(rows)} claims" in two.figure.get_supxlabel().replace("\n", " ")
    with pytest.raises(ms.InputError, match="most is 0"):
        ms.pl.claims(demo, most=0)


@pytest.mark.slow
def test_carry_over_alone_is_not_supported():
    """A short version of tests/bench/claims.py: 2 % of stroma, no effect."""
    path = Path(__file__).parent / "bench" / "claims.py"
    spec = importlib.util.spec_from_file_location("bench_claims", path)
    bench = importlib.util.module_from_spec(spec)
    sys.modules["bench_claims"] = bench
    spec.loader.exec_module(bench)
    table = bench.one(
        bench.sibling().demo_profiles(2500), bench.Case("null", 3, 0.02, 0.02), np.random.default_rng(1)
    )
    emt = table[table["claim"] == "emt_up"]
    assert (emt["p_adj"] < 0.05).all()  # carry-over is there to be seen through
    assert not table["verdict"].isin(["supported", "contradicted"]).any()


def test_a_run_asks_the_claims_with_the_stroma_that_was_given(small):
    adata = small.copy()
    ms.pp.lognorm(adata)
    sigs = ms.sig.load("emt.hallmark")
    ms.tl.score(adata, sigs)
    design = ms.Design(culture="culture", line="line", pair="pair")
    res = ms.tl.compare(adata, design, permutations=0)
    asked = Asked(
        adata=adata, cells=None, design=design, res=res, sigs=sigs, named=["emt.hallmark"],
        method="singscore", margin=None, min_coverage=0.5, prerank=False, seed=0,
        stroma=ms.ds.demo_stroma()[:, small.var_names].copy(),
    )  # fmt: skip
    found = further(asked, ["claims"], lambda _: None).results
    told = found["claims"].set_index(["claim", "line"]).loc[("emt_up", "resistant")]
    assert (told["verdict"], told["stroma"]) == ("supported", "not explained by carry-over")
    assert set(found["stroma"].verdicts["signature"]) == {own[0] for own in SIGNATURES.values()}


@pytest.mark.parametrize(
    ("share", "against", "said"),
    [
        (
            11 / 15,
            0,
            "11 of 15 ways of scoring have the sign of the estimate, not x (y); the rule needs at least 12",
        ),
        (
            14 / 15,
            1,
            "14 of 15 ways of scoring have the sign of the estimate; 1 excludes zero on the other side",
        ),
    ],
)
def test_ways_of_scoring_that_disagree_are_counted(share: float, against: int, said: str) -> None:
    row = {"agreement": share, "n_specifications": 15, "n_against": against, "other_sign": "x (y)"}
    assert _disagree(row, 0.75) == said


def test_a_claim_says_which_other_lists_hold_on_genes_that_stroma_could_not_move(demo):
    """By other steps: the genes dropped by the check are left out, and all is scored and compared anew."""
    adata = ms.ds.demo()
    ms.pp.lognorm(adata)
    main = [own[0] for own in SIGNATURES.values()]
    gone = ms.qc.stroma(adata, DESIGN, stroma=ms.ds.demo_stroma(), signatures=main, tipping=False).dropped
    left = adata[:, ~adata.var_names.isin(gone["gene"])].copy()
    others = list(SIGNATURES["emt"][1:])
    ms.tl.score(left, others, method="singscore", min_coverage=0.3)
    res = ms.tl.compare(left, DESIGN, permutations=0).set_index(["contrast", "signature"])
    holds = (res["estimate"] > 0) & (res["p"] < 0.05)
    claims = demo[demo["signature"].eq("emt.hallmark") & demo["verdict"].eq("supported")]
    assert len(claims) == 5
    for row in claims.to_dict("records"):
        own = [id for id in others if holds[row["contrast"], id]]
        named = f" ({', '.join(own)})" if len(own) < 4 else ""
        said = f"{len(own)} of 4 other lists{named} have this sign at p < 0.05"
        assert f"; on genes that stroma could not move, {said}" in row["reason"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "none of 2 other lists has"),
        (["b"], "1 of 2 other lists (b) has"),
        (["a", "b"], "2 of 2 other lists have"),
    ],
)
def test_other_lists_that_hold_are_counted(names: list[str], said: str) -> None:
    row = {"n_others": 2, "others_hold": names, "versions": "a, b", "stroma": "not explained by carry-over"}
    told = _others_hold(row | {"signature": "x"}, 0.05)
    assert told == f"on genes that stroma could not move, {said} this sign at p < 0.05"
    assert not _others_hold(row | {"signature": "x", "stroma": RULED_OUT}, 0.05)
    one = [_others_hold(row | {"signature": "x", "n_others": 1, "others_hold": n}, 0.05) for n in ([], ["b"])]
    for text, what in zip(one, ("does not have this sign", "has this sign, too,"), strict=True):
        assert text.partition(", ")[2] == f"the other list {what} at p < 0.05"


def test_the_ways_with_the_other_sign_are_named(demo):
    """Each list and method by itself: the difference of means of the arms, without the claims."""
    adata = ms.ds.demo()
    ms.pp.lognorm(adata)
    methods = ("singscore", "mean", "ucell")
    ms.tl.score(adata, list(SIGNATURES["emt"]), method=methods)
    arm = adata.obs["line"].astype(str) + adata.obs["inhibitor"].astype(str)
    arm = arm.where(adata.obs["culture"] == "co")
    row = demo[demo["claim"].eq("emt_reversed") & demo["line"].eq("parental")].iloc[-1]
    assert (row["inhibitor"], row["rule"]) == ("JAKi_B", "versions disagree")
    others = {}
    for id in sorted(SIGNATURES["emt"]):
        mean = {m: adata.obsm[f"score_{m}"][id].groupby(arm).mean() for m in methods}
        own = [m for m in methods if mean[m]["parentalnone"] <= mean[m]["parentalJAKi_B"]]
        others |= {id: set(own)} if own else {}
    assert sum(map(len, others.values())) == 4
    told = {}
    for part in row["other_sign"].removesuffix(")").split("), "):
        id, _, own = part.partition(" (")
        told[id] = set(methods) if own == "every method" else set(own.split(", "))
    assert told == others
    assert f"not {row['other_sign']}; the rule needs at least 12" in row["reason"]


def test_the_contrast_that_switched_the_size_is_named():
    rows = pd.DataFrame({
        "method": "m", "stratum": "", "signature": ["a", "a", "a", "b", "b"],
        "contrast": ["co", "residual", "weak", "co", "residual"],
        "estimate": [1.0, -0.5, 0.1, 1.0, 0.2], "carried": [0.02, 0.07, 0.09, 0.02, 0.1],
        "p_bh": [0.001, 0.01, 0.3, 0.001, 0.2], "filtered_estimate": 0.4, "share_up": 0.01,
    })  # fmt: skip
    assert cause(rows, 0.05) == ["14 % of residual"] * 3 + [""] * 2  # 0.07 of 0.5; `weak` is not established
    assert cited(rows, 0.05) == ["filtered_estimate"] * 3 + ["estimate"] * 2
    row = {"claim": "il6_response_up", "estimate": 1.0, "carried": 0.02, "cite": "filtered_estimate"}
    said = switched(row | {"cite_for": "14 % of residual"})
    assert said == (
        "as all contrasts of this signature with stroma in an arm, since it gives 14 % of residual as "
        "scored; those of cells alone are cited on all genes"
    )
    lines = rows.iloc[:4].assign(
        contrast=["co_in_parental", "co_in_resistant", "reversal_X_in_resistant", "resistance_in_mono"],
        signature="a",
        carried=[0.4, -0.1, 0.001, 0.0], p_bh=0.001, share_up=[0.01, 0.01, 0.01, 0.0],
    )  # fmt: skip
    other, own = "40 % of co_in_parental", "20 % of co_in_resistant"  # 0.1 of 0.5
    assert cause(lines, 0.05) == [other, own, own, ""]
    assert cause(lines.assign(carried=[0.4, 0.01, 0.001, 0.0]), 0.05) == [other, other, other, ""]
    assert cited(lines, 0.05) == ["filtered_estimate"] * 3 + ["estimate"]
    assert switched(row | {"carried": 0.2, "cite_for": "20 % of co"}) == ""
    assert switched(row | {"cite": "estimate", "cite_for": ""}) == ""


def test_a_size_to_cite_above_what_stroma_leaves_is_said_to_be_another():
    row = {"claim": "emt_up", "estimate": 0.077, "carried": 0.029, "cite": "filtered_estimate"}
    larger = not_alone(row | {"filtered_estimate": 0.099})
    assert larger.endswith("size as scored, is stroma's; the size to cite is a score of fewer genes")
    assert not_alone(row | {"filtered_estimate": 0.04}).endswith("is stroma's")  # of 0.048 that are left


@pytest.mark.parametrize(
    ("stroma", "said"),
    [
        ("not explained by carry-over", "yes"),
        ("explained by carry-over", "no"),
        ("cannot tell", "cannot"),
        (NO_REFERENCE, "cannot"),
    ],
)
def test_yes_to_carry_over_ruled_out_speaks_for_the_claim(stroma: str, said: str) -> None:
    assert apart({"stroma": stroma}).replace(":", "").split()[0] == said


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, True),
        ({"claim": "emt_up"}, False),
        ({"signature": "emt.blast"}, False),
        ({"largest_share": 0.005}, False),
        ({"largest_share": np.nan}, False),
        ({"verdict": "supported", "rule": "all hold"}, False),
        ({"verdict": "cannot tell", "rule": "carry-over"}, True),
        ({"verdict": "cannot tell", "rule": "maturation"}, False),
        ({"verdict": "cannot tell", "rule": "carry-over", "swapped": True}, False),
        ({"claim": "il6_up", "signature": "IL6", "verdict": "cannot tell", "rule": "carry-over"}, True),
    ],
)
def test_low_power_under_carry_over_is_said_where_it_keeps_a_claim_back(changed, told) -> None:
    row = {
        "claim": "emt_reversed", "signature": "emt.hallmark", "verdict": "not supported",
        "rule": "not established", "largest_share": 0.021,
    }  # fmt: skip
    said = rarely(row | changed)
    assert bool(said) is told
    assert ("up to 2.1 % of the RNA of a co-culture) this claim would rarely pass" in said) is told


def test_what_is_said_of_low_power_is_what_was_measured() -> None:
    table = [line.strip("| ").split(" | ") for line in DOCS.read_text(encoding="utf-8").splitlines()]
    found = {claim: [] for claim in ("emt_more_in_resistant", "emt_reversed", "il6_up")}
    for row in table:
        if row[:3] == ["effect", "4", "2 %"] and row[4] in found:
            found[row[4]].append(round(100 * float(row[7])))
    assert max(found.pop("il6_up")) == 0
    real = [share for own in found.values() for share in own]
    assert f"supported in {min(real)} to {max(real)} %" in NOISE


def test_a_claim_that_a_test_beside_it_does_not_establish_says_so(demo) -> None:
    held = demo[demo["rule"].isin(["all hold", "opposite"])]
    beside = held["p_welch"].ge(0.05)
    assert held["reason"].str.contains("not established by the differences of pairs alone").eq(beside).all()
    assert 0 < beside.sum() < len(held)
    assert not demo["sentence"].str.contains("every check").any()


def test_methods_that_go_the_other_way_establish_nothing() -> None:
    row = {"p": 0.01, "estimate": 0.1, "p_of": {"a": 0.01, "b": 0.001}, "estimate_of": {"a": 0.1, "b": -0.1}}
    by_method([row], ["a", "b"], alpha=0.05)
    assert (row["by_method"], row["n_established"]) == ("a 0.01, b 0.001 the other way", 1)


def test_the_methods_that_say_otherwise_are_named_in_short(demo) -> None:
    row = demo[demo["rule"].eq("all hold")].iloc[0].to_dict() | {"n_established": 2, "n_methods": 3}
    held = row | {"p_adj": 0.001, "by_method": "singscore 0.00066, ucell 0.0503, zscore < 0.0001"}
    assert "ot established by 1 of 3 methods (ucell)" in why(held, 0.05)
    turned = held | {"by_method": "singscore 0.00066, ucell 0.01 the other way, zscore 0.0497"}
    assert "ot established by 1 of 3 methods (ucell)" in why(turned, 0.05)
    other = held | {"rule": "not established", "verdict": "not supported", "p_adj": 0.2}
    assert "stablished by 2 of 3 methods (singscore and zscore)" in why(other, 0.05)


def test_a_signature_of_its_own_answers_like_an_id() -> None:
    sig = ms.sig.load("emt.blast")["emt.blast"]
    assert _ids({"emt": sig})["emt"] == _ids({"emt": [sig, sig]})["emt"] == [sig]
    assert _ids({"emt": "emt.blast"})["emt"] == ["emt.blast"]


@pytest.mark.parametrize("p", [0.0, 9e-5, 0.04996, 0.05004, 0.099, 0.9951, 1.0])
def test_one_p_is_written_in_one_way(p: float) -> None:
    told = p_value(p)
    assert said_by_the_report.p_value(p) == p_word({"estimate": 1.0, "p_adj": p}) == told
    assert p_equals("p", p).removeprefix("p ").removeprefix("= ") == told == p_phrase(p, "p")[2:]
    shown = readable(pd.DataFrame({"estimate": [1.0], "p_adj": [p]})).frame["p_adj"].tolist()
    assert shown == [told]
    number = float(told.lstrip("<> "))
    assert (number < 0.05) == (p < 0.05)
    assert 0 < number < 1


def test_claims_take_what_was_found_of_maturation_where_it_is_of_what_they_ask() -> None:
    asked = [own[0] for own in SIGNATURES.values()]
    found = SimpleNamespace(verdicts=pd.DataFrame({"signature": asked}))
    own = SimpleNamespace(
        found={"maturation": found}, options=None, stroma=None, claims_on=None, method="singscore"
    )
    assert matured(own) is found
    assert matured(SimpleNamespace(**{**vars(own), "stroma": "MSC"})) is found
    for changed in (
        {"claims_on": {"emt": ["emt.blast"]}},
        {"options": {"singscore": {"ties": "min"}}},
        {"stroma": "MSC", "method": "gsva"},  # scored with stroma beside, and without
    ):
        assert matured(SimpleNamespace(**{**vars(own), **changed})) is None


def test_maturation_is_worked_out_once_where_the_part_before_was_left_out(small, monkeypatch) -> None:
    adata = small.copy()
    ms.pp.lognorm(adata)
    sigs = ms.sig.load(*[own[0] for own in SIGNATURES.values()])
    ms.tl.score(adata, sigs)
    design = ms.Design(culture="culture", line="line", pair="pair")
    res = ms.tl.compare(adata, design, permutations=0)
    asked = Asked(
        adata=adata, cells=None, design=design, res=res, sigs=sigs, named=list(sigs.ids),
        method="singscore", margin=None, min_coverage=0.5, prerank=False, seed=0,
    )  # fmt: skip
    alone, seen = ms.tl.claims(adata, design, methods=["singscore", "mean", "ucell"]), []
    real = ms.qc.maturation
    monkeypatch.setattr(ms.qc, "maturation", lambda *a, **k: seen.append(1) or real(*a, **k))
    found = further(asked, ["claims"], lambda _: None).results
    assert len(seen) == 1
    assert "maturation" not in found  # no section of its own, as that part was left out
    pd.testing.assert_series_equal(found["claims"]["maturation"], alone["maturation"])
    assert found["claims"]["maturation"].str.contains("maturation|tell").any()


def test_main_signatures_are_those_that_the_claims_are_on() -> None:
    ids = ["emt.hallmark", "emt.blast", "il6.hallmark"]
    assert primary(ids) == ["emt.hallmark", "il6.hallmark"]
    assert primary(ids, {"emt": ["emt.blast"]}) == ["emt.blast", "il6.hallmark"]
    assert primary(ids, {"emt": ["emt.unscored"]}) == ["emt.hallmark", "il6.hallmark"]


def test_samples_that_are_stroma_by_their_sheet_are_not_called_leukaemia():
    adata = ms.ds.demo()
    adata = adata[(adata.obs["line"] == "resistant") & (adata.obs["inhibitor"] == "none")].copy()
    adata.obs["cells"] = "CD90+"
    design = ms.Design(culture="culture", pair="pair")
    with pytest.warns(ms.InputWarning, match=r"All samples are 'CD90\+' in 'cells': that looks like stroma"):
        table = ms.tl.claims(adata, design, carry_over=False)
    assert set(table.loc[table["signature"].eq("IL6"), "compartment"]) <= {"CD90+", "both"}
    assert not table["sentence"].str.contains("in leukaemia").any()


def test_the_figure_of_both_partners_counts_its_pairs(two_partners):
    design = ms.Design(culture="culture", pair="pair", compartment="compartment")
    adata = two_partners[two_partners.obs["line"].ne("resistant").to_numpy()].copy()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "il6.hallmark")
    found = ms.tl.claims(adata, design, stroma="MSC", methods=["singscore"])
    given = gathered(adata, ms.tl.compare(adata, design), design, extras={"claims": found})
    (pictures,) = of_gene(given, found[found["verdict"] != "not asked"])
    assert "; grey lines join pairs, 4 in each contrast; bars" in pictures.figures[0].caption


@pytest.mark.parametrize(
    ("p", "p_welch", "said"),
    [
        ((0.001, 0.03), (0.02, 0.021), ""),
        ((0.001, 0.002), (0.028, 0.03), "p = 0.028, adjusted p = 0.056 with this test in all claims"),
        ((0.001, 0.002), (0.06, 0.4), ", not adjusted: not established"),
        ((0.04, 0.04), (0.001, 0.9), "p = 0.001, adjusted p = 0.002 with this test in all claims"),
        ((0.001, 0.002), (0.001, 0.002), ""),
    ],
)
def test_pairs_alone_are_told_where_their_adjusted_p_turns_the_finding(p, p_welch, said):
    """Holm of two by hand: twice the smaller, and at least that for the larger."""
    rows = [
        {"p": one, "filtered_p": np.nan, "p_welch": own, "stroma": "", "se": 1.0, "df": 8.0, "n_pairs": 5,
         "claim": "emt_up", "contrast": "co_in_parental", "estimate": 0.1, "signature": "x", "by_method": ""}
        for one, own in zip(p, p_welch, strict=True)
    ]  # fmt: skip
    adjust(rows, alpha=0.05)
    assert rows[0]["p_welch_adj"] == pytest.approx(min(2 * p_welch[0], 1.0))
    turned = (rows[0]["p_adj"] < 0.05) != (rows[0]["p_welch_adj"] < 0.05)
    told = other_tests(rows[0], alpha=0.05)
    assert bool(told) == turned
    assert said in told
    # The same of the genes that are left, where their p decides.
    on = [
        row | {"p": 1e-6, "p_welch": 1e-6, "filtered_p": one, "filtered_p_welch": own, "stroma": STANDS}
        for row, one, own in zip(rows, p, p_welch, strict=True)
    ]
    adjust(on, alpha=0.05)
    assert on[0]["filtered_p_welch_adj"] == pytest.approx(min(2 * p_welch[0], 1.0))
    left = other_tests(on[0], alpha=0.05)
    lead = "On the genes that stroma could not move, by the pairs' own differences alone"
    assert left == (told and lead + told.partition("alone")[2])
    for other in ({"stroma": "may be carry-over"}, {"p_adj": 0.2, "p_welch_adj": 0.2}):
        assert not other_tests(on[0] | other, alpha=0.05)
