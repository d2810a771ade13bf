"""Long tables, one row per signature and gene, to signatures."""

from __future__ import annotations

import csv
from io import StringIO

from marrowsig._errors import SignatureError, first
from marrowsig.sig._damage import warn_damage, warn_swaps
from marrowsig.sig._lists import make_id
from marrowsig.sig._signature import Signature, is_weight

HEADS = (("source", "target"), ("signature", "gene"))


def from_long(text: str, axis: str | None, label: str) -> list[Signature]:
    """Columns source, target, weight (decoupler) or signature, gene, weight; no weight column means 1."""
    rows = csv.DictReader(StringIO(text), delimiter="\t" if "\t" in text.partition("\n")[0] else ",")
    head = [h.strip() for h in rows.fieldnames or []]
    rows.fieldnames = head
    pair = next((p for p in HEADS if set(p) <= set(head)), None)
    if pair is None:
        msg = (
            f"{label}: columns are {first(head)}. It needs source, target, weight or signature, gene, weight."
        )
        raise SignatureError(msg)
    weights: dict[str, dict[str, float]] = {}
    for row in rows:
        where = f"{label}: line {rows.line_num}"
        name, gene = (str(row[c] or "").strip() for c in pair)
        if not name or not gene:
            msg = f"{where}: {pair[0]} or {pair[1]} is empty."
            raise SignatureError(msg)
        weight = _number(row["weight"], where) if "weight" in head else 1.0
        if weights.setdefault(name, {}).setdefault(gene, weight) != weight:
            msg = f"{where}: {name} gives {gene} two weights. Keep one."
            raise SignatureError(msg)
    if not weights:
        msg = f"{label}: no rows below the header."
        raise SignatureError(msg)
    warn_damage((g for genes in weights.values() for g in genes), label)
    warn_swaps(weights, label)
    ids = {name: make_id(name, axis) for name in weights}
    if len(set(ids.values())) < len(ids):
        msg = f"{label}: two names give the same id: {first(sorted(ids))}. Rename one."
        raise SignatureError(msg)
    return [
        Signature(id, axis=id.partition(".")[0], genes=weights[name], title=name) for name, id in ids.items()
    ]


def _number(text: str | None, where: str) -> float:
    try:
        weight = float(text or "")
    except ValueError:
        weight = 0.0
    if not is_weight(weight):
        msg = f"{where}: weight is {text!r}; a weight is a finite number other than 0."
        raise SignatureError(msg)
    return weight
