"""The report: words, cautions, and the page as a whole."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import TYPE_CHECKING

import anndata as ad
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import marrowsig as ms
from marrowsig._calls import Calls
from marrowsig._carry_over import RULED_OUT
from marrowsig._report import (
    address,
    adjusted,
    answer,
    carried,
    cells,
    elements,
    facts,
    figures,
    further_calls,
    gene_level,
    methods,
    multiverse,
    reproduce,
    rescue,
    sections,
    single_genes,
    tables,
    words,
)
from marrowsig._report.answer import Block
from marrowsig._report.claims import _over
from marrowsig._report.elements import Caution, Claims, Given, every
from marrowsig._report.gathered import gathered
from marrowsig._report.page import render
from marrowsig._report.rescue_claimed import ADDED, with_claims
from marrowsig.tl.compare_cells import CellComparison

if TYPE_CHECKING:
    from pathlib import Path

NAN = float("nan")
MINUS = words.MINUS
SIGNATURES = ["emt.hallmark", "il6.hallmark"]


def row(**changes: object) -> dict[str, object]:
    base = {
        "signature": "emt.hallmark", "axis": "emt", "method": "singscore", "contrast": "co_in_parental",
        "stratum": "",
        "test_arm": "co", "base_arm": "mono", "n_test": 4, "n_base": 4,
        "n_pairs": 4, "estimate": 0.12, "ci_low": 0.05,
        "ci_high": 0.19, "se": 0.02, "df": 3.0, "stat": 5.1, "p": 0.001, "p_adj": 0.003, "effect": 2.0,
        "effect_name": "g_z", "effect_low": 0.5, "effect_high": 3.4, "test": "paired t", "p_welch": NAN,
        "family": "co_in_parental", "family_size": 2, "unit": "pair", "expected": "up", "verdict": "up",
    }  # fmt: skip
    return base | changes


def test_a_claim_says_direction_size_proof_and_replicates() -> None:
    assert words.claim(row()) == "up by 0.12 [0.05, 0.19], adj. p 0.003, 4 pairs"


def test_a_fall_is_said_as_a_size_with_its_interval_in_order() -> None:
    fall = row(estimate=-0.12, ci_low=-0.19, ci_high=-0.05)
    assert words.claim(fall) == "down by 0.12 [0.05, 0.19], adj. p 0.003, 4 pairs"


def test_what_is_not_established_keeps_its_sign_and_interval() -> None:
    said = words.claim(row(p_adj=0.4, estimate=-0.03, ci_low=-0.11, ci_high=0.05))
    assert said == f"not established: {MINUS}0.030 [{MINUS}0.110, 0.050], adj. p 0.4, 4 pairs"


def test_a_difference_within_the_margin_is_told_as_one() -> None:
    inside = {"margin": 0.2, "p_equivalence": 0.01, "equivalent": "yes"}
    assert words.claim(row(**inside)).endswith("adj. p 0.003, 4 pairs, within the margin of 0.2")
    assert words.claim(row(**inside, p_adj=0.4)).endswith("adj. p 0.4, 4 pairs, within the margin of 0.2")
    assert "margin" not in words.claim(row(**inside | {"equivalent": "not shown"}))
    # The 95 % interval of the estimate may reach beyond a margin that the 90 % interval lies in.
    bounds = {"ci_low": -0.021, "ci_high": 0.0212, "equivalence_low": -0.017, "equivalence_high": 0.0182}
    near = row(**inside | bounds | {"margin": 0.02, "estimate": 0.0001, "p_adj": 0.9})
    assert words.claim(near).endswith(f"within the margin of 0.02 (90 % interval [{MINUS}0.017, 0.018])")
    fall = row(
        **inside, estimate=-0.12, ci_low=-0.19, ci_high=-0.05, equivalence_low=-0.17, equivalence_high=-0.07
    )
    assert words.claim(fall).endswith("within the margin of 0.2 (90 % interval [0.07, 0.17])")


def test_no_estimate_comes_with_its_reason() -> None:
    said = words.claim(row(estimate=NAN, p=NAN, p_adj=NAN), why="9 of 42 genes measured")
    assert said == "not estimated (9 of 42 genes measured)"


@pytest.mark.parametrize(
    ("contrast", "estimate", "starts"),
    [
        ("interaction", 0.1, "response higher in resistant than in parental cells, by 0.10"),
        ("interaction", -0.1, "response lower in resistant than in parental cells, by 0.10"),
        ("reversal_ruxo_in_parental", 0.1, "taken down by 0.10"),
        ("reversal_ruxo_in_parental", -0.1, "raised further by 0.10"),
    ],
)
def test_the_verb_fits_the_contrast(contrast: str, estimate: float, starts: str) -> None:
    low, high = sorted([estimate * 0.5, estimate * 1.5])
    said = words.claim(row(contrast=contrast, estimate=estimate, ci_low=low, ci_high=high))
    assert said.startswith(starts)


@pytest.mark.parametrize(("estimate", "said"), [(0.1, "lowered by inhibitor"), (-0.1, "raised by inhibitor")])
def test_the_table_says_what_the_inhibitor_did(estimate: float, said: str) -> None:
    fall = row(contrast="reversal_rux_in_parental", estimate=estimate)
    assert tables._NUMBERS["verdict"](fall, 0.05) == said
    assert tables._NUMBERS["verdict"](row(estimate=0.1), 0.05) == "up"
    open_ = row(contrast="reversal_rux_in_parental", estimate=estimate, p_adj=0.5)
    way = "a fall of 0.1" if estimate > 0 else "a rise of 0.1"
    assert words.claim(open_).startswith(f"not established: {way}")


def test_controls_are_counted_as_a_family_of_their_own() -> None:
    rows = pd.DataFrame({"signature": ["emt.a", "emt.b", "control.c"], "family_size": [2, 2, 1]})
    assert adjusted._families(rows) == "2 signatures, and over 1 control"
    assert adjusted._families(rows[:2]) == "2 signatures"


@pytest.fixture
def sketched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures by name alone: drawing takes most of the time of a page."""

    def name_only(name: str, ax: object, alt: str, caption: str) -> figures.Figure:
        plt.close(ax.figure)
        return figures.Figure(re.sub(r"\W+", "_", name), bytes(24), alt, caption, address.figure(name))

    monkeypatch.setattr(figures, "picture", name_only)


@pytest.mark.usefixtures("unfigured")
def test_the_page_tells_what_the_comparison_warned_of(tmp_path) -> None:
    adata = ms.ds.toy()[:-1].copy()
    co = (adata.obs["culture"] == "co").to_numpy()
    adata.X[~co] = np.floor(adata.X[~co] / 4)
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIGNATURES)
    design = ms.Design(**DESIGN)
    with (
        pytest.warns(ms.InputWarning, match="no partner"),
        pytest.warns(ms.InputWarning, match=r"unlike sequencing depth.* Counts, fewest: \S+ [\d,]+, "),
    ):
        res = ms.tl.compare(adata, design)
    ms.report(tmp_path / "r.html", adata, res, design=design)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "row has no partner of the same" in page
    assert "unlike sequencing depth" in page


