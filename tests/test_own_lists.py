"""Lists of one's own beside the claims: asked of the checks, and told with their verdicts and sizes."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._calls import Calls
from marrowsig._carry_over import RULED_OUT
from marrowsig._check_words import STANDS
from marrowsig._cli.brief import brief_claims
from marrowsig._further import Asked, further
from marrowsig._out_folder import tables_of
from marrowsig._own_lists import MOST, asked_of, main_and_own, own_lists, with_own
from marrowsig._p_values import p_equals
from marrowsig._provenance import record
from marrowsig._report import adjusted
from marrowsig._report.answer import section as answer
from marrowsig._report.carried import guard_drawn, guard_of
from marrowsig._report.elements import Claims, Fold, Pictures
from marrowsig._report.figures import section as figures
from marrowsig._report.gathered import gathered
from marrowsig._report.lead import reading
from marrowsig._report.own_checked import UNASKED, checked
from marrowsig._report.own_pairs import DIFFERS, own_pairs
from marrowsig._report.stroma import section as stroma_section
from marrowsig._size_to_cite import with_size_to_cite

DESIGN = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
MINE = "emt.mine"
KEYS = ["method", "contrast", "stratum", "signature"]
CITED = ["size_to_cite", "genes_to_cite", "p_adj_to_cite", "carry_over"]


@pytest.fixture(scope="module")
def study():
    """The demo, with half of the Hallmark EMT genes as a list of one's own, and what a run makes of it."""
    adata = ms.ds.demo()
    ms.pp.lognorm(adata)
    known = ms.sig.load("emt.hallmark", "il6.hallmark", "stat3.specific")
    mine = ms.sig.Signature(MINE, axis="emt", genes=sorted(known["emt.hallmark"].genes)[::2])
    sigs = ms.sig.SignatureSet([*known, mine])
    ms.tl.score(adata, sigs)
    res = ms.tl.compare(adata, DESIGN, primary=list(known.ids))

    def made(sigs: ms.sig.SignatureSet, table: pd.DataFrame, parts: list[str]) -> tuple[Asked, dict]:
        asked = Asked(
            adata=adata.copy(), cells=None, design=DESIGN, res=table, sigs=sigs, named=list(known.ids),
            method="singscore", margin=None, min_coverage=0.5, prerank=False, seed=0,
            stroma=ms.ds.demo_stroma(), calls=Calls(),
        )  # fmt: skip
        asked.calls.name(asked.adata, "adata")
        return asked, further(asked, parts, lambda _: None).results

    few = res[res["signature"].ne(MINE)]
    return made(sigs, res, ["sensitivity", "claims", "rescue"]), made(known, few, ["claims", "rescue"])


@pytest.mark.slow
def test_the_checks_are_asked_of_a_list_of_ones_own(study) -> None:
    (asked, found), _ = study
    own = found["stroma"].verdicts.query("signature == @MINE")
    alone = ms.qc.stroma(
        asked.adata.copy(), DESIGN, stroma=asked.stroma, signatures=asked.sigs[MINE], rng=0
    ).verdicts
    pd.testing.assert_frame_equal(own.reset_index(drop=True)[list(alone)], alone)
    assert own["asked_as"].eq("").all()  # no claim asks it
    assert own["verdict"].ne("not asked: no effect established").any()
    for name in ("sensitivity", "maturation"):
        table = getattr(found[name], "verdicts", found[name])
        assert MINE in set(table["signature"])
    assert asked_of(found["stroma"]) == (
        "3 signatures that the check was asked of (lists of your own apart: 1)"
    )
    listed = found["stroma"].dropped.set_index("gene")["signatures"]
    assert listed.index.is_unique
    both = listed[listed.str.contains("emt.hallmark") & listed.str.contains(MINE)]
    assert len(both)
    assert set(both.index) <= set(asked.sigs[MINE].genes)
    assert "of_claims, stroma = stroma, joined(adata, stroma, beside)" in asked.calls.text()
    assert "stroma=of_claims" in asked.calls.text().split("rescue = ")[1]


