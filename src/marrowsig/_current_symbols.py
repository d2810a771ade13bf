"""Lists of one's own by the symbols that the matrix has once its gene names are mapped."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from marrowsig._errors import GeneWarning, first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from marrowsig.sig import SignatureSet


def like_mouse(gene: str) -> bool:
    """Whether a symbol is written with one capital, as that of a mouse gene."""
    return gene == gene.capitalize() and gene != gene.upper()


def renames(lists: SignatureSet) -> dict[str, str]:
    """Genes of lists that have one other symbol today, with it; of lists that are not mapped, none.

    Those are lists of another species, and lists of which most genes are written as those of mouse are.
    """
    from marrowsig._gene_ids import LEVELS, resolve_each
    from marrowsig._genes import table

    genes = list(dict.fromkeys(gene for one in lists for gene in one.genes))
    mouse = sum(map(like_mouse, genes)) > len(genes) / 2
    if mouse or any(one.species != "human" for one in lists):
        return {}
    calls = zip(genes, resolve_each(genes, "symbol", table()), strict=True)
    return {gene: call.name for gene, call in calls if call.status in LEVELS and call.name != gene}


def current(lists: SignatureSet) -> SignatureSet:
    """Return lists by the symbols of today, as `ms.sig.map_genes` does; as they were if `renames` has none.

    Of names that nothing is known of, the coverage tells.
    """
    from marrowsig import sig

    if not renames(lists):
        return lists
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        mapped = sig.map_genes(lists)
    for one in told:
        if isinstance(one.message, GeneWarning) and one.message.left_out:
            warnings.warn(one.message, stacklevel=2)
    return mapped


def as_of_today(
    read: Callable[[], SignatureSet], *, map_genes: bool
) -> tuple[SignatureSet, dict[str, str], list[Warning]]:
    """Read lists and give them as `current` does, with what `renames` has and the warnings of both.

    As they were read with `map_genes=False`. That Ensembl ids will not be found among symbols is left out
    where they became symbols.
    """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = read()
        renamed = renames(found) if map_genes else {}
        if renamed:
            found = current(found)
    drop = "Translate them: ms.sig.map_genes" if renamed else None
    messages = [one.message if isinstance(one.message, Warning) else Warning(one.message) for one in told]
    return found, renamed, [one for one in messages if drop is None or drop not in str(one)]


def in_words(file: str, renamed: Iterable[tuple[str, str]]) -> str:
    """Say which names of a file were read under which.

    >>> in_words("lab.gmt", [("PPP2R4", "PTPA")])
    'lab.gmt: PPP2R4 read as PTPA'
    """
    return f"{file}: {first(f'{old} read as {new}' for old, new in renamed)}"
