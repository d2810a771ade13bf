"""What a signature is called in words, for the title of a figure that goes into a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._provenance import recall

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anndata import AnnData


def signature_names(
    adata: AnnData, ids: Iterable[str], *, method: str, labels: Mapping[str, str] | None
) -> dict[str, str]:
    """Name each by `labels`, else by the title of the signature that was scored, else by its id."""
    from marrowsig.sig._load import of_ids

    wanted, own = list(ids), labels or {}
    record = recall(adata, "scores", {}).get(method, {}).get("signatures")
    given = {} if record is None or "title" not in record else dict(record[["id", "title"]].to_numpy())
    known = {} if record is None or "sha256" not in record else dict(record[["id", "sha256"]].to_numpy())
    titles = {id: title for id, title in given.items() if isinstance(title, str) and title}
    titles |= {
        id: sig.title for id, sig in of_ids(wanted).items() if known.get(id) == sig.sha256 and sig.title
    }
    return {id: own.get(id, titles.get(id, id)) for id in wanted}
