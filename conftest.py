"""What pytest has to know before it collects anything, examples in docstrings included."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

SRC = Path(__file__).resolve().parent / "src"


def pytest_collect_file(file_path: Path) -> None:
    """Import the package of a file first.

    Otherwise pytest, given `qc/cycle.py` alone, would put the module where the function `ms.qc.cycle` is.
    """
    if file_path.suffix == ".py" and file_path.is_relative_to(SRC):
        import_module(".".join(file_path.parent.relative_to(SRC).parts))