def test_a_reversal_without_induction_is_called_a_lowering() -> None:
    none = row(contrast="co_in_parental", p_adj=0.6)
    risen = row(contrast="co_in_parental")
    lowered = row(contrast="reversal_rux_in_parental")
    asked = pd.DataFrame(
        [
            {"contrast": c, "stratum": "", "question": "?", "test": "a", "base": "b", "estimable": True}
            for c in ("co_in_parental", "reversal_rux_in_parental")
        ]
    )
    coverage = pd.DataFrame({"signature": ["emt.hallmark"], "found": [9], "listed": [10]})
    nan = float("nan")
    untested = row(contrast="co_in_parental", estimate=nan, ci_low=nan, ci_high=nan, p=nan, p_adj=nan)
    not_shown = "Caution: a rise of emt.hallmark was not established without the inhibitor"
    not_asked = "Caution: whether emt.hallmark rose without the inhibitor could not be tested"
    for induction, said in ((none, [not_shown]), (untested, [not_asked]), (risen, [])):
        blocks = answer.answers(pd.DataFrame([induction, lowered]), asked, coverage)
        assert blocks[1].cautions == [f"{text}, so a reversal cannot be claimed." for text in said]


def test_unpaired_samples_are_counted_by_arm() -> None:
    assert (
        words.replicates(row(effect_name="hedges_g", n_test=12, n_base=9, n_pairs=0, unit="sample"))
        == "12 against 9 samples"
    )
    within = row(n_test=4, n_base=4, n_pairs=0, unit="donor", test="linear model ~ line + donor")
    assert words.replicates(within) == "4 against 4 samples, compared within 'donor'"
    averaged = row(n_test=10, n_base=10, n_pairs=0, unit="pair", test="x + pair, 5 numbers, one per 'pair'")
    assert words.replicates(averaged) == "5 numbers, one per 'pair'"
    half = row(n_test=4, n_base=4, n_pairs=2)
    assert words.replicates(half) == "4 against 4 samples, 2 complete pairs"
    assert words.replicates(row(contrast="interaction")) == "4 pairs in each line"
    uneven = row(contrast="interaction", n_test=3, n_pairs=3)
    assert words.replicates(uneven) == "at least 3 pairs in each line"
    lines = {"test_arm": "resistant:co - resistant:mono", "base_arm": "parental:co - parental:mono"}
    known = {**uneven, **lines, "test": "linear model on 4 arms, paired by 'pair' within each line"}
    assert words.replicates(known) == "3 pairs in resistant and 4 pairs in parental"


FOUR = {"test_arm": "co:bari - mono:bari", "base_arm": "co:veh - mono:veh", "unit": "donor"}
CROSSED = {**FOUR, "test": "linear model ~ donor + culture * drug", "n_both": 4}


@pytest.mark.parametrize("name", ["interaction", "change"])
@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({}, "difference co - mono {way} in bari than in veh, by 0.10"),
        ({"test_arm": "co:bari + mono:veh", "base_arm": "co:veh + mono:bari"},
         "difference bari - veh {way} in co than in mono, by 0.10"),
        ({"test_arm": "R:co:48 - R:mono:48", "base_arm": "P:co:48 - P:mono:48"},
         "difference co - mono in 48 {way} in R than in P, by 0.10"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("estimate", "way"), [(0.1, "higher"), (-0.1, "lower")])
def test_a_contrast_of_four_arms_of_a_formula_names_both_factors(name, other, says, estimate, way) -> None:
    low, high = sorted([estimate * 0.5, estimate * 1.5])
    asked = row(**CROSSED | other, contrast=name, estimate=estimate, ci_low=low, ci_high=high)
    assert words.claim(asked).startswith(says.format(way=way))
    assert words.replicates(asked) == "4 levels of 'donor' with all four arms"


def test_weights_that_are_no_difference_of_differences_go_up_and_down() -> None:
    mean = {"test_arm": "(co:veh + co:bari) / 2", "base_arm": "(mono:veh + mono:bari) / 2"}
    for sides in (mean, {"test_arm": "2 co:veh + mono:bari", "base_arm": "2 mono:veh + co:bari"}):
        asked = row(**CROSSED | sides, contrast="interaction", estimate=0.1, ci_low=0.05, ci_high=0.15)
        assert words.claim(asked).startswith("up by 0.10")


def test_pairs_of_a_formula_have_no_lines() -> None:
    apart = row(**CROSSED | {"test": "linear model ~ donor:sex + culture * drug"}, contrast="interaction")
    assert words.replicates({**apart, "n_both": 0}) == "4 pairs on either side"
    none = {**apart, "n_pairs": 0, "n_base": 3}
    assert words.replicates(none) == "3 samples or more in each arm"


@given(st.floats(0, 1))
def test_p_is_never_shown_as_zero_or_one(p: float) -> None:
    said = words.p_value(p)
    assert said not in {"0", "0.0", "0.00", "0.000", "1", "1.0"}
    number = float(said.removeprefix("<").removeprefix(">"))
    assert 0 < number < 1
    if said[0] == "<":
        assert p < number
    elif said[0] == ">":
        assert p > number
    else:
        assert number == pytest.approx(p, rel=0.051)


def test_p_that_is_missing_is_said_to_be() -> None:
    assert words.p_value(NAN) == "not estimated"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((0.03279, 0.00005, 0.06553), "0.033 [0.00005, 0.066]"),
        ((0.046, -0.0004, 0.139), f"0.046 [{MINUS}0.0004, 0.139]"),
        ((1.2, 0.004, 2.4), "1.2 [0.004, 2.4]"),
        ((0.0, -0.04, 0.04), f"0.000 [{MINUS}0.040, 0.040]"),
        ((4e-16, -0.731, 0.731), f"0.000 [{MINUS}0.731, 0.731]"),  # differs from 0 by rounding alone
    ],
)
def test_only_the_limit_that_would_be_0_has_more_decimals(values: tuple[float, ...], told: str) -> None:
    assert words.estimate(*values) == told


@given(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=3))
def test_numbers_share_decimals_and_keep_their_value(values: list[float]) -> None:
    shown = words.numbers(*values)
    digits = [len(s.partition(".")[2]) for s in shown]
    least = digits[int(np.argmax(np.abs(values)))]  # of the largest, and of all that are seen with these
    for v, n in zip(values, digits, strict=True):
        assert n == least or (n > least and round(abs(v), least) == 0)
    back = [float(s.replace(MINUS, "-").replace(",", "")) for s in shown]
    size = max(abs(v) for v in values)
    assert np.allclose(back, values, rtol=0, atol=max(0.05 * size, 1e-9))
    assert all(b != 0 for b, v in zip(back, values, strict=True) if abs(v) > 1e-8)


