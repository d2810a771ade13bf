"""Which part of the package may import which: read from the source with `ast`."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SRC = Path(__file__).resolve().parents[1] / "src" / "marrowsig"
NUMBERS = {"numpy", "scipy", "numba"}
STANDARD = {
    "__future__", "collections", "concurrent", "contextlib", "contextvars", "dataclasses", "functools",
    "itertools", "math", "os", "typing",
}  # fmt: skip
TOP = {
    "__init__",
    "__main__",
    "_batch",
    "_cli",
    "_further",
    "_out_folder",
    "_report",
    "_run",
    "cli",
}  # the job as a whole
FILES = sorted(SRC.rglob("*.py"))


def part(path: Path) -> str:
    """`tl` for src/marrowsig/tl/score.py, `get` for src/marrowsig/get.py."""
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def imports(path: Path, *, while_typing: bool = False) -> Iterator[str]:
    """Full names of imported modules, those inside functions too; not those for type checkers only."""
    tree = ast.parse(path.read_text())
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not while_typing:
            skipped |= {id(inner) for child in node.body for inner in ast.walk(child)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from names if node.module == "marrowsig" else [str(node.module)]


@cache
def imported(path: Path) -> frozenset[str]:
    return frozenset(imports(path))


def own(path: Path) -> set[str]:
    """Parts of marrowsig that a file imports."""
    return {name.split(".")[1] for name in imported(path) if name.startswith("marrowsig.")}


def tops(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def files(*parts: str) -> list[Path]:
    return [f for f in FILES if part(f) in parts]


def name_of(path: Path) -> str:
    return path.relative_to(SRC).as_posix()


@pytest.mark.parametrize("path", files("_kernels", "_stats"), ids=name_of)
def test_kernels_and_statistics_see_arrays_only(path):
    for name in imports(path, while_typing=True):
        allowed = name.startswith(("marrowsig._kernels", "marrowsig._stats"))
        assert allowed or name.split(".")[0] in NUMBERS | STANDARD, name


@pytest.mark.parametrize("path", files("_kernels"), ids=name_of)
def test_kernels_do_not_know_statistics(path):
    assert "_stats" not in own(path)


@pytest.mark.parametrize("path", files("pl"), ids=name_of)
def test_plots_do_not_compute(path):
    assert not tops(path) & {"scipy", "statsmodels"}
    assert not own(path) & {"tl", "_stats", "_kernels", "pp", "io"}


@pytest.mark.parametrize("path", [f for f in FILES if part(f) not in TOP - {"_report"}], ids=name_of)
def test_nobody_imports_what_stands_above_all(path):
    assert not own(path) & (TOP - {"_report"})
    assert part(path) == "_report" or "_report" not in own(path)


@pytest.mark.parametrize("path", files("io", "sig", "ds", "_genes", "_gene_ids", "_gene_dates"), ids=name_of)
def test_readers_and_signatures_know_no_analysis(path):
    assert not own(path) & {"tl", "pl", "qc", "pp", "get", "methods", "_kernels", "_stats", "_view"}


@pytest.mark.parametrize("path", files("sig"), ids=name_of)
def test_signatures_know_no_matrices(path):
    assert not own(path) & {"io", "ds"}
    assert not tops(path) & {"anndata", "scanpy"}


@pytest.mark.parametrize(
    "path", files("tl", "qc", "pp", "get", "methods", "_sets", "_view", "design"), ids=name_of
)
def test_tools_do_not_plot(path):
    assert "pl" not in own(path)
    assert not tops(path) & {"matplotlib", "seaborn"}


@pytest.mark.parametrize("path", files("_errors", "_log", "_paths", "_version", "_provenance"), ids=name_of)
def test_the_ground_floor_stands_alone(path):
    assert own(path) <= {"_errors", "_log", "_paths", "_version", "_provenance"}


@pytest.mark.parametrize("path", [f for f in FILES if f.name != "_progress.py"], ids=name_of)
def test_every_bar_is_made_in_one_place(path):
    assert "tqdm" not in tops(path), "use marrowsig._progress, which ms.log(progress=False) silences"


def test_the_parts_are_there():
    assert {"_kernels", "_stats", "io", "sig", "tl"} <= {part(f) for f in FILES}
