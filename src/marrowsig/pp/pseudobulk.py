"""Sum the counts of cells into one row per sample."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from scipy import sparse

from marrowsig._arms import level_text
from marrowsig._blank import labelled
from marrowsig._cell_types import keep
from marrowsig._counts_layer import has_counts, of_layer
from marrowsig._elsewhere import elsewhere
from marrowsig._errors import InputError, InputWarning, first, near_column
from marrowsig._hidden_counts import hidden_counts
from marrowsig._kinds import COUNTS
from marrowsig._layers import layers_of
from marrowsig._log import logger
from marrowsig._other_words import OF_PSEUDOBULK, other_words
from marrowsig._provenance import as_json, recall, record
from marrowsig._scaled import said_kind
from marrowsig._source import in_memory
from marrowsig._unit_columns import (
    joined,
    no_unit,
    refuse_crossed,
    refuse_kinds,
    refuse_split,
    require_cells,
    require_unit,
)
from marrowsig._view import matrix
from marrowsig.pp._group_sums import kind_of_rows
from marrowsig.pp._mixed import tell_of_mixed
from marrowsig.pp._same_shares import keep_same_shares, sums_by_type
from marrowsig.pp.thin import thin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData


@other_words(OF_PSEUDOBULK)
def pseudobulk(
    adata: AnnData,
    *,
    unit: str | Sequence[str] | None = None,
    by: str | Sequence[str] = (),
    layer: str | None = None,
    min_cells: int = 20,
    depth: int | str | None = None,
    seed: int = 0,
) -> AnnData:
    """Sum counts over the cells of each unit, or of each unit x `by` combination.

    Parameters
    ----------
    adata
        Cells x genes, raw counts: dense, sparse, a dask array, or backed, which is read by rounds of rows.
    unit
        Column of `adata.obs` that names the independent sample: donor, patient, culture; or columns that
        name it together, which are joined as `"a|b"`. Clusters and cell types go into `by`. It has to be
        given; without it the error proposes one.
    by
        Columns of `adata.obs` that split a unit further: arm, compartment, cell type.
    layer
        Layer that holds the counts. Default X, or `"counts"` where X is log or scaled and that layer holds
        counts; `ms.log()` says which was summed, and `uns["marrowsig"]["pseudobulk"]["layer"]` keeps it.
    min_cells
        Sums of fewer cells are dropped, with a warning. Default 20.
    depth
        Counts that every sum is thinned to, as by `ms.pp.thin`: a number, or `"smallest"` for those of the
        smallest sum. By default sums keep all counts. The counts before stay in `layers["counts"]`.
    seed
        Of the draws.

    Returns
    -------
    AnnData
        Sums x genes. `X`: summed counts (CSR if the counts are sparse; int64, or float64 of floats).
        `obs`: `unit`, `by`, every other column that is constant within all sums, `n_cells`, `n_counts`;
        names are "unit|level|...". `var` is kept, and `uns["marrowsig"]["pseudobulk"]` says how it was made.
        Where a column is named like cell types and not in `by`, the frame `obsm["cell_type_shares"]` (sums x
        types; "_" for "/" in a name) has their shares of each sum, and `ms.tl.compare` warns of arms of
        unlike cells. `layers["same_shares"]` then has counts drawn so that every sum has the mean shares (of
        types that three quarters of the sums hold; none in a sum that lacks one), on which `ms.tl.claims`
        asks again; of estimated counts, from which nothing is drawn, that part of each (fractions). It is one
        of ten balanced draws (five of 60 sums, three of more than 100), and `layers["same_shares_2"]` and so
        on are the others: scores are means over all. For any other signature:
        `ms.pp.thin(sums, layer="same_shares", draws=50)` puts them into X, to be scored.

    Raises
    ------
    DesignError
        If `unit` is a column of clusters or cell types, or mixes levels of a column named like donors while
        cells of one donor are in several units of one arm, or that unit is the whole arm; or if each unit is
        one cell. Such sums are no replicates.
    InputError
        If the values are not counts, a column is missing, no sum has `min_cells` cells, or one has fewer
        than `depth` counts.

    Warns
    -----
    InputWarning
        If cells lack a value of `unit` or `by`, sums are dropped, or sums add up several levels of a column
        named like a day, time, visit, sample, batch, condition or stage, or with levels such as diagnosis and
        relapse. Other columns that vary within sums are logged.

    Examples
    --------
    >>> import marrowsig as ms
    >>> bulk = ms.pp.pseudobulk(ms.ds.toy(), unit="pair", by="culture", min_cells=1)
    >>> bulk.obs_names[0]
    'r1|co'

    References
    ----------
    Squair JW et al. Nat Commun 2021, doi:10.1038/s41467-021-25960-2 (cells are not replicates).
    """
    obs_of, columns = _columns(adata, unit, by)
    values, layer = _values(adata, layer)
    code, groups = _code(obs_of, columns)
    used = np.bincount(code[code >= 0], minlength=len(groups))
    names = ["|".join(map(level_text, row)) for row in groups.itertuples(index=False)]
    _refuse_sums(adata, used, min_cells)
    require_cells(used, columns[0], obs_of, min_cells)
    kept, few = _kept(names, used, min_cells)
    position = np.full(len(groups) + 1, -1)  # the last entry is where code -1 lands
    position[kept] = np.arange(kept.size)
    code = position[code]
    mixed = tell_of_mixed(obs_of, code, columns, sums=[names[k] for k in kept], stacklevel=4)
    obs = _obs(obs_of, code, columns).assign(n_cells=used[kept])
    obs.index = pd.Index([names[k] for k in kept], dtype=str)
    summed, parts = sums_by_type(values, code, kept.size, adata.obs, columns)
    obs["n_counts"] = np.asarray(summed.sum(axis=1)).ravel()
    made: dict[str, Any] = {"unit": columns[0], "by": as_json(columns[1:]), "layer": layer or "X"}
    made |= {
        "n_cells": int((code >= 0).sum()),
        "n_sums": int(kept.size),
        "sums": as_json([names[k] for k in kept]),
        "dropped": "; ".join(few),
        **few_sums(groups[used < min_cells], used[used < min_cells], min_cells),
        **mixed,
    }
    bulk = _assemble(adata, summed, obs, made)
    keep(bulk, adata.obs, code, columns)
    keep_same_shares(bulk, parts, seed=seed)
    if depth is not None:
        thin(bulk, depth=None if depth == "smallest" else cast("int", depth), seed=seed)
    return bulk


def _columns(
    adata: AnnData, unit: str | Sequence[str] | None, by: str | Sequence[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Give obs with the unit in one column, and the columns that make the sums, the unit first."""
    if unit is None or not len(unit):
        raise InputError(no_unit(adata.obs))
    units, split = ([given] if isinstance(given, str) else list(given) for given in (unit, by))
    columns = [*units, *split]
    absent = [c for c in columns if c not in adata.obs]
    if absent:
        have = adata.obs.columns
        told = f"{first(absent)}.{near_column(absent[0], have)}"
        msg = f"adata.obs has no column {told} It has: {first(have, 20) or 'none'}."
        raise InputError(msg)
    if len(set(columns)) < len(columns):
        msg = f"A column is named twice: {first(columns)}. Name each of unit and by once."
        raise InputError(msg)
    obs, name = joined(adata.obs, units)
    require_unit(name, obs.columns)
    refuse_crossed(obs, name, split)
    refuse_split(obs, name, split)
    refuse_kinds(obs, name, split, adata.uns, stacklevel=4)
    return obs, [name, *split]


