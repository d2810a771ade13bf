"""`ms.report`: put words, tables and figures on one page."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from marrowsig._errors import CoverageWarning, GeneWarning, InputWarning
from marrowsig._plan_table import as_frame
from marrowsig._provenance import recall
from marrowsig._report import address, embed
from marrowsig._report.elements import pictures
from marrowsig._report.facts import recorded
from marrowsig._report.figures import named_apart
from marrowsig._report.gathered import gathered, require_contrasts
from marrowsig._report.levels import in_levels
from marrowsig._report.sections import written
from marrowsig._report.template import END, START, environment, read
from marrowsig._same_design import require_same_design
from marrowsig._version import __version__
from marrowsig.tl._composition import warn_of_composition
from marrowsig.tl._depth import warn_of_depth

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from os import PathLike

    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._report.elements import Section
    from marrowsig._report.picture import Figure
    from marrowsig.design import Design
    from marrowsig.qc._confounder_result import Confounder
    from marrowsig.qc._stroma_result import Stroma
    from marrowsig.tl._chain_result import Chain
    from marrowsig.tl.compare_cells import CellComparison
    from marrowsig.tl.multiverse import Multiverse

OURS = (CoverageWarning, GeneWarning, InputWarning)


def report(
    path: str | PathLike[str],
    adata: AnnData,
    res: pd.DataFrame,
    *,
    design: Design | FormulaDesign,
    title: str | None = None,
    notes: Sequence[str] = (),
    rescue: pd.DataFrame | None = None,
    stroma: Stroma | None = None,
    chain: Chain | None = None,
    genes: pd.DataFrame | None = None,
    gene_sets: pd.DataFrame | None = None,
    null: pd.DataFrame | None = None,
    sensitivity: pd.DataFrame | None = None,
    cells: CellComparison | None = None,
    multiverse: Multiverse | None = None,
    claims: pd.DataFrame | None = None,
    questions: pd.DataFrame | None = None,
    maturation: Confounder | None = None,
) -> None:
    """Write the answer, its numbers, figures and sources as one HTML page.

    The page holds everything it needs, and its own policy forbids it to fetch more: it opens without a
    network, on paper and on a telephone. Tables sort, filter and are saved as CSV, every sample can be looked
    at, and each number leads to its figure and its row; without scripts it is complete. It ends with the
    methods, ready to paste, and the calls that make it again.

    Parameters
    ----------
    path
        File to write; its folder must exist. It appears whole or not at all.
    adata
        After `ms.tl.score`: samples x genes, with the scores.
    res
        What `ms.tl.compare` returned for `adata` and `design`.
    design
        The design that was compared.
    title
        Heading of the page.
    notes
        Further warnings to show. Those of `ms.pp.pseudobulk` and `ms.pp.thin` are known from the records.
    rescue
        What `ms.tl.rescue` returned: a section on each inhibitor and line.
    stroma
        What `ms.qc.stroma` returned: a section on RNA carried over from stroma. With `claims` it is judged by
        their p where these establish more, as by its `as_claimed`.
    chain
        What `ms.tl.chain` returned: a section on IL-6, STAT3 and EMT.
    genes, gene_sets
        What `ms.tl.genes` and `ms.tl.gene_sets` returned: a section on the gene level.
    null
        What `ms.qc.null` returned with a design: the signatures beside random ones.
    sensitivity
        What `ms.tl.sensitivity` returned: results without genes of confounders, and adjusted for them. The
        cell cycle is one of them, so that there is no `cycle`; verdicts on it are
        `ms.qc.cycle(adata, design).verdicts`.
    cells
        What `ms.tl.compare_cells` returned: sums of cells beside single cells.
    multiverse
        What `ms.tl.multiverse` returned: other methods and versions of the signatures.
    claims
        What `ms.tl.claims` returned: the first table of the page. Where pairs are experiments of a few cell
        lines, a supported claim has its size in each, and the F test between them.
    questions
        What `ms.tl.questions` returned for these claims: a table below them.
    maturation
        What `ms.qc.maturation` returned: how closely the main scores go along with maturation.

    Raises
    ------
    InputError
        If `adata` holds no scores, or `res` is empty, not a table of contrasts, of signatures that were
        scored again since with other genes, or of another design; or if `claims` are of other lines.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()[:8].copy()
    >>> ms.tl.score(adata, ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[100:120])))
    >>> design = ms.Design(culture="culture", pair="pair")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = Path(folder) / "report.html"
    ...     ms.report(page, adata, ms.tl.compare(adata, design), design=design)
    ...     page.read_text(encoding="utf-8").startswith("<!doctype html>")
    True
    """
    from marrowsig.io._atomic import atomic

    require_contrasts(res)
    with warnings.catch_warnings(record=True) as caught:
        # They came up in score and compare already: here they belong on the page.
        for category in OURS:
            warnings.simplefilter("always", category)
        plans = design.plans(adata.obs)
        require_same_design(res, design, asked=as_frame(plans), claims=claims)
        warn_of_depth(adata, plans)
        warn_of_composition(adata, plans)
        rows = {row for p in plans if p.model is not None for row in p.model.frame["row"]}
        said = [str(w.message) for w in caught if issubclass(w.category, OURS)]
        extras = {
            "rescue": rescue,
            "stroma": stroma,
            "claims": claims,
            "questions": questions,
            "chain": chain,
            "genes": genes,
            "gene_sets": gene_sets,
            "null": null,
            "sensitivity": sensitivity,
            "cells": cells,
            "multiverse": multiverse,
            "maturation": maturation,
        }
        text = render(
            adata,
            res,
            design=design,
            title=title,
            notes=[*notes, *recorded(adata, rows), *said],
            extras=extras,
        )[0]
    with atomic(path) as part:
        part.write_text(text, encoding="utf-8")


def render(
    adata: AnnData,
    res: pd.DataFrame,
    *,
    design: Design | FormulaDesign,
    title: str | None = None,
    notes: Sequence[str] = (),
    extras: Mapping[str, Any] | None = None,
    doing: Callable[[str], object] = str,
) -> tuple[str, list[Figure]]:
    """Text of the page, and the figures in it; `extras` are the further results of `report`.

    `doing` is told of each part that is drawn.
    """
    given = gathered(adata, res, design, title=title, notes=notes, extras=extras)
    sections = in_levels(written(given, doing), given.contrasts["contrast"].astype(str), design)
    text = html_of(
        sections,
        title=title or "Signatures compared",
        simulated=_simulated(adata),
        say=given.extras.get("say", str),
    )
    return text, named_apart([figure for s in sections for figure in pictures(s.parts)])


def html_of(
    sections: Sequence[Section], *, title: str, simulated: str = "", say: Callable[[str], str] = str
) -> str:
    """Text of a page of these sections; `say` writes what prose calls by its Python in other words."""
    from markupsafe import Markup

    filler = environment(say)
    filler.globals |= {"go": address.way(address.known(sections)), "as_data": embed.as_data}
    template = filler.get_template("page.html.j2")
    script = embed.script()
    return template.render(
        title=title,
        css=Markup(read("style.css")),
        mark=[Markup(START), Markup(END)],
        script=Markup(script),
        policy=embed.policy(script),
        version=__version__,
        date=datetime.now(tz=UTC).strftime("%Y-%m-%d"),
        simulated=simulated,
        sections=sections,
    )


def _simulated(adata: AnnData) -> str:
    read: dict[str, Any] = recall(adata, "input", {})
    if not read.get("simulated"):
        return ""
    return "No cells and no patients stand behind these numbers."
