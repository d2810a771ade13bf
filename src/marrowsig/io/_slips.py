"""Slips of the hand in a table of expression: a few counts below zero, and a row of totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._errors import InputError, count, first

if TYPE_CHECKING:
    from anndata import AnnData

FEW = 0.01
"""Share of whole numbers below zero up to which they are slips; of array signal far more are."""
GENES = 100


def refuse_slips(adata: AnnData, kind: str, *, said: bool) -> None:
    """Raise where whole numbers, as counts are, are below zero here and there, or a row sums up all others.

    `said` is whether a person named the kind, who then knows of the values below zero.

    Raises
    ------
    InputError
        With how many values, in which genes and samples; or with the row.
    """
    if adata.n_vars < GENES or not (isinstance(adata.X, np.ndarray) or sparse.issparse(adata.X)):
        return
    stored: Any = adata.X.data if sparse.issparse(adata.X) else adata.X
    if kind == "linear_negative" and not said and (stored == np.rint(stored)).all():
        rows, columns = (adata.X < 0).nonzero()
        if 0 < rows.size <= FEW * adata.n_obs * adata.n_vars:
            genes, samples = np.unique(columns), np.unique(rows)
            msg = (
                f"{count(rows.size, 'value is', 'values are')} below zero, and all are whole numbers as "
                f"counts are, which cannot be: genes ({genes.size}) {first(adata.var_names[genes])}, samples "
                f"({samples.size}) {first(adata.obs_names[samples])}. Correct them at the source; if these "
                "are values of arrays, say kind='linear_negative'."
            )
            raise InputError(msg)
    if kind not in ("log", "linear_negative") and adata.n_obs > 1 and (row := _total(adata)):
        msg = (
            f"Row {row!r} holds the sum of all other rows in every sample: a total, and no gene. Delete it "
            "from the table, since it would count as half of each library."
        )
        raise InputError(msg)


def _total(adata: AnnData) -> str:
    """Name of the gene with the sum of all others in every row, if there is one."""
    one = adata.X[:1]
    largest = int(np.argmax(one.toarray() if sparse.issparse(one) else np.asarray(one)))
    value = adata.X[:1, largest]
    if 2 * float(value.sum()) < 0.99 * float(one.sum(dtype=np.float64)):
        return ""
    column: Any = adata.X[:, [largest]]
    held = np.asarray(column.toarray() if sparse.issparse(column) else column, dtype=np.float64).ravel()
    all_rows = np.asarray(adata.X.sum(axis=1, dtype=np.float64)).ravel()
    return str(adata.var_names[largest]) if np.allclose(2 * held, all_rows, rtol=1e-5) else ""