def test_listing_reads_like_a_sentence() -> None:
    assert [words.listing(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_expectations_are_hits_or_misses() -> None:
    assert words.against_expectation(row()) == "as expected"
    assert words.against_expectation(row(expected="down")) == "against expectation"
    assert words.against_expectation(row(p_adj=0.5)) == "expected up"
    assert words.against_expectation(row(expected="")) == ""


def contrast(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


STROMA_UP = {"signature": carried.STROMA[0], "axis": "control"}


def test_emt_with_rising_stroma_is_cautioned() -> None:
    said = carried.carry_over(contrast(row(), row(**STROMA_UP)))
    assert len(said) == 1
    assert "1 EMT signature rises (emt.hallmark)" in said[0]
    assert carried.STROMA[0] in said[0]
    assert "may explain" in said[0]
    blocks = [Block(name, "", "", cautions=list(said)) for name in ("co_in_parental", "co_in_resistant")]
    once = [block.cautions[0] for block in carried.said_once(blocks)]
    assert once == [said[0], said[0].removesuffix(f" {carried.ADVICE}")] != said * 2


@pytest.mark.parametrize(
    "rows",
    [
        [row(), row(**STROMA_UP, estimate=-0.1)],
        [row(), row(**STROMA_UP, p=0.6, p_adj=0.7)],
        [row(p_adj=0.2), row(**STROMA_UP)],
        [row(contrast="resistance_in_mono"), row(**STROMA_UP, contrast="resistance_in_mono")],
    ],
    ids=["stroma falls", "stroma stays", "EMT not established", "no co-culture"],
)
def test_no_caution_without_cause(rows: list[dict[str, object]]) -> None:
    assert carried.carry_over(contrast(*rows)) == []


def test_emt_without_a_stroma_control_is_cautioned() -> None:
    for rows in ([row()], [row(), row(**STROMA_UP, estimate=NAN, p=NAN, p_adj=NAN)]):
        said = carried.carry_over(contrast(*rows))
        assert len(said) == 1
        assert "no stroma control was scored" in said[0]


def guard(**verdicts: str) -> pd.DataFrame:
    rows = [
        {
            "signature": f"emt.{k}",
            "contrast": "co_in_parental",
            "stratum": "",
            "method": "singscore",
            "verdict": v,
        }
        for k, v in verdicts.items()
    ]
    return pd.DataFrame(rows)


def test_where_the_guard_spoke_its_verdict_takes_the_place_of_the_caution() -> None:
    risen = contrast(row(), row(**STROMA_UP))
    assert carried.carry_over(risen, guard=guard(hallmark="not explained by carry-over")) == []
    (said,) = carried.carry_over(risen, guard=guard(hallmark="explained by carry-over"))
    assert "emt.hallmark: explained by carry-over" in said
    assert "controls" not in said
    (said,) = carried.carry_over(risen, guard=guard(hallmark="not asked: no effect established"))
    assert "not asked: no effect established in that check (adj. p over its signatures)" in said
    assert carried.carry_over(risen, apart=True) == []
    risen = contrast(row(signature="stat3.specific"), row(), row(signature="il6.hallmark", p_adj=0.2))
    every = pd.concat([guard(hallmark="explained by carry-over")] * 3)
    every["signature"] = risen["signature"].tolist()
    (said,) = carried.carry_over(risen, guard=every)
    asked = "(emt.hallmark: explained by carry-over; stat3.specific: explained by carry-over)"
    assert f"not ruled out for what rises here {asked}" in said
    asked, told = guard(hallmark="explained by carry-over"), every.assign(stroma="may be carry-over")
    (said,) = carried.carry_over(risen, guard=carried.with_claimed(asked, told))
    assert "(emt.hallmark: explained by carry-over; stat3.specific: may be carry-over)" in said
    assert carried.with_claimed(None, told) is None
    assert carried.with_claimed(asked, told.assign(stratum="compartment=MSC")) is asked  # RNA of blasts
    own = every.assign(signature=carried.STROMA[0])
    assert carried.carry_over(contrast(row(**STROMA_UP)), guard=own) == []


def test_a_share_that_is_shown_is_not_ruled_out_by_saying_so() -> None:
    claims, shares = pd.DataFrame({"stroma": [RULED_OUT]}), pd.DataFrame({"share_low": [0.0, 0.01, NAN]})
    assert carried.ruled_out(claims, None)
    assert carried.ruled_out(claims, shares.assign(share_low=[0.0, 1e-9, NAN]))
    assert not carried.ruled_out(claims, shares)
    assert not carried.ruled_out(claims.assign(stroma="not explained by carry-over"), None)


def test_a_rise_that_the_guard_was_not_asked_of_is_told_once() -> None:
    risen = contrast(row(), row(signature="emt.mine"), row(signature="emt.mine", contrast="interaction"))
    said = carried.unjudged(risen, guard(hallmark="not explained by carry-over"))
    assert said.startswith("1 further EMT signature rises in co-culture (emt.mine)")
    assert carried.unjudged(contrast(row()), guard(hallmark="not explained by carry-over")) == ""
    assert carried.unjudged(risen, None) == ""


def test_a_main_signature_that_the_guard_was_not_asked_of_is_not_cleared(study) -> None:
    adata, res, design = study
    asked = res[res["signature"] == "il6.hallmark"].assign(verdict="not explained by carry-over")
    notes, cautions = {}, {}
    for share in (0.02, NAN):  # without a reference nothing was asked
        shares = pd.DataFrame({"share": [share], "share_low": [share / 2]})
        stroma = SimpleNamespace(verdicts=asked, shares=shares, params={})
        own = replace(gathered(adata, res, design), extras={"stroma": stroma})
        parts = list(every(answer.section(own).parts))
        lines = [line for part in parts if isinstance(part, Claims) for line in part.lines]
        notes[share] = {line.signature for line in lines if "not asked of it" in line.note}
        cautions[share] = [part.text for part in parts if isinstance(part, Caution)]
        assert all("name it in signatures= of ms.qc.stroma" in n.note for n in lines if "not asked" in n.note)
    assert notes == {0.02: {"emt.hallmark"}, NAN: set()}
    assert any("ruled out for what rises here (emt.hallmark: not asked)" in text for text in cautions[0.02])
    risen = contrast(row(), row(signature="emt.mine"), row(signature="emt.main"))
    said = carried.unjudged(risen, guard(hallmark="not explained by carry-over"), told=["emt.main"])
    assert said.startswith("1 further EMT signature rises in co-culture (emt.mine). The check of ")
    assert said.endswith("('Is it the blasts at all?') was not asked of it, but of emt.hallmark only.")


def test_a_guard_without_a_reference_leaves_the_caution() -> None:
    shares = pd.DataFrame({"share": [NAN, NAN]})
    assert carried.guarded(guard(hallmark="cannot tell"), shares) is None
    assert (
        carried.guarded(guard(hallmark="not explained by carry-over"), pd.DataFrame({"share": [0.01]}))
        is not None
    )


def test_primary_signatures_are_one_per_axis() -> None:
    ids = ["emt.aaa", "emt.hallmark", "il6.zzz", "il6.yyy", "control.x", "stat3.dauer2005"]
    assert answer.primary(ids) == ["emt.hallmark", "il6.zzz", "stat3.dauer2005"]
    assert answer.primary(["control.x", "control.y"]) == ["control.x", "control.y"]


def test_unresolved_gene_names_are_listed_and_the_rest_counted() -> None:
    n = 40
    changes = pd.DataFrame(
        {
            "original": [f"{i}-Mar" for i in range(n)],
            "symbol": "x",
            "status": "date_unrecoverable",
            "note": "",
        }
    )
    table = tables.problems(changes)
    assert table is not None
    assert len(table.rows) == 30
    assert "first 30 of 40" in table.caption
    assert tables.problems(changes.assign(status="previous")) is None


def test_versions_name_what_computed() -> None:
    found = dict(facts.versions())
    assert found["marrowsig"] == ms.__version__
    assert found["numpy"] == np.__version__
    assert found["pandas"] == pd.__version__
    assert re.fullmatch(r"\d+\.\d+.*", found["scanpy"])


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


DESIGN = {"culture": "culture", "line": "line", "pair": "pair"}


@pytest.fixture(scope="module")
def study() -> tuple[object, pd.DataFrame, ms.Design]:
    adata = ms.ds.toy()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIGNATURES)
    design = ms.Design(**DESIGN)
    return adata, ms.tl.compare(adata, design), design


@pytest.fixture(scope="module")
def page(study: tuple[object, pd.DataFrame, ms.Design], tmp_path_factory: pytest.TempPathFactory) -> Page:
    adata, res, design = study
    path = tmp_path_factory.mktemp("report") / "report.html"
    ms.report(path, adata, res, design=design, title="A <b> & c", notes=["beware < this", "beware < this"])
    assert [f.name for f in path.parent.iterdir()] == ["report.html"]
    return Page(path.read_text(encoding="utf-8"))


def test_the_page_is_english_titled_and_fits_a_telephone(page: Page) -> None:
    assert page.of("html") == [{"lang": "en"}]
    assert any(m.get("name") == "viewport" for m in page.of("meta"))
    assert len(page.of("h1")) == 1
    assert page.of("b") == [] or all(a == {} for a in page.of("b"))
    assert "A <b> & c" in page.words


def test_the_page_needs_nothing_from_outside(page: Page) -> None:
    for tag, attrs in page.tags:
        for name in ("src", "href", "srcset", "data", "poster"):
            address = attrs.get(name) or "data:"
            allowed = ("data:", "https://doi.org/", "#") if tag == "a" else ("data:",)
            assert address.startswith(allowed), (tag, address[:60])
    assert [a.get("src") for a in page.of("script")] == [None, None]  # data, and the script of the page
    assert "default-src 'none'" in next(m["content"] for m in page.of("meta") if m.get("http-equiv"))
    style = "".join(page.words)
    assert "url(" not in style
    assert "@import" not in style


@given(
    st.lists(st.text(max_size=6), min_size=2, max_size=2),
    st.lists(st.text(max_size=6), min_size=2, max_size=2),
)
def test_no_two_addresses_are_alike_or_need_escaping(a: list[str], b: list[str]) -> None:
    assert (address.anchor(*a) == address.anchor(*b)) == (a == b)
    assert re.fullmatch(r"[A-Za-z0-9_.~-]*", address.anchor(*a))


def test_every_way_leads_to_a_place_on_the_page(page: Page) -> None:
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(set(ids)) == len(ids)
    ways = [a["href"][1:] for a in page.of("a") if (a["href"] or "").startswith("#")]
    assert set(ways) <= set(ids)
    rows = [w for w in ways if w.startswith("row-")]
    assert len(rows) >= 5 * len(SIGNATURES)  # from each number of the answer to its row
    assert f"figure-interaction_{SIGNATURES[0]}" in ways


def test_the_samples_of_the_page_are_those_that_were_scored(
    page: Page, study: tuple[object, pd.DataFrame, ms.Design]
) -> None:
    adata, res, design = study
    data = json.loads(next(text for text in page.words if text.startswith('{"samples"')))
    assert data["samples"] == list(adata.obs_names)
    assert [data["arms"][i] for i in data["arm"]] == design.arms(adata.obs).tolist()
    for name in SIGNATURES:
        assert np.allclose(data["scores"]["singscore"][name], adata.obsm["score_singscore"][name], rtol=1e-4)
        own = res[res["signature"] == name]
        assert [line[0] for line in data["found"]["singscore"][name]] == own["contrast"].tolist()
        assert [line[1] for line in data["found"]["singscore"][name]] == [
            words.claim(r) for _, r in own.iterrows()
        ]


def test_the_methods_name_what_was_done(page: Page, study: tuple[object, pd.DataFrame, ms.Design]) -> None:
    _, res, design = study
    text = "".join(page.words)
    text = text[text.index("Methods, ready to paste", 2000) :]
    said = [
        "log2(CPM + 1)", "16 samples and 300 genes", "doi:10.1186/s12859-018-2435-4", "ties = min",
        "at least 50%", repr(design), "paired by 'pair' within each line", "Benjamini-Hochberg",
        f"marrowsig {ms.__version__}", f"numpy {np.__version__}", "doi:10.1111/j.2517-6161.1995.tb02031.x",
        *res["contrast"].unique(),
    ]  # fmt: skip
    for part in said:
        assert part in text, part
    for sig in ms.sig.load(*SIGNATURES):
        assert f"doi:{sig.source['doi']}; sha256 {sig.sha256[:12]}" in text
    assert "@article{Liberzon2015," in text
    assert "Claims." not in text  # nothing that was not done


def test_what_the_records_tell_makes_the_same_table(
    page: Page, study: tuple[object, pd.DataFrame, ms.Design]
) -> None:
    _, res, _ = study
    code = next(text for text in page.words if text.startswith("import marrowsig as ms"))
    assert "ms.io.read('toy')" in code
    lines = code.replace("ms.io.read('toy')", "ms.ds.toy()").split("ms.report(")[0]
    made: dict[str, object] = {}
    exec(lines, made)
    pd.testing.assert_frame_equal(made["res"], res)


def test_further_results_are_called_with_what_their_tables_show() -> None:
    rows = pd.DataFrame({"signature": ["emt.hallmark"] * 2, "method": "mean", "margin": [0.02, np.nan]})
    calls = {name: further_calls.CALLS[name](rows) for name in ("null", "sensitivity", "rescue")}
    assert calls == {
        "null": "null = ms.qc.null(adata, ['emt.hallmark'], design=design, method='mean')",
        "sensitivity": (
            "sensitivity = ms.tl.sensitivity(adata, design, method='mean', signatures=['emt.hallmark'])"
        ),
        "rescue": (
            "rescue = ms.tl.rescue(\n    adata,\n    design,\n    method='mean',\n"
            "    signatures=['emt.hallmark'],\n    margin={'mean': 0.02},\n)"
        ),
    }


@pytest.mark.usefixtures("unfigured")
def test_the_calls_of_thinned_sums_of_cells_stand_as_they_were_made(tmp_path: Path) -> None:
    cells = ms.ds.toy()
    cells.layers["raw"] = cells.X.copy()
    cells.obs["site"] = "one"
    adata = ms.pp.pseudobulk(cells, unit="pair", by=["culture", "line"], layer="raw", min_cells=1)
    ms.pp.thin(adata, by="site", draws=2, seed=3)
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIGNATURES)
    design = ms.Design(**DESIGN)
    res = ms.tl.compare(adata, design)
    by_cells = CellComparison(res.assign(route="pseudobulk"), pd.DataFrame(), pd.DataFrame())
    text = reproduce.recorded(
        Given(adata, res, res, design, pd.DataFrame(), pd.DataFrame(), [], [], {"cells": by_cells}, 0.05)
    )
    compile(text, "page", "exec")
    assert "pseudobulk(cells, unit='pair', by=['culture', 'line'], layer='raw', min_cells=1)" in text
    assert re.search(r"ms\.pp\.thin\(adata, depth=\d+, by=\['site'\], draws=2, seed=3\)", text)
    assert f"by_cells = ms.tl.compare_cells(cells, design, signatures={SIGNATURES})" in text
    adata.uns["marrowsig"]["thin"]["warning"] = "Thinning keeps 1 of 5 counts."
    assert reproduce._depth_and_log(adata)[0].startswith("ms.pp.thin(adata, by=")
    assert facts.recorded(adata) == ["Thinning keeps 1 of 5 counts."]
    adata.uns["marrowsig"]["thin"]["outside"] = 2
    assert reproduce._depth_and_log(adata)[0].endswith("design=design)")
    given = Given(adata, res, res, design, pd.DataFrame(), pd.DataFrame(), [], [], {}, 0.05)
    said = reproduce.recorded(given)
    assert said.count("design = ms.Design(") == 1
    assert said.index("design = ms.Design(") < said.index("ms.pp.thin(")
    by_cells.table.attrs["given"] = {"unit": "pair", "layer": "raw"}
    assert further_calls.CALLS["cells"](by_cells).endswith("unit='pair',\n    layer='raw',\n)")
    lines = text.replace("ms.io.read('toy')", "given").split("by_cells = ms.tl.compare_cells")[0]
    made: dict[str, object] = {"given": cells}
    exec(lines, made)
    pd.testing.assert_frame_equal(made["res"], res)


def test_thinned_sums_that_turn_the_sign_of_the_page_are_told() -> None:
    adata = ms.ds.toy()
    design = ms.Design(**DESIGN)
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIGNATURES)
    res = ms.tl.compare(adata, design)
    turned = res.assign(
        route="pseudobulk", estimate=-res["estimate"], verdict="down", agree="", depth_ratio=1.0
    )
    units = pd.DataFrame(
        {
            "unit": ["r1"], "arm": ["co"], "stratum": "", "n_cells": 40, "n_counts": 900.0,
            "median_depth": 20.0, "thinned_to": 500.0, "dropped": False, "reason": "",
        }
    )  # fmt: skip

    def told(units: pd.DataFrame, verdict: str) -> str:
        found = CellComparison(turned.assign(verdict=verdict), units, pd.DataFrame())
        given = Given(
            adata, res.assign(verdict="not established"), res, design, pd.DataFrame(), pd.DataFrame(),
            SIGNATURES, [], {"cells": found}, 0.05,
        )  # fmt: skip
        cautions = [p.text for p in elements.every(cells.section(given).parts) if isinstance(p, Caution)]
        return " ".join(cautions)

    assert "differ in sign" in told(units, "down")
    assert f"{SIGNATURES[0]}, co_in_parental: " in told(units, "down")
    assert told(units, "not established") == ""
    assert told(units.assign(thinned_to=900.0), "down") == ""
    row = turned.iloc[0].to_dict()
    assert cells.COLUMNS["adjusted by"](row) == f"BH over {row['family_size']} tests of this contrast"
    primary = row | {"family": "singscore: primary", "adjustment": "Holm", "family_size": 1}
    assert cells.COLUMNS["adjusted by"](primary) == "Holm over 1 test of the primary family"


