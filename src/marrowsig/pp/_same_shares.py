"""Sums of cells as they would be with the same shares of cell types, beside the sums as they are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from marrowsig._cell_types import ASKED, same_layer, typed
from marrowsig.pp._draws import every_draw
from marrowsig.pp._group_sums import group_sums

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from anndata import AnnData
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Array = NDArray[np.float64]

LEAST, CELLS = 0.05, 5
"""Mean share of a type that is held the same, and the cells of it that a sum needs."""
DRAWS, FEWEST, ROWS = 10, 3, 300
"""Of one draw, sizes of unlike seeds differ (SD) by up to a third of the half width of their interval.

Each is as large as the sums: of many, so many are kept that they are `ROWS` rows together.
"""
AT_ONCE = 20
"""Sums whose types are drawn at once: all draws of all types of many sums fill the memory."""
MANY = 0.75
"""Share of the sums that have to hold a type; one that fewer hold is left out of all."""
HELD = 0.5
"""Share of the cells that have to be of types that are held; below, a sum says nothing."""


class Parts(NamedTuple):
    """Sums of the cells of one type of one sum: counts (n_parts, n_genes), sum, type (-1: none), cells."""

    counts: Any
    row: Whole
    type: Whole
    n_cells: Whole


def sums_by_type(
    values: Any, code: Whole, n: int, obs: pd.DataFrame, used: Iterable[str]
) -> tuple[Any, Parts | None]:
    """Sum the rows of each group, in one reading also by cell type, where a column names types."""
    found = typed(obs, code >= 0, used)
    if found is None:
        return group_sums(values, code, n), None
    both = np.where(code >= 0, code * (len(found.types) + 1) + found.place + 1, -1)
    seen, part, n_cells = np.unique(both[both >= 0], return_inverse=True, return_counts=True)
    own = np.full(len(code), -1)
    own[both >= 0] = part
    counts = group_sums(values, own, len(seen))
    row, kind = np.divmod(seen, len(found.types) + 1)
    into = sparse.csr_matrix((np.ones(len(seen), counts.dtype), (row, np.arange(len(seen)))), (n, len(seen)))
    summed = into @ counts
    parts = Parts(counts, row, kind - 1, n_cells)
    return (summed.tocsr() if sparse.issparse(summed) else np.asarray(summed)), parts


def keep_same_shares(bulk: AnnData, parts: Parts | None, *, seed: int) -> None:
    """Put `layers["same_shares"]` beside sums of cells whose shares of types are known.

    Of every type as many cells' worth of counts are drawn that shares are those of the mean over the sums (of
    estimated counts, that are fractions, this part is taken); rows that lack a type hold no counts. Sums that
    share no types (stroma beside leukaemia cells) have a mean of their own. Nothing is written where no share
    differs by three points between two sums. The layer is the first of ten draws (of more than thirty sums:
    fewer), which are balanced; the others are `layers["same_shares_2"]` and so on.
    """
    if parts is None:
        return
    left = kept_part(parts, bulk.n_obs)
    if not left.any():
        return
    from marrowsig._progress import tqdm

    depth = np.asarray(parts.counts.sum(axis=1, dtype=np.float64)).ravel() * left
    names, whole = np.asarray(bulk.var_names, dtype=str), np.floor(depth).astype(np.int64)
    drawn, blocks, n = are_whole(parts.counts), [], n_draws(bulk.n_obs)
    some = np.array_split(np.arange(bulk.n_obs), -(-bulk.n_obs // AT_ONCE))
    for sums in tqdm(some, desc="same shares", delay=2, leave=False):
        at = np.flatnonzero(np.isin(parts.row, sums) & (left > 0))
        own = parts.counts[at]
        held = [sparse.diags_array(left[at]) @ own]
        if drawn and at.size:
            held = every_draw([own], names, whole[at], seed=seed, n=n, keep=False)
        ones = np.ones(at.size, held[0].dtype)
        into = sparse.csr_matrix((ones, (parts.row[at] - sums[0], np.arange(at.size))), (sums.size, at.size))
        made = [into @ one for one in held]
        blocks.append(made * (n if drawn and not at.size else 1))
    stack = partial(sparse.vstack, format="csr") if sparse.issparse(blocks[0][0]) else np.vstack
    for k, every in enumerate(zip(*blocks, strict=True)):
        bulk.layers[same_layer(k)] = stack(list(every)).astype(parts.counts.dtype if drawn else np.float64)


def n_draws(n_sums: int) -> int:
    """Draws that are kept of so many sums.

    >>> [n_draws(n) for n in (6, 30, 60, 600)]
    [10, 10, 5, 3]
    """
    return min(DRAWS, max(FEWEST, ROWS // n_sums))


def are_whole(counts: Any) -> bool:
    """Whether counts, dense or sparse and of any dtype, are whole numbers, as most files store as floats.

    >>> import numpy as np
    >>> are_whole(np.array([[2.0, 0.0]], dtype=np.float32)), are_whole(np.array([[2.5, 0.0]]))
    (True, False)
    """
    stored = counts.data if sparse.issparse(counts) else np.asarray(counts)
    return stored.dtype.kind != "f" or bool((stored == np.rint(stored)).all())


def kept_part(parts: Parts, n: int) -> Array:
    """Share of the counts of every part that is left, so that all sums have one composition; else 0.

    >>> import numpy as np
    >>> two = Parts(None, np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([60, 20, 40, 40]))
    >>> kept_part(two, 2).round(2).tolist()  # 5 to 3 in both
    [0.56, 1.0, 1.0, 0.6]
    """
    cells = np.zeros((n, int(parts.type.max(initial=0)) + 1))
    inside = parts.type >= 0
    cells[parts.row[inside], parts.type[inside]] = parts.n_cells[inside]
    every: Array = np.bincount(parts.row, weights=parts.n_cells, minlength=n).astype(np.float64)
    left = np.zeros_like(cells)
    for rows in _alike(cells, every):
        left[rows] = _left(cells[rows], every[rows])
    out = np.zeros(len(parts.row))
    out[inside] = left[parts.row[inside], parts.type[inside]]
    return out


def _left(cells: Array, every: Array) -> Array:
    """Give the same for sums that share types (n_sums, n_types)."""
    share = cells / every[:, None]
    types = (share.mean(axis=0) >= LEAST) & ((cells >= CELLS).mean(axis=0) >= MANY)
    rows = (cells[:, types] >= CELLS).all(axis=1) & (share[:, types].sum(axis=1) >= HELD)
    out = np.zeros_like(cells)
    if types.sum() < 2 or not rows.any():
        return out
    own = cells[np.ix_(rows, types)] / cells[np.ix_(rows, types)].sum(axis=1, keepdims=True)
    if np.ptp(own, axis=0).max() < ASKED:
        return out
    part = own.mean(axis=0) / own
    out[np.ix_(rows, types)] = part / part.max(axis=1, keepdims=True)
    return out


def _alike(cells: Array, every: Array) -> list[Whole]:
    """Part the sums so that those which share a type are together."""
    holds = sparse.csr_matrix((cells >= CELLS) & (cells >= LEAST * every[:, None]))
    n, label = connected_components(holds @ holds.T, directed=False)
    return [np.flatnonzero(label == k) for k in range(n)]
