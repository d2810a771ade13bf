"""What a signature file must look like, before any fact in it is checked."""

from __future__ import annotations

from typing import Any

from marrowsig.sig import _use as _use_of
from marrowsig.sig._signature_fields import is_weight
from marrowsig.sig._words import AXES, DIRECTIONS, FACTORS, ID, SCHEMA, STATUSES, UNMAPPED

Problem = tuple[str, str]
TEXTS = ("id", "title", "axis", "species", "status")
TABLES = ("source", "context", "use", "genes")
ROW = {"w": (int, float), "id": str, "source": str, "status": str, "why": str}


def problems(doc: dict[str, Any]) -> list[Problem]:
    """Every misshapen key of a parsed file, as (key, message)."""
    found: list[Problem] = []
    if doc.get("schema") != SCHEMA:
        found.append(("schema", f"is {doc.get('schema')!r}; write schema = {SCHEMA}"))
    found += [(k, f"unknown key; known: {', '.join(('schema', *TEXTS, *TABLES))}") for k in _unknown(doc)]
    found += [(k, "text is missing or empty") for k in TEXTS if not _is_text(doc.get(k))]
    found += [(k, "is not a table") for k in TABLES if k in doc and not isinstance(doc[k], dict)]
    return found + _words(doc) + _use(doc.get("use", {})) + _genes(doc)


def _unknown(doc: dict[str, Any]) -> list[str]:
    return [k for k in doc if k not in {"schema", *TEXTS, *TABLES}]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _words(doc: dict[str, Any]) -> list[Problem]:
    found: list[Problem] = []
    axis, id = doc.get("axis"), str(doc.get("id") or "")
    if _is_text(axis) and axis not in AXES:
        found.append(("axis", f"is {axis!r}; use one of {', '.join(AXES)}"))
    if id.strip() and not ID.fullmatch(id):
        found.append(("id", f"{id!r} is not '<axis>.<name>' in lower case, digits and underscores"))
    elif id.strip() and axis in AXES and not id.startswith(f"{axis}."):
        found.append(("id", f"{id!r} does not begin with the axis {axis!r}"))
    if _is_text(doc.get("status")) and doc["status"] not in STATUSES:
        found.append(("status", f"is {doc['status']!r}; use one of {', '.join(STATUSES)}"))
    return found


def _use(use: object) -> list[Problem]:
    if not isinstance(use, dict):
        return []
    found: list[Problem] = []
    expect = use.get("expect", {})
    if not isinstance(expect, dict):
        return [("use.expect", "is not a table such as { coculture = 'up' }")]
    for factor, direction in expect.items():
        if factor not in FACTORS:
            found.append((f"use.expect.{factor}", f"unknown factor; use one of {', '.join(FACTORS)}"))
        if direction not in DIRECTIONS:
            found.append((f"use.expect.{factor}", f"is {direction!r}; use one of {', '.join(DIRECTIONS)}"))
    overlaps = use.get("overlaps", [])
    if not isinstance(overlaps, list) or not all(isinstance(o, str) for o in overlaps):
        found.append(("use.overlaps", "is not a list of signature ids"))
    if not isinstance(use.get("small", False), bool):
        found.append(("use.small", "is neither true nor false"))
    return found + _use_of.shape_problems(use)


def _genes(doc: dict[str, Any]) -> list[Problem]:
    genes = doc.get("genes", {})
    if not isinstance(genes, dict):
        return []
    found = [p for symbol, row in genes.items() for p in _row(symbol, row)]
    source = doc.get("source")
    shared = source.get("redistribute", True) if isinstance(source, dict) else True
    if shared is not True and shared is not False:
        found.append(("source.redistribute", "is neither true nor false"))
    if shared is False and genes:
        found.append(("genes", "must be left out where source.redistribute = false"))
    elif shared is True and not genes:
        found.append(("genes", "no genes; add one line per gene: SOCS3 = { w = 1.0 }"))
    return found


def _row(symbol: str, row: object) -> list[Problem]:
    key = f"genes.{symbol}"
    if not isinstance(row, dict):
        return [(key, f"is not a table; write {symbol} = {{ w = 1.0 }}")]
    if not symbol or symbol != symbol.strip():
        return [(key, "symbol is empty or padded with blanks")]
    if "w" not in row:
        tail = next((k for k, v in row.items() if isinstance(v, dict)), None)
        hint = f'; quote a symbol with a dot: "{symbol}.{tail}"' if tail is not None else ""
        return [(key, f"no weight 'w'{hint}")]
    found = [(f"{key}.{k}", f"unknown key; known: {', '.join(ROW)}") for k in row if k not in ROW]
    if not is_weight(row["w"]):
        found.append((f"{key}.w", f"is {row['w']!r}; a weight is a finite number other than 0"))
    found += [
        (f"{key}.{k}", "is not text")
        for k in ("id", "source", "status", "why")
        if not isinstance(row.get(k, ""), str)
    ]
    if row.get("status", UNMAPPED) != UNMAPPED:
        found.append((f"{key}.status", f"is {row['status']!r}; the only word here is {UNMAPPED!r}"))
    return found