def test_a_line_of_the_answer_names_the_claim_that_ends_otherwise() -> None:
    claims = pd.DataFrame(
        {
            "method": "singscore", "contrast": "co_in_parental", "stratum": "",
            "signature": ["emt.hallmark", "il6.hallmark"], "verdict": ["cannot tell", "supported"],
        }
    )  # fmt: skip
    told = answer.verdicts(claims, contrast(row()))
    up = answer.Claim("emt.hallmark", "up", "up", "as expected")
    notes = [answer._beside(up, told["co_in_parental", "", s]).note for s in claims["signature"]]
    assert notes == ["as expected; as a claim: cannot tell", "as expected"]
    still = answer._beside(answer.Claim("emt.hallmark", "?", "open"), "supported")
    assert still.note == "as a claim: supported"
    much = answer._beside(up, "supported", p_null=0.06, alpha=0.05).note
    assert much == "as expected; random sets of genes moved as much, p 0.06"
    assert answer._beside(up, "supported", p_null=0.04, alpha=0.05) == up
    assert answer.otherwise("cannot tell", established=True) == "as a claim: cannot tell"
    assert answer.otherwise("not supported", established=False) == ""


def test_p_of_figures_on_fewer_genes_is_told_apart_from_that_of_the_answer() -> None:
    rows = pd.DataFrame({"family_size": [2, 2], "filtered_family_size": [2, 2]})
    plain, twice = (_over(rows, twice=either) for either in (False, True))
    assert plain.endswith("ask the same ('as a claim').")
    assert twice.endswith("('as a claim'), but for a p with ▲ in a figure, which is that on these genes.")


