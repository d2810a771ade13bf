"""What a person sees: representations that can be read, hints to act on, messages that can be quiet."""

from __future__ import annotations

import io
import logging

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import marrowsig as ms
from marrowsig._errors import near
from marrowsig._log import logger
from marrowsig._progress import say, steps, tqdm
from marrowsig._readable import as_html, readable

DESIGN = ms.Design(culture="culture", line="line", pair="pair")
MENUS = ("ds", "get", "io", "methods", "pl", "pp", "qc", "sig", "tl")
NASTY = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def adata() -> AnnData:
    rng = np.random.default_rng(0)
    rows = [
        (c, line, f"P{i}") for line in ("parental", "resistant") for c in ("mono", "co") for i in range(4)
    ]
    obs = pd.DataFrame(rows, columns=["culture", "line", "pair"], index=[f"s{i}" for i in range(16)])
    made = AnnData(rng.poisson(20, (16, 30)).astype(float), obs=obs)
    made.var_names = [f"G{i}" for i in range(30)]
    ms.tl.score(
        made,
        [
            ms.sig.Signature(f"{a}.mine", axis=a, genes=["G1", "G2", g])
            for a, g in (("emt", "G3"), ("il6", "G4"))
        ],
    )
    return made


@pytest.fixture(scope="module")
def res(adata) -> pd.DataFrame:
    return ms.tl.compare(adata, DESIGN, permutations=0)


def unscored(adata: AnnData) -> AnnData:
    return AnnData(adata.X.copy(), obs=adata.obs.copy(), var=adata.var.copy())


MINE = ms.sig.Signature("emt.mine", axis="emt", genes=["G1", "G2", "G3"])
CULTURE = {"culture": "culture"}


def compared(**given):
    return lambda a: ms.tl.compare(a, DESIGN, **given)


def designed(**given):
    return lambda a: ms.tl.compare(a, ms.Design(**given))


def formula(text, contrast, **levels):
    named = {"culture": ["mono", "co"], "line": ["parental", "resistant"]} | levels
    made = ms.Design.from_formula(text, levels=named, contrasts=[contrast])
    return lambda a: ms.tl.compare(a, made)


MISTAKES = {
    "a column misspelt": (designed(culture="cultur"), "Did you mean 'culture'"),
    "a column of a formula": (formula("~ cultur * line", "co - mono"), "Did you mean 'culture'"),
    "a column in levels": (
        formula("~ culture * line", "co - mono", lin="parental"), "does not use. Did you mean 'line'",
    ),
    "a level of a contrast": (formula("~ culture * line", "co - mno"), "Did you mean 'mono'"),
    "a level in capitals": (designed(culture="culture", co="CO"), "Did you mean 'co'"),
    "no such level": (designed(culture="culture", co="msc"), "has no 'msc'.*'co' .8."),
    "a missing arm": (lambda a: ms.tl.compare(a[a.obs["culture"] == "co"], DESIGN), "has no 'mono'"),
    "a method misspelt": (lambda a: ms.tl.score(a, MINE, method="singsore"), "Did you mean singscore"),
    "a method not scored": (compared(method="ucell"), "Scored with: singscore.*ms.tl.score"),
    "a signature misspelt": (compared(signatures="emt.min"), "Did you mean 'emt.mine'"),
    "an unknown signature": (lambda a: ms.tl.score(a, "emt.halmark"), "Did you mean emt.hallmark"),
    "a contrast misspelt": (
        compared(primary="emt", primary_contrasts="interacton"), "Did you mean 'interaction'",
    ),
    "a primary misspelt": (compared(primary="emt.mime"), "Did you mean 'emt.mine'"),
    "counts for a mean": (lambda a: ms.tl.score(a, MINE, method="mean"), "ms.pp.lognorm"),
    "a table of scores": (lambda a: ms.tl.compare(a.to_df(), DESIGN), "takes an AnnData, and got a DataF"),
    "a table to suggest from": (lambda a: ms.ds.suggest_design(a.obs), "takes an AnnData"),
    "a design as a column": (lambda a: ms.tl.compare(a, "culture"), r"ms.Design\(culture='culture'"),
    "a design as a dict": (lambda a: ms.tl.rescue(a, CULTURE), r"ms.Design\(\*\*your_dict\)"),
    "a class for a design": (lambda a: ms.tl.compare(a, ms.Design), "has to be a ms.Design"),
    "no scores": (lambda a: ms.tl.compare(unscored(a), DESIGN), "Run ms.tl.score"),
    "a margin as text": (lambda a: ms.tl.rescue(a, DESIGN, margin="0.1"), "positive number"),
    "numbers as text": (
        lambda a: ms.tl.score(AnnData(a.X.astype(str).astype(object), var=a.var), MINE), r"astype\(float\)",
    ),
    "a layer misspelt": (lambda a: ms.tl.score(with_layer(a), MINE, layer="count"), "Did you mean 'counts'"),
    "an axis with a hyphen": (lambda _: ms.ds.table(axis="co-culture"), "Did you mean 'coculture'"),
    "a unit misspelt": (lambda a: ms.pp.pseudobulk(a, unit="pairs"), "Did you mean 'pair'"),
    "not a result": (lambda _: ms.get.table(7), "This is a int"),
    "a figure's contrast": (
        lambda a: ms.pl.forest(compared(permutations=0)(a), contrast="interacton"),
        "Did you mean 'interaction'",
    ),
}  # fmt: skip


