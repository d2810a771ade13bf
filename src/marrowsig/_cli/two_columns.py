"""Python to paste that makes culture and drug of one column of an h5ad."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._cli.lines import PASTED

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

PASTE = "To make culture and drug of"
"""How the lines begin."""


def two_columns(
    path: Path, design: Design | FormulaDesign, obs: pd.DataFrame, *, stroma: str = ""
) -> list[str]:
    """Write the lines that make the two columns, and save the file anew; none where that is not to be done.

    A level of the culture that `stroma`, "COLUMN=LEVEL", names stays as it is, so that it still names it. Of
    a table, the sheet is changed by hand: the warning on its columns says how.
    """
    from marrowsig._arms import in_order
    from marrowsig._joined_levels import joined, split
    from marrowsig.design import Design

    if path.suffix != ".h5ad" or not isinstance(design, Design) or design.inhibitor is not None:
        return []
    found = split(design, obs) if joined(design, obs) else None
    if found is None:
        return []
    new, columns = f"{path.stem}_culture_drug.h5ad", found.columns()
    column, _, level = (part.strip() for part in stroma.partition("="))
    if column == design.culture and level in columns:
        columns[level] = level, found.vehicle
    lines = (
        f"{PASTE} {design.culture!r}, {PASTED}, and run {new}:",
        "import anndata",
        f"cells = anndata.read_h5ad({str(path)!r})",
        "made = {",
        *(f"    {level!r}: {columns[level]!r}," for level in in_order(obs[design.culture])),
        "}",
        f"made = [made.get(x, (x, {found.vehicle!r})) for x in cells.obs[{design.culture!r}]]",
        "cells.obs[['culture', 'drug']] = made",
        f"cells.write_h5ad({new!r})",
    )
    return ["\n".join(lines)]
