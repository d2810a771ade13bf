from __future__ import annotations

import sys
from datetime import datetime
from zipfile import ZipFile

import openpyxl
import pytest
from click.testing import CliRunner

import marrowsig as ms
from marrowsig.cli import main
from marrowsig.io._powers import shortened

GENES = {"IL6": [0, 12], "SOCS3": [40, 310], "GAPDH": [5100, 4900], "VIM": [7, 81], "FN1": [3, 2]}


def book(tmp_path, change=lambda counts, sheet: None, *, sheet=False, name="book.xlsx"):
    made = openpyxl.Workbook()
    counts = made.active
    counts.title = "Counts"
    counts.append(["gene", "s1", "s2"])
    for gene, values in GENES.items():
        counts.append([gene, *values])
    samples = made.create_sheet("The samples")
    for row in (["sample", "culture"], ["s1", "mono"], ["s2", "co"]) if sheet else ():
        samples.append(row)
    change(counts, samples)
    made.save(tmp_path / name)
    return tmp_path / name


def test_the_only_filled_sheet_is_read_and_named(tmp_path):
    adata = ms.io.read(book(tmp_path))
    assert adata.to_df().T.astype(int).to_numpy().tolist() == list(GENES.values())
    assert list(adata.var_names) == list(GENES)
    assert adata.uns["marrowsig"]["input"]["file"] == "book.xlsx#Counts"
    assert "delimiter" not in adata.uns["marrowsig"]["input"]["decisions"]


def test_several_sheets_are_listed_and_asked_for(tmp_path):
    path = book(tmp_path, sheet=True)
    seen = r"2 sheets: 'Counts' \(6 rows x 3 columns\), 'The samples' \(3 rows x 2 columns\)"
    with pytest.raises(ms.InputError, match=seen):
        ms.io.read(path)
    example = r"samples='book.xlsx#The samples'"
    with pytest.raises(ms.InputError, match=r"Did you mean 'Counts'\?.*#Counts' 'book.xlsx#The samples' on"):
        ms.io.read(f"{path}#Count")
    with pytest.raises(ms.InputError, match=example):
        ms.io.read(path)
    lock = tmp_path / "~$book.xlsx"
    lock.write_bytes(b"\x04user\x00\x00")
    with pytest.raises(ms.InputError, match=r"lock file: take the file without ~\$, book\.xlsx"):
        ms.io.read(lock)
    adata = ms.io.read(f"{path}#counts", samples=f"{path}#The samples")
    assert list(adata.obs["culture"]) == ["mono", "co"]
    with pytest.raises(ms.InputError, match=r"no sheet 'Count'.*'Counts'"):
        ms.io.read(f"{path}#Count")
    with pytest.raises(ms.InputError, match=r"two files look swapped.*book\.xlsx#The samples"):
        ms.io.read(f"{path}#The samples", samples=f"{path}#Counts")
    (tmp_path / "c.csv").write_text("gene,s1\nIL6,4\n")
    with pytest.raises(ms.InputError, match=r"c\.csv is no Excel workbook .* no sheet 'Counts'"):
        ms.io.read(tmp_path / "c.csv#Counts")
    with pytest.raises(ms.InputError, match="no file or folder"):
        ms.io.read(tmp_path / "c.txt#Counts")


def test_of_a_workbook_beside_another_file_the_sheet_of_samples_is_asked_for(tmp_path):
    matrix = tmp_path / "counts.csv"
    matrix.write_text("gene,s1,s2\n" + "".join(f"{g},{a},{b}\n" for g, (a, b) in GENES.items()))

    def more(counts, samples):
        counts.title = "RIN"
        for row in (["sample", "culture", "cells"], ["s1", "mono", "AML"], ["s2", "co", "AML"]):
            samples.append(row)

    path = book(tmp_path, more)
    with pytest.raises(
        ms.InputError, match=r"holds 2 sheets: 'RIN'.* in the place of 'book\.xlsx'"
    ) as refused:
        ms.io.read(matrix, samples=path)
    assert str(refused.value).endswith(": 'book.xlsx#The samples'.")
    assert list(ms.io.read(matrix, samples=f"{path}#The samples").obs["culture"]) == ["mono", "co"]
    alike = book(tmp_path, lambda _, samples: samples.append(["gene", "s1"]) or samples.append(["IL6", 1]))
    with pytest.raises(ms.InputError, match=r"'book\.xlsx#SHEET'"):
        ms.io.read(matrix, samples=alike)


