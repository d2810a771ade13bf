"""What pytest has to know before it collects anything, examples in docstrings included."""

from __future__ import annotations

import gc
import logging
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SRC = Path(__file__).resolve().parent / "src"
# The workers fill the cores; threads of matrix products would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Workers are given the width of the terminal; what a run says is broken as where there is none.
os.environ.pop("COLUMNS", None)


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later collection of garbage: it stays to the end anyway.

    The others come less often, as each goes through all that tests of a file share.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(7000, 10, 30)
    gc.enable()


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Pass over source files without an example: to look through them takes seconds."""
    if collection_path.suffix != ".py" or not collection_path.is_relative_to(SRC):
        return None
    return True if ">>> " not in collection_path.read_text(encoding="utf-8") else None


def pytest_collect_file(file_path: Path) -> None:
    """Import the package of a file first; no garbage is collected until all files are read.

    Otherwise pytest, given `qc/cycle.py` alone, would put the module where the function `ms.qc.cycle` is.
    """
    gc.disable()
    if file_path.suffix == ".py" and file_path.is_relative_to(SRC):
        import_module(".".join(file_path.parent.relative_to(SRC).parts))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Take back what `ms.log` set, so that the next example prints what it says, and close its figures."""
    logger = logging.getLogger("marrowsig")
    before, level = list(logger.handlers), logger.level
    yield
    logger.handlers[:] = before
    logger.setLevel(level)
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