def test_claims_and_their_check_do_not_change_for_a_list_beside_them(study) -> None:
    (_, found), (_, without) = study
    for name in ("claims", "questions"):
        columns = [c for c in without[name] if c not in ("maturation", "sentence")]
        pd.testing.assert_frame_equal(found[name][columns], without[name][columns])
    verdicts = found["stroma"].verdicts
    pd.testing.assert_frame_equal(
        verdicts[verdicts["signature"].ne(MINE)].reset_index(drop=True), without["stroma"].verdicts
    )
    pd.testing.assert_frame_equal(found["stroma"].shares, without["stroma"].shares)
    rescued = [of["rescue"][of["rescue"]["signature"].ne(MINE)] for of in (found, without)]
    assert rescued[0]["filtered_reversal_p_adj"].notna().any()
    kept = [c for c in rescued[0] if c.startswith("filtered_")]
    pd.testing.assert_frame_equal(rescued[0][kept], rescued[1][kept])


def test_a_line_of_an_own_list_tells_the_verdicts(study) -> None:
    (asked, found), _ = study
    main = asked.res
    said = checked(found["stroma"], found["maturation"], [MINE], main)
    for row in found["stroma"].verdicts.query("signature == @MINE").to_dict("records"):
        text = said[row["contrast"], "", MINE]
        words = {"cannot tell": "carry-over: cannot tell", "not asked: no effect established": "carry-over "}
        assert text.startswith(words.get(row["verdict"], row["verdict"]))
        if row["verdict"].startswith(("may be", "explained")):
            assert f"stroma by itself gives {row['carried']:.2g}" in text
    assert set(checked(found["stroma"], None, [MINE], main, apart=True).values()) == {""}
    unasked = checked(None, None, [MINE], main)
    assert {text for (name, *_), text in unasked.items() if name.startswith("co_")} == {
        "carry-over not asked"
    }
    assert {text for (name, *_), text in unasked.items() if name.startswith("resist")} == {""}
    row = {
        "signature": MINE, "method": "singscore", "contrast": "co_in_resistant", "stratum": "",
        "verdict": "explained by carry-over", "estimate": 0.072, "carried": 0.064,
    }  # fmt: skip
    key = ("co_in_resistant", "", MINE)
    turned = (
        "in the other direction, but 0.032 % of carried-over RNA in one arm and none in the other would give "
        "the smallest change that its interval allows ({}), and one of its co-cultures may hold up to 0.09 %"
    )
    far = {"tipping": 0.00032, "share_up": 0.0009, "ci_low": 0.05}
    for changed, text in (
        ({}, "explained by carry-over: stroma by itself gives 0.064"),
        ({"verdict": "may be carry-over"}, "may be carry-over: stroma by itself gives 0.064"),
        ({"verdict": "may be carry-over", "carried": -1e-4, **far},
         f"may be carry-over: stroma by itself gives -0.0001, {turned.format(0.05)}"),
        ({"verdict": "may be carry-over", "carried": 1e-4, **far, "estimate": -0.072, "ci_high": -0.05},
         f"may be carry-over: stroma by itself gives 0.0001, {turned.format(-0.05)}"),
        ({"verdict": "may be carry-over", **far}, "may be carry-over: stroma by itself gives 0.064"),
        ({"verdict": "cannot tell", "carried": np.nan, **far}, "carry-over: cannot tell"),
        ({"verdict": "cannot tell", "carried": np.nan}, "carry-over: cannot tell"),
        ({"verdict": "not explained by carry-over"},
         "not explained by carry-over, but stroma by itself gives 0.064"),
        ({"verdict": "not explained by carry-over", "carried": 0.001}, "not explained by carry-over"),
        ({"verdict": "not asked: no effect established", "p_bh": 0.07},
         "carry-over not asked: adj. p 0.07 over the lists of that check alone"),
    ):  # fmt: skip
        assert checked(pd.DataFrame([row | changed]), None, [MINE], main)[key] == text
    matured = pd.DataFrame([row | {"verdict": "may be maturation"}])
    assert checked(pd.DataFrame([row]), matured, [MINE], main)[key].endswith("; may be maturation")


def test_of_many_lists_the_first_are_checked(study) -> None:
    (asked, _), _ = study
    many = ms.sig.SignatureSet(
        [ms.sig.Signature(f"emt.mine{i}", axis="emt", genes=["VIM", "FN1", "SPARC"]) for i in range(MOST + 2)]
    )
    res = pd.DataFrame({"signature": list(many.ids), "method": "singscore", "estimate": 0.1})
    found = own_lists(replace(asked, sigs=many, res=res), {"emt.mine0"})
    assert [s.id for s in found] == [f"emt.mine{i}" for i in range(1, MOST + 1)]
    assert own_lists(replace(asked, sigs=ms.sig.load("emt.hallmark"))) == []


