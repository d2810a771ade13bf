"""What a run left in its folder, to draw from again: samples, design, contrasts, claims, and how it drew."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._as_claimed import judged
from marrowsig._errors import InputError, first
from marrowsig._kept_design import design_from
from marrowsig._manifest import changed_since, of_run
from marrowsig._run_tables import read_table

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

SCORED, CONTRASTS = "scored.h5ad", "contrasts.csv"
MORE = ("claims.csv", "questions.csv", "stroma.csv", "stroma_shares.csv")
ADDED = ["claim_p_adj", "claim", "sentence"]
"""Columns that a run puts beside the table of `ms.tl.compare`."""


@dataclass(frozen=True)
class RunFolder:
    """What `ms.get.run` returns; see there."""

    folder: Path
    adata: AnnData = field(repr=False)
    design: Design | FormulaDesign
    res: pd.DataFrame = field(repr=False)
    claims: pd.DataFrame | None = field(repr=False)
    stroma: pd.DataFrame | None = field(repr=False)
    look: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)


def run(folder: str | PathLike[str]) -> RunFolder:
    """Read the folder that `marrowsig run` wrote, to draw its figures otherwise with the same numbers.

    `marrowsig figure FOLDER` does so for the figure for a paper, with its legend.

    Parameters
    ----------
    folder
        Folder of the run. Its tables and `scored.h5ad` have to be as the run wrote them.

    Returns
    -------
    RunFolder
        `adata` (samples x genes, with the scores), `design`, `res` (the table of `ms.tl.compare`), `claims`
        (those of `ms.tl.claims` and `ms.tl.questions`, with their p and verdicts; None where none were
        asked), `stroma` (the verdicts of `ms.qc.stroma`, where there was a reference; else None), `look`
        (labels, palette, order and width that the run was given), and `tables`, as they were read.

    Raises
    ------
    InputError
        If the folder is not that of a run, is of an older version, or a file in it was changed since.

    Examples
    --------
    >>> import marrowsig as ms
    >>> done = ms.get.run("results")  # doctest: +SKIP
    >>> ms.pl.overview(
    ...     done.adata, design=done.design, res=done.res, claims=done.claims, stroma=done.stroma,
    ...     labels={"co": "with MSC"},
    ... )  # doctest: +SKIP
    """
    place = Path(folder)
    found = of_run(place, [SCORED, CONTRASTS])
    here = [SCORED, CONTRASTS, *(name for name in MORE if name in found["files"])]
    if moved := changed_since(place, here):
        again = f": {found['command']}" if found.get("command") else "."
        msg = f"Not as the run wrote it into {str(place)!r}: {first(moved)}. Run again{again}"
        raise InputError(msg)
    from anndata import read_h5ad

    tables = {name.removesuffix(".csv"): read_table(place / name) for name in here[1:]}
    shares = tables.get("stroma_shares")
    known = shares is not None and bool(shares["share"].notna().any())
    return RunFolder(
        place,
        read_h5ad(place / SCORED),
        design_from(found["design"]),
        tables["contrasts"].drop(columns=ADDED, errors="ignore"),
        judged(tables.get("claims"), tables.get("questions")),
        tables.get("stroma") if known else None,
        found["look"],
        tables,
    )
