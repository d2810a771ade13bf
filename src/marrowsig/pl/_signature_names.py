"""What signatures are called in figures: by their titles, or by their ids where that is asked for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from marrowsig._titles import KEY, SHORT, titles_scored
from marrowsig.pl._words import filled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from anndata import AnnData

SHARE = 0.4  # of the width of a figure that names beside its rows may take
LINE = 2.9  # millimetres of each further line of a name
PAGE = 230.0  # millimetres above which rows are called by ids, which take one line
FEW = 12  # rows up to which names may have more than two lines, and rows stand far apart


def signature_names(
    adata: AnnData,
    ids: Iterable[str],
    *,
    method: str,
    labels: Mapping[str, str] | None,
    by_id: bool = False,
) -> dict[str, str]:
    """Name each by `labels`, else by the title of the signature that was scored, else by its id."""
    return _apart(list(ids), {} if by_id else titles_scored(adata, method), labels)


def names_in_table(
    rows: pd.DataFrame, *, labels: Mapping[str, str] | None = None, by_id: bool = False
) -> dict[str, str]:
    """Name the signatures of a result: by `labels`, by a short word or the title in its `attrs`, else by id.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"signature": ["il6.hallmark", "il6.mine"]})
    >>> names_in_table(table)
    {'il6.hallmark': 'il6.hallmark', 'il6.mine': 'il6.mine'}
    >>> table.attrs["titles"] = {"il6.hallmark": "IL-6/JAK/STAT3 signalling (Hallmark)"}
    >>> names_in_table(table)
    {'il6.hallmark': 'IL-6 response (Hallmark)', 'il6.mine': 'il6.mine'}
    """
    wanted = list(dict.fromkeys(map(str, rows["signature"])))
    return _apart(wanted, {} if by_id else rows.attrs.get(KEY, {}), labels)


def beside(called: Mapping[str, str], ids: Iterable[str], width: float) -> tuple[list[str], float]:
    """Break the names of rows to their share of a width; ids stand where that would make them too tall.

    The other number are the millimetres that further lines add to a row.
    """
    rows = list(map(str, ids))
    told = ["\n".join(filled(called[id], SHARE * width)) for id in rows]
    more = LINE * max((name.count("\n") for name in told), default=0)
    return (told, more) if close(len(rows), more, len(rows) * (3.2 + more)) else (rows, 0.0)


def close(rows: int, more: float, height: float) -> bool:
    """Whether rows with names of several lines fit onto a page and do not stand too far apart."""
    return not more or (height <= PAGE and (rows <= FEW or more <= LINE))


def rows_beside(
    rows: pd.DataFrame, width: float, *, by_id: bool, labels: Mapping[str, str] | None = None
) -> tuple[list[str], float]:
    """Name the rows of a result as `names_in_table` does, and break the names as `beside`."""
    return beside(names_in_table(rows, labels=labels, by_id=by_id), rows["signature"], width)


def _apart(ids: list[str], titles: Mapping[str, str], labels: Mapping[str, str] | None) -> dict[str, str]:
    """Give a title to those alone that share it with no other of the figure."""
    told = {id: SHORT.get(titles[id], titles[id]) for id in ids if titles.get(id)}
    seen, own = Counter(told.values()), labels or {}
    return {id: own.get(id, told[id] if seen[told.get(id, "")] == 1 else id) for id in ids}