def test_halves_are_no_majority_and_the_list_that_goes_the_other_way_is_named() -> None:
    at = {"axis": "il6", "contrast": "co", "stratum": "", "n_specifications": 8, "share_excludes_zero": 1.0}
    rows = [
        at | {"signature": "", "sign": 1, "share_same_sign": 0.5},
        at | {"signature": "il6.a", "sign": 1, "share_same_sign": 1.0},
        at | {"signature": "il6.b", "sign": -1, "share_same_sign": 1.0},
    ]
    assert multiverse._short(rows[0]) == "half up, half down: no majority; 100 % clear of zero (of 8)"
    (fold,) = multiverse._against(pd.DataFrame(rows))
    assert fold.summary.endswith("some contrast: il6.b")
    assert fold.parts[0].texts[0] == "il6.b goes down in co."
    assert "signs of most estimates of a list, established or not" in fold.parts[0].texts[-1]
    assert multiverse._against(pd.DataFrame(rows[:2])) == []
    fallen = [row | {"contrast": "reversal_JAKi"} for row in rows]  # positive where the inhibitor lowers
    assert multiverse._short(fallen[1]).startswith("100 % lowered by inhibitor; ")
    assert multiverse._against(pd.DataFrame(fallen))[0].parts[0].texts[0].startswith("il6.b is raised by inh")


