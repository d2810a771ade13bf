"""What a fetched file says: its layout, the part that a recipe asks for, and current symbols."""

from __future__ import annotations

import csv
import math
import warnings
from io import StringIO
from typing import TYPE_CHECKING, Any

from marrowsig._errors import GeneWarning, SignatureError, first
from marrowsig.sig._damage import warn_damage
from marrowsig.sig._lists import from_gmt
from marrowsig.sig._words import UNMAPPED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from marrowsig.sig._recipes import Recipe

Rows = dict[str, dict[str, Any]]
Weights = dict[str, float]


def rows_of(recipe: Recipe, text: str, label: str) -> Rows:
    """Rows of the signature, by current symbol, as a signature file has them."""
    if text[:200].lstrip().lower().startswith(("<!doctype html", "<html")):
        raise _not_it(recipe, label, "it is a web page, perhaps a login")
    weights = _FORMATS[recipe.source["format"]](recipe, text, label)
    restore = recipe.source.get("restore", {})
    weights = {restore.get(gene, gene): w for gene, w in weights.items()}
    warn_damage(weights, label)
    return _current(weights, label)


def _not_it(recipe: Recipe, label: str, why: str) -> SignatureError:
    msg = f"{label} does not hold {recipe.name}: {why}. {recipe.by_hand}"
    return SignatureError(msg)


def _matrix(recipe: Recipe, text: str, label: str) -> Weights:
    """Genes in rows, one column per signal, parted by tabs; the first column may have no name."""
    lines = [line.split("\t") for line in text.splitlines() if line.strip()]
    head, body = (lines[0], lines[1:]) if lines else ([], [])
    names = head if body and len(body[0]) > len(head) else head[1:]
    column = recipe.own["column"]
    if column not in names:
        raise _not_it(recipe, label, f"it has no column {column!r} (seen: {first(names) or 'none'})")
    ragged = [number for number, line in enumerate(body, start=2) if len(line) != len(names) + 1]
    if ragged:
        raise _not_it(recipe, label, f"{len(ragged)} of its lines are cut off (line {first(ragged)})")
    place = names.index(column) + 1
    weights = {line[0]: _number(recipe, line[place], label) for line in body}
    weights = {gene: w for gene, w in weights.items() if w}
    top = recipe.own.get("top")
    if not top:
        return weights
    rising = sorted((gene for gene, w in weights.items() if w > 0), key=lambda g: (-weights[g], g))
    if len(rising) < top:
        raise _not_it(recipe, label, f"{len(rising)} genes rise, {top} are asked for")
    return {gene: weights[gene] for gene in rising[:top]}


def _net(recipe: Recipe, text: str, label: str) -> Weights:
    """Columns source, target, weight."""
    found: Weights = {}
    for row in _table(recipe, text, label, ("source", "target", "weight"), ","):
        if row["source"] == recipe.own["regulon"]:
            found.setdefault(row["target"], math.copysign(1, _number(recipe, row["weight"], label)))
    return _some(recipe, found, label)


def _omnipath(recipe: Recipe, text: str, label: str) -> Weights:
    """Interactions of OmniPath: a target counts as repressed where that is all, or what most say."""
    needed = (
        "source_genesymbol",
        "target_genesymbol",
        "is_stimulation",
        "is_inhibition",
        "consensus_stimulation",
    )
    found: Weights = {}
    for row in _table(recipe, text, label, needed, "\t"):
        if row["source_genesymbol"] != recipe.own["regulon"]:
            continue
        up, down, most = (row[k].strip().lower() in ("1", "true") for k in needed[2:])
        found.setdefault(row["target_genesymbol"], -1.0 if down and not (up and most) else 1.0)
    return _some(recipe, found, label)


def _gmt(recipe: Recipe, text: str, label: str) -> Weights:
    """One set, or a rising and a falling one."""
    sets = {entry.name: entry.genes for entry in from_gmt(text, label)}
    arms = {sign: recipe.own[arm] for arm, sign in (("up", 1.0), ("down", -1.0)) if arm in recipe.own}
    absent = [name for name in arms.values() if name not in sets]
    if absent:
        raise _not_it(recipe, label, f"it has no set {first(absent)} (seen: {first(sets)})")
    genes = {sign: set(sets[name]) for sign, name in arms.items()}
    both = genes[1.0] & genes.get(-1.0, set())
    return {g: sign for sign, name in arms.items() for g in sets[name] if g not in both}


_FORMATS = {"matrix": _matrix, "net": _net, "omnipath": _omnipath, "gmt": _gmt}


def _table(
    recipe: Recipe, text: str, label: str, needed: tuple[str, ...], delimiter: str
) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(StringIO(text), delimiter=delimiter)
    absent = [c for c in needed if c not in (reader.fieldnames or [])]
    if absent:
        why = f"it has no columns {first(absent)} (seen: {first(reader.fieldnames or []) or 'none'})"
        raise _not_it(recipe, label, why)
    for row in reader:
        if any(row[c] is None for c in needed):
            raise _not_it(recipe, label, f"line {reader.line_num} is cut off")
        yield row


def _some(recipe: Recipe, found: Weights, label: str) -> Weights:
    if not found:
        raise _not_it(recipe, label, f"it has no targets of {recipe.own['regulon']}")
    return found


def _number(recipe: Recipe, text: str, label: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _not_it(recipe, label, f"{text!r} is not a number")
    return value


def _current(weights: Weights, label: str) -> Rows:
    """Give every gene its approved symbol; where two name one gene, the approved one stays."""
    from marrowsig._genes import table

    genes = table()
    rows: Rows = {}
    lost = []
    for source, weight in sorted(weights.items(), key=lambda item: item[0] not in genes.approved):
        now = source if source in genes.approved else _only(genes.previous.get(source, ()))
        row: dict[str, Any] = {"w": weight}
        row |= {"status": UNMAPPED} if not now else {"id": genes.ensembl_of.get(now, "")}
        row |= {"source": source} if now != source else {}
        if (now or source) in rows:
            lost.append(f"{source} (= {now})")
        else:
            rows[now or source] = row
    if lost:
        what = (
            f"{label}: {len(lost)} old symbols stand beside the current one and are left out: {first(lost)}."
        )
        warnings.warn(what, GeneWarning, stacklevel=5)
    return {g: rows[g] for g in sorted(rows, key=lambda g: -rows[g]["w"])}


def _only(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else ""
