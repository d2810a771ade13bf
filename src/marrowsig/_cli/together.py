"""Rows of the terminal, of which those that ask the same of other cells stand in one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from marrowsig._cli.answered import SMALLEST
from marrowsig._in_brackets import parted
from marrowsig.tl._claims_asked import WORDS

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

    What is asked of several programmes is one question.

    >>> one = Cells("* ", "supported", "0.01", "0.2 [0.1, 0.3]", "EMT rises (a)", " (2 pairs)")
    >>> list(together([one]))
    ['  supported EMT rises (a): *0.2 [0.1, 0.3], adj. p 0.01 (2 pairs)']
    >>> two = one._replace(marks="  ", p="< 0.0001", what="EMT rises (b)", aside="")
    >>> list(together([one, two]))
    ['  supported EMT rises: *0.2, adj. p 0.01 (a, 2 pairs), 0.2 (b)']
    >>> list(together([one, two._replace(what="The IL-6 response rises (b)")]))
    ['  supported rises: EMT *0.2, adj. p 0.01 (a, 2 pairs); the IL-6 response 0.2 (b)']
    """
    found: dict[tuple[str, str], dict[str, list[Cells]]] = {}
    for row in rows:
        form, programme = _programme(parted(row.what)[0])
        found.setdefault((row.verdict, form), {}).setdefault(programme, []).append(row)
    width = max((len(verdict) for verdict, _ in found), default=0)
    for (verdict, form), of in found.items():
        every = [row for own in of.values() for row in own]
        if len(every) == 1:
            said = f"{every[0].what}: {_found(every[0], every[0].size)}{every[0].aside}"
        elif len(of) == 1:
            said = f"{parted(every[0].what)[0]}: {_sizes(every)}"
        else:
            said = f"{form}: {'; '.join(f'{what} {_sizes(own)}' for what, own in of.items())}"
        yield f"  {verdict:{width}} {said}"


def _sizes(rows: Iterable[Cells]) -> str:
    """Give sizes without their intervals, each with its cells where it has some."""
    told = ((_found(row, row.size.split(" [")[0]), _where(row)) for row in rows)
    return ", ".join(f"{size} ({where})" if where else size for size, where in told)


def _programme(what: str) -> tuple[str, str]:
    """Part a question from the programme that it is asked of.

    >>> _programme("The IL-6 response rises in stroma in co-culture"), _programme("IL6 rises")
    (('rises in stroma in co-culture', 'the IL-6 response'), ('IL6 rises', ''))
    """
    for word in WORDS.values():
        place = what.lower().find(word.lower())
        if place >= 0:
            return " ".join(f"{what[:place]} {what[place + len(word) :]}".split()), word
    return what, ""


def _found(row: Cells, size: str) -> str:
    p = "" if row.p in (SMALLEST, "-") else f", adj. p {row.p}"
    return f"{row.marks.replace(' ', '')}{size}{p}"


def _where(row: Cells) -> str:
    return ", ".join(filter(None, [parted(row.what)[1], re.sub(r"^ \((.*)\)$", r"\1", row.aside)]))