def test_genes_of_a_reversal_are_lowered_by_the_inhibitor() -> None:
    found = {"contrast": "reversal_JAKi", "stratum": "", "direction": "up", "p_adj": 0.01}
    assert gene_level._short(found, 0.05).startswith("lowered by inhibitor (")
    rows = pd.DataFrame({"gene": list("ab"), "estimate": [1.0, -1.0], "p": 0.01, "p_adj": 0.01, "stat": 3.0})
    rows = rows.assign(
        contrast="reversal_JAKi", stratum="", test="log2(CPM + 1)", ave_expr=1.0, ci_low=0.1, ci_high=2
    )
    given = SimpleNamespace(alpha=0.05, design=None, main=pd.DataFrame({"n_test": [6], "n_base": [6]}))
    (fold,) = single_genes.of_genes(rows, given)
    (told,) = next(part.texts for part in fold.parts if hasattr(part, "texts") and len(part.texts) == 1)
    assert "1 gene lowered by inhibitor and 1 raised by inhibitor of 2 tested" in told


def test_a_derived_list_cites_the_papers_of_its_sources() -> None:
    own = ms.sig.load("stat3.specific")["stat3.specific"]
    text = methods._named({"id": own.id, "n": 39, "sha256": own.sha256}, own)
    assert "derived by marrowsig from" in text
    assert "doi:10." in text
    assert ".py" not in text


def test_the_calls_write_signatures_by_their_ids() -> None:
    calls = Calls()
    mine = ms.sig.Signature("il6.mine", axis="il6", genes=["IL6", "SOCS3"])
    own = ms.sig.load("il6.hallmark")["il6.hallmark"]
    shown = [calls._shown(value) for value in (own, [own], {"il6": own, "emt": ["x", mine]}, mine)]
    for text in shown:
        compile(text, "page", "eval")
    assert shown == [
        "'il6.hallmark'",
        "['il6.hallmark']",
        "{'il6': 'il6.hallmark', 'emt': ['x', signatures['il6.mine']]}",
        "signatures['il6.mine']",
    ]


def test_every_picture_says_its_finding(page: Page) -> None:
    pictures = page.of("img")
    assert len(pictures) >= 5
    for picture in pictures:
        assert len(picture["alt"] or "") > 40
        assert int(picture["width"] or 0) > 100
    said = " ".join(p["alt"] or "" for p in pictures)
    assert re.search(r"emt\.hallmark.* by [\d.]+ \[[\d.]+, [\d.]+\], adj\. p", said)


def test_headings_of_tables_have_a_scope(page: Page) -> None:
    assert len(page.of("table")) >= 5
    assert {a.get("scope") for a in page.of("th")} == {"col", "row"}
    assert len(page.of("caption")) == len(page.of("table"))


def test_the_answer_comes_first_and_agrees_with_the_table(
    page: Page, study: tuple[object, pd.DataFrame, ms.Design]
) -> None:
    _, res, _ = study
    text = "".join(page.words)
    at = text.rindex("What was asked")  # the first one is the link to it
    first, rest = text[:at], text[at:]
    shown = res[res["signature"].isin(SIGNATURES)]
    for _, r in shown.iterrows():
        assert words.claim(r) in first
    for contrast in res["contrast"].unique():
        assert contrast in first
        assert contrast in rest


def test_the_page_carries_banner_notes_sources_and_versions(page: Page) -> None:
    text = "".join(page.words)
    assert "SIMULATED" in text
    assert text.count("beware < this") == 1
    known = ms.sig.load(*SIGNATURES)
    for sig in known:
        assert sig.sha256[:12] in text
        assert sig.source["licence"] in text
        assert f"{sig.source['cite']} doi:{sig.source['doi']}" in text
    assert pd.__version__ in text


@pytest.mark.usefixtures("unfigured")
def test_data_that_are_not_simulated_carry_no_banner(study: tuple[object, pd.DataFrame, ms.Design]) -> None:
    adata, res, design = study
    real = adata.copy()
    record = dict(real.uns["marrowsig"])
    record["input"] = {k: v for k, v in record["input"].items() if k != "simulated"}
    real.uns["marrowsig"] = record
    text, _ = render(real, res[res["contrast"] == "interaction"], design=design)
    assert "SIMULATED" not in text


@pytest.mark.usefixtures("unfigured")
def test_a_signature_that_could_not_be_scored_is_explained(tmp_path: Path) -> None:
    adata = ms.ds.toy()
    ms.pp.lognorm(adata)
    genes = [*adata.var_names[:2], *[f"LOST{i}" for i in range(8)]]
    with pytest.warns(ms.CoverageWarning):
        ms.tl.score(
            adata, [ms.sig.Signature("emt.mine", axis="emt", genes=genes), *ms.sig.load("il6.hallmark")]
        )
    design = ms.Design(**DESIGN)
    text, _ = render(adata, ms.tl.compare(adata, design), design=design)
    assert "not estimated (2 of 10 genes measured)" in text
    assert "not one that comes with marrowsig" in text


@pytest.mark.usefixtures("sketched")
def test_a_contrast_that_cannot_be_estimated_says_why_and_gets_no_number() -> None:
    adata = ms.ds.toy()
    lone = (adata.obs["culture"] == "co") & (adata.obs["line"] == "resistant") & (adata.obs["pair"] != "r1")
    adata = adata[~lone.to_numpy()].copy()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIGNATURES[0])
    design = ms.Design(**DESIGN)
    with (
        pytest.warns(ms.InputWarning, match="no partner"),
        pytest.warns(ms.InputWarning, match="cannot be estimated"),
    ):
        res = ms.tl.compare(adata, design)
    with pytest.warns(ms.InputWarning, match="no partner"):
        text, figures = render(adata, res, design=design)
    assert "This cannot be answered with these samples: one replicate in resistant:co" in text
    names = {f.name for f in figures}
    assert "forest_co_in_parental" in names
    assert "forest_interaction" not in names


