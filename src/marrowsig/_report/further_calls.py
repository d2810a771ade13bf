"""Calls of further results, with the arguments that their tables show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._calls import folded

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from marrowsig._report.elements import Given


def further(given: Given) -> list[str]:
    """Lines that make the further results again, in the order of the page."""
    made = ((name, write) for name, write in CALLS.items() if name in given.extras)
    return [write(given.extras[name]) for name, write in made]


def _line(name: str, verb: str, *arguments: str, of: str = "adata") -> str:
    return folded(f"{name} = ms.{verb}(", [of, *filter(None, arguments)])


def _levels(table: pd.DataFrame, column: str) -> list[str]:
    """Values of a column in the order of the table."""
    return list(dict.fromkeys(table[column].astype(str))) if column in table else []


def _asked(table: pd.DataFrame, *columns: str) -> list[str]:
    """Arguments that name the values of columns; `argument:column` where they have two names."""
    parts = (column.partition(":") for column in columns)
    return [_said(name, _levels(table, of or name)) for name, _, of in parts]


def _said(name: str, values: list[str]) -> str:
    if not values:
        return ""
    one = len(values) == 1 and name != "signatures"
    return f"{name}={(values[0] if one else values)!r}"


def _alpha(table: pd.DataFrame) -> str:
    alpha = float(table.attrs.get("alpha", 0.05))
    return "" if alpha == 0.05 else f"alpha={alpha:g}"


def _rescue(found: pd.DataFrame) -> str:
    asked = found.dropna(subset="margin") if "margin" in found else found.iloc[:0]
    margins = dict(zip(asked["method"].astype(str), asked["margin"].tolist(), strict=True))
    margin = f"margin={margins!r}" if margins else ""
    own = _asked(found, "method", "signatures:signature")
    return _line("rescue", "tl.rescue", "design", *own, margin, _alpha(found))


def _chain(found: Any) -> str:
    names = found.steps.drop_duplicates("step").set_index("step")["name"].to_dict()
    steps = [f"{step}={name!r}" for step, name in names.items()]
    return _line("chain", "tl.chain", "design", *steps, f"method={found.params['method']!r}")


def _null(found: pd.DataFrame) -> str:
    signatures = _levels(found, "signature")
    return _line("null", "qc.null", repr(signatures), "design=design", *_asked(found, "method"))


def _cells(found: Any) -> str:
    given = found.table.attrs.get("given", {})
    more = [f"{name}={value!r}" for name, value in given.items()]
    own = _said("signatures", _levels(found.table, "signature"))
    return _line("by_cells", "tl.compare_cells", "design", own, *more, _alpha(found.table), of="cells")


def _multiverse(found: Any) -> str:
    asked = ("signatures:signature", "methods:method", "normalisations:normalisation", "tests:test")
    return _line("multiverse", "tl.multiverse", "design", *_asked(found.table, *asked))


def _table(name: str, verb: str, *columns: str) -> Callable[[pd.DataFrame], str]:
    def write(found: pd.DataFrame) -> str:
        return _line(name, verb, "design", *_asked(found, *columns), _alpha(found))

    return write


def _maturation(found: Any) -> str:
    return _line(
        "maturation", "qc.maturation", "design", *_asked(found.verdicts, "method", "signatures:signature")
    )


def _plain(name: str, verb: str) -> Callable[[Any], str]:
    return lambda _: _line(name, verb, "design")


CALLS: dict[str, Callable[[Any], str]] = {
    "rescue": _rescue,
    "stroma": lambda _: "stroma = ms.qc.stroma(adata, design)  # with the reference that was given",
    "chain": _chain,
    "genes": _plain("genes", "tl.genes"),
    "null": _null,
    "gene_sets": _table("gene_sets", "tl.gene_sets", "signatures:signature"),
    "sensitivity": _table("sensitivity", "tl.sensitivity", "method", "signatures:signature"),
    "cells": _cells,
    "multiverse": _multiverse,
    "claims": _plain("claims", "tl.claims"),
    "questions": lambda _: _line("questions", "tl.questions", "design", "claims=claims"),
    "maturation": _maturation,
}
"""What writes the call behind each argument of `ms.report`."""