def with_layer(adata: AnnData) -> AnnData:
    out = unscored(adata)
    out.layers["counts"] = out.X.copy()
    return out


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_a_hint(name, adata):
    wrong, told = MISTAKES[name]
    with pytest.raises((ms.InputError, ms.DesignError, ms.SignatureError), match=f"(?s){told}"):
        wrong(adata)


def test_a_file_misspelt_is_found(tmp_path):
    (tmp_path / "counts.csv").write_text("x")
    with pytest.raises(ms.InputError, match=r"Did you mean 'counts.csv'"):
        ms.io.read(tmp_path / "count.csv")
    with pytest.raises(ms.InputError, match="Looked in"):
        ms.io.read(tmp_path / "zzz")
    with pytest.raises(ms.InputError, match="is not there either"):
        ms.io.read(tmp_path / "no" / "counts.csv")


def test_a_transposed_table_is_told():
    genes = ["ACTB", "GAPDH", "B2M", "VIM", "CD44", "STAT3", "JAK1", "JAK2"]
    turned = AnnData(np.ones((8, 3)), obs=pd.DataFrame(index=genes))
    turned.var_names = ["s1", "s2", "s3"]
    with pytest.warns(ms.CoverageWarning, match="the table is transposed"):
        ms.tl.score(turned, "emt.hallmark")


@pytest.mark.parametrize("verb", [ms.qc.cycle, ms.qc.maturation])
def test_unscored_samples_say_why_there_is_no_verdict(verb, adata):
    with pytest.warns(ms.InputWarning) as told:
        found = verb(unscored(adata), DESIGN)
    assert any("run ms.tl.score(adata, signatures)" in str(w.message) for w in told)
    assert found.verdicts.empty
    assert "were not scored" in repr(found)


def test_an_attribute_misspelt():
    with pytest.raises(AttributeError, match="Did you mean 'Design'"):
        ms.Desing  # noqa: B018


def test_near_keeps_quiet_where_nothing_is_like_it():
    assert near("Culture", ["culture", "line"]) == " Did you mean 'culture'?"
    assert near("xyz", ["culture", "line"]) == ""
    assert near("a", []) == ""


@pytest.mark.parametrize("menu", MENUS)
def test_menus_show_what_is_public(menu):
    module = getattr(ms, menu)
    assert dir(module) == sorted(module.__all__)


def test_help_names_the_menus():
    told = str(ms.__doc__)
    assert all(f"\n    {menu} " in told for menu in MENUS)
    assert all(hasattr(ms, name) for name in ("Design", "Study", "report", "batch", "log"))


def test_a_table_shows_what_one_reads(res):
    shown = ms.get.table(res)
    columns = ["signature", "contrast", "estimate", "effect", "effect_name", "p_adj", "n", "verdict"]
    assert list(shown.frame) == columns
    assert len(shown) == len(res)
    row = res.iloc[0]
    cell = f"{row['estimate']:.3g} [{row['ci_low']:.3g}, {row['ci_high']:.3g}]"
    assert shown.frame["estimate"].iloc[0] == cell
    assert row["n_pairs"] > 1
    assert shown.frame["n"].iloc[0] == f"{row['n_pairs']} pairs"
    lines = repr(shown).splitlines()
    assert lines[0] == "method singscore"
    assert len(lines) == len(res) + 2
    assert max(map(len, lines)) < 140
    assert "singscore" in shown._repr_html_()


def test_long_tables_are_cut_and_say_so():
    shown = readable(pd.DataFrame({"gene": [f"G{i}" for i in range(500)], "p_adj": 0.0004}))
    assert repr(shown).splitlines()[-1].startswith("... 440 more rows")
    assert len(shown.frame) == 500
    assert shown.frame["p_adj"].iloc[0] == "0.0004"


