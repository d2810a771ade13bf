"""What `ms.pp.thin` is given: counts, groups of rows, a depth; and what it refuses."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from marrowsig._errors import DesignError, InputError, InputWarning, first
from marrowsig._given import require_design
from marrowsig._layers import layers_of
from marrowsig._stats.thinning import MOST
from marrowsig.pp._on_disk import refuse_file

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

    Whole = NDArray[np.int64]


def counts_of(adata: AnnData, layer: str | None) -> tuple[Any, str]:
    """Give the counts that are to be thinned, and where they are; refuse what are none."""
    from marrowsig.io._kind import kind_of

    refuse_file(adata, "thin")
    if layer is not None and layer not in adata.layers:
        msg = f"adata.layers has no {layer!r}. It has: {first(layers_of(adata)) or 'none'}."
        raise InputError(msg)
    if layer is None and "counts" in adata.layers:
        layer = "counts"
    values, where = (adata.X, "X") if layer is None else (adata.layers[layer], layer)
    if values is None:
        msg = "adata.X is empty (None). Put the counts into X, or name their layer."
        raise InputError(msg)
    stored = values.data if sparse.issparse(values) else np.asarray(values)
    wrong = int((~np.isfinite(stored) | (stored < 0) | (stored != np.rint(stored))).sum())
    if wrong or (where == "X" and kind_of(adata) == "log"):
        seen = f"{wrong} of {stored.size} values are fractions, negative or missing" if wrong else "is log"
        msg = (
            f"thin draws from whole counts, but {where} does not hold them ({seen}). Name their layer with "
            "layer=. Estimated counts (RSEM, salmon) and TPM cannot be thinned."
        )
        raise InputError(msg)
    return values, where


def groups(obs: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Label the rows by the columns that part them; refuse missing values."""
    absent = [name for name in columns if name not in obs]
    if absent:
        msg = f"adata.obs has no column {first(absent)} (by). It has: {first(obs.columns, 20) or 'none'}."
        raise InputError(msg)
    lacking = obs[columns].isna().any(axis=1)
    if lacking.any():
        msg = (
            f"{int(lacking.sum())} rows have no value in {first(columns)} (by): {first(obs.index[lacking])}."
        )
        raise InputError(msg)
    if not columns:
        return pd.Series("", index=obs.index)
    return obs[columns].astype(str).agg("|".join, axis=1)


def inside_of(design: Design | FormulaDesign | None, obs: pd.DataFrame) -> NDArray[np.bool_]:
    """Say of every row whether the design puts it into an arm; without a design all count."""
    if design is None:
        return np.ones(len(obs), dtype=bool)
    require_design(design)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # the comparison gives them
        inside = design.arms(obs).notna().to_numpy(dtype=bool)
    if not inside.any():
        msg = f"No row is in an arm of the design: {design!r}. Without design= every row counts."
        raise DesignError(msg)
    return inside


def totals(values: Any, names: pd.Index) -> Whole:
    """Return the counts per row; refuse rows without any, and with more than numpy can draw from."""
    total = np.asarray(values.sum(axis=1, dtype=np.float64)).ravel()
    for wrong, said in ((total == 0, "no counts"), (total >= MOST, f"{MOST:,} counts or more")):
        if wrong.any():
            msg = f"{int(wrong.sum())} rows have {said}: {first(names[wrong])}. Leave them out first."
            raise InputError(msg)
    return total.astype(np.int64)


def checked(depth: Any, total: Whole, names: pd.Index) -> int:
    """Return the depth if every row has as many counts."""
    if isinstance(depth, bool) or not isinstance(depth, int | np.integer) or depth < 1:
        msg = f"depth={depth!r} has to be a whole number of counts, from 1 on."
        raise InputError(msg)
    short = total < depth
    if short.any():
        told = first(f"{name} ({n:,})" for name, n in zip(names[short], total[short], strict=True))
        msg = (
            f"{int(short.sum())} of {len(total)} rows have fewer than depth={depth:,} counts: {told}. "
            "Leave them out first, or lower depth."
        )
        raise InputError(msg)
    return int(depth)


def whole(name: str, value: Any, least: int) -> int:
    """Return a whole number, at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        msg = f"{name}={value!r} has to be a whole number, from {least} on."
        raise InputError(msg)
    return int(value)
