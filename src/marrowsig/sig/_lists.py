"""Named gene lists (GMT, MSigDB JSON) to signatures: `_UP` and `_DN` become one signed signature."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import dataclass, field
from typing import Any

from marrowsig._errors import GeneWarning, SignatureError, first
from marrowsig.sig._damage import warn_damage, warn_swaps
from marrowsig.sig._signature import Signature
from marrowsig.sig._words import ID

ARM = re.compile(r"(.+)_(UP|DN|DOWN)", re.IGNORECASE)


@dataclass(frozen=True)
class Listed:
    """A list as a file gives it."""

    name: str
    genes: list[str]
    source: dict[str, Any] = field(default_factory=dict)


def from_gmt(text: str, label: str) -> list[Listed]:
    """Lines of name, description and genes, parted by tabs."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, *rest = (cell.strip() for cell in line.split("\t"))
        genes = list(dict.fromkeys(g for g in rest[1:] if g))
        if not name or not genes:
            msg = f"{label}: line {number} is not 'name<tab>description<tab>gene<tab>gene...': {line[:60]!r}."
            raise SignatureError(msg)
        found.append(Listed(name, genes, {"where": rest[0]} if rest[0] not in {"", "na", "NA"} else {}))
    return found


def from_json(text: str, label: str) -> list[Listed]:
    """MSigDB's JSON: set name to a table with `geneSymbols`."""
    try:
        doc = json.loads(text)
    except json.JSONDecodeError as err:
        msg = f"{label}: not JSON: {err}."
        raise SignatureError(msg) from err
    if not isinstance(doc, dict) or not all(isinstance(v, dict) and "geneSymbols" in v for v in doc.values()):
        msg = f'{label}: not MSigDB JSON, which looks like {{"SET": {{"geneSymbols": ["TP53", ...]}}}}.'
        raise SignatureError(msg)
    keys = {"msigdbURL": "where", "pmid": "pmid", "systematicName": "msigdb", "exactSource": "exact"}
    return [
        Listed(
            name,
            list(dict.fromkeys(str(g).strip() for g in entry["geneSymbols"])),
            {ours: str(entry[theirs]) for theirs, ours in keys.items() if entry.get(theirs)},
        )
        for name, entry in doc.items()
    ]


def signatures(lists: list[Listed], axis: str | None, label: str) -> list[Signature]:
    """Join the arms and name each signature; an arm without its partner stays a list of its own."""
    if not lists:
        msg = f"{label}: no gene lists in it."
        raise SignatureError(msg)
    _refuse_repeats([entry.name for entry in lists], label)
    warn_damage((g for entry in lists for g in entry.genes), label)
    warn_swaps({entry.name: entry.genes for entry in lists}, label)
    by_name = {entry.name.upper(): entry for entry in lists}
    found = []
    for entry in lists:
        up, down = _arms(entry, by_name)
        if entry is down:
            continue
        found.append(_plain(entry, axis) if down is None else _signed(up, down, axis, label))
    _refuse_repeats([sig.id for sig in found], label)
    return found


def _arms(entry: Listed, by_name: dict[str, Listed]) -> tuple[Listed, Listed | None]:
    arm = ARM.fullmatch(entry.name)
    if arm is None:
        return entry, None
    stem = arm[1].upper()
    up = by_name.get(f"{stem}_UP")
    down = by_name.get(f"{stem}_DN") or by_name.get(f"{stem}_DOWN")
    return (up, down) if up and down else (entry, None)


def _plain(entry: Listed, axis: str | None) -> Signature:
    id = make_id(entry.name, axis)
    return Signature(id, axis=id.partition(".")[0], genes=entry.genes, title=entry.name, source=entry.source)


def _signed(up: Listed, down: Listed, axis: str | None, label: str) -> Signature:
    both = [g for g in up.genes if g in set(down.genes)]
    if both:
        what = f"{label}: {len(both)} genes are in both arms of {up.name} and are left out: {first(both)}."
        warnings.warn(what, GeneWarning, stacklevel=5)
    weights = dict.fromkeys(up.genes, 1.0) | dict.fromkeys(down.genes, -1.0)
    stem = up.name[: -len("_UP")]
    id = make_id(stem, axis)
    genes = {g: w for g, w in weights.items() if g not in both}
    return Signature(id, axis=id.partition(".")[0], genes=genes, title=stem, source=up.source)


def make_id(name: str, axis: str | None) -> str:
    """Return `name` if it is an id already, else `<axis>.<name>` in lower case."""
    if ID.fullmatch(name.lower()):
        return name.lower()
    if axis is None:
        msg = f"{name!r} does not say its axis. Give axis='emt', 'il6', 'stat3', 'stat1' or 'control'."
        raise SignatureError(msg)
    return f"{axis}.{re.sub('[^a-z0-9]+', '_', name.lower()).strip('_')}"


def _refuse_repeats(names: list[str], label: str) -> None:
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        msg = f"{label}: {len(twice)} names occur more than once: {first(twice)}. Rename them."
        raise SignatureError(msg)