def test_the_table_for_a_supplement_has_the_size_to_cite(study) -> None:
    (asked, found), _ = study
    tables = tables_of(asked.adata, asked.res, found, design=DESIGN)
    table, contrasts = tables["table"], tables["contrasts"]
    assert list(table)[list(table).index("estimate") + 1 :][:4] == CITED
    keys = ["signature", "contrast"]
    rows = pd.concat([table[CITED], contrasts[keys]], axis=1).set_index(keys)
    shown = open_rows = 0
    claims = pd.concat([found["claims"], found["questions"]])
    claims = claims[claims["p_adj"].notna() & claims["method"].eq("singscore")]
    for claim in claims.to_dict("records"):
        row = rows.loc[(claim["signature"], claim["contrast"])]
        assert row["carry_over"] == claim["stroma"]
        if claim["verdict"] not in ("supported", "contradicted"):
            open_rows += 1
            assert row[CITED[:3]].tolist() == [""] * 3
        elif claim["cite"] == "filtered_estimate":
            shown += 1
            low, high = (f"{claim[f'filtered_ci_{end}']:.3g}" for end in ("low", "high"))
            assert row["size_to_cite"] == f"{claim['filtered_estimate']:.3g} [{low}, {high}]"
            assert row["genes_to_cite"] == f"{claim['n_kept']} of {claim['n_genes']}"
            p = float(row["p_adj_to_cite"].removeprefix("< "))
            # two digits, and "< 0.0001" below that
            assert max(p, 1e-4) == pytest.approx(max(claim["filtered_p_adj"], 1e-4), rel=0.05)
        elif claim["cite"] == "estimate":
            assert (
                row["size_to_cite"]
                == f"{claim['estimate']:.3g} ["
                + ", ".join(f"{claim[end]:.3g}" for end in ("ci_low", "ci_high"))
                + "]"
            )
    assert shown
    assert open_rows
    unmoved = tables["table"]["verdict"].isin(["not established", "not tested"])
    assert unmoved.any()
    assert table.loc[unmoved, CITED[:3]].eq("").all(axis=None)
    mine = found["stroma"].verdicts.query("signature == @MINE").to_dict("records")
    assert [rows.loc[(MINE, row["contrast"]), "carry_over"] for row in mine] == [r["verdict"] for r in mine]
    check = found["stroma"].verdicts
    mine = check["signature"].eq(MINE) & check["contrast"].eq("co_in_parental")
    left = replace(found["stroma"], verdicts=check.assign(verdict=check["verdict"].mask(mine, "cannot tell")))
    other = tables_of(asked.adata, asked.res, {**found, "stroma": left}, design=DESIGN)["table"]["verdict"]
    changed = other.ne(tables["table"]["verdict"])
    assert contrasts.loc[changed, ["signature", "contrast"]].to_numpy().tolist() == [[MINE, "co_in_parental"]]
    assert other[changed].tolist() == ["up as scored"]  # no plain "up" where it may be stroma
    plain = tables_of(asked.adata, asked.res, {"claims": found["claims"]}, design=DESIGN)["table"]
    assert not set(CITED) & set(plain)


@pytest.mark.parametrize("name", ["claims", "questions"])
def test_claims_that_are_shown_have_the_size_to_cite_of_the_table(study, name, tmp_path) -> None:
    (asked, found), _ = study
    tables = tables_of(asked.adata, asked.res, found, design=DESIGN)
    keys = ["signature", "contrast"]
    rows = pd.concat([tables["table"][CITED], tables["contrasts"][keys]], axis=1).set_index(keys)
    claims, path = found[name].iloc[::-1], tmp_path / "claims.csv"  # what was not asked is first
    shown = ms.get.table(claims).frame
    order = claims.assign(untested=claims["p"].isna()).sort_values(
        "untested", kind="stable", ignore_index=True
    )
    order = order.sort_values("verdict", key=lambda v: v.eq("not asked"), kind="stable", ignore_index=True)
    assert shown["claim"].tolist() == order["claim"].tolist()
    assert "not asked" not in set(order["verdict"].head(3))
    assert not {"estimate", "p_adj"} & set(shown)
    said = ms.get.table(claims).said
    cut = open_rows = 0
    for i, claim in enumerate(order.to_dict("records")):
        row = shown.iloc[i].to_dict()
        if claim["method"] != "singscore" or np.isnan(claim["p_adj"]):
            continue
        wanted = rows.loc[(claim["signature"], claim["contrast"])]
        for column in CITED:
            assert row[column] == wanted[column] if column in row else f"{column} {wanted[column]}" in said
        assert row["as_scored"].startswith(f"{claim['estimate']:.3g} [")
        held = claim["verdict"] in ("supported", "contradicted")
        open_rows += not held
        assert bool(row["size_to_cite"]) == held == (not row["reason"])
        cut += row["genes_to_cite"].startswith(f"{claim['n_kept']} of ")
    assert cut + open_rows
    assert cut or name == "questions"
    claims.to_csv(path, index=False)
    pd.testing.assert_frame_equal(ms.get.table(pd.read_csv(path)).frame, shown)


