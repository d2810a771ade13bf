"""The sections of the page, in its order. A further one is a file here and a row in this list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from marrowsig._report import (
    answer,
    cells,
    chain,
    claims,
    explore,
    figures,
    gene_level,
    glossary,
    methods,
    missing,
    multiverse,
    null,
    numbers,
    reproduce,
    rescue,
    sensitivity,
    silent,
    stroma,
    study,
)
from marrowsig._report.to_cite import to_cite

if TYPE_CHECKING:
    from collections.abc import Callable

    from marrowsig._report.elements import Given, Section

SECTIONS: tuple[Callable[[Given], Section | None], ...] = (
    claims.section,
    answer.section,
    explore.section,
    glossary.section,
    study.warned,
    study.asked,
    study.data,
    stroma.section,
    figures.section,
    rescue.section,
    chain.section,
    gene_level.section,
    null.section,
    sensitivity.section,
    silent.section,
    cells.section,
    multiverse.section,
    numbers.section,
    missing.section,
    study.genes,
    methods.section,
    study.sources,
    reproduce.section,
)
"""Each writes a section from what was given, or None where it has nothing to say."""


FIGURES = "figures"
DRAWN: dict[Callable[[Given], Section | None], str] = {
    figures.section: FIGURES,
    stroma.section: "stroma", rescue.section: "rescue", chain.section: "chain", gene_level.section: "genes",
    sensitivity.section: "sensitivity", multiverse.section: "multiverse",
}  # fmt: skip
"""Sections that draw: the figures of every page, and those of a result of this name."""


def written(given: Given, doing: Callable[[str], object] = str) -> list[Section]:
    """All sections that have something to say; the first one starts with which numbers to cite.

    `doing` is told of each that draws before it does.
    """
    found = []
    for write in SECTIONS:
        name = DRAWN.get(write, "")
        if name == FIGURES or name in given.extras:
            doing(name)
        if (section := write(given)) is not None:
            found.append(section)
    first, *rest = found
    return [replace(first, parts=[to_cite(given), *first.parts]), *rest]