def test_what_users_write_is_escaped(adata):
    frame = pd.DataFrame({"signature": [NASTY, "b"], "estimate": [1.0, np.nan]})
    study = ms.Study(name=NASTY, input=adata, design=ms.Design(culture=NASTY))
    texts = [
        readable(frame)._repr_html_(), as_html([NASTY], frame), study._repr_html_(),
        ms.Design(culture="c", co=NASTY, inhibitor=NASTY + "2")._repr_html_(),
        ms.ds.many.__globals__["Many"]({NASTY: adata}, {NASTY: NASTY})._repr_html_(),
        ms.sig.Signature("emt.mine", axis="emt", genes=[NASTY], title=NASTY)._repr_html_(),
    ]  # fmt: skip
    assert all("<script" not in text and "&lt;script" in text for text in texts)


def test_representations_are_short(adata):
    things = [
        ms.sig.load()["emt.hallmark"], ms.sig.load(), DESIGN, ms.methods.get("singscore"),
        ms.Study(name="ours", input=adata, design=DESIGN),
    ]  # fmt: skip
    for thing in things:
        assert len(repr(thing)) < 300
        assert repr(thing).count("\n") < 3
        assert len(thing._repr_html_()) < 20_000


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bars_of_long_jobs_are_for_terminals(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    assert not steps([1], progress=True, file=Terminal()).disable
    assert steps([1], progress=True, file=io.StringIO()).disable
    assert steps([1], progress=False, file=Terminal()).disable
    assert tqdm([1], file=io.StringIO()).disable  # each state of it would be a line of the file
    monkeypatch.setenv("TERM", "dumb")
    assert tqdm([1], file=Terminal()).disable


@pytest.mark.parametrize(("value", "silent"), [("1", True), ("0", False), ("", False)])
def test_the_switch_of_tqdm_holds_for_bars_and_what_is_said_above_them(monkeypatch, capsys, value, silent):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("TQDM_DISABLE", value)
    assert steps([1], progress=True, file=Terminal()).disable == silent
    assert tqdm([1], file=Terminal()).disable == silent
    say("compiling")
    assert (capsys.readouterr().err == "") == silent


def test_log_tells_each_step_and_can_be_quiet(adata, capsys):
    before = logger.level, list(logger.handlers)
    try:
        ms.log()
        ms.log()
        again = unscored(adata)
        ms.tl.score(again, ms.sig.Signature("emt.mine", axis="emt", genes=["G1", "G2"]))
        ms.tl.compare(again, DESIGN, permutations=0)
        told = capsys.readouterr().out.splitlines()
        assert told[0].startswith("score: 1 of 1 signatures x 16 rows by singscore")
        assert told[1].startswith("compare: 5 contrasts x 1 signature by singscore")
        assert len(told) == 2
        ms.log("warning", progress=False)
        ms.tl.compare(again, DESIGN, permutations=0)
        assert capsys.readouterr().out == ""
        assert tqdm([1]).disable
        assert steps([1], progress=True, file=Terminal()).disable
        logger.warning("beware")
        assert capsys.readouterr().out == "WARNING: beware\n"
        with pytest.raises(ValueError, match="Unknown log level"):
            ms.log("loud")
    finally:
        ms.log("info", progress=True)
        logger.handlers[:] = before[1]
        logger.setLevel(before[0])
        assert isinstance(logging.getLogger("marrowsig"), logging.Logger)


def test_a_row_of_one_degree_of_freedom_is_marked() -> None:
    row = {"n_test": 2, "n_base": 2, "n_pairs": 2, "estimate": 0.1}
    shown = readable(pd.DataFrame([{**row, "df": 1.0}, {**row, "df": 2.0}, {**row, "df": np.nan}])).frame
    assert shown["n"].tolist() == ["2 pairs (1 df)", "2 pairs", "2 pairs"]


def test_claims_and_the_guard_show_how_far_they_are(monkeypatch) -> None:
    bars: dict[str, list[int]] = {}

    class Bar:
        def __init__(self, *_: object, desc: str = "", total: int = 0, **__: object) -> None:
            self.own = bars.setdefault(desc, [total, 0])

        def update(self) -> None:
            self.own[1] += 1

        def close(self) -> None:
            self.own.append(-1)

    def bar(items: object = None, *, desc: str = "", **given: object) -> object:
        return Bar(desc=desc, **given) if desc in ("claims", "carry-over") else tqdm(items, disable=True)

    monkeypatch.setattr("marrowsig._progress.tqdm", bar)
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    adata, stroma = ms.ds.demo(), ms.ds.demo_stroma()
    ms.tl.claims(adata, design, stroma=stroma, methods="mean")
    n = len(design.contrasts(adata.obs))
    assert bars["carry-over"] == [n, n, -1]
    total, done, closed = bars["claims"]
    assert total == done > 2
    assert closed == -1