def test_lists_follow_claims_that_were_told_that_carry_over_is_impossible(study) -> None:
    """In answers, tables and figures alike; the check that was made all the same decides nothing."""
    (asked, found), _ = study
    asks = [name for name in ("claims", "questions") if len(found[name])]
    told = {name: found[name].assign(stroma=found[name]["stroma"].mask(found[name]["p"].notna(), RULED_OUT),
                                     cite="estimate") for name in asks}  # fmt: skip
    now = {**found, **told}
    said = checked(found["stroma"], None, [MINE], asked.res, impossible=True)
    unasked = {"": {c for c, *_ in said if c.startswith("resistance_in_mono")}, UNASKED: set()}
    assert set(said.values()) == set(unasked)
    assert {c for (c, *_), text in said.items() if not text} == unasked[""]
    table = tables_of(asked.adata, asked.res, now, design=DESIGN)["table"]
    own = table[table["signature"].eq(MINE)]
    assert set(own["carry_over"]) == {RULED_OUT}
    held = own["verdict"].ne("not established")
    assert held.any()
    assert own.loc[held, "size_to_cite"].eq(own.loc[held, "estimate"]).all()
    assert set(own.loc[held, "genes_to_cite"]) == {"all 100"}
    assert own.loc[~held, "size_to_cite"].eq("").all()
    given = replace(gathered(asked.adata, asked.res, DESIGN), extras=now)
    assert guard_of(given.extras["stroma"]) is not None
    assert guard_drawn(given) is None
    lines = [line for part in answer(given).parts if isinstance(part, Claims) for line in part.lines]
    notes = [line.note for line in lines if line.signature == MINE and line.css != "open"]
    assert notes
    assert all(UNASKED in note.split("; ") for note in notes)
    assert not re.search(r"carry-over: |by carry-over|may be carry-over|could not move", str(notes))
    first = stroma_section(given).parts[0]
    assert first.text.startswith("Carry-over was said to be impossible in these samples")
    assert not stroma_section(replace(given, extras=found)).parts[0].text.startswith("Carry-over was said")
    verdicts = found["stroma"].verdicts
    of_claims = replace(found["stroma"], verdicts=verdicts[verdicts["signature"].ne(MINE)])
    assert with_own(replace(asked, carry_over=False), of_claims, {}) is None


def test_every_p_of_a_contrast_has_a_name_and_one_of_them_is_the_one_to_cite(study) -> None:
    """The page names the families and says which p to cite; a section of the docs does so by column."""
    (asked, found), _ = study
    given = gathered(asked.adata, asked.res, DESIGN, extras=found)
    [fold] = adjusted.parts(given)
    _, which, table = fold.parts
    assert which.text.startswith("Which one to cite: the p of the claim where one asks the contrast")
    named = [str(row[0]) for row in table.rows]
    for name in ("as a claim", "as a further question", "as a contrast"):
        assert sum(f"('{name}')" in one for one in named) == 1
    assert "a claim or a further question asks the same" in reading(given)
    without = adjusted.parts(replace(given, extras={"stroma": found["stroma"]}))[0].parts
    assert not any("as a claim" in str(part) for part in without)
    page = Path(__file__).resolve().parents[1] / "docs" / "howto" / "result_table.md"
    own = page.read_text(encoding="utf-8").split("\n## Which p to cite\n")[1].split("\n## ")[0]
    tables = tables_of(asked.adata, asked.res, found, design=DESIGN)
    columns = {"claims": ["p", "p_adj", "filtered_p_adj", "family_size", "p_welch", "genes_p", "p_null"],
               "table": ["p_adj", "p_adj_as", "p_adj_to_cite"],
               "contrasts": ["p", "p_adj", "claim_p_adj", "asked_as", "adjustment", "family_size", "p_perm"],
               "stroma": ["p_bh", "filtered_p_bh"]}  # fmt: skip
    for name, of in columns.items():
        assert set(of) <= set(tables.get(name, found.get(name, ())))
        assert all(f"`{column}`" in own for column in of)


