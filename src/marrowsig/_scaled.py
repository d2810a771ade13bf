"""Whether genes of a matrix were brought to one standard deviation or mean: told from a part of it."""

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
CLOSE, SHARE = 0.01, 0.35
"""Share of standard deviations this close to 1, by all rows: tests/bench/scaled.py has what others reach."""
LOOSE, LOOSE_SHARE = 3.0, 0.55
"""The same by some rows of many, within LOOSE / sqrt(rows)."""
SIZE, SIZE_SHARE, CENTRED, CENTRED_SHARE = 0.25, 0.65, 0.25, 0.4
"""Of rows that were scaled among others: root mean squares this close to 1, and means this close to 0."""
HIGHER = 1.8
"""Highest value by the size of the lowest: logs of counts per million of three data sets, with four ways to
keep zeros from minus infinity, reach 2.1 to 12; centred by gene 0.6 to 1.2."""
MEAN, MEAN_SHARE = 0.3, 0.6
"""Of values around 0: means this close to it, in standard deviations of the gene, and share of such genes."""


def looks_scaled(x: Any) -> bool:
    """Whether most genes that vary have a standard deviation of 1; `x` as `_view.matrix` gives it.

    Or had it, centred, among more rows, of which these are a part.
    """
    if in_memory(x) and _whole_numbers(x):
        return False
    part, _ = _part(x)
    n = len(part)
    part = part[:, part.min(axis=0) < part.max(axis=0)]
    if part.shape[1] < FEW_GENES or not np.isfinite(part).all():
        return False
    near, share = (CLOSE, SHARE) if n == x.shape[0] else (LOOSE / np.sqrt(n), LOOSE_SHARE)
    sd = part.std(axis=0, ddof=1)
    if any((np.abs(given - 1) < near).mean() >= share for given in (sd, sd * np.sqrt(1 - 1 / n))):
        return True
    if issparse(x) or part.min() >= 0:
        return False
    size, mean = np.sqrt((part**2).mean(axis=0)), part.mean(axis=0)
    sized = (np.abs(size - 1) < SIZE).mean() >= SIZE_SHARE
    return bool(sized and (np.abs(mean) < CENTRED).mean() >= CENTRED_SHARE)


def said_kind(x: Any, kind: str) -> str:
    """Say what values hold that were taken for `kind`: negative logs are z-scores, or centred by gene."""
    if kind != "log" or not _has_negative(x):
        return kind
    if looks_scaled(x):
        return "scaled (z-scores of each gene)"
    rows = some_rows(x)
    high = reaches_higher(float(rows.min()), float(rows.max())) and not looks_centred(x)
    return kind if high else "negative in part (centred, or log ratios)"


def reaches_higher(low: float, high: float) -> bool:
    """Whether logs with negatives lie above 0 in the main: centred ones reach as far below it as above."""
    return low < 0 and high > HIGHER * -low


def _has_negative(x: Any) -> bool:
    stored = x.data if issparse(x) else x
    return bool(np.min(stored) < 0) if isinstance(stored, np.ndarray) and stored.size else False


def looks_centred(x: Any) -> bool:
    """Whether most genes that vary lie around 0: less their own mean, or that of a reference."""
    if issparse(x):
        return False
    part, _ = _part(x)
    part = part[:, part.min(axis=0) < part.max(axis=0)]
    if part.shape[1] < FEW_GENES or not np.isfinite(part).all() or part.min() >= 0:
        return False
    return bool((np.abs(part.mean(axis=0)) < MEAN * part.std(axis=0)).mean() >= MEAN_SHARE)


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


def _whole_numbers(x: Any) -> bool:
    """Whether the first values are counts, which need no further look."""
    values = x.data[: x.shape[1]] if issparse(x) else x[0]
    values = values[values != 0][:GENES]
    return bool(values.size >= FEW_GENES and (values == np.rint(values)).all())


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
