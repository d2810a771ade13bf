"""Read what a run left in its folder: samples, design, contrasts, claims, and how it drew."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from marrowsig._as_claimed import judged
from marrowsig._errors import InputError, first
from marrowsig._kept_design import design_from
from marrowsig._manifest import changed_since, of_run
from marrowsig._repeats import is_formula
from marrowsig._run_kept import Checked, RunFolder
from marrowsig._run_tables import read_table
from marrowsig._unasked import CAUTIONS

if TYPE_CHECKING:
    from os import PathLike


SCORED, CONTRASTS = "scored.h5ad", "contrasts.csv"
MORE = ("claims.csv", "questions.csv", "stroma.csv", "stroma_shares.csv")
GENES = "claim_genes.csv"
KEPT = re.compile(r"scores_(\w+)_kept\.csv")
"""Scores of a method on the genes that stroma could not move."""
ADDED = ["claim_p_adj", "claim", "asked_as", "sentence"]
"""Columns that a run puts beside the table of `ms.tl.compare`."""


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
        `adata` (samples x genes, with the scores), `design`, `res` (the table of `ms.tl.compare`), `claims`,
        `stroma`, `look` and `tables`; see `ms.get.RunFolder`.

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
    kept = [name for name in found["files"] if KEPT.fullmatch(name)]
    here = [SCORED, CONTRASTS, *(name for name in MORE if name in found["files"]), *kept]
    if moved := changed_since(place, here):
        again = f": {found['command']}" if found.get("command") else "."
        msg = f"Not as the run wrote it into {str(place)!r}: {first(moved)}. Run again{again}"
        raise InputError(msg)
    from anndata import read_h5ad

    if GENES in found["files"] and not changed_since(place, [GENES]):  # for a sentence of the legend only
        here.append(GENES)
    tables = {name.removesuffix(".csv"): read_table(place / name) for name in here[1:]}
    shares = tables.get("stroma_shares")
    known = shares is not None and "stroma" in tables and bool(shares["share"].notna().any())
    scores = {KEPT.sub(r"\1", name): tables[name.removesuffix(".csv")].set_index("sample") for name in kept}
    adata = read_h5ad(place / SCORED)
    if "columns" in found:  # an h5ad holds no slash in a name
        adata.obs.columns = found["columns"]
    design = design_from(found["design"])
    res = tables["contrasts"].drop(columns=ADDED, errors="ignore")
    if is_formula(design):  # figures leave open what a formula says of co-culture, and a csv does not keep it
        from marrowsig.tl._carried_unasked import unasked
        from marrowsig.tl._design_variants import quiet_plans

        res.attrs[CAUTIONS] = unasked(adata, design, quiet_plans(design, adata.obs)[0])
    return RunFolder(
        folder=place,
        adata=adata,
        design=design,
        res=res,
        claims=judged(tables.get("claims"), tables.get("questions")),
        stroma=Checked(tables["stroma"], tables["stroma_shares"], scores) if known else None,
        look=found["look"],
        tables=tables,
    )
