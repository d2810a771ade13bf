"""What a study's result depends on, as one hash: the same hash, the same result."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._provenance import as_json
from marrowsig._study import is_accession
from marrowsig._version import __version__
from marrowsig._workbook_place import split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marrowsig._study import Study

BLOCK = 1 << 20
OPTIONS = ("kind", "layer", "genome", "sheet_key", "file", "floor")


def key_of(study: Study, settings: Mapping[str, Any]) -> str:
    """Hash of the input's bytes, the sheet's, the design, the options, the signatures and the version."""
    parts = {
        "input": _input(study.input),
        "samples": None if study.samples is None else _file(Path(study.samples)),
        "design": repr(study.design),
        "contrasts": dict(study.contrasts),
        "options": {name: getattr(study, name) for name in OPTIONS},
        "leave_out": list(study.leave_out),
        **({"keep": list(study.keep)} if study.keep else {}),  # a study done before there was one stays done
        **_further(study),
        "settings": dict(settings),
        "version": __version__,
    }
    return hashlib.sha256(as_json(parts).encode()).hexdigest()


def _further(study: Study) -> dict[str, Any]:
    """Return further options that are not as usual; a study done before there were any stays done."""
    from marrowsig._batch.further import changed
    from marrowsig._workbook_place import is_there

    found = changed(study)
    for name in ("stroma", "markers"):
        value = found.get(name)
        if hasattr(value, "obs"):
            found[name] = _adata(value)
        elif isinstance(value, str | Path) and is_there(value):
            found[name] = _input(value)
    return {"further": found} if found else {}


def _input(given: Any) -> str:
    if hasattr(given, "obs") and hasattr(given, "n_vars"):
        return _adata(given)
    path = Path(given)
    if path.is_dir():
        inside = sorted(p for p in path.rglob("*") if p.is_file())
        return as_json({p.relative_to(path).as_posix(): _file(p) for p in inside})
    # The cache holds an accession as it was when it was first fetched.
    return (
        f"accession {str(given).strip().upper()}"
        if is_accession(given) and not path.exists()
        else _file(path)
    )


def _file(place: Path) -> str:
    path, sheet = split(place)
    digest = hashlib.sha256(sheet.encode())
    with path.open("rb") as handle:
        while block := handle.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _adata(adata: Any) -> str:
    import pandas as pd
    from scipy import sparse

    digest = hashlib.sha256()
    for layer in (adata.X, *(adata.layers[name] for name in sorted(map(str, adata.layers)))):
        x: Any = sparse.csr_matrix(layer) if sparse.issparse(layer) else layer
        for array in (x.data, x.indices, x.indptr) if sparse.issparse(x) else (x,):
            digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(pd.util.hash_pandas_object(adata.obs.astype(str)).to_numpy().tobytes())
    digest.update("\n".join([*adata.obs.columns.astype(str), *adata.var_names.astype(str)]).encode())
    return digest.hexdigest()