@pytest.fixture(scope="module")
def full() -> tuple[str, dict[str, object], pd.DataFrame]:
    """A page with every further result of a study with inhibitors, few genes and few signatures."""
    adata = ms.ds.demo()
    sigs = ms.sig.load("emt.hallmark", "il6.hallmark")
    mine = adata.var_names.isin([gene for sig in sigs for gene in sig.genes])
    few = mine | (np.arange(adata.n_vars) % 5 == 0)
    adata = adata[(adata.obs["inhibitor"] != "JAKi_B").to_numpy(), few].copy()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, sigs)
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    res = ms.tl.compare(adata, design, primary=["emt", "il6"])
    extras = {
        "rescue": ms.tl.rescue(adata, design, margin=0.02),
        "genes": ms.tl.genes(adata, design),
        "gene_sets": ms.tl.gene_sets(adata, design, signatures=sigs, n_rotations=99, scores=res),
        "null": ms.qc.null(adata, sigs, design=design),
        "sensitivity": ms.tl.sensitivity(adata, design),
        "multiverse": ms.tl.multiverse(
            adata, design, signatures=sigs, methods=["singscore", "mean"], tests="ols"
        ),
    }
    with pytest.MonkeyPatch.context() as patch:  # those of every page are drawn for the page above
        patch.setattr(sections, "SECTIONS", [s for s in sections.SECTIONS if s is not figures.section])
        return render(adata, res, design=design, extras=extras)[0], extras, res