def _values(adata: AnnData, layer: str | None) -> tuple[Any, str | None]:
    """Give the counts and their layer: the one asked for, else X, or "counts" where X is log."""
    from marrowsig.io._kind import guess_kind, kind_of

    if layer is not None and layer not in adata.layers:
        msg = f"adata.layers has no {layer!r}. It has: {first(layers_of(adata)) or 'none'}."
        raise InputError(msg)
    values = adata.X if layer is None else adata.layers[layer]
    where = "X" if layer is None else f"layers[{layer!r}]"
    recorded = recall(adata, "input", {}).get("kind") if layer is None else None
    if values is None:
        msg = "adata.X is empty (None). Put the counts into X, or name their layer with layer=."
        raise InputError(msg)
    if not in_memory(values):
        values = matrix(adata, layer)
        seen = kind_of_rows(values)
        # What was read as logs may have been replaced by counts since; estimated counts are known by record.
        kind = seen if seen in COUNTS and recorded not in COUNTS else recorded or seen
    else:
        if recorded == "counts":
            _require_whole(adata, values)
        kind = kind_of(adata) if layer is None else guess_kind(values)[0]
    if layer is None and kind == "log" and has_counts(adata):
        return adata.layers["counts"], "counts"
    if kind not in COUNTS:
        msg = f"pseudobulk sums counts, but {where} is {said_kind(values, kind)}. {_remedy(adata, layer)}"
        raise InputError(msg)
    return values, layer


