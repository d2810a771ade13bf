"""AnnData as a matrix of rows, and scores back into it: the only file that unpacks it for scoring."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse, vstack

from marrowsig._errors import InputError, first, near
from marrowsig._given import require_anndata
from marrowsig._layers import layers_of

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from numpy.typing import NDArray

ROWS = 200  # looked at to tell what the numbers are
STRETCH = 25


def gene_names(adata: AnnData) -> list[str]:
    """`var_names`, which must be unique."""
    require_anndata(adata)
    names = adata.var_names
    if not names.is_unique:
        twice = names[names.duplicated()].unique()
        msg = (
            f"{len(twice)} genes occur more than once in var_names: {first(twice)}. "
            "Run ms.pp.map_genes(adata), which merges them, first."
        )
        raise InputError(msg)
    # Names that are texts already, as nearly always, need no loop.
    return names.tolist() if names.inferred_type == "string" else [str(g) for g in names]


def matrix(adata: AnnData, layer: str | None = None) -> Any:
    """`X` or a layer, in a form whose rows can be cut out."""
    if layer is not None and layer not in adata.layers:
        have = layers_of(adata)
        msg = f"There is no layer {layer!r}.{near(layer, have)} This AnnData has: {first(have) or 'none'}."
        raise InputError(msg)
    if adata.is_view and adata.isbacked:
        msg = "This AnnData is a view of a file, which cannot hold scores. Use adata.to_memory() first."
        raise InputError(msg)
    x = adata.X if layer is None else adata.layers[layer]
    if x is None:
        there = [f"layer={name!r}" for name in layers_of(adata)]
        there += ["adata.raw.to_adata()"] if adata.raw is not None else []
        msg = f"adata.X is empty (None). Put the values there, or use {first(there) or 'another AnnData'}."
        raise InputError(msg)
    if 0 in x.shape:
        msg = f"There is nothing to score: the matrix is {adata.n_obs} rows x {adata.n_vars} genes."
        raise InputError(msg)
    if getattr(x, "dtype", np.dtype(float)).kind in "OSU":
        seen = first((repr(value) for value in np.ravel(x[:1])), 3)
        msg = (
            f"The matrix holds text or objects, not numbers: {seen}. If these are numbers that were read as "
            "text, use adata.X = adata.X.astype(float), or read the file with ms.io.read."
        )
        raise InputError(msg)
    if hasattr(x, "to_memory") and getattr(x, "format", "csr") == "csc":
        # Rows cannot be read out of columns in a file in reasonable time.
        x = x.to_memory()
    if issparse(x) and x.format not in ("csr", "csc"):
        x = x.tocsr()
    return x


def whole(x: Any) -> Any:
    """All rows in memory, dense or CSR, checked to be finite."""
    block = x.to_memory() if hasattr(x, "to_memory") else x[:]
    block = block.compute() if hasattr(block, "compute") else block
    if issparse(block):
        _check_finite(np.asarray(block.data), "the matrix")
        return block.tocsr()
    full = np.asarray(_plain(block), dtype=np.float64)
    _check_finite(full, "the matrix")
    return full


def some_rows(x: Any) -> Any:
    """Give rows from all over `x`, enough to tell what the numbers are, as a numpy array or CSR matrix."""
    n = x.shape[0]
    if n <= ROWS:
        blocks = [x[:n]]
    elif isinstance(x, np.ndarray) or issparse(x):
        blocks = [x[np.linspace(0, n - 1, ROWS).astype(int)]]
    else:
        # Few stretches, because each costs a look into the file.
        starts = np.linspace(0, n - STRETCH, ROWS // STRETCH).astype(int)
        blocks = [x[int(a) : int(a) + STRETCH] for a in starts]
    blocks = [b.compute() if hasattr(b, "compute") else b for b in blocks]
    if issparse(blocks[0]):
        return vstack(blocks, format="csr")
    return _plain(np.ma.concatenate(blocks) if np.ma.isMaskedArray(blocks[0]) else np.concatenate(blocks))


def _plain(block: Any) -> Any:
    """Masked values as NaN."""
    return np.ma.filled(block.astype(np.float64), np.nan) if np.ma.isMaskedArray(block) else block


def _check_finite(values: NDArray[Any], where: str) -> None:
    bad = int(values.size - np.isfinite(values).sum())
    if bad:
        raise InputError(not_finite(bad, where))


def not_finite(bad: int | str, where: str) -> str:
    """Say of values that they are NaN or infinite, and what to do."""
    return (
        f"{bad} of the values in {where} are NaN or infinite. Impute them, or leave these genes out: "
        "adata = adata[:, np.isfinite(adata.to_df()).all()].copy()."
    )


def write_frames(adata: AnnData, frames: dict[str, pd.DataFrame]) -> None:
    """Store each frame as `obsm[key]`; a view becomes an AnnData of its own."""
    from anndata import ImplicitModificationWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImplicitModificationWarning)
        for key, frame in frames.items():
            adata.obsm[key] = frame
