"""Genes of lists that do not come with the package, kept beside their scores."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from marrowsig.sig import Signature
from marrowsig.sig._load import hash_of

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMN = "list"
"""Column of the record of signatures that holds them, as text; empty where the catalogue has the genes."""
NEEDS = ("requires", "weights", "not_scored", "small")
"""What decides whether, and with which weights, a list is scored."""


def as_text(sig: Signature) -> str:
    """Write a list as text that a record can hold.

    Empty for one of the catalogue, and for one whose owner lets nobody pass it on, as a file with scores is
    given to others.
    """
    if hash_of(sig.id) == sig.sha256 or sig.source.get("redistribute") is False:
        return ""
    use = {name: sig.use[name] for name in NEEDS if name in sig.use}
    return json.dumps({"genes": sig.genes, "species": sig.species, "use": use}, default=str)


def kept(entry: Mapping[str, Any]) -> dict[str, Signature]:
    """Read the lists that the record of a method holds, by id: those whose genes are the scored ones."""
    rows = entry["signatures"]
    found = {}
    for row in rows.to_dict("records") if COLUMN in rows else ():
        text = row[COLUMN]
        if isinstance(text, str) and text:
            sig = Signature(row["id"], axis=row["axis"], title=row["title"], **json.loads(text))
            if sig.sha256 == row["sha256"]:
                found[sig.id] = sig
    return found
