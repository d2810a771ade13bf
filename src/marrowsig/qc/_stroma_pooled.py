"""One profile of stroma from sums of its cells, the same however these were split."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._arms import as_text
from marrowsig._errors import InputWarning, count
from marrowsig._provenance import recall
from marrowsig._unit_columns import donors_of

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig.design import Design
    from marrowsig.qc._linear import Linear

    Array = NDArray[np.float64]

ENOUGH = 10
"""Counts of a donor per gene from which donors differ by more than chance: see docs/stroma.md."""


def summed_of(stroma: AnnData, design: Design) -> NDArray[np.object_] | None:
    """Donor of each row where rows are sums of cells; None where they are samples."""
    made = recall(stroma, "pseudobulk")
    if made is None and "n_cells" not in stroma.obs:
        return None
    named = [str((made or {}).get("unit", "")), design.unit, design.pair, *donors_of(stroma.obs.columns)]
    column = next((c for c in named if c in stroma.obs), None)
    rows = stroma.obs_names if column is None else as_text(stroma.obs[column])
    return np.asarray(rows, dtype=object)


def warn_of_dropped(stroma: AnnData) -> None:
    """Warn where sums of few cells were left out, which weigh little here anyway."""
    dropped = str((recall(stroma, "pseudobulk") or {}).get("dropped", ""))
    if dropped:
        n = len(dropped.split("; "))
        msg = (
            f"{count(n, 'sum')} of stroma had few cells and {'was' if n == 1 else 'were'} dropped before "
            "ms.qc.stroma, which adds the sums of a donor up: keep all, stroma = ms.pp.pseudobulk(..., "
            "min_cells=1)."
        )
        warnings.warn(msg, InputWarning, stacklevel=5)


def pooled(values: Linear, donors: NDArray[np.object_] | None, rows: NDArray[np.bool_]) -> Array:
    """Level of each gene in `rows`: the mean of samples or, of sums of cells, of donors.

    The counts of a donor are added up. Donors count alike from 10 counts a gene on; below, each counts as
    it has counts, since the level in few of them is mostly chance.
    """
    own, depth = values.matrix[rows], values.depth[rows]
    if donors is None or not np.isfinite(depth).all():
        return np.asarray(own.mean(axis=0))
    _, code = np.unique(donors[rows].astype(str), return_inverse=True)
    total = np.bincount(code, weights=depth)[code]
    weight = depth * np.minimum(1.0, ENOUGH * own.shape[1] / total)
    return np.asarray(weight @ own / weight.sum())


def first_of(
    donors: NDArray[np.object_] | None, alone: NDArray[np.bool_], plain: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Rows to count: all samples or, of sums of cells, the first of each donor that was treated alike."""
    if donors is None:
        return np.ones(alone.size, dtype=bool)
    return ~pd.DataFrame({"donor": donors, "alone": alone, "plain": plain}).duplicated().to_numpy()
