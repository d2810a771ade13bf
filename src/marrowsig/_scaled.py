"""Whether every gene of a matrix was brought to one standard deviation: told from a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._source import in_memory
from marrowsig._view import some_rows

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

GENES = 200
ROWS, SPARSE_ROWS = 5000, 1000  # looked at, evenly spaced; of a file, some 200
FEW_GENES = 20
CLOSE, SHARE = 0.05, 0.4
"""Share of standard deviations this close to 1, by many rows: 0.6 and more if scaled, else below 0.15."""
LOOSE, LOOSE_SHARE = 0.25, 0.55
"""The same by few rows of many: 0.65 and more if scaled, else below 0.35."""
CENTRED = 0.25  # also by few rows, the mean of a scaled gene is this close to 0; sparse ones keep theirs


def looks_scaled(x: Any) -> bool:
    """Whether most genes that vary have a standard deviation of 1; `x` as `_view.matrix` gives it."""
    part, _ = _part(x)
    n = len(part)
    part = part[:, part.min(axis=0) < part.max(axis=0)]
    if part.shape[1] < FEW_GENES or not np.isfinite(part).all():
        return False
    # Log expression of a cohort, cut to genes that vary most, may come near in spread, but not in mean.
    if not issparse(x) and (np.abs(part.mean(axis=0)) < CENTRED).mean() < 0.8:
        return False
    near, share = (CLOSE, SHARE) if n in (x.shape[0], ROWS) else (LOOSE, LOOSE_SHARE)
    sd = part.std(axis=0, ddof=1)
    return any((np.abs(given - 1) < near).mean() >= share for given in (sd, sd * np.sqrt(1 - 1 / n)))


def scaled_by_scanpy(adata: AnnData, x: Any) -> bool:
    """Whether `x` is what `scanpy.pp.scale` left, by the mean and std that it wrote, also of some cells only.

    Undone by these, expression is nowhere negative, as log ratios are that somebody summed up in `var`.
    """
    own = [adata.var[name] for name in ("mean", "std") if name in adata.var]
    if len(own) < 2 or any(column.dtype.kind != "f" for column in own):
        return False
    part, columns = _part(x)
    mean, sd = (column.to_numpy()[columns] for column in own)
    return bool(part.min() < 0 and (part * sd + mean).min() > -1e-3)


def _part(x: Any) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Cut out some rows of some genes, dense; and which genes."""
    n, p = x.shape
    columns = _spread(p, GENES)
    if not in_memory(x):
        part = some_rows(x)[:, columns]
    elif not issparse(x):
        part = x[np.ix_(_spread(n, ROWS), columns)]
    elif x.format == "csc":
        part = x[:, columns][_spread(n, SPARSE_ROWS)]
    else:
        part = x[_spread(n, SPARSE_ROWS)][:, columns]
    return np.asarray(part.toarray() if issparse(part) else part, dtype=np.float64), columns


def _spread(n: int, most: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.int64))
