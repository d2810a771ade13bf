"""Reading and writing signatures."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import marrowsig as ms
from marrowsig import _named_inputs
from marrowsig._current_symbols import renames
from marrowsig.sig import Signature, _toml

if TYPE_CHECKING:
    from pathlib import Path

quick = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
symbols = st.from_regex(r"[B-Z][A-Z]{3,6}[0-9]?(-[A-Z])?(\.[0-9])?", fullmatch=True)
weights = st.floats(-50, 50, allow_nan=False).filter(lambda w: w != 0)
plain = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)
values = plain | st.integers(-(2**40), 2**40) | st.booleans() | st.dates() | st.lists(plain, max_size=3)


@st.composite
def signatures(draw, weight=weights):
    genes = draw(st.dictionaries(symbols, weight, min_size=1, max_size=8))
    axis = draw(st.sampled_from(["emt", "il6", "stat3", "control"]))
    return Signature(
        f"{axis}.x",
        axis=axis,
        genes=genes,
        title=draw(plain.filter(str.strip)),
        source=draw(st.dictionaries(st.sampled_from(["where", "note", "a b", "é"]), values)),
        context=draw(st.dictionaries(plain, values, max_size=2)),
        ids=dict.fromkeys(list(genes)[:1], "ENSG00000000001"),
        why=dict.fromkeys(list(genes)[1:2], draw(plain)),
        listed_as=dict.fromkeys(list(genes)[2:3], "OLD|OLDER"),
        unmapped=list(genes)[2:3],
    )


def test_a_list_without_a_name_says_how_to_name_it():
    with pytest.raises(ms.SignatureError, match="Give it one"):
        ms.sig.read(["SOCS3", "BCL3"])


@given(signatures())
def test_toml_round_trip_keeps_everything(sig):
    text = _toml.dumps(_toml.to_doc(sig))
    assert tomllib.loads(text) == _toml.to_doc(sig)
    assert _toml.from_doc(tomllib.loads(text), "x") == sig
    assert _toml.dumps(_toml.to_doc(_toml.from_doc(tomllib.loads(text), "x"))) == text


@quick
@given(signatures())
@pytest.mark.parametrize("kind", ["csv", "tsv"])
@pytest.mark.filterwarnings("ignore::marrowsig.GeneWarning")  # random letters can look damaged
def test_long_table_round_trip_keeps_genes_and_weights(tmp_path, kind, sig):
    sig.write(tmp_path / f"x.{kind}")
    back = ms.sig.read(tmp_path / f"x.{kind}", map_genes=False)
    assert [(s.id, s.genes) for s in back] == [(sig.id, sig.genes)]


@quick
@given(signatures(weight=st.sampled_from([1.0, -1.0])).filter(lambda s: s.up))
@pytest.mark.parametrize("kind", ["gmt", "json"])
@pytest.mark.filterwarnings("ignore::marrowsig.GeneWarning")  # random letters can look damaged
def test_gene_lists_round_trip_keeps_signs(tmp_path, kind, sig):
    sig.write(tmp_path / f"x.{kind}")
    back = ms.sig.read(tmp_path / f"x.{kind}", map_genes=False)
    assert [(s.id, s.genes) for s in back] == [(sig.id, sig.genes)]


def test_every_shipped_signature_survives_a_folder_of_toml(tmp_path):
    sigs = ms.sig.load()
    sigs.write(tmp_path / "out")
    back = ms.sig.read(tmp_path / "out", map_genes=False)
    assert {s.id: s for s in back} == {s.id: s for s in sigs}
    assert isinstance(next(iter(back)).source["retrieved"], dt.date)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_gmt_joins_arms_whatever_their_order_and_keeps_a_lone_arm(tmp_path):
    text = "A_DN\turl\tCDH1\n\nA_UP\thttp://a\tVIM\tFN1\t\nB_DN\tna\tEPCAM\tKRT8\nPlain Set\tna\tIL6\tIL6\n"
    with pytest.warns(
        ms.GeneWarning, match=r"x\.gmt: 1 gene stands more .*, and counts once: IL6 of Plain Set\."
    ):
        sigs = ms.sig.read(write(tmp_path, "x.gmt", "\ufeff" + text.replace("\n", "\r\n")), axis="emt")
    assert {s.id: s.genes for s in sigs} == {
        "emt.a": {"VIM": 1.0, "FN1": 1.0, "CDH1": -1.0},
        "emt.b_dn": {"EPCAM": 1.0, "KRT8": 1.0},
        "emt.plain_set": {"IL6": 1.0},
    }
    assert sigs["emt.a"].source == {"where": "http://a"}
    assert sigs["emt.a"].title == "A"


def test_gene_in_both_arms_is_left_out_with_a_warning(tmp_path):
    path = write(tmp_path, "x.gmt", "A_UP\tna\tVIM\tABCB1\nA_DN\tna\tABCB1\tCDH1\n")
    with pytest.warns(ms.GeneWarning, match=r"both arms of A_UP.*ABCB1") as seen:
        sigs = ms.sig.read(path, axis="emt")
    assert sigs["emt.a"].genes == {"VIM": 1.0, "CDH1": -1.0}
    assert seen[0].filename == __file__


def test_a_gene_in_the_place_of_the_description_and_empty_sets_are_told(tmp_path):
    lines = "A\tna\tVIM\nEMPTY\tna\t\t\nD\tSOCS3\tBCL3\nSTAT3_TARGETS\tSTAT3\tPIM1\nE\tA PAPER\tFOS\n"
    with pytest.warns(ms.GeneWarning) as seen:
        sigs = ms.sig.read(write(tmp_path, "x.gmt", lines))
    said = [str(w.message) for w in seen]
    assert "1 list has a gene as description" in said[0]
    assert "SOCS3 of D. If there are no descriptions, put 'na' there." in said[0]
    assert said[1] == "x.gmt: 1 list without genes is left out: EMPTY."
    assert {w.filename for w in seen} == {__file__}
    assert sigs.ids == ("other.a", "other.d", "other.stat3_targets", "other.e")


def test_sets_and_genes_alone_all_rise(tmp_path):
    text = "gs_cat,gs_name,gene_symbol,ensembl_gene\nH,H_A,VIM,E1\nH,H_A,VIM,E2\nH,H_B,FN1,E3\n"
    sigs = ms.sig.read(write(tmp_path, "msigdbr.csv", text))
    assert {s.id: s.genes for s in sigs} == {"other.h_a": {"VIM": 1.0}, "other.h_b": {"FN1": 1.0}}
    twice = write(tmp_path, "mine.csv", "gene,direction\nVIM,up\nFN1,up\nVIM,up\nFN1,up\nCDH1,down\n")
    with pytest.warns(
        ms.GeneWarning, match=r"2 genes stand .* and count once each: VIM of mine, FN1 of mine\."
    ):
        assert len(ms.sig.read(twice)["other.mine"]) == 3
    net = pd.DataFrame({"source": ["JAK-STAT", "NFkB"], "genesymbol": ["IRF1", "ICAM1"], "weight": [9.1, -2]})
    found = {s.id: (s.axis, s.title, s.genes) for s in ms.sig.read(net)}
    assert found == {
        "other.jak_stat": ("other", "JAK-STAT", {"IRF1": 9.1}),
        "other.nfkb": ("other", "NFkB", {"ICAM1": -2.0}),
    }


@pytest.mark.parametrize(
    ("symbol", "message"),
    [
        ("AC005840.1", "MSigDB 7.0"),
        ("TACSTDI", r"TACSTDI \(= TACSTD1\)\) look like digits misread"),
        ("TMEM3OB", r"TMEM3OB \(= TMEM30B\)"),
        ("Clorf116", r"Clorf116 \(= C1orf116\)"),
        ("Fl 1R", r"Fl 1R \(= F11R\)"),
        ("protein", "words or letters that took the place"),
        ("C", "words or letters that took the place"),
        ("06-Sep", "dates"),
        ("Sep-06", "dates"),
        ("2006-09-01", "dates"),
        ("2006-09-01 00:00:00", "dates"),
        ("9/6/2006", "dates"),
        ("ENSG00000236886", "Ensembl ids"),
        ("Cl orf172", r"Cl orf172 \(= C1orf172\)"),
        ("VIM FN1", "blanks"),
    ],
)
@pytest.mark.parametrize("kind", ["gmt", "json", "tsv"])
def test_damaged_symbols_are_named(tmp_path, symbol, message, kind):
    texts = {
        "gmt": f"S\tna\tVIM\t{symbol}\n",
        "json": json.dumps({"S": {"geneSymbols": ["VIM", symbol]}}),
        "tsv": f"source\ttarget\nS\tVIM\nS\t{symbol}\n",
    }
    with pytest.warns(ms.GeneWarning, match=message) as seen:
        sigs = ms.sig.read(write(tmp_path, f"x.{kind}", texts[kind]), axis="emt", map_genes=False)
    assert list(sigs["emt.s"].genes) == ["VIM", symbol]
    assert seen[0].filename == __file__


def test_cell_cycle_list_with_other_genes_in_the_place_of_three_is_named(tmp_path):
    genes = "PCNA MCM5 MCM7 POLR1B MRPL36".replace(" ", "\t")
    for name, text in (
        ("x.gmt", f"S\tna\t{genes}\n"),
        ("x.tsv", "source\ttarget\nS\t" + genes.replace("\t", "\nS\t")),
    ):
        with pytest.warns(
            ms.GeneWarning, match=r"\(S\) is a copy .*MCM2 by MCM7.*control\.tirosh2016_s"
        ) as seen:
            ms.sig.read(write(tmp_path, name, text), axis="control")
        assert seen[0].filename == __file__
    sound = write(tmp_path, "y.gmt", f"S\tna\t{genes}\tMCM2\n")
    assert len(ms.sig.read(sound, axis="control")["control.s"]) == 6


def test_sound_symbols_do_not_warn(tmp_path):
    path = write(tmp_path, "x.gmt", "S\tna\tSEPTIN6\tMARCHF1\tHLA-DRA\tNKX2-5\tDEC1\tMT-CO1\tC1orf116\tAC1\n")
    assert len(ms.sig.read(path, axis="emt")["emt.s"]) == 8


def test_msigdb_json_pairs_arms_and_keeps_where_it_is_from(tmp_path):
    doc = {
        "X_UP": {"geneSymbols": ["VIM"], "pmid": "1", "msigdbURL": "https://m/X_UP", "systematicName": "M1"},
        "X_DN": {"geneSymbols": ["CDH1"], "pmid": "1"},
    }
    sig = ms.sig.read(write(tmp_path, "x.json", json.dumps(doc)), axis="emt")["emt.x"]
    assert sig.genes == {"VIM": 1.0, "CDH1": -1.0}
    assert sig.source == {"where": "https://m/X_UP", "pmid": "1", "msigdb": "M1"}


@pytest.mark.parametrize("head", ["source,target,weight", "signature,gene,weight"])
def test_long_tables_of_both_forms(tmp_path, head):
    sigs = ms.sig.read(write(tmp_path, "x.csv", f"{head}\nA,VIM,2.5\nA,CDH1,-1\nB,IL6,1\n"), axis="emt")
    assert {s.id: s.genes for s in sigs} == {"emt.a": {"VIM": 2.5, "CDH1": -1.0}, "emt.b": {"IL6": 1.0}}


@pytest.mark.parametrize(
    ("up", "down"),
    [
        ("up", "down"), ("Up", "Down"), ("UP", "DN"), ("+", "-"), ("+1", "\N{MINUS SIGN}1"), ("1", "-1"),
        ("activated", "repressed"), ("up-regulated", "Down regulated"), (" Induced ", "suppressed"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "text",
    [
        "gene\tdirection\nVIM\t{}\nCDH1\t{}\n",
        "Gene,Regulation\nVIM,{}\nCDH1,{}\n",
        "Symbol;Direction;adj. p\nVIM;{};0,01\nCDH1;{};0,02\n",
        "signature,gene,sign\nlab,VIM,{}\nlab,CDH1,{}\n",
        "source,target,weight\nlab,VIM,{}\nlab,CDH1,{}\n",
        "gene,weight,direction\nVIM,1,{}\nCDH1,1,{}\n",
    ],
)
def test_tables_say_in_words_what_rises_and_falls(tmp_path, up, down, text):
    sigs = ms.sig.read(write(tmp_path, "lab.csv", text.format(up, down)), axis="emt")
    assert {s.id: s.genes for s in sigs} == {"emt.lab": {"VIM": 1.0, "CDH1": -1.0}}


def test_a_net_in_memory_is_read_as_its_file_would_be(tmp_path):
    net = pd.DataFrame({"source": ["A", "A", "B"], "target": ["VIM", "CDH1", "IL6"], "weight": [0.1, -1, 1]})
    net.to_csv(tmp_path / "net.csv", index=False)
    from_frame, from_file = (ms.sig.read(x, axis="emt") for x in (net, tmp_path / "net.csv"))
    assert {s.id: s.genes for s in from_frame} == {s.id: s.genes for s in from_file}
    assert ms.sig.as_set(net).ids == ("other.a", "other.b")


def test_a_table_without_names_is_called_as_its_file(tmp_path):
    sigs = ms.sig.read(write(tmp_path, "emt.lab_2026.tsv", "gene\nVIM\nFN1\n"))
    assert {s.id: s.genes for s in sigs} == {"emt.lab_2026": {"VIM": 1.0, "FN1": 1.0}}
    signed = "gene,weight,direction\nVIM,2,up\nCDH1,0.5,down\nOCLN,-3,down\n"
    assert ms.sig.read(write(tmp_path, "lab.csv", signed), axis="emt")["emt.lab"].genes == {
        "VIM": 2.0, "CDH1": -0.5, "OCLN": -3.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.csv", "gene,direction\nVIM,up\nFN1,ns\n", r"line 3: direction is 'ns'\. Write up or down"),
        ("x.csv", "gene,direction\nVIM,\n", "line 2: direction is ''"),
        ("x.csv", "gene,direction\nVIM,2.5\n", "weights go into a column 'weight'"),
        ("x.csv", "gene,log2FC\nVIM,2.5\n", "which genes rise and which fall: rename 'log2FC' to 'weight'"),
        ("x.csv", "gene,logFC,log2FoldChange\nVIM,2.5,2\n", "which fall: name that column 'direction'"),
        ("x.csv", "gene,direction\nMYC,up\nMYC,down\n", "line 3: x gives MYC two weights"),
        ("x.csv", "gene,weight,direction\nMYC,-1,up\n", "line 2: weight is -1 and direction is 'up'"),
        ("x.csv", "gene,direction\n,up\n", "line 2: gene is empty"),
        ("x.gmt", "S VIM FN1\n", "line 1 is not"),
        ("x.gmt", "S\tna\n", "none of its lists has genes: S"),
        ("x.gmt", "", "no gene lists"),
        ("x.gmt", "S\tna\tVIM\nS\tna\tFN1\n", "more than once: S"),
        ("x.gmt", "A B\tna\tVIM\nA-B\tna\tFN1\n", r"'A B' and 'A-B' give the same id, 'emt\.a_b'"),
        ("x.json", "{", "not JSON"),
        ("x.json", "[1]", "not MSigDB JSON"),
        ("x.csv", "a,b\n1,2\n", "columns are a, b"),
        ("x.csv", "source,target,weight\nA,VIM,x\n", "line 2: weight is 'x'"),
        ("x.csv", "source,target,weight\nA,,1\n", "line 2: source or target is empty"),
        ("x.csv", "source,target,weight\nA,VIM,1\nA,VIM,2\n", "line 3: A gives VIM two weights"),
        ("x.csv", "source,target,weight\nA,VIM,nan\n", "line 2: weight is 'nan'"),
        ("x.csv", "source,target,weight\n", "no rows"),
        ("x.toml", "id = 'emt.x'\nid = 'emt.y'", "toml"),
        ("x.toml", "schema = 1", "more problems"),
        ("x.ods", "", "is an old workbook. Save it as .xlsx"),
        ("x.xlsx", "", "cannot be read as a workbook"),
        ("x.docx", "", "unknown kind"),
    ],
)
def test_read_refuses(tmp_path, name, text, message):
    with pytest.raises(ms.SignatureError, match=message):
        ms.sig.read(write(tmp_path, name, text), axis="emt")


def test_read_asks_for_a_known_axis_and_for_a_file(tmp_path):
    path = write(tmp_path, "x.gmt", "S\tna\tVIM\n")
    assert ms.sig.read(path).ids == ("other.s",)
    with pytest.raises(ms.SignatureError, match="axis is 'x'"):
        ms.sig.read(path, axis="x")
    with pytest.raises(ms.SignatureError, match="No file"):
        ms.sig.read(tmp_path / "absent.gmt")
    with pytest.raises(ms.SignatureError, match=r"No \.toml files"):
        ms.sig.read(tmp_path)
    latin = tmp_path / "l.gmt"
    latin.write_bytes("S\tcaf\xe9\tVIM\n".encode("latin-1"))
    with pytest.raises(ms.SignatureError, match="not UTF-8"):
        ms.sig.read(latin, axis="emt")


def test_write_refuses_what_would_lose_signatures(tmp_path):
    with pytest.raises(ms.SignatureError, match="holds one signature"):
        ms.sig.write("stat3", tmp_path / "x.toml")
    with pytest.raises(ms.SignatureError, match="kind of file"):
        ms.sig.write("stat3", tmp_path / "x.xlsx")


def test_a_signature_that_may_not_be_passed_on_says_so(tmp_path):
    text = (
        'schema = 1\nid = "il6.closed"\ntitle = "t"\naxis = "il6"\nspecies = "human"\nstatus = "curated"\n'
        '[source]\nwhere = "PyPI CytoSig"\nredistribute = false\n'
    )
    with pytest.raises(ms.SignatureError, match=r"may not be redistributed.*PyPI CytoSig"):
        ms.sig.read(write(tmp_path, "closed.toml", text))


def test_exports_agree_with_each_other():
    sigs = ms.sig.load("emt.hallmark", "stat3.dauer2005")
    net, lists = sigs.to_net(), sigs.to_dict()
    assert net.groupby("source").size().to_dict() == {s.id: len(s) for s in sigs}
    assert set(net.query("source == 'stat3.dauer2005' and weight < 0")["target"]) == set(
        lists["stat3.dauer2005_DN"]
    )
    assert lists["emt.hallmark"] == net.query("source == 'emt.hallmark'")["target"].to_list()
    assert [line.split("\t")[0] for line in sigs.to_gmt().splitlines()] == list(lists)


def test_lists_warn_when_weights_are_lost():
    with pytest.warns(ms.InputWarning, match=r"control\.ng2016_lsc17 are lost"):
        ms.sig.to_dict("control.ng2016_lsc17")


def test_gseapy_reads_our_gmt(tmp_path):
    gseapy = pytest.importorskip("gseapy")
    sigs = ms.sig.load("stat3.dauer2005", "il6.hallmark")
    sigs.to_gmt(tmp_path / "x.gmt")
    assert gseapy.read_gmt(str(tmp_path / "x.gmt")) == sigs.to_dict()


SIGNED = [("VIM", 1.98), ("FN1", 2.1), ("CDH1", -1.8), ("EPCAM", -2.2)]


def signed(column="logFC", *, values=None, **others):
    frame = pd.DataFrame(SIGNED, columns=["Gene", column])
    return frame.assign(**({column: values} if values else {}), **others)


@pytest.mark.parametrize("column", ["logFC", "log2FoldChange", "avg_log2FC", "Effect size"])
def test_a_remark_on_the_source_does_not_make_all_genes_rise(tmp_path, column):
    table = signed(column, Source="paper Table S3")
    table.to_csv(tmp_path / "paper.csv", index=False)
    for paper in (table, tmp_path / "paper.csv"):
        with pytest.raises(ms.SignatureError, match="Nothing says which genes rise and which fall"):
            ms.sig.read(paper, axis="emt")
    with pytest.raises(ms.SignatureError, match="'source' is the same in all rows; call it 'signature' if"):
        ms.sig.read(table[["Gene", "Source"]])
    read = ms.sig.read(table.rename(columns={column: "weight"}), axis="emt")["emt.table"]
    assert read.genes == dict(SIGNED)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (signed(set="A"), "'logFC' 2 genes rise and 2 fall, but that column is not read. Add a column"),
        (signed(gs_name=["A", "A", "B", "B"]), "'logFC' 2 genes rise and 2 fall"),
        (signed(Source=["A", "B", "A", "B"]), "'logFC' 2 genes rise and 2 fall"),
        (signed(term="A", values=[-1, -2, -1, -3]), "'logFC' 0 genes rise and 4 fall"),
        (signed(term="A", values=["1,5", "2", "\N{MINUS SIGN}1,1", "2"]), "'logFC' 3 genes rise and 1 falls"),
        (signed("Fold Change", term="A", values=[2.5, 0.4, 3, 2]), "'Fold Change' 3 genes rise and 1 falls"),
        (signed("Fold Change", term="A", values=[2.5, -2.5, 3, 0.1]), "3 genes rise and 1 falls"),
        (signed("Trend", term="A", values=["Up", "Down", "Up", "Up"]), "'Trend' 3 genes rise and 1 falls"),
        (signed("score in HL-60", term="A"), "'score in HL-60' 2 genes rise and 2 fall"),
        (signed(weight=1), "directions beside it all rise. Correct them, or take 'logFC' out"),
        (signed(direction="up"), "by the weights or directions beside it all rise"),
        (signed("mor", source="NFKB").rename(columns={"Gene": "target"}), "'mor' 2 genes rise and 2 fall"),
    ],
)  # fmt: skip
def test_a_column_by_which_genes_fall_is_never_passed_over(table, message):
    with pytest.raises(ms.SignatureError, match=re.escape(message)):
        ms.sig.read(table)


@pytest.mark.parametrize(
    ("table", "genes"),
    [
        (signed(term="A", values=[1, 2, 3, 4]), dict.fromkeys(dict(SIGNED), 1.0)),
        (signed("p", term="A", values=[0.1, 0.01, 1e-9, 0]), dict.fromkeys(dict(SIGNED), 1.0)),
        (signed("log10p", term="A", values=[-5, -2, -3, -9]), dict.fromkeys(dict(SIGNED), 1.0)),
        (signed("strand", term="A", values=["+", "-", "+", "-"]), dict.fromkeys(dict(SIGNED), 1.0)),
        (signed("AveExpr", direction="up"), dict.fromkeys(dict(SIGNED), 1.0)),
        (signed("AveExpr", weight=2), dict.fromkeys(dict(SIGNED), 2.0)),
        (signed(direction=["up", "up", "down", "up"]), {"VIM": 1.0, "FN1": 1.0, "CDH1": -1.0, "EPCAM": 1.0}),
    ],
)
def test_columns_that_say_nothing_of_falling_genes_stay_unread(table, genes):
    (sig,) = ms.sig.read(table)
    assert sig.genes == genes


def test_source_names_the_lists_of_a_net_and_is_else_a_remark():
    weighted = {"gene": ["VIM", "CDH1"], "weight": [1, -1]}
    target = {"target": ["VIM", "CDH1"], "weight": [1, -1]}
    assert ms.sig.read(pd.DataFrame({"source": ["A", "A"], **target})).ids == ("other.a",)
    assert ms.sig.read(pd.DataFrame({"source": ["A", "B"], **weighted})).ids == ("other.a", "other.b")
    assert ms.sig.read(pd.DataFrame({"source": ["emt.a", "emt.a"], **weighted})).ids == ("emt.a",)
    assert ms.sig.read(pd.DataFrame({"source": ["A", "A"], **weighted})).ids == ("other.table",)


def test_reading_says_how_many_genes_rise_and_fall(caplog):
    with caplog.at_level("INFO", logger="marrowsig"):
        ms.sig.read(signed("weight"), axis="emt")
    assert "sig.read: emt.table (2 rise, 2 fall)" in caplog.text


def test_old_symbols_of_a_file_are_read_as_the_command_line_reads_them(tmp_path, caplog):
    # HGNC: WBSCR9 is BAZ1B, GARNL4 is RAP1GAP2, C9orf130 is ERCC6L2-AS1
    genes, today = ["VIM", "WBSCR9", "GARNL4", "C9orf130"], ["VIM", "BAZ1B", "RAP1GAP2", "ERCC6L2-AS1"]
    gmt = write(tmp_path, "lab.gmt", "\t".join(["S", "na", *genes, "ENSG00000136244"]) + "\n")
    with caplog.at_level("INFO", logger="marrowsig"):
        sigs = ms.sig.read(gmt)
    assert "lab.gmt: WBSCR9 read as BAZ1B, GARNL4 read as RAP1GAP2" in caplog.text
    assert sigs == _named_inputs.signatures([str(gmt)])
    assert list(sigs["other.s"].genes) == [*today, "IL6"]
    assert sigs["other.s"].listed_as["BAZ1B"] == "WBSCR9"
    rng = np.random.default_rng(0)
    names = [*sigs["other.s"].genes, *(f"G{i}" for i in range(20))]
    adata = ad.AnnData(rng.poisson(9.0, (4, 25)).astype(float), var=pd.DataFrame(index=names))
    ms.tl.score(adata, sigs)  # GeneWarning would be an error
    assert ms.qc.coverage(adata, sigs)["coverage"].tolist() == [1.0]
    with pytest.warns(ms.GeneWarning, match="Ensembl ids"):
        asis = ms.sig.read(gmt, map_genes=False)["other.s"]
    assert list(asis.genes) == [*genes, "ENSG00000136244"]


def test_reading_changes_no_gene_of_the_curated_signatures(tmp_path):
    every = ms.sig.load()
    assert renames(every) == {}
    ms.sig.write(every["il6.hallmark"], tmp_path / "il6.toml")
    assert ms.sig.read(tmp_path / "il6.toml")["il6.hallmark"].sha256 == every["il6.hallmark"].sha256
