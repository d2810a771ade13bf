"""Log values that give back the counts they were made of: log1p of counts divided by the cell's total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._view import some_rows

if TYPE_CHECKING:
    from anndata import AnnData

SHARE = 0.8
"""Of cells that give whole numbers: in shallow ones too few genes have two counts."""
FEWEST, UP_TO, NEAR, MOST, CELLS = 5, 20, 0.01, 0.98, 3
"""Values of a cell looked at, from 2 to 20 counts, how near a whole number, their share; fewest cells."""


def holds_counts(x: Any) -> bool:
    """Whether `expm1` of the rows, divided by the smallest value above 0 of each, are whole numbers.

    >>> import numpy as np
    >>> counts = np.random.default_rng(0).poisson(1.5, (5, 300))
    >>> logged = np.log1p(counts / counts.sum(axis=1, keepdims=True) * 1e4)
    >>> holds_counts(logged), holds_counts(logged - logged.mean(axis=0)), holds_counts(np.sqrt(logged))
    (True, False, False)
    """
    rows = some_rows(x)
    dense = np.asarray(rows.toarray() if issparse(rows) else rows, dtype=np.float64)
    if not dense.size or not np.isfinite(dense).all() or dense.min() < 0 or dense.max() > 30:
        return False
    whole = [_whole(np.expm1(row[row > 0])) for row in dense if (row > 0).any()]
    return len(whole) >= CELLS and float(np.mean(whole)) >= SHARE


def _whole(values: np.ndarray) -> bool:
    times = values / values.min()
    few = times[(times > 1 + NEAR) & (times < UP_TO)]
    return len(few) >= FEWEST and bool((np.abs(few - np.rint(few)) < NEAR).mean() >= MOST)


def hidden_counts(adata: AnnData, layer: str | None) -> str:
    """Say that X, or raw, is log1p of normalised counts, and how these are had back; empty if it is not."""
    if layer is None and adata.X is not None and holds_counts(adata.X):
        name, first = "adata", ""
    elif adata.raw is not None and holds_counts(adata.raw.X):
        name, first = "full", "full = adata.raw.to_adata(); "
    else:
        return ""
    return (
        f"{'adata.raw' if first else 'X'} is log1p of counts divided by each cell's total, which gives the "
        f"counts back: {first}x = scipy.sparse.csr_matrix({name}.X).expm1(); x.data /= np.repeat("
        "[x[i].data.min(initial=np.inf) for i in range(x.shape[0])], np.diff(x.indptr)); "
        f"{name}.layers['counts'] = x.rint(). It assumes that the smallest value of each cell is one count."
    )
