"""Rows of the terminal, of which those that ask the same of other cells stand in one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from marrowsig._cli.answered import SMALLEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Cells(NamedTuple):
    """What a row says, column by column, and in brackets behind it what else has to be known."""

    marks: str
    verdict: str
    p: str
    size: str
    what: str
    aside: str = ""


def aligned(rows: Sequence[Cells]) -> Iterator[str]:
    """Write rows in columns.

    >>> list(aligned([Cells("*", "supported", "0.01", "0.2", "EMT"), Cells(" ", "open", "-", "0.35", "IL6")]))
    ['* supported 0.01 0.2  EMT', '  open      -    0.35 IL6']
    """
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(4)]
    for row in rows:
        cells = [text.ljust(n) for text, n in zip(row[:4], widths, strict=True)]
        yield " ".join([*cells, f"{row.what}{row.aside}"])


def together(rows: Iterable[Cells]) -> Iterator[str]:
    """Write rows of one question and verdict in one line: sizes, each with its marks, and p from 0.0001 up.

    >>> one = Cells("* ", "supported", "0.01", "0.2 [0.1, 0.3]", "EMT rises (a)", " (2 pairs)")
    >>> list(together([one]))
    ['  supported EMT rises (a): *0.2 [0.1, 0.3], adj. p 0.01 (2 pairs)']
    >>> two = one._replace(marks="  ", p="< 0.0001", what="EMT rises (b)", aside="")
    >>> list(together([one, two]))
    ['  supported EMT rises: *0.2, adj. p 0.01 (a, 2 pairs), 0.2 (b)']
    """
    found: dict[tuple[str, str], list[Cells]] = {}
    for row in rows:
        found.setdefault((row.verdict, _split(row.what)[0]), []).append(row)
    width = max((len(verdict) for verdict, _ in found), default=0)
    for (verdict, what), own in found.items():
        if len(own) == 1:
            said = f"{own[0].what}: {_found(own[0], own[0].size)}{own[0].aside}"
        else:
            sizes = (f"{_found(row, row.size.split(' [')[0])} ({_where(row)})" for row in own)
            said = f"{what}: {', '.join(sizes)}"
        yield f"  {verdict:{width}} {said}"


def _found(row: Cells, size: str) -> str:
    p = "" if row.p in (SMALLEST, "-") else f", adj. p {row.p}"
    return f"{row.marks.replace(' ', '')}{size}{p}"


def _where(row: Cells) -> str:
    return _split(row.what)[1] + re.sub(r"^ \((.*)\)$", r", \1", row.aside)


def _split(what: str) -> tuple[str, str]:
    """Tell a question from its cells and drug, which stand in brackets."""
    found = re.fullmatch(r"(.*) \(([^()]*)\)", what)
    return (found[1], found[2]) if found else (what, "")
