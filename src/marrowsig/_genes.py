"""The shipped gene tables as dictionaries: HGNC symbols, and mouse genes with one human orthologue."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache, cached_property

from marrowsig._paths import resource


@dataclass(frozen=True, eq=False)
class GeneTable:
    """Symbols of one HGNC release, and where other names of a gene lead.

    `previous` and `alias` map a name to every approved symbol that carries it; more than one means that the
    name alone cannot say which gene is meant. `mouse` and `mouse_ensembl` lead to human symbols, `mouse_old`
    (names in Ensembl before they changed) to current mouse symbols.
    """

    date: str
    approved: frozenset[str]
    ensembl: dict[str, str]
    ensembl_of: dict[str, str]
    entrez: dict[str, str]
    previous: dict[str, tuple[str, ...]]
    alias: dict[str, tuple[str, ...]]
    mouse: dict[str, str]
    mouse_date: str
    mouse_ensembl: dict[str, str]
    mouse_old: dict[str, str]

    @cached_property
    def folded(self) -> tuple[dict[str, tuple[str, ...]], ...]:
        """Approved, previous and alias symbols by their lower-case spelling."""
        approved: dict[str, tuple[str, ...]] = {symbol: (symbol,) for symbol in self.approved}
        return _fold(approved), _fold(self.previous), _fold(self.alias)


@cache
def table() -> GeneTable:
    """Read the newest shipped tables, once per process."""
    date, human = _newest("hgnc")
    mouse_date, mouse = _newest("mouse")
    ids = _newest("mouse_ensembl")[1]
    orthologs = {row[0]: row[1] for row in mouse}
    previous: dict[str, list[str]] = {}
    alias: dict[str, list[str]] = {}
    symbols: list[str] = []
    ensembl: dict[str, str] = {}
    entrez: dict[str, str] = {}
    for symbol, old, other, ensembl_id, entrez_id in human:
        symbols.append(symbol)
        for name in filter(None, old.split("|")):
            previous.setdefault(name, []).append(symbol)
        for name in filter(None, other.split("|")):
            alias.setdefault(name, []).append(symbol)
        if ensembl_id:
            ensembl.setdefault(ensembl_id, symbol)
        if entrez_id:
            entrez.setdefault(entrez_id, symbol)
    return GeneTable(
        date=date,
        approved=frozenset(symbols),
        ensembl=ensembl,
        ensembl_of={symbol: ensembl_id for ensembl_id, symbol in ensembl.items()},
        entrez=entrez,
        previous=_targets(previous),
        alias=_targets(alias),
        mouse=orthologs,
        mouse_date=mouse_date,
        mouse_ensembl={gene: orthologs[now] for gene, now, _ in ids if now in orthologs},
        mouse_old={then: now for _, now, then in ids if then and now in orthologs and then not in orthologs},
    )


def _newest(kind: str) -> tuple[str, list[list[str]]]:
    folder = resource("data") / "genes"
    path = max((f for f in folder.iterdir() if f.name.startswith(f"{kind}-")), key=lambda f: f.name)
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    date = path.name.removeprefix(f"{kind}-").removesuffix(".tsv.gz")
    return date, [line.split("\t") for line in text.splitlines()[1:]]


def _targets(names: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(sorted(set(symbols))) for name, symbols in names.items()}


def _fold(names: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    folded: dict[str, set[str]] = {}
    for name, symbols in names.items():
        folded.setdefault(name.casefold(), set()).update(symbols)
    return {name: tuple(sorted(symbols)) for name, symbols in folded.items()}
