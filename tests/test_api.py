"""Conventions that every public function keeps."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

import marrowsig as ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MENUS = ("ds", "get", "io", "methods", "pl", "pp", "qc", "sig", "tl")


def public() -> Iterator[tuple[str, Callable]]:
    yield "ms.log", ms.log
    yield "ms.report", ms.report
    yield "ms.methods_text", ms.methods_text
    yield "ms.Design", ms.Design
    yield "ms.batch", ms.batch
    yield "ms.Study", ms.Study
    for menu in MENUS:
        module = getattr(ms, menu)
        for name in module.__all__:
            thing = getattr(module, name)
            if callable(thing):
                yield f"ms.{menu}.{name}", thing


CASES = list(public())


@pytest.mark.parametrize(("name", "thing"), CASES, ids=[n for n, _ in CASES])
def test_conventions(name: str, thing: Callable) -> None:
    assert thing.__module__.startswith("marrowsig")
    doc = inspect.getdoc(thing) or ""
    assert doc.split("\n\n")[0].strip(), f"{name} has no docstring"
    assert ">>>" in doc, f"{name} has no runnable example"
    signature = inspect.signature(thing)
    kinds = [p.kind for p in signature.parameters.values()]
    assert inspect.Parameter.VAR_KEYWORD not in kinds, f"{name} takes **kwargs"
    positional = [k for k in kinds if k is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    most = 3 if name == "ms.report" else 2
    assert len(positional) <= most, f"{name} takes {len(positional)} positional arguments"
    if inspect.isfunction(thing):
        assert signature.return_annotation is not inspect.Signature.empty, f"{name} has no return type"


def test_files_are_short() -> None:
    from pathlib import Path
    from statistics import median

    sizes = {f.name: len(f.read_text().splitlines()) for f in Path(ms.__file__).parent.rglob("*.py")}
    assert max(sizes.values()) <= 350, {k: v for k, v in sizes.items() if v > 350}
    assert median(sizes.values()) <= 100