class Cells(HTMLParser):
    """Tables of a page: caption to rows of texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.rows: list[list[str]] = []
        self.here = ""
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.rows = []
        elif tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th", "caption"}:
            self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "caption":
            self.here = self.text
        elif tag in {"td", "th"}:
            self.rows[-1].append(self.text)
        elif tag == "table":
            self.tables[self.here] = self.rows


def number(text: str) -> float:
    return float(text.replace(MINUS, "-").replace(",", "").split(" [")[0].removesuffix(" %"))


def same(seen: str, true: float) -> None:
    """A cell holds the number to the digits that it shows, or a bound of it."""
    if seen.startswith(("<", ">")):
        assert (true < number(seen[2:])) if seen[0] == "<" else (true > number(seen[2:]))
        return
    digits = len(seen.split(" [", maxsplit=1)[0].partition(".")[2])
    assert number(seen) == pytest.approx(true, abs=0.5000001 * 10.0**-digits, rel=0.051)


@pytest.mark.parametrize(
    ("caption", "key", "columns"),
    [
        (
            "Rescue, each line and inhibitor: every signature scored",
            "rescue",
            {
                "induction [95 % CI]": "induction",
                "reversal [95 % CI]": "reversal",
                "residual [95 % CI]": "residual",
                "Holm p over inhibitors": "reversal_p_holm",
                "its adj. p": "reversal_p_adj",
                "adj. p of the induction": "induction_p_adj",
            },
        ),
        (
            "Tests of signatures on their genes",
            "gene_sets",
            {
                "mean change in SD of such genes, not log2 [95 % CI]": "estimate",
                "p": "p",
                "adj. p": "p_adj",
                "roast p": "roast_p",
            },
        ),
        (
            "Main signatures beside random ones",
            "null",
            {"excess [95 % CI]": "excess", "p of the model": "p", "p against random sets": "p_null"},
        ),
    ],
)
def test_every_number_of_a_table_is_that_of_the_frame(
    full: tuple[str, dict[str, object], pd.DataFrame], caption: str, key: str, columns: dict[str, str]
) -> None:
    text, extras, _ = full
    frame = extras[key]
    assert isinstance(frame, pd.DataFrame)
    frame = frame[frame["kind"] == "line"] if "kind" in frame else frame
    head, *rows = Cells(text).tables[caption]
    assert len(rows) == len(frame) > 0
    for row, (_, true) in zip(rows, frame.iterrows(), strict=True):
        assert row[0] == true["signature"]
        for name, column in columns.items():
            same(row[head.index(name)], true[column])


def test_every_number_of_the_contrasts_is_that_of_the_comparison(
    full: tuple[str, dict[str, object], pd.DataFrame],
) -> None:
    text, _, res = full
    seen = 0
    for caption, (head, *rows) in Cells(text).tables.items():
        contrast = caption.split(",")[0]
        own = res[res["contrast"] == contrast]
        if "detectable" not in head or own.empty:
            continue
        for row, (_, true) in zip(rows, own.iterrows(), strict=True):
            for name, column in {
                "estimate [95 % CI]": "estimate",
                "adj. p": "p_adj",
                "detectable": "detectable",
            }.items():
                same(row[head.index(name)], true[column])
            seen += 1
    assert seen == len(res)


def test_the_page_speaks_in_the_sentences_of_the_results(
    full: tuple[str, dict[str, object], pd.DataFrame],
) -> None:
    text, extras, res = full
    said = "".join(Page(text).words).replace("\N{MINUS SIGN}", "-")  # results are written with hyphens
    said = said.replace("\N{NO-BREAK SPACE}", " ")
    for sentence in ms.tl.explain(res, null=extras["null"]):
        assert sentence in said
    for sentence in extras["rescue"]["sentence"]:
        assert sentence in said
    share = extras["multiverse"].summary.query(
        "signature == '' and contrast == 'interaction' and axis == 'emt'"
    )
    assert f"{100 * share['share_same_sign'].item():.0f} % up" in said
    for word in ("never because its p is large", "adjusted by Holm over 10 tests", "no probability"):
        assert word in said


def test_results_that_hang_on_a_confounder_are_named_with_their_numbers(
    full: tuple[str, dict[str, object], pd.DataFrame],
) -> None:
    text, extras, _ = full
    frame = extras["sensitivity"]
    assert isinstance(frame, pd.DataFrame)
    frame = frame[~frame["contrast"].str.startswith(("resistan", "residual"))]
    head, *rows = Cells(text).tables["The same contrasts without genes of confounders, and adjusted"]
    assert len(rows) == len(frame) > 0
    for row, (_, true) in zip(rows, frame.iterrows(), strict=True):
        assert row[head.index("specification")] == true["specification"]
        for name, column in {
            "estimate [95 % CI]": "estimate",
            "p": "p",
            "times as wide": "se_inflation",
        }.items():
            same(row[head.index(name)], true[column])
    kept = frame[
        frame["kind"].ne("main") & (~frame["kind"].str.endswith(" genes") | frame["n_removed"].gt(0))
    ]
    for keys, own in kept.groupby(["signature", "contrast"]):
        line = next(t for t in re.findall(r"<li>(.*?)</li>", text) if t.startswith(", ".join(keys) + ":"))
        held = own["holds"].astype(bool)
        assert f"{held.sum()} of {len(own)} other specifications agree" in line
        for name, holds in zip(own["specification"], held, strict=True):
            assert (f"{name}: " in line) == (not holds)


def test_sections_come_in_the_order_of_their_list_and_only_with_a_result(
    full: tuple[str, dict[str, object], pd.DataFrame], page: Page
) -> None:
    ids = [a["id"] for a in Page(full[0]).of("h2")]
    assert ids == [
        "answer", "explore", "words", "asked", "data", "rescue", "gene_level", "null", "sensitivity",
        "multiverse", "numbers", "genes", "methods", "sources", "reproduce",
    ]  # fmt: skip
    ways = [a["href"] for a in Page(full[0]).of("a")]
    assert [w for w in ways if w in {f"#{i}" for i in ids}][: len(ids)] == [f"#{i}" for i in ids]
    assert not {"rescue", "gene_level", "null", "sensitivity", "multiverse"} & {
        a["id"] for a in page.of("h2")
    }


def test_a_reversal_that_the_primary_family_does_not_hold_is_cautioned(
    full: tuple[str, dict[str, object], pd.DataFrame], study: tuple[object, pd.DataFrame, ms.Design]
) -> None:
    _, extras, res = full
    name = "reversal_JAKi_A_in_parental"
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    for p, said in ((0.2, 1), (0.01, 0)):
        own = res.assign(p_adj=np.where(res["contrast"] == name, p, res["p_adj"]))
        given = Given(study[0], own, own, design, pd.DataFrame(), pd.DataFrame(), SIGNATURES, [], {}, 0.05)
        found = rescue._stricter(
            extras["rescue"].query("line == 'parental' and reversal_p_adj < 0.05"), given
        )
        assert len(found) == said
    low = own.assign(p_adj=0.2)
    given = Given(study[0], low, low, design, pd.DataFrame(), pd.DataFrame(), SIGNATURES, [], {}, 0.05)
    told = rescue._stricter(extras["rescue"], given)[0]
    assert f"il6.hallmark in {name} (Holm p 0.2 over 10)" in told.text


def test_sentences_for_a_paper_say_of_a_reversal_what_its_claim_says(
    full: tuple[str, dict[str, object], pd.DataFrame],
    study: tuple[object, pd.DataFrame, ms.Design],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, extras, res = full
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    row = {"contrast": "reversal_JAKi_A_in_resistant", "signature": "il6.hallmark", "verdict": "cannot tell"}
    row |= {"p_adj": 0.01}
    main = res[res["method"] == res["method"].iloc[0]]
    claims = pd.DataFrame([row | {"stratum": "", "method": main["method"].iloc[0], "claim": "x"}])
    known = {"rescue": extras["rescue"], "claims": claims}
    given = Given(study[0], res, main, design, pd.DataFrame(), pd.DataFrame(), SIGNATURES, [], known, 0.05)
    monkeypatch.setattr(rescue, "_pictures", lambda *_: [])
    monkeypatch.setattr(rescue, "without_drug_alone", lambda *_: "")
    found = rescue.section(given)
    lists = [part.texts for part in every(found.parts) if part.kind == "sentences"]
    for texts in (lists[0], lists[-1]):
        own = [text for text in texts if text.startswith("il6.hallmark") and "JAKi_A in resistant" in text]
        assert len(own) == 1
        assert "JAKi_A in resistant cells: cannot tell as a claim; by this test alone reversed: " in own[0]
    table = with_claims(extras["rescue"], claims, design, alpha=0.05)
    one = {"signature": "il6.hallmark", "inhibitor": "JAKi_A", "line": "resistant", "kind": "line"}
    one |= {"method": main["method"].iloc[0]}
    asked = table[list(one)].eq(pd.Series(one)).all(axis=1)
    assert asked.sum() == 1
    assert table.loc[asked, "claim"].item() == "cannot tell"
    assert table.loc[asked, "sentence"].item() in own[0]
    assert table.loc[~asked, "claim"].eq("").all()
    rest = table.loc[~asked].drop(columns=list(ADDED))
    pd.testing.assert_frame_equal(rest, extras["rescue"].loc[~asked])


@pytest.mark.usefixtures("sketched")
def test_figures_of_strata_with_like_names_do_not_share_a_file() -> None:
    adata = ms.ds.toy()
    adata.obs["site"] = ["a b" if line == "parental" else "a/b" for line in adata.obs["line"]]
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIGNATURES[0])
    design = ms.Design(culture="culture", compartment="site", pair="pair")
    text, figures = render(adata, ms.tl.compare(adata, design), design=design)
    names = [f.name for f in figures]
    assert len(set(names)) == len(names)
    assert sum(n.startswith("forest_") for n in names) == 2
    for site in ("a b", "a/b"):
        assert f"co_vs_mono, compartment={site}" in text


@pytest.mark.slow
@pytest.mark.usefixtures("sketched")
def test_each_time_has_an_interaction_of_its_own() -> None:
    parts = [ms.ds.toy(), ms.ds.toy()]
    for part, hours in zip(parts, ("3", "24"), strict=True):
        part.obs["hours"] = hours
    adata = ad.concat(parts, index_unique="_")
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIGNATURES[0])
    design = ms.Design(culture="culture", line="line", pair="pair", time="hours")
    figures = render(adata, ms.tl.compare(adata, design), design=design)[1]
    drawn = [f.caption for f in figures if f.name.startswith("interaction_")]
    assert [c.rpartition(", ")[2] for c in drawn] == ["time=3", "time=24"] * (len(drawn) // 2)
    assert drawn


def test_a_table_that_is_none_is_refused(
    study: tuple[object, pd.DataFrame, ms.Design], tmp_path: Path
) -> None:
    adata, res, design = study
    with pytest.raises(ms.InputError, match="has no rows"):
        ms.report(tmp_path / "r.html", adata, res.iloc[:0], design=design)
    with pytest.raises(ms.InputError, match="lacks the columns p_adj"):
        ms.report(tmp_path / "r.html", adata, res.drop(columns="p_adj"), design=design)
    assert list(tmp_path.iterdir()) == []


def test_every_section_that_adjusts_p_is_listed() -> None:
    chained = SimpleNamespace(inhibitors=pd.DataFrame())
    sets = pd.DataFrame({"signature": ["emt.a", "emt.b", "control.c", "emt.a"]})
    none, design = pd.DataFrame(), ms.Design(culture="culture")
    extras = {"chain": chained, "gene_sets": sets}
    wide = Given(ms.ds.toy(), none, none, design, none, none, [], [], extras, 0.05)
    rows = {section: over for section, _, over in adjusted._others(wide)}
    assert rows["IL-6, STAT3 and EMT"] == "Holm over the links"
    over = "Benjamini-Hochberg over 2 signatures, and over 1 control of one contrast"
    assert rows["Do the genes say the same?"] == over
    rescued = pd.DataFrame(
        {
            "signature": ["emt.a", "control.c", "emt.b"],
            "method": ["mean", "mean", "ucell"],
            "family_size": [3, 2, 9],
        }
    )
    over = "Benjamini-Hochberg over 3 signatures, and over 2 controls of one contrast"
    assert adjusted.of_rescue(rescued, "mean") == over
    assert "but for the chain, which correlates scores and the gene level" in adjusted._why(wide)
