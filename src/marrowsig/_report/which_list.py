"""Which published list each main signature is, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._provenance import recall
from marrowsig._report import words
from marrowsig.sig._load import hash_of, of_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData


def lists(adata: AnnData, ids: Sequence[str]) -> list[tuple[str, str]]:
    """Id of each signature, and its list: title, where it stands, and how many genes it has."""
    entries: dict[str, Any] = recall(adata, "scores", {})
    scored = {
        str(row["id"]): row for entry in entries.values() for row in entry["signatures"].to_dict("records")
    }
    shipped = of_ids(ids)
    return [(name, _told(scored[name], shipped.get(name))) for name in ids if name in scored]


def own(ids: Sequence[str], adata: AnnData | None = None) -> list[str]:
    """Those that do not come with marrowsig; `adata` tells by their genes, without it only names do."""
    entries: dict[str, Any] = {} if adata is None else recall(adata, "scores", {})
    hashes = {
        str(row["id"]): row["sha256"] for e in entries.values() for row in e["signatures"].to_dict("records")
    }
    return [i for i in ids if not hash_of(i) or hashes.get(i, hash_of(i)) != hash_of(i)]


def _told(row: dict[str, Any], sig: Any) -> str:
    genes = words.count(int(row["n"]), "gene")
    if sig is None or sig.sha256 != row["sha256"]:
        return f"a list that does not come with marrowsig, {genes}{_ways(row)}"
    parents = list(sig.source.get("derived_from") or [])
    where = str(sig.source.get("where", ""))
    if parents:
        where = f"derived by marrowsig from {len(parents)} lists, by rules that stand in its file"
    return "; ".join(part for part in (sig.title, where, genes) if part)


def _ways(row: dict[str, Any]) -> str:
    """Say how many genes of a list rise and fall; records of earlier versions do not tell."""
    if "n_down" not in row:
        return ""
    n, down = int(row["n"]), int(row["n_down"])
    return f" ({words.count(n - down, 'rises', 'rise')}, {words.count(down, 'falls', 'fall')})"
