"""What kind of gene identifiers these are, and which approved symbol each one means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from marrowsig._gene_dates import iso_reading, named, read_date, symbols_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from marrowsig._genes import GeneTable

_ENSEMBL = re.compile(r"ENSGR?0*(\d{1,11})(?:\.\d+)?(?:_PAR_Y)?")
_MOUSE_ENSEMBL = re.compile(r"ENSMUSG\d{11}(?:\.\d+)?")
_OTHER_ENSEMBL = re.compile(r"ENS(?:[A-Z]{3,4})?[TGPE]\d{11}(?:\.\d+)?")
_NUMBER = re.compile(r"(\d+)(?:\.0)?")

# What a row may claim, best first: of two rows that lead to one symbol, the better claim gets it.
# A repaired date is a previous symbol once more, and claims no less than one.
RANK = {
    "approved": 0,
    "ensembl": 1,
    "entrez": 2,
    "ortholog": 3,
    "previous": 4,
    "date": 4,
    "alias": 5,
    "case": 6,
}
LEVELS = tuple(RANK)
PROBLEMS = ("ambiguous", "collision", "date_unrecoverable")


@dataclass(frozen=True, slots=True)
class Call:
    """One identifier, resolved: `name` is what the row is called; rows of one identifier share the `key`."""

    name: str
    status: str
    key: str
    note: str = ""


def strip_ensembl(name: str) -> str:
    """`ENSG00000136244.12` -> `ENSG00000136244`; also `_PAR_Y` and `ENSGR0...` copies; "" if it is none."""
    found = _ENSEMBL.fullmatch(name)
    return f"ENSG{int(found[1]):011d}" if found else ""


def shares(ids: Sequence[str], table: GeneTable) -> dict[str, float]:
    """Share of `ids` that look like each type; symbols and numbers only count when the tables hold them."""
    seen = dict.fromkeys(
        ("ensembl", "mouse_ensembl", "other_ensembl", "numeric", "entrez", "symbol", "mouse_symbol"), 0
    )
    folded = table.folded
    for name in ids:
        if number := _NUMBER.fullmatch(name):
            seen["numeric"] += 1
            seen["entrez"] += number[1] in table.entrez
        elif strip_ensembl(name):
            seen["ensembl"] += 1
        elif _MOUSE_ENSEMBL.fullmatch(name):
            seen["mouse_ensembl"] += 1
        elif _OTHER_ENSEMBL.fullmatch(name):
            seen["other_ensembl"] += 1
        elif name in table.approved:
            seen["symbol"] += 1
        elif name in table.mouse or name in table.mouse_old:
            seen["mouse_symbol"] += 1
        else:
            seen["symbol"] += any(name.casefold() in level for level in folded)
    return {kind: count / max(len(ids), 1) for kind, count in seen.items()}


def resolve(ids: Sequence[str], id_type: str, table: GeneTable) -> list[Call]:
    """Resolve every identifier; no two different identifiers ever get the same approved symbol."""
    names = list(dict.fromkeys(ids))
    once = dict(zip(names, resolve_each(names, id_type, table), strict=True))
    calls = [_own(once[name], row) for row, name in enumerate(ids)]
    return _settle(calls)


def resolve_each(ids: Iterable[str], id_type: str, table: GeneTable) -> list[Call]:
    """Resolve every identifier by itself: several may lead to one symbol."""
    listed = list(ids)
    one = _resolver(listed, id_type, table)
    return [one(name) for name in listed]


def _resolver(ids: Sequence[str], id_type: str, table: GeneTable) -> Callable[[str], Call]:
    iso = iso_reading(dict.fromkeys(ids))
    if id_type in ("mouse_symbol", "mouse_ensembl"):
        return partial(_mouse, table=table, iso=iso)
    return partial(_human, table=table, iso=iso, numbers_are_entrez=id_type == "entrez")


def _human(name: str, *, table: GeneTable, iso: str, numbers_are_entrez: bool) -> Call:
    if not name:
        return Call("", "missing", "")
    if stable := strip_ensembl(name):
        symbol = table.ensembl.get(stable)
        return Call(symbol, "ensembl", stable) if symbol else Call(stable, "unknown", stable, "not in HGNC")
    if numbers_are_entrez and (number := _NUMBER.fullmatch(name)):
        symbol = table.entrez.get(number[1])
        key = f"entrez:{number[1]}"
        return Call(symbol, "entrez", key) if symbol else Call(number[1], "unknown", key, "not in HGNC")
    if name in table.approved:
        return Call(name, "approved", name)
    return _date(name, table, iso) or _old_symbol(name, table)


def _old_symbol(name: str, table: GeneTable) -> Call:
    for level, names in (("previous", table.previous), ("alias", table.alias)):
        if targets := names.get(name):
            return _pick(name, targets, level, f"{level} symbol")
    for names, what in zip(table.folded, ("approved", "previous", "alias"), strict=True):
        if targets := names.get(name.casefold()):
            return _pick(name, targets, "case", f"{what} symbol in another case")
    return Call(name, "unknown", name, "not in HGNC")


def _pick(name: str, targets: tuple[str, ...], status: str, note: str) -> Call:
    if len(targets) == 1:
        return Call(targets[0], status, name, note)
    return Call(name, "ambiguous", name, f"{note} of {', '.join(targets)}")


def _date(name: str, table: GeneTable, iso: str) -> Call | None:
    seen = read_date(name, iso=iso)
    if seen is None:
        return None
    targets = symbols_of(seen, table)
    if len(targets) == 1:
        return Call(targets[0], "date", name, "symbol that a spreadsheet turned into a date")
    what = named(seen, table, iso)
    return Call(name, "date_unrecoverable", name, f"date made by a spreadsheet: {what}")


def _mouse(name: str, *, table: GeneTable, iso: str) -> Call:
    if not name:
        return Call("", "missing", "")
    note = f"no one-to-one human orthologue in the table of {table.mouse_date}"
    if _MOUSE_ENSEMBL.fullmatch(name):
        stable = name.split(".", maxsplit=1)[0]
        symbol = table.mouse_ensembl.get(stable)
        return Call(symbol, "ortholog", stable) if symbol else Call(stable, "no_ortholog", stable, note)
    if symbol := table.mouse.get(name):
        return Call(symbol, "ortholog", name)
    if now := table.mouse_old.get(name):
        return Call(table.mouse[now], "previous", name, f"mouse symbol before {now}")
    return _date(name, table, iso) or Call(name, "no_ortholog", name, note)


def _own(call: Call, row: int) -> Call:
    """Rows without a name, or with the same damaged name, are different genes: each gets its own key."""
    if call.status in {"missing", "date", "date_unrecoverable"}:
        return Call(call.name, call.status, f"{call.key} row {row}", call.note)
    return call


def _settle(calls: list[Call]) -> list[Call]:
    """Give each symbol to the one identifier with the best claim; the others keep their own name."""
    claims: dict[str, dict[str, int]] = {}
    for call in calls:
        if call.status in LEVELS:
            claims.setdefault(call.name, {})[call.key] = RANK[call.status]
    contested = {symbol: keys for symbol, keys in claims.items() if len(keys) > 1}
    return [_lose(call, contested.get(call.name)) for call in calls] if contested else calls


def _lose(call: Call, keys: dict[str, int] | None) -> Call:
    if keys is None or call.status not in LEVELS:
        return call
    best = min(keys.values())
    winners = [key for key, level in keys.items() if level == best]
    if winners == [call.key]:
        return call
    own = call.key.split(" row ")[0].removeprefix("entrez:")
    if call.status == "date" and len(winners) > 1:
        return Call(own, "date_unrecoverable", call.key, f"several rows could be {call.name}")
    rival = winners[0].split(" row ")[0] if len(winners) == 1 else "another row"
    has = "has its own row" if rival == call.name else f"is also claimed by {rival}"
    return Call(own, "collision", call.key, f"means {call.name}, which {has}")
