"""What the fields of a signature may hold: ids, symbols and weights."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from numbers import Real

from marrowsig._errors import SignatureError, first
from marrowsig.sig._words import AXES, ID, OTHER


def id_and_axis(id: str, axis: str | None) -> tuple[str, str]:
    """Id and axis, where the axis is left to the id."""
    if axis is not None or not isinstance(id, str):
        return id, axis or OTHER
    head, dot, _ = id.partition(".")
    return (id, head) if dot and head in AXES else (f"{OTHER}.{id}", OTHER)


def slug(name: str) -> str:
    """Write a name as ids have it."""
    return re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")


def check_id(id: str, axis: str) -> None:
    """Refuse an axis that is not known, and an id that does not start with it."""
    if axis not in AXES:
        msg = f"{id}: axis is {axis!r}. Use one of {', '.join(AXES)}."
        raise SignatureError(msg)
    found = ID.fullmatch(id) if isinstance(id, str) else None
    if found is None or found[1] != axis:
        msg = (
            f"Signature id {id!r} is not '{axis}.<name>' with lower-case letters, digits and underscores. "
            f"Use e.g. '{axis}.{slug(str(id).removeprefix(f'{axis}.')) or 'mine2026'}'."
        )
        raise SignatureError(msg)


def is_weight(value: object) -> bool:
    """Whether `value` is a finite number other than zero (and not a boolean)."""
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value) and value != 0


def weights_of(id: str, genes: Mapping[str, float] | Iterable[str]) -> dict[str, float]:
    """Weights by symbol, each 1 where only symbols are listed."""
    if isinstance(genes, str):
        msg = f"{id}: genes is one string. Give a list of symbols, or a table of symbol and weight."
        raise SignatureError(msg)
    listed = list(genes)
    _check_symbols(id, listed)
    if not isinstance(genes, Mapping):
        return dict.fromkeys(listed, 1.0)
    bad = [f"{g} = {w!r}" for g, w in genes.items() if not is_weight(w)]
    if bad:
        msg = f"{id}: weights must be finite numbers other than 0; {len(bad)} are not: {first(bad)}."
        raise SignatureError(msg)
    return {g: float(w) for g, w in genes.items()}


def among(weights: dict[str, float], said: Mapping[str, str] | None) -> dict[str, str]:
    """Only what is said of genes of this signature."""
    return {gene: text for gene, text in (said or {}).items() if gene in weights}


def _check_symbols(id: str, listed: list[str]) -> None:
    if not listed:
        msg = f"{id}: no genes. Give at least one symbol."
        raise SignatureError(msg)
    bad = [repr(g) for g in listed if not isinstance(g, str) or not g or g != g.strip()]
    if bad:
        msg = f"{id}: {len(bad)} gene symbols are empty, padded with blanks or not text: {first(bad)}."
        raise SignatureError(msg)
    if len(set(listed)) < len(listed):
        twice = sorted({g for g in listed if listed.count(g) > 1})
        msg = f"{id}: {len(twice)} genes are listed more than once: {first(twice)}. Keep each gene once."
        raise SignatureError(msg)
