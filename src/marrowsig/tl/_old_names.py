"""Genes that are missing only because one side still uses an old symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._current_symbols import like_mouse
from marrowsig._errors import count, first
from marrowsig._genes import table
from marrowsig._sets import RUN

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from marrowsig._genes import GeneTable


def old_names(coverage: pd.DataFrame, var_names: Sequence[str], *, mapped: bool, do: str = RUN) -> list[str]:
    """Say which missing genes are there under another symbol; a `mapped` one has told of its names."""
    missing = {gene for genes in coverage["missing"] for gene in str(genes).split(", ") if gene}
    if not missing:
        return []
    names, known = set(var_names), table()
    written = [f"{gene} is {now}" for gene in sorted(missing) if (now := _now(gene, known)) in names]
    notes = []
    if written:
        mouse = sum(map(like_mouse, (told.split(" is ")[0] for told in written)))
        like = "; most are written as those of mouse are" if mouse > len(written) / 2 else ""
        notes.append(
            f"{_counted(len(written))} listed under "
            f"another symbol than the matrix has: {first(written)}{like}. "
            "Write the current symbol in the signature, or use ms.sig.map_genes(signatures)."
        )
    stale = [] if mapped else [f"{g} is {now}" for g in var_names if (now := _now(g, known)) in missing]
    if stale:
        notes.append(
            f"{_counted(len(stale), by_matrix=True)} under "
            f"an old symbol: {first(stale)}. {do[0].upper()}{do[1:]}."
        )
    return notes


def _counted(n: int, *, by_matrix: bool = False) -> str:
    """Count what is missing, up to the words that say under which name it stands where."""
    said = f"{count(n, 'gene')} of the signatures {'is' if n == 1 else 'are'} counted as missing, because"
    it, them = ("it is", "it") if n == 1 else ("they are", "them")
    return f"{said} the matrix has {them}" if by_matrix else f"{said} {it}"


def _now(gene: str, known: GeneTable) -> str:
    """Give the one approved symbol that `gene` stands for, if it is not approved itself; else nothing."""
    if gene in known.approved:
        return ""
    folded = gene.casefold()
    tries = [(known.previous, gene), (known.alias, gene)]
    if gene != gene.upper():
        tries += [(names, folded) for names in known.folded]
    for names, key in tries:
        targets = names.get(key, ())
        if targets:
            return targets[0] if len(targets) == 1 else ""
    return ""
