"""Stroma that stands beside the blasts in one matrix, and was not grown alone: taken out as a reference."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design


class Beside(NamedTuple):
    """The rows without stroma, stroma summed as they will be, and the Python that does both."""

    adata: AnnData
    stroma: AnnData
    rest: str
    sums: str
    said: list[str]


def beside(adata: AnnData, design: Design | FormulaDesign, given: str | None) -> Beside | None:
    """Take `given`, "COLUMN=LEVEL" or a level of the compartment grown in co-culture alone, out of `adata`.

    None where it names neither: a file, or stroma that was grown alone and stays in the study. Its
    cells are summed, all of them.
    """
    from marrowsig._arms import as_text
    from marrowsig._provenance import recall, record
    from marrowsig._summed import are_cells
    from marrowsig._workbook_place import is_there
    from marrowsig.design import Design

    if given is None or not isinstance(design, Design) or design.culture not in adata.obs or is_there(given):
        return None
    column, said, level = (part.strip() for part in given.partition("="))
    if not said or column not in adata.obs:
        column, level, said = str(design.compartment), given, ""
        if column not in adata.obs:
            return None
    here = (as_text(adata.obs[column]) == level).to_numpy()
    if not here.any() or here.all():
        return None
    if not said and not (as_text(adata.obs.loc[here, design.culture]) == design.co).all():
        return None
    alone, unit = adata[here].copy(), design.unit or design.pair
    of = f"adata.obs[{column!r}].astype(str)"
    rest = f"\nalone = adata[{of} == {level!r}].copy()\nadata = adata[{of} != {level!r}].copy()"
    sums, few = "alone", ""
    columns = [c for c in dict.fromkeys(design.columns.values()) if c != unit]
    if unit is not None and unit in adata.obs and are_cells(adata, unit, columns):
        by = [c for c in (design.culture, design.inhibitor) if c is not None and c in adata.obs]
        alone, few = _summed(alone, unit, by)
        sums = f"ms.pp.pseudobulk(alone, unit={unit!r}, by={by!r}, min_cells=1)"
    blasts, read = adata[~here].copy(), dict(recall(adata, "input", {}))
    told = [
        f"taken out as stroma: {int(here.sum()):,} of {here.size:,} rows, where {column} is {level}",
        *([few] if few else []),
    ]
    record(
        blasts,
        "input",
        {
            **read,
            "decisions": "; ".join(filter(None, [str(read.get("decisions", "")), *told])),
            "rows": int(here.size),
        },
    )
    return Beside(blasts, alone, rest, sums, told)


def _summed(alone: AnnData, unit: str, by: list[str]) -> tuple[AnnData, str]:
    """Sum stroma, however few cells: `ms.qc.stroma` adds those of a donor up. And say how much it is."""
    from marrowsig import pp
    from marrowsig._errors import InputWarning, count

    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "Sums add up several levels", InputWarning
        )  # of lines and days, too
        sums = pp.pseudobulk(alone, unit=unit, by=by, min_cells=1)
    n = int(sums.obs["n_cells"].sum())
    return sums, f"stroma: {n:,} cells of {count(sums.obs[unit].nunique(), unit)}, added up"
