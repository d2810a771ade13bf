"""Check the parts of a 10x h5 file against each other before anything is read by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._errors import InputError

if TYPE_CHECKING:
    import h5py

_NAMES = {"matrix": ("features/id", "features/name")}
_LEGACY = ("genes", "gene_names")


def check_tenx_group(group: h5py.Group, path: str, name: str) -> None:
    """Check one matrix of the file: compressed columns of cells, `path` being its group.

    scipy and scanpy take indices that lie outside, and pointers that fall, without a word.

    Raises
    ------
    InputError
        If a part is missing, of another type, or does not fit the others.
    """
    genes = _NAMES.get(path, _LEGACY)
    parts = {
        key: _part(group, key, name) for key in ("data", "indices", "indptr", "shape", "barcodes", *genes)
    }
    for key in ("data", "indices", "indptr", "shape"):
        if parts[key].dtype.kind not in ("iuf" if key == "data" else "iu"):
            _refuse(name, f"{key} holds {parts[key].dtype}, not numbers")
    shape = parts["shape"][:]
    if shape.size != 2:
        _refuse(name, f"shape has {shape.size} numbers, not 2")
    n_genes, n_cells = (int(n) for n in shape)
    for key, wanted in {"barcodes": n_cells, **dict.fromkeys(genes, n_genes)}.items():
        if len(parts[key]) != wanted:
            _refuse(name, f"shape states {n_genes} genes x {n_cells} cells, but {key} has {len(parts[key])}")
    pointers, entries = parts["indptr"][:].astype(np.int64), len(parts["data"])
    if len(pointers) != n_cells + 1 or len(parts["indices"]) != entries:
        _refuse(name, "data, indices and indptr do not have the sizes that belong together")
    if pointers[0] != 0 or pointers[-1] != entries or (np.diff(pointers) < 0).any():
        _refuse(name, "indptr does not rise from 0 to the number of entries")
    if entries:
        indices = parts["indices"][:]
        if int(indices.min()) < 0 or int(indices.max()) >= n_genes:
            _refuse(
                name, f"indices run from {indices.min()} to {indices.max()}, but there are {n_genes} genes"
            )


def _part(group: h5py.Group, key: str, name: str) -> Any:
    if key not in group or not hasattr(group[key], "dtype") or group[key].ndim != 1:
        _refuse(name, f"{key} is missing")
    return group[key]


def _refuse(name: str, why: str) -> None:
    msg = f"{name} is a damaged 10x file: {why}. Get it again."
    raise InputError(msg)
