"""Figures that draw scores on all genes, where the size to cite is on the genes that carry-over left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._carry_over import PREFIX
from marrowsig._report import words
from marrowsig._report.carried import guard_drawn
from marrowsig._report.legend import of_partners
from marrowsig.pl._kept_sizes import completed, on_kept
from marrowsig.pl._overview_labels import in_levels
from marrowsig.tl._claims_size import genes_kept

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from marrowsig._report.elements import Given

    Kept = Mapping[tuple[str, str], str]


def kept_of(given: Given) -> Kept:
    """Genes that the sizes to cite are on, by signature and stratum; those as scored are left out."""
    guard = guard_drawn(given)
    rows = completed(given.main, given.judged, guard, given.alpha)
    partners = of_partners((guard, given.judged))
    found = {}
    for row in rows.to_dict("records"):
        if on_kept(row) and {"n_kept", "n_genes"} <= set(row) and row["n_kept"] == row["n_kept"]:
            stratum = str(row.get("stratum") or "")
            own = {str(k): v for k, v in row.items()} | {"claim": PREFIX if stratum in partners else ""}
            found[str(row["signature"]), stratum] = genes_kept(own)
    return found


def as_scored(kept: Kept, signatures: Collection[str], stratum: str | None = None) -> str:
    """Say that scores are drawn on all genes, for the end of a caption; empty where sizes to cite are, too.

    >>> kept = {("a", "cells=AML"): "the 8 of 9 genes that stay", ("b", "cells=AML"): "the 3 of 4 genes"}
    >>> as_scored(kept, ["a"])
    '; drawn as scored, while the size to cite is on the 8 of 9 genes that stay'
    >>> as_scored(kept, ["a", "b", "c"])
    '; drawn as scored, while the sizes to cite of a and b are on fewer genes'
    >>> as_scored(kept, ["c"]), as_scored(kept, ["a"], "cells=MSC")
    ('', '')
    """
    own = {
        key: genes
        for key, genes in kept.items()
        if key[0] in signatures and (stratum is None or key[1] == stratum)
    }
    if not own:
        return ""
    if len(signatures) > 1:
        named = dict.fromkeys(sig for sig, _ in own)
        sizes = "the sizes to cite of {} are" if len(named) > 1 else "the size to cite of {} is"
        return f"; drawn as scored, while {sizes.format(words.listing(named))} on fewer genes"
    of_strata: dict[str, list[str]] = {}
    for (_, where), genes in own.items():
        of_strata.setdefault(genes, []).append(in_levels(where))
    on = next(iter(of_strata))
    if len(of_strata) > 1:
        on = words.listing(f"{genes} in {words.listing(where)}" for genes, where in of_strata.items())
    return f"; drawn as scored, while the size to cite is on {on}"


def for_alt(said: str) -> str:
    """Make a sentence of it, behind those of a figure's alt text.

    >>> for_alt("; drawn as scored"), for_alt("")
    (' Drawn as scored.', '')
    """
    told = said.removeprefix("; ")
    return f" {told[:1].upper()}{told[1:]}." if told else ""