def test_the_command_line_takes_sheets(tmp_path):
    path = book(tmp_path, sheet=True)
    given = [f"{path}#Counts", f"{path}#The samples", "-s", "il6.hallmark", "-o", str(tmp_path / "out.csv")]
    done = CliRunner().invoke(main, ["score", *given])
    assert done.exit_code == 0, done.output
    missing = CliRunner().invoke(main, ["score", str(tmp_path / "no.xlsx#Counts"), "-o", "x.csv"])
    assert missing.exit_code == 2
    assert missing.output.startswith("Error: There is no file or folder")


def test_lists_of_genes_come_from_a_sheet(tmp_path):
    made = openpyxl.Workbook()
    made.active.title = "core"
    for row in (["gene", "direction"], ["VIM", "up"], ["CDH1", "down"]):
        made.active.append(row)
    made.save(tmp_path / "lists.xlsx")
    assert ms.sig.read(tmp_path / "lists.xlsx", axis="emt").ids == ("emt.lists",)
    assert ms.sig.read(f"{tmp_path}/lists.xlsx#core", axis="emt")["emt.core"].genes == {"VIM": 1, "CDH1": -1}


def test_dates_among_genes_are_told_and_repaired(tmp_path):
    def dates(counts, _):
        counts["A4"], counts["A5"], counts["A6"] = datetime(2021, 9, 2), datetime(2021, 12, 1), "2-sept"

    with pytest.warns(ms.GeneWarning, match="3 gene names were turned into dates.*2021-09-02, 2021-12-01"):
        adata = ms.io.read(book(tmp_path, dates))
    assert list(adata.var_names[2:4]) == ["2021-09-02", "2021-12-01"]


@pytest.mark.parametrize("name", ["2-Sep", "2-sept", "2-set", "2. Sep", "Sep-02", "set-02", "2006-09-02"])
def test_september_of_several_languages_is_a_date(name):
    from marrowsig._gene_dates import read_date

    seen = read_date(name)
    assert (seen.month, 2 in seen.numbers) == (9, True)


def test_errors_and_formulas_without_a_value_are_refused_by_cell(tmp_path):
    def errors(counts, _):
        counts["B3"], counts["C4"] = "#N/A", "#REF!"

    with pytest.raises(ms.InputError, match=r"2 cells hold errors.*B3: #N/A, C4: #REF!"):
        ms.io.read(book(tmp_path, errors))

    def formula(counts, _):
        counts["B3"] = "=1+1"

    path = book(tmp_path, formula)
    with pytest.raises(ms.InputError, match=r"1 formula has no value in the file \(B3\)"):
        ms.io.read(path)
    with ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    cell = parts["xl/worksheets/sheet1.xml"]
    assert b"<v />" in cell or b"<v/>" in cell or b"<v></v>" in cell
    for empty in (b"<v />", b"<v/>", b"<v></v>"):
        cell = cell.replace(empty, b"<v>2</v>")
    with ZipFile(path, "w") as packed:
        for name, data in parts.items():
            packed.writestr(name, cell if name.endswith("sheet1.xml") else data)
    assert ms.io.read(path)["s1", "SOCS3"].X.item() == 2


def test_what_is_hidden_is_read_aloud_and_hidden_sheets_are_not(tmp_path):
    def hidden(counts, sheet):
        counts.row_dimensions[4].hidden = True
        counts.column_dimensions["C"].hidden = True
        sheet.sheet_state = "hidden"

    path = book(tmp_path, hidden, sheet=True)
    with pytest.warns(ms.InputWarning, match=r"1 row \(4\) and 1 column \(C\) hidden in Excel"):
        adata = ms.io.read(path)
    assert adata.shape == (2, 5)
    assert "hidden sheets were not read: The samples" in adata.uns["marrowsig"]["input"]["decisions"]


