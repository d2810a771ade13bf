"""Which part of the package may import which: read from the source with `ast`."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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
INSIDE = ("marrowsig._kernels", "marrowsig._stats")
FILES = sorted(SRC.rglob("*.py"))


def part(path: Path) -> str:
    """`tl` for src/marrowsig/tl/score.py, `get` for src/marrowsig/get.py."""
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def imports(path: Path, *, while_typing: bool = False) -> Iterator[str]:
    """Full names of imported modules, those inside functions too; not those for type checkers only."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    skipped: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.If) and not while_typing and "TYPE_CHECKING" in ast.dump(node.test):
            skipped |= {id(inner) for child in node.body for inner in ast.walk(child)}
    for node in nodes:
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


def wrong(paths: Iterable[Path], found: Callable[[Path], set[str]]) -> dict[str, set[str]]:
    """What was found in each file, by its name, where anything was; some files there have to be."""
    paths = list(paths)
    assert paths
    return {path.relative_to(SRC).as_posix(): names for path in paths if (names := found(path))}


def test_kernels_and_statistics_see_arrays_only():
    def others(path: Path) -> set[str]:
        outside = {n for n in imports(path, while_typing=True) if not n.startswith(INSIDE)}
        return {name for name in outside if name.split(".")[0] not in NUMBERS | STANDARD}

    assert wrong(files("_kernels", "_stats"), others) == {}


def test_kernels_do_not_know_statistics():
    assert wrong(files("_kernels"), lambda f: own(f) & {"_stats"}) == {}


def test_plots_do_not_compute():
    apart = {"tl", "_stats", "_kernels", "pp", "io"}
    assert wrong(files("pl"), lambda f: tops(f) & {"scipy", "statsmodels"} | own(f) & apart) == {}


def test_nobody_imports_what_stands_above_all():
    below = [f for f in FILES if part(f) not in TOP - {"_report"}]
    assert wrong(below, lambda f: own(f) & (TOP - {"_report"} if part(f) == "_report" else TOP)) == {}


def test_readers_and_signatures_know_no_analysis():
    apart = {"tl", "pl", "qc", "pp", "get", "methods", "_kernels", "_stats", "_view"}
    below = files("io", "sig", "ds", "_genes", "_gene_ids", "_gene_dates")
    assert wrong(below, lambda f: own(f) & apart) == {}


def test_signatures_know_no_matrices():
    matrices = {"anndata", "scanpy"}
    assert wrong(files("sig"), lambda f: own(f) & {"io", "ds"} | tops(f) & matrices) == {}


def test_tools_do_not_plot():
    tools = files("tl", "qc", "pp", "get", "methods", "_sets", "_view", "design")
    assert wrong(tools, lambda f: own(f) & {"pl"} | tops(f) & {"matplotlib", "seaborn"}) == {}


def test_the_ground_floor_stands_alone():
    ground = {"_errors", "_log", "_paths", "_version", "_provenance"}
    assert wrong(files(*ground), lambda f: own(f) - ground) == {}


def test_every_bar_is_made_in_one_place():
    """In marrowsig._progress, which ms.log(progress=False) silences."""
    others = [f for f in FILES if f.name != "_progress.py"]
    assert wrong(others, lambda f: tops(f) & {"tqdm"}) == {}


def test_the_kinds_that_are_counts_are_named_in_one_place():
    """In marrowsig._kinds; elsewhere in longer lists only."""

    def listed(path: Path) -> set[str]:
        kinds = (ast.Tuple, ast.List, ast.Set)
        nodes = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, kinds)]
        values = [{getattr(v, "value", None) for v in node.elts} for node in nodes]
        return {"counts"} if {"counts", "expected_counts"} in values else set()

    assert wrong(FILES, listed) == {"_kinds.py": {"counts"}}


def test_a_wrong_import_is_found():
    bar = [SRC / "_progress.py"]
    assert wrong(bar, lambda f: tops(f) & {"tqdm"}) == {"_progress.py": {"tqdm"}}


def test_the_parts_are_there():
    assert {"_kernels", "_stats", "io", "sig", "tl"} <= {part(f) for f in FILES}
