"""Read h5ad files and zarr folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._cell_types import is_same_layer
from marrowsig._errors import InputError
from marrowsig._layers import layers_of
from marrowsig.io._found import Found, quiet
from marrowsig.io._kind import as_matrix, guess_kind

if TYPE_CHECKING:
    from pathlib import Path

    from anndata import AnnData


def is_zarr(path: Path) -> bool:
    """Whether a folder is a zarr store."""
    return any((path / name).exists() for name in ("zarr.json", ".zgroup", ".zattrs"))


def read_h5ad(path: Path) -> Found:
    """Read an h5ad file; `X` as it is, also where other layers hold counts.

    Raises
    ------
    InputError
        If the file is cut off, is no AnnData, or has no `X`.
    """
    import anndata as ad

    return _load(path, "h5ad", ad.read_h5ad)


def read_zarr(path: Path) -> Found:
    """Read a zarr folder that AnnData wrote; otherwise as `read_h5ad`."""
    import anndata as ad

    return _load(path, "zarr", ad.read_zarr)


def _load(path: Path, what: str, reader: object) -> Found:
    try:
        with quiet():
            adata: AnnData = reader(path)  # type: ignore[operator]
    except Exception as error:  # the readers raise whatever h5py, zarr and anndata raise
        msg = f"{path.name} cannot be read as {what}: cut off, or not written by AnnData ({_short(error)})."
        raise InputError(msg) from error
    if adata.X is None:
        places = [f"layers[{k!r}]" for k in layers_of(adata)] + (["raw"] if adata.raw is not None else [])
        msg = f"{path.name} has no X. Move the values there from {', '.join(places) or 'where they are'}."
        raise InputError(msg)
    try:
        as_matrix(adata.X)
    except InputError as error:
        msg = f"{path.name}: X cannot be used. {error}"
        raise InputError(msg) from error
    return Found(adata, what, decisions=[f"{what}: X as it is", *_elsewhere(adata)])


def _elsewhere(adata: AnnData) -> list[str]:
    """Name layers that hold counts when X may not."""
    layers = {key: layer for key, layer in layers_of(adata).items() if not is_same_layer(key)}
    places = [f"layers[{key!r}]" for key, layer in layers.items() if _is_counts(layer)]
    if adata.raw is not None and _is_counts(adata.raw.X):
        places.append("raw")
    return [f"counts are also in {', '.join(places)}"] if places else []


def _is_counts(values: object) -> bool:
    try:
        return guess_kind(values)[0] == "counts"
    except (InputError, TypeError, ValueError):
        return False


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:120]}" if text else type(error).__name__