def test_claims_without_a_check_of_stroma_are_shown_as_scored(study) -> None:
    (_, found), _ = study
    claims = found["claims"].assign(n_kept=0, n_genes=0, cite="", filtered_estimate=np.nan)
    shown = ms.get.table(claims).frame
    assert {"estimate", "p_adj", "reason"} <= set(shown)
    assert not {*CITED, "as_scored"} & set(shown)


def test_a_supported_gene_has_its_size_as_measured(study) -> None:
    (_, found), _ = study
    claims = found["claims"].copy()
    gene = claims["signature"].eq("IL6") & claims["estimate"].notna()
    assert gene.any()
    claims.loc[gene, "verdict"] = "supported"
    own = [f"{size:.3g} [" for size in claims.loc[gene, "estimate"]]
    shown = ms.get.table(claims).frame
    shown = shown[shown["as_scored"].str.startswith(tuple(own))]
    assert len(shown) == gene.sum()
    assert shown["size_to_cite"].ne("").all()
    assert shown["size_to_cite"].eq(shown["as_scored"]).all()
    assert shown["genes_to_cite"].eq("").all()


def test_a_contrast_of_which_the_check_was_not_asked_says_so() -> None:
    res = pd.DataFrame({"method": "singscore", "contrast": "co_vs_mono", "stratum": "",
                        "signature": ["emt.a", "emt.b", "emt.c"]})  # fmt: skip
    told = pd.DataFrame({"estimate": ["0.06 [0.04, 0.08]", "0.02 [0.01, 0.03]", "1"], "p_adj": "0.01"})
    check = res.iloc[:2].assign(
        cite=["filtered_estimate", "estimate"], n_kept=[35, 20], n_genes=[39, 20], filtered_p_bh=0.04,
        filtered_estimate=[0.019, 0.02], filtered_ci_low=0.013, filtered_ci_high=0.025,
        verdict="not explained by carry-over",
    )  # fmt: skip
    out = with_size_to_cite(told, res, check, None)
    assert out["size_to_cite"].tolist() == ["0.019 [0.013, 0.025]", "0.02 [0.01, 0.03]", ""]
    assert out["genes_to_cite"].tolist() == ["35 of 39", "all 20", ""]
    assert out["p_adj_to_cite"].tolist() == ["0.04", "0.01", ""]
    assert out["carry_over"].tolist() == [*["not explained by carry-over"] * 2, "not checked"]
    assert with_size_to_cite(told, res, None, check) is told
    scored = with_size_to_cite(told, res.assign(verdict=["not established", "up", "up"]), check, None)
    assert scored.loc[0, CITED[:3]].tolist() == [""] * 3
    assert scored.loc[1, CITED[:3]].tolist() == ["0.02 [0.01, 0.03]", "all 20", "0.01"]
    for doubtful in ("explained by carry-over", "may be carry-over", "cannot tell"):
        doubted = check.assign(verdict=doubtful)  # no claim asks the one on fewer genes, nor that as scored
        out = with_size_to_cite(told, res.assign(verdict="up"), doubted, None)
        assert out[CITED[:3]].eq("").all(axis=None)
        assert out["carry_over"].tolist() == [doubtful, doubtful, "not checked"]
    stands = {"stroma": check["verdict"], "p_adj": 0.01, "filtered_p_adj": 0.04}
    for verdict in ("supported", "contradicted", "not supported", "cannot tell"):
        claims = check.assign(**stands, verdict=verdict).iloc[:1]
        out = with_size_to_cite(told, res.assign(verdict="up"), check, claims)
        held = verdict in ("supported", "contradicted")
        assert out["size_to_cite"].tolist()[:2] == ["0.019 [0.013, 0.025]" * held, "0.02 [0.01, 0.03]"]


