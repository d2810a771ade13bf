"""Expression on the linear scale on which RNA of two kinds of cells adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._errors import InputError, first
from marrowsig._kinds import COUNTS, LENGTHS
from marrowsig._layers import layers_of
from marrowsig._log_scales import LOGS, log_scale, unlog
from marrowsig._provenance import recall
from marrowsig._view import gene_names, matrix, whole

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SCALES = (*COUNTS, *LENGTHS, "linear", *LOGS)


@dataclass(frozen=True)
class Linear:
    """Samples x genes, each row summing to a million.

    depth  (n_samples,) counted reads, NaN where they are not known
    how    what was read, and how it was brought to this scale
    """

    names: list[str]
    matrix: Array
    depth: Array
    how: str


def linear(adata: AnnData, *, layer: str | None = None, scale: str | None = None) -> Linear:
    """Read counts, TPM or FPKM; log expression where it is known, or can be seen, how it was made.

    Raises InputError for values that do not add up (centred or batch-corrected values, array signal with
    negatives) and for logs of which the scale cannot be told.
    """
    if scale is not None and scale not in SCALES:
        msg = f"scale={scale!r} is not one of {', '.join(map(repr, SCALES))}."
        raise InputError(msg)
    names = gene_names(adata)
    chosen, found = (layer, scale) if layer is not None or scale is not None else _kept(adata)
    where = "adata.X" if chosen is None else f"layer {chosen!r}"
    values = _dense(matrix(adata, chosen))
    kind = found or _kind(adata, chosen, values)
    if kind == "log":
        kind = log_scale(adata, values, of_x=chosen is None)
        if not kind:
            raise InputError(untold(where))
    elif kind not in SCALES:
        msg = (
            f"{where} holds {kind}: values of arrays do not add up as RNA does, so a share of stroma cannot "
            "be told. Give counts or TPM with layer=, or say scale='linear' if they are sequencing values."
        )
        raise InputError(msg)
    values = _unlogged(values, kind, where)
    total = values.sum(axis=1, keepdims=True)
    if not (total > 0).all():
        empty = adata.obs_names[(total <= 0).ravel()]
        msg = f"{len(empty)} rows of {where} are empty: {first(empty)}. Leave them out first."
        raise InputError(msg)
    depth = total.ravel() if kind in COUNTS else np.full(len(values), np.nan)
    how = f"{kind}, per million" if chosen is None else f"{kind} of {where}, per million"
    return Linear(names, values / total * 1e6, depth, how)


def _kept(adata: AnnData) -> tuple[str | None, str | None]:
    """Layer and kind of the values before `ms.pp.lognorm`, where it kept them."""
    logged = recall(adata, "lognorm", {})
    kind, layer = str(logged.get("from", "")), str(logged.get("layer", ""))
    if kind in (*COUNTS, *LENGTHS) and layer in layers_of(adata):
        return layer, kind
    return None, None


def _kind(adata: AnnData, layer: str | None, values: Array) -> str:
    from marrowsig.io._kind import guess_kind, kind_of

    if layer is None and recall(adata, "input", {}).get("kind"):
        kind = kind_of(adata)
    else:
        kind = guess_kind(values)[0]
    # What cannot be told from array signal by its numbers alone has to be said.
    return "linear (FPKM or array signal)" if kind == "linear" else kind


def untold(where: str) -> str:
    """Say that it cannot be seen how the log values of `where` were made."""
    return (
        f"{where} holds log expression, and it cannot be seen what was logged: rows do not sum to the same "
        "under log2(x+1), ln(x+1) or log10(x+1). Give counts or TPM with layer=, or say how it was made with "
        f"scale=, one of {', '.join(map(repr, LOGS))}. Centred and batch-corrected values will not do."
    )


def _unlogged(values: Array, kind: str, where: str) -> Array:
    if kind in LOGS:
        values = unlog(values, kind)
    if (values < 0).any():
        msg = (
            f"{where} holds {int((values < 0).sum())} values below zero on the linear scale ({kind}). "
            "Centred or batch-corrected values do not add up as RNA does: give counts or TPM with layer=."
        )
        raise InputError(msg)
    return values


def _dense(x: Any) -> Array:
    values = whole(x)
    return np.asarray(values.toarray() if issparse(values) else values, dtype=np.float64)
