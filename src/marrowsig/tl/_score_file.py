"""h5ad files and zarr stores, opened without reading their matrices."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError, InputWarning, first
from marrowsig._provenance import KEY
from marrowsig._source import bytes_of_row
from marrowsig.pp.map_genes import map_genes

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from anndata import AnnData

COORDINATES = 3  # of an embedding, from which on an array of obsm is none
COLUMNS_BYTES = 500_000_000  # of a matrix stored by columns that is still loaded


@contextmanager
def opened(path: str | os.PathLike[str], layer: str | None, *, mapped: bool = False) -> Iterator[AnnData]:
    """Yield an AnnData of `obs`, names of genes, our part of `uns`, and the matrix that stays in the file.

    mapped    bring the names of genes to approved symbols
    """
    place = Path(path)
    with _root(place) as root:
        try:
            adata = _light(root, place.name, layer)
        except (OSError, KeyError, TypeError) as error:
            msg = f"{place.name} cannot be read: cut off, or not written by AnnData ({error})."
            raise InputError(msg) from error
        if mapped:
            _map(adata)
        yield adata


def _map(adata: AnnData) -> None:
    """Map the genes; what it tells of stands in what is written, for there is no `adata`."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        map_genes(adata)
    for told in caught:
        text = str(told.message).replace("in adata.uns[", "in the result, uns[")
        warnings.warn(text, told.category, stacklevel=5)


@contextmanager
def _root(place: Path) -> Iterator[Any]:
    import h5py

    from marrowsig.io._anndata import is_zarr

    if not place.exists():
        msg = f"There is no file or folder {str(place)!r}."
        raise InputError(msg)
    if place.is_dir() and is_zarr(place):
        yield zarr().open_group(str(place), mode="r")
    elif place.is_file() and h5py.is_hdf5(place):
        try:
            root = h5py.File(place, "r")
        except OSError as error:
            msg = f"{place.name} is cut off or damaged: {error}. Get it again."
            raise InputError(msg) from error
        with root:
            yield root
    else:
        msg = (
            f"{place.name} is neither an h5ad file nor a zarr store, the two that can be scored from disk. "
            f"Use adata = ms.io.read({place.name!r}) and score adata."
        )
        raise InputError(msg)


def zarr() -> Any:
    """Give the package zarr, or say how to install it."""
    try:
        return import_module("zarr")
    except ImportError as error:
        msg = "This needs the package zarr. Install it: pip install zarr."
        raise InputError(msg) from error


def _light(root: Any, name: str, layer: str | None) -> AnnData:
    import pandas as pd
    from anndata import AnnData
    from anndata.io import read_elem

    if "obs" not in root or "var" not in root:
        msg = f"{name} has no obs and var, so AnnData did not write it. Read it with ms.io.read first."
        raise InputError(msg)
    kept = read_elem(root["uns"][KEY]) if "uns" in root and KEY in root["uns"] else None
    x = _matrix(root, name, layer)
    return AnnData(
        x if layer is None else None,
        obs=read_elem(root["obs"]),
        var=pd.DataFrame(index=read_elem(root["var"]).index),
        uns={} if kept is None else {KEY: kept},
        obsm=_embeddings(root),
        layers={} if layer is None else {layer: x},
    )


def _embeddings(root: Any) -> dict[str, Any]:
    """Read coordinates of rows for plots, such as `X_umap`; wider arrays stay in the file."""
    from anndata.io import read_elem

    nodes = {} if "obsm" not in root else {str(key): root["obsm"][key] for key in root["obsm"]}
    return {key: read_elem(node) for key, node in nodes.items() if is_embedding(key, node)}


def is_embedding(key: str, values: Any) -> bool:
    """Whether these are a few coordinates of every row, and no scores."""
    if key.startswith("score_") or getattr(getattr(values, "dtype", None), "kind", "O") not in "fiu":
        return False
    shape: Any = getattr(values, "shape", ())
    return len(shape) == 2 and 0 < shape[1] <= COORDINATES


def raw_genes(path: str | os.PathLike[str]) -> list[str]:
    """Names of the genes that `raw` of a file holds; nothing without one."""
    from anndata.io import read_elem

    with _root(Path(path)) as root:
        raw: Any = root.get("raw", None)
        there = hasattr(raw, "keys") and "var" in raw
        return list(map(str, read_elem(raw["var"]).index)) if there else []


def _matrix(root: Any, name: str, layer: str | None) -> Any:
    from anndata.io import sparse_dataset

    layers = list(root["layers"]) if "layers" in root else []
    where = "X" if layer is None else f"layer {layer!r}"
    node = root.get("X") if layer is None else root["layers"][layer] if layer in layers else None
    if node is None or node.attrs.get("encoding-type") == "null":
        msg = f"{name} has no {where}. Its layers: {first(layers) or 'none'}."
        raise InputError(msg)
    if not hasattr(node, "keys"):
        return node
    if "data" not in node:
        msg = f"{where} of {name} is a {node.attrs.get('encoding-type', 'group')}, not a matrix of numbers."
        raise InputError(msg)
    x = sparse_dataset(node)
    return x if x.format == "csr" else _loaded(x, name, where)


def _loaded(x: Any, name: str, where: str) -> Any:
    """Load a matrix that is stored by columns, where it is small."""
    size = bytes_of_row(x) * x.shape[0]
    what = f"{where} of {name} is stored by columns (CSC), out of which rows cannot be read one by one"
    if size > COLUMNS_BYTES:
        msg = (
            f"{what}, and takes {size / 1e9:.2g} GB in memory. Store it by rows once: "
            f"adata = anndata.read_h5ad(...); adata.X = adata.X.tocsr(); adata.write_h5ad(...)."
        )
        raise InputError(msg)
    warnings.warn(f"{what}: it was loaded, {size / 1e6:.0f} MB.", InputWarning, stacklevel=2)
    return x.to_memory()