def test_a_reason_names_every_claim_that_it_stands_for() -> None:
    base = {
        "signature": "emt.hallmark", "estimate": 0.05, "ci_low": 0.04, "ci_high": 0.06, "p_adj": 0.01,
        "filtered_p_adj": 0.12, "cite": "estimate", "rule": "", "method": "singscore", "borderline": "",
        "other_tests": "", "verdict": "cannot tell", "note": "", "p_null": np.nan,
    }  # fmt: skip

    def row(what: str, why: str) -> dict[str, object]:
        return base | {"sentence": f"{what}: cannot tell; {why}.", "reason": why}

    two = [row("EMT rises (a, time=72h)", "kept"), row("STAT3 rises (a, time=72h)", "kept")]
    genes = [row(f"IL6 rises ({line})", "few") for line in "abcd"]
    lines = list(brief_claims(pd.DataFrame([*two, *genes])))
    assert "cannot tell: kept (EMT rises (a, time=72h); STAT3 rises (a, time=72h))" in lines
    assert "cannot tell: few (IL6 rises: all 4)" in lines
    other = [row("IL6 rises (e)", "else"), *[row(f"EMT rises ({line})", "few") for line in "xy"]]
    lines = list(brief_claims(pd.DataFrame([*two, *genes, *other])))
    assert "cannot tell: few (6 claims: IL6 rises: 4; EMT rises: 2)" in lines
    assert list(brief_claims(pd.DataFrame(genes)))[-1] == "cannot tell: few"  # there is no other reason


BY_ID = {
    "chain": lambda adata, sig: ms.tl.chain(adata, DESIGN, emt=sig).links,
    "claims": lambda adata, sig: ms.tl.claims(adata, DESIGN, signatures={"emt": sig}),
    "coherence": lambda adata, sig: ms.qc.coherence(adata, sig, n_null=9),
    "contributions": ms.tl.contributions,
    "coverage": ms.qc.coverage,
    "cycle": lambda adata, sig: ms.qc.cycle(adata, DESIGN, signatures=sig).shares,
    "gene_sets": lambda adata, sig: ms.tl.gene_sets(adata, DESIGN, signatures=[sig], n_rotations=99),
    "multiverse": lambda adata, sig: (
        ms.tl.multiverse(adata, DESIGN, signatures=sig, methods="singscore", tests="ols").table
    ),
    "null": lambda adata, sig: ms.qc.null(adata, sig, design=DESIGN, n_sets=999),
    "stroma": lambda adata, sig: (
        ms.qc.stroma(adata, DESIGN, stroma=ms.ds.demo_stroma(), signatures=sig, draws=999).verdicts
    ),
}


@pytest.mark.parametrize("verb", BY_ID)
@pytest.mark.slow
def test_a_list_that_was_scored_is_found_by_its_id(study, verb: str) -> None:
    adata, sigs = study[0][0].adata, study[0][0].sigs
    by_id, itself = (BY_ID[verb](adata.copy(), sig) for sig in (MINE, sigs[MINE]))
    pd.testing.assert_frame_equal(by_id, itself)
    assert len(by_id)


def test_a_list_is_scored_again_by_its_id(study) -> None:
    adata = study[0][0].adata.copy()
    ms.tl.score(adata, MINE, method="ucell")
    assert list(adata.obsm["score_ucell"]) == [MINE]


def test_an_id_with_two_lists_of_genes_is_refused(study) -> None:
    adata, sigs = study[0][0].adata.copy(), study[0][0].sigs
    other = replace(sigs[MINE], genes=dict(list(sigs[MINE].genes.items())[:20]))
    ms.tl.score(adata, other, method="ucell")
    with pytest.raises(ms.SignatureError, match="with other genes by singscore and ucell"):
        ms.tl.chain(adata, DESIGN, emt=MINE)


def test_an_id_that_was_not_scored_stays_unknown(study) -> None:
    with pytest.raises(ms.SignatureError, match=r"Unknown signature 'emt\.other'"):
        ms.qc.coverage(study[0][0].adata, ["emt.hallmark", "emt.other"])


