"""Identifiers that hold a symbol and a stable id in one: `SOCS3|9021` of TCGA, `ENSG00000184557.4_SOCS3`."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from marrowsig._gene_ids import strip_ensembl
from marrowsig._log import logger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marrowsig._genes import GeneTable

_STABLE = r"(?P<id>ENSG\d{11}(?:\.\d+)?)"
_FORMS = {
    "symbol|Entrez id": re.compile(r"(?P<symbol>[^|]+)\|(?P<id>\d+)"),
    "Ensembl id and symbol": re.compile(rf"{_STABLE}[_|:](?!PAR_Y$)(?P<symbol>.+)"),
    "symbol and Ensembl id": re.compile(rf"(?P<symbol>.+)[_|:]{_STABLE}"),
}
_HALF = 0.5


def parted(ids: Sequence[str], table: GeneTable) -> list[str]:
    """Go by the id of each, where most are joined: its Ensembl id, or the symbol of its Entrez id.

    Where the tables lack the id, or it stands beside several symbols, the symbol is taken, unless it stands
    in another row, too.
    """
    tried = {form: [pattern.fullmatch(name) for name in ids] for form, pattern in _FORMS.items()}
    form = max(tried, key=lambda form: sum(map(bool, tried[form])))
    found = tried[form]
    if sum(map(bool, found)) <= _HALF * len(ids):
        return list(ids)
    pairs = {(f["id"], f["symbol"]) for f in found if f}
    shared = {id for id, n in Counter(id for id, _ in pairs).items() if n > 1}
    means = [_symbol_of(f["id"], table) if f and f["id"] not in shared else "" for f in found]
    other = Counter(f["symbol"] for f, known in zip(found, means, strict=True) if f and not known)
    free = {s for s, n in other.items() if n == 1 and s in table.approved and s not in {*means, *ids}}
    logger.info("map_genes: names are %s, and were parted: %s, ...", form, ids[0])
    return [
        name if f is None else _one(name, f, known, free)
        for name, f, known in zip(ids, found, means, strict=True)
    ]


def _one(name: str, f: re.Match[str], known: str, free: set[str]) -> str:
    if known:
        return known if f["id"].isdigit() else f["id"]
    return f["symbol"] if f["symbol"] in free else name


def _symbol_of(id: str, table: GeneTable) -> str:
    return table.entrez.get(id, "") if id.isdigit() else table.ensembl.get(strip_ensembl(id), "")
