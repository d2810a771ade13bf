"""What a page says once, groups or folds away, so that it stays short and does not contradict itself."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._cli.ways import unclaimed
from marrowsig._report import (
    answer,
    batch,
    cells,
    chain,
    claims,
    explore,
    facts,
    gene_level,
    lead,
    numbers,
    rescue_tables,
    words,
)
from marrowsig._report.elements import (
    ONE_GENE,
    Caution,
    Fold,
    Paste,
    Section,
    Sentences,
    Size,
    Table,
    Verdict,
    Verdicts,
    Words,
)
from marrowsig._report.page import html_of
from marrowsig.tl import _rescue_kept


@pytest.mark.parametrize(
    ("part", "long"),
    [
        (Paste("a", "b", ["\n".join("x" * 26)], code=True), True),
        (Paste("a", "b", ["\n".join("x" * 25)], code=True), False),
        (Paste("a", "b", ["\n".join("x" * 26)]), False),  # one paragraph of words
        (Paste("a", "b", ["x" * 110 * 26]), True),
        (Sentences(["x" * 350] * 8), True),
        (Sentences(["x" * 90] * 25), False),
    ],
)
def test_a_fold_of_many_lines_is_not_printed_unless_it_was_opened(part: Any, *, long: bool) -> None:
    assert Fold("f", [part]).long is long


def test_sums_and_means_of_cells_are_told_once_for_signatures_that_say_the_same() -> None:
    rows = [
        ("emt.a", "co", "", "same sign, both established"),
        ("il6.a", "co", "", "same sign, both established"),
        ("emt.a", "alone", "time=6", "same sign, only cell_mean established"),
        ("il6.a", "alone", "time=6", "opposite sign, only pseudobulk established"),
        ("emt.b", "co", "", "same sign, both established"),  # not among those named
        ("il6.a", "gone", "", ""),
    ]
    table = pd.DataFrame(rows, columns=["signature", "contrast", "stratum", "agree"]).assign(
        route="pseudobulk"
    )
    given: Any = SimpleNamespace(named=["emt.a", "il6.a"])
    assert cells._agreement(table, given) == [
        "emt.a and il6.a, co: same sign, both established.",
        "emt.a, alone in time=6: same sign, only the means established.",
        "il6.a, alone in time=6: opposite sign, only the sums established.",
    ]


def test_claims_without_a_p_of_their_own_are_no_part_of_the_family() -> None:
    sizes = pd.DataFrame({"family_size": [2, 2, np.nan]})
    assert claims._family(sizes[:2]) == "2 claims"
    assert claims._family(sizes) == "2 of 3 claims with a p of their own"


@pytest.fixture(scope="module")
def sorted_apart() -> Any:
    """Toy cells, and stroma of four donors: alone, of no line, and under each line."""
    blasts = ms.ds.toy().obs.assign(site="AML")
    rows = [
        (f"d{k}_{line}", "mono" if line == "none" else "co", line, f"d{k}", "MSC")
        for line in ("none", "parental", "resistant")
        for k in range(4)
    ]
    stroma = pd.DataFrame(rows, columns=["sample", *blasts.columns]).set_index("sample")
    adata = SimpleNamespace(obs=pd.concat([blasts, stroma]))
    design = ms.Design(culture="culture", line="line", pair="pair", compartment="site")
    return SimpleNamespace(adata=adata, design=design)


def test_stroma_alone_of_no_line_is_joined_with_the_stroma_under_each_line(sorted_apart: Any) -> None:
    frame = explore.arms_of(sorted_apart)
    arms = frame.groupby("series")["arm"].nunique()
    assert frame["series"].notna().all()
    assert arms.tolist() == [2] * 8 + [3] * 4  # a pair of each line; a donor alone and under both lines
    assert {key[-1] for key in arms.index[arms == 3]} == {"d0", "d1", "d2", "d3"}


def test_contrasts_without_any_estimate_share_a_fold_and_stand_aside() -> None:
    adata = ms.ds.toy()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"])
    design = ms.Design(culture="culture", line="line", pair="pair")
    res = ms.tl.compare(adata, design, permutations=0)
    lost = res["contrast"].isin(["co_in_parental", "interaction"])
    part = numbers.section(SimpleNamespace(res=res.assign(estimate=res["estimate"].mask(lost)), alpha=0.05))
    folds = [p for p in part.parts if isinstance(p, Fold)]
    assert [f.summary for f in folds] == [
        "co_in_resistant, singscore",
        "resistance_in_mono, singscore",
        "resistance_in_co, singscore",
        "Without an estimate: 2",
    ]
    assert [len(t.rows) for t in folds[-1].parts] == [2, 2]
    found = explore._found(res.assign(estimate=res["estimate"].mask(lost)), 0.05, design)["emt.hallmark"]
    assert {line[0]: line[4] for line in found} == {
        "co_in_parental": True, "co_in_resistant": False, "interaction": True,
        "resistance_in_mono": True, "resistance_in_co": True,
    }  # fmt: skip


def test_inhibitors_that_could_not_be_tested_take_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "_picture", lambda *_: None)
    monkeypatch.setattr(chain, "_names", lambda *_: "")
    drugs = pd.DataFrame({"inhibitor": ["A", "A", "B"], "stratum": "s=MSC", "sentence": list("xyz")})
    empty = pd.DataFrame()
    made = SimpleNamespace(
        params={}, verdicts=pd.DataFrame([{"stratum": "s=MSC", "sentence": "Not tested."}]), cautions=[],
        links=empty, contrasts=empty, steps=empty, levels=pd.DataFrame({"measured": [True], "gene": ["G"]}),
        inhibitors=drugs,
    )  # fmt: skip
    monkeypatch.setattr(chain.frames, "table", lambda *_, **__: None)
    for verdict, lines, lists in (("not tested", 1, 0), ("reversed", 0, 1)):
        made.inhibitors = drugs.assign(verdict=verdict)
        parts = chain.section(SimpleNamespace(extras={"chain": made}, design=None)).parts
        told = [p.text for p in parts if isinstance(p, Words)]
        assert told.count("No reversal by A and B could be estimated here.") == lines
        assert sum(isinstance(p, Sentences) and list(p.texts) == list("xyz") for p in parts) == lists


def test_what_was_asked_names_covariates_and_the_units_that_a_formula_compares() -> None:
    adata = ms.ds.toy()
    adata.obs["age"] = np.arange(16.0)
    design = ms.Design(culture="culture", line="line", covariates="age")
    assert dict(facts.asked(design, adata))["covariate, with a slope in the model"] == "column age"
    model = ms.Design.from_formula(
        "~ culture + pair", levels={"culture": ["mono", "co"], "pair": "r1"}, contrasts={"up": "co - mono"}
    )
    assert dict(facts.asked(model, adata))["independent unit"] == "every row"
    assert dict(facts.asked(model, adata, units=["pair", "pair"]))["independent unit"] == "column pair"
    assert dict(facts.asked(model, adata, units=["row"]))["independent unit"] == "every row"


@pytest.mark.parametrize(
    ("text", "minus"),
    [
        ("63 % (95 % interval -44 to 230 %)", 1),
        ("reversal -0.0104 [-0.00598, -.5]", 3),
        ("-1.2", 1),
        ("IL-6, MOLM-13, 2024-10-18, p 1e-05, 0.1-0.2, a - 1, --co, 10.1182/x-2003-04", 0),
    ],
)
def test_numbers_below_zero_have_the_minus_sign_of_the_tables(text: str, minus: int) -> None:
    said = words.signed(text)
    assert said.count(words.MINUS) == minus
    assert said.replace(words.MINUS, "-") == text
    page = html_of([Section("s", "S", [Words(text), Sentences([text]), Caution(text)])], title="T")
    shown = re.sub(r'<span class="option">(--\w+)</span>', r"\1", page).replace("\N{NO-BREAK SPACE}", " ")
    assert shown.count(said) == 3
    assert page.count("\N{NO-BREAK SPACE}%") == 3 * said.count(" %"), "no line begins with a per cent sign"
    assert page.count('<span class="option">--co</span>') == 3 * said.count("--co"), "nor breaks an option"


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ([], ""),
        (["interaction"], "; 1 contrast cannot be estimated"),
        (
            ["interaction", "resistance_in_mono"],
            "; 2 contrasts cannot be estimated, 1 of them among",
        ),
        (["resistance_in_mono"], "; 1 contrast cannot be estimated, among the further contrasts"),
    ],
)
def test_contrasts_without_an_answer_are_counted_where_they_stand(lost: list[str], told: str) -> None:
    asked = pd.DataFrame({"contrast": ["co_in_parental", "interaction", "resistance_in_mono"]})
    asked["estimable"] = ~asked["contrast"].isin(lost)
    said = lead._refused(asked)
    assert said.startswith(told)
    assert bool(said) == bool(told)
    assert ("further" in said) == ("resistance_in_mono" in lost)


def test_the_plot_of_samples_says_what_the_claims_say() -> None:
    adata = ms.ds.toy()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, ["emt.hallmark"])
    design = ms.Design(culture="culture", line="line", pair="pair")
    res = ms.tl.compare(adata, design, permutations=0)
    rows = res.loc[res["contrast"].eq("interaction"), ["method", "contrast", "stratum", "signature"]]
    assert len(rows) == 1
    judged = rows.assign(p_adj=0.0123, verdict="supported", family_size=13)
    given: Any = SimpleNamespace(
        adata=adata, design=design, res=res, judged=judged, alpha=0.05, method="singscore",
        named=["emt.hallmark"], extras={},
    )  # fmt: skip
    found = explore.data_of(given)
    assert found is not None
    lines = {line[0]: line[1] for line in found["found"]["singscore"]["emt.hallmark"]}
    assert lines["interaction"].endswith("adj. p 0.012 as a claim, 4 pairs in each line")
    assert "as a contrast" in lines["co_in_parental"]
    given.judged = judged.assign(verdict="cannot tell")
    found = explore.data_of(given)["found"]["singscore"]["emt.hallmark"]
    (line,) = (line[1] for line in found if line[0] == "interaction")
    assert line == f"{lines['interaction']} (as a claim: cannot tell)"


def test_the_table_of_pooled_rows_fits_the_page() -> None:
    rows = pd.DataFrame({
        "signature": ["a", "b"], "contrast": "co", "stratum": "", "method": "singscore", "estimate": 0.5,
        "ci_low": 0.25, "ci_high": 0.75, "p": 0.03, "p_adj": 0.06, "verdict": "up", "n_studies": 3,
        "n_samples": 24, "pi_low": -0.5, "pi_high": 1.5, "without_low": 0.25, "without_high": 0.75,
    })  # fmt: skip
    table: Any = batch._short("Pooled", rows)
    assert table.caption == "Pooled, by singscore"
    assert len(table.columns) == 8  # above that a table has a sheet of its own
    assert table.rows[0][3:6] == ["0.06 (0.03)", "up", "3 (24)"]
    two: Any = batch._short("Pooled", rows.assign(method=["singscore", "mean"]))
    assert two.caption == "Pooled"
    assert [row[2] for row in two.rows] == ["singscore", "mean"]


def test_a_heading_does_not_say_the_arms_twice() -> None:
    arms = "no:after - no:before against yes:after"
    told = answer.Block("gain", "Is no:after - no:before above yes:after?", arms)
    heads: list[Any] = [answer._parts(block)[0] for block in (told, replace(told, question="Does it rise?"))]
    assert [head.aside for head in heads] == ["gain", f"gain: {arms}"]


def test_opposite_signs_of_genes_and_score_are_a_caution_where_one_is_established() -> None:
    sets = pd.DataFrame({
        "signature": ["a", "b", "c", "d"], "p_adj": [0.8, 0.01, 0.8, 0.01],
        "score_p_adj": [0.6, 0.6, 0.02, 0.02], "agree": ["opposite sign"] * 3 + ["same sign"],
    })  # fmt: skip
    sets["contrast"] = "co_vs_mono"
    told = gene_level.opposite(sets)
    assert told.startswith(
        "Caution: genes and score have opposite signs for b in co_vs_mono and c in co_vs_mono."
    )
    assert gene_level.opposite(sets.drop(columns="agree")) == ""
    # The log of a run without claims has it too, and libraries of few counts.
    counts = ad.AnnData(np.array([[1000.0], [1000.0], [100.0]]))
    counts.obs_names, counts.layers["counts"] = ["a1", "a2", "a3"], counts.X
    done: Any = SimpleNamespace(tables={"gene_sets": sets}, adata=counts)
    ways, same, few, end = unclaimed(done, ["ways"])
    assert (ways, same, end) == ("ways", told, "")
    assert few.startswith("Few counts: a3 (100); the median is 1,000.")
    assert unclaimed(SimpleNamespace(tables={}, adata=counts[:2]), []) == []


@pytest.mark.parametrize(
    ("p", "kept_p", "kind", "told"),
    [
        (
            0.01,
            0.01,
            "interval",
            "Cite the fraction on the 9 of 20 genes left, 40 % (95 % interval 30 to 50 %; ",
        ),
        (
            0.2,
            0.01,
            "interval",
            "On the 9 of 20 genes left, the fraction is 40 % (95 % interval 30 to 50 %; ",
        ),
        (
            0.01,
            0.2,
            "interval",
            "On the 9 of 20 genes left, no reversal is established: 40 % (95 % interval ",
        ),
        (0.01, 0.01, "all", "On the 9 of 20 genes left, the fraction is not determined."),
    ],
)
def test_why_fewer_genes_are_asked_is_left_to_the_caution_above(
    p: float, kept_p: float, kind: str, told: str
) -> None:
    row = {"cite": "filtered_estimate", "n_kept": 9, "n_genes": 20, "reversal_p_adj": p}
    row |= {"filtered_reversal_p_adj": kept_p, "filtered_fraction_kind": kind}
    row |= {f"filtered_fraction{end}": x for end, x in (("", 0.4), ("_low", 0.3), ("_high", 0.5))}
    start = "JAKi in parental cells: reversed: 20 %."
    whole = start + _rescue_kept.said(row, "95 %", 0.05)
    short = _rescue_kept.briefly(whole)
    assert "RNA of stroma" in whole
    assert short.startswith(f"{start} {told}")
    assert short.endswith(".")
    assert not any(word in short for word in ("RNA", "does not count", "takes away"))
    assert ("not to cite" in short) is (p == 0.2)
    assert _rescue_kept.briefly(start) == start


def test_a_verdict_of_a_rescue_stands_beside_the_size_and_p_that_it_is_of() -> None:
    adata = ms.ds.demo()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "il6.hallmark", method="mean")
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    found = ms.tl.rescue(adata, design)
    tables = [part for fold in rescue_tables.folds(found.assign(claim="")) for part in fold.parts]
    assert [len(table.rows) for table in tables] == [4, 2, 2]
    for table, kind in zip(tables, dict.fromkeys(found["kind"]), strict=True):
        assert isinstance(table, Table)
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
        at = next(i for i, name in enumerate(names) if name.startswith("verdict on"))
        assert "reversal" in names[at + 1]
        assert "p of each" in names[at + 2] or names[at + 2] == "its adj. p"
        rows = found[found["kind"].eq(kind)].to_dict("records")
        for row, texts in zip(rows, table.rows, strict=True):
            assert texts[at] == row["verdict"]
            assert texts[at + 2] == words.p_value(row["reversal_p_adj"])
            own = (
                found[found["kind"].eq("line") & found["line"].eq(row["line"])]
                if " and " in row["inhibitor"]
                else None
            )
            sizes = [row] if own is None else own.to_dict("records")
            shown = [words.estimate(*(s[f"reversal{end}"] for end in ("", "_low", "_high"))) for s in sizes]
            named = [f"{s['inhibitor']} {text}" for s, text in zip(sizes, shown, strict=True)]
            assert texts[at + 1] == ("; ".join(named) if len(sizes) > 1 else shown[0])


def test_a_single_gene_says_why_it_has_no_size_on_fewer_genes() -> None:
    row = {"signature": "IL6", "estimate": 0.9, "filtered_estimate": np.nan}
    row |= {"filtered_ci_low": np.nan, "filtered_ci_high": np.nan}
    assert claims._on_kept(row) == Size(ONE_GENE, "")
    assert claims._on_kept(row | {"estimate": np.nan}) is None  # not tested: there is nothing to leave out
    assert claims._on_kept(row | {"signature": "emt.hallmark"}) is None
    one = Verdict("a", "b", "supported", Size("1", "0.1"), Size(ONE_GENE, ""), "", [], "")
    assert not Verdicts("c", [one]).kept  # no column for that alone
    assert Verdicts("c", [one, replace(one, kept=Size("0.1 [0.1, 0.2]", "0.01"))]).kept
