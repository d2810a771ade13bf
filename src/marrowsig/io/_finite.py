"""Refuse matrices with missing or infinite values, and say where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._errors import InputError, first

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_finite(
    values: Any, *, obs_names: Sequence[str] | None = None, var_names: Sequence[str] | None = None
) -> None:
    """Raise if a value is NaN or infinite.

    Parameters
    ----------
    values
        Dense array or CSR/CSC matrix (n_obs, n_vars).
    obs_names, var_names
        Names of samples and genes for the message; positions are given without them.

    Raises
    ------
    InputError
        With how many values, in which genes and in which samples.
    """
    rows, columns = _where(values)
    if rows.size == 0:
        return
    msg = (
        f"{rows.size} of {values.shape[0] * values.shape[1]} values are missing or infinite. "
        f"Genes ({np.unique(columns).size}): {_names(columns, var_names)}. "
        f"Samples ({np.unique(rows).size}): {_names(rows, obs_names)}. "
        "Fill them at the source, or drop these genes: ms.io.read(path, missing='drop')."
    )
    raise InputError(msg)


def finite_genes(values: Any) -> np.ndarray:
    """Mask (n_vars,) of genes without a missing or infinite value."""
    keep = np.ones(values.shape[1], dtype=bool)
    keep[_where(values)[1]] = False
    return keep


def _where(values: Any) -> tuple[np.ndarray, np.ndarray]:
    stored = values.data if sparse.issparse(values) else values
    none = np.array([], dtype=int)
    # One sum is far quicker than a mask, and NaN or infinity always shows in it.
    if stored.dtype.kind != "f" or np.isfinite(stored.sum(dtype=np.float64)):
        return none, none
    if sparse.issparse(values):
        triplet = values.tocoo()
        bad = ~np.isfinite(triplet.data)
        return triplet.row[bad], triplet.col[bad]
    rows, columns = np.nonzero(~np.isfinite(values))
    return rows, columns


def _names(positions: np.ndarray, names: Sequence[str] | None) -> str:
    unique = np.unique(positions)
    return first([names[i] for i in unique] if names is not None else [f"number {i + 1}" for i in unique])