def test_merged_cells_fill_a_sheet_and_are_refused_in_a_matrix(tmp_path):
    def merged(counts, sheet):
        sheet.merge_cells("B2:B3")
        counts.merge_cells("A3:A4")

    path = book(tmp_path, merged, sheet=True)
    with pytest.raises(ms.InputError, match=r"cells are merged \(A3:A4\)"):
        ms.io.read(f"{path}#Counts")
    (tmp_path / "c.csv").write_text("gene,s1,s2\nIL6,4,5\nVIM,3,9\nFN1,8,1\n")
    with pytest.warns(ms.InputWarning, match=r"merged cells \(B2:B3\) were read"):
        adata = ms.io.read(tmp_path / "c.csv", samples=f"{path}#The samples")
    assert list(adata.obs["culture"]) == ["mono", "mono"]


def test_empty_edges_and_numbers_as_text_are_read(tmp_path):
    def moved(counts, _):
        counts["B3"] = "40"
        counts.insert_rows(1, 2)
        counts.insert_cols(1)
        counts["A40"], counts["H1"] = " ", " "

    adata = ms.io.read(book(tmp_path, moved))
    assert adata.to_df().T.astype(int).to_numpy().tolist() == list(GENES.values())
    assert "1 number stored as text" in adata.uns["marrowsig"]["input"]["decisions"]


def test_a_title_above_a_matrix_is_skipped_and_told(tmp_path):
    def title(counts, _):
        counts.insert_rows(1)
        counts["A1"] = "Our study"

    def apart(counts, _):
        title(counts, _)
        counts.insert_rows(2)

    for how in (title, apart):
        adata = ms.io.read(book(tmp_path, how))
        assert adata.to_df().T.astype(int).to_numpy().tolist() == list(GENES.values())
        told = "1 row above the names of the columns was skipped: 'Our study'"
        assert told in adata.uns["marrowsig"]["input"]["decisions"].split("; ")


def test_a_row_of_groups_above_a_matrix_is_refused(tmp_path):
    def groups(counts, _):
        counts.insert_rows(1)
        counts["A1"], counts["C1"] = "Our study", "co"

    with pytest.raises(ms.InputError):
        ms.io.read(book(tmp_path, groups))


def test_without_openpyxl_the_extra_is_named(tmp_path, monkeypatch):
    path = book(tmp_path)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(
        ms.InputError, match=r"pip install 'marrowsig\[excel\]'.*save each sheet as its own csv"
    ):
        ms.io.read(path)


def test_a_batch_tells_sheets_of_one_workbook_apart(tmp_path):
    from marrowsig._batch.key import _file

    path = book(tmp_path, sheet=True)
    assert len({_file(path.with_name(f"book.xlsx#{name}")) for name in ("Counts", "The samples")}) == 2


def test_counts_that_lost_digits_are_told(tmp_path):
    text = "gene,s1,s2\nIL6,1.16E+05,12\nVIM,3,9.00E+00\nFN1,1e+05,1.161234E+06\nJAK2,5,1.2e+04\n"
    assert shortened(text.encode()) == ["IL6 1.16E+05", "JAK2 1.2e+04"]
    (tmp_path / "c.csv").write_text(text)
    with pytest.warns(ms.InputWarning, match=r"2 counts are written as a power of ten.*IL6 1\.16E\+05"):
        ms.io.read(tmp_path / "c.csv")


def test_a_workbook_called_as_a_table_is_read(tmp_path):
    adata = ms.io.read(book(tmp_path, name="book.xlsx").rename(tmp_path / "book.csv"))
    assert adata.to_df().T.astype(int).to_numpy().tolist() == list(GENES.values())
    (tmp_path / "two").mkdir()
    both = book(tmp_path / "two", sheet=True).rename(tmp_path / "two" / "book.csv")
    with pytest.raises(ms.InputError, match=r"'book\.csv#Counts' 'book\.csv#The samples' on the"):
        ms.io.read(both)
    assert ms.io.read(f"{both}#Counts", samples=f"{both}#The samples").obs["culture"].tolist() == [
        "mono",
        "co",
    ]