def _remedy(adata: AnnData, layer: str | None) -> str:
    there = elsewhere(adata, COUNTS, but=layer)
    if not there and (given_back := hidden_counts(adata, layer)):
        return f"No layer holds counts. {given_back}"
    return there or "Pass raw counts; log or scaled values cannot be summed."


def _require_whole(adata: AnnData, values: Any) -> None:
    stored = values.data if sparse.issparse(values) else np.asarray(values)
    broken = int(((stored != np.rint(stored)) | (stored < 0)).sum())
    if broken:
        msg = (
            f"pseudobulk sums counts, and X is recorded as counts, but {broken} of {stored.size} values are "
            f"fractions or negative (from {stored.min():.4g} to {stored.max():.4g}). {_remedy(adata, None)} "
            "Estimated counts are declared with kind='expected_counts' on reading."
        )
        raise InputError(msg)


def _code(obs: pd.DataFrame, columns: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Group number of each row (-1: a value is missing), and the groups, sorted."""
    keys = obs[columns]
    kept = labelled(obs, columns, unit=columns[0], stacklevel=4)
    code = np.full(len(obs), -1)
    if not kept.any():
        return code, keys.iloc[:0]
    rows = keys[kept]
    code[kept] = rows.groupby(columns, sort=True, observed=True).ngroup()
    firsts = np.unique(code[kept], return_index=True)[1]
    return code, rows.iloc[firsts]


def _refuse_sums(adata: AnnData, used: np.ndarray, min_cells: int) -> None:
    made = recall(adata, "pseudobulk")
    if made is not None and len(used) and used.max() < min_cells:
        msg = (
            f"The rows are sums already, made by ms.pp.pseudobulk of {made['n_cells']} cells: score them as "
            "they are. To sum them once more, give min_cells=1, by which rows are counted."
        )
        raise InputError(msg)


def _kept(names: list[str], used: np.ndarray, min_cells: int) -> tuple[np.ndarray, list[str]]:
    if len(set(names)) < len(names):
        twice = sorted({n for n in names if names.count(n) > 1})
        msg = (
            f"Different combinations get one name: {first(twice)}. Take '|' out of the values of unit and by."
        )
        raise InputError(msg)
    few = [f"{n} ({k} cells)" for n, k in zip(names, used, strict=True) if k < min_cells]
    kept = np.flatnonzero(used >= min_cells)
    if kept.size == 0:
        msg = f"No sum has min_cells={min_cells} cells: {first(few) or 'no row has a unit'}. Lower min_cells."
        raise InputError(msg)
    if few:
        are = "is" if len(few) == 1 else "are"
        msg = f"{len(few)} of {len(names)} sums {are} dropped (min_cells={min_cells}): {first(few)}."
        warnings.warn(msg, InputWarning, stacklevel=4)
    return kept, few


def few_sums(levels: pd.DataFrame, n_cells: Any, min_cells: int) -> dict[str, Any]:
    """Record the sums that were dropped for their few cells, with their levels, for `ms.tl.compare`."""
    told = [[level_text(level) for level in row] for row in levels.itertuples(index=False)]
    few = {"columns": list(levels.columns), "levels": told, "n_cells": [int(n) for n in n_cells]}
    return {"min_cells": int(min_cells), "few": as_json(few)}


def _obs(obs: pd.DataFrame, code: np.ndarray, columns: list[str]) -> pd.DataFrame:
    used = obs[code >= 0]
    grouped = used.groupby(code[code >= 0])
    others = [c for c in obs if c not in columns]
    constant = [c for c in others if int(grouped[c].nunique(dropna=False).max()) == 1]
    firsts = np.unique(code[code >= 0], return_index=True)[1]
    return used.iloc[firsts][[*columns, *constant]].copy()


def _assemble(adata: AnnData, summed: Any, obs: pd.DataFrame, made: dict[str, Any]) -> AnnData:
    import anndata as ad

    bulk = ad.AnnData(summed, obs=obs, var=adata.var.copy())
    for section in ("input", "genes"):
        if (value := recall(adata, section)) is not None:
            record(bulk, section, value)
    read = dict(recall(adata, "input", {}))
    kind = "counts" if read.get("kind") != "expected_counts" else "expected_counts"
    if (layer := str(made["layer"])) != "X":
        read["decisions"] = of_layer(str(read.get("decisions", "")), layer)
    record(bulk, "input", {**read, "kind": kind})
    record(bulk, "pseudobulk", made)
    of = "X" if layer == "X" else f"layers[{layer!r}], not X"
    logger.info(
        "pseudobulk: %d cells -> %d sums over %s, of %s", made["n_cells"], bulk.n_obs, made["unit"], of
    )
    return bulk