@pytest.mark.slow
def test_own_lists_are_drawn_and_tested_on_their_genes(study, tmp_path) -> None:
    """A list of another axis than the main ones has forest plots, scores and gene-set tests as these do."""
    (asked, _), _ = study
    adata = asked.adata.copy()
    mine = ms.sig.Signature("other.lab", axis="other", genes=sorted(asked.sigs[MINE].genes)[10:])
    other = ms.sig.load("control.hallmark_tgf_beta")
    ms.tl.score(adata, ms.sig.SignatureSet([mine, *other]))
    res = ms.tl.compare(adata, DESIGN, primary=asked.named)
    now = replace(asked, adata=adata, res=res, sigs=ms.sig.SignatureSet([*asked.sigs, mine, *other]))
    assert main_and_own(now).ids == (*asked.named, MINE, "other.lab")
    given = gathered(adata, res, DESIGN)
    parts = figures(given).parts
    drawn = [f.name for part in parts if isinstance(part, Pictures) for f in part.figures]
    assert {"scores_other_lab", "interaction_other_lab", "scores_emt_mine"} <= set(drawn)
    [forests] = [p for p in parts if isinstance(p, Fold) and p.summary.startswith("Forest plots")]
    assert "5 of 6 signatures, the others in the tables" in forests.summary  # not the control
    assert all("5 signatures" in f.alt for f in forests.parts[0].figures)


def test_scores_on_the_genes_that_are_left_give_the_size_to_cite(study) -> None:
    (asked, found), _ = study
    tables, obs = tables_of(asked.adata, asked.res, found, design=DESIGN), asked.adata.obs
    kept = tables["scores_singscore_kept"].set_index("sample")
    assert set(kept) == {*asked.named, MINE}
    own = obs[obs["line"].eq("parental") & obs["inhibitor"].eq("none")]
    co, mono = (dict(zip(a["pair"], a.index, strict=True)) for _, a in own.groupby("culture", observed=True))
    verdicts = tables["stroma"].query("contrast == 'co_in_parental'").set_index("signature")
    for name in kept:
        change = np.mean([kept.loc[co[pair], name] - kept.loc[mono[pair], name] for pair in co])
        assert change == pytest.approx(verdicts.loc[name, "filtered_estimate"], rel=1e-9)


def test_a_list_says_where_the_differences_of_its_pairs_alone_are_not_established() -> None:
    """The p of scipy's paired t test, adjusted by scipy's Benjamini and Hochberg over the lists."""
    from scipy.stats import false_discovery_control, ttest_rel

    rng = np.random.default_rng(6)
    arms = product(("parental", "resistant"), ("mono", "co"), [f"p{i}" for i in range(4)])
    obs = pd.DataFrame(list(arms), columns=["line", "culture", "pair"]).rename("s{}".format)
    adata = ad.AnnData(np.zeros((16, 1), dtype=np.float32), obs=obs)
    noise = rng.normal(0, 1, (16, 3)) * np.where(obs["line"].eq("parental"), 1.0, 0.2)[:, None]
    gain = np.where(obs["culture"].eq("co"), 1.5, 0.0)[:, None]
    names = ["emt.mine", "emt.other", "il6.mine"]
    adata.obsm["score_mean"] = pd.DataFrame(noise + gain, index=obs.index, columns=names)
    record(adata, "scores", {"mean": {"params": "{}", "key": "score_mean"}})
    res = ms.tl.compare(adata, ms.Design(culture="culture", line="line", pair="pair"))
    said = own_pairs(res, names, None, alpha=0.05)
    own = res[res["contrast"].eq("co_in_parental")].set_index("signature")
    at = adata.obsm["score_mean"].assign(culture=obs["culture"])[obs["line"].eq("parental")]
    sides = [at[at["culture"].eq(c)].drop(columns="culture").to_numpy() for c in ("co", "mono")]
    p = ttest_rel(*sides).pvalue
    adjusted = false_discovery_control(p)
    turned = [names[i] for i in range(3) if (own["p_adj"][names[i]] < 0.05) != (adjusted[i] < 0.05)]
    told = {sig: text for (contrast, _, sig), text in said.items() if contrast == "co_in_parental"}
    assert 0 < len(turned) < 3
    assert set(turned) <= set(told)
    for sig in turned:
        i = names.index(sig)
        assert told[sig].startswith(DIFFERS)
        assert p_equals("p", p[i], 0.05) in told[sig]
        assert ("not adjusted" in told[sig]) or p_equals("adjusted p", adjusted[i], 0.05) in told[sig]
    for sig in set(told) - set(turned):
        assert "close to 0.05" in told[sig]
    assert not own_pairs(res, [], None, alpha=0.05)
    guard = res.assign(verdict=STANDS, filtered_p_bh=0.01, filtered_p_welch=0.3)
    both = own_pairs(res, names, guard, alpha=0.05)
    held = set(own.index[own["p_adj"] < 0.05])
    on = {s for (c, _, s), text in both.items() if c == "co_in_parental" and "could not move, by" in text}
    assert on == held
