"""What signatures are called in figures: by their titles, or by their ids where that is asked for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from marrowsig._provenance import recall
from marrowsig.pl._words import filled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anndata import AnnData

SHARE = 0.4  # of the width of a figure that names beside its rows may take
LINE = 2.9  # millimetres of each further line of a name
PAGE = 230.0  # millimetres above which rows are called by ids, which take one line


def signature_names(
    adata: AnnData,
    ids: Iterable[str],
    *,
    method: str,
    labels: Mapping[str, str] | None,
    by_id: bool = False,
) -> dict[str, str]:
    """Name each by `labels`, else by the title of the signature that was scored, else by its id."""
    wanted = list(ids)
    record = recall(adata, "scores", {}).get(method, {}).get("signatures")
    given = {} if record is None or "title" not in record else dict(record[["id", "title"]].to_numpy())
    known = {} if record is None or "sha256" not in record else dict(record[["id", "sha256"]].to_numpy())
    titles = {id: title for id, title in given.items() if isinstance(title, str) and title}
    titles |= {id: title for id, title in _shipped(wanted, known).items() if title}
    return _apart(wanted, {} if by_id else titles, labels)


def names_in_table(
    ids: Iterable[str], *, labels: Mapping[str, str] | None = None, by_id: bool = False
) -> dict[str, str]:
    """Name the signatures of a table, which holds ids alone: by `labels`, by the title of the package, or id.

    >>> names_in_table(["il6.hallmark", "il6.mine"])
    {'il6.hallmark': 'IL-6/JAK/STAT3 signalling (Hallmark)', 'il6.mine': 'il6.mine'}
    """
    wanted = list(dict.fromkeys(map(str, ids)))
    return _apart(wanted, {} if by_id else _shipped(wanted, None), labels)


def beside(called: Mapping[str, str], ids: Iterable[str], width: float) -> tuple[list[str], float]:
    """Break the names of rows to their share of a width; ids stand where the rows would not fit onto a page.

    The other number are the millimetres that further lines add to a row.
    """
    rows = list(map(str, ids))
    told = ["\n".join(filled(called[id], SHARE * width)) for id in rows]
    more = LINE * max((name.count("\n") for name in told), default=0)
    return (rows, 0.0) if more and len(rows) * (3.2 + more) > PAGE else (told, more)


def rows_beside(ids: Iterable[str], width: float, *, by_id: bool) -> tuple[list[str], float]:
    """Name the rows of a table as `names_in_table` does, and break the names as `beside`."""
    rows = list(map(str, ids))
    return beside(names_in_table(rows, by_id=by_id), rows, width)


def _shipped(ids: Iterable[str], hashes: Mapping[str, str] | None) -> dict[str, str]:
    from marrowsig.sig._load import of_ids

    found = of_ids(ids).items()
    return {id: sig.title for id, sig in found if hashes is None or hashes.get(id) == sig.sha256}


def _apart(ids: list[str], titles: Mapping[str, str], labels: Mapping[str, str] | None) -> dict[str, str]:
    """Give a title to those alone that share it with no other of the figure."""
    seen = Counter(titles[id] for id in ids if titles.get(id))
    own = labels or {}
    return {id: own.get(id, titles[id] if seen[titles.get(id, "")] == 1 else id) for id in ids}
