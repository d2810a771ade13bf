"""What the command line makes of stroma in other numbers, own lists, and a folder that was used before."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from click.testing import CliRunner

import marrowsig as ms
from marrowsig import _named_inputs as inputs
from marrowsig._cli.claimed import claimed, percent
from marrowsig._cli.command import made_by
from marrowsig._cli.design import design_of
from marrowsig._cli.found import names_changed
from marrowsig._cli.on_axes import on_axes
from marrowsig._cli.power import drugs_of
from marrowsig._cli.run import run
from marrowsig._cli.spoken import spoken
from marrowsig._errors import InputError
from marrowsig._keep_rows import kept_rows
from marrowsig._manifest import changed_verdicts, note, set_aside
from marrowsig._mapped import mapped_stroma
from marrowsig._report.judged import _stroma as in_methods
from marrowsig._report.which_list import lists
from marrowsig._same_numbers import require_additive, require_same_numbers
from marrowsig._usable import require_level
from marrowsig.cli import main
from marrowsig.io._together import together
from marrowsig.qc._linear import linear
from marrowsig.qc._stroma_reference import outside

if TYPE_CHECKING:
    from pathlib import Path


def test_stroma_in_counts_does_not_go_with_cells_in_tpm() -> None:
    counts = np.random.default_rng(0).poisson(
        3000 * np.random.default_rng(1).dirichlet(np.full(2000, 0.2), 3)
    )
    length = np.random.default_rng(2).uniform(300, 5000, 2000)
    million = {name: x / x.sum(axis=1, keepdims=True) * 1e6 for name, x in
               (("cpm", counts), ("tpm", counts / length))}  # fmt: skip
    own = AnnData(counts.astype(float))
    for values in (million["tpm"], np.log2(million["tpm"] + 1), million["tpm"].round(3)):
        with pytest.raises(ms.InputError, match="stroma is given as counts, the cells as TPM or FPKM"):
            require_same_numbers(own, AnnData(values))
        require_same_numbers(AnnData(million["tpm"]), AnnData(values))
    with pytest.raises(ms.InputError, match=r"as a Series it can be .* ms.qc.stroma .*A public profile"):
        require_same_numbers(AnnData(million["tpm"]), own)
    with pytest.raises(ms.InputError, match=r"If these are CPM, .* give the counts, or CPM with four"):
        require_same_numbers(own, AnnData(million["cpm"].round()))
    percent = AnnData((million["tpm"] / 1e4).round(6))
    with pytest.raises(ms.InputError, match=r"cells as percent of the library: .*or the stroma as percent"):
        require_same_numbers(own, percent)
    require_same_numbers(percent, percent)
    prior = np.log2((counts + 0.001) / counts.sum(axis=1, keepdims=True) * 1e6)  # as edgeR and voom write it
    for values in (counts.astype(float), million["cpm"], np.log2(million["cpm"] + 1), prior):
        require_same_numbers(own, AnnData(values))
        with pytest.raises(ms.InputError, match=r"stroma is given as TPM or FPKM, the cells as (counts|CPM)"):
            require_same_numbers(AnnData(million["tpm"]), AnnData(values))


def test_stroma_is_refused_where_array_signal_tells_no_share_of_it() -> None:
    def held(kind: str) -> AnnData:
        adata = AnnData(np.ones((2, 3)))
        adata.uns["marrowsig"] = {"input": {"file": f"{kind}.csv", "kind": kind}}
        return adata

    with pytest.raises(ms.InputError, match=r"^linear_negative.csv, given as stroma=, is array signal, with"):
        require_additive(held("linear_negative"), held("counts"))
    with pytest.raises(ms.InputError, match=r"^linear.csv, the matrix, .* say kind='expected_counts'"):
        require_additive("MSC", held("linear"))
    for kind in ("counts", "tpm", "fpkm", "log"):
        require_additive(held(kind), held(kind))


def test_what_is_said_of_stroma_counts_more_than_whole_multiples() -> None:
    fpkm = np.random.default_rng(0).gamma(0.2, 50, (3, 2000)).round(2)
    read, genes = fpkm / fpkm.sum(axis=1, keepdims=True) * 1e6, np.random.default_rng(1)
    cells = AnnData(genes.gamma(0.2, 50, (3, 2000)))
    cells.X = cells.X / cells.X.sum(axis=1, keepdims=True) * 1e6
    counts = AnnData(genes.poisson(50, (3, 2000)).astype(float))

    def stroma(**more: object) -> AnnData:
        adata = AnnData(read.copy())
        adata.uns["marrowsig"] = {"input": {"kind": "tpm", **more}}
        return adata

    with pytest.raises(ms.InputError, match=r"stroma is given as CPM, .* say stroma_kind='tpm'"):
        require_same_numbers(stroma(), cells)
    for told in ({"file": "msc_tpm.tsv"}, {"declared": True}):
        require_same_numbers(stroma(**told), cells)
        with pytest.raises(ms.InputError, match=r"stroma.* is given as TPM or FPKM, the cells as counts"):
            require_same_numbers(stroma(**told), counts)
    with pytest.raises(ms.InputError, match=r"If these are CPM, leave stroma_kind= out"):
        require_same_numbers(stroma(declared=True), counts)


def test_the_kind_of_stroma_is_said_by_an_option_of_its_own(tmp_path: Path) -> None:
    values = np.random.default_rng(0).gamma(0.5, 40, (1200, 3))
    file = tmp_path / "msc.csv"
    pd.DataFrame(values, [f"G{i}" for i in range(1200)], ["a", "b", "c"]).to_csv(file)
    cells = AnnData(np.log2(np.random.default_rng(1).gamma(0.5, 40, (4, 1200)) + 0.1))
    alone = inputs.stroma(str(file), beside=cells)
    with pytest.raises(ms.InputError) as refused:
        require_additive(alone, cells)
    assert "say --stroma-kind expected_counts (RSEM, salmon), 'fpkm'" in spoken(str(refused.value), run)
    alone = inputs.stroma(str(file), beside=cells, stroma_kind="fpkm")
    assert alone.uns["marrowsig"]["input"]["kind"] == "fpkm"
    made = made_by({"matrix": "x.csv", "stroma": "msc.csv", "stroma_kind": "fpkm"}, stroma=alone)
    assert made["stroma"] == "ms.io.read('msc.csv', kind='fpkm')"
    with pytest.raises(ms.InputError) as refused:  # of the logs nobody said how they were made
        require_additive(alone, cells)
    assert "--kind 'log2(x)' where 2 to their power is CPM" in spoken(str(refused.value), run)
    cells.uns["marrowsig"] = {"input": {"kind": "log", "scale": "log2(x)"}}
    require_additive(alone, cells)
    with pytest.raises(ms.InputError, match=r"^stroma_kind='counts' cannot be true.* leave stroma_kind= out"):
        inputs.stroma(str(file), beside=cells, stroma_kind="counts")
    with pytest.raises(ms.InputError, match=r"stroma= names no file. Leave stroma_kind= out"):
        inputs.stroma("cell_type=MSC", stroma_kind="tpm")
    with pytest.raises(ms.InputError, match=r"whose the stroma in a file is, .* Leave stroma_source= out"):
        inputs.stroma("cell_type=MSC", stroma_source="fat")
    with pytest.raises(ms.InputError, match=r"stroma_source= is empty"):
        inputs.stroma(str(file), stroma_kind="fpkm", stroma_source=" ")


def test_stroma_of_another_source_is_called_so_in_the_reference_and_the_methods(tmp_path: Path) -> None:
    file = tmp_path / "msc.csv"
    ms.ds.demo_stroma().to_df().T.rename_axis("gene").to_csv(file)
    with pytest.warns(
        ms.InputWarning, match=r"^The reference of stroma is GSE1, cord: stroma of another"
    ) as w:
        alone = inputs.stroma(str(file), stroma_source=" GSE1,  cord")
    assert "'not explained by carry-over' is weaker than with your own." in str(w[0].message)
    cells = ms.ds.demo()[:, :1500].copy()
    reference = outside(linear(cells), alone, ms.Design(culture="culture"))
    words = "samples of stroma alone, from counts per million (GSE1, cord: stroma of another source than the"
    assert words in reference.words
    said = in_methods("37 markers", {"reference": reference.words}, ms.Design(culture="culture"))
    assert "another source than the study's). Contrasts" in said
    own = inputs.stroma(str(file))
    assert outside(linear(cells), own, ms.Design(culture="culture")).words.endswith("from counts per million")


@pytest.mark.parametrize("tpm", [False, True])
def test_a_sheet_that_may_be_the_counts_is_named_in_the_refusal_once(tmp_path: Path, *, tpm: bool) -> None:
    pytest.importorskip("openpyxl")
    adata, alone = ms.ds.demo(), ms.ds.demo_stroma()
    counts = adata.to_df().T.iloc[:600].rename_axis("gene")
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        per_base = counts.div(np.linspace(0.3, 9, len(counts)), axis=0) if tpm else counts
        made = per_base / per_base.sum() * (1e6 if tpm else 3e5)
        made.round(2 if tpm else 1).to_excel(book, sheet_name="normalized")
        counts.to_excel(book, sheet_name="raw")
    adata.obs.rename_axis("sample").to_csv(tmp_path / "samples.csv")
    alone.to_df().T.iloc[:600].rename_axis("gene").to_csv(tmp_path / "stroma.csv")
    names = [str(tmp_path / name) for name in ("book.xlsx#normalized", "samples.csv", "stroma.csv", "out")]
    found = CliRunner().invoke(main, ["run", *names[:2], "--stroma", names[2], "--out", names[3], "--quiet"])
    assert found.exit_code == 1
    said = " ".join(found.output.split())
    error = said[said.index("Error: ") :]
    assert said.count("sheet 'raw' of the same size") == error.count("'book.xlsx#raw' may be the counts") == 1
    assert ("counts for both" in error) == tpm
    assert ("Or leave --stroma out" in error) != tpm
    assert "--kind" not in error


def test_stroma_without_genes_names_its_file() -> None:
    wrong = AnnData(np.ones((2, 3)), var=pd.DataFrame(index=["sample_1", "sample_2", "sample_3"]))
    wrong.uns["marrowsig"] = {"input": {"file": "samples.csv", "kind": "counts"}}
    with pytest.raises(ms.InputError, match=r"^samples.csv, given as stroma=, cannot be used: .*msc_counts"):
        mapped_stroma(wrong)
    with pytest.raises(
        ms.InputError, match=r"looks like the sample sheet: its rows .*a first line 'gene,msc1"
    ):
        mapped_stroma(wrong, ["sample_1", "sample_2", "sample_3"])


def test_own_lists_say_their_axis(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("gene;direction\nVIM;up\nFN1;up\nCDH1;down\n")
    assert inputs.signatures([f"emt={tmp_path / 'mine.csv'}"]).ids == ("emt.mine",)
    with pytest.raises(ms.InputError, match=r"'own' in .* is no axis. Give the list as .*mine.csv, .*emt="):
        inputs.signatures([f"own={tmp_path / 'mine.csv'}"])
    (tmp_path / "said.csv").write_text("gene,direction,axis\nVIM,up,emt\nFN1,up,emt\n")
    assert inputs.signatures([str(tmp_path / "said.csv")]).ids == ("emt.said",)
    for head in ("THIERY CORE EMT\n", "gene\n", ""):  # one column, with a heading or without
        (tmp_path / "core.csv").write_text(f"\ufeff{head}VIM\nFN1\nCDH2\n", encoding="utf-8")
        core = inputs.signatures([f"emt={tmp_path / 'core.csv'}"])["emt.core"]
        assert core.genes == {"VIM": 1.0, "FN1": 1.0, "CDH2": 1.0}
    (tmp_path / "core.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(ms.SignatureError, match=r"old workbook\. Save it as \.xlsx.*'gene', 'VIM', 'FN1'"):
        inputs.signatures([str(tmp_path / "core.xls")])
    (tmp_path / "two.csv").write_text("gene,direction,axis\nVIM,up,emt\nFN1,up,nothing\n")
    with pytest.raises(ms.SignatureError, match="the axis of 'two' is emt, nothing"):
        inputs.signatures([str(tmp_path / "two.csv")])


def test_claims_are_asked_of_the_signature_that_is_named() -> None:
    assert on_axes(["emt=emt.blast,emt.hallmark"], []) == {"emt": ["emt.blast", "emt.hallmark"]}
    for text, said in (("emt.blast", "is not AXIS=NAME"), ("emt=emt.blas", "Did you mean .*'emt.blast'")):
        with pytest.raises(ms.InputError, match=said):
            on_axes([text], [])


def test_what_was_changed_by_hand_is_kept_beside(tmp_path: Path) -> None:
    place = tmp_path / "claims.csv"
    keys = {"claim": "emt_up", "stratum": "", "line": "a", "inhibitor": "", "compartment": "leukaemia"}
    pd.DataFrame([keys | {"verdict": "cannot tell"}]).to_csv(place, index=False)
    with together(tmp_path) as part:
        shutil.copy(place, part.new)
        note(part, command="marrowsig run a.csv")
    assert set_aside(tmp_path, ["claims"]) == []
    new = pd.DataFrame([keys | {"verdict": "supported", "sentence": "EMT rises (a cells): supported; so."}])
    (told,) = changed_verdicts(tmp_path, new)
    assert told.endswith("EMT rises (a cells): cannot tell -> supported. That run was:\nmarrowsig run a.csv")
    (told,) = changed_verdicts(tmp_path, new, command="marrowsig run a.csv")
    assert told.endswith("folder: EMT rises (a cells): cannot tell -> supported.")
    assert changed_verdicts(tmp_path, new.assign(verdict="cannot tell")) == []
    place.write_text("by hand")
    (told,) = set_aside(tmp_path, ["claims"])
    assert told.endswith("yours is claims.yours.csv.")
    assert (tmp_path / "claims.yours.csv").read_text() == "by hand"
    assert changed_verdicts(tmp_path, new) == []


def test_further_questions_that_end_otherwise_are_told(tmp_path: Path) -> None:
    row = {"claim": "emt_up", "stratum": "", "line": "a", "inhibitor": "", "compartment": "leukaemia"}
    old = pd.DataFrame([row | {"verdict": "cannot tell", "sentence": "EMT rises: cannot tell; so."}])
    with together(tmp_path) as part:
        for name in ("claims", "questions"):
            old.to_csv(part.new / f"{name}.csv", index=False)
        note(part, command="old")
    new = old.assign(verdict="supported", sentence="STAT3 rises: supported; so.")
    (told,) = changed_verdicts(tmp_path, old, new, command="new")
    assert told == (
        "Further questions that end otherwise than in the earlier run in this folder: "
        "STAT3 rises: cannot tell -> supported. That run was:\nold"
    )
    (told,) = changed_verdicts(tmp_path, new.assign(sentence="EMT rises: supported; so."), new, command="old")
    assert told == (
        "Claims that end otherwise than in the earlier run in this folder: EMT rises: cannot tell -> "
        "supported. Further questions: STAT3 rises: cannot tell -> supported."
    )
    assert changed_verdicts(tmp_path, old, old) == []


def test_signatures_are_written_for_a_supplement(tmp_path: Path) -> None:
    out = tmp_path / "emt.gmt"
    said = CliRunner().invoke(main, ["signatures", "show", "emt", "--out", str(out)]).output
    assert "FN1" not in said
    assert set(ms.sig.read(out).ids) == set(ms.sig.load("emt").ids)
    one = tmp_path / "one.csv"
    assert CliRunner().invoke(main, ["signatures", "show", "emt.hallmark", "-o", str(one)]).exit_code == 0
    assert len(pd.read_csv(one)) == 200


def test_words_of_the_terminal_name_the_option_and_round_to_nothing() -> None:
    row = {
        "sentence": "EMT rises: cannot tell; no reference of stroma, so carried-over RNA is not ruled out. N",
        "rule": "carry-over not examined", "verdict": "cannot tell", "signature": "emt.hallmark",
        "estimate": 0.05, "ci_low": 0.04, "ci_high": 0.06, "p_adj": 0.012,
    }  # fmt: skip
    assert "no reference of stroma (give it with --stroma), so" in claimed(row)
    assert percent(9.9e-17) == "0 %"


def test_leukaemia_in_the_place_of_stroma_is_told() -> None:
    obs = pd.DataFrame({"culture": ["mono", "co"] * 4, "gate": ["CD45+"] * 4 + ["CD90+"] * 4})
    adata = AnnData(np.ones((8, 3)), obs=obs.set_axis([f"s{i}" for i in range(8)]))
    design = ms.Design(culture="culture", compartment="gate")
    with pytest.raises(ms.DesignError, match=r"'CD45\+' looks like leukaemia \(4 rows\).*stroma='CD90\+'"):
        require_level("CD45+", adata, design)
    require_level("CD90+", adata, design)


def test_ensembl_ids_that_were_read_as_symbols_are_one_calm_line() -> None:
    adata = AnnData(np.ones((2, 3)), var=pd.DataFrame(index=["ENSG00000136244", "ENSG00000075624", "CD166"]))
    ms.pp.map_genes(adata)
    told = names_changed(adata)
    assert told.startswith("2 Ensembl ids read as symbols (genes.csv). 1 gene name was changed")
    assert "ENSG" not in told


def test_a_floor_of_array_signal_is_an_option_and_its_warning_names_it(tmp_path: Path) -> None:
    genes = list(ms.sig.load("il6.hallmark")["il6.hallmark"].genes)[:40]
    x = np.random.default_rng(0).normal(100, 300, (len(genes), 3)).round(1)
    pd.DataFrame(x, index=genes, columns=["a", "b", "c"]).to_csv(tmp_path / "mas5.csv")
    asked = [
        "score",
        str(tmp_path / "mas5.csv"),
        "-s",
        "il6.hallmark",
        "-m",
        "mean",
        "-o",
        str(tmp_path / "s.csv"),
    ]
    asked += ["--min-coverage", "0.1"]
    plain = CliRunner().invoke(main, asked)
    assert "choose one before you look at results, --floor 20," in " ".join(plain.stderr.split())
    low = pd.read_csv(tmp_path / "s.csv")["score"]
    floored = CliRunner().invoke(main, [*asked, "--floor", "20"])
    assert floored.exit_code == 0
    assert "floor" not in floored.stderr
    assert (pd.read_csv(tmp_path / "s.csv")["score"] > low).all()
    refused = CliRunner().invoke(main, [*asked, "--floor", "20", "--kind", "log"])
    assert refused.exit_code != 0


def test_python_of_a_run_and_its_batch_file_keep_the_floor(tmp_path: Path) -> None:
    pd.DataFrame({"a": [-5.0, 900], "b": [3, 800.5]}, index=["IL6", "VIM"]).to_csv(tmp_path / "m.csv")
    design = ms.Design(culture="culture")
    adata = ms.Study(name="s", input=tmp_path / "m.csv", design=design, floor=20).read()
    ms.pp.lognorm(adata)
    np.testing.assert_allclose(adata.X[:, 0], np.log2(20))
    assert adata.uns["marrowsig"]["lognorm"]["at_floor"] == 0.5
    made = made_by({"matrix": "m.csv", "floor": 20.0}, stroma=None)
    assert made["adata"] == "ms.Study(name=\"study\", input='m.csv', floor=20, design=None).read()"
    pd.DataFrame({"a": [5, 900], "b": [3, 800]}, index=["IL6", "VIM"]).to_csv(tmp_path / "n.csv")
    with pytest.raises(ms.InputError, match="floor=20 is for array signal with negative values"):
        ms.Study(name="s", input=tmp_path / "n.csv", design=design, floor=20).read()


def test_rows_are_kept_by_a_column(tmp_path: Path) -> None:
    obs = pd.DataFrame({"cell_type": ["blast", "HSC", "T, CD8", "blast"], "batch": [1, 1, 2, 2]})
    keep, said = kept_rows(obs, ["cell_type=blast, HSC", "batch=2"])
    assert keep.tolist() == [False, False, False, True]
    assert said == "cell_type is 'blast' or 'HSC' and batch is '2'"
    few = inputs.only(
        AnnData(np.ones((4, 1)), obs=obs.set_axis(list("abcd"))), ["cell_type=blast", "batch=2"]
    )
    told = few.uns["marrowsig"]["input"]["decisions"]
    assert told == "kept, as was asked: 1 of 4 rows, where cell_type is 'blast' and batch is '2'"
    assert kept_rows(obs, ["cell_type=T, CD8"])[0].sum() == 1
    others, said = kept_rows(obs, ["cell_type!=T, CD8"])
    assert others.tolist() == [True, True, False, True]
    assert said == "cell_type is not 'T, CD8'"
    assert kept_rows(obs, ["cell_type!=blast,HSC"])[0].tolist() == [False, False, True, False]
    odd = obs.rename(columns={"cell_type": "type!"})
    assert kept_rows(odd, ["type!=blast"])[0].tolist() == [True, False, False, True]
    for text, words in (
        ("celltype!=blast", "no column 'celltype'. Did you mean 'cell_type'"),
        ("cell_type!=Blast", "no level 'Blast'. Did you mean 'blast'"),
        ("celltype=blast", "no column 'celltype'. Did you mean 'cell_type'"),
        ("cell_type=Blast", "no level 'Blast'. Did you mean 'blast'.* Levels: 'HSC', 'T, CD8', 'blast'"),
        ("blasts", "keep='blasts' is not COLUMN=LEVEL,LEVEL, such as .* for all others.$"),
        ("blast", "for all others. It is a level of 'cell_type': keep='cell_type=blast'.$"),
        ("blast,HSC", "They are levels of 'cell_type': keep='cell_type=blast,HSC'.$"),
    ):
        with pytest.raises(ms.InputError, match=words):
            kept_rows(obs, [text])
    with pytest.raises(ms.InputError, match="leaves no row: in none cell_type is 'HSC' and batch is '2'"):
        kept_rows(obs, ["cell_type=HSC", "batch=2"])
    cells = AnnData(np.ones((4, 2)), obs=obs.set_index(pd.Index(list("abcd"))))
    cells.write_h5ad(tmp_path / "cells.h5ad")
    asked = {"kind": "counts", "layer": None, "genome": None}
    adata = inputs.matrix(tmp_path / "cells.h5ad", None, keep=["cell_type=blast"], **asked)
    assert adata.obs_names.tolist() == ["a", "d"]
    assert "2 of 4 rows, where cell_type is 'blast'" in adata.uns["marrowsig"]["input"]["decisions"]
    made = made_by({"matrix": "cells.h5ad", "keep": ["cell_type=blast,HSC"]}, stroma=None)["adata"]
    assert made == (
        "ms.Study(name=\"study\", input='cells.h5ad', keep=['cell_type=blast,HSC'], design=None).read()"
    )


@pytest.mark.parametrize("less", [[], ["a"]])
@pytest.mark.parametrize("text", ["cell_type=blast,HSC", "cell_type=T, CD8"])
def test_python_of_a_run_keeps_the_same_rows(tmp_path: Path, text: str, less: list[str]) -> None:
    obs = pd.DataFrame({"cell_type": ["blast", "HSC", "T, CD8", "T", "blast"]}, index=list("abcde"))
    AnnData(np.ones((5, 2)), obs=obs).write_h5ad(tmp_path / "cells.h5ad")
    given = {"matrix": tmp_path / "cells.h5ad", "keep": [text], "kind": "counts", "leave_out": less}
    asked = {"kind": "counts", "layer": None, "genome": None, "keep": [text], "leave_out": less}
    adata = inputs.matrix(tmp_path / "cells.h5ad", None, **asked)
    again = eval(made_by(given, stroma=None)["adata"], {"ms": ms})
    assert again.obs_names.tolist() == adata.obs_names.tolist()
    wanted = ["c"] if "CD8" in text else ["a", "b", "e"]
    assert again.obs_names.tolist() == [name for name in wanted if name not in less]


def test_power_prints_its_table_and_sentences_and_writes_both(tmp_path: Path) -> None:
    asked = ["power", "-e", "induction=2", "-e", "fraction=0.5", "--inhibitor", "rux", "--lines", "1"]
    asked += ["--runs", "200", "--n", "3,5", "--width", "85", "--out", str(tmp_path / "plan")]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    design = ms.Design(culture="culture", inhibitor="inhibitor", pair="pair")
    plan = ms.tl.power(design, {"induction": 2.0, "fraction": 0.5}, n=[3, 5], inhibitors="rux", runs=200)
    assert " ".join(plan.describe().splitlines()[0].split()) in said
    table = pd.read_csv(tmp_path / "plan" / "power.csv")
    np.testing.assert_allclose(table["power"], plan.table["power"])
    assert {p.name for p in (tmp_path / "plan").iterdir()} == {
        "power.csv", "power_fractions.csv", "power.pdf", "power.png",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("-e induction=1,5", "is not NAME=SIZE, such as interaction=0.05. Write 1.5 with a point."),
        ("-e induct=1", "names 'induct', which this design does not ask. Did you mean 'induction'?"),
        ("-e induction=0", "there is nothing to find: give one that is not 0."),
        ("-e induction=1 --n 5-3", "--n '5-3' is not FROM-TO, such as 3-12"),
        ("-e induktion=1", "--effect names 'induktion', which this design does not ask."),
        ("-e induction=1 --source pbmc_il13_gse79027", "Say which signature is meant: --signature. Known: "),
        ("-e induction=1 --n 1-3", "--n '1-3': at least two replicates per arm are needed"),
        ("-e induction=1 --primary-contrast resistance --runs 100", "No primary contrast has an effect."),
        ("-e induction=1 --source x", "No SD is known for --source x. Known: t84_il22_ifnl,"),
    ],
)
def test_power_says_what_to_type(tmp_path: Path, options: str, words: str) -> None:
    done = CliRunner().invoke(main, ["power", *options.split(), "--out", str(tmp_path / "plan")])
    assert done.exit_code == 1
    assert words in " ".join(done.output.split())
    assert not (tmp_path / "plan").exists()


def test_slips_of_the_hand_in_a_table_are_refused(tmp_path: Path) -> None:
    counts = np.random.default_rng(0).poisson(20, (200, 4))
    table = pd.DataFrame(counts, index=[f"G{i}" for i in range(200)], columns=list("abcd"))
    slip = table.copy()
    slip.iloc[7, 2] = -3
    slip.to_csv(tmp_path / "slip.csv")
    with pytest.raises(ms.InputError, match=r"1 value is below zero, .* genes \(1\) G7, samples \(1\) c"):
        ms.io.read(tmp_path / "slip.csv", orientation="genes_by_samples")
    asked = {"orientation": "genes_by_samples", "kind": "linear_negative"}
    assert ms.io.read(tmp_path / "slip.csv", **asked).n_vars == 200
    (table - 20).to_csv(tmp_path / "array.csv")
    assert ms.io.read(tmp_path / "array.csv", orientation="genes_by_samples").n_obs == 4
    table.loc["Total"] = table.sum()
    table.to_csv(tmp_path / "total.csv")
    with pytest.raises(ms.InputError, match=r"^Row 'Total' holds the sum of all other rows in every sample"):
        ms.io.read(tmp_path / "total.csv", orientation="genes_by_samples")


@pytest.mark.filterwarnings("ignore:Variable names are not unique")
def test_what_was_done_with_rows_of_one_gene_is_said() -> None:
    counts = np.array([[5.0, 3, 90], [1, 2, 40]])
    for kind, how in (("counts", "values added up"), ("log", "the row with the higher mean kept")):
        adata = AnnData(counts if kind == "counts" else np.log2(counts + 1))
        adata.var_names = ["IL6", "VIM", "IL6"]
        adata.uns["marrowsig"] = {"input": {"kind": kind}}
        ms.pp.map_genes(adata)
        assert f"1 row joined with another of the same gene, {how}: IL6" in names_changed(adata)


def test_stroma_of_which_the_numbers_do_not_tell_is_of_the_kind_of_the_samples(tmp_path: Path) -> None:
    genes, names = [f"G{i}" for i in range(1200)], ["m1", "m2", "m3"]
    counts = pd.DataFrame(np.random.default_rng(1).poisson(900, (1200, 3)) + 0.37, genes, names)
    counts.to_csv(tmp_path / "counts.csv")
    (counts * 1.5).to_csv(tmp_path / "msc.csv")
    cells = ms.io.read(tmp_path / "counts.csv", kind="expected_counts")
    alone = inputs.stroma(str(tmp_path / "msc.csv"), beside=cells)
    assert alone.uns["marrowsig"]["input"]["kind"] == "expected_counts"
    given = {"matrix": "counts.csv", "stroma": "msc.csv"}
    assert made_by(given, stroma=alone)["stroma"] == "ms.io.read('msc.csv', kind='expected_counts')"
    (counts / counts.sum() * 1e6).to_csv(tmp_path / "msc.csv")
    assert inputs.stroma(str(tmp_path / "msc.csv"), beside=cells).uns["marrowsig"]["input"]["kind"] == "tpm"


def test_covariates_are_columns_of_the_design() -> None:
    obs = pd.DataFrame({"arm": ["mono", "co"] * 3, "blasts": [60, 70, 65, 80, 82, 71], "age": range(6)})
    one, _ = design_of(obs, {"culture": "arm", "covariates": ("blasts",)})
    assert one == ms.Design(culture="arm", covariates="blasts")
    two, _ = design_of(obs, {"culture": "arm", "covariates": ("blasts", "age")})
    assert two == ms.Design(culture="arm", covariates=["blasts", "age"])
    with pytest.raises(ms.DesignError, match=r"no column 'blast'.*'blasts'"):
        design_of(obs, {"culture": "arm", "covariates": ("blast",)})


def test_power_takes_the_sd_of_a_run(tmp_path: Path) -> None:
    rows = {
        "signature": "emt.x", "method": "singscore", "contrast": "co_vs_mono", "stratum": None,
        "estimate": 0.5, "effect": 2.0, "effect_name": "g_z", "df": 5.0, "test": "paired by 'patient'",
    }  # fmt: skip
    pd.DataFrame([rows]).to_csv(tmp_path / "contrasts.csv")
    asked = ["power", "-e", "induction=0.3", "--lines", "1", "--runs", "100", "--pilot", str(tmp_path)]
    done = CliRunner().invoke(main, [*asked, "--out", str(tmp_path / "plan")])
    # The effect is 0.5 per SD of a difference, times Hedges' factor of 5 df, 0.8408.
    assert f"SD {0.5 / 2 * 0.8408 / np.sqrt(2):.3g} (contrasts of a study, emt.x by singscore" in done.output
    said = " ".join(done.output.split())
    assert "need the SD on these genes (--pilot FOLDER --kept-genes)" in said
    assert "for 1 signature alone: see --n-primary" in said
    done = CliRunner().invoke(main, [*asked, "--kept-genes", "--out", str(tmp_path / "plan")])
    assert "claims.csv is not there" in " ".join(done.output.split())


def test_a_plan_says_which_inhibitors_its_pilot_had() -> None:
    names = ["co_in_parental", "reversal_JAKi A_in_parental", "reversal_JAKi A_in_resistant", "reversal_b"]
    told = drugs_of(pd.DataFrame({"contrast": names}))
    assert "--inhibitor 'JAKi A' --inhibitor b, if" in told
    assert drugs_of(pd.DataFrame({"contrast": names[:1]})) == drugs_of(None) == ""


def test_a_plan_is_told_in_words() -> None:
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    plan = ms.tl.power(design, {"induction": 2, "fraction": 0.5}, inhibitors=["rux"], n=[4], runs=100)
    told = plan.describe()
    assert "(co vs mono in parental, co vs mono in resistant, more in resistant than in parental, " in told
    assert not re.search(r"co_in_|reversal_|ms\.|Design\(", told)


def test_old_symbols_of_own_lists_are_read_as_the_matrix_is(tmp_path: Path) -> None:
    lab = tmp_path / "lab.gmt"
    lab.write_text("NICHE_EMT_UP\tlab\tFN1\tPPP2R4\tFAM46A\tNOSUCH1\n")
    for name in (str(lab), f"emt={lab}"):
        chosen, told = inputs.signatures_told(["il6.hallmark", name])
        assert told == {name: "lab.gmt: PPP2R4 read as PTPA, FAM46A read as TENT5A"}  # HGNC of both
        python = made_by({"matrix": "m.csv", "signatures": ["il6.hallmark", name]}, stroma=None)
        with pytest.warns(ms.GeneWarning, match=r"lab\.gmt: 1 gene is no known symbol .*: NOSUCH1"):
            assert eval(python["signatures"], {"ms": ms}) == chosen
    own = next(iter(inputs.signatures([str(lab)])))
    assert list(own.genes) == ["FN1", "PTPA", "TENT5A", "NOSUCH1"]
    lab.write_text("MINE\tlab\tENSG00000136244\tVIM\n")  # no warning that asks to translate it
    assert list(next(iter(inputs.signatures([str(lab)]))).genes) == ["IL6", "VIM"]


@pytest.mark.parametrize("genes", ["Fn1\tCdh1\tPpp2r4", "FN1\tPTPA\tNOSUCH1"])
def test_lists_of_mouse_or_without_old_symbols_stay_as_they_are(tmp_path: Path, genes: str) -> None:
    lab = tmp_path / "lab.gmt"
    lab.write_text(f"MINE\tlab\t{genes}\n")
    chosen, told = inputs.signatures_told([str(lab)])
    assert not told
    assert list(next(iter(chosen)).genes) == genes.split("\t")
    assert made_by({"matrix": "m.csv", "signatures": [str(lab)]}, stroma=None)["signatures"].startswith(
        "ms.sig.read("
    )


def test_a_list_that_holds_one_gene_by_two_names_says_how_many_are_left(tmp_path: Path) -> None:
    (tmp_path / "lab.gmt").write_text("LAB_EMT\tlab\tCTGF\tCCN2\tVIM\tFN1\tSPARC\n")
    told = " ".join(
        CliRunner().invoke(main, ["signatures", "show", str(tmp_path / "lab.gmt")]).output.split()
    )
    assert "5 genes: 5 rise" in told  # as the file has them
    assert "which a run reads as today's: CTGF = CCN2, so that 4 genes are left" in told
    assert "up (4): CCN2, VIM, FN1, SPARC" in told


def test_claims_are_asked_of_a_list_by_its_name_in_the_file() -> None:
    titles = [("LAB_EMT", "other.lab_emt"), ("TWO", "other.two"), ("TWO", "emt.two"), ("EMT", "emt.hallmark")]
    ids = [id for _, id in titles]
    assert on_axes(["emt=LAB_EMT,emt.blast"], ids, titles) == {"emt": ["other.lab_emt", "emt.blast"]}
    with pytest.raises(InputError, match="no signature is called TWO"):  # which of the two?
        on_axes(["emt=TWO"], ids, titles)
    with pytest.raises(InputError, match="no signature is called LAB_EMT"):
        on_axes(["emt=LAB_EMT"], ids)


def test_a_list_with_genes_that_the_matrix_lacks_says_how_many_are_there() -> None:
    adata = ms.ds.toy()
    there = list(adata.var_names[:11])
    ms.tl.score(adata, ms.sig.Signature("other.lab", axis="other", genes=[*there, "OR4F5"]))
    ms.tl.score(adata, ms.sig.Signature("other.all", axis="other", genes=there[:9]))
    told = dict(lists(adata, ["other.lab", "other.all"]))
    assert told["other.lab"].endswith("12 genes (12 rise, 0 fall); 11 of 12 in the matrix")
    assert told["other.all"].endswith("9 genes (9 rise, 0 fall)")


def test_of_own_lists_with_sizes_it_is_said_which_methods_take_signs_alone(tmp_path: Path) -> None:
    from marrowsig._cli.signs_alone import signs_alone

    (tmp_path / "mine.csv").write_text("gene,weight\nVIM,2.1\nFN1,1.4\nCDH1,-0.8\n")
    (tmp_path / "plain.csv").write_text("gene,weight\nVIM,1\nFN1,1\nCDH1,-1\n")
    mine, plain = (ms.sig.read(tmp_path / f"{name}.csv", axis="emt") for name in ("mine", "plain"))
    alone = "emt.mine: singscore uses the signs of its weights, not their sizes."
    assert signs_alone(mine, ["singscore", "mean"]) == [alone]
    assert signs_alone(mine, ["mean"]) == []  # which takes their sizes
    assert signs_alone(mine, ["singscore", "ucell"]) == [
        "emt.mine: singscore and ucell do not use the sizes of its weights."
    ]
    assert signs_alone(plain, ["singscore"]) == []
    shipped = ms.sig.load()
    assert any(sig.is_weighted for sig in shipped)
    assert signs_alone(shipped, ["singscore"]) == []
