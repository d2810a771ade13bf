"""A large file of cells without holding them: blocks of simulated cells, repeated."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
from data import BLOCK, expression, gene_names

if TYPE_CHECKING:
    from pathlib import Path

POOL = 10 * BLOCK  # distinct cells
CHUNK = 1 << 20


def write(path: Path, n: int, kind: str) -> None:
    """`n` cells in the layout of AnnData, CSR, values float32, index int32, pointer int64."""
    import pandas as pd
    from anndata.io import write_elem

    pool = expression(kind, min(n, POOL))
    whole, rest = divmod(n, pool.shape[0])
    parts = [pool] * whole + ([pool[:rest]] if rest else [])
    root = _open(path)
    root.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
    _matrix(root.create_group("X"), parts, (n, pool.shape[1]))
    write_elem(root, "obs", pd.DataFrame(index=[f"c{i}" for i in range(n)]))
    write_elem(root, "var", pd.DataFrame(index=gene_names()))
    for empty in ("layers", "obsm", "obsp", "varm", "varp", "uns"):
        write_elem(root, empty, {})
    if hasattr(root, "close"):
        root.close()


def remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _open(path: Path) -> Any:
    if path.suffix == ".zarr":
        import zarr

        return zarr.open_group(str(path), mode="w")
    import h5py

    return h5py.File(path, "w")


def _matrix(group: Any, parts: list[Any], shape: tuple[int, int]) -> None:
    group.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0", "shape": list(shape)})
    create = getattr(group, "create_array", group.create_dataset)  # zarr 3, or h5py and zarr 2
    size = sum(p.nnz for p in parts)
    data, indices = (
        create(name, shape=(size,), dtype=kind, chunks=(min(CHUNK, size),))
        for name, kind in (("data", "float32"), ("indices", "int32"))
    )
    pointer, at = [np.zeros(1, dtype=np.int64)], 0
    for part in parts:
        data[at : at + part.nnz] = part.data
        indices[at : at + part.nnz] = part.indices
        pointer.append(part.indptr[1:].astype(np.int64) + at)
        at += part.nnz
    indptr = create("indptr", shape=(shape[0] + 1,), dtype="int64", chunks=(min(CHUNK, shape[0] + 1),))
    indptr[:] = np.concatenate(pointer)
