"""What `marrowsig signatures` says of files of lists: how a run would read them."""

from __future__ import annotations

import shlex
import warnings
from typing import TYPE_CHECKING

from marrowsig._cli.read import warn
from marrowsig._errors import InputError, count, first

if TYPE_CHECKING:
    from pathlib import Path

    from marrowsig.sig import Signature, SignatureSet


def named(name: str) -> tuple[SignatureSet, SignatureSet | None]:
    """Signatures of an id, an axis or a file (`emt=FILE` says its axis); of a file, also as it has them."""
    from marrowsig import _named_inputs
    from marrowsig._current_symbols import current
    from marrowsig._workbook_place import is_there

    _, said, rest = name.partition("=")
    file = rest if said else name
    if _named_inputs.is_lists(file) and not is_there(file):
        msg = f"No file {file!r}. marrowsig signatures list shows those that come with marrowsig."
        raise InputError(msg)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = _named_inputs.own_lists(name)
        mapped = _named_inputs.signatures([name]) if found is None else current(found)
    warn([str(one.message) for one in told])
    return mapped, found


def facts(sig: Signature, *, mapped: bool) -> list[str]:
    """Lines on the axis of an own list, how many of its genes rise and fall, and its names of genes.

    Of the list as its file has it; `mapped` says whether a run reads it by the symbols of today.
    """
    axis = f"axis: {sig.axis}"
    if sig.axis == "other":
        axis += ", of which no claim is made; emt=FILE, il6=FILE or stat3=FILE says another"
    ways = f"{count(len(sig.up), 'rises', 'rise')}, {count(len(sig.down), 'falls', 'fall')}"
    weights = "; weights differ" if sig.is_weighted else ""
    return [axis, f"{count(len(sig), 'gene')}: {ways}{weights}", f"names: {_symbols(sig, mapped=mapped)}"]


def _symbols(sig: Signature, *, mapped: bool) -> str:
    """Count the names that are approved symbols of today, and name the others."""
    from marrowsig._gene_ids import LEVELS, resolve_each
    from marrowsig._genes import table

    if sig.species != "human":
        return f"of {sig.species}, not looked up"
    calls = dict(zip(sig.genes, resolve_each(sig.genes, "symbol", table()), strict=True))
    now = {gene: call.name for gene, call in calls.items() if call.status in LEVELS and call.name != gene}
    lost = [gene for gene, call in calls.items() if call.status not in LEVELS]
    told = [
        f"{len(calls) - len(now) - len(lost)} of {count(len(calls), 'gene')} by their symbol of today (HGNC)"
    ]
    if now:
        does = "a run reads as today's" if mapped else "a run keeps as written"
        pairs = first(f"{gene} = {name}" for gene, name in now.items())
        left = len({now.get(gene, gene) for gene in calls})
        twice = (
            f", so that {count(left, 'gene is', 'genes are')} left" if mapped and left < len(calls) else ""
        )
        told.append(f"{len(now)} by another, which {does}: {pairs}{twice}")
    if lost:
        told.append(f"{len(lost)} not known: {first(lost)}")
    return "; ".join(told)


def refuse_lists(path: Path) -> None:
    """Say what `check` reads, where a list in another form is given."""
    if path.is_dir() or path.suffix.lower() == ".toml":
        return
    from marrowsig.sig._signature_fields import slug

    made = f"{shlex.quote(f'emt={path}')} --out emt/{slug(path.stem)}.toml"
    msg = (
        f"{path.name} is no .toml file. check reads those alone: a list with its source and licence, for "
        f"others to use. How a run reads yours: marrowsig signatures show {shlex.quote(str(path))}. To make "
        f"it a .toml file: marrowsig signatures show {made}."
    )
    raise InputError(msg)
