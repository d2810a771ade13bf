"""Long tables, one row per signature and gene, to signatures."""

from __future__ import annotations

import csv
import re
from collections import Counter
from io import StringIO
from pathlib import Path

from marrowsig._errors import SignatureError, first
from marrowsig._genes import table
from marrowsig.sig._damage import warn_damage, warn_repeats, warn_swaps
from marrowsig.sig._direction import read_direction
from marrowsig.sig._lists import make_id
from marrowsig.sig._signature import Signature
from marrowsig.sig._signature_fields import is_weight
from marrowsig.sig._unread import refuse_unread_signs
from marrowsig.sig._words import AXES, ID

NAMES = ("source", "signature", "gs_name", "geneset", "gene_set", "gene set", "set", "term", "pathway")
GENES = ("target", "gene", "symbol", "gene_symbol", "gene symbol", "genesymbol")
DIRECTIONS = ("direction", "regulation", "sign")
EXAMPLE = (
    "Such as the lines 'gene,direction', 'VIM,up', 'CDH1,down'; a list of rising genes alone is one column: "
    "'gene', 'VIM', 'FN1'."
)
Row = dict[str, str | None]


def from_long(text: str, axis: str | None, label: str) -> list[Signature]:
    """Columns source, target, weight (decoupler) or signature, gene, weight or direction.

    A table of one signature may leave its name out: it is called as the file then. No weight column means 1.
    A column axis says the axis, where the names do not. A table of one column is a list of rising genes,
    with a heading or without.
    """
    text = _with_heading(text)
    rows: csv.DictReader[str] = csv.DictReader(StringIO(text), delimiter=_delimiter(text))
    head = [h.strip() for h in rows.fieldnames or []]
    rows.fieldnames = [h.lower() for h in head]
    target, direction = (_column(rows.fieldnames, own) for own in (GENES, DIRECTIONS))
    weighted = "weight" in rows.fieldnames
    lines = [(rows.line_num, row) for row in rows]
    source = _name_column(rows.fieldnames, [row for _, row in lines])
    if not target or (not source and not weighted and not direction and len(head) > 1):
        raise SignatureError(_unknown(head, label, target))
    weights: dict[str, dict[str, float]] = {}
    axes: dict[str, set[str]] = {}
    for line, row in lines:
        where = f"{label}: line {line}"
        name, gene = (_cell(row, source) if source else _called(label)), _cell(row, target)
        if not name or not gene:
            msg = f"{where}: {' or '.join(c for c in (source, target) if c)} is empty."
            raise SignatureError(msg)
        if "axis" in rows.fieldnames:
            axes.setdefault(name, set()).add(_cell(row, "axis").lower())
        weight = _weight(row, where, direction, weighted=weighted)
        if weights.setdefault(name, {}).setdefault(gene, weight) != weight:
            msg = f"{where}: {name} gives {gene} two weights. Keep one."
            raise SignatureError(msg)
    if not weights:
        msg = f"{label}: no rows below the header."
        raise SignatureError(msg)
    if all(weight > 0 for genes in weights.values() for weight in genes.values()):
        read = (source, target, direction, *(["weight"] if weighted else []))
        refuse_unread_signs([row for _, row in lines], head, read, label)
    warn_repeats(_repeated([row for _, row in lines], source, target, label), label)
    warn_damage((g for genes in weights.values() for g in genes), label)
    warn_swaps(weights, label)
    ids = {name: make_id(name, _stated(axes.get(name, set()), name, label) or axis) for name in weights}
    if len(set(ids.values())) < len(ids):
        known = list(ids.values())
        same = next(id for id in known if known.count(id) > 1)
        names = " and ".join(repr(name) for name, id in ids.items() if id == same)
        msg = f"{label}: {names} give the same id, {same!r}. Rename one."
        raise SignatureError(msg)
    return [
        Signature(id, axis=id.partition(".")[0], genes=weights[name], title=name) for name, id in ids.items()
    ]


def _repeated(rows: list[Row], source: str, target: str, label: str) -> list[tuple[str, str]]:
    """Gene and list of rows that are the same throughout; others, as of two Ensembl ids, are no slip."""
    n = Counter(map(str, rows))
    name = _called(label)
    return [(_cell(row, target), _cell(row, source) if source else name) for row in rows if n[str(row)] > 1]


