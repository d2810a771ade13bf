"""Every notebook runs, with and without the folder of real data, and says nothing on its error stream.

The sentences of a notebook are checked by its own hidden cells. Building the documentation runs the notebooks
once more, with what is there.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("0*.md"))
SHARED_WORD = "MARROWSIG_SHARED"
WARNS = "warns"  # tag of a cell that is there to show a warning


def run(path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> list:
    """Code cells of a notebook after a run in its folder."""
    jupytext = pytest.importorskip("jupytext")
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.setenv(SHARED_WORD, str(shared))
    before = {f.name for f in FOLDER.iterdir()}
    book = jupytext.read(path)
    place = {"metadata": {"path": str(path.parent)}}
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3", resources=place).execute()
    assert {f.name for f in FOLDER.iterdir()} == before, "a notebook leaves files behind"
    return [cell for cell in book.cells if cell.cell_type == "code"]


def said(cell) -> str:
    return "".join(o["text"] for o in cell.outputs if o.output_type == "stream" and o.name == "stderr")


def check(ran: list) -> None:
    for cell in ran:
        expected = WARNS in cell.metadata.get("tags", [])
        assert bool(said(cell)) == expected, f"{cell.source}\n\n{said(cell) or 'no warning came'}"
        assert not re.search(r'(?m)^\s*File "|/ipykernel_', said(cell)), "a path of this machine is shown"


@pytest.mark.docs
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_runs_on_simulated_data(path, tmp_path, monkeypatch):
    check(run(path, tmp_path, monkeypatch))


@pytest.mark.docs
@pytest.mark.shared
@pytest.mark.parametrize(
    "path", [p for p in NOTEBOOKS if SHARED_WORD in p.read_text(encoding="utf-8")], ids=lambda p: p.stem
)
def test_it_runs_on_real_data(path, shared, monkeypatch):
    check(run(path, shared, monkeypatch))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_its_source_is_text_without_outputs_or_paths(path):
    text = path.read_text(encoding="utf-8")
    assert "format_name: myst" in text
    assert "assert " in text, "no sentence of this notebook is checked"
    assert not re.search(r"/(home|root|work|tmp)/|image/png", text)
    long = [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")]
    assert not long


def test_all_are_numbered():
    assert [p.stem[:3] for p in NOTEBOOKS] == [f"0{i + 1}_" for i in range(len(NOTEBOOKS))]
    assert len(NOTEBOOKS) == len(list(FOLDER.glob("*.md"))) - 1  # the index
