"""Marks of a scored matrix, by which a later call tells whether earlier scores are those of its rows."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._provenance import as_json, recall
from marrowsig._source import in_memory, is_lazy
from marrowsig._view import some_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData

    from marrowsig.tl._score_task import Task

ROWS = 20  # hashed, evenly spaced; of a file, those that `some_rows` gives
NAMED = 50  # rows hashed by name
VALUES = 2**18  # summed up; of more, evenly spaced ones, as all would take a fifth of the time of a call
CHANGED = "rows, genes or values of the matrix have changed since"


def fingerprint(adata: AnnData, task: Task) -> str:
    """Hash shape, names of rows and genes, some rows, and the sum of what is in memory.

    It tells one matrix from another at next to no cost, and may miss a change of single values of many.
    """
    x, seen = task.x, hashlib.sha256(f"{task.x.shape} {_draws(adata, task)}".encode())
    for names in (task.names, adata.obs_names.astype(str)):
        seen.update("\n".join(names).encode())
    part = x[np.unique(np.linspace(0, x.shape[0] - 1, ROWS).astype(int))] if in_memory(x) else some_rows(x)
    for values in (part.indptr, part.indices, part.data) if issparse(part) else (np.asarray(part),):
        seen.update(np.ascontiguousarray(values).tobytes())
    if in_memory(x):
        stored = x.data if issparse(x) else np.asarray(x).ravel(order="K")
        some = stored[:: max(1, stored.size // VALUES)]
        with np.errstate(all="ignore"):
            seen.update(f"{stored.size} {float(some.sum(dtype=np.float64)):.9e}".encode())
    return seen.hexdigest()


def of_rows(adata: AnnData, task: Task) -> str:
    """Hash the genes, and some rows by name: what a part of the rows, or a file of them, is known by."""
    if is_lazy(task.x):  # a row may take all that comes before it
        return ""
    at = np.unique(np.linspace(0, task.x.shape[0] - 1, NAMED).astype(int))
    rows = {str(adata.obs_names[i]): _row(task.x, i) for i in at}
    return as_json({"genes": _genes(adata, task), "summed": in_memory(task.x), "rows": rows})


def why_changed(adata: AnnData, task: Task, entry: Mapping[str, Any], mark: str) -> str:
    """Say why scores that `entry` describes are not those of the rows; nothing where they are.

    Rows that are fewer than those scored, and rows in a file, are compared by the values of those with marks.
    """
    if entry.get("matrix") == mark:
        return ""
    known, names = json.loads(str(entry.get("rows") or "{}")), adata.obs_names.astype(str)
    fewer = adata.n_obs < int(entry.get("n_obs", 0))
    same_numbers = fewer or not (known.get("summed") and in_memory(task.x))
    if not known or not same_numbers or is_lazy(task.x) or not names.is_unique:
        return CHANGED
    if known["genes"] != _genes(adata, task):
        return "genes of the matrix have changed since"
    place = names.get_indexer(list(known["rows"]))
    if not (place >= 0).any():
        return f"none is left of {len(known['rows'])} rows, by which it is told that values are unchanged"
    if not fewer and (place < 0).any():
        return CHANGED
    same = [_row(task.x, i) == told for i, told in zip(place, known["rows"].values(), strict=True) if i >= 0]
    return "" if all(same) else "values of the matrix have changed since"


def _draws(adata: AnnData, task: Task) -> str:
    made = recall(adata, "thin", {}) if task.how["layer"] is None else {}
    return f"{made.get('seed')} {made.get('draws')}"


def _genes(adata: AnnData, task: Task) -> str:
    return hashlib.sha256("\n".join([_draws(adata, task), *task.names]).encode()).hexdigest()[:16]


def _row(x: Any, i: int) -> str:
    """Hash the values of one row, however they are stored."""
    part = x[int(i) : int(i) + 1]
    values = np.asarray(part.toarray() if issparse(part) else part, dtype=np.float64).ravel()
    return hashlib.sha256((values + 0.0).tobytes()).hexdigest()[:16]
