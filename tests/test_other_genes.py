"""Scores among the genes that a study expresses, beside those among all: exact, and in a run either way."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import marrowsig as ms
from marrowsig._cli.silent import in_brief, of_silent
from marrowsig._further import PARTS, Asked
from marrowsig._other_genes import Beside, _asked_again
from marrowsig._report.gathered import gathered
from marrowsig._report.other_way import told, turned
from marrowsig._report.silent import SETTLE, section
from marrowsig._run import run
from marrowsig._two_ways import paired

if TYPE_CHECKING:
    from pathlib import Path

N, SILENT, HALF = 1200, 300, 20
NAMES = ms.ds.demo().var_names[:N].tolist()
DESIGN = ms.Design(culture="culture", mono="mono", co="co")
EXACT = {"rel": 1e-9}  # sums of whole ranks, divided once
RISE = 8
"""Ranks that each member rises in co-culture, where it does."""


def study(*, silent_rise: bool) -> AnnData:
    """Two arms of four: 900 genes in one order, 300 with at most one read, no ties but among these.

    The list holds 20 genes of the order, which sample i of both arms has 7 i ranks higher. With
    `silent_rise` it also holds 20 silent genes, which have one read in co-culture and none alone, and nothing
    else differs; without, the 20 genes of the order rise by `RISE` ranks.
    """
    draw = np.random.default_rng(3)
    counts = np.zeros((8, N))
    members = np.arange(0, 900, 45)
    order = 1000 + 10 * draw.permutation(900)
    for row in range(8):
        up = 0 if silent_rise or row < 4 else RISE
        counts[row, :900] = order
        counts[row, members] += 5 + 10 * (7 * (row % 4) + up)
    if silent_rise:
        counts[4:, 900 : 900 + HALF] = 1
    obs = pd.DataFrame({"culture": ["mono"] * 4 + ["co"] * 4}, index=[f"s{i}" for i in range(8)])
    adata = AnnData(counts, obs=obs, var=pd.DataFrame(index=NAMES))
    adata.uns["genes"] = [NAMES[i] for i in members] + (NAMES[900 : 900 + HALF] if silent_rise else [])
    return adata


def list_of(adata: AnnData) -> ms.sig.Signature:
    return ms.sig.Signature("emt.mine", axis="emt", genes=list(adata.uns["genes"]))


def scored(adata: AnnData) -> AnnData:
    ms.pp.lognorm(adata)
    ms.tl.score(adata, list_of(adata))
    return adata


def asked(adata: AnnData, **how) -> pd.DataFrame:
    table = ms.tl.sensitivity(adata, DESIGN, signatures=list_of(adata), confounders=(), **how)
    return table.set_index("specification")


def test_reads_of_silent_genes_make_a_contrast_that_is_gone_without_them() -> None:
    """All genes: half the list rises from the common lowest rank to above the other silent genes."""
    table = asked(scored(study(silent_rise=True)))
    size = 2 * HALF
    rise = HALF * (SILENT - HALF) / size / (N - size)  # mean rank over its range
    whole, few = table.loc["as is"], table.loc["expressed genes only"]
    assert whole["estimate"] == pytest.approx(rise, **EXACT)
    assert whole["p"] < 0.05
    assert few["estimate"] == pytest.approx(0, abs=1e-12)
    assert few["p"] == pytest.approx(1)
    assert (few["n_removed"], few["n_genes"], bool(few["holds"])) == (HALF, size, False)
    assert "20 of its 40 measured genes are not among them" in few["sentence"]
    assert table.attrs["other_genes"] == N - SILENT


def test_silent_genes_outside_a_list_only_scale_it() -> None:
    """They lie below all else, so ranks differ by a constant, and the range by their number."""
    table = asked(scored(study(silent_rise=False)))
    whole, few = table.loc["as is"], table.loc["expressed genes only"]
    assert few["estimate"] / whole["estimate"] == pytest.approx((N - HALF) / (N - SILENT - HALF), **EXACT)
    assert few["p"] == pytest.approx(whole["p"], rel=1e-6)
    assert bool(few["holds"])
    assert few["n_removed"] == 0


@pytest.mark.parametrize("method", ["singscore", "mean", "ucell"])
def test_either_way_gives_what_the_other_is_scored_with(method: str) -> None:
    every, left = study(silent_rise=True), study(silent_rise=True)
    ms.pp.expressed(left, DESIGN)
    raw = every.copy()
    sigs = [list_of(every)]
    for adata in (every, left):
        ms.pp.lognorm(adata)
        ms.tl.score(adata, sigs, method=method)
    kept, back = asked(every), asked(left, other_genes=raw)
    numbers = ["estimate", "ci_low", "ci_high", "se", "p"]
    for ours, theirs in (("expressed genes only", "as is"), ("as is", "all genes")):
        np.testing.assert_array_equal(
            kept.loc[ours, numbers].to_numpy(dtype=float), back.loc[theirs, numbers].to_numpy(dtype=float)
        )
    assert raw.n_vars == N
    assert "lognorm" not in raw.uns.get("marrowsig", {})


def test_where_there_is_no_other_way_there_is_no_row() -> None:
    adata = scored(study(silent_rise=True))
    assert asked(adata, other_genes=False).index.tolist() == ["as is"]
    del adata.layers["counts"]
    assert asked(adata).index.tolist() == ["as is"]  # no counts
    left = study(silent_rise=True)
    ms.pp.expressed(left, DESIGN)
    assert asked(scored(left)).index.tolist() == ["as is"]  # the others are gone


def test_other_samples_are_refused() -> None:
    raw = study(silent_rise=True)
    left = raw.copy()
    ms.pp.expressed(left, DESIGN)
    scored(left)
    with pytest.raises(
        ms.InputError, match="same samples, in their order, with more genes, and they are 7 x 1200"
    ):
        asked(left, other_genes=raw[:7].copy())
    with pytest.raises(ms.InputError, match="True, False, or samples as an AnnData, and not 'all'"):
        asked(left, other_genes="all")
    with pytest.raises(ms.InputError, match=r"lack 1 gene of adata: .* before ms\.pp\.expressed"):
        asked(left, other_genes=raw[:, raw.var_names != left.var_names[3]].copy())


@pytest.mark.parametrize("expressed", [False, True])
def test_a_run_says_what_the_other_way_would_change(tmp_path: Path, *, expressed: bool) -> None:
    adata = study(silent_rise=True)
    how = {"signatures": ms.sig.SignatureSet([list_of(adata)]), "skip": list(PARTS), "draw": False}
    done = run(adata, DESIGN, out=tmp_path, expressed=expressed, **how)
    said = of_silent(done)
    rule = "10 reads in 4 samples or more, as many as the smallest arm has"
    head = f"left out (--expressed: {rule}). With them" if expressed else "kept. Without them (--expressed)"
    assert said.startswith(f"300 of 1,200 genes are expressed in no arm and were {head} 1 of 1 contrasts")
    p = r"p > 0.99 -> < 0.0001" if expressed else "p < 0.0001 -> > 0.99"
    assert f"(emt.mine, co_vs_mono: {p})" in said.replace(", with the other sign", "")
    assert said.endswith("settled on before results were seen, and report this beside it.")
    given = gathered(done.adata, done.res, DESIGN, extras={"beside": done.beside})
    assert section(given).parts[0].text == said.replace("--expressed", "ms.pp.expressed")  # on the page
    assert section(gathered(done.adata, done.res, DESIGN)) is None


def test_options_of_other_methods_leave_the_other_way_to_be_asked() -> None:
    """`ms.tl.score` refuses options of methods that are not asked for, and the line of a run was gone."""
    adata = study(silent_rise=True)
    options = {"singscore": {"center": False}, "ssgsea": {"normalize": "range"}}
    asked = Asked(
        adata=adata, cells=None, design=DESIGN, res=pd.DataFrame(), named=[], method="singscore", margin=None,
        sigs=ms.sig.SignatureSet([list_of(adata)]), min_coverage=0.5, prerank=False, seed=0, options=options,
    )  # fmt: skip

    def again(one: Asked):
        yield from dict.fromkeys(("claims", "questions"), one.adata.obsm["score_singscore"]).items()

    by_default, own = (
        _asked_again(one, adata.copy(), again)[0] for one in (replace(asked, options=None), asked)
    )
    assert own.shape == by_default.shape
    assert not np.allclose(own, by_default)  # its own options are kept


def test_a_run_says_that_the_other_way_changes_nothing(tmp_path: Path) -> None:
    adata = study(silent_rise=False)
    how = {"signatures": ms.sig.SignatureSet([list_of(adata)]), "skip": list(PARTS), "draw": False}
    done = run(adata, DESIGN, out=tmp_path, **how)
    assert "none of 1 contrasts (sides of 0.05 by unadjusted p) would change" in of_silent(done)
    few = SimpleNamespace(adata=done.adata, design=DESIGN, beside=done.beside._replace(others=N - 3))
    assert of_silent(few) == ""  # 3 genes, which turn nothing


def printed_p(table: pd.DataFrame) -> pd.Series:
    """p beside the size to cite of what is supported, else as scored."""
    on_kept = table["verdict"].eq("supported") & table["cite"].eq("filtered_estimate")
    return table["filtered_p_adj"].where(on_kept, table["p_adj"])


@pytest.mark.slow
def test_verdicts_of_the_other_way_are_those_of_a_run_with_it(tmp_path: Path) -> None:
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    how = {"skip": [name for name in PARTS if name != "claims"], "draw": False}
    kept, left = (
        run(ms.ds.demo(), design, out=tmp_path / str(e), stroma=ms.ds.demo_stroma(), expressed=e, **how)
        for e in (False, True)
    )
    for one, other in ((kept, left), (left, kept)):
        table, claims = one.beside.table, other.tables["claims"]
        claims = claims[claims["verdict"] != "not asked"]
        assert table["verdict_other"].tolist() == claims["verdict"].tolist()
        np.testing.assert_allclose(table["p_other"], printed_p(claims), rtol=1e-9)
        np.testing.assert_allclose(table["estimate_other"], claims["estimate"], rtol=1e-9)
        n = int((table["verdict"] != table["verdict_other"]).sum())
        assert n > 0
        assert f"{n} of 13 verdicts on claims would change (" in of_silent(one)
        further, questions = one.beside.questions, other.tables["questions"]
        questions = questions[questions["verdict"] != "not asked"]
        assert further["verdict_other"].tolist() == questions["verdict"].tolist()
        np.testing.assert_allclose(further["p_other"], printed_p(questions), rtol=1e-9)


def test_a_choice_of_genes_makes_nothing_supported_that_carry_over_leaves_open() -> None:
    rows = pd.DataFrame(
        {
            "name": list("ABCD"), "estimate": 1.0, "estimate_other": 1.0, "p": 0.01, "p_other": 0.01,
            "rule": ["carry-over", "rise not supported", "all hold", "versions disagree"],
            "verdict": ["cannot tell", "cannot tell", "supported", "cannot tell"],
            "verdict_other": ["supported", "supported", "cannot tell", "supported"],
        }
    )  # fmt: skip
    assert told(Beside(10, 8, rows, claims=True), every=True) == (
        "4 of 4 verdicts on claims would change (A: cannot tell -> supported, which clears it of "
        "carry-over in this way alone; B: cannot tell -> supported, as the rise that it builds on; "
        "C: supported -> cannot tell; D: cannot tell -> supported)."
    )


def test_p_of_both_ways_is_the_one_that_a_run_prints() -> None:
    """Supported on the genes that stroma could not move, it is theirs, the larger of two; else as scored."""
    asked = {"claim": "up", "compartment": "", "line": "", "inhibitor": "", "stratum": "", "estimate": 1.0}
    before = {"verdict": "not supported", "rule": "p", "sentence": "It rises: not supported; p."}
    own = pd.DataFrame(
        [asked | before | {"p_adj": 0.052, "filtered_p_adj": 0.072, "cite": "filtered_estimate"}]
    )
    after = {"verdict": "supported", "p_adj": 0.00094, "filtered_p_adj": 0.0058}
    for cite, p in (("filtered_estimate", "0.0058"), ("estimate", "0.00094")):
        rows = paired(own, own.assign(**after, cite=cite))
        assert told(Beside(10, 8, rows, claims=True), every=True).endswith(f"adj. p 0.052 -> {p}).")
    bare = ["filtered_p_adj", "cite"]
    rows = paired(own.drop(columns=bare), own.assign(**after).drop(columns=bare))
    assert rows["p_other"].tolist() == [0.00094]


def test_what_changes_is_told_with_p_where_it_crosses() -> None:
    rows = pd.DataFrame(
        {
            "name": ["A (x cells)", "B", "C", "D", "E"], "estimate": [1.0, 1.0, 1.0, 1.0, 1.0],
            "estimate_other": [0.5, 0.9, 0.7, np.nan, 1.0], "p": [0.03, 0.001, 0.2, 0.01, 0.3],
            "p_other": [0.09, 0.002, 0.3, np.nan, 0.4],
            "verdict": ["supported", "supported", "not supported", "supported", "not supported"],
            "verdict_other": ["not supported", "cannot tell", "not supported", "cannot tell", "cannot tell"],
        }
    )  # fmt: skip
    said = told(Beside(10, 8, rows, claims=True), every=False)
    assert said == (
        "4 of 5 verdicts on claims would change (A (x): supported -> not supported, adj. p 0.03 -> 0.09; "
        "B: supported -> cannot tell; D: supported -> cannot tell, adj. p 0.01 -> not tested; "
        "1 more (log.txt))."
    )
    assert "E: not supported -> cannot tell)." in told(Beside(10, 8, rows, claims=True), every=True)
    drug = rows.assign(
        name=["The inhibitor reverses EMT (parental cells, JAKi)", *"BCDE"], inhibitor=["JAKi"] + [""] * 4
    )
    assert "(JAKi reverses EMT (parental): supported -> " in told(
        Beside(10, 8, drug, claims=True), every=False
    )
    same = rows.assign(verdict_other=rows["verdict"])
    assert told(Beside(10, 8, same, claims=True), every=False) == (
        "none of 5 verdicts on claims would change; of estimates with p < 0.05 the one that moves most: "
        "A (x), 1 -> 0.5."
    )
    asked = rows.iloc[[0, 2]].assign(name=["F", "G (x cells)"])
    told_of = [
        told(Beside(10, 8, table, claims=True, questions=questions), every=False)
        for table in (rows, same)
        for questions in (asked, asked.assign(verdict_other=asked["verdict"]))
    ]
    crossed = "1 of 2 on further questions (F: supported -> not supported, adj. p 0.03 -> 0.09)."
    assert told_of[0].endswith(f"1 more (log.txt)), and {crossed}")
    assert told_of[1].endswith("1 more (log.txt)), and none of 2 on further questions.")
    assert told_of[2] == f"none of 5 verdicts on claims would change, and {crossed}"
    none = "none of 5 verdicts on claims and none of 2 on further questions would change"
    assert told_of[3].startswith(f"{none}; of ")
    short = [in_brief(f"Without them {text} {SETTLE}") for text in told_of]
    end = "Keep to the way settled on beforehand, and report this."
    head = "Without them 4 of 5 verdicts on claims would change, and"
    assert short[0] == f"{head} 1 of 2 on further questions (log.txt). {end}"
    assert short[1] == f"{head} none of 2 on further questions (log.txt). {end}"
    assert short[2] == f"Without them {told_of[2]} {end}"  # one name has room
    assert short[3] == f"Without them {none} (log.txt)."
    assert len(turned(Beside(10, 8, same, claims=True, questions=asked))) == 1
    still = same.assign(estimate_other=1.001)
    assert told(Beside(10, 8, still, claims=True), every=False) == (
        "none of 5 verdicts on claims would change; of estimates with p < 0.05 none moves by more than 0.1 %."
    )
    still.loc[0, ["estimate", "estimate_other"]] = [0.0697, 0.0690]  # 0.070 and 0.069, and B moves more
    still.loc[1, ["estimate", "estimate_other"]] = [0.0321, 0.03249]
    assert told(Beside(10, 8, still, claims=True), every=False).endswith("none moves by more than 1.3 %.")


def test_shallow_libraries_lose_expressed_genes_by_the_usual_bound() -> None:
    """The numbers of the docstring: the demo drawn down, without replacement, to 100,000 counts a sample."""
    adata = ms.ds.demo()
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    deep = set(ms.pp.expressed(adata, design, copy=True).var_names)
    draw = np.random.default_rng(0)
    rows = np.asarray(adata.X, dtype=int)
    adata.X = np.stack([draw.multivariate_hypergeometric(row, 100_000) for row in rows]).astype(float)
    usual = set(ms.pp.expressed(adata, design, copy=True).var_names)
    low = set(ms.pp.expressed(adata, design, min_count=1, min_total=10, copy=True).var_names)
    found = (len(deep), len(usual), len(usual - deep), len(low & deep), len(low - deep))
    assert found == (6834, 2454, 0, 6384, 10)
    said = " ".join(str(ms.pp.expressed.__doc__).split())
    assert "Of the 6,834 genes" in said
    assert "2,454 are kept" in said
    assert "6,384 of them and 10 others" in said
