"""Which independent unit and which arm every cell is of, and which of these groups are too thin."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig import _arms
from marrowsig._blank import labelled
from marrowsig._drug_apart import warn_of_joined
from marrowsig._errors import DesignError, InputError, InputWarning, first, near_column
from marrowsig._plan import warn_outside
from marrowsig._replicates import refuse_nested_units
from marrowsig._unit_columns import joined, refuse_crossed, refuse_kinds, require_cells, require_unit
from marrowsig.design import Design
from marrowsig.pp.pseudobulk import few_sums

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

_ARM_FIELDS = ("culture", "line", "inhibitor", "compartment", "time")


@dataclass(frozen=True)
class Groups:
    """Cells of the design by unit x arm.

    `rows` are their positions in `adata`, `code` the group of each, `obs` their annotation with `unit` in it.
    `table` has one row per group: unit, arm, stratum, n_cells, dropped, reason; its index is what
    `ms.pp.pseudobulk` calls the sum.
    """

    design: Design
    unit: str
    by: list[str]
    rows: NDArray[np.int64]
    code: NDArray[np.int64]
    obs: pd.DataFrame
    table: pd.DataFrame
    min_cells: int

    @property
    def few(self) -> dict[str, Any]:
        """Record of the groups with too few cells, as `ms.pp.pseudobulk` makes it."""
        columns, out = [self.unit, *self.by], np.flatnonzero(self.table["dropped"].to_numpy(dtype=bool))
        firsts = np.unique(self.code, return_index=True)[1]
        return few_sums(self.obs.iloc[firsts[out]][columns], self.table["n_cells"].iloc[out], self.min_cells)

    @property
    def kept(self) -> NDArray[np.int64]:
        """Groups with enough cells."""
        return np.flatnonzero(~self.table["dropped"].to_numpy(dtype=bool))


def groups(adata: AnnData, design: Design, *, unit: str | list[str] | None, min_cells: int) -> Groups:
    """Group the cells, or say why that cannot be done."""
    if not isinstance(design, Design):
        msg = (
            "Arms of cells are read from the fields of ms.Design(culture=..., line=..., unit=...). "
            "For a formula, sum with ms.pp.pseudobulk, then run ms.tl.score and ms.tl.compare."
        )
        raise DesignError(msg)
    _check_min_cells(min_cells)
    obs, column = _with_unit(adata.obs, design, unit)
    if column not in (design.unit, design.pair):
        design = replace(design, unit=column)
    by = [name for field, name in design.columns.items() if field in _ARM_FIELDS]
    require_unit(column, obs.columns)
    inside = np.arange(len(obs))
    if all(name in obs for name in design.columns.values()):  # else the design says which is missing
        inside = np.flatnonzero(labelled(obs, list(design.columns.values()), unit=column, stacklevel=3))
    whole = obs.iloc[inside]
    arms = _arms.read(design, whole)
    warn_outside(arms, stacklevel=4)
    warn_of_joined(design, whole, stacklevel=4)
    refuse_crossed(whole, column, by)
    refuse_kinds(whole, column, by, adata.uns, stacklevel=3)
    cells = arms.frame
    own = cells["row"].to_numpy(dtype=np.int64)
    rows, obs = inside[own], whole.iloc[own]
    code = obs.groupby([column, *by], sort=True, observed=True).ngroup().to_numpy(dtype=np.int64)
    table = _table(obs, code, [column, *by], min_cells)
    firsts = np.unique(code, return_index=True)[1]
    table.insert(1, "arm", cells["arm"].to_numpy()[firsts])
    table.insert(2, "stratum", cells["stratum"].to_numpy()[firsts])
    found = Groups(design, column, by, rows, code, obs, table, min_cells)
    _check_constant(found)
    _check_size(found, min_cells)
    kept = cells[np.isin(code, found.kept)].reset_index(drop=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # compare gives them
        refuse_nested_units(design, whole, _arms.Arms(kept, (), ()), of_cells=True)
    return found


def _check_min_cells(min_cells: int) -> None:
    if isinstance(min_cells, bool) or not isinstance(min_cells, int | np.integer) or min_cells < 2:
        msg = (
            f"min_cells={min_cells!r} has to be a whole number from 2 on: one cell is not a sample of cells."
        )
        raise InputError(msg)


def _with_unit(obs: pd.DataFrame, design: Design, unit: str | list[str] | None) -> tuple[pd.DataFrame, str]:
    columns = [unit] if isinstance(unit, str) else list(unit or [])
    columns = columns or [name for name in (design.unit or design.pair,) if name is not None]
    if not columns:
        msg = (
            f"{len(obs)} cells and neither unit= nor a unit or pair in the design: cells are not replicates. "
            "Name the column of the donor or independent culture with unit=."
        )
        raise DesignError(msg)
    absent = [name for name in columns if name not in obs]
    if absent:
        told = f"{first(absent)} (unit).{near_column(absent[0], obs.columns)}"
        msg = f"adata.obs has no column {told} It has: {first(obs.columns, 20) or 'none'}."
        raise DesignError(msg)
    name = "|".join(columns)
    if design.unit not in (None, name):
        msg = f"unit={name!r} and the design's unit={design.unit!r} differ. Name the unit once."
        raise DesignError(msg)
    return joined(obs, columns)


def _table(obs: pd.DataFrame, code: NDArray[np.int64], columns: list[str], min_cells: int) -> pd.DataFrame:
    firsts = np.unique(code, return_index=True)[1]
    named = obs.iloc[firsts][columns]
    names = ["|".join(map(_arms.level_text, row)) for row in named.itertuples(index=False)]
    n = np.bincount(code)
    reason = [f"{k} cells, fewer than min_cells={min_cells}" if k < min_cells else "" for k in n]
    units = named[columns[0]].astype(object).map(_arms.level_text).to_numpy()
    table = pd.DataFrame({"unit": units, "n_cells": n}, index=names)
    return table.assign(dropped=n < min_cells, reason=reason)


def _check_constant(found: Groups) -> None:
    """Refuse a pair, batch or covariate that differs within a unit and arm, which would be one sum."""
    used = {
        field: name for field, name in found.design.columns.items() if name not in (*found.by, found.unit)
    }
    grouped = found.obs.groupby(found.code)
    for field, name in used.items():
        several = grouped[name].agg(lambda values: len(values.unique())) > 1
        if several.any():
            where = first(found.table.index[several.to_numpy()])
            msg = (
                f"Column {name!r} ({field}) differs between cells of one unit and arm: {where}. Leave it out "
                f"of the design, or make it part of the unit: unit=[{found.unit!r}, {name!r}]."
            )
            raise DesignError(msg)


def _check_size(found: Groups, min_cells: int) -> None:
    n = found.table["n_cells"]
    require_cells(n, found.unit, found.obs, min_cells)
    if found.table["dropped"].all():
        told = first(f"{name} ({k} cells)" for name, k in n.items())
        msg = f"No unit has min_cells={min_cells} cells in an arm: {told}. Lower min_cells."
        raise InputError(msg)
