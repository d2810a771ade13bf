"""Which published list each main signature is, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._provenance import recall
from marrowsig._report import words
from marrowsig.sig._load import hash_of, of_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from anndata import AnnData


def lists(adata: AnnData, ids: Sequence[str]) -> list[tuple[str, str]]:
    """Id of each signature, and its list: title, where it stands, and how many genes it has."""
    entries: dict[str, Any] = recall(adata, "scores", {})
    scored = {
        str(row["id"]): row for entry in entries.values() for row in entry["signatures"].to_dict("records")
    }
    shipped, left = of_ids(ids), _absent(entries)
    return [
        (name, f"{_told(scored[name], shipped.get(name))}{left.get(name, '')}")
        for name in ids
        if name in scored
    ]


def _absent(entries: Mapping[str, Any]) -> dict[str, str]:
    """Say of lists of which genes are not in the matrix how many are."""
    rows = [row for e in entries.values() for row in e["coverage"].to_dict("records")]
    return {
        str(row["signature"]): f"; {row['found']} of {row['listed']} in the matrix"
        for row in rows
        if row["found"] < row["listed"]
    }


def own(ids: Sequence[str], adata: AnnData | None = None) -> list[str]:
    """Those that do not come with marrowsig; `adata` tells by their genes, without it only names do."""
    entries: dict[str, Any] = {} if adata is None else recall(adata, "scores", {})
    hashes = {
        str(row["id"]): row["sha256"] for e in entries.values() for row in e["signatures"].to_dict("records")
    }
    return [i for i in ids if not hash_of(i) or hashes.get(i, hash_of(i)) != hash_of(i)]


def claims_apart(claims: pd.DataFrame | None, shown: Iterable[str]) -> list[str]:
    """Name the lists that the claims were asked of and that are not `shown`; none without claims."""
    if claims is None or not {"signature", "estimate"} <= set(claims):
        return []
    ids, known = claims.loc[claims["estimate"].notna(), "signature"].astype(str), set(shown)
    return list(dict.fromkeys(i for i in ids if "." in i and i not in known))


def not_compared(claims: pd.DataFrame, compared: Iterable[str]) -> str:
    """Say which lists the claims were asked of, where these are not among the signatures `compared`.

    >>> import pandas as pd
    >>> own = pd.DataFrame({"signature": ["emt.hallmark", "IL6"], "estimate": [0.1, 1.2]})
    >>> not_compared(own, ["emt.hallmark", "other.mine"])
    ''
    >>> not_compared(own, ["other.mine"]).partition(":")[0]
    'The claims are asked of a list of the package (emt.hallmark), not of yours'
    """
    lists, others = claims_apart(claims, ()), claims_apart(claims, compared)
    if not others:
        return ""
    if len(others) < len(lists):
        return f"The claims are also asked of {words.listing(others)}, which was not named to be compared."
    what = "a list" if len(lists) == 1 else "lists"
    return (
        f"The claims are asked of {what} of the package ({words.listing(lists)}), not of yours: see "
        "signatures= of ms.tl.claims."
    )


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
