"""Rows that are parts of a sample, summed before anything is scored: cells of a unit, lanes of a library."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from marrowsig import _arms
from marrowsig._blank import labelled
from marrowsig._counts_layer import has_counts, of_layer
from marrowsig._drug_apart import JOINED, warn_of_joined
from marrowsig._errors import DesignError, InputWarning
from marrowsig._joined_levels import may_hold_drug
from marrowsig._kinds import COUNTS
from marrowsig._plan import warn_outside
from marrowsig._provenance import recall, record
from marrowsig._unit_columns import maybe_unit
from marrowsig._unlike import require_alike
from marrowsig._unlike_names import summed_unlike

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._calls import Calls
    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

CELLS = 100  # fewer rows than this are taken for samples
MANY = 10  # rows per unit and arm from which on they are cells, not technical replicates
DETECTED = 0.25  # bulk samples show more of their genes than this, cells less
LIBRARIES = "libraries"
LEAST = 20  # cells of a sum, as in `ms.pp.pseudobulk`


class Rows(NamedTuple):
    """Samples to work with, the cells behind them if they are sums of such, and what to say."""

    adata: AnnData
    cells: AnnData | None = None
    said: tuple[str, ...] = ()


def summed(adata: AnnData, design: Design | FormulaDesign, calls: Calls, min_cells: int = LEAST) -> Rows:
    """Sum cells per unit and arm where the rows are cells, and libraries of one `unit` in one arm.

    Sums of fewer than `min_cells` cells are left out; that it was given of other rows is said.

    Raises
    ------
    DesignError
        If the rows look like cells, and no unit is given.
    """
    unit = design.unit or design.pair
    columns = [c for c in dict.fromkeys(design.columns.values()) if c != unit]
    absent = [c for c in [*columns, *([unit] if unit else [])] if c not in adata.obs]
    if absent:
        return Rows(adata)  # a missing column is named by the design's own check
    if are_cells(adata, unit, columns):
        if unit is None:
            msg = (
                f"{adata.n_obs:,} rows look like single cells, and no unit is given; cells are not "
                f"replicates. Name the column of the donor or the culture: {maybe_unit(adata.obs)}."
            )
            raise DesignError(msg)
        return Rows(_sum(adata, design, unit, columns, calls, "cells", min_cells), adata)
    idle: tuple[str, ...] = (f"min_cells={min_cells} is not used: the rows are samples, not cells.",)
    idle = idle if min_cells != LEAST else ()
    if design.unit is None or not _are_repeats(adata, design, columns):
        return Rows(adata, None, idle)
    require_alike(design, adata.obs[design.arms(adata.obs).notna()], design.unit)
    sums = _sum(adata, design, design.unit, columns, calls, "libraries", 1)
    return Rows(sums, None, (_as_libraries(sums) + summed_unlike(_names(adata, design, columns)), *idle))


def summed_before(adata: AnnData) -> bool:
    """Whether rows are counts of cells that were summed by `ms.pp.pseudobulk` and not thinned since."""
    counted = recall(adata, "input", {}).get("kind") == "counts"
    return counted and recall(adata, "pseudobulk") is not None and recall(adata, "thin") is None


def note_layer(adata: AnnData, design: Design | FormulaDesign) -> None:
    """Note of cells of which a layer of counts will be summed that it is, in place of what X was read as."""
    unit, columns = design.unit or design.pair, list(dict.fromkeys(design.columns.values()))
    read = dict(recall(adata, "input", {}))
    if read.get("kind") != "log" or not set(columns) <= set(adata.obs) or not has_counts(adata):
        return
    if are_cells(adata, unit, [c for c in columns if c != unit]):
        record(adata, "input", {**read, "decisions": of_layer(str(read.get("decisions", "")), "counts")})


def require_levels(adata: AnnData, design: Design | FormulaDesign) -> None:
    """Raise for levels that are not there, before anything is computed; cells may lack a label."""
    from marrowsig.design import Design

    unit, columns = design.unit or design.pair, list(dict.fromkeys(design.columns.values()))
    obs = adata.obs
    if isinstance(design, Design) and set(columns) <= set(obs.columns) and are_cells(adata, unit, columns):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)  # told when they are summed
            obs = obs[labelled(obs, columns, unit=unit)]
    design.arms(obs)


def are_cells(adata: AnnData, unit: str | None, columns: list[str]) -> bool:
    """Whether rows are single cells, by how many share a unit and arm, or how few genes each shows."""
    if adata.n_obs < CELLS or not adata.n_vars:
        return False
    if unit is not None:
        sums = len(adata.obs[[unit, *columns]].drop_duplicates())
        if adata.n_obs >= MANY * sums:
            return True
    return _detected(adata) < DETECTED


def _detected(adata: AnnData) -> float:
    from scipy import sparse

    x: Any = adata.X
    above = x.count_nonzero() if sparse.issparse(x) else (x > 0).sum()
    return float(above) / (adata.n_obs * adata.n_vars)


def _are_repeats(adata: AnnData, design: Design | FormulaDesign, columns: list[str]) -> bool:
    """Whether rows of counts share the unit within an arm."""
    if recall(adata, "input", {}).get("kind") not in COUNTS:
        return False
    inside = adata.obs[design.arms(adata.obs).notna()]
    return bool(inside[[str(design.unit), *columns]].dropna().duplicated().any())


def _names(adata: AnnData, design: Design | FormulaDesign, columns: list[str]) -> list[list[str]]:
    """Names of the libraries that are summed to one."""
    inside = adata.obs[design.arms(adata.obs).notna()]
    keys = inside[[str(design.unit), *columns]].dropna().astype(str)
    return [list(map(str, rows.index)) for _, rows in keys.groupby(list(keys.columns)) if len(rows) > 1]


def _sum(
    adata: AnnData,
    design: Design | FormulaDesign,
    unit: str,
    columns: list[str],
    calls: Calls,
    what: str,
    least: int,
) -> AnnData:
    from marrowsig.design import Design

    named = [unit, *columns]
    inside = (
        labelled(adata.obs, named, unit=unit)
        if what == "cells"
        else adata.obs[named].notna().all(axis=1).to_numpy()
    )
    blank, drug = what == "cells" and not inside.all(), ""
    if isinstance(design, Design):
        if what == "cells":
            more = may_hold_drug(design, adata.obs[inside])
            warn_outside(_arms.read(design, adata.obs[inside]), more=more)
            drug = warn_of_joined(design, adata.obs[inside])
        inside[inside] = design.arms(adata.obs[inside]).notna().to_numpy()
    where = f"design.arms({what}.obs).notna().to_numpy()"
    if not isinstance(design, Design):
        where = f"{what}.obs[{[unit, *columns]!r}].notna().all(axis=1).to_numpy()"
    calls.say(f"{what} = adata")
    if blank:
        text = f"cells.obs[{named!r}].astype(object).fillna('')"
        calls.say(f"cells = cells[~{text}.isin(['', ' ']).any(axis=1)].copy()")
    calls.name(adata, what)
    part = calls.name(adata[inside].copy(), f"{what}[{where}].copy()")
    few = {} if least == LEAST else {"min_cells": least}
    sums: AnnData = calls.call("adata", "pp.pseudobulk", part, unit=unit, by=columns, **few)
    if drug:
        record(sums, JOINED, drug)
    return sums


def _as_libraries(sums: AnnData) -> str:
    """Note in `sums` that its rows are sums of libraries, not of cells, and say it."""
    made = dict(recall(sums, "pseudobulk", {}))
    kept = {name: value for name, value in sums.uns["marrowsig"].items() if name != "pseudobulk"}
    sums.uns["marrowsig"] = kept
    sums.obs = sums.obs.rename(columns={"n_cells": "n_libraries"})
    n, unit = int(made["n_cells"]), str(made["unit"])
    record(sums, LIBRARIES, {"unit": unit, "n_libraries": n, "n_sums": sums.n_obs})
    return f"The counts of {n} libraries were summed to {sums.n_obs} samples: one per {unit!r} and arm."
