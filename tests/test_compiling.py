"""Compiling is told of once, when it takes its time, and for our own functions only."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import marrowsig as ms
from marrowsig import _compiling


def event(module: str = "marrowsig._kernels.rows") -> SimpleNamespace:
    return SimpleNamespace(data={"dispatcher": SimpleNamespace(py_func=SimpleNamespace(__module__=module))})


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(_compiling, "perf_counter", lambda: now[0])
    return now


def test_it_is_said_once_after_a_second_of_compiling(clock, capsys) -> None:
    told = _compiling._listener()
    for second in (0.0, 0.6, 1.2, 1.4):  # four functions, one called by another
        clock[0] = second
        told.on_start(event())
        assert capsys.readouterr().err.count("code is compiled once") == (second == 1.2)
    for _ in range(4):
        told.on_end(event())
    assert (told.depth, told.spent) == (0, 1.4)


def test_time_between_short_ones_does_not_count(clock, capsys) -> None:
    told = _compiling._listener()
    for second in range(0, 20, 2):
        clock[0] = second
        told.on_start(event())
        clock[0] += 0.1
        told.on_end(event())
    assert told.spent == pytest.approx(1.0)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("module", "shown"), [("umap.layouts", True), ("marrowsig.methods", False)])
def test_functions_of_others_and_silence(clock, capsys, module, shown) -> None:
    told = _compiling._listener()
    ms.log("warning", progress=shown)
    try:
        for second in (0.0, 5.0):
            clock[0] = second
            told.on_start(event(module))
    finally:
        ms.log("warning")
    assert capsys.readouterr().err == ""
