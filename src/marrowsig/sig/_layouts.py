"""The layouts of files that owners publish: the part that a recipe asks for, as weights by symbol."""

from __future__ import annotations

import csv
import math
from io import StringIO
from typing import TYPE_CHECKING

from marrowsig._errors import SignatureError, first
from marrowsig.sig._lists import from_gmt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from marrowsig.sig._recipes import Recipe

Weights = dict[str, float]


def not_it(recipe: Recipe, label: str, why: str) -> SignatureError:
    """Error of a file that does not hold what the recipe asks for."""
    msg = f"{label} does not hold {recipe.name}: {why}. {recipe.by_hand}"
    return SignatureError(msg)


def _matrix(recipe: Recipe, text: str, label: str) -> Weights:
    """Genes in rows, one column per signal, parted by tabs; the first column may have no name."""
    lines = [line.split("\t") for line in text.splitlines() if line.strip()]
    head, body = (lines[0], lines[1:]) if lines else ([], [])
    names = head if body and len(body[0]) > len(head) else head[1:]
    column = recipe.own["column"]
    if column not in names:
        raise not_it(recipe, label, f"it has no column {column!r} (seen: {first(names) or 'none'})")
    ragged = [number for number, line in enumerate(body, start=2) if len(line) != len(names) + 1]
    if ragged:
        raise not_it(recipe, label, f"{len(ragged)} of its lines are cut off (line {first(ragged)})")
    place = names.index(column) + 1
    weights = {line[0]: _number(recipe, line[place], label) for line in body}
    weights = {gene: w for gene, w in weights.items() if w}
    top = recipe.own.get("top")
    if not top:
        return weights
    rising = sorted((gene for gene, w in weights.items() if w > 0), key=lambda g: (-weights[g], g))
    if len(rising) < top:
        raise not_it(recipe, label, f"{len(rising)} genes rise, {top} are asked for")
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
        raise not_it(recipe, label, f"it has no set {first(absent)} (seen: {first(sets)})")
    genes = {sign: set(sets[name]) for sign, name in arms.items()}
    both = genes[1.0] & genes.get(-1.0, set())
    return {g: sign for sign, name in arms.items() for g in sets[name] if g not in both}


FORMATS = {"matrix": _matrix, "net": _net, "omnipath": _omnipath, "gmt": _gmt}


def _table(
    recipe: Recipe, text: str, label: str, needed: tuple[str, ...], delimiter: str
) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(StringIO(text), delimiter=delimiter)
    absent = [c for c in needed if c not in (reader.fieldnames or [])]
    if absent:
        why = f"it has no columns {first(absent)} (seen: {first(reader.fieldnames or []) or 'none'})"
        raise not_it(recipe, label, why)
    for row in reader:
        if any(row[c] is None for c in needed):
            raise not_it(recipe, label, f"line {reader.line_num} is cut off")
        yield row


def _some(recipe: Recipe, found: Weights, label: str) -> Weights:
    if not found:
        raise not_it(recipe, label, f"it has no targets of {recipe.own['regulon']}")
    return found


def _number(recipe: Recipe, text: str, label: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise not_it(recipe, label, f"{text!r} is not a number")
    return value
