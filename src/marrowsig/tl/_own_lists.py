"""Genes of lists that do not come with the package, kept beside their scores."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from marrowsig._errors import SignatureError
from marrowsig._provenance import recall
from marrowsig.sig import Signature, SignatureSet, as_set
from marrowsig.sig._load import hash_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData

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


def named(adata: AnnData, signatures: Any) -> SignatureSet:
    """Coerce to a SignatureSet as `ms.sig.as_set` does; lists that were scored are found by their ids, too.

    Raises
    ------
    SignatureError
        As `as_set`, and if an id was scored with other genes by another method.
    """
    if isinstance(signatures, str):
        return as_set(scored_as(adata, signatures) or signatures)
    if isinstance(signatures, list | tuple | set | frozenset):
        found = [scored_as(adata, one) or one if isinstance(one, str) else one for one in signatures]
        return as_set(found)
    return as_set(signatures)


def scored_as(adata: AnnData, id: str) -> Signature | None:
    """Find a list of one's own by the id with which it was scored; None of the catalogue, and if unknown."""
    if "." not in id or hash_of(id):
        return None
    found: dict[str, tuple[str, Signature]] = {}
    for method, entry in recall(adata, "scores", {}).items():
        sig = kept(entry).get(id)
        if sig is not None:
            found.setdefault(sig.sha256, (method, sig))
    if len(found) > 1:
        methods = " and ".join(method for method, _ in found.values())
        msg = f"{id} was scored with other genes by {methods}. Pass the Signature itself, not its id."
        raise SignatureError(msg)
    return next((sig for _, sig in found.values()), None)
