"""The sections of the page, in its order. A further one is a file here and a row in this list."""

from __future__ import annotations

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
    stroma,
    study,
)

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


def written(given: Given) -> list[Section]:
    """All sections that have something to say."""
    return [section for section in (write(given) for write in SECTIONS) if section is not None]