def _name_column(head: list[str], rows: list[Row]) -> str:
    """Return the column that names the lists; empty without one.

    `source` is what decoupler calls it, beside `target`. Elsewhere it mostly says where all genes are from.
    """
    named = _column(head, NAMES[1:])
    if named or "source" not in head or "target" in head:
        return named or _column(head, NAMES[:1])
    values = {_cell(row, "source") for row in rows}
    return "source" if len(values) > 1 or all(ID.fullmatch(v.lower()) for v in values) else ""


def _called(label: str) -> str:
    """Name of a list without one: that of its file, or of the sheet of a workbook that was named."""
    file, _, sheet = label.partition(".xlsx#")
    return sheet or Path(file).stem


def _with_heading(text: str) -> str:
    """Put the heading `gene` above a list of one column, in the place of one that says something else."""
    lines = [line.strip().strip('"') for line in text.splitlines() if line.strip()]
    if not lines or lines[0].lower() in (*GENES, *NAMES) or any(c in line for line in lines for c in "\t,;"):
        return text
    known = table()
    names = (known.approved, known.previous, known.alias, *known.folded)
    is_gene = any(lines[0] in level or lines[0].casefold() in level for level in names)
    return "\n".join(["gene", *(lines if is_gene or len(lines) == 1 else lines[1:])])


def _stated(axes: set[str], name: str, label: str) -> str | None:
    """Return the axis that the table gives a signature; None without."""
    named = axes - {""}
    if not named:
        return None
    if len(named) > 1 or not named <= set(AXES):
        msg = f"{label}: the axis of {name!r} is {first(sorted(named))}. Use one of {', '.join(AXES)}."
        raise SignatureError(msg)
    return named.pop()


def _delimiter(text: str) -> str:
    head = text.partition("\n")[0]
    return next((c for c in "\t," if c in head), ";")


def _column(head: list[str], known: tuple[str, ...]) -> str:
    return next((name for name in known if name in head), "")


def _cell(row: Row, column: str) -> str:
    return str(row[column] or "").strip()


def _weight(row: Row, where: str, direction: str, *, weighted: bool) -> float:
    """Read the weight, the direction, or one with the sign of the other."""
    weight = _number(_cell(row, "weight"), where) if weighted else 1.0
    if not direction:
        return weight
    text = _cell(row, direction)
    sign = read_direction(text)
    if sign is None:
        msg = (
            f"{where}: {direction} is {text!r}. Write up or down (+ or -, 1 or -1, activated or repressed), "
            "and leave out genes that did not change; weights go into a column 'weight'."
        )
        raise SignatureError(msg)
    if weighted and weight < 0 < sign:
        msg = f"{where}: weight is {weight:g} and {direction} is {text!r}. Keep one of the two columns."
        raise SignatureError(msg)
    return sign * abs(weight)


def _number(text: str, where: str) -> float:
    sign = read_direction(text)
    try:
        weight = float(text) if sign is None else sign
    except ValueError:
        weight = 0.0
    if not is_weight(weight):
        msg = f"{where}: weight is {text!r}; a weight is a finite number other than 0, or up or down."
        raise SignatureError(msg)
    return weight


def _unknown(head: list[str], label: str, target: str) -> str:
    told = f"{label}: columns are {first(head)}."
    if not target:
        told += " It needs source, target, weight or signature, gene, weight, or gene, direction."
        return f"{told} {EXAMPLE}"
    if {h.lower() for h in head} == {target, "source"}:
        told += " 'source' is the same in all rows; call it 'signature' if it is the name of the list."
    changes = [h for h in head if re.fullmatch(r"(avg_?)?log_?2?_?(fc|fold_?change)", h.strip().lower())]
    what = f"rename {changes[0]!r} to 'weight'" if len(changes) == 1 else ""
    how = what or "name that column 'direction' (up or down) or 'weight'"
    alone = "A list of rising genes alone is a table with one column, 'gene'."
    return f"{told} Nothing says which genes rise and which fall: {how}. {alone}"
