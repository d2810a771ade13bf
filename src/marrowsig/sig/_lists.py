"""Named gene lists (GMT, MSigDB JSON) to signatures: `_UP` and `_DN` become one signed signature."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from marrowsig._errors import GeneWarning, SignatureError, count, first
from marrowsig.sig._damage import warn_damage, warn_repeats, warn_swaps
from marrowsig.sig._signature import Signature
from marrowsig.sig._signature_fields import slug
from marrowsig.sig._words import ID, OTHER

GENE = re.compile(r"[A-Z][A-Z0-9-]+|C[\dXY]+orf\d+")
ARM = re.compile(r"(.+)_(UP|DN|DOWN)", re.IGNORECASE)


@dataclass(frozen=True)
class Listed:
    """A list as a file gives it; a gene may stand in it twice."""

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
        genes = [g for g in rest[1:] if g]
        if not name or not rest:
            msg = f"{label}: line {number} is not 'name<tab>description<tab>gene<tab>gene...': {line[:60]!r}."
            raise SignatureError(msg)
        found.append(Listed(name, genes, {"where": rest[0]} if rest[0] not in {"", "na", "NA"} else {}))
    _warn_descriptions(found, label)
    return found


def from_dict(given: Mapping[str, Any]) -> list[Listed]:
    """Take lists of genes by name, as gseapy and GSVA do."""
    bad = [f"{k}: {type(v).__name__}" for k, v in given.items() if not _is_list(v)]
    if bad:
        msg = f"signatures holds no lists of genes by name ({first(bad)}). Use {{'hypoxia': ['VEGFA', ...]}}."
        raise SignatureError(msg)
    return [Listed(str(k), [str(g).strip() for g in v]) for k, v in given.items()]


def _is_list(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def _warn_descriptions(lists: list[Listed], label: str) -> None:
    """Warn where a gene stands in the place of the description, and so is none of the list."""
    fields = {entry.name: entry.source.get("where", "") for entry in lists}
    looks = {n: text for n, text in fields.items() if GENE.fullmatch(text) and text.upper() not in n.upper()}
    if not looks:
        return
    from marrowsig._genes import table

    genes = [f"{text} of {name}" for name, text in looks.items() if text in table().approved]
    if genes:
        what = (
            f"{label}: {count(len(genes), 'list has', 'lists have')} a gene as description, the second "
            f"column, no part of its list: {first(genes)}. If there are no descriptions, put 'na' there."
        )
        warnings.warn(what, GeneWarning, stacklevel=5)


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
            [str(g).strip() for g in entry["geneSymbols"]],
            {ours: str(entry[theirs]) for theirs, ours in keys.items() if entry.get(theirs)},
        )
        for name, entry in doc.items()
    ]


def signatures(lists: list[Listed], axis: str | None, label: str) -> list[Signature]:
    """Join the arms and name each signature; an arm without its partner stays a list of its own."""
    if not lists:
        msg = f"{label}: no gene lists in it."
        raise SignatureError(msg)
    empty = [entry.name for entry in lists if not entry.genes]
    warn_repeats(((gene, entry.name) for entry in lists for gene in entry.genes), label)
    lists = [replace(entry, genes=list(dict.fromkeys(entry.genes))) for entry in lists if entry.genes]
    if not lists:
        msg = f"{label}: none of its lists has genes: {first(empty)}."
        raise SignatureError(msg)
    if empty:
        what = f"{label}: {count(len(empty), 'list without genes is', 'lists without genes are')} left out"
        warnings.warn(f"{what}: {first(empty)}.", GeneWarning, stacklevel=4)
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
    _refuse_one_id(found, label)
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
    """Return `name` if it is an id already, else `<axis>.<name>` in lower case; without an axis, `other`."""
    return name.lower() if ID.fullmatch(name.lower()) else f"{axis or OTHER}.{slug(name)}"


def _refuse_one_id(found: list[Signature], label: str) -> None:
    """Refuse names that differ only in case or signs, and so give the same id."""
    titles: dict[str, list[str]] = {}
    for sig in found:
        titles.setdefault(sig.id, []).append(sig.title)
    for id, names in titles.items():
        if len(names) > 1:
            msg = f"{label}: {' and '.join(map(repr, names))} give the same id, {id!r}. Rename one."
            raise SignatureError(msg)


def _refuse_repeats(names: list[str], label: str) -> None:
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        what, them = ("name occurs", "it") if len(twice) == 1 else ("names occur", "them")
        msg = f"{label}: {len(twice)} {what} more than once: {first(twice)}. Rename {them}."
        raise SignatureError(msg)
