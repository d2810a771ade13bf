"""`marrowsig excel` and `RunFolder.to_excel`: the tables of a run in one workbook."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from marrowsig._errors import InputError
from marrowsig._manifest import note, noted, superseded
from marrowsig._run_workbook import HOLDS, LONG, NAME, write_workbook
from marrowsig.cli import main
from marrowsig.io._together import together

openpyxl = pytest.importorskip("openpyxl")

TABLES = {
    "scores_ucell": pd.DataFrame({"sample": ["001", "s2"], "emt": [0.25, 1e-7]}),
    "contrasts": pd.DataFrame(
        {
            "contrast": ["co", "mono"],
            "n_test": [4, 3],
            "p": [3.21e-9, np.nan],
            "borderline": ["", "=SUM(A1)"],
            "asked": [True, False],
            "reversal": [np.inf, -2.0],
        }
    ),
    "genes": pd.DataFrame({"original": ["1-Mar", "SEPT2"], "symbol": ["MARCHF1", "SEPTIN2"]}),
    "claims": pd.DataFrame(columns=["claim", "verdict"]),
    "chain": pd.DataFrame({"verdict": ["holds\x00"]}),
}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    with together(folder) as part:
        for name, frame in TABLES.items():
            frame.to_csv(part.new / f"{name}.csv", index=False)
        (part.new / LONG).write_bytes(b"many")
        note(part, command="marrowsig run x.csv", drawn_from={"design": {}, "look": {}})
    return folder


def rows(path: Path, sheet: str) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(path)
    return list(book[sheet].iter_rows(values_only=True))


def test_sheets_hold_the_tables(results: Path) -> None:
    path, told = write_workbook(results)
    assert (path, told) == (results / NAME, [])
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["about", "claims", "contrasts", "scores_ucell", "genes", "chain"]
    assert rows(path, "contrasts") == [
        tuple(TABLES["contrasts"]),
        ("co", 4, 3.21e-9, None, True, "inf"),
        ("mono", 3, None, "=SUM(A1)", False, -2),
    ]
    assert book["contrasts"]["D3"].data_type == "s", "no formula"
    assert rows(path, "scores_ucell")[1:] == [("001", 0.25), ("s2", 1e-7)], "sample '001' stays a word"
    assert rows(path, "genes")[1:] == [("1-Mar", "MARCHF1"), ("SEPT2", "SEPTIN2")]
    assert rows(path, "claims") == [("claim", "verdict")]
    assert rows(path, "chain")[1:] == [("holds",)], "Excel takes no such sign"
    assert book["contrasts"].freeze_panes == "A2"
    assert book["contrasts"].auto_filter.ref == "A1:F3"


def test_first_sheet_says_what_the_others_hold(results: Path) -> None:
    about = rows(write_workbook(results)[0], "about")
    said = [str(row[0]) for row in about]
    assert "Command: marrowsig run x.csv" in said
    assert any(LONG in line for line in said)
    assert about[-4][:3] == ("contrasts", 2, HOLDS["contrasts"])
    assert about[-3][:2] == ("scores_ucell", 2)


def test_each_file_of_the_page_on_the_folder_is_known() -> None:
    page = (Path(__file__).parents[1] / "docs" / "howto" / "report.md").read_text(encoding="utf-8")
    files = re.findall(r"`(\w+)\.csv`", page[page.index("### The tables") :])
    assert len(files) > 20
    assert {name for name in files if not name.startswith("scores_")} == set(HOLDS)


def test_the_same_tables_give_the_same_file(results: Path, tmp_path: Path) -> None:
    one = write_workbook(results)[0].read_bytes()
    assert write_workbook(results, tmp_path / "other.xlsx")[0].read_bytes() == one


def test_a_later_run_takes_it_away(results: Path) -> None:
    write_workbook(results)
    assert NAME in noted(results)["files"]
    with together(results) as part:
        superseded(part)
    assert not (results / NAME).exists(), "it would stand beside tables of another run"


def test_what_was_changed_is_not_passed_on(results: Path) -> None:
    path = write_workbook(results)[0]
    path.write_bytes(path.read_bytes() + b" ")
    assert "tables.yours.xlsx" in write_workbook(results)[1][0]
    (results / "claims.csv").write_text("claim,verdict\nemt,supported\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"Not as the run wrote it .*claims.csv"):
        write_workbook(results)


def test_refusals_name_what_to_give(results: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"End it in \.xlsx, such as supplement\.xlsx"):
        write_workbook(results, tmp_path / "supplement.xls")
    with pytest.raises(InputError, match="not the folder of a run"):
        write_workbook(tmp_path)


def test_command(results: Path) -> None:
    done = CliRunner().invoke(main, ["excel", str(results), "--out", str(results.parent / "s.xlsx")])
    assert done.exit_code == 0, done.output
    assert "s.xlsx" in done.output
    assert (results.parent / "s.xlsx").is_file()
    assert not (results / NAME).exists()
