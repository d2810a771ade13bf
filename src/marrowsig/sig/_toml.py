"""Signature files: TOML text to a document, a document to a Signature, and back."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from typing import Any

from marrowsig._errors import SignatureError
from marrowsig.sig import _shape
from marrowsig.sig._signature import Signature
from marrowsig.sig._words import SCHEMA, UNMAPPED

BARE = re.compile(r"[A-Za-z0-9_-]+")


def loads(text: str, label: str) -> dict[str, Any]:
    """Parse TOML; a syntax error names `label`."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        msg = f"{label}: toml: {err}. A gene listed twice, or a symbol that needs quotes, does this."
        raise SignatureError(msg) from err


def from_doc(doc: dict[str, Any], label: str) -> Signature:
    """Build the signature that a parsed file describes."""
    found = _shape.problems(doc)
    if found:
        key, message = found[0]
        rest = f" {len(found) - 1} more problems: run ms.sig.check(path)." if len(found) > 1 else ""
        msg = f"{label}: {key}: {message}.{rest}"
        raise SignatureError(msg)
    genes = doc.get("genes", {})
    if not genes:
        where = doc["source"].get("where", "its source")
        msg = (
            f"{label}: {doc['id']} may not be redistributed, so its genes are not here. Fetch them: {where}."
        )
        raise SignatureError(msg)
    return Signature(
        doc["id"],
        **{k: doc[k] for k in ("axis", "title", "species", "status")},
        **{k: doc.get(k, {}) for k in ("source", "context", "use")},
        genes={g: row["w"] for g, row in genes.items()},
        ids={g: row["id"] for g, row in genes.items() if "id" in row},
        why={g: row["why"] for g, row in genes.items() if "why" in row},
        listed_as={g: row["source"] for g, row in genes.items() if "source" in row},
        unmapped=[g for g, row in genes.items() if row.get("status") == UNMAPPED],
    )


def to_doc(sig: Signature) -> dict[str, Any]:
    """Make the parsed form of the file that `sig` would be written to."""
    doc: dict[str, Any] = {"schema": SCHEMA}
    doc |= {k: getattr(sig, k) for k in ("id", "title", "axis", "species", "status")}
    doc |= {k: dict(getattr(sig, k)) for k in ("source", "context", "use") if getattr(sig, k)}
    doc["genes"] = {g: _row(sig, g) for g in sig.genes}
    return doc


def _row(sig: Signature, gene: str) -> dict[str, Any]:
    row: dict[str, Any] = {"w": sig.genes[gene]}
    extras = {"id": sig.ids, "source": sig.listed_as, "why": sig.why}
    row |= {k: table[gene] for k, table in extras.items() if gene in table}
    return row | ({"status": UNMAPPED} if gene in sig.unmapped else {})


def dumps(doc: dict[str, Any]) -> str:
    """TOML text: plain keys first, then one block per table, one line per entry."""
    plain = [f"{_key(k)} = {_value(v)}" for k, v in doc.items() if not isinstance(v, dict)]
    blocks = [
        "\n".join([f"[{_key(k)}]", *(f"{_key(i)} = {_value(x)}" for i, x in v.items())])
        for k, v in doc.items()
        if isinstance(v, dict)
    ]
    return "\n\n".join(["\n".join(plain), *blocks]) + "\n"


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(v) for v in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(k)} = {_value(v)}' for k, v in value.items())} }}" if value else "{}"
    msg = f"{value!r} ({type(value).__name__}) cannot stand in a signature file. Use text, numbers or dates."
    raise SignatureError(msg)
