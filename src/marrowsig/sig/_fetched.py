"""What a fetched file says, under current symbols."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from marrowsig._errors import GeneWarning, first
from marrowsig.sig._damage import warn_damage
from marrowsig.sig._layouts import FORMATS, not_it
from marrowsig.sig._words import UNMAPPED

if TYPE_CHECKING:
    from marrowsig.sig._layouts import Weights
    from marrowsig.sig._recipes import Recipe

Rows = dict[str, dict[str, Any]]


def rows_of(recipe: Recipe, text: str, label: str) -> Rows:
    """Rows of the signature, by current symbol, as a signature file has them."""
    if text[:200].lstrip().lower().startswith(("<!doctype html", "<html")):
        raise not_it(recipe, label, "it is a web page, perhaps a login")
    weights = FORMATS[recipe.source["format"]](recipe, text, label)
    restore = recipe.source.get("restore", {})
    weights = {restore.get(gene, gene): w for gene, w in weights.items()}
    warn_damage(weights, label)
    return _current(weights, label)


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
