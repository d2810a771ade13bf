"""Titles of signatures, and contrasts in the levels of the design, which results keep for figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._contrasts import spelled
from marrowsig._provenance import recall

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

    from marrowsig.sig import Signature

KEY = "titles"
"""Where the `attrs` of a table hold them: a table alone knows ids, which other lists may bear."""
SHORT = {
    "Epithelial-mesenchymal transition (Hallmark)": "EMT (Hallmark)",
    "IL-6/JAK/STAT3 signalling (Hallmark)": "IL-6 response (Hallmark)",
    "IL-6/STAT3 response that interferon drives less": "JAK/STAT3 activity",
}
"""What figures call the usual signatures of the claims, in the words of these, in place of their titles."""
CONTRASTS = "contrasts"
"""Where they hold contrasts in words."""


def titles_scored(adata: AnnData, method: str | None = None) -> dict[str, str]:
    """Title of every signature that was scored, by id; those that have none, or several, are left out."""
    scores = recall(adata, "scores", {})
    entries = [scores.get(method, {})] if method is not None else scores.values()
    found: dict[str, set[str]] = {}
    for entry in entries:
        record = entry.get("signatures")
        if record is None or "id" not in record:
            continue
        own = record.reindex(columns=["id", "title", "sha256"])
        for id, title, sha in own.itertuples(index=False):
            told = title if isinstance(title, str) and title else _shipped(str(id), str(sha))
            found.setdefault(str(id), set()).add(told)
    return {id: next(iter(told)) for id, told in found.items() if len(told) == 1 and "" not in told}


def titles_of(sigs: Iterable[Signature]) -> dict[str, str]:
    """Title of each that has another one than its id."""
    return {sig.id: sig.title for sig in sigs if sig.title and sig.title != sig.id}


def in_words(contrasts: Iterable[object], design: object) -> dict[str, str]:
    """Each contrast by the levels of the design, without those that are called so already."""
    words = {name: spelled(name, design) for name in dict.fromkeys(map(str, contrasts))}
    return {name: told for name, told in words.items() if told != name}


def _shipped(id: str, sha: str) -> str:
    """Title of the signature of this package, where it is this very list."""
    from marrowsig.sig._load import hash_of, of_ids

    return of_ids([id])[id].title if sha and hash_of(id) == sha else ""
