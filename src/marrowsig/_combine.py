"""Bring several columns of one gene together: summed, averaged, or the strongest kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from marrowsig._kinds import COUNTS, LENGTHS

ADDITIVE = frozenset((*COUNTS, *LENGTHS))


def groups_of(keys: list[str]) -> list[np.ndarray]:
    """Column positions of each key, in the order in which the keys first appear."""
    found: dict[str, list[int]] = {}
    for position, key in enumerate(keys):
        found.setdefault(key, []).append(position)
    return [np.asarray(positions) for positions in found.values()]


def strongest(values: Any, groups: list[np.ndarray]) -> np.ndarray:
    """Position in each group of the column with the highest mean; the first of equals."""
    return np.array([_highest(values, g) if g.size > 1 else g[0] for g in groups], dtype=np.intp)


def combine(values: Any, groups: list[np.ndarray], *, rule: str, kept: np.ndarray) -> Any:
    """One column per group: its `rule` ("sum" or "mean") over the group, or the `kept` column for "max"."""
    if rule == "max":
        return values[:, kept]
    if sparse.issparse(values):
        return _combine_sparse(values, groups, rule)
    dense = np.asarray(values)
    out = dense[:, [g[0] for g in groups]].astype(_wide(dense.dtype, rule), copy=True)
    for column, group in enumerate(groups):
        if group.size > 1:
            part = dense[:, group]
            out[:, column] = part.mean(axis=1) if rule == "mean" else part.sum(axis=1)
    return out


def _combine_sparse(values: Any, groups: list[np.ndarray], rule: str) -> Any:
    sizes = np.array([g.size for g in groups])
    dtype = _wide(values.dtype, rule)
    weight = np.repeat(1 / sizes if rule == "mean" else np.ones(len(groups)), sizes).astype(dtype)
    where = (np.concatenate(groups), np.repeat(np.arange(len(groups)), sizes))
    member = sparse.csr_matrix((weight, where), shape=(values.shape[1], len(groups)))
    return type(values)((values @ member).asformat(values.format))


def _wide(dtype: np.dtype, rule: str) -> np.dtype:
    """Numeric type that holds the result: a mean of integers is a fraction, a sum may outgrow its type."""
    if dtype.kind == "f":
        return dtype
    return np.dtype(np.float64 if rule == "mean" else np.int64)


def _highest(values: Any, group: np.ndarray) -> int:
    means = np.asarray(values[:, group].mean(axis=0), dtype=float).ravel()
    return int(group[int(np.argmax(np.where(np.isnan(means), -np.inf, means)))])
