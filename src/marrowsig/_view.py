"""AnnData as blocks of rows, and scores back into it: the only file that unpacks AnnData for scoring."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._errors import InputError, first
from marrowsig._layers import layers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from anndata import AnnData
    from numpy.typing import NDArray

CELLS = 4_000_000  # numbers in one dense block: 32 MB


def gene_names(adata: AnnData) -> list[str]:
    """`var_names`, which must be unique."""
    names = adata.var_names
    if not names.is_unique:
        twice = names[names.duplicated()].unique()
        msg = (
            f"{len(twice)} genes occur more than once in var_names: {first(twice)}. "
            "Run ms.pp.map_genes(adata), which merges them, first."
        )
        raise InputError(msg)
    return [str(g) for g in names]


def matrix(adata: AnnData, layer: str | None = None) -> Any:
    """`X` or a layer, in a form whose rows can be cut out."""
    if layer is not None and layer not in adata.layers:
        msg = f"There is no layer {layer!r}. This AnnData has: {first(layers_of(adata)) or 'none'}."
        raise InputError(msg)
    if adata.is_view and adata.isbacked:
        msg = "This AnnData is a view of a file, which cannot hold scores. Use adata.to_memory() first."
        raise InputError(msg)
    x = adata.X if layer is None else adata.layers[layer]
    if x is None or 0 in x.shape:
        msg = f"There is nothing to score: the matrix is {adata.n_obs} rows x {adata.n_vars} genes."
        raise InputError(msg)
    if getattr(x, "format", "csr") == "csr":
        return x
    # Rows cannot be cut out of columns one by one in reasonable time.
    return (x if issparse(x) else x.to_memory()).tocsr()


def whole(x: Any) -> Any:
    """All rows in memory, dense or CSR, checked to be finite."""
    block = x.to_memory() if hasattr(x, "to_memory") else x[:]
    block = block.compute() if hasattr(block, "compute") else block
    if issparse(block):
        _check_finite(np.asarray(block.data), "the matrix")
        return block.tocsr()
    full = np.asarray(block, dtype=np.float64)
    _check_finite(full, "the matrix")
    return full


def n_rows(x: Any, block_rows: int | None = None) -> int:
    """Rows of one block."""
    return block_rows or max(1, CELLS // x.shape[1])


def blocks(x: Any, block_rows: int | None = None) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Consecutive rows as dense float64 arrays, checked to be finite."""
    step = n_rows(x, block_rows)
    for start in range(0, x.shape[0], step):
        rows = slice(start, min(start + step, x.shape[0]))
        yield rows, dense(x, rows)


def dense(x: Any, rows: slice) -> NDArray[np.float64]:
    """Rows of a dense, sparse, lazy or backed matrix as one float64 array."""
    block = x[rows]
    block = block.compute() if hasattr(block, "compute") else block
    block = block.toarray() if issparse(block) else block
    out = np.ascontiguousarray(block, dtype=np.float64)
    _check_finite(out, f"rows {rows.start} to {rows.stop - 1}")
    return out


def _check_finite(values: NDArray[Any], where: str) -> None:
    bad = int(values.size - np.isfinite(values).sum())
    if bad:
        msg = (
            f"{bad} of the values in {where} are NaN or infinite. Remove or impute these genes or samples, "
            "e.g. adata[:, ~np.isnan(adata.X).any(axis=0)].copy()."
        )
        raise InputError(msg)


def write_frames(adata: AnnData, frames: dict[str, pd.DataFrame]) -> None:
    """Store each frame as `obsm[key]`; a view becomes an AnnData of its own."""
    from anndata import ImplicitModificationWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImplicitModificationWarning)
        for key, frame in frames.items():
            adata.obsm[key] = frame
