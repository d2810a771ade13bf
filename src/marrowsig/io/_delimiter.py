"""How a text table is laid out: delimiter, decimal mark, header, comment lines."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from marrowsig._errors import InputError
from marrowsig._genes import table
from marrowsig.io._title_row import remarks_below, titles_above, told_titles

_LINES = 30
_DECIMAL = re.compile(r"-?\d+,\d+")
_ONLY_DECIMAL = re.compile(rb"(?<![\d.,])(?:0|\d{4,}),\d{3}(?![\d,])")
_QUOTED_DECIMAL = re.compile(rb'"-?(?:0|\d{4,}),\d{3}"')
_MOST_QUOTED = 0.2  # of the cells between commas; fewer may be a column of notes
_POINT = re.compile(r"-?\d*\.\d+(?:[eE][+-]?\d+)?")
_GENE = re.compile(r"ENS[A-Z]*G\d{11}(?:\.\d+)?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")

# What heads the names of rows. R leaves this cell out; a short header that begins with one lacks another.
_CORNERS = {
    "gene", "genes", "geneid", "geneids", "genename", "genesymbol", "symbol", "ensembl", "ensemblid", "id",
    "idref", "probe", "probeid", "name", "feature", "sample", "samples", "sampleid",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read one text table; `header` has as many names as a row has cells."""

    separator: str
    decimal: str
    skip: int
    header: tuple[str, ...]
    decisions: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    """What is told of rows above and below the header."""


def layout(data: bytes, name: str) -> Layout:
    """Find the layout from the first lines.

    Raises
    ------
    InputError
        If no delimiter splits the lines into columns, or a comma may be a decimal or a thousands mark.
    """
    lines = _first_lines(data)
    skip = _comments(lines)
    body = [line for line in lines[skip:] if line.strip()]
    if not body:
        msg = f"{name} is not a matrix: it has no line besides comments."
        raise InputError(msg)
    if len(body) == 1:
        msg = f"{name} is not a matrix: it has one line only ({body[0][:80]!r})."
        raise InputError(msg)
    if body[0].startswith("N_unmapped"):
        msg = (
            f"{name} is STAR's ReadsPerGene table: one sample, counted unstranded, forward and reverse. "
            "Give the folder that holds those of all samples in place of one file."
        )
        raise InputError(msg)
    separator = _separator(body, name)
    rows = [_cells(line, separator) for line in body]
    above = titles_above(rows)
    if any(line.count('"') % 2 for line in body[:above]):  # a cell of two lines, which pandas skips as one
        above = 0
    titles, rows = rows[:above], rows[above:]
    below = remarks_below(body[above:], rows)
    remarks, rows = rows[1 : below + 1], [rows[0], *rows[below + 1 :]]
    decimal = _decimal_mark(rows[1:], separator, name, data)
    header, rest, notes = _header(rows, name)
    words = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}.get(separator, "blank")
    skipped = ((titles, "above"), (remarks, "below"))
    told = tuple(told_titles(texts, side) for texts, side in skipped if texts)
    notes = [f"delimiter is {words}", *told, *notes]
    if decimal == ",":
        notes.append("decimal comma")
    blank = [i for i, line in enumerate(lines[skip:]) if line.strip()][above + below]
    start = skip + blank + (1 if rest < len(rows) else 0)
    return Layout(separator, decimal, start, header, tuple(notes), told)


def _first_lines(data: bytes) -> list[str]:
    # Lines of a wide table are long: cut by line, never by bytes.
    lines: list[str] = []
    start = 0
    while len(lines) < _LINES and start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        lines.append(data[start:end].decode("utf-8").rstrip("\r"))
        start = end + 1
    return lines


def _comments(lines: list[str]) -> int:
    """Count leading `#` lines; a `#gene<TAB>s1` line with the width of the next is a header."""
    for i, line in enumerate(lines):
        if not line.lstrip('"').startswith(("#", "!")):
            return i
        after = lines[i + 1] if i + 1 < len(lines) else ""
        for mark in ("\t", ",", ";"):
            if not any(cell.strip() for cell in _cells(line, mark)[1:]):
                continue  # one comment, which a spreadsheet fills up with empty cells
            if line.count(mark) >= 1 and line.count(mark) == after.count(mark) and not after.startswith("#"):
                return i
    return 0


def _separator(body: list[str], name: str) -> str:
    best, score = "", 0
    for mark in ("\t", ";", ",", "|", " "):
        widths = [len(_cells(line, mark)) for line in body[1:] or body]
        same = max(set(widths), key=widths.count)
        if same > 1 and widths.count(same) >= 0.6 * len(widths) and same > score:
            best, score = mark, same
        if mark != " " and score > 1 and mark == best and mark in "\t;":
            break  # commas and blanks inside cells must not beat a clean tab or semicolon
    if not best:
        msg = (
            f"{name} is not a table: no tab, comma, semicolon or blank splits its lines into columns. "
            f"First line: {body[0][:80]!r}."
        )
        raise InputError(msg)
    return best


def _cells(line: str, separator: str) -> list[str]:
    return next(
        csv.reader(
            [line.strip(" ") if separator == " " else line],
            delimiter=separator,
            skipinitialspace=separator == " ",
        ),
        [],
    )


def _decimal_mark(rows: list[list[str]], separator: str, name: str, data: bytes) -> str:
    cells = [cell for row in rows for cell in row[1:200]]
    commas = [c for c in cells if _DECIMAL.fullmatch(c)]
    quoted = separator == ","
    if len(commas) <= (quoted * _MOST_QUOTED) * len(cells) or any(_POINT.fullmatch(c) for c in cells):
        return "."
    surely = _QUOTED_DECIMAL if quoted else _ONLY_DECIMAL  # no thousands mark follows these digits
    if all(len(c.split(",")[1]) == 3 for c in commas) and not surely.search(data):
        msg = (
            f"{name}: in {commas[0]!r} the comma may mark decimals or thousands. "
            "Export the table with a decimal point and no thousands mark."
        )
        raise InputError(msg)
    return ","


def _is_data(top: list[str]) -> bool:
    """Whether the first line already holds values; sample names may be whole numbers, gene names not."""
    if not all(_NUMBER.fullmatch(cell) for cell in top[1:]):
        return False
    if _GENE.fullmatch(top[0]) or any(_POINT.fullmatch(cell) for cell in top[1:]):
        return True
    if _NUMBER.fullmatch(top[0]):
        return top != [str(i) for i in range(len(top))]
    genes = table()
    return top[0] in genes.approved or top[0] in genes.previous


def _header(rows: list[list[str]], name: str) -> tuple[tuple[str, ...], int, list[str]]:
    """Column names, number of body rows among `rows`, and what was decided."""
    top, body = rows[0], rows[1:]
    width = max((len(r) for r in body), default=len(top))
    if len(top) >= width and len(top) > 1 and _is_data(top):
        names = ("", *(f"sample_{i}" for i in range(1, len(top))))
        return names, len(rows), [f"no header line, samples named {names[1]} onwards"]
    if {len(top) + 1} == {len(r) for r in body} and re.sub(r"[^a-z0-9]", "", top[0].lower()) in _CORNERS:
        msg = (
            f"{name}: the header has {len(top)} cells and begins with {top[0]!r}, the other lines have "
            f"{width}. One column has no name: put it into the header."
        )
        raise InputError(msg)
    if len(top) == width - 1:
        return ("", *top), len(body), ["header has no name for the first column (as R writes it)"]
    return (*top, *([""] * (width - len(top)))), len(body), []
